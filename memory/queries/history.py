"""The canon at a position, histories, edits and conflicts. Each function reads one consistent state of the database."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from sqlalchemy import Connection, Text, literal_column, or_, select, type_coerce
from sqlalchemy.orm import aliased

from memory.errors import MemoryRefusal
from memory.model.canon import Canon
from memory.model.facts import Evidence, Fact, StoryPosition
from memory.model.records import Conflict, Origin
from memory.queries.canon_at import entities_at, synopses_before, thread_states
from memory.queries.statements import entity_ids
from memory.schema.branch_lineage import BranchTree, Lineage
from memory.schema.tables import CommitRow, EntityRow, MetaRow, SceneRow, SpanRow, StatementRow

__all__ = [
    "SYNOPSES",
    "TITLE",
    "CommitOutcome",
    "HeldValue",
    "canon",
    "conflicts",
    "edits",
    "history",
    "origins",
    "timelines",
]

SYNOPSES: Final = 100
"""How many of the latest synopses a canon carries."""
_AT_ONCE: Final = 500
TITLE: Final = "title"
RULE_NAME: Final = "rule"
RULE: Final = "spans-2"
"""The version of the rule that derives spans. It changes whenever the same statements would give other spans."""


def canon(connection: Connection, lineage: Lineage, position: StoryPosition) -> Canon:
    """Everything that holds at `position`: all that was stated up to and including it."""
    present = entities_at(connection, lineage, position)
    return Canon(
        position=position,
        branch=lineage.name,
        title=str(connection.execute(select(MetaRow.value).where(MetaRow.name == TITLE)).scalar() or ""),
        characters=present.by_kind["character"],
        locations=present.by_kind["location"],
        props=present.by_kind["prop"],
        story=MappingProxyType(dict(present.story)),
        relationships=present.relations,
        threads=tuple(thread_states(connection, lineage, position).values()),
        synopses=synopses_before(connection, lineage, position, SYNOPSES),
    )


@dataclass(frozen=True, slots=True)
class CommitOutcome:
    """What a commit wrote: its row, and the rows of the statements that give way to others since."""

    commit: int
    overruled: list[int]


@dataclass(frozen=True, slots=True)
class HeldValue:
    """A value (in canonical spelling) that holds from `since` until `ends` on one branch, and the statement that began it."""

    since: StoryPosition
    ends: StoryPosition | None
    value: str
    statement: int


def timelines(
    connection: Connection, lineage: Lineage, since: StoryPosition, *, entity: int | None = None
) -> dict[tuple[str, str], list[HeldValue]]:
    """The values that hold on the branch from `since` on, by (entity, attribute), in story order, clipped to begin at `since`."""
    lines: defaultdict[tuple[str, str], list[HeldValue]] = defaultdict(list)
    columns = (
        EntityRow.slug,
        SpanRow.attribute,
        SpanRow.since,
        SpanRow.ends,
        type_coerce(SpanRow.value, Text),
        SpanRow.statement_id,
    )
    for segment in reversed(lineage.segments):
        if segment.until is not None and segment.until <= since:
            continue
        query = (
            select(*columns)
            .join(EntityRow, EntityRow.id == SpanRow.entity_id)
            .where(SpanRow.branch_id == segment.branch, SpanRow.ends > max(since, segment.since))
            .order_by(SpanRow.since)
        )
        if segment.until is not None:
            query = query.where(SpanRow.since < segment.until)
        if entity is not None:
            query = query.where(SpanRow.entity_id == entity)
        for slug, attribute, begins, ends, value, statement in connection.execute(query):
            if segment.until is not None and (ends is None or ends > segment.until):
                ends = segment.until
            _append(lines[slug, attribute], HeldValue(max(begins, since), ends, value, statement))
    return dict(lines)


def _append(line: list[HeldValue], value: HeldValue) -> None:
    """Add the next value to a timeline; equal values on both sides of a fork become one."""
    if line and line[-1].ends == value.since and line[-1].value == value.value:
        line[-1] = replace(line[-1], ends=value.ends)
    else:
        line.append(value)


def history(connection: Connection, lineage: Lineage, entity: str, database: str) -> tuple[Fact, ...]:
    """Everything that ever held about `entity`, by attribute and then in story order. Raises MemoryFault if unknown."""
    row = connection.execute(select(EntityRow.id).where(EntityRow.slug == entity)).scalar()
    if row is None:
        raise MemoryRefusal(f"{database}: no entity {entity!r}; known: {', '.join(entity_ids(connection)) or 'none'}")
    lines = timelines(connection, lineage, StoryPosition(0, 0), entity=row)
    statements = {value.statement for line in lines.values() for value in line}
    branches = [segment.branch for segment in lineage.segments]
    query = select(StatementRow.id, StatementRow.evidence).where(
        StatementRow.branch_id.in_(branches), StatementRow.entity_id == row
    )
    evidence: dict[int, Evidence] = {row: source for row, source in connection.execute(query) if row in statements}
    return tuple(
        Fact(
            entity=entity,
            attribute=attribute,
            value=json.loads(value.value),
            since=value.since,
            until=value.ends,
            evidence=evidence[value.statement],
        )
        for (_, attribute), line in sorted(lines.items())
        for value in line
    )


def edits(connection: Connection, lineage: Lineage, first: StoryPosition, last: StoryPosition) -> tuple[Fact, ...]:
    """The facts that the user or a merge states about any position from `first` to `last`, lowest in rank first."""
    branches = [segment.branch for segment in lineage.segments]
    by_hand = select(CommitRow.id).where(CommitRow.branch_id.in_(branches), CommitRow.kind != literal_column("'scene'"))
    query = (
        select(
            EntityRow.slug,
            StatementRow.attribute,
            StatementRow.value,
            StatementRow.since,
            StatementRow.stated_end,
            StatementRow.evidence,
        )
        .join(EntityRow, EntityRow.id == StatementRow.entity_id)
        .where(
            # from the few commits that are no scenes to what they state, not from a branch's million statements
            StatementRow.commit_id.in_(by_hand),
            lineage.sees(StatementRow.branch_id + 0, StatementRow.since, last),  # + 0: not by the index of branches
            StatementRow.stated_end > first,
        )
        .order_by(StatementRow.since, StatementRow.ordinal, StatementRow.id)
    )
    return tuple(
        Fact(entity=slug, attribute=attribute, value=value, since=since, until=end, evidence=evidence)
        for slug, attribute, value, since, end, evidence in connection.execute(query)
    )


def origins(connection: Connection, tree: BranchTree, statements: Iterable[int]) -> dict[int, Origin]:
    """The origins of statements, by their rows."""
    rows = sorted(set(statements))
    known: dict[int, Origin] = {}
    columns = (
        StatementRow.id,
        StatementRow.branch_id,
        StatementRow.since,
        StatementRow.evidence,
        CommitRow.kind,
        CommitRow.position,
        CommitRow.note,
        SceneRow.scene_id,
    )
    for first in range(0, len(rows), _AT_ONCE):
        query = (
            select(*columns)
            .join(CommitRow, CommitRow.id == StatementRow.commit_id)
            .outerjoin(SceneRow, SceneRow.id == CommitRow.scene_id)
            .where(StatementRow.id.in_(rows[first : first + _AT_ONCE]))
        )
        for row, branch, since, evidence, kind, position, note, scene in connection.execute(query):
            at = position if kind == "scene" else since
            known[row] = Origin(branch=tree.names[branch], position=at, evidence=evidence, scene_id=scene or "", note=note)
    return known


def conflicts(
    connection: Connection,
    tree: BranchTree,
    lineage: Lineage,
    first: StoryPosition | None = None,
    last: StoryPosition | None = None,
    *,
    outcome: CommitOutcome | None = None,
) -> tuple[Conflict, ...]:
    """The statements that give way to stronger evidence where they begin, in story order.

    `outcome` keeps those that the statements of this commit are part of.
    """
    if outcome is not None and not outcome.overruled:
        return ()
    weak, strong = aliased(StatementRow), aliased(StatementRow)
    query = (
        select(EntityRow.slug, weak.attribute, weak.since, weak.id, weak.value, strong.id, strong.value)
        .join(strong, strong.id == weak.overruled)
        .join(EntityRow, EntityRow.id == weak.entity_id)
        .where(lineage.sees(weak.branch_id, weak.since, last), weak.overruled.is_not(None))
        .order_by(weak.since, EntityRow.slug, weak.attribute, weak.id)
    )
    if first is not None:
        query = query.where(weak.since >= first)
    if outcome is not None:
        query = query.where(or_(weak.commit_id == outcome.commit, strong.commit_id == outcome.commit))
        if len(outcome.overruled) <= _AT_ONCE:
            query = query.where(weak.id.in_(outcome.overruled))
    rows = connection.execute(query).all()
    known = origins(connection, tree, [statement for row in rows for statement in (row[3], row[5])])
    return tuple(
        Conflict(
            entity=slug,
            attribute=attribute,
            position=since,
            holds=holds,
            holds_origin=known[stronger],
            overruled=weak_value,
            overruled_origin=known[weaker],
        )
        for slug, attribute, since, weaker, weak_value, stronger, holds in rows
    )
