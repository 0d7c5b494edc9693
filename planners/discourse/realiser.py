"""Realise lines and actions: fill the slots of a text with participants, in correct English.

A text is read into words and slots before it is filled; what comes out is a `str` in which no slot can remain, because a slot that cannot be
filled raises `UnfilledSlot`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final, Literal

from planners.data_file import DataFile, WordList, read_data_file
from planners.fabula.participant import Participant, name_together, refer
from planners.knowledge.families import SLOT, RoleName
from planners.reading.english import VerbForm, article, is_mass, plural, verb_form, verb_lemma

__all__ = ["Roles", "UnfilledSlot", "name_together", "realise", "refer"]

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


_PERSONAL: Final = re.compile(r"\b(?:he|she|they|it|him|them|who|whom|which|this|that|there)\b", re.IGNORECASE)
_OWN: Final = re.compile(r"\b(his|her|its|their)\b(?=(?: own)? [a-z])|\b(himself|herself|itself|themselves)\b", re.IGNORECASE)
_NO_NOUN: Final = re.compile(
    r"\bher (?:a|an|the|to|in|on|at|with|from|and|about|that|how|for|into|back|his|her|their|some|all)\b"
)
_MOST_WORDS: Final = 10


def _deed(phrase: str, verb: str, form: str, agents: tuple[Participant, ...], speaker: str | None, hearer: str | None) -> str:
    """The phrase of an event as something to speak of, with the agent's own things as `my` or `your`. Raises UnfilledSlot."""
    head, _, rest = phrase.partition(" ")
    base = verb.partition(" ")[0]
    if head != verb_form(base, "VBZ") or len(phrase.split()) > _MOST_WORDS or _PERSONAL.search(rest) or _NO_NOUN.search(rest):
        raise UnfilledSlot(f"`{phrase}` cannot be spoken of in one breath")
    ids = {agent.id for agent in agents}
    person: Literal["first", "second", "third"] = "first" if speaker in ids else "second" if hearer in ids else "third"
    many = len(agents) > 1
    if any(_own_word(agents, reflexive=bool(match[2])) != match[0].lower() for match in _OWN.finditer(rest)):
        raise UnfilledSlot(f"whose is meant in `{phrase}` is not certain")

    def own(match: re.Match[str]) -> str:
        if person == "third":
            return match[0]
        if match[2]:
            return ("ourselves" if many else "myself") if person == "first" else ("yourselves" if many else "yourself")
        return _pronoun(agents, 2, person)

    tags: dict[str, VerbForm] = {"": "VB", "ing": "VBG", "done": "VBN", "past": "VBD"}
    return f"{verb_form(base, tags[form])} {_OWN.sub(own, rest)}".strip()


def _earlier(who: Participant, speaker: str | None, hearer: str | None) -> str:
    """What somebody did in an earlier episode, in the past tense. Raises UnfilledSlot."""
    head = (who.earlier or "").partition(" ")[0]
    if not head:
        raise UnfilledSlot(f"nothing is remembered of {who.id}")
    return _deed(who.earlier or "", verb_lemma(head), "past", (who,), speaker, hearer)


def _addressed(text: str, roles: Roles, speaker: str | None, hearer: str | None) -> str:
    """A text in which the two who talk are `me` and `you` where it names them: `repair the mermaid's bathtub` is `repair my bathtub`."""
    for person, forms in ((speaker, ("my", "me")), (hearer, ("your", "you"))):
        for participant in {being.id: being for filling in roles.values() for being in filling if being.id == person}.values():
            names = [
                rf"(?:an?|the)(?: [\w-]+)? {re.escape(participant.noun)}",
                *([re.escape(participant.name)] if participant.name else []),
            ]
            named = "|".join(names)
            text = re.sub(rf"\b(?:{named})(?:'s|’s)(?= )", forms[0], text)
            text = re.sub(rf"\b(?:{named})\b(?!['’-])(?! [a-z]+(?:er|or|man)\b)", forms[1], text)
    return text


def _own_word(agents: tuple[Participant, ...], *, reflexive: bool) -> str:
    """The possessive or reflexive pronoun of somebody in the third person."""
    key = "plural" if len(agents) > 1 or agents[0].many else agents[0].gender
    words = {
        "female": ("her", "herself"),
        "male": ("his", "himself"),
        "neuter": ("its", "itself"),
        "plural": ("their", "themselves"),
    }
    return words[key][reflexive]


def realise(
    text: str,
    roles: Roles,
    verb: str,
    *,
    phrase: str = "",
    speaker: str | None = None,
    hearer: str | None = None,
    choice: int = 0,
) -> str:
    """Fill every slot of a text.

    `phrase` is the event's phrase in the third person, for `{deed}`. `speaker` and `hearer` are ids: pronoun forms of them become `I` and
    `you`. `choice` picks among several facts, the same for the whole text. Raises UnfilledSlot.
    """

    def fill(match: re.Match[str]) -> str:
        role, form = match[1], match[2] or ""
        if role == "verb":
            return _verb(verb, form)
        if role == "deed":
            return _addressed(_deed(phrase, verb, form, roles.get("agent", ()), speaker, hearer), roles, speaker, hearer)
        filling = next((participants for name, participants in roles.items() if name == role), ())
        if not filling:
            raise UnfilledSlot(f"nobody is the {role}")
        ids = {participant.id for participant in filling}
        if form == "earlier":
            return _addressed(_earlier(filling[0], speaker, hearer), roles, speaker, hearer)
        if form in {"", "a", "noun"} and speaker in ids:
            raise UnfilledSlot("nobody speaks of themselves as of somebody else")
        if form in {"it", "him", "his"}:
            person: Literal["first", "second", "third"] = "first" if speaker in ids else "second" if hearer in ids else "third"
            return _pronoun(filling, ("it", "him", "his").index(form), person)
        return _form(filling, form, choice)

    line = re.sub(r"\s+", " ", SLOT.sub(fill, text)).strip()
    return re.sub(r"(^|[.!?…] )([a-z])", lambda match: match[1] + match[2].upper(), line)
