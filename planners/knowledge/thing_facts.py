"""What a story needs to know about things: eight facts, by thing, by class of things, and by WordNet ancestor."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final, Literal

from planners.knowledge.compound_nouns import names_of_facts
from planners.knowledge.fact_table import FactTable, ListedFacts
from planners.knowledge.noun_types import noun_types, sense_type
from planners.knowledge.own_knowledge import own_knowledge
from planners.knowledge.wordnet import open_wordnet

__all__ = ["ThingFacts", "thing_facts"]

Size = Literal["finger", "hand", "arm", "body", "room", "building"]
"""What it fits in or compares with: between fingers, in a hand, in both arms, as large as a person, a room, a building."""


class ThingFacts(ListedFacts):
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


_PATH: Final = Path(__file__).with_name("data") / "things.yaml"


@cache
def _things() -> FactTable[ThingFacts]:
    """Facts by noun."""
    return FactTable(_PATH, "things", ThingFacts, own_knowledge())


@cache
def _classes() -> FactTable[ThingFacts]:
    """Facts by a noun of WordNet that is above the thing, the most special first."""
    return FactTable(_PATH, "classes", ThingFacts, own_knowledge())


@cache
def thing_facts(noun: str) -> ThingFacts | None:
    """Facts about a thing: its own, those of the head of its compound, or those of its class; None if there are none."""
    for name in names_of_facts(noun):
        if (facts := _things().find(name)) is not None:
            return facts
        wordnet = open_wordnet()
        senses = wordnet.senses(name, "noun")
        likeliest = [sense for sense in senses if [sense_type(sense)] == list(noun_types(name)[:1])]
        for sense in (likeliest or senses)[:2]:
            above = [lemma for ancestor in wordnet.ancestors(sense.synset, "noun") for lemma in wordnet.lemmas(ancestor, "noun")]
            nearest = next((lemma for lemma in above if lemma in _classes()), None)
            if nearest is not None:
                return _classes()[nearest]
    return None
