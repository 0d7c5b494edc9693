"""Whether a memory is intact: every constraint, every reference, everything derived, every artifact it points to.

Nothing is taken on trust: disks fail, and people edit databases by hand.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final, get_args

import numpy as np
from sqlalchemy import Connection, Integer, Text, func, select, text, type_coerce
from sqlalchemy.exc import DatabaseError

from memory.model.canon import CHARACTER_KINDS, EntityKind
from memory.model.facts import Evidence, StoryPosition
from memory.model.limits import LAST_NUMBER
from memory.model.precedence import Statement, overruled, reaches, spans
from memory.model.records import EmbeddingKind
from memory.queries.embeddings import HashingEncoder, MiniLmEncoder
from memory.queries.statements import EntityAttribute, relevant_statements
from memory.schema.branch_lineage import BRANCH_NAME, BranchTree, Lineage
from memory.schema.interval_tree import node_of_span
from memory.schema.tables import (
    MAIN,
    NEVER,
    AppearanceRow,
    BranchRow,
    CommitKind,
    CommitRow,
    EmbeddingRow,
    EntityRow,
    KeyFrameRow,
    MetaRow,
    SceneRow,
    SpanRow,
    StatementRow,
    Table,
    TakeRow,
    ThreadRow,
    canonical_json,
)

__all__ = ["Fault", "verify"]

_AT_ONCE: Final = 5000
_MOST: Final = 1000
"""More faults than this tell the user nothing more."""
_RESTORE: Final = "restore the memory from a backup or an export"
_DERIVE: Final = "export it and import it into a new series, which derives it anew"


@dataclass(frozen=True, slots=True)
class Fault:
    """Something in memory that is not as it must be. `row` names the place, usually as `table id`."""

    row: str
    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.row}: {self.what}; {self.remedy}"


def verify(
    connection: Connection,
    artifacts: Callable[[str], bool] | None = None,
    files: Callable[[str, str], bool] | None = None,
) -> tuple[Fault, ...]:
    """Everything that is wrong, at most 1,000 faults. No fault: the memory is intact.

    `artifacts` says whether the artifact with a key exists, `files` whether it has a file of a name. Without them, artifacts and
    files are not checked. Where the database itself is damaged, or references break, later checks are skipped.
    """
    reported: list[Fault] = []
    for checks in (
        (_database(connection),),
        (_references(connection), _numbers(connection)),
        (_branches(connection), _rows(connection)),
        (_derived(connection), _embeddings(connection), _artifacts(connection, artifacts, files)),
    ):
        for faults in checks:
            for fault in faults:
                reported.append(fault)
                if len(reported) >= _MOST:
                    return tuple(reported)
        if reported:
            break
    return tuple(reported)


# The database itself, and references


def _database(connection: Connection) -> Iterator[Fault]:
    """SQLite's check of its own file. PostgreSQL has none; its checksums raise an error when a page is read."""
    if connection.dialect.name != "sqlite":
        return
    try:
        messages = [str(row[0]) for row in connection.execute(text("PRAGMA integrity_check(20)"))]
    except DatabaseError as err:
        messages = [str(err.orig)]
    yield from (Fault("database", message, _RESTORE) for message in messages if message != "ok")


def _references(connection: Connection) -> Iterator[Fault]:
    """Rows that refer to a missing row."""
    for table in Table.metadata.sorted_tables:
        for column in table.columns:
            for key in column.foreign_keys:
                yield from _dangling(connection, table, column, key.column)
    statements, rows = SpanRow.__table__, StatementRow.__table__
    yield from _dangling(connection, statements, statements.c.statement_id, rows.c.id, _DERIVE)
    yield from _dangling(connection, rows, rows.c.overruled, rows.alias().c.id, _DERIVE)


def _dangling(connection: Connection, table: Any, column: Any, target: Any, remedy: str = _RESTORE) -> Iterator[Fault]:
    other = target.table.alias()
    exists = select(other.c[target.name]).where(other.c[target.name] == column).exists()
    query = select(*table.primary_key.columns, column.label("missing")).where(column.is_not(None), ~exists)
    for *key, missing in connection.execute(query):
        yield Fault(
            f"{table.name} {_joined(key)}", f"{column.name} names {target.table.name} {missing}, which is not there", remedy
        )


