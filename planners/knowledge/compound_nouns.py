"""Compounds: under which nouns facts about them may be looked up."""

from __future__ import annotations

from functools import cache, lru_cache
from pathlib import Path

from planners.data_file import DataFile, WordList, read_data_file
from planners.knowledge.noun_types import NounType, noun_types
from planners.knowledge.wordnet import open_wordnet

__all__ = ["compound_types", "names_of_facts"]


class CompoundTables(DataFile):
    """The tables of `data/compound_nouns.yaml`; each is described there."""

    likenesses: WordList
    species_first: WordList
    apart: dict[str, str]


@cache
def _tables() -> CompoundTables:
    """The tables, read once."""
    return read_data_file(Path(__file__).with_name("data") / "compound_nouns.yaml", CompoundTables)


@cache
def _apart() -> dict[str, str]:
    return {compound.replace("_", " "): noun for compound, noun in _tables().apart.items()}


def _joined(noun: str) -> str | None:
    """The compound in one word if WordNet lists it so: `jellyfish` for `jelly fish`."""
    word = noun.replace(" ", "")
    return word if word != noun and open_wordnet().is_noun(word) else None


@lru_cache(maxsize=8192)
def names_of_facts(noun: str) -> tuple[str, ...]:
    """Nouns whose facts hold for a noun, the nearest first: itself, then the last word of a compound unless that is something else."""
    head = noun.rpartition(" ")[2].rpartition("-")[2]
    if head == noun:
        return (noun,)
    if noun in _apart():
        return (noun,) if _apart()[noun] == "-" else (noun, _apart()[noun])
    if (word := _joined(noun)) is not None:
        return (noun, word)
    if _is_likeness(noun):
        return (noun, "toy")
    own, general = noun_types(noun), noun_types(head)
    return (noun,) if own and general and own[0] != general[0] else (noun, head)


def _is_likeness(noun: str) -> bool:
    """Whether a compound names a likeness: `toy train`."""
    first, _, head = noun.rpartition(" ")
    likeness = first.rpartition(" ")[2] in _tables().likenesses
    return likeness and not open_wordnet().is_noun(noun) and noun_types(head)[:1] in {("animal",), ("place",), ("vehicle",)}


def compound_types(noun: str) -> tuple[NounType, ...]:
    """All types that a noun may have, or the word that a compound is written as, or its last word; empty if no list knows any."""
    if types := noun_types(noun):
        return types
    if _is_likeness(noun):
        return ("thing",)
    first, _, head = noun.partition(" ")
    if head in _tables().species_first and (kinds := noun_types(first)[:1]) in {("robot",), ("animal",), ("spirit",)}:
        return (*kinds, "person")
    return next((types for name in names_of_facts(noun) if (types := noun_types(name))), ())
