"""The impact of edits: what becomes stale in any episode, and what changes in the canon, found without making anything."""

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

__all__ = ["CanonChange", "Impact", "find_impact"]

_MEASURED: Final = frozenset({"motion", "light"})
"""Attributes that follow from others and are of no interest to a reader."""
_SUMMARIES: Final = {"look": "drawn anew", "voice": "cast anew"}
"""Attributes whose values are too long to print, and what to print instead."""

_Timeline = list[tuple[StoryPosition, StoryPosition | None, FactValue]]
"""Values of one attribute with their spans: first position, exclusive end (None: no end), value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CanonChange:
    """A canon value that an edit changes, from `since` (inclusive) to `until` (exclusive; None: no end). Value None: not known."""

    entity: str
    attribute: str
    since: StoryPosition
    until: StoryPosition | None
    before: FactValue
    after: FactValue

    def __str__(self) -> str:
        name = f"{self.entity}.{self.attribute}"
        if self.attribute.startswith(RELATION):
            name = f"{self.entity} to {self.attribute.removeprefix(RELATION)}"
        end = f" until {self.until}" if self.until else ""
        change = _SUMMARIES.get(self.attribute) or f"{_value_text(self.before)} -> {_value_text(self.after)}"
        return f"{name} from {self.since}{end}: {change}"

    def to_json(self) -> dict[str, FactValue]:
        """The change as a JSON object."""
        return {
            "entity": self.entity,
            "attribute": self.attribute,
            "since": str(self.since),
            "until": str(self.until) if self.until else None,
            "before": self.before,
            "after": self.after,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Impact:
    """What a run would do: each episode prepared as if those before it had been made."""

    episodes: list[Prepared]
    changes: tuple[CanonChange, ...] = ()
    """Changes to the part of the canon that memory already holds, in story order."""
    unaffected: int = 0
    """How many episodes, from the first on, were prepared with memory as it is, because nothing before them changes."""


def find_impact(
    series: Series,
    plans: Mapping[int, EpisodePlan],
    memory: MemoryStore,
    *,
    only: str | None = None,
    backbone: str | None = None,
    changes: bool = False,
) -> Impact:
    """Prepare episodes in story order, each as if those before it had been made. Writes nothing.

    A trial memory (`MemoryStore.what_if`) is used only from the first change on. `changes`: also compare the canon.
    """
    episodes: list[Prepared] = []
    stale_keys: set[str] = set()
    canon_changes: tuple[CanonChange, ...] = ()
    with ExitStack() as stack:
        current, unaffected, before = memory, 0, None
        committed = memory.committed(series.branch)
        end = max(committed, default=None)
        for number, plan in plans.items():
            unaffected += current is memory and not stale_keys
            ready = prepare(series, number, plan, current, backbone=backbone, made=stale_keys)
            episodes.append(ready)
            task_ids = part_of(ready, only).tasks
            stale_keys |= {stale.key for stale in ready.stale if stale.task.id in task_ids}
            altered = alters_memory(series, ready, current, only=only)
            matters = len(episodes) < len(plans) or (changes and not altered.isdisjoint(committed))
            if altered and matters:
                if current is memory:
                    current = stack.enter_context(memory.what_if())
                    before = _canon_timelines(current, series.branch, end) if changes and end else None
                dry_run(series, ready, current, only=only)
        if before is not None and end is not None:
            canon_changes = tuple(_compare(before, _canon_timelines(current, series.branch, end), end))
    return Impact(episodes=episodes, changes=canon_changes, unaffected=unaffected)


def _canon_timelines(memory: MemoryStore, branch: str, end: StoryPosition) -> dict[tuple[str, str], _Timeline]:
    """Every value that holds at some position up to `end`, by entity and attribute."""
    canon = memory.as_of(end, branch)
    timelines: dict[tuple[str, str], _Timeline] = {}
    for entity in canon.states():
        for fact in memory.history(entity, branch):
            if fact.attribute not in _MEASURED and fact.since <= end:
                timelines.setdefault((entity, fact.attribute), []).append((fact.since, fact.until, fact.value))
    for thread in canon.threads:
        state = f"{thread.text} ({'closed' if thread.closed else 'open'})"
        timelines["thread", thread.id] = [(end, None, state)]
    return timelines


def _compare(
    before: Mapping[tuple[str, str], _Timeline], after: Mapping[tuple[str, str], _Timeline], end: StoryPosition
) -> list[CanonChange]:
    changes = [
        CanonChange(entity=entity, attribute=attribute, since=since, until=until, before=old, after=new)
        for entity, attribute in sorted(before.keys() | after.keys())
        for since, until, old, new in _differing_spans(
            before.get((entity, attribute), []), after.get((entity, attribute), []), end
        )
    ]
    return sorted(changes, key=lambda change: (change.since, change.entity, change.attribute))


def _differing_spans(
    old: _Timeline, new: _Timeline, end: StoryPosition
) -> Iterator[tuple[StoryPosition, StoryPosition | None, FactValue, FactValue]]:
    """Spans up to `end` in which two timelines differ: since, until and both values. Adjacent spans with equal values are joined."""
    positions = sorted(
        {at for timeline in (old, new) for since, until, _ in timeline for at in (since, until) if at and at <= end}
    )
    span: tuple[StoryPosition, FactValue, FactValue] | None = None
    for at in positions:
        old_value, new_value = _value_at(old, at), _value_at(new, at)
        if span is not None and _canonical(span[1:]) != _canonical((old_value, new_value)):
            yield span[0], at, span[1], span[2]
            span = None
        if span is None and _canonical(old_value) != _canonical(new_value):
            span = (at, old_value, new_value)
    if span is not None:
        yield span[0], None, span[1], span[2]


def _value_at(timeline: _Timeline, at: StoryPosition) -> FactValue:
    """The value that a timeline has at a position; None if it has none."""
    return next((value for since, until, value in timeline if since <= at and (until is None or at < until)), None)


def _canonical(value: object) -> str:
    """One spelling for equal values, so that 1 and 1.0 or lists and tuples compare as JSON does."""
    return json.dumps(value, sort_keys=True)


def _value_text(value: FactValue) -> str:
    """A value for people."""
    if value is None:
        return "nothing"
    if isinstance(value, dict) and all(strength == 1 for strength in value.values()):
        value = list(value)  # words without strengths
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "nothing"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