def _joined(key: Iterable[Any]) -> str:
    """The key of a row, for messages."""
    return "/".join(map(str, key))


def _numbers(connection: Connection) -> Iterator[Fault]:
    """Invalid positions, and values that are not JSON or not in canonical spelling. Read raw: the column types would raise."""
    for model, positions, ends, values in _RAW:
        table = model.__table__
        key = [*table.primary_key.columns]
        columns: list[Any] = [type_coerce(table.c[name], Integer) for name in (*positions, *ends)]
        columns += [type_coerce(table.c[name], Text) for name in values]
        for row in _streamed(connection, select(*key, *columns)):
            where = f"{table.name} {_joined(row[: len(key)])}"
            cells = iter(row[len(key) :])
            for name in positions:
                yield from _position_fault(where, name, next(cells))
            for name in ends:
                number = next(cells)
                if number != NEVER:
                    yield from _position_fault(where, name, number)
            for name in values:
                yield from _value_fault(where, name, next(cells))


_RAW: Final[tuple[tuple[Any, tuple[str, ...], tuple[str, ...], tuple[str, ...]], ...]] = (
    (MetaRow, (), (), ("value",)),
    (BranchRow, ("forked_at",), (), ()),
    (SceneRow, ("position",), (), ()),
    (CommitRow, ("position",), (), ()),
    (AppearanceRow, ("position",), (), ()),
    (StatementRow, ("since", "stated_at"), ("stated_end", "reach"), ("value",)),
    (SpanRow, ("since",), ("ends",), ("value",)),
    (ThreadRow, ("position",), (), ()),
    (TakeRow, (), (), ("measures",)),
    (KeyFrameRow, (), (), ("shows",)),
)


def _position_fault(where: str, name: str, number: Any) -> Iterator[Fault]:
    if number is None and name == "forked_at":
        return
    if not isinstance(number, int) or number < 0 or StoryPosition.of_number(number).episode > LAST_NUMBER:
        yield Fault(where, f"{name} is {number!r}, which is no story position", _RESTORE)


def _value_fault(where: str, name: str, spelled: Any) -> Iterator[Fault]:
    try:
        value = json.loads(spelled)
        canonical = canonical_json(value) == spelled
    except (TypeError, ValueError, RecursionError):
        yield Fault(where, f"{name} is not JSON: {str(spelled)[:60]!r}", _RESTORE)
        return
    if not canonical:
        yield Fault(where, f"{name} is not in canonical spelling: {spelled[:60]!r}", _DERIVE)
    if name in ("measures", "shows") and not isinstance(value, dict):
        yield Fault(where, f"{name} is {spelled[:60]!r}; expected a JSON object", _RESTORE)


def _streamed(connection: Connection, query: Any) -> Iterator[Any]:
    """Rows in batches: a memory can be larger than RAM."""
    return iter(connection.execute(query, execution_options={"yield_per": _AT_ONCE}))


# Single rows, and rows that belong together


def _branches(connection: Connection) -> Iterator[Fault]:
    """Branches are one tree with the root `main`, and each forks where its parent is on its own."""
    rows = {row.id: row for row in connection.execute(select(BranchRow.__table__))}
    roots = [row.name for row in rows.values() if row.parent_id is None]
    if roots != [MAIN]:
        yield Fault("branches", f"without a parent: {', '.join(roots) or 'none'}; expected {MAIN} alone", _RESTORE)
    for row in rows.values():
        where = f"branches {row.id} ({row.name})"
        if not BRANCH_NAME.fullmatch(row.name):
            yield Fault(where, "has a name that no branch can have", _RESTORE)
        if (row.parent_id is None) != (row.forked_at is None):
            yield Fault(where, "has a parent without a fork, or a fork without a parent", _RESTORE)
        path, ancestor = set(), row
        while ancestor.parent_id is not None and ancestor.id not in path:
            path.add(ancestor.id)
            ancestor = rows[ancestor.parent_id]
        if ancestor.parent_id is not None:
            yield Fault(where, f"descends from itself through {rows[ancestor.parent_id].name}", _RESTORE)
        elif row.parent_id is not None and row.forked_at is not None:
            above = rows[row.parent_id]
            if above.forked_at is not None and row.forked_at < above.forked_at:
                yield Fault(where, f"forks at {row.forked_at}, before its parent {above.name} ({above.forked_at}) does", _RESTORE)


