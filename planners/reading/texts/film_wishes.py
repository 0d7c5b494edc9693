"""What a prompt says to whoever makes the film, around the story: a greeting, chatter, who stars, what is heard last."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from planners.data_file import DataFile, read_data_file

__all__ = ["QUOTE_NAME", "FilmWishes", "read_wishes", "without_negated"]

QUOTE_NAME: Final = "Quotenumber"
"""A made-up name, followed by a letter, that stands for a quoted line while the sentence around it is parsed."""
_SENTENCE_START: Final = re.compile(r"(?:(?<=[.!?:] )|^)([a-z])")


class WishTables(DataFile):
    """The tables of `data/wishes.yaml`; each is described there."""

    greeting: str
    filler_before: str
    filler_after: str
    chatter: str
    first_person: str
    wish: str
    stars: str
    hero: str
    monologue: str
    last_line: str
    fact: str
    negated: str
    for_whom: str


@cache
def _tables() -> WishTables:
    """The tables, read once."""
    return read_data_file(Path(__file__).parents[1] / "data" / "wishes.yaml", WishTables)


@cache
def _pattern(name: str) -> re.Pattern[str]:
    """A pattern of the tables."""
    return re.compile(str(getattr(_tables(), name)), re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmWishes:
    """A prompt split into what it tells and what it wishes of the film."""

    text: str
    """What is left to be read."""
    heroes: tuple[str, ...] = ()
    """Noun phrases for those who must act: `Bruno the molar`."""
    monologue: bool = False
    """Whether the film is what its hero says."""
    last_quote: int | None = None
    """Index of the quoted line that is heard last."""
    facts: tuple[str, ...] = ()
    """Fragments that say something of what is advertised: `founded 1911`."""


def without_negated(text: str) -> str:
    """A text in lower case without adjectives that it wants no film to be: `not scary please`."""
    return _pattern("negated").sub(" ", text)


def _sentence(text: str) -> str:
    """A noun phrase as a sentence."""
    text = text.strip(" ,.;:-")
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def _without_chatter(text: str) -> str:
    """The text from the request on: `My wife says I can't tell stories, so tell one about a man…`."""
    match = _pattern("chatter").search(text)
    if match is None or not _pattern("first_person").search(match[1]):
        return text
    return f"a film about {text[match.end() :].lstrip()}"


def _without_wishes(text: str) -> str:
    """The text without sentences and lead-ins that only say how the film is to be: `Please do not make it sad:`."""
    return _pattern("wish").sub("", text).strip() or text


def _take_stars(text: str) -> tuple[str, list[str]]:
    """The text with those who star in sentences of their own, and their noun phrases."""
    heroes: list[str] = []

    def star(match: re.Match[str]) -> str:
        (hero,) = match.groups()
        heroes.append(hero.strip(" ,"))
        return f". {_sentence(hero).rstrip('.')}"

    text = _pattern("stars").sub(star, text)

    def lead(match: re.Match[str]) -> str:
        (hero,) = match.groups()
        heroes.append(hero.strip(" ,"))
        return f"{_sentence(hero)} "

    return _pattern("hero").sub(lead, text).strip(), heroes


def _without_addressee(text: str) -> str:
    """The text without for whom the film is, unless they are named again: `Bedtime story for my son Leo: a digger…`."""

    def drop(match: re.Match[str]) -> str:
        film, name = match.groups()
        return match.group() if name and re.search(rf"\b{re.escape(name)}\b", text[match.end() :]) else film

    return _pattern("for_whom").sub(drop, text, count=1)


def _take_facts(text: str) -> tuple[str, list[str]]:
    """The text of an advert without the fragments after what it is for, and these: `, founded 1911, third generation`."""
    first, stop, rest = text.partition(". ")
    pieces = first.rstrip(".").split(", ")
    facts = [piece for piece in pieces[1:] if _pattern("fact").match(piece)]
    if not facts:
        return text, []
    kept = ", ".join(piece for piece in pieces if piece not in facts)
    return f"{kept}{stop}{rest}", facts


def read_wishes(text: str, *, advert: bool) -> FilmWishes:
    """Split a prompt whose quoted lines are hidden. `advert`: fragments say something of the product."""
    last: int | None = None
    if match := _pattern("last_line").search(text):
        (letter,) = match.groups()
        last = ord(letter.lower()) - ord("a")
        text = f"{text[: match.start()].rstrip(' ,')} {text[match.end() :].lstrip(' .')}".strip()
    text = _pattern("greeting").sub("", text)
    text = _pattern("filler_after").sub("", _pattern("filler_before").sub("", text))
    text = _without_addressee(_without_wishes(_without_chatter(text)))
    text, heroes = _take_stars(text)
    spoken = _pattern("monologue").search(text)
    if spoken is not None:
        speaker, owner = spoken.groups()
        hero = (speaker or owner or "").strip(" .")
        heroes.append(hero)
        text = f"{text[: spoken.start()]}{_sentence(hero)} {text[spoken.end() :].lstrip(' .,:')}".strip()
    text, facts = _take_facts(text) if advert else (text, [])
    return FilmWishes(text=text, heroes=tuple(heroes), monologue=spoken is not None, last_quote=last, facts=tuple(facts))
