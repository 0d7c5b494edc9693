"""Realise lines and actions: fill the slots of a text with participants, in correct English.

A text is read into words and slots before it is filled; what comes out is a `str` in which no slot can remain, because a slot that cannot be
filled raises `UnfilledSlot`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, Literal

from planners.fabula.participant import Participant
from planners.knowledge.families import SLOT, RoleName
from planners.reading.english import article, is_mass, plural, verb_form

__all__ = ["Roles", "UnfilledSlot", "realise", "refer"]

_NUMBERS: Final = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_PRONOUNS: Final[dict[str, tuple[str, str, str]]] = {
    "female": ("she", "her", "her"),
    "male": ("he", "him", "his"),
    "neuter": ("it", "it", "its"),
    "plural": ("they", "them", "their"),
}
_COPIES: Final = {
    "is": ("is", "are"),
    "was": ("was", "were"),
    "has": ("has", "have"),
    "does": ("does", "do"),
    "that": ("that", "those"),
}


class UnfilledSlot(LookupError):
    """A slot has nobody to fill it, or nothing is known that it asks for."""


Roles = Mapping[RoleName, tuple[Participant, ...]]


def refer(participant: Participant) -> str:
    """The name, or the noun with `the`."""
    if participant.name:
        return participant.name
    return f"the {plural(participant.noun) if participant.many else participant.noun}"


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


def _joined(names: list[str]) -> str:
    """Names joined by commas and `and`."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _pronoun(filling: tuple[Participant, ...], case: int, person: Literal["first", "second", "third"]) -> str:
    """Subject, object or possessive pronoun (0, 1, 2)."""
    many = len(filling) > 1 or filling[0].many
    if person == "first":
        return (("we", "us", "our") if len(filling) > 1 else ("I", "me", "my"))[case]
    if person == "second":
        return ("you", "you", "your")[case]
    return _PRONOUNS["plural" if many else filling[0].gender][case]


def _form(filling: tuple[Participant, ...], form: str, choice: int) -> str:
    """One form of a slot. `choice` picks among several tools, duties, things."""
    first, many = filling[0], len(filling) > 1 or filling[0].many
    if form in {"", "a", "noun", "plural"}:
        return {
            "": lambda: _joined([refer(participant) for participant in filling]),
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


def realise(text: str, roles: Roles, verb: str, *, speaker: str | None = None, hearer: str | None = None, choice: int = 0) -> str:
    """Fill every slot of a text.

    `speaker` and `hearer` are ids: pronoun forms of them become `I` and `you`. `choice` picks among several facts, the same for the whole
    text. Raises UnfilledSlot.
    """

    def fill(match: re.Match[str]) -> str:
        role, form = match[1], match[2] or ""
        if role == "verb":
            return _verb(verb, form)
        filling = next((participants for name, participants in roles.items() if name == role), ())
        if not filling:
            raise UnfilledSlot(f"nobody is the {role}")
        ids = {participant.id for participant in filling}
        if form in {"it", "him", "his"}:
            person: Literal["first", "second", "third"] = "first" if speaker in ids else "second" if hearer in ids else "third"
            return _pronoun(filling, ("it", "him", "his").index(form), person)
        return _form(filling, form, choice)

    line = re.sub(r"\s+", " ", SLOT.sub(fill, text)).strip()
    return re.sub(r"(^|[.!?…] )([a-z])", lambda match: match[1] + match[2].upper(), line)
