"""Choose exchanges: those whose guards hold for an event, unused ones first, the most special first."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from planners.discourse.realiser import Roles, UnfilledSlot, realise
from planners.fabula.participant import Participant
from planners.fabula.plot import Plot, PlotEvent
from planners.knowledge.families import Exchange, Guard, Phase, families

__all__ = ["ANY", "Spoken", "choose_exchange", "holds", "roles_of"]

ANY: Final = "any"
"""The family whose exchanges fit every event."""
_INDOORS: Final = frozenset({"room", "hall", "shop", "vehicle", "cave"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """A realised line."""

    speaker: str
    act: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What guards need beside the participants."""

    plot: Plot
    night: bool
    wet: bool


def roles_of(plot: Plot, event: PlotEvent) -> Roles:
    """Participants of an event by role."""
    return {role: tuple(plot.participant(identifier) for identifier in filling) for role, filling in event.roles.items()}


def _tests(circumstances: Circumstances) -> dict[str, Callable[[Participant], bool]]:
    """What each predicate of a guard asks of the first filler of its role."""
    members = circumstances.plot.members

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
        "alive": lambda it: it.thing is not None and it.thing.alive,
        "edible": lambda it: it.thing is not None and it.thing.edible,
        "food": lambda it: it.thing is not None and it.thing.edible,
        "facts": lambda it: it.thing is not None,
        "job": lambda it: it.job is not None,
        "known": lambda it: it.place is not None,
        "owned": lambda it: it.owner is not None,
        "kin": lambda it: it.kin,
        "named": lambda it: it.name is not None,
        "night": lambda _: circumstances.night,
        "wet": lambda _: circumstances.wet,
        "indoors": lambda it: it.place is not None and it.place.shell in _INDOORS,
    }


def holds(guard: Guard, roles: Roles, circumstances: Circumstances) -> bool:
    """Whether a guard holds."""
    filling = roles.get(guard.role, ())
    if guard.predicate == "is":
        true = bool(filling)
    elif guard.predicate == "no":
        true = not filling
    elif guard.predicate in {"several", "one"}:
        true = bool(filling) and (len(filling) > 1) == (guard.predicate == "several")
    else:
        true = bool(filling) and _tests(circumstances)[guard.predicate](filling[0])
    return true != guard.negated


def _realised(exchange: Exchange, roles: Roles, event: PlotEvent, choice: int) -> tuple[Spoken, ...] | None:
    """The lines of an exchange; None if two roles are one person or a slot cannot be filled."""
    speakers = {turn.speaker: roles[turn.speaker][0] for turn in exchange.turns}
    if len({participant.id for participant in speakers.values()}) < len(speakers) or any(
        participant.mute for participant in speakers.values()
    ):
        return None
    lines = []
    for at, turn in enumerate(exchange.turns):
        other = next(
            (
                speakers[later.speaker]
                for later in (*exchange.turns[at + 1 :], *reversed(exchange.turns[:at]))
                if later.speaker != turn.speaker
            ),
            None,
        )
        single = {**roles, turn.speaker: roles[turn.speaker][:1]}
        try:
            text = realise(
                turn.text,
                single,
                event.verb,
                speaker=speakers[turn.speaker].id,
                hearer=other.id if other else None,
                choice=choice,
            )
        except UnfilledSlot:
            return None
        lines.append(Spoken(speaker=speakers[turn.speaker].id, act=turn.act, text=text))
    return tuple(lines)


def _candidates(event: PlotEvent, phase: Phase) -> Iterator[tuple[str, Exchange]]:
    """Exchanges of the event's family and of the family for any event, with keys that name them."""
    for name in (event.family, ANY):
        if name is not None and name in families():
            for at, exchange in enumerate(families()[name].exchanges):
                if exchange.phase == phase:
                    yield f"{name}/{at}", exchange


def choose_exchange(
    event: PlotEvent, phase: Phase, circumstances: Circumstances, used: set[str], seed: int
) -> tuple[Spoken, ...] | None:
    """An exchange for a phase of an event; None if none fits. Its key is added to `used`."""
    roles = roles_of(circumstances.plot, event)
    scored: list[tuple[float, str, Exchange]] = []
    for key, exchange in _candidates(event, phase):
        guards = exchange.guards()
        if key in used or not all(holds(guard, roles, circumstances) for guard in guards):
            continue
        digest = int.from_bytes(hashlib.sha256(f"{seed}/{event.id}/{key}".encode()).digest()[:4], "big") / 2**32
        own = 2.0 if event.family is not None and key.startswith(f"{event.family}/") else 0.0
        scored.append((-(own + 0.5 * len(guards) + 1.5 * digest), key, exchange))
    for _, key, exchange in sorted(scored, key=lambda row: (row[0], row[1])):
        choice = int.from_bytes(hashlib.sha256(f"{seed}/{key}".encode()).digest()[:2], "big")
        lines = _realised(exchange, roles, event, choice)
        if lines is not None:
            used.add(key)
            return lines
    return None
