"""What goes wrong on the way to an event, by the rules of its family, and how it is put right."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from hashlib import sha256

from planners.fabula.guards import Circumstances, all_hold
from planners.fabula.participant import Participant
from planners.fabula.plot import Link, PlotEvent
from planners.knowledge.families import Complication, RoleName, family_named

__all__ = ["complicate"]


def _fitting(
    event: PlotEvent, roles: Mapping[RoleName, tuple[Participant, ...]], circumstances: Circumstances
) -> list[Complication]:
    """Complications of the family whose conditions hold and whose steps can be shown."""
    if event.family is None:
        return []
    return [
        rule
        for rule in family_named(event.family).complications
        if all_hold(rule.when, roles, circumstances)
        and any(all_hold(step.guards(), roles, circumstances) for step in rule.shows)
        and any(all_hold(step.guards(), roles, circumstances) for step in rule.undo)
    ]


def complicate(
    event: PlotEvent, roles: Mapping[RoleName, tuple[Participant, ...]], circumstances: Circumstances, most: int, seed: int
) -> Iterator[PlotEvent]:
    """Up to `most` complications of an event, each followed by its remedy; they come before it."""
    rules = _fitting(event, roles, circumstances)
    rules.sort(key=lambda rule: (-len(rule.when), sha256(f"{seed}/{event.id}/{rule.shows[0].text}".encode()).digest()))
    last: str | None = None
    for number, rule in enumerate(rules[:most], start=1):
        trouble = replace(
            event,
            id=f"{event.id}_trouble_{number}",
            origin="complication",
            phrase=f"meets a difficulty before it comes to this: {event.phrase}",
            quoted=None,
            serves=event.id,
            steps=rule.shows,
            because=(*((Link(event=last, kind="precedes"),) if last else ()),),
            adds=frozenset(),
            removes=frozenset(),
            needs=frozenset(),
            feelings={},
        )
        remedy = replace(
            trouble,
            id=f"{event.id}_remedy_{number}",
            origin="remedy",
            steps=rule.undo,
            because=(Link(event=trouble.id, kind="causes"),),
        )
        yield trouble
        yield remedy
        last = remedy.id
