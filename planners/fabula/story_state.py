"""The state of the story: grounded facts, what families need and change of them, and how an event changes them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Final

from planners.fabula.search import Fact, State
from planners.knowledge.families import Condition, RoleName

__all__ = ["Change", "Domain", "after", "changes_of", "ground", "holder_of", "place_of"]

_FEELINGS: Final = {"likes": "angry", "trusts": "angry", "angry": "likes"}
"""A feeling towards somebody, and the one that it ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Domain:
    """Who and what there is."""

    beings: frozenset[str]
    things: frozenset[str]
    places: frozenset[str]

    def makes_sense(self, fact: Fact) -> bool:
        """Whether the arguments of a fact are of the types that its predicate takes."""
        predicate, *arguments = fact
        if len(set(arguments)) < len(arguments):
            return False
        first = arguments[0]
        match predicate:
            case "has":
                return first in self.beings and arguments[1] in self.things
            case "at":
                return first in self.beings | self.things and arguments[1] in self.places
            case "near" | "knows":
                return first in self.beings
            case "likes" | "trusts" | "angry":
                return first in self.beings and arguments[1] in self.beings
            case "dead":
                return first in self.beings
            case _:
                return first in self.things


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What an event makes true and untrue."""

    adds: State = frozenset()
    removes: State = frozenset()


def ground(condition: Condition, roles: Mapping[RoleName, tuple[str, ...]], domain: Domain) -> tuple[Fact, ...]:
    """The facts that a condition speaks of in an event; none if a role is not filled or the fact would make no sense."""
    fillings = [roles.get(role, ()) for role in condition.roles]
    if condition.predicate == "has":
        fillings = [filling[:1] for filling in fillings]
    return tuple(fact for arguments in product(*fillings) if domain.makes_sense(fact := (condition.predicate, *arguments)))


def changes_of(effects: Iterable[Condition], roles: Mapping[RoleName, tuple[str, ...]], domain: Domain) -> Change:
    """What the effects of a family change in an event."""
    adds: set[Fact] = set()
    removes: set[Fact] = set()
    for effect in effects:
        (removes if effect.negated else adds).update(ground(effect, roles, domain))
    return Change(adds=frozenset(adds), removes=frozenset(removes - adds))


def after(state: State, change: Change) -> State:
    """The state after a change. Somebody or something is in one place only, and a thing is with one being only."""
    gone: set[Fact] = set(change.removes)
    for fact in change.adds:
        predicate, first, *rest = fact
        if predicate == "has":
            gone |= {old for old in state if old[1:2] == (rest[0],) and old[0] in {"at", "hidden"}}
            gone |= {old for old in state if old[0] == "has" and old[2] == rest[0]}
        elif predicate == "at":
            gone |= {old for old in state if old[:2] == ("at", first)} | {
                old for old in state if old[0] == "has" and old[2] == first
            }
        elif predicate in _FEELINGS:
            gone |= {old for old in state if old == (_FEELINGS[predicate], first, *rest)}
    return (state - gone) | change.adds


def place_of(state: State, identifier: str) -> str | None:
    """Where somebody or something is: its own place, or that of whoever has it."""
    for fact in state:
        if fact[:2] == ("at", identifier):
            return fact[2]
    holder = holder_of(state, identifier)
    return place_of(state, holder) if holder is not None else None


def holder_of(state: State, thing: str) -> str | None:
    """Who has a thing."""
    return next((fact[1] for fact in sorted(state) if fact[0] == "has" and fact[2] == thing), None)
