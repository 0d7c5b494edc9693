"""What one does with a thing and where one meets it: by thing, by the head of its compound and by WordNet ancestor."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from planners.data_file import DataFile, WordList, read_data_file
from planners.knowledge.wordnet import open_wordnet

__all__ = ["nearest_entry", "thing_place", "thing_use"]


class UseTables(DataFile):
    """The tables of `data/uses.yaml`; each is described there."""

    things: dict[str, WordList]
    classes: dict[str, WordList]
    places: dict[str, WordList]
    place_classes: dict[str, WordList]


@cache
def _tables() -> UseTables:
    """The tables, read once."""
    return read_data_file(Path(__file__).with_name("data") / "uses.yaml", UseTables)


def _by_noun(table: Mapping[str, WordList]) -> dict[str, str]:
    """Entries by each of their nouns."""
    return {noun: entry for entry, nouns in table.items() for noun in nouns}


def nearest_entry(noun: str, things: Mapping[str, str], classes: Mapping[str, str]) -> str | None:
    """The entry of a noun or of the head of its compound, else of the nearest class above it."""
    wordnet = open_wordnet()
    for name in (noun, noun.rpartition(" ")[2]):
        if name in things:
            return things[name]
        for sense in wordnet.senses(name, "noun")[:2]:
            above = [lemma for ancestor in wordnet.ancestors(sense.synset, "noun") for lemma in wordnet.lemmas(ancestor, "noun")]
            nearest = next((lemma for lemma in above if lemma in classes), None)
            if nearest is not None:
                return classes[nearest]
    return None


@cache
def thing_use(noun: str) -> str | None:
    """A verb phrase in the plain form with `{}` for the thing: `jump on {}`; None if nothing fits."""
    return nearest_entry(noun, _by_noun(_tables().things), _by_noun(_tables().classes))


@cache
def thing_place(noun: str, *, by_class: bool = True) -> str | None:
    """The noun of a place where a thing is met, also by its class if `by_class`; None if nothing fits."""
    return nearest_entry(noun, _by_noun(_tables().places), _by_noun(_tables().place_classes) if by_class else {})