def _rows(connection: Connection) -> Iterator[Fault]:
    """Rows that are invalid by themselves, or do not match the row they belong to."""
    forks = {row: fork for row, fork in connection.execute(select(BranchRow.id, BranchRow.forked_at)) if fork is not None}
    yield from _entities(connection)
    for model, position in ((SceneRow, SceneRow.position), (StatementRow, StatementRow.since), (ThreadRow, ThreadRow.position)):
        for branch, fork in forks.items():
            early = select(model.id, position).where(model.branch_id == branch, position < fork)
            for row, at in connection.execute(early):
                yield Fault(f"{model.__tablename__} {row}", f"lies at {at}, before the fork of its branch ({fork})", _RESTORE)
    never = select(StatementRow.id, StatementRow.since, StatementRow.stated_end).where(
        StatementRow.stated_end <= StatementRow.since
    )
    for row, since, end in connection.execute(never):
        yield Fault(f"statements {row}", f"holds from {since} until {end}, which is never", _RESTORE)
    for table, key, column, choices in _CHOICES:
        for row, value in connection.execute(select(key, column).where(column.not_in(choices))):
            what = f"{column.key} is {value!r}; expected one of {', '.join(choices)}"
            yield Fault(f"{table} {row}", what, _RESTORE)
    for table, query, what in _BELONGING:
        for keys in connection.execute(query):
            yield Fault(f"{table} {_joined(keys)}", what, _RESTORE)


def _entities(connection: Connection) -> Iterator[Fault]:
    """Entities of an unknown kind."""
    for row in connection.execute(select(EntityRow.__table__)):
        where = f"entities {row.id} ({row.slug})"
        if row.kind not in get_args(EntityKind):
            yield Fault(where, f"kind is {row.kind!r}; expected one of {', '.join(get_args(EntityKind))}", _RESTORE)
        elif (row.kind == "character") != (row.character_kind in CHARACTER_KINDS):
            yield Fault(where, f"is a {row.kind} with character kind {row.character_kind!r}", _RESTORE)


_CHOICES: Final[tuple[tuple[str, Any, Any, tuple[str, ...]], ...]] = (
    ("statements", StatementRow.id, StatementRow.evidence, get_args(Evidence)),
    ("commits", CommitRow.id, CommitRow.kind, get_args(CommitKind)),
    ("embeddings", EmbeddingRow.id, EmbeddingRow.kind, get_args(EmbeddingKind)),
)
_BELONGING: Final[tuple[tuple[str, Any, str], ...]] = (
    (
        "appearances",
        select(AppearanceRow.scene_id, AppearanceRow.entity_id)
        .join(SceneRow, SceneRow.id == AppearanceRow.scene_id)
        .where((AppearanceRow.branch_id != SceneRow.branch_id) | (AppearanceRow.position != SceneRow.position)),
        "has another branch or position than its scene",
    ),
    (
        "commits",
        select(CommitRow.id)
        .outerjoin(SceneRow, SceneRow.id == CommitRow.scene_id)
        .where(
            ((CommitRow.kind == "scene") != CommitRow.scene_id.is_not(None))
            | (CommitRow.branch_id != SceneRow.branch_id)
            | (CommitRow.position != SceneRow.position)
        ),
        "is not of one scene, its branch and its position; only commits of kind scene have one",
    ),
    (
        "statements",
        select(StatementRow.id)
        .join(CommitRow, CommitRow.id == StatementRow.commit_id)
        .where(StatementRow.branch_id != CommitRow.branch_id),
        "is on another branch than its commit",
    ),
    (
        "thread_events",
        select(ThreadRow.id)
        .join(CommitRow, CommitRow.id == ThreadRow.commit_id)
        .where(ThreadRow.branch_id != CommitRow.branch_id),
        "is on another branch than its commit",
    ),
    (
        "embeddings",
        select(EmbeddingRow.id)
        .join(TakeRow, TakeRow.id == EmbeddingRow.take_id)
        .where(EmbeddingRow.scene_id != TakeRow.scene_id),
        "is of another scene than its take",
    ),
)


