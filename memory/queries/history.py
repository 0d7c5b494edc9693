"""Reading memory: the canon at a position, histories, conflicts. Each function sees one moment of the database."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from sqlalchemy import Connection, Text, literal_column, or_, select, type_coerce
from sqlalchemy.orm import aliased

from memory.changes.derive_spans import Written
from memory.errors import MemoryRefusal
from memory.model.canon import Canon
from memory.model.facts import Evidence, Fact, StoryPosition
from memory.model.records import Conflict, Origin
from memory.queries.canon_at import entities_at, synopses_before, thread_states
from memory.schema.branch_lineage import BranchTree, Lineage
from memory.schema.tables import CommitRow, EntityRow, MetaRow, SceneRow, SpanRow, StatementRow

__all__ = [
    "SYNOPSES",
    "TITLE",
    "Held",
    "canon",
    "conflicts",
    "edits",
    "history",
    "origins",
    "slugs",
    "thread_states",
    "timelines",
]

SYNOPSES: Final = 100
"""How many of the latest synopses a canon carries."""
_AT_ONCE: Final = 500
TITLE: Final = "title"
RULE_NAME: Final = "rule"
RULE: Final = "spans-2"
"""Changes whenever the same statements would give other spans; they are derived anew then."""


def canon(connection: Connection, lineage: Lineage, position: StoryPosition) -> Canon:
    """All that holds at `position`: everything stated up to and including it."""
    there = entities_at(connection, lineage, position)
    return Canon(
        position=position,
        branch=lineage.name,
        title=str(connection.execute(select(MetaRow.value).where(MetaRow.name == TITLE)).scalar() or ""),
        characters=there.by_kind["character"],
        locations=there.by_kind["location"],
        props=there.by_kind["prop"],
        story=MappingProxyType(dict(there.story)),
        relationships=there.relations,
        threads=tuple(thread_states(connection, lineage, position).values()),
        synopses=synopses_before(connection, lineage, position, SYNOPSES),
    )


def slugs(connection: Connection) -> list[str]:
    """The ids of all entities."""
    return list(connection.scalars(select(EntityRow.slug).order_by(EntityRow.slug)))


@dataclass(frozen=True, slots=True)
class Held:
    """A value (in canonical spelling) that holds from `since` until `ends` on one branch, and the statement that began it."""

    since: StoryPosition
    ends: StoryPosition | None
    value: str
    statement: int


def timelines(
    connection: Connection, lineage: Lineage, since: StoryPosition, *, entity: int | None = None
) -> dict[tuple[str, str], list[Held]]:
    """For every (entity, attribute) what holds on the branch from `since` on, clipped to begin there, in story order."""
    found: defaultdict[tuple[str, str], list[Held]] = defaultdict(list)
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
            _append(found[slug, attribute], Held(max(begins, since), ends, value, statement))
    return dict(found)


def _append(line: list[Held], held: Held) -> None:
    """Add what holds next; the same value on both sides of a fork is one span."""
    if line and line[-1].ends == held.since and line[-1].value == held.value:
        line[-1] = replace(line[-1], ends=held.ends)
    else:
        line.append(held)


def history(connection: Connection, lineage: Lineage, entity: str, database: str) -> tuple[Fact, ...]:
    """Everything that ever held about `entity`, by attribute and then in story order. Raises MemoryFault if unknown."""
    row = connection.execute(select(EntityRow.id).where(EntityRow.slug == entity)).scalar()
    if row is None:
        raise MemoryRefusal(f"{database}: no entity {entity!r}; known: {', '.join(slugs(connection)) or 'none'}")
    lines = timelines(connection, lineage, StoryPosition(0, 0), entity=row)
    began = {one.statement for line in lines.values() for one in line}
    branches = [one.branch for one in lineage.segments]
    query = select(StatementRow.id, StatementRow.evidence).where(
        StatementRow.branch_id.in_(branches), StatementRow.entity_id == row
    )
    evidence: dict[int, Evidence] = {each: how for each, how in connection.execute(query) if each in began}
    return tuple(
        Fact(
            entity=entity,
            attribute=attribute,
            value=json.loads(one.value),
            since=one.since,
            until=one.ends,
            evidence=evidence[one.statement],
        )
        for (_, attribute), line in sorted(lines.items())
        for one in line
    )


def edits(connection: Connection, lineage: Lineage, first: StoryPosition, last: StoryPosition) -> tuple[Fact, ...]:
    """What the user, or a merge, says about any position from `first` to `last`; in the order in which it ranks."""
    branches = [one.branch for one in lineage.segments]
    by_hand = select(CommitRow.id).where(CommitRow.branch_id.in_(branches), CommitRow.kind != literal_column("'scene'"))
    query = (
        select(EntityRow.slug, StatementRow.attribute, StatementRow.value, StatementRow.since, StatementRow.stated_end, StatementRow.evidence)
        .join(EntityRow, EntityRow.id == StatementRow.entity_id)
        .where(
            # from the few commits that are no scenes to what they state, not from a branch's million statements
            StatementRow.commit_id.in_(by_hand),
            lineage.sees(StatementRow.branch_id + 0, StatementRow.since, last),  # + 0: not by the index of branches
            StatementRow.stated_end > first,
        )
        .order_by(StatementRow.since, StatementRow.ordinal, StatementRow.id)
    )  # fmt: skip
    return tuple(
        Fact(entity=slug, attribute=attribute, value=value, since=since, until=end, evidence=evidence)
        for slug, attribute, value, since, end, evidence in connection.execute(query)
    )


def origins(connection: Connection, tree: BranchTree, statements: Iterable[int]) -> dict[int, Origin]:
    """Where statements come from, by their rows."""
    wanted = sorted(set(statements))
    found: dict[int, Origin] = {}
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
    for first in range(0, len(wanted), 500):
        query = (
            select(*columns)
            .join(CommitRow, CommitRow.id == StatementRow.commit_id)
            .outerjoin(SceneRow, SceneRow.id == CommitRow.scene_id)
            .where(StatementRow.id.in_(wanted[first : first + 500]))
        )
        for row, branch, since, evidence, kind, position, note, scene in connection.execute(query):
            at = position if kind == "scene" else since
            found[row] = Origin(branch=tree.names[branch], position=at, evidence=evidence, scene_id=scene or "", note=note)
    return found


def conflicts(
    connection: Connection,
    tree: BranchTree,
    lineage: Lineage,
    first: StoryPosition | None = None,
    last: StoryPosition | None = None,
    *,
    written: Written | None = None,
) -> tuple[Conflict, ...]:
    """Statements that give way to stronger evidence where they begin, in story order; those that `written` has a part in."""
    if written is not None and not written.overruled:
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
    if written is not None:
        query = query.where(or_(weak.commit_id == written.commit, strong.commit_id == written.commit))
        if len(written.overruled) <= _AT_ONCE:
            query = query.where(weak.id.in_(written.overruled))
    rows = connection.execute(query).all()
    known = origins(connection, tree, [one for row in rows for one in (row[3], row[5])])
    return tuple(
        Conflict(
            entity=slug,
            attribute=attribute,
            position=since,
            holds=holds,
            holds_origin=known[stronger],
            overruled=said,
            overruled_origin=known[weaker],
        )
        for slug, attribute, since, weaker, said, stronger, holds in rows
    )
