"""Reading memory: the canon at a position, histories, conflicts. Each function sees one moment of the database."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, Integer, Text, and_, or_, select, type_coerce
from sqlalchemy.orm import aliased

from memory.canon import Canon, Character, Location, Prop, Relationship, Thread
from memory.casting import RELATION, entity_of, relations_of
from memory.errors import MemoryFault
from memory.facts import Evidence, Fact, FactValue, StoryPosition
from memory.intervals import OPEN, path_to
from memory.lineage import BranchTree, Lineage
from memory.record import Conflict, EntityRecord, Origin
from memory.tables import (
    AppearanceRow,
    CommitRow,
    EntityRow,
    MetaRow,
    SceneRow,
    SpanRow,
    StatementRow,
    ThreadRow,
)

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
TITLE: Final = "title"
RULE_NAME: Final = "rule"
RULE: Final = "spans-2"
"""Changes whenever the same statements would give other spans; they are derived anew then."""

_T = TypeVar("_T", Character, Location, Prop)


def canon(connection: Connection, lineage: Lineage, position: StoryPosition) -> Canon:
    """All that holds at `position`: everything stated up to and including it."""
    entities, relations = _entities(connection, lineage, position)
    synopses = (
        select(SceneRow.synopsis)
        .where(lineage.sees(SceneRow.branch_id, SceneRow.position, position), SceneRow.synopsis != "")
        .order_by(SceneRow.position.desc())
        .limit(SYNOPSES)
    )
    return Canon(
        position=position,
        branch=lineage.name,
        title=str(connection.execute(select(MetaRow.value).where(MetaRow.name == TITLE)).scalar() or ""),
        characters=_of_kind(Character, entities),
        locations=_of_kind(Location, entities),
        props=_of_kind(Prop, entities),
        relationships=relations,
        threads=tuple(thread_states(connection, lineage, position).values()),
        synopses=tuple(reversed(connection.scalars(synopses).all())),
    )


def _entities(
    connection: Connection, lineage: Lineage, position: StoryPosition
) -> tuple[list[Character | Location | Prop], tuple[Relationship, ...]]:
    """Everybody and everything there is at `position`, and how they stand to each other."""
    facts: defaultdict[int, dict[str, FactValue]] = defaultdict(dict)
    for entity, attribute, value in _holding(connection, lineage.owner(position), position):
        facts[entity][attribute] = _parsed(value)
    rows = connection.execute(_ALL_ENTITIES).all()
    silent = [row.id for row in rows if row.id not in facts]
    there = set(facts)
    if silent:
        seen = select(AppearanceRow.entity_id).where(
            AppearanceRow.entity_id.in_(silent), lineage.sees(AppearanceRow.branch_id, AppearanceRow.position, position)
        )
        there |= set(connection.scalars(seen.distinct()))
    related = {name.removeprefix(RELATION) for each in facts.values() for name in each if name.startswith(RELATION)}
    entities = []
    relations: list[Relationship] = []
    for row, slug, kind, character_kind in rows:
        if row in there or slug in related:
            entities.append(entity_of(EntityRecord(id=slug, kind=kind, character_kind=character_kind), facts[row]))
            relations += relations_of(slug, facts[row])
    return entities, tuple(relations)


_ALL_ENTITIES: Final = select(EntityRow.id, EntityRow.slug, EntityRow.kind, EntityRow.character_kind).order_by(EntityRow.slug)


def _holding(connection: Connection, branch: int, position: StoryPosition) -> Iterable[Sequence[Any]]:
    """Entity, attribute and spelled value of every span that covers `position`, by the interval tree."""
    after, before = path_to(position.number + 1)
    node, since, ends = SpanRow.node, type_coerce(SpanRow.since, Integer), type_coerce(SpanRow.ends, Integer)
    what = select(SpanRow.entity_id, SpanRow.attribute, type_coerce(SpanRow.value, Text)).where(SpanRow.branch_id == branch)
    open_ones = connection.execute(what.where(node == OPEN, since <= position.number)).all()
    closed = connection.execute(
        what.where(or_(and_(node.in_(after), since <= position.number), and_(node.in_(before), ends > position.number)))
    ).all()
    return [*open_ones, *closed]


def _parsed(value: str) -> FactValue:
    """A value from its spelling. Short ones recur by the thousand, and cannot be changed by whoever gets them."""
    return _parsed_once(value) if len(value) < 80 and value[0] not in "[{" else json.loads(value)


@lru_cache(maxsize=20_000)
def _parsed_once(value: str) -> FactValue:
    found: FactValue = json.loads(value)
    return found


def _of_kind(kind: type[_T], entities: Iterable[object]) -> Mapping[str, _T]:
    return MappingProxyType({one.id: one for one in entities if isinstance(one, kind)})


def thread_states(connection: Connection, lineage: Lineage, position: StoryPosition | None = None) -> dict[str, Thread]:
    """Threads as of `position` (None: the end), in the order in which they were opened."""
    events = (
        select(ThreadRow.thread, ThreadRow.text)
        .where(lineage.sees(ThreadRow.branch_id, ThreadRow.position, position))
        .order_by(ThreadRow.position, ThreadRow.id)
    )
    found: dict[str, Thread] = {}
    for thread, text in connection.execute(events):
        if text is not None:
            found[thread] = Thread(id=thread, text=text)
        elif thread in found:  # its opening scene may have been made again without it
            found[thread] = Thread(id=thread, text=found[thread].text, closed=True)
    return found


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
        raise MemoryFault(f"{database}: no entity {entity!r}; known: {', '.join(slugs(connection)) or 'none'}")
    lines = timelines(connection, lineage, StoryPosition(0, 0), entity=row)
    began = {one.statement for line in lines.values() for one in line}
    query = select(StatementRow.id, StatementRow.evidence).where(StatementRow.entity_id == row)
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
    query = (
        select(EntityRow.slug, StatementRow.attribute, StatementRow.value, StatementRow.since, StatementRow.stated_end, StatementRow.evidence)
        .join(EntityRow, EntityRow.id == StatementRow.entity_id)
        .join(CommitRow, CommitRow.id == StatementRow.commit_id)
        .where(
            CommitRow.kind != "scene",
            lineage.sees(StatementRow.branch_id, StatementRow.since, last),
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
    commit: int | None = None,
) -> tuple[Conflict, ...]:
    """Statements that give way to stronger evidence where they begin, in story order; with `commit`, those it has a part in."""
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
    if commit is not None:
        query = query.where(or_(weak.commit_id == commit, strong.commit_id == commit))
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
