"""What holds at one position, read as quickly as the database gives it away: one look-up per part of the interval tree, queries that are
put together once, and entities that are built once for all canons in which they are the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, TypeVar, get_args

from sqlalchemy import BigInteger, Connection, CursorResult, Text, bindparam, exists, or_, select, type_coerce, union_all

from memory.model.canon import STORY, Character, EntityKind, Location, Prop, Relationship, Thread
from memory.model.entities import RELATION, entity_of, relations_of
from memory.model.facts import Fact, FactValue, StoryPosition
from memory.model.records import EntityRecord
from memory.schema.branch_lineage import Lineage
from memory.schema.interval_tree import LEVELS, OPEN, path_to
from memory.schema.tables import AppearanceRow, EntityRow, SceneRow, SpanRow, StatementRow, ThreadRow, parsed

__all__ = ["Entities", "Present", "entities_at", "facts_at", "held_at", "synopses_before", "thread_states"]

_SHORT: Final = 80
_PREFIX: Final = len(RELATION)
_T = TypeVar("_T", Character, Location, Prop)
_NOBODY: Final = -2
"""A node at which nothing hangs."""


def held_at(connection: Connection, branch: int, position: StoryPosition) -> list[tuple[int, str, str]]:
    """Entity, attribute and spelled value of every span on the branch itself that covers `position`, by the interval tree."""
    return _fetched(connection.execute(_HELD, _bounds(branch, position)))


def facts_at(connection: Connection, lineage: Lineage, position: StoryPosition) -> tuple[Fact, ...]:
    """Every fact that holds at `position`, with its evidence, by entity and attribute. On a branch none begins before its fork."""
    rows = connection.execute(_FACTS, _bounds(lineage.owner(position), position)).all()
    return tuple(
        Fact(entity=slug, attribute=attribute, value=_parsed(value), since=since, until=ends, evidence=evidence)
        for slug, attribute, value, since, ends, evidence in sorted(rows, key=lambda row: (row[0], row[1]))
    )


def _bounds(branch: int, position: StoryPosition) -> dict[str, int]:
    after, before = path_to(position.number + 1)
    nodes = {f"after{number}": node for number, node in enumerate(after + [_NOBODY] * (LEVELS - len(after)))}
    nodes |= {f"before{number}": node for number, node in enumerate(before + [_NOBODY] * (LEVELS - len(before)))}
    return {"branch": branch, "moment": position.number, **nodes}


def _fetched(result: CursorResult[Any]) -> list[Any]:
    """The driver's own rows: there are thousands, and their columns need no conversion."""
    with closing(result):
        return list(result.cursor.fetchall()) if result.cursor is not None else []


def _held(what: Any) -> Any:
    # three queries, for one with OR would make SQLite read the whole branch
    moment = bindparam("moment", type_=BigInteger)
    what = what.where(SpanRow.branch_id == bindparam("branch"))
    since, ends = type_coerce(SpanRow.since, BigInteger), type_coerce(SpanRow.ends, BigInteger)
    after, before = ([bindparam(f"{side}{level}", type_=BigInteger) for level in range(LEVELS)] for side in ("after", "before"))
    return union_all(
        what.where(SpanRow.node == OPEN, since <= moment),
        what.where(SpanRow.node.in_(after), since <= moment),
        what.where(SpanRow.node.in_(before), ends > moment),
    )


_VALUE: Final = type_coerce(SpanRow.value, Text)
_HELD: Final = _held(select(SpanRow.entity_id, SpanRow.attribute, _VALUE))
_FACTS: Final = _held(
    select(EntityRow.slug, SpanRow.attribute, _VALUE, SpanRow.since, SpanRow.ends, StatementRow.evidence)
    .join(EntityRow, EntityRow.id == SpanRow.entity_id)
    .join(StatementRow, StatementRow.id == SpanRow.statement_id)
)


class Entities(Mapping[str, _T]):
    """Entities of one kind by id, each built from its facts when it is first looked at: a canon has hundreds, a scene a few."""

    def __init__(self, records: Mapping[str, EntityRecord], facts: Mapping[str, Mapping[str, str]]) -> None:
        """`facts`: of each entity, the spelled value of every attribute that holds."""
        self._records, self._facts = records, facts
        self._built: dict[str, _T] = {}

    def __getitem__(self, slug: str) -> _T:
        if slug not in self._built:
            facts = {attribute: _parsed(value) for attribute, value in self._facts.get(slug, {}).items()}
            built: Any = entity_of(self._records[slug], facts)
            self._built[slug] = built
        return self._built[slug]

    def __iter__(self) -> Iterator[str]:
        return iter(self._records)

    def __len__(self) -> int:
        return len(self._records)

    def __contains__(self, slug: object) -> bool:
        return slug in self._records

    def __repr__(self) -> str:
        return f"Entities({', '.join(self._records)})"


@dataclass(frozen=True, slots=True)
class Present:
    """Everybody and everything there is at one position, by kind; how they stand to each other; and what holds of the story."""

    by_kind: Mapping[EntityKind, Entities[Any]]
    relations: tuple[Relationship, ...]
    story: Mapping[str, FactValue]


