"""What holds at one position.

Reading is fast: one look-up for each part of the interval tree, queries that are built once, and values that are parsed once for
all canons in which they are the same.
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

__all__ = ["Entities", "Present", "entities_at", "facts_at", "spans_at", "synopses_before", "thread_states"]

_SHORT: Final = 80
_PREFIX: Final = len(RELATION)
_T = TypeVar("_T", Character, Location, Prop)
_EMPTY_NODE: Final = -2
"""A node without spans."""


def spans_at(connection: Connection, branch: int, position: StoryPosition) -> list[tuple[int, str, str]]:
    """Entity, attribute and spelled value of every span on the branch itself that covers `position`, by the interval tree."""
    return _fetched(connection.execute(_SPANS, _bounds(branch, position)))


def facts_at(connection: Connection, lineage: Lineage, position: StoryPosition) -> tuple[Fact, ...]:
    """Every fact that holds at `position`, by entity and attribute. On a branch, spans are clipped to begin at its fork."""
    rows = connection.execute(_FACTS, _bounds(lineage.owner(position), position)).all()
    return tuple(
        Fact(entity=slug, attribute=attribute, value=_parsed(value), since=since, until=ends, evidence=evidence)
        for slug, attribute, value, since, ends, evidence in sorted(rows, key=lambda row: (row[0], row[1]))
    )


def _bounds(branch: int, position: StoryPosition) -> dict[str, int]:
    """The parameters of `_covering`: the branch, the moment and its path through the interval tree."""
    after, before = path_to(position.number + 1)
    nodes = {f"after{number}": node for number, node in enumerate(after + [_EMPTY_NODE] * (LEVELS - len(after)))}
    nodes |= {f"before{number}": node for number, node in enumerate(before + [_EMPTY_NODE] * (LEVELS - len(before)))}
    return {"branch": branch, "moment": position.number, **nodes}


def _fetched(result: CursorResult[Any]) -> list[Any]:
    """The driver's own rows, unconverted: there are thousands, and their columns need no conversion."""
    with closing(result):
        return list(result.cursor.fetchall()) if result.cursor is not None else []


def _covering(query: Any) -> Any:
    """`query` (over SpanRow) for the spans of a branch that cover a moment."""
    # three queries: with one that uses OR, SQLite reads the whole branch
    moment = bindparam("moment", type_=BigInteger)
    query = query.where(SpanRow.branch_id == bindparam("branch"))
    since, ends = type_coerce(SpanRow.since, BigInteger), type_coerce(SpanRow.ends, BigInteger)
    after, before = ([bindparam(f"{side}{level}", type_=BigInteger) for level in range(LEVELS)] for side in ("after", "before"))
    return union_all(
        query.where(SpanRow.node == OPEN, since <= moment),
        query.where(SpanRow.node.in_(after), since <= moment),
        query.where(SpanRow.node.in_(before), ends > moment),
    )


_VALUE: Final = type_coerce(SpanRow.value, Text)
_SPANS: Final = _covering(select(SpanRow.entity_id, SpanRow.attribute, _VALUE))
_FACTS: Final = _covering(
    select(EntityRow.slug, SpanRow.attribute, _VALUE, SpanRow.since, SpanRow.ends, StatementRow.evidence)
    .join(EntityRow, EntityRow.id == SpanRow.entity_id)
    .join(StatementRow, StatementRow.id == SpanRow.statement_id)
)


class Entities(Mapping[str, _T]):
    """Entities of one kind by id. Each is built from its facts on first access: a canon has hundreds, a scene needs a few."""

    def __init__(self, records: Mapping[str, EntityRecord], facts: Mapping[str, Mapping[str, str]]) -> None:
        """`facts`: the spelled value of every attribute that holds, by entity and attribute."""
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
    """The entities that exist at one position, by kind, with their relations and what holds of the story as a whole."""

    by_kind: Mapping[EntityKind, Entities[Any]]
    relations: tuple[Relationship, ...]
    story: Mapping[str, FactValue]


