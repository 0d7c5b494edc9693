"""Correct typing errors in words that no list knows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from string import ascii_lowercase
from typing import Final

from planners.knowledge.wordnet import open_wordnet
from planners.reading.english import singular, verb_form, verb_lemma
from planners.reading.texts.language_test import english_stop_words

__all__ = ["correct_spelling"]

_WORD: Final = re.compile(r"(?<![\w'’#-])[a-z]{4,14}(?![\w'’-])")
_ITS: Final = re.compile(r"\bits(?= (?:an?|the|my|his|her|their|your|our|too|so) )")
"""`it is` without its apostrophe."""
_ENDINGS: Final = ("", "s", "es", "d", "ed", "ing")
_LEAST_COUNT: Final = 2
"""A correction must be at least this frequent in WordNet's corpus."""
_SHORT: Final = 6
"""Only longer words are corrected by another letter: there are too many short words that differ by one."""


def correct_spelling(text: str) -> str:
    """The text with the likeliest known word for each unknown one in lower case that differs from it by one letter."""
    return _WORD.sub(lambda match: _correction(match.group()), _ITS.sub("it's", text))


@lru_cache(maxsize=4096)
def _frequency(word: str) -> int:
    """How frequent a word is in any form; 0 if no list knows it."""
    wordnet = open_wordnet()
    if word in english_stop_words():
        return 1000
    lemma, noun = verb_lemma(word), singular(word)
    verb = wordnet.is_verb(lemma) and word in {lemma, *(verb_form(lemma, form) for form in ("VBZ", "VBD", "VBG", "VBN"))}
    counts = [sense.count for sense in wordnet.senses(noun, "noun")]
    counts += [sense.count for sense in wordnet.senses(lemma, "verb")] if verb else []
    known = wordnet.knows(word) or verb or wordnet.is_noun(noun) or _is_compared(word)
    return int(known) * (1 + wordnet.is_adjective(word)) + sum(counts)


def _is_compared(word: str) -> bool:
    """Whether a word is a comparative or superlative: `stronger`, `biggest`, `happier`."""
    stem = word.removesuffix("er") if word.endswith("er") else word.removesuffix("est")
    if stem == word:
        return False
    forms = {stem, f"{stem}e", stem[:-1] if stem[-1:] == stem[-2:-1] else stem, f"{stem[:-1]}y" if stem.endswith("i") else stem}
    return any(open_wordnet().is_adjective(form) for form in forms)


def _may_be_known(word: str) -> bool:
    """Whether a word, or what is left of it without an ending, is listed: a quick test before the exact one."""
    return any(word.endswith(ending) and word.removesuffix(ending) in _listed_words() for ending in _ENDINGS)


@cache
def _listed_words() -> frozenset[str]:
    return open_wordnet().words()


def _variants(word: str) -> Iterator[set[str]]:
    """Words that differ by one letter: one doubled or not, one put in or two swapped, one replaced."""
    inside = range(1, len(word))
    yield {word[:at] + word[at] + word[at:] for at in inside} | {
        word[:at] + word[at + 1 :] for at in inside if word[at] == word[at - 1]
    }
    yield {word[:at] + letter + word[at:] for at in inside for letter in ascii_lowercase} | {
        word[:at] + word[at + 1] + word[at] + word[at + 2 :] for at in range(len(word) - 1)
    }
    if len(word) > _SHORT:
        yield {word[:at] + letter + word[at + 1 :] for at in inside[:-1] for letter in ascii_lowercase}


@lru_cache(maxsize=4096)
def _correction(word: str) -> str:
    """The likeliest correction of a word; itself if it is known or nothing is like it."""
    if _frequency(word):
        return word
    for variants in _variants(word):
        known = [variant for variant in sorted(variants) if _may_be_known(variant)]
        best = max(known, key=_frequency, default=word)
        if _frequency(best) >= _LEAST_COUNT:
            return best
    return word