# What is derived


def _derived(connection: Connection) -> Iterator[Fault]:
    """Spans, reaches and conflicts that do not follow from the statements. Ancestors first: branches build on them."""
    tree = BranchTree(connection)
    entities = connection.scalars(select(EntityRow.id).order_by(EntityRow.id)).all()
    for branch in sorted(tree.names, key=lambda row: (tree.depth(row), row)):
        lineage = tree.lineage_of(branch)
        for first in range(0, len(entities), _ENTITIES_AT_ONCE):
            yield from _derived_of(connection, lineage, entities[first : first + _ENTITIES_AT_ONCE])


_ENTITIES_AT_ONCE: Final = 8


def _derived_of(connection: Connection, lineage: Lineage, entities: Any) -> Iterator[Fault]:
    stated = relevant_statements(connection, lineage, entities, lineage.fork, ignore_reach=True)
    stored: defaultdict[EntityAttribute, list[Any]] = defaultdict(list)
    query = select(
        SpanRow.id,
        SpanRow.entity_id,
        SpanRow.attribute,
        SpanRow.since,
        SpanRow.ends,
        type_coerce(SpanRow.value, Text).label("value"),
        SpanRow.node,
        SpanRow.statement_id,
    ).where(SpanRow.branch_id == lineage.branch, SpanRow.entity_id.in_(entities))
    for row in connection.execute(query.order_by(SpanRow.since, SpanRow.id)):
        stored[row.entity_id, row.attribute].append(row)
    for pair in sorted(stated.keys() | stored.keys()):
        rows = stated.get(pair, [])
        statements = [row.statement for row in rows]
        yield from _span_faults(lineage, pair, statements, stored.get(pair, []))
        reach, stronger = reaches(statements), overruled(statements, lineage.fork)
        for stated_row in rows:
            statement = stated_row.statement
            by = stronger[statement].id if statement in stronger else None
            if stated_row.own and (reach[statement], by) != (stated_row.reach, stated_row.overruled):
                what = f"reach {stated_row.reach} and overruled by {stated_row.overruled}; the rule gives {reach[statement]} and {by}"
                yield Fault(f"statements {statement.id}", what, _DERIVE)


def _span_faults(lineage: Lineage, pair: EntityAttribute, statements: list[Statement], stored: list[Any]) -> Iterator[Fault]:
    """Spans of one attribute that overlap, that do not follow from the statements, or that are missing."""
    for span, following in pairwise(stored):
        if span.ends is None or following.since < span.ends:
            what = f"holds until {span.ends or 'for ever'}, but spans {following.id} of the same attribute begins at {following.since}"
            yield Fault(f"spans {span.id}", what, _DERIVE)
    expected = {(span.since, span.ends, span.statement.value): span for span in spans(statements, lineage.fork)}
    known = {statement.id: statement for statement in statements}
    for span in stored:
        derived = expected.pop((span.since, span.ends, span.value), None)
        statement = known.get(span.statement_id)
        if derived is None:
            what = f"says {span.value[:60]} from {span.since} until {span.ends or 'for ever'}, which does not follow from the statements"
            yield Fault(f"spans {span.id}", what, _DERIVE)
        elif span.node != node_of_span(span.since, span.ends):
            what = f"is at node {span.node} of the interval tree; expected {node_of_span(span.since, span.ends)}"
            yield Fault(f"spans {span.id}", what, _DERIVE)
        elif statement is None or statement.value != span.value:
            what = f"names statement {span.statement_id} as its beginning, which states another value"
            yield Fault(f"spans {span.id}", what, _DERIVE)
    for since, ends, value in expected:
        what = f"{pair[1]} of entity {pair[0]} is {value[:60]} from {since} until {ends or 'for ever'}, and no span says so"
        yield Fault(f"branch {lineage.name}", what, _DERIVE)