def entities_at(connection: Connection, lineage: Lineage, position: StoryPosition) -> Present:
    """Everybody and everything there is at `position`."""
    held: defaultdict[int, dict[str, str]] = defaultdict(dict)
    standing: defaultdict[int, list[tuple[str, str]]] = defaultdict(list)
    related: set[str] = set()
    for entity, attribute, value in held_at(connection, lineage.owner(position), position):
        if attribute[:_PREFIX] == RELATION:
            if len(value) > len("{}"):
                related.add(attribute[_PREFIX:])
            standing[entity].append((attribute, value))
        else:
            held[entity][attribute] = value
    there = held.keys() | standing.keys()
    records: dict[EntityKind, dict[str, EntityRecord]] = {kind: {} for kind in get_args(EntityKind)}
    facts: dict[str, Mapping[str, str]] = {}
    relations: list[Relationship] = []
    for row, slug, kind, character_kind, shown in _everybody(connection, lineage, position):
        if shown or row in there or slug in related:
            records[kind][slug] = _record(slug, kind, character_kind)
            facts[slug] = held.get(row, {})
            for attribute, value in sorted(standing.get(row, ())):
                relations += _relations(slug, attribute, value)
    story = {attribute: _parsed(value) for attribute, value in sorted(facts.get(STORY, {}).items())}
    return Present({kind: Entities(found, facts) for kind, found in records.items()}, tuple(relations), story)


@lru_cache(maxsize=16_384)
def _relations(slug: str, attribute: str, value: str) -> tuple[Relationship, ...]:
    return relations_of(slug, {attribute: parsed(value)})


@lru_cache(maxsize=4096)
def _record(slug: str, kind: EntityKind, character_kind: Any) -> EntityRecord:
    return EntityRecord(id=slug, kind=kind, character_kind=character_kind)


def _everybody(connection: Connection, lineage: Lineage, position: StoryPosition) -> Sequence[Any]:
    """All entities by id, and whether a scene that the branch sees has shown them by then."""
    parts = [one for one in lineage.segments if one.since <= position]
    bounds: dict[str, int] = {}
    for number, one in enumerate(parts):
        last = position.number if one.until is None else min(position.number, one.until.number - 1)
        bounds |= {f"branch{number}": one.branch, f"first{number}": one.since.number, f"last{number}": last}
    return _fetched(connection.execute(_everybody_query(len(parts)), bounds))


@lru_cache(maxsize=64)
def _everybody_query(parts: int) -> Any:
    at = type_coerce(AppearanceRow.position, BigInteger)
    # one EXISTS for each part, so that each is one look-up in the index
    shown = [
        exists().where(
            AppearanceRow.entity_id == EntityRow.id,
            AppearanceRow.branch_id == bindparam(f"branch{number}", type_=BigInteger),
            at >= bindparam(f"first{number}", type_=BigInteger),
            at <= bindparam(f"last{number}", type_=BigInteger),
        )
        for number in range(parts)
    ]
    columns = (EntityRow.id, EntityRow.slug, EntityRow.kind, EntityRow.character_kind)
    return select(*columns, or_(*shown)).order_by(EntityRow.slug)


def _parsed(value: str) -> FactValue:
    """A value from its spelling. Short ones recur by the thousand, and cannot be changed by whoever gets them."""
    if len(value) < _SHORT and value[:1] not in "[{":
        return _parsed_once(value)
    found: FactValue = parsed(value)
    return found


@lru_cache(maxsize=4096)
def _parsed_once(value: str) -> FactValue:
    found: FactValue = parsed(value)
    return found


def synopses_before(connection: Connection, lineage: Lineage, position: StoryPosition, count: int) -> tuple[str, ...]:
    """The latest synopses up to `position`, in story order."""
    found: list[str] = []
    for one in lineage.segments:  # the latest part first, each by its index
        if one.since <= position and len(found) < count:
            last = position if one.until is None else min(position, StoryPosition.of_number(one.until.number - 1))
            bounds = {"branch": one.branch, "first": one.since, "last": last, "count": count - len(found)}
            found += connection.scalars(_SYNOPSES, bounds)
    return tuple(reversed(found))


_SYNOPSES: Final = (
    select(SceneRow.synopsis)
    .where(
        SceneRow.branch_id == bindparam("branch"),
        SceneRow.position >= bindparam("first"),
        SceneRow.position <= bindparam("last"),
        SceneRow.synopsis != "",
    )
    .order_by(SceneRow.position.desc())
    .limit(bindparam("count", type_=BigInteger))
)


def thread_states(connection: Connection, lineage: Lineage, position: StoryPosition | None = None) -> dict[str, Thread]:
    """Threads as of `position` (None: the end), in the order in which they were opened."""
    found: dict[str, Thread] = {}
    for one in reversed(lineage.segments):  # in story order, each by its index
        if position is not None and one.since > position:
            break
        last = _LATEST if one.until is None else one.until.number - 1
        last = last if position is None else min(last, position.number)
        bounds = {"branch": one.branch, "first": one.since.number, "last": last}
        for thread, text in _fetched(connection.execute(_EVENTS, bounds)):
            if text is not None:
                found[thread] = _thread(thread, text, False)
            elif thread in found:  # its opening scene may have been made again without it
                found[thread] = _thread(thread, found[thread].text, True)
    return found


_LATEST: Final = 2**62
_AT: Final = type_coerce(ThreadRow.position, BigInteger)
_EVENTS: Final = (
    select(ThreadRow.thread, ThreadRow.text)
    .where(
        ThreadRow.branch_id == bindparam("branch"),
        bindparam("first", type_=BigInteger) <= _AT,
        bindparam("last", type_=BigInteger) >= _AT,
    )
    .order_by(ThreadRow.position, ThreadRow.id)
)


@lru_cache(maxsize=8192)
def _thread(thread: str, text: str, closed: bool) -> Thread:
    return Thread(id=thread, text=text, closed=closed)
