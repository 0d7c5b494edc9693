"""What a noun is in a story: a person, an animal, a thing, a place…"""

from __future__ import annotations

from functools import cache, lru_cache
from pathlib import Path
from typing import Final, Literal, get_args

from planners.data_file import DataFile, WordList, read_data_file
from planners.knowledge.wordnet import Sense, open_wordnet

__all__ = ["BEINGS", "INVISIBLE", "PORTABLE", "NounType", "noun_types", "sense_type"]

Being = Literal["person", "animal", "spirit", "robot", "group"]
Matter = Literal["thing", "food", "plant", "vehicle", "clothing", "document", "substance", "body"]
"""What can be seen and handled."""
NounType = Being | Matter | Literal["place", "event", "time", "weather", "feeling", "idea", "quantity", "shape"]
BEINGS: Final[frozenset[NounType]] = frozenset(get_args(Being))
PORTABLE: Final[frozenset[NounType]] = frozenset(get_args(Matter))
"""Types of what can be seen and handled."""
INVISIBLE: Final[frozenset[NounType]] = frozenset({"time", "quantity", "idea", "feeling", "event", "shape"})
"""Types of what no picture shows by itself."""


class NounTypeTables(DataFile):
    """The tables of `data/noun_types.yaml`."""

    fields: dict[str, NounType]
    ancestors: dict[NounType, WordList]
    things_below_places: WordList
    """Nouns below one of these are things although they are also below a place."""
    groups_of_beings: WordList
    """Only a group below one of these is of beings; a row or a packet is not."""
    arrangements: WordList
    """A group below one of these only says how many or in which order."""
    words: dict[NounType, WordList]


@cache
def _tables() -> NounTypeTables:
    """The tables, read once."""
    return read_data_file(Path(__file__).with_name("data") / "noun_types.yaml", NounTypeTables)


@cache
def _listed() -> dict[str, NounType]:
    """Types of the listed nouns."""
    return {word: kind for kind, words in _tables().words.items() for word in words}


@lru_cache(maxsize=8192)
def sense_type(sense: Sense) -> NounType:
    """The type of one sense."""
    tables, wordnet, field = _tables(), open_wordnet(), sense.field
    above = {lemma for ancestor in wordnet.ancestors(sense.synset, "noun") for lemma in wordnet.lemmas(ancestor, "noun")}
    for kind, words in tables.ancestors.items():
        if above.isdisjoint(words):
            continue
        if kind == "place" and not above.isdisjoint(tables.things_below_places):
            continue
        if kind in {"spirit", "robot"} and field in {"cognition", "communication", "act"}:
            continue
        return kind
    if field == "group" and above.isdisjoint(tables.groups_of_beings):
        return "quantity" if not above.isdisjoint(tables.arrangements) else "thing"
    return (
        "thing"
        if field == "object" and "location" not in above and above.isdisjoint({"land", "body of water"})
        else tables.fields[field]
    )


@lru_cache(maxsize=8192)
def noun_types(noun: str) -> tuple[NounType, ...]:
    """All types that a noun may have, the likeliest first; empty if no list knows it. `noun` is singular and in lower case."""
    types = [_listed()[noun]] if noun in _listed() else []
    for sense in open_wordnet().senses(noun, "noun")[:6]:
        if (kind := sense_type(sense)) not in types:
            types.append(kind)
    return tuple(types)
