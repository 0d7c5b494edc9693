"""Whether the guards of families hold for an event: about its participants, the hour, the weather and the state of the story."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from planners.fabula.cast_members import Member
from planners.fabula.participant import Participant
from planners.fabula.search import State
from planners.knowledge.families import Guard, RoleName

__all__ = ["Circumstances", "all_hold", "holds"]

_INDOORS: Final = frozenset({"room", "hall", "shop", "vehicle", "cave"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What guards need beside the participants."""

    members: Mapping[str, Member]
    """The cast by id."""
    night: bool = False
    wet: bool = False
    state: State = frozenset()
    """The facts that hold at this moment."""
    tried: bool = False
    """Whether it went wrong before."""


def _tests(circumstances: Circumstances, agent: str | None) -> dict[str, Callable[[Participant], bool]]:
    """What each predicate of a guard asks of the first filler of its role."""
    members, state = circumstances.members, circumstances.state

    def kind(participant: Participant) -> str:
        return members[participant.id].entity.kind or "" if participant.id in members else ""

    def age(participant: Participant) -> str:
        return members[participant.id].entity.age or "" if participant.id in members else ""

    return {
        "person": lambda it: kind(it) == "human",
        "animal": lambda it: kind(it) == "animal",
        "robot": lambda it: kind(it) == "robot",
        "spirit": lambda it: kind(it) == "spirit",
        "child": lambda it: age(it) == "child",
        "old": lambda it: age(it) == "old",
        "thing": lambda it: it.id not in members,
        "portable": lambda it: it.thing is not None and it.thing.size in {"finger", "hand", "arm"},
        "large": lambda it: it.thing is not None and it.thing.size in {"body", "room", "building"},
        "small": lambda it: it.thing is not None and it.thing.size in {"finger", "hand"},
        "loud": lambda it: it.thing is not None and it.thing.loud,
        "fragile": lambda it: it.thing is not None and it.thing.fragile,
        "alive": lambda it: it.id in members or (it.thing is not None and it.thing.alive),
        "edible": lambda it: it.thing is not None and it.thing.edible,
        "food": lambda it: it.thing is not None and it.thing.edible,
        "facts": lambda it: it.thing is not None,
        "job": lambda it: it.job is not None,
        "known": lambda it: it.place is not None,
        "owned": lambda it: it.owner is not None,
        "kin": lambda it: it.kin,
        "past": lambda it: it.earlier is not None,
        "named": lambda it: it.name is not None,
        "night": lambda _: circumstances.night,
        "wet": lambda _: circumstances.wet,
        "indoors": lambda it: it.place is not None and it.place.shell in _INDOORS,
        "held": lambda it: ("has", agent, it.id) in state,
        "broken": lambda it: ("broken", it.id) in state,
        "hidden": lambda it: ("hidden", it.id) in state,
        "friend": lambda it: bool({("likes", it.id, agent), ("trusts", it.id, agent)} & state),
        "cross": lambda it: ("angry", it.id, agent) in state,
        "tried": lambda _: circumstances.tried,
    }


def holds(guard: Guard, roles: Mapping[RoleName, tuple[Participant, ...]], circumstances: Circumstances) -> bool:
    """Whether a guard holds."""
    filling = roles.get(guard.role, ())
    if guard.predicate == "is":
        true = bool(filling)
    elif guard.predicate == "no":
        true = not filling
    elif guard.predicate in {"several", "one"}:
        true = bool(filling) and (len(filling) > 1) == (guard.predicate == "several")
    else:
        agents = roles.get("agent", ())
        test = _tests(circumstances, agents[0].id if agents else None)[guard.predicate]
        true = bool(filling) and test(filling[0])
    return true != guard.negated


def all_hold(guards: Iterable[Guard], roles: Mapping[RoleName, tuple[Participant, ...]], circumstances: Circumstances) -> bool:
    """Whether every guard holds."""
    return all(holds(guard, roles, circumstances) for guard in guards)
