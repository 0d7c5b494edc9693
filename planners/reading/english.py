"""English: the parser (spaCy's small model, loaded without torch) and word forms (lemminflect)."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from pathlib import Path
from typing import Literal

from planners.data_file import DataFile, WordList, read_data_file
from planners.reading.spacy_without_torch import (
    Doc,
    Language,
    Tokenizer,
    compile_infix_regex,
    getInflection,
    getLemma,
    load_english,
)

__all__ = [
    "VerbForm",
    "article",
    "is_mass",
    "language",
    "parse",
    "plain_form",
    "plural",
    "singular",
    "third_person",
    "verb_form",
    "verb_lemma",
]

VerbForm = Literal["VB", "VBZ", "VBD", "VBG", "VBN"]
"""Penn Treebank tags: base, third person present, past, -ing, past participle."""


class FormTables(DataFile):
    """The tables of `data/forms.yaml`: forms that lemminflect has wrong or in American spelling."""

    verbs: dict[str, dict[VerbForm, str]]
    plurals: dict[str, str]
    mass: WordList
    a_before_vowel: tuple[str, ...]
    an_before_consonant: tuple[str, ...]
    an_exceptions: tuple[str, ...]


@cache
def _forms() -> FormTables:
    return read_data_file(Path(__file__).with_name("data") / "forms.yaml", FormTables)


@cache
def language() -> Language:
    """Load the pipeline once. Its tokenizer keeps words with hyphens in one piece: `nine-year-old`."""
    pipeline: Language = load_english()
    infixes = [pattern for pattern in pipeline.Defaults.infixes or () if "-|–" not in str(pattern)]
    if isinstance(pipeline.tokenizer, Tokenizer):
        pipeline.tokenizer.infix_finditer = compile_infix_regex(infixes).finditer
    return pipeline


def parse(text: str) -> Doc:
    """Parse a text."""
    return language()(text)


@lru_cache(maxsize=4096)
def verb_lemma(word: str) -> str:
    """The plain form of a verb."""
    low = word.lower()
    listed = next((verb for verb, forms in _forms().verbs.items() if low in forms.values()), None)
    if listed is not None:
        return listed
    lemmas = getLemma(low, "VERB", lemmatize_oov=True)
    return str(lemmas[0]) if lemmas else low


@lru_cache(maxsize=4096)
def verb_form(verb: str, form: VerbForm) -> str:
    """A form of a verb in its plain form."""
    if form == "VB":
        return verb
    listed = _forms().verbs.get(verb, {}).get(form)
    if listed is not None:
        return listed
    forms = getInflection(verb, form, inflect_oov=True)
    # The last of several is the British one: travelled, wove.
    british = [text for text in forms if re.search(r"ll(?:ed|ing)$|^.*(?<!l)lt$", text)]
    return str((british or list(forms) or [verb])[0])


def third_person(verb: str) -> str:
    """The third person present: `steals`."""
    return verb_form(verb, "VBZ")


def plain_form(phrase: str) -> str | None:
    """A verb phrase in the third person in the plain form; None if it does not begin with its verb."""
    head, _, rest = phrase.partition(" ")
    base = verb_lemma(head)
    return f"{base} {rest}".strip() if third_person(base) == head else None


@lru_cache(maxsize=4096)
def plural(noun: str) -> str:
    """The plural of a noun or of the last word of a compound."""
    before, _, head = noun.rpartition(" ")
    if head in _forms().plurals:
        form = _forms().plurals[head]
    else:
        forms = getInflection(head, "NNS", inflect_oov=True)
        form = str(forms[0]) if forms else head
    return f"{before} {form}".strip()


@lru_cache(maxsize=4096)
def singular(noun: str) -> str:
    """The singular of a noun."""
    low = noun.lower()
    listed = next((single for single, many in _forms().plurals.items() if many == low), None)
    if listed is not None:
        return listed
    lemmas = getLemma(low, "NOUN", lemmatize_oov=True)
    return str(lemmas[-1] if low in {"glasses", "lots"} else lemmas[0]) if lemmas else low


def is_mass(noun: str) -> bool:
    """Whether a noun takes neither `a` nor a plural."""
    return noun in _forms().mass or noun.rpartition(" ")[2] in _forms().mass


def article(phrase: str) -> str:
    """`a` or `an`, by how a phrase sounds."""
    low, forms = phrase.lower(), _forms()
    if low.startswith(forms.a_before_vowel) and not low.startswith(forms.an_exceptions):
        return "a"
    return "an" if low.startswith(forms.an_before_consonant) or low[:1] in "aeiou" else "a"
