"""Tell whether a prompt is in English."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from pathlib import Path

from planners.data_file import DataFile, WordList, read_data_file
from planners.knowledge.wordnet import open_wordnet
from planners.reading.english import singular, verb_lemma

__all__ = ["english_stop_words", "foreign_language"]

_SHORT = 5
"""Prompts of fewer words are judged by single words."""


_TELLING = 3
"""Shorter words tell a language although English has them, too: `el`, `un`."""


class StopWordTables(DataFile):
    """The tables of `data/stop_words.yaml`; each is described there."""

    english: WordList
    languages: dict[str, WordList]


@cache
def _stop_words() -> tuple[frozenset[str], dict[str, frozenset[str]]]:
    tables = read_data_file(Path(__file__).with_name("data") / "stop_words.yaml", StopWordTables)
    return frozenset(tables.english), {language: frozenset(words) for language, words in tables.languages.items()}


def english_stop_words() -> frozenset[str]:
    """Frequent English words that are no content words."""
    return _stop_words()[0]


def _is_english(word: str) -> bool:
    """Whether a list knows a word in any form."""
    wordnet = open_wordnet()
    word = "".join(letter for letter in unicodedata.normalize("NFKD", word) if not unicodedata.combining(letter))
    return wordnet.knows(word) or wordnet.is_noun(singular(word)) or wordnet.is_verb(verb_lemma(word))


def foreign_language(prompt: str) -> str | None:
    """The language of a prompt that is not English, or `another language`; None for English."""
    words = [word for word in re.findall(r"[^\W\d_]+", prompt) if len(word) > 1 or word.lower() in {"a", "i", "o", "é", "y", "e"}]
    if not words:
        return None
    letters = "".join(words)
    if sum(ord(letter) > 0x24F for letter in letters) > len(letters) / 2:
        return "another script"
    english, languages = _stop_words()
    low = [word.lower() for word in words]
    own = sum(word in english for word in low) / len(low)
    unknown = [
        word
        for word, original in zip(low, words, strict=True)
        if word not in english and not (original[0].isupper() and original != words[0])
    ]
    known = sum(_is_english(word) for word in unknown) / len(unknown) if unknown else 1.0
    telling = [word for word in low if len(word) < _TELLING or known < 1 or own > 0 or not _is_english(word)]
    counts = {language: sum(word in listed for word in telling) for language, listed in languages.items()}
    count = max(counts.values())
    likeliest = [language for language, number in counts.items() if number == count]
    language = likeliest[0] if len(likeliest) == 1 else "another language"
    other = count / len(low)
    if other > own and other >= 0.15 and (known < 0.75 or (own == 0 and len(low) > 1)):
        return language
    if len(low) < _SHORT and own == 0 and known == 0 and not any(original[0].isupper() for original in words[1:]):
        return language if count else "another language" if any(not letter.isascii() for letter in letters) else None
    return "another language" if own < 0.1 and known < 0.35 and len(low) >= _SHORT else None
