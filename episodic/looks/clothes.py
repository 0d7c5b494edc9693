"""What clothes words mean: the garments, hats and extras that a text names, with their colours. No drawing here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from episodic.looks.data_files import Color, read_rows, read_table
from episodic.looks.words import COLORS, color_before, colors_in, has
from memory.model.facts import FactValue

__all__ = ["OCCUPATIONS", "Clothes", "Garment", "clothes_for_work", "clothes_in"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Garment:
    """A garment as it is worn: the word for its cut, and its colour as `#rrggbb`."""

    cut: str
    color: str

    def to_json(self) -> dict[str, FactValue]:
        """The garment as a look stores it."""
        return {"cut": self.cut, "color": self.color}


Clothes: TypeAlias = dict[str, Garment]
"""Slot (top, bottom, coat, hat, scarf, apron, tie, glasses) to garment. The slot `any` recolours what shows most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """A row of the tables of garments and occupations."""

    slot: str
    cut: str
    color: Color

    @property
    def garment(self) -> Garment:
        """The garment in its usual colour."""
        return Garment(cut=self.cut, color=self.color)


def _read_occupations() -> dict[str, Clothes]:
    """Group the rows of the table by occupation."""
    occupations: dict[str, Clothes] = {}
    for occupation, row in read_rows("clothes/occupations.tsv", _Row):
        occupations.setdefault(occupation, {})[row.slot] = row.garment
    return occupations


GARMENTS: Final[Mapping[str, _Row]] = read_table("clothes/garments.tsv", _Row)
"""Noun to slot, cut and usual colour. Longer phrases come before the words they contain."""
OCCUPATIONS: Final[Mapping[str, Clothes]] = _read_occupations()
"""Occupation to working clothes."""


def clothes_for_work(words: Sequence[str]) -> Clothes:
    """The working clothes of the first occupation, in the order of the table, that the words name; empty if they name none."""
    for work, clothes in OCCUPATIONS.items():
        if has(words, work):
            return dict(clothes)
    return {}


def clothes_in(words: Sequence[str]) -> Clothes:
    """Every garment that the words name, in the colour they give it. "a woman in red" names no garment: slot `any`."""
    clothes: Clothes = {}
    unread = list(words)
    for noun, row in GARMENTS.items():
        if row.slot in clothes or not has(unread, noun):
            continue
        clothes[row.slot] = replace(row.garment, color=color_before(unread, noun) or row.color)
        unread = _without(unread, noun)
    for at, word in enumerate(words[:-1]):
        if word in ("in", "wearing") and (colors := colors_in(words[at + 1 : at + 3])) and words[at + 1] in COLORS:
            follows = words[at + 2 : at + 4]
            if not any(noun.split()[0] in follows for noun in GARMENTS):
                clothes["any"] = Garment(cut="", color=colors[0])
    return clothes


def _without(words: list[str], noun: str) -> list[str]:
    """The words with the first occurrence of a phrase struck out, so that "rain coat" is not read again as "coat"."""
    parts = noun.split()
    for at in range(len(words) - len(parts) + 1):
        phrase = words[at : at + len(parts)]
        if phrase == parts or phrase == [*parts[:-1], f"{parts[-1]}s"]:
            return [*words[:at], *(["_"] * len(parts)), *words[at + len(parts) :]]
    return words
