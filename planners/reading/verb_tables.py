"""Tables of verbs: modality, speech, social and animate verbs."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from planners.data_file import DataFile, WordList, read_data_file
from planners.knowledge.noun_types import NounType
from planners.reading.premise import Modality

__all__ = [
    "VerbTables",
    "modality_of_noun",
    "modality_of_verb",
    "object_control",
    "role_of_preposition",
    "typical_objects",
    "verb_tables",
]


class VerbTables(DataFile):
    """The tables of `data/verbs.yaml`; each is described there."""

    modal_verbs: dict[Modality, WordList]
    modal_nouns: dict[Modality, WordList]
    gaining: WordList
    efforts: WordList
    requests: WordList
    commands: WordList
    kills: WordList
    by_groups: WordList
    describes: WordList
    signals: WordList
    settles: WordList
    telephones: WordList
    ditransitive: WordList
    instructs: WordList
    causative: WordList
    disputes: WordList
    exchanges: WordList
    addresses: WordList
    typical_objects: dict[NounType, WordList]
    object_controls: dict[Modality, WordList]
    says: WordList
    orders: WordList
    finds_true: WordList
    asks: WordList
    social: WordList
    animate: WordList
    felt: WordList
    bodily: WordList
    mechanical: WordList
    stative: WordList
    appoints: WordList
    handles: WordList
    removes: WordList
    performs: WordList
    depicts: WordList
    names: WordList
    constructs: WordList
    addressees: WordList
    perception: WordList
    shown: WordList
    content: WordList
    light_verbs: WordList
    adverbs_left_out: WordList
    prepositions: dict[str, WordList]


@cache
def verb_tables() -> VerbTables:
    """The tables, read once."""
    return read_data_file(Path(__file__).with_name("data") / "verbs.yaml", VerbTables)


@cache
def modality_of_verb() -> dict[str, Modality]:
    """The modality that a governing verb gives to its complement."""
    return {verb: modality for modality, verbs in verb_tables().modal_verbs.items() for verb in verbs}


@cache
def modality_of_noun() -> dict[str, Modality]:
    """The modality that a noun gives to what it is said to be for: `the courage to ask`."""
    return {noun: modality for modality, nouns in verb_tables().modal_nouns.items() for noun in nouns}


@cache
def role_of_preposition() -> dict[str, str]:
    """The role of what follows a preposition."""
    return {word: role for role, words in verb_tables().prepositions.items() for word in words}


@cache
def object_control() -> dict[str, Modality]:
    """By verb the modality of what its object does or did: `accuses him of stealing`."""
    return {verb: modality for modality, verbs in verb_tables().object_controls.items() for verb in verbs}


@cache
def typical_objects() -> dict[str, tuple[NounType, ...]]:
    """By verb the types of what is mostly done so: `ride` has vehicles and animals."""
    types: dict[str, tuple[NounType, ...]] = {}
    for kind, verbs in verb_tables().typical_objects.items():
        for verb in verbs:
            types[verb] = (*types.get(verb, ()), kind)
    return types
