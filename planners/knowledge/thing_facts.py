"""What a story needs to know about things: eight facts, by thing, by class of things, and by WordNet ancestor."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Literal

from planners.data_file import DataFile, WordList, read_data_file
from planners.knowledge.compound_nouns import names_of_facts
from planners.knowledge.noun_types import noun_types, sense_type
from planners.knowledge.wordnet import open_wordnet

__all__ = ["ThingFacts", "thing_facts"]

Size = Literal["finger", "hand", "arm", "body", "room", "building"]
"""What it fits in or compares with: between fingers, in a hand, in both arms, as large as a person, a room, a building."""


class ThingFacts(DataFile):
    """Facts about one thing or class. Verb phrases are in the plain form, with the thing as their subject."""

    handling: str
    """How it has to be handled: `need two people to lift`."""
    noise: str
    """What it sounds like when it is moved or used: `ring at every step`."""
    failure: str
    """How it fails: `crack in the cold`."""
    part: str
    """A part of it, a noun in the singular: `clapper`."""
    trace: str
    """What it leaves where it was, a noun phrase with its article: `a ring in the dust`."""
    use: str
    """What it is for, a verb phrase with a person as its subject: `call people to church`."""
    size: Size
    container: str
    """What it is kept or carried in, a noun in the singular: `crate`."""
    loud: bool = False
    fragile: bool = False
    alive: bool = False
    edible: bool = False
    also: WordList = ()
    """Other nouns with the same facts."""


class ThingTables(DataFile):
    """The tables of `data/things.yaml`."""

    things: dict[str, ThingFacts]
    """By noun."""
    classes: dict[str, ThingFacts]
    """By a noun of WordNet that is above the thing, the most special first."""


@cache
def _tables() -> ThingTables:
    """The tables, read once."""
    return read_data_file(Path(__file__).with_name("data") / "things.yaml", ThingTables)


@cache
def thing_facts(noun: str) -> ThingFacts | None:
    """Facts about a thing: its own, those of the head of its compound, or those of its class; None if there are none."""
    tables = _tables()
    for name in names_of_facts(noun):
        for listed, facts in tables.things.items():
            if name == listed or name in facts.also:
                return facts
        wordnet = open_wordnet()
        senses = wordnet.senses(name, "noun")
        likeliest = [sense for sense in senses if [sense_type(sense)] == list(noun_types(name)[:1])]
        for sense in (likeliest or senses)[:2]:
            above = [lemma for ancestor in wordnet.ancestors(sense.synset, "noun") for lemma in wordnet.lemmas(ancestor, "noun")]
            nearest = next((lemma for lemma in above if lemma in tables.classes), None)
            if nearest is not None:
                return tables.classes[nearest]
    return None