# Vectors and artifacts


def _embeddings(connection: Connection) -> Iterator[Fault]:
    """Vectors of another size than most of their kind and encoder, not finite, or not normalised by an encoder that should."""
    normalising = {HashingEncoder().name, MiniLmEncoder().name}
    sizes: defaultdict[tuple[str, str], Counter[int]] = defaultdict(Counter)
    length = func.length(EmbeddingRow.vector)
    counted = select(EmbeddingRow.kind, EmbeddingRow.encoder, length, func.count())
    for kind, encoder, size, count in connection.execute(counted.group_by(EmbeddingRow.kind, EmbeddingRow.encoder, length)):
        sizes[kind, encoder][size] += count
    usual = {pair: max(counts, key=lambda size: (counts[size], size)) for pair, counts in sizes.items()}
    query = select(EmbeddingRow.id, EmbeddingRow.kind, EmbeddingRow.encoder, EmbeddingRow.vector, EmbeddingRow.likeness)
    for row, kind, encoder, vector, likeness in _streamed(connection, query):
        where, size = f"embeddings {row}", usual[kind, encoder]
        if len(vector) != size or not vector or size % 4:
            what = f"has {len(vector)} bytes; {kind} vectors of {encoder} have {size}, four for each dimension"
            yield Fault(where, what, _REMAKE)
            continue
        numbers = np.frombuffer(vector, "<f4").astype(np.float64)
        if not np.isfinite(numbers).all():
            yield Fault(where, "holds a number that is not finite", _REMAKE)
        elif encoder in normalising and min(abs(float(numbers @ numbers) - 1), float(numbers @ numbers)) > 0.01:
            yield Fault(where, f"has length {float(numbers @ numbers) ** 0.5:.3f}; those of {encoder} have length 1", _REMAKE)
        if likeness is not None and not -1.001 <= likeness <= 1.001:
            yield Fault(where, f"has likeness {likeness}; a cosine lies from -1 to 1", _REMAKE)


_REMAKE: Final = "render its scene again"


def _artifacts(
    connection: Connection, artifacts: Callable[[str], bool] | None, files: Callable[[str, str], bool] | None
) -> Iterator[Fault]:
    """Takes and key frames whose artifact, or file in it, is missing."""
    missing: set[str] = set()
    takes = select(TakeRow.id, TakeRow.shot_id, TakeRow.artifact, SceneRow.position, BranchRow.name)
    takes = takes.join(SceneRow, SceneRow.id == TakeRow.scene_id).join(BranchRow, BranchRow.id == SceneRow.branch_id)
    if artifacts is not None:
        exists: dict[str, bool] = {}
        for row, shot, key, position, branch in connection.execute(takes.order_by(TakeRow.id)).all():
            if key not in exists:
                exists[key] = artifacts(key)
            if not exists[key]:
                missing.add(key)
                what = f"the artifact {key[:16]} of shot {shot} ({branch} {position}) is not there"
                yield Fault(f"takes {row}", what, "render the scene again, or bring the folder `artifacts` back")
    if files is None:
        return
    frames = select(KeyFrameRow.id, KeyFrameRow.artifact, KeyFrameRow.file, TakeRow.shot_id).join(
        TakeRow, TakeRow.id == KeyFrameRow.take_id
    )
    for row, key, file, shot in connection.execute(frames.order_by(KeyFrameRow.id)).all():
        if key not in missing and not files(key, file):
            what = f"the picture {file} in artifact {key[:16]} of shot {shot} is not there"
            yield Fault(f"key_frames {row}", what, "render the scene again, or bring the folder `artifacts` back")