def entities_at(connection: Connection, lineage: Lineage, position: StoryPosition) -> Present:
    """The entities that exist at `position`: shown by then, or named by a fact that holds."""
    values: defaultdict[int, dict[str, str]] = defaultdict(dict)
    relations_by_row: defaultdict[int, list[tuple[str, str]]] = defaultdict(list)
    related: set[str] = set()
    for entity, attribute, value in spans_at(connection, lineage.owner(position), position):
        if attribute[:_PREFIX] == RELATION:
            if len(value) > len("{}"):
                related.add(attribute[_PREFIX:])
            relations_by_row[entity].append((attribute, value))
        else:
            values[entity][attribute] = value
    described = values.keys() | relations_by_row.keys()
    records: dict[EntityKind, dict[str, EntityRecord]] = {kind: {} for kind in get_args(EntityKind)}
    facts: dict[str, Mapping[str, str]] = {}
    relations: list[Relationship] = []
    for row, slug, kind, character_kind, shown in _all_entities(connection, lineage, position):
        if shown or row in described or slug in related:
            records[kind][slug] = _record(slug, kind, character_kind)
            facts[slug] = values.get(row, {})
            for attribute, value in sorted(relations_by_row.get(row, ())):
                relations += _relations(slug, attribute, value)
    story = {attribute: _parsed(value) for attribute, value in sorted(facts.get(STORY, {}).items())}
    return Present({kind: Entities(by_id, facts) for kind, by_id in records.items()}, tuple(relations), story)


@lru_cache(maxsize=16_384)
def _relations(slug: str, attribute: str, value: str) -> tuple[Relationship, ...]:
    """The relations that a spelled attribute holds, cached."""
    return relations_of(slug, {attribute: parsed(value)})


@lru_cache(maxsize=4096)
def _record(slug: str, kind: EntityKind, character_kind: Any) -> EntityRecord:
    """The record of an entity, cached."""
    return EntityRecord(id=slug, kind=kind, character_kind=character_kind)


def _all_entities(connection: Connection, lineage: Lineage, position: StoryPosition) -> Sequence[Any]:
    """All entities, ordered by id, and whether a scene that the branch sees has shown them by `position`."""
    segments = [segment for segment in lineage.segments if segment.since <= position]
    bounds: dict[str, int] = {}
    for number, segment in enumerate(segments):
        last = position.number if segment.until is None else min(position.number, segment.until.number - 1)
        bounds |= {f"branch{number}": segment.branch, f"first{number}": segment.since.number, f"last{number}": last}
    return _fetched(connection.execute(_entities_query(len(segments)), bounds))


@lru_cache(maxsize=64)
def _entities_query(segments: int) -> Any:
    at = type_coerce(AppearanceRow.position, BigInteger)
    # one EXISTS for each segment, so that each is one look-up in the index
    shown = [
        exists().where(
            AppearanceRow.entity_id == EntityRow.id,
            AppearanceRow.branch_id == bindparam(f"branch{number}", type_=BigInteger),
            at >= bindparam(f"first{number}", type_=BigInteger),
            at <= bindparam(f"last{number}", type_=BigInteger),
        )
        for number in range(segments)
    ]
    columns = (EntityRow.id, EntityRow.slug, EntityRow.kind, EntityRow.character_kind)
    return select(*columns, or_(*shown)).order_by(EntityRow.slug)


def _parsed(value: str) -> FactValue:
    """A value from its spelling. Short scalars recur by the thousand and are immutable, so they are cached."""
    if len(value) < _SHORT and value[:1] not in "[{":
        return _parsed_once(value)
    return parsed(value)


@lru_cache(maxsize=4096)
def _parsed_once(value: str) -> FactValue:
    return parsed(value)


def synopses_before(connection: Connection, lineage: Lineage, position: StoryPosition, count: int) -> tuple[str, ...]:
    """The latest `count` synopses up to `position`, in story order."""
    synopses: list[str] = []
    for segment in lineage.segments:  # the latest part first, each by its index
        if segment.since <= position and len(synopses) < count:
            last = position if segment.until is None else min(position, StoryPosition.of_number(segment.until.number - 1))
            bounds = {"branch": segment.branch, "first": segment.since, "last": last, "count": count - len(synopses)}
            synopses += connection.scalars(_SYNOPSES, bounds)
    return tuple(reversed(synopses))


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
    threads: dict[str, Thread] = {}
    for segment in reversed(lineage.segments):  # in story order, each by its index
        if position is not None and segment.since > position:
            break
        last = _LATEST if segment.until is None else segment.until.number - 1
        last = last if position is None else min(last, position.number)
        bounds = {"branch": segment.branch, "first": segment.since.number, "last": last}
        for thread, text in _fetched(connection.execute(_EVENTS, bounds)):
            if text is not None:
                threads[thread] = _thread(thread, text, False)
            elif thread in threads:  # its opening scene may have been made again without it
                threads[thread] = _thread(thread, threads[thread].text, True)
    return threads


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
    """A thread, cached."""
    return Thread(id=thread, text=text, closed=closed)
