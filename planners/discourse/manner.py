"""How somebody says a line: in full or shortened, as their temperament has it in every episode."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from planners.data_file import DataFile, read_data_file
from planners.fabula.cast_members import Member, Temperament

__all__ = ["contractions", "in_manner_of"]


class MannerTables(DataFile):
    """The tables of `data/manners.yaml`; each is described there."""

    full: tuple[Temperament, ...]
    contractions: dict[str, str]


@cache
def _tables() -> MannerTables:
    """The tables, read once."""
    return read_data_file(Path(__file__).with_name("data") / "manners.yaml", MannerTables)


def contractions() -> dict[str, str]:
    """What people shorten, and to what."""
    return _tables().contractions


@cache
def _contracted() -> re.Pattern[str]:
    """What is shortened, where a word follows that is no end of a sentence."""
    words = "|".join(map(re.escape, sorted(_tables().contractions, key=len, reverse=True)))
    return re.compile(rf"\b({words})\b(?= [a-z])(?! (?:it|he|she|they|that|this)[?.!])", re.IGNORECASE)


def in_manner_of(member: Member, text: str) -> str:
    """A line as a member of the cast says it."""
    if member.temperament in _tables().full or member.cast.kind == "robot":
        return text

    def shortened(match: re.Match[str]) -> str:
        short = next(value for key, value in _tables().contractions.items() if key.lower() == match[1].lower())
        return short[0].upper() + short[1:] if match[1][0].isupper() else short

    return _contracted().sub(shortened, text)
