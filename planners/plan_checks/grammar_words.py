"""The word lists of the grammar checks, `data/grammar.yaml`, and forms of words."""

from __future__ import annotations

from functools import cache, lru_cache
from pathlib import Path
from typing import Final

from planners.data_file import DataFile, read_data_file
from planners.knowledge.wordnet import open_wordnet
from planners.reading.spacy_without_torch import getInflection, getLemma

__all__ = ["GrammarWords", "RuleHit", "grammar_words", "is_participle_only_by_mistake", "is_wrong_form", "takes_an"]


class GrammarWords(DataFile):
    """The lists; each is described in the file."""

    vowel_letter_with_a: tuple[str, ...]
    vowel_letter_with_an: tuple[str, ...]
    consonant_letter_with_an: tuple[str, ...]
    letters_with_an: frozenset[str]
    may_double: frozenset[str]
    open_ends: frozenset[str]
    stranded: frozenset[str]
    openers: frozenset[str]
    needs_object: frozenset[str]
    needs_object_in_speech: frozenset[str]
    amount_nouns: frozenset[str]
    singular_with_s: frozenset[str]
    collective: frozenset[str]
    no_article: frozenset[str]
    plural_only: frozenset[str]
    invariant: frozenset[str]
    many_words: frozenset[str]
    with_plain_form: frozenset[str]
    plain_participles: frozenset[str]
    no_words: frozenset[str]
    placeholders: tuple[str, ...]
    clashes: frozenset[str]


RuleHit = tuple[str, str]
"""Name of the rule, and the words that break it."""
_ENDINGS: Final = (
    ("ied", "y"),
    ("ed", ""),
    ("ed", "e"),
    ("ying", "ie"),
    ("ing", ""),
    ("ing", "e"),
    ("ies", "y"),
    ("es", ""),
    ("s", ""),
)


@cache
def grammar_words() -> GrammarWords:
    """Read the lists once."""
    return read_data_file(Path(__file__).with_name("data") / "grammar.yaml", GrammarWords)


@lru_cache(maxsize=4096)
def takes_an(word: str) -> bool | None:
    """Whether a word takes `an`; None if nothing can be told, as for long numbers."""
    words, low = grammar_words(), word.lower()
    if word[0].isdigit():
        digits = "".join(letter for letter in word if letter.isdigit())
        return None if len(digits) > 2 else digits.startswith("8") or digits in {"11", "18"}
    if (word.isupper() and len(word) > 1) or len(word) == 1 or (len(word) > 1 and word[1] == "-"):
        return None if word.isupper() and len(word) > 3 else low[0] in words.letters_with_an
    if low.startswith(words.consonant_letter_with_an):
        return True
    if low.startswith(words.vowel_letter_with_an):
        return True
    return low[0] in "aeiou" and not low.startswith(words.vowel_letter_with_a)


def _stems(word: str) -> set[str]:
    """Verbs of which a word may be a regular form."""
    stems = set()
    for ending, put in _ENDINGS:
        if word.endswith(ending) and len(word) > len(ending) + 1:
            base = word[: -len(ending)]
            stems.add(base + put)
            if len(base) > 2 and base[-1] == base[-2]:
                stems.add(base[:-1])
    return stems


@lru_cache(maxsize=8192)
def is_wrong_form(word: str) -> bool:
    """Whether a word in lower case looks like a form of a verb or noun that does not have it: `stealed`, `runing`, `crys`."""
    if not word.isascii() or not word.isalpha() or len(word) < 4 or open_wordnet().knows(word):
        return False
    if any(getLemma(word, speech, lemmatize_oov=False) for speech in ("VERB", "NOUN", "ADJ", "ADV", "AUX", "PROPN")):
        return False
    wordnet = open_wordnet()
    return any(wordnet.is_verb(stem) and getInflection(stem, "VBD", inflect_oov=False) for stem in _stems(word))


@lru_cache(maxsize=4096)
def is_participle_only_by_mistake(word: str) -> bool:
    """Whether a word is the past of a verb and no participle: `stole`, `went`."""
    lemmas = getLemma(word, "VERB", lemmatize_oov=False)
    if not lemmas or word in lemmas or word in grammar_words().plain_participles:
        return False
    return all(
        word in getInflection(lemma, "VBD", inflect_oov=False) and word not in getInflection(lemma, "VBN", inflect_oov=False)
        for lemma in lemmas
    )
