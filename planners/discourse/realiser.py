"""Realise lines and actions: fill the slots of a text with participants, in correct English.

A text is read into words and slots before it is filled; what comes out is a `str` in which no slot can remain, because a slot that cannot be
filled raises `UnfilledSlot`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

from planners.data_file import DataFile, WordList, read_data_file
from planners.discourse.told_events import Roles, ToldEvent, UnfilledSlot, earlier_deed, person_of, pronoun
from planners.fabula.participant import Participant, name_together, refer
from planners.knowledge.families import EVENT_SLOTS, SLOT
from planners.reading.english import article, is_mass, plural, verb_form

__all__ = ["realise"]

_NUMBERS: Final = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_COPIES: Final = {
    "is": ("is", "are"),
    "was": ("was", "were"),
    "has": ("has", "have"),
    "does": ("does", "do"),
    "that": ("that", "those"),
}


def _indefinite(noun: str, *, many: bool = False) -> str:
    """A noun with its article."""
    if many:
        return plural(noun)
    return noun if is_mass(noun) else f"{article(noun)} {noun}"


def _conjugate(phrase: str, *, many: bool) -> str:
    """A verb phrase in the plain form, in the present with a subject in the third person."""
    verb, _, rest = phrase.partition(" ")
    if many:
        return phrase if verb != "be" else f"are {rest}"
    return f"{verb_form(verb, 'VBZ')} {rest}".strip()


class PrepositionTables(DataFile):
    """The tables of `data/prepositions.yaml`; each is described there."""

    on: WordList
    at: WordList


@cache
def _prepositions() -> PrepositionTables:
    """The tables, read once."""
    return read_data_file(Path(__file__).with_name("data") / "prepositions.yaml", PrepositionTables)


def _preposition(noun: str) -> str:
    """`in`, `on` or `at`, as a place takes it."""
    names = {noun, noun.rpartition(" ")[2]}
    if names & set(_prepositions().on):
        return "on"
    return "at" if names & set(_prepositions().at) else "in"


def _form(filling: tuple[Participant, ...], form: str, choice: int) -> str:
    """One form of a slot. `choice` picks among several tools, duties, things."""
    first, many = filling[0], len(filling) > 1 or filling[0].many
    if form in {"a", "noun", "plural"} and first.name is not None and first.noun.lower() == first.name.lower():
        raise UnfilledSlot(f"{first.id} is known by name only")
    if form in {"", "a", "noun", "plural"}:
        return {
            "": lambda: name_together(filling),
            "a": lambda: _indefinite(first.noun, many=many),
            "noun": lambda: first.noun,
            "plural": lambda: plural(first.noun),
        }[form]()
    if form in _COPIES:
        return _COPIES[form][many]
    if form == "count":
        number = sum(participant.count for participant in filling)
        return _NUMBERS[number] if number < len(_NUMBERS) else str(number)
    if (thing := first.thing) is not None:
        values = {
            "handling": lambda: _conjugate(thing.handling, many=many),
            "noise": lambda: _conjugate(thing.noise, many=many),
            "failure": lambda: _conjugate(thing.failure, many=many),
            "part": lambda: f"the {thing.part}",
            "a_part": lambda: _indefinite(thing.part),
            "trace": lambda: thing.trace,
            "use": lambda: thing.use,
            "container": lambda: _indefinite(thing.container),
        }
        if form in values:
            return values[form]()
    if (job := first.job) is not None:
        tool = job.tools[choice % len(job.tools)]
        values = {
            "tool": lambda: _indefinite(tool),
            "the_tool": lambda: f"the {tool}",
            "duty": lambda: job.duties[choice % len(job.duties)],
            "value": lambda: job.values[choice % len(job.values)],
            "job_act": lambda: job.act,
            "workplace": lambda: f"the {job.workplace}",
        }
        if form in values:
            return values[form]()
    if form == "in":
        return f"{_preposition(first.noun)} {refer(first)}"
    if (place := first.place) is not None:
        stands = place.stands[choice % len(place.stands)]
        values = {
            "thing": lambda: f"the {stands}",
            "a_thing": lambda: _indefinite(stands),
            "danger": lambda: place.dangers[choice % len(place.dangers)],
            "sound": lambda: place.sounds[choice % len(place.sounds)],
        }
        if form in values:
            return values[form]()
    raise UnfilledSlot(f"nothing is known of {first.id} that {{….{form}}} could say")


def _verb(verb: str, form: str) -> str:
    """A form of the event's verb."""
    head, _, rest = verb.partition(" ")
    tags = {"": "VB", "s": "VBZ", "ing": "VBG", "ed": "VBD", "done": "VBN"}
    return f"{verb_form(head, tags[form])} {rest}".strip()


def realise(
    text: str,
    roles: Roles,
    verb: str,
    *,
    events: Mapping[str, ToldEvent] = MappingProxyType({}),
    speaker: str | None = None,
    hearer: str | None = None,
    choice: int = 0,
) -> str:
    """Fill every slot of a text.

    `events`: what that `{deed}`, `{before}` and `{next}` speak of. `speaker` and `hearer` are ids: pronoun forms of them become `I` and
    `you`. `choice` picks among several facts, the same for the whole text. Raises UnfilledSlot.
    """

    def fill(match: re.Match[str]) -> str:
        role, form = match[1], match[2] or ""
        if role == "verb":
            return _verb(verb, form)
        if role in EVENT_SLOTS:
            if role not in events:
                raise UnfilledSlot(f"no event is known as {role}")
            return events[role].realised(role, form, roles, speaker, hearer)
        filling = next((participants for name, participants in roles.items() if name == role), ())
        if not filling:
            raise UnfilledSlot(f"nobody is the {role}")
        ids = {participant.id for participant in filling}
        if form == "earlier":
            return earlier_deed(filling[0], roles, speaker, hearer)
        if form in {"", "a", "noun"} and speaker in ids:
            raise UnfilledSlot("nobody speaks of themselves as of somebody else")
        if form in {"it", "him", "his"}:
            return pronoun(filling, ("it", "him", "his").index(form), person_of(ids, speaker, hearer))
        return _form(filling, form, choice)

    line = re.sub(r"\s+", " ", SLOT.sub(fill, text)).strip()
    return re.sub(r"(^|[.!?…] )([a-z])", lambda match: match[1] + match[2].upper(), line)
