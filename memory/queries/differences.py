"""What two branches hold differently, and summaries of all branches."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection, func, select

from memory.model.canon import Thread
from memory.model.facts import FactValue, StoryPosition
from memory.model.records import BranchSummary, Difference
from memory.queries.canon_at import thread_states
from memory.queries.history import HeldValue, origins, timelines
from memory.schema.branch_lineage import BranchTree, Lineage
from memory.schema.tables import SceneRow

__all__ = ["NULL", "THREAD", "branch_summaries", "common_past", "differences"]

THREAD: Final = "thread"
"""Stands for the entity where a difference is about a thread."""

NULL: Final = "null"
"""The spelling of the value of which nothing is known."""


def branch_summaries(connection: Connection, tree: BranchTree) -> tuple[BranchSummary, ...]:
    """All branches, in the order in which they were made."""
    summaries = []
    for row, name in tree.names.items():
        parent, lineage = tree.parents[row], tree.lineage_of(row)
        count = connection.execute(select(func.count()).select_from(SceneRow).where(SceneRow.branch_id == row)).scalar_one()
        end = connection.execute(
            select(func.max(SceneRow.position)).where(lineage.sees(SceneRow.branch_id, SceneRow.position))
        ).scalar()
        forked_at = None if parent is None else tree.forks[row]
        parent_name = None if parent is None else tree.names[parent]
        summaries.append(BranchSummary(name=name, parent=parent_name, forked_at=forked_at, scenes=count, end=end))
    return tuple(summaries)


def common_past(first: Lineage, second: Lineage) -> StoryPosition | None:
    """The position up to which (exclusive) two branches share everything; None: they are the same branch."""
    moments = sorted({segment.since for line in (first, second) for segment in line.segments})
    return next((at for at in moments if first.owner(at) != second.owner(at)), None)


def differences(
    connection: Connection,
    tree: BranchTree,
    first: Lineage,
    second: Lineage,
    at: StoryPosition | None = None,
    *,
    begin: StoryPosition | None = None,
) -> tuple[Difference, ...]:
    """What `second` holds differently from `first`, and where each value comes from. An unknown value equals null.

    Without `at`: for each attribute the first position (at `begin` or later) where the two differ. With `at`: what differs there.
    """
    since = common_past(first, second)
    if since is None or (at is not None and at < since):
        return ()
    since = max(since, begin or since)
    left, right = timelines(connection, first, since), timelines(connection, second, since)
    changes: list[tuple[tuple[str, str], StoryPosition, HeldValue | None, HeldValue | None]] = []
    for pair in sorted(left.keys() | right.keys()):
        where = _first_difference(left.get(pair, []), right.get(pair, []), since) if at is None else at
        if where is not None:
            before, after = _at(left.get(pair, []), where), _at(right.get(pair, []), where)
            if _value(before) != _value(after):
                changes.append((pair, where, before, after))
    statements = [value.statement for _, _, before, after in changes for value in (before, after) if value]
    known = origins(connection, tree, statements)
    facts = [
        Difference(
            entity=entity,
            attribute=attribute,
            position=where,
            before=json.loads(before.value) if before else None,
            after=json.loads(after.value) if after else None,
            before_origin=known[before.statement] if before else None,
            after_origin=known[after.statement] if after else None,
        )
        for (entity, attribute), where, before, after in changes
    ]
    return (*facts, *_thread_differences(connection, first, second, at, since))


def _thread_differences(
    connection: Connection, first: Lineage, second: Lineage, at: StoryPosition | None, since: StoryPosition
) -> list[Difference]:
    left, right = thread_states(connection, first, at), thread_states(connection, second, at)
    return [
        Difference(
            entity=THREAD,
            attribute=name,
            position=at or since,
            before=_thread_value(left.get(name)),
            after=_thread_value(right.get(name)),
        )
        for name in sorted(left.keys() | right.keys())
        if left.get(name) != right.get(name)
    ]


def _thread_value(thread: Thread | None) -> FactValue:
    return None if thread is None else {"text": thread.text, "closed": thread.closed}


def _at(line: Sequence[HeldValue], where: StoryPosition) -> HeldValue | None:
    """The value that a timeline has at a position."""
    return next((value for value in line if value.since <= where and (value.ends is None or where < value.ends)), None)


def _value(value: HeldValue | None) -> str:
    """The spelling of a value; unknown is null."""
    return NULL if value is None else value.value


def _first_difference(left: Sequence[HeldValue], right: Sequence[HeldValue], since: StoryPosition) -> StoryPosition | None:
    both = (*left, *right)
    moments = {since} | {value.since for value in both} | {value.ends for value in both if value.ends is not None}
    for moment in sorted(moments):
        if _value(_at(left, moment)) != _value(_at(right, moment)):
            return moment
    return None
