"""Take `a shy plumber named Rosa` and `Mimi the mouse` apart before a text is parsed: the name stays, what it names is noted."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from planners.knowledge.noun_types import BEINGS, noun_types
from planners.knowledge.wordnet import open_wordnet
from planners.reading.english import singular, verb_lemma
from planners.reading.people import people
from planners.reading.texts.language_test import english_stop_words

__all__ = ["Named", "take_names"]

_NAME: Final = r"(?:(?:Mr|Mrs|Ms|Dr)\.? )?[A-Z][\w'-]*(?: [A-Z][\w'-]+)*"
_NAMED: Final = re.compile(
    rf"(?P<phrase>(?:[\w'-]+ ){{0,5}})(?P<noun>[a-z][\w'-]+|[A-Z]{{2,3}}),? (?:(?:who|that|which) (?:is|was) )?(?:named|called|nicknamed) "
    rf"(?P<name>{_NAME})(?P<second> and {_NAME})?(?P<comma>,(?= who| which| whose))?"
)
_NAME_THE: Final = re.compile(
    r"\b(?P<name>[A-Z][a-z'-]+)(?P<comma>,)? the (?P<words>(?:[a-z][\w-]+ ){0,2}?)(?P<noun>[a-z][\w-]+)\b(?(comma),)"
)
_DETERMINERS: Final = frozenset({"a", "an", "the", "one"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """What a name names."""

    noun: str
    words: tuple[str, ...] = ()


def take_names(text: str) -> tuple[str, dict[str, Named]]:
    """The text with `Rosa` for `a shy plumber named Rosa`, and what each such name names."""
    named: dict[str, Named] = {}

    def shorten(match: re.Match[str]) -> str:
        phrase, noun, name, second, comma = match.groups(default="")
        before = phrase.split()
        if second:
            return f"{phrase}{noun}, {name}{second},"
        start = next((at for at in range(len(before) - 1, -1, -1) if before[at].lower() in _DETERMINERS), None)
        words = before[start + 1 :] if start is not None else []
        if start is None or not all(_describes(word) for word in words):
            return f"{phrase}{noun.capitalize()} {name}"
        named[name] = _named(words, noun)
        return " ".join([*before[:start], name]) + comma

    def swap(match: re.Match[str]) -> str:
        name, _, described, noun = match.groups()
        words = described.split()
        starts = match.start() == 0 or text[: match.start()].rstrip()[-1:] in set(".!?:")
        if not _may_be_name(name, starts=starts) or not _is_being(noun) or not all(map(_describes, words)):
            return match.group()
        named[name] = _named(words, noun)
        return name

    text = _NAMED.sub(shorten, text)
    return _NAME_THE.sub(swap, text), named


def _named(words: list[str], noun: str) -> Named:
    """What a name names. Nouns before the last one belong to it: `night watchman`."""
    wordnet = open_wordnet()
    compound = [
        word
        for word in words
        if (noun_types(word.lower()) and not wordnet.is_adjective(word.lower()))
        or (word == words[-1] and wordnet.is_noun(f"{word.lower()} {singular(noun)}"))
    ]
    described = tuple(word.lower() for word in words if word not in compound and word.lower() not in people().no_words)
    return Named(noun=" ".join([*(word.lower() for word in compound), singular(noun)]), words=described)


def _describes(word: str) -> bool:
    """Whether a word may stand between an article and its noun."""
    low = word.lower()
    if low in english_stop_words() and low not in people().no_words:
        return False
    return "-" in low or open_wordnet().is_adjective(low) or bool(noun_types(low)) or low.endswith(("ed", "ing"))


def _is_being(noun: str) -> bool:
    types = noun_types(noun)
    return bool(types) and types[0] in BEINGS


def _may_be_name(word: str, *, starts: bool) -> bool:
    """Whether a capitalised word before `the` is a name, not the first word of a sentence."""
    low, wordnet = word.lower(), open_wordnet()
    if low in {*people().female_names, *people().male_names}:
        return True
    if low in english_stop_words() or low.endswith("ly") or noun_types(low)[:1] == ("time",):
        return False
    return not starts or not wordnet.knows(low) or not sum(sense.count for sense in wordnet.senses(verb_lemma(low), "verb"))
