"""English: the parser (spaCy's small model, loaded without torch) and word forms (lemminflect)."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache, lru_cache
from pathlib import Path
from typing import Final, Literal

from planners.data_file import DataFile, WordList, read_data_file
from planners.knowledge.word_forms import open_word_forms
from planners.reading.spacy_without_torch import (
    Doc,
    Language,
    Tokenizer,
    compile_infix_regex,
    compile_prefix_regex,
    compile_suffix_regex,
    getAllInflectionsOOV,
    getAllLemmasOOV,
    load_english,
    registry,
)

__all__ = [
    "VerbForm",
    "article",
    "inflections",
    "is_mass",
    "language",
    "lemmas",
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
_TOKENIZER: Final = "episodic.whole_hyphens.v1"


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


def _build_tokenizer(pipeline: Language) -> Tokenizer:
    """Build spaCy's tokenizer of English, except that words with hyphens stay in one piece: `nine-year-old`."""
    english = pipeline.Defaults
    return Tokenizer(
        pipeline.vocab,
        rules=english.tokenizer_exceptions,
        prefix_search=compile_prefix_regex(english.prefixes or ()).search,
        suffix_search=compile_suffix_regex(english.suffixes or ()).search,
        infix_finditer=compile_infix_regex([text for text in english.infixes or () if "-|–" not in str(text)]).finditer,
        token_match=english.token_match,
        url_match=english.url_match,
    )


def _tokenizer_factory() -> Callable[[Language], Tokenizer]:
    """The function that builds the tokenizer, as spaCy's registry expects it."""
    return _build_tokenizer


registry.tokenizers.register(_TOKENIZER, func=_tokenizer_factory)


@cache
def language() -> Language:
    """Load the pipeline once.

    Two files of the model are skipped. Its tokenizer has the same rules as the default one, and each change of a tokenizer compiles all 1,300
    again. Its list of 80,000 strings has the words of other texts; words and labels enter when they are used.
    """
    pipeline: Language = load_english(
        exclude=["tokenizer", "strings", "senter"], config={"nlp": {"tokenizer": {"@tokenizers": _TOKENIZER}}}
    )
    return pipeline


def parse(text: str) -> Doc:
    """Parse a text."""
    return language()(text)


def lemmas(word: str, speech: Literal["VERB", "NOUN"]) -> tuple[str, ...]:
    """Plain forms of a word in lower case, the likeliest first; guessed by lemminflect if no table has the word; empty if it cannot be one."""
    return open_word_forms().lemmas.find(word, speech) or tuple(getAllLemmasOOV(word, speech).get(speech, ()))


def inflections(lemma: str, tag: Literal["VBZ", "VBD", "VBG", "VBN", "NNS"]) -> tuple[str, ...]:
    """Forms of a verb or noun, the likeliest first, capitalised as `lemma` is; guessed by lemminflect if no table has the word."""
    forms = open_word_forms().inflections.find(lemma.lower(), tag)
    if not forms:
        return tuple(getAllInflectionsOOV(lemma, "NOUN" if tag == "NNS" else "VERB").get(tag, ()))
    if lemma.isupper():
        return tuple(form.upper() for form in forms)
    return tuple(form.capitalize() for form in forms) if lemma[0].isupper() else forms


@lru_cache(maxsize=4096)
def verb_lemma(word: str) -> str:
    """The plain form of a verb."""
    low = word.lower()
    listed = next((verb for verb, forms in _forms().verbs.items() if low in forms.values()), None)
    if listed is not None:
        return listed
    return next(iter(lemmas(low, "VERB")), low)


@lru_cache(maxsize=4096)
def verb_form(verb: str, form: VerbForm) -> str:
    """A form of a verb in its plain form."""
    if form == "VB":
        return verb
    listed = _forms().verbs.get(verb, {}).get(form)
    if listed is not None:
        return listed
    forms = inflections(verb, form)
    # The last of several is the British one: travelled, wove.
    british = [text for text in forms if re.search(r"ll(?:ed|ing)$|^.*(?<!l)lt$", text)]
    return (british or list(forms) or [verb])[0]


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
    form = _forms().plurals.get(head) or next(iter(inflections(head, "NNS")), head)
    return f"{before} {form}".strip()


@lru_cache(maxsize=4096)
def singular(noun: str) -> str:
    """The singular of a noun."""
    low = noun.lower()
    listed = next((single for single, many in _forms().plurals.items() if many == low), None)
    if listed is not None:
        return listed
    singulars = lemmas(low, "NOUN") or (low,)
    return singulars[-1 if low in {"glasses", "lots"} else 0]


def is_mass(noun: str) -> bool:
    """Whether a noun takes neither `a` nor a plural."""
    return noun in _forms().mass or noun.rpartition(" ")[2] in _forms().mass


def article(phrase: str) -> str:
    """`a` or `an`, by how a phrase sounds."""
    low, forms = phrase.lower(), _forms()
    if low.startswith(forms.a_before_vowel) and not low.startswith(forms.an_exceptions):
        return "a"
    return "an" if low.startswith(forms.an_before_consonant) or low[:1] in "aeiou" else "a"
