"""What one does with a thing: by thing, by the head of its compound and by WordNet ancestor."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from planners.data_file import DataFile, WordList, read_data_file
from planners.knowledge.wordnet import open_wordnet

__all__ = ["thing_use"]


class UseTables(DataFile):
    """The tables of `data/uses.yaml`: nouns by verb phrase."""

    things: dict[str, WordList]
    classes: dict[str, WordList]


@cache
def _tables() -> tuple[dict[str, str], dict[str, str]]:
    """Verb phrases by thing and by class."""
    tables = read_data_file(Path(__file__).with_name("data") / "uses.yaml", UseTables)
    things = {noun: phrase for phrase, nouns in tables.things.items() for noun in nouns}
    classes = {noun: phrase for phrase, nouns in tables.classes.items() for noun in nouns}
    return things, classes


@cache
def thing_use(noun: str) -> str | None:
    """A verb phrase in the plain form with `{}` for the thing: `jump on {}`; None if nothing fits."""
    things, classes = _tables()
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
