"""Words that the painter has no picture of its own for, and which of its pictures comes nearest to each.

These tables do not say that the nearest picture is what a word means: `explain` names what is drawn instead, and the delivery record
repeats it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from episodic.looks.data_files import Color, read_pairs, read_table, read_words

__all__ = [
    "LOOSE_PLACES",
    "NEAR_ANIMALS",
    "NEAR_PLACES",
    "NEAR_PROPS",
    "NEAR_SPIRITS",
    "NEAR_THINGS",
    "PERSONS",
    "SAME_PLACES",
    "NearAnimal",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class NearAnimal:
    """The species that stands in for an animal, and the animal's own height and colours where these help."""

    species: str
    height_m: float | None
    coat: Color | None
    belly: Color | None
    accent: Color | None


NEAR_ANIMALS: Final[Mapping[str, NearAnimal]] = read_table("creatures/nearest_animals.tsv", NearAnimal)
"""Animals. "animal" is a plain beast: round ears, a short muzzle, a long tail."""
NEAR_SPIRITS: Final[Mapping[str, str]] = read_pairs("creatures/nearest_spirits.tsv")
"""Forces of nature and feelings: the spirit whose picture comes nearest."""
NEAR_THINGS: Final[Mapping[str, str]] = read_pairs("creatures/nearest_things.tsv")
"""Things with a face: the thing whose picture comes nearest."""
NEAR_PROPS: Final[Mapping[str, str]] = read_pairs("props/nearest_props.tsv")
"""Props: the word of `props/props.tsv` whose picture comes nearest."""
PERSONS: Final = frozenset(read_words("creatures/drawn_as_persons.txt"))
"""Beings that are cast and drawn as humans and are none."""
NEAR_PLACES: Final[Mapping[str, str]] = read_pairs("places/nearest_places.tsv")
"""Places: the kind of place that comes nearest."""
SAME_PLACES: Final[Mapping[str, str]] = read_pairs("places/same_places.tsv")
"""Names of two words that name a set exactly, though one of the words alone would name another."""
LOOSE_PLACES: Final = frozenset(read_words("places/loose_words.txt"))
"""Words of the catalogue that choose a set though nobody who sees it would call it that."""
