"""Words about people: gender, age, number, groups."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from planners.data_file import DataFile, WordList, read_data_file

__all__ = ["PeopleTables", "people"]


class PeopleTables(DataFile):
    """The tables of `data/people.yaml`; each is described there."""

    female: WordList
    male: WordList
    female_names: WordList
    male_names: WordList
    children: WordList
    old: WordList
    young_words: WordList
    old_words: WordList
    numbers: dict[str, int]
    groups: dict[str, str]
    settlements: WordList
    indefinites: WordList
    somebody: WordList
    many: WordList
    grown: WordList
    offspring: WordList
    relatives: WordList
    no_words: WordList
    epithets: WordList
    members: dict[str, int]
    collections: WordList
    inquirers: WordList
    companies: WordList
    dead_words: WordList
    likenesses: WordList
    depictions: WordList
    materials: WordList
    colours: WordList
    no_entities: WordList
    parts: WordList
    anybody: WordList
    titles: dict[str, str]
    person_endings: WordList
    unique: WordList
    general: WordList
    placing: WordList


@cache
def people() -> PeopleTables:
    """The tables, read once."""
    return read_data_file(Path(__file__).with_name("data") / "people.yaml", PeopleTables)
