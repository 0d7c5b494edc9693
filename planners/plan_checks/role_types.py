"""Check what verbs are done to: the object of a verb fits the role types of its family, and what hands hold can be touched."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Final

from planners.knowledge.families import family_named, family_of
from planners.knowledge.noun_types import BEINGS, PORTABLE, NounType, noun_types
from planners.plan.model import EpisodePlan
from planners.plan_checks.canon import handling_verbs
from planners.plan_checks.clauses import Clause, read_clauses
from planners.plan_checks.plan_texts import PlanText, plan_texts

__all__ = ["TypeFault", "check_role_types"]

_OBJECT_ROLES: Final = ("theme", "patient", "recipient", "topic", "goal", "source", "place")
"""Roles that the object of a verb may have: one escapes a prison and teaches a dog."""
_TOUCHABLE: Final = frozenset({"being", "thing"})
_SENSES: Final = 2
"""Types of a noun that count: a rare sense is no excuse."""
_TYPES: Final[dict[str, frozenset[NounType]]] = {
    "being": BEINGS,
    "person": frozenset({"person", "group"}),
    "animal": frozenset({"animal"}),
    "robot": frozenset({"robot"}),
    "thing": PORTABLE | {"shape"},
    "portable": PORTABLE,
    "vehicle": frozenset({"vehicle"}),
    "food": frozenset({"food", "plant", "substance"}),
    "place": frozenset({"place"}),
    "idea": frozenset({"idea", "feeling", "quantity", "time", "event"}),
    "event": frozenset({"event", "weather", "time"}),
}
_OF_KIND: Final = {"human": "person", "animal": "animal", "robot": "robot", "spirit": "spirit", "thing": "thing"}


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeFault:
    """A filler of a wrong type."""

    text: PlanText
    verb: str
    noun: str
    types: tuple[str, ...]
    """What the noun is."""
    expected: tuple[str, ...]
    """What the verb takes."""


@cache
def _expected(verb: str, particle: str) -> tuple[str, ...]:
    """Fillers that the object of a verb may be; empty if nothing is known of it."""
    if f"{verb} {particle}".strip() in handling_verbs().handles:
        return tuple(sorted(_TOUCHABLE))
    name = family_of(verb, particle)
    if name is None:
        return ()
    roles = family_named(name).roles
    fillers = {filler for role, rule in roles.items() if role in _OBJECT_ROLES for filler in rule.is_a}
    return tuple(sorted(fillers))


def check_role_types(plan: EpisodePlan) -> list[TypeFault]:
    """Members of the cast, props and places that are objects of a wrong type in actions and lines. Other nouns are words of the writers."""
    texts = list(plan_texts(plan))
    clauses = read_clauses((text.kind, text.text) for text in texts)
    fillers = _fillers(plan)
    names = [(prop.name or key.replace("_", " ")).lower() for key, prop in plan.props.items()]
    return [
        TypeFault(text=text, verb=clause.verb, noun=noun, types=types, expected=expected)
        for text in texts
        for clause in clauses[text.kind, text.text]
        if (expected := _expected(clause.verb, clause.particle))
        for noun in clause.objects
        if (types := fillers.get(noun.rpartition(" ")[2])) and not _fits(types, expected, clause)
        if not any(noun in name.split()[:-1] and name in text.text.lower() for name in names)
    ]


def _fillers(plan: EpisodePlan) -> dict[str, tuple[str, ...]]:
    """What members of the cast, props and places are, by the last word of their names."""
    names = {key: (prop.name or key.replace("_", " ")).lower() for key, prop in plan.props.items()}
    types = {name.rpartition(" ")[2]: _types_of(name) for name in names.values()}
    for key, place in plan.locations.items():
        name = (place.name or key.replace("_", " ")).lower()
        types[name.rpartition(" ")[2]] = tuple(dict.fromkeys(("place", *_types_of(name))))
    for key, member in plan.cast.items():
        types[(member.name or key).lower().rpartition(" ")[2]] = (_OF_KIND.get(member.kind or "human", "person"),)
    return types


def _types_of(noun: str) -> tuple[str, ...]:
    """What a noun may be; empty if nobody knows."""
    compound, head = noun_types(noun), noun_types(noun.rpartition(" ")[2])
    known = tuple(dict.fromkeys((*compound[:_SENSES], *head[:1])))[:_SENSES] if compound else head[:_SENSES]
    # Nearly every idea has a document as its second sense.
    return known[:1] if known[1:] == ("document",) and known[0] not in PORTABLE else known


def _fits(types: Iterable[str], expected: tuple[str, ...], clause: Clause) -> bool:
    """Whether one of the types is expected. Some verbs take events in set phrases: `hold a meeting`."""
    if "any" in expected or (clause.verb in handling_verbs().staged and "event" in types):
        return True
    return any(kind in _TYPES[filler] for kind in types for filler in expected)
