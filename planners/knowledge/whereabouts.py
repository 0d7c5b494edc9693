"""Where something happens if a prompt does not say: by what is done, by who lives there and by words in a sentence."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from planners.data_file import DataFile, WordList, read_data_file
from planners.knowledge.compound_nouns import compound_types
from planners.knowledge.place_facts import Shell, place_facts
from planners.knowledge.thing_uses import nearest_entry

__all__ = ["DeedPlace", "PlaceWord", "dwelling", "is_anywhere", "is_part_of_place", "named_places", "place_of_deed", "place_word"]


class DeedPlace(DataFile):
    """Where something is done."""

    verbs: WordList
    things: WordList = ()
    """Words of which one must be in the sentence; none: any sentence."""
    jobs: WordList = ()
    """Nouns of which one must do it; none: anybody."""
    places: WordList
    """The commonest first."""
    shells: tuple[Shell, ...] = ()
    """Kinds of places where it is done, too."""
    also: WordList = ()
    """Single places where it is done, too."""
    sure: bool
    """Whether it is done nowhere else, whoever does it."""

    def fits(self, place: str) -> bool:
        """Whether it may be done in a place that is there already."""
        facts = place_facts(place)
        known = (place_facts(noun) for noun in (*self.places, *self.also))
        return facts is not None and (facts.shell in self.shells or facts in known)


class PlaceWord(DataFile):
    """Words in a sentence that name a place without its noun."""

    pattern: str
    place: str
    like: WordList
    """Places of a film that are meant as well."""

    def fits(self, place: str) -> bool:
        """Whether a place that is there already is meant."""
        facts = place_facts(place)
        return place in self.like or (facts is not None and facts == place_facts(self.place))


class WhereaboutsTables(DataFile):
    """The tables of `data/whereabouts.yaml`; each is described there."""

    deeds: tuple[DeedPlace, ...]
    dwellings: dict[str, WordList]
    words: tuple[PlaceWord, ...]
    parts: WordList
    anywhere: WordList


@cache
def _tables() -> WhereaboutsTables:
    """The tables, read once."""
    return read_data_file(Path(__file__).with_name("data") / "whereabouts.yaml", WhereaboutsTables)


def place_of_deed(verbs: Iterable[str], words: frozenset[str], doers: Iterable[str]) -> DeedPlace | None:
    """The first entry for one of some verbs in a sentence with certain words, done by certain nouns; None if there is none."""
    names, doing = frozenset(verbs), frozenset(doers)
    return next(
        (
            deed
            for deed in _tables().deeds
            if not names.isdisjoint(deed.verbs)
            and (not deed.things or not words.isdisjoint(deed.things))
            and (not deed.jobs or not doing.isdisjoint(deed.jobs))
        ),
        None,
    )


@cache
def _by_dweller() -> dict[str, str]:
    """Places by who lives there."""
    return {noun: place for place, nouns in _tables().dwellings.items() for noun in nouns}


@cache
def dwelling(noun: str) -> str | None:
    """Where an animal or a being of stories lives; None if no list says it."""
    first, _, last = noun.rpartition(" ")
    for name in (noun, first, last):
        if (place := _by_dweller().get(name)) is not None:
            return place
    return nearest_entry(noun, {}, _by_dweller()) if compound_types(noun)[:1] == ("animal",) else None


def named_places() -> set[str]:
    """Nouns of all places that the tables name."""
    tables = _tables()
    deeds = {noun for deed in tables.deeds for noun in (*deed.places, *deed.also)}
    return deeds | {*tables.dwellings} | {noun for word in tables.words for noun in (word.place, *word.like)}


def place_word(phrase: str) -> PlaceWord | None:
    """The place that a word in a verb phrase names without its noun: `comes home`; None if there is none."""
    return next((word for word in _tables().words if re.search(word.pattern, phrase, re.IGNORECASE)), None)


def is_part_of_place(noun: str) -> bool:
    """Whether a noun names a part of a place or thing, no place by itself: `corner`."""
    return noun in _tables().parts


def is_anywhere(noun: str) -> bool:
    """Whether a role says little of where somebody is: `stranger`."""
    return noun in _tables().anywhere or noun.rpartition(" ")[2] in _tables().anywhere
