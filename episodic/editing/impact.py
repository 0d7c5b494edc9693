"""Looking at episodes in story order: what an edit to an early one does to memory, and so to those that follow."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Final

from episodic.production.commit.dry_run import alters_memory, dry_run
from episodic.production.prepare import Prepared, part_of, prepare
from episodic.series.series import Series
from memory.model.entities import RELATION
from memory.model.facts import FactValue, StoryPosition
from memory.store import MemoryStore
from planners.plan.model import EpisodePlan

__all__ = ["CanonChange", "Outlook", "look_ahead"]

_MEASURED: Final = frozenset({"motion", "light"})
"""Attributes that follow from others, and that nobody reads."""
_REDONE: Final = {"look": "drawn anew", "voice": "cast anew"}

_Line = list[tuple[StoryPosition, StoryPosition | None, FactValue]]


@dataclass(frozen=True, slots=True, kw_only=True)
class CanonChange:
    """Something that has been told will be otherwise, `since` (inclusive) `until` (exclusive; None: to the end). None: nothing known."""

    entity: str
    attribute: str
    since: StoryPosition
    until: StoryPosition | None
    before: FactValue
    after: FactValue

    def __str__(self) -> str:
        what = f"{self.entity}.{self.attribute}"
        if self.attribute.startswith(RELATION):
            what = f"{self.entity} to {self.attribute.removeprefix(RELATION)}"
        end = f" until {self.until}" if self.until else ""
        told = _REDONE.get(self.attribute) or f"{_spoken(self.before)} -> {_spoken(self.after)}"
        return f"{what} from {self.since}{end}: {told}"

    def to_json(self) -> dict[str, FactValue]:
        """For programs."""
        return {
            "entity": self.entity,
            "attribute": self.attribute,
            "since": str(self.since),
            "until": str(self.until) if self.until else None,
            "before": self.before,
            "after": self.after,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What a run would find: each episode as it is once those before it are made."""

    episodes: list[Prepared]
    changes: tuple[CanonChange, ...] = ()
    """What is otherwise, in story order, in what memory has been told already."""
    steady: int = 0
    """So many episodes, from the first on, were looked at in memory as it is: nothing before them changes."""


def look_ahead(
    series: Series,
    plans: Mapping[int, EpisodePlan],
    memory: MemoryStore,
    *,
    only: str | None = None,
    backbone: str | None = None,
    changes: bool = False,
) -> Outlook:
    """Look at episodes in story order, each as if those before it had been made. Writes nothing.

    Memory is rehearsed (`MemoryStore.what_if`) only from where something changes. `changes`: also tell what that is.
    """
    found: list[Prepared] = []
    made: set[str] = set()
    told: tuple[CanonChange, ...] = ()
    with ExitStack() as stack:
        here, steady, before = memory, 0, None
        committed = memory.committed(series.branch)
        end = max(committed, default=None)
        for number, plan in plans.items():
            steady += here is memory and not made
            ready = prepare(series, number, plan, here, backbone=backbone, made=made)
            found.append(ready)
            wanted = part_of(ready, only).tasks
            made |= {one.key for one in ready.stale if one.task.id in wanted}
            altered = alters_memory(series, ready, here, only=only)
            matters = len(found) < len(plans) or (changes and not altered.isdisjoint(committed))
            if altered and matters:
                if here is memory:
                    here = stack.enter_context(memory.what_if())
                    before = _story(here, series.branch, end) if changes and end else None
                dry_run(series, ready, here, only=only)
        if before is not None and end is not None:
            told = tuple(_changes(before, _story(here, series.branch, end), end))
    return Outlook(episodes=found, changes=told, steady=steady)


def _story(memory: MemoryStore, branch: str, end: StoryPosition) -> dict[tuple[str, str], _Line]:
    """Everything that holds at some time up to `end`, by entity and attribute, in story order."""
    canon = memory.as_of(end, branch)
    found: dict[tuple[str, str], _Line] = {}
    for entity in canon.states():
        for one in memory.history(entity, branch):
            if one.attribute not in _MEASURED and one.since <= end:
                found.setdefault((entity, one.attribute), []).append((one.since, one.until, one.value))
    for thread in canon.threads:
        state = f"{thread.text} ({'closed' if thread.closed else 'open'})"
        found["thread", thread.id] = [(end, None, state)]
    return found


def _changes(
    before: Mapping[tuple[str, str], _Line], after: Mapping[tuple[str, str], _Line], end: StoryPosition
) -> list[CanonChange]:
    found = [
        CanonChange(entity=entity, attribute=attribute, since=since, until=until, before=old, after=new)
        for entity, attribute in sorted(before.keys() | after.keys())
        for since, until, old, new in _parting(before.get((entity, attribute), []), after.get((entity, attribute), []), end)
    ]
    return sorted(found, key=lambda one: (one.since, one.entity, one.attribute))


def _parting(
    old: _Line, new: _Line, end: StoryPosition
) -> Iterator[tuple[StoryPosition, StoryPosition | None, FactValue, FactValue]]:
    """Where two lines differ up to `end`: since, until and both values; neighbours with the same values are one."""
    moments = sorted({at for line in (old, new) for since, until, _ in line for at in (since, until) if at and at <= end})
    open_: tuple[StoryPosition, FactValue, FactValue] | None = None
    for at in moments:
        one, other = _at(old, at), _at(new, at)
        if open_ is not None and _spelled(open_[1:]) != _spelled((one, other)):
            yield open_[0], at, open_[1], open_[2]
            open_ = None
        if open_ is None and _spelled(one) != _spelled(other):
            open_ = (at, one, other)
    if open_ is not None:
        yield open_[0], None, open_[1], open_[2]


def _at(line: _Line, where: StoryPosition) -> FactValue:
    return next((value for since, until, value in line if since <= where and (until is None or where < until)), None)


def _spelled(value: object) -> str:
    return json.dumps(value, sort_keys=True)


def _spoken(value: FactValue) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, dict) and all(one == 1 for one in value.values()):
        value = list(value)  # words without strengths
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "nothing"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
