"""Places: what they look like, what stands there, who is there, what can go wrong."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Literal

from planners.knowledge.compound_nouns import names_of_facts
from planners.knowledge.fact_table import FactTable, ListedFacts
from planners.knowledge.own_knowledge import own_knowledge
from planners.knowledge.wordnet import open_wordnet

__all__ = ["PlaceFacts", "Shell", "listed_places", "nearest_place_facts", "place_facts"]

_TOO_GENERAL = frozenset(
    {"building", "room", "block", "plain", "base", "stage", "level", "track", "planet", "passage", "surgery", "stop"}
)
"""Nouns above many places that look otherwise."""

Shell = Literal[
    "room", "hall", "shop", "street", "yard", "field", "forest", "mountain", "shore", "water", "vehicle", "cave", "space", "roof"
]
"""The kind of space that a picture of the place is built from."""


class PlaceFacts(ListedFacts):
    """Facts about one place."""

    shell: Shell
    description: str
    """How a plan describes it to the painter: nouns of what is seen, `a round glass room around a great lamp`."""
    stands: tuple[str, ...]
    """Three to six things that stand there, nouns in the singular."""
    people: tuple[str, ...]
    """One to three roles that are there on a common day, nouns that `jobs` knows or common roles."""
    dangers: tuple[str, ...]
    """What can go wrong there, clauses in the present: `the roof leaks`, `the guard comes by`."""
    sounds: tuple[str, ...]
    """What is heard there, noun phrases: `dripping water`."""


@cache
def _table() -> FactTable[PlaceFacts]:
    """The table, opened once."""
    return FactTable(Path(__file__).with_name("data") / "places.yaml", "places", PlaceFacts, own_knowledge())


@cache
def place_facts(noun: str) -> PlaceFacts | None:
    """Facts about a place: by its noun or by the last word of a compound that names a place, too; None if it is not listed."""
    return next((facts for name in names_of_facts(noun) if (facts := _table().find(name)) is not None), None)


@cache
def nearest_place_facts(noun: str) -> PlaceFacts | None:
    """Facts about a place, or about the nearest kind of place above it in WordNet: a river for `Nile`; None if no list knows any."""
    if (facts := place_facts(noun) or place_facts(noun.lower())) is not None:
        return facts
    wordnet = open_wordnet()
    for name in (noun.lower(), noun.lower().rpartition(" ")[2]):
        for sense in wordnet.senses(name, "noun")[:1]:
            for ancestor in wordnet.ancestors(sense.synset, "noun"):
                for lemma in wordnet.lemmas(ancestor, "noun"):
                    if lemma not in _TOO_GENERAL and (facts := _table().find(lemma)) is not None:
                        return facts
    return None


def listed_places() -> Mapping[str, PlaceFacts]:
    """All facts by the noun under which they are listed."""
    return _table().entries()
