"""Bringing what is derived from statements up to date after some were added or taken back (`memory.model.precedence` has the rule)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from typing import Any, Final

from sqlalchemy import Connection, Text, and_, bindparam, delete, func, insert, select, type_coerce, union_all, update

from memory.model.facts import StoryPosition
from memory.model.precedence import Span, Statement, overruled, reaches, spans
from memory.schema.branch_lineage import BranchTree, Lineage
from memory.schema.interval_tree import OPEN, node_of
from memory.schema.tables import SpanRow, StatementRow

__all__ = [
    "Pair",
    "Touched",
    "Written",
    "next_id",
    "node_at",
    "settle",
    "settle_all",
    "settle_branch",
    "statements_of",
]

Pair = tuple[int, str]
"""The row of an entity, and an attribute."""

Touched = Mapping[Pair, StoryPosition]
"""Which attributes of whom were stated, or no longer are, and from where on."""

_STATEMENTS: Final = StatementRow.__table__
_SPANS: Final = SpanRow.__table__
_ENTITIES_AT_ONCE: Final = 500
_STATEMENTS_AT_ONCE: Final = 50_000


@dataclass(frozen=True, slots=True)
class Written:
    """A commit that was written: its row, and the rows of the statements that give way to others than before."""

    commit: int
    overruled: list[int]


@dataclass(frozen=True, slots=True)
class _Row:
    """A stored statement, with what is derived for it so far."""

    statement: Statement
    own: bool
    """Whether it is on the branch itself, not on one of its ancestors."""
    reach: StoryPosition | None
    overruled: int | None


@dataclass(frozen=True, slots=True)
class _Held:
    """A stored span."""

    id: int
    since: StoryPosition
    ends: StoryPosition | None
    value: str
    statement: int


def settle(connection: Connection, tree: BranchTree, branch: int, touched: Touched) -> list[int]:
    """Derive anew what follows from the statements of the touched attributes, on `branch` and on all that share its past.

    A change reaches forward only, from where it was stated; what holds before that is not read.
    Returns the rows of the statements that give way to stronger ones from now on.
    """
    if not touched:
        return []
    found = _settle_one(connection, tree.lineage_of(branch), touched)
    earliest = min(touched.values())
    for child in tree.children(branch):
        fork = tree.forks[child]
        if earliest >= fork:
            continue
        # with `since` as it is: a branch forked from this one at the very same position shares the same past
        shared = {pair: since for pair, since in touched.items() if since < fork}
        found += settle(connection, tree, child, shared)
    return found


def settle_branch(connection: Connection, lineage: Lineage) -> None:
    """Derive everything about one branch anew, for instance when it has just been forked."""
    connection.execute(delete(SpanRow).where(SpanRow.branch_id == lineage.branch))
    counts = connection.execute(
        select(StatementRow.entity_id, StatementRow.attribute, func.count())
        .where(lineage.sees(StatementRow.branch_id, StatementRow.since))
        .group_by(StatementRow.entity_id, StatementRow.attribute)
        .order_by(StatementRow.entity_id)
    ).all()
    some: dict[Pair, StoryPosition] = {}
    waiting = 0
    for entity, pairs in groupby(counts, key=lambda row: row[0]):
        for _, attribute, count in pairs:
            some[entity, attribute] = lineage.fork
            waiting += count
        if waiting > _STATEMENTS_AT_ONCE or len({one for one, _ in some}) >= _ENTITIES_AT_ONCE:
            _settle_one(connection, lineage, some, everything=True)
            some, waiting = {}, 0
    if some:
        _settle_one(connection, lineage, some, everything=True)


def settle_all(connection: Connection, tree: BranchTree) -> None:
    """Derive everything anew, on all branches: after an import, or where a newer version has another rule."""
    # an ancestor's statements must be settled before a branch can tell which of them reach it
    for branch in sorted(tree.names, key=tree.depth):
        settle_branch(connection, tree.lineage_of(branch))


def statements_of(
    connection: Connection, lineage: Lineage, entities: Collection[int], since: StoryPosition, *, everything: bool = False
) -> dict[Pair, list[_Row]]:
    """Every statement about `entities` that can matter at `since` or later on the branch. `since` is not before the fork.

    `everything`: do not rely on what is derived for the branch's own statements.
    """
    own, *shared = lineage.segments
    mine = StatementRow.branch_id == own.branch
    seen = [mine if everything else and_(mine, StatementRow.reach >= since)]
    # an ancestor's statement counts if nothing closed it before the point at which the lines part
    seen += [
        and_(StatementRow.branch_id == one.branch, StatementRow.since < one.until, StatementRow.reach >= one.until)
        for one in shared
    ]
    query = select(
        _STATEMENTS.c.id,
        _STATEMENTS.c.branch_id,
        _STATEMENTS.c.entity_id,
        _STATEMENTS.c.attribute,
        type_coerce(_STATEMENTS.c.value, Text),
        _STATEMENTS.c.since,
        _STATEMENTS.c.stated_end,
        _STATEMENTS.c.evidence,
        _STATEMENTS.c.stated_at,
        _STATEMENTS.c.ordinal,
        _STATEMENTS.c.reach,
        _STATEMENTS.c.overruled,
    ).where(StatementRow.entity_id.in_(entities))
    # one query for each part of the lineage: of an `or` of them SQLite makes a walk through all that was ever said of the entities
    every = union_all(*(query.where(one) for one in seen))
    found: defaultdict[Pair, list[_Row]] = defaultdict(list)
    for row, branch, entity, attribute, value, begins, end, evidence, stated_at, ordinal, reach, by in connection.execute(
        every
    ).all():
        statement = Statement(
            id=row, value=value, since=begins, stated_end=end, evidence=evidence, stated_at=stated_at, ordinal=ordinal
        )
        found[entity, attribute].append(_Row(statement, branch == own.branch, reach, by))
    return found


def _settle_one(connection: Connection, lineage: Lineage, touched: Touched, *, everything: bool = False) -> list[int]:
    begin = max(lineage.fork, min(touched.values()))
    entities = sorted({entity for entity, _ in touched})
    rows = statements_of(connection, lineage, entities, begin, everything=everything)
    held = _held(connection, lineage.branch, entities, begin)
    changes = _Changes(lineage.branch)
    for pair, since in touched.items():
        changes.statements(rows.get(pair, []), max(since, lineage.fork))
        changes.spans(pair, rows.get(pair, []), held.get(pair, []), max(since, lineage.fork))
    changes.write(connection)
    return changes.overruled


def _held(connection: Connection, branch: int, entities: Collection[int], since: StoryPosition) -> dict[Pair, list[_Held]]:
    query = select(
        _SPANS.c.id,
        _SPANS.c.entity_id,
        _SPANS.c.attribute,
        _SPANS.c.since,
        _SPANS.c.ends,
        type_coerce(_SPANS.c.value, Text),
        _SPANS.c.statement_id,
    ).where(SpanRow.branch_id == branch, SpanRow.entity_id.in_(entities), SpanRow.ends >= since)
    found: defaultdict[Pair, list[_Held]] = defaultdict(list)
    for row, entity, attribute, begins, ends, value, statement in connection.execute(query).all():
        found[entity, attribute].append(_Held(row, begins, ends, value, statement))
    return found


class _Changes:
    """What has to be written, gathered over all touched attributes, so that each kind of change is one statement to the database."""

    def __init__(self, branch: int) -> None:
        self._branch = branch
        self.overruled: list[int] = []
        """Statements that give way, and did not before."""
        self._derived: list[dict[str, Any]] = []
        self._gone: list[int] = []
        self._shifted: list[dict[str, Any]] = []
        self._new: list[dict[str, Any]] = []

    def statements(self, rows: Collection[_Row], since: StoryPosition) -> None:
        """The reach of the branch's own statements, and which of them are overruled."""
        stated = [one.statement for one in rows]
        reach, over = reaches(stated), overruled(stated, since)
        for one in rows:
            if not one.own:
                continue
            by = over[one.statement].id if one.statement in over else None
            if one.statement.since < since:
                by = one.overruled
            if (reach[one.statement], by) != (one.reach, one.overruled):
                if by is not None and by != one.overruled:
                    self.overruled.append(one.statement.id)
                self._derived.append({"row": one.statement.id, "now_reach": reach[one.statement], "now_overruled": by})

    def spans(self, pair: Pair, rows: Collection[_Row], held: Collection[_Held], since: StoryPosition) -> None:
        """Clip what held before `since`, and write what holds from there on."""
        wanted = spans([one.statement for one in rows], since)
        before = next((one for one in held if one.since < since and (one.ends is None or one.ends >= since)), None)
        after = {one.since: one for one in held if one.since >= since}
        if before is not None:
            ends: StoryPosition | None = since
            if wanted and wanted[0].since == since and wanted[0].statement.value == before.value:
                ends = wanted.pop(0).ends
            if ends != before.ends:
                self._shift(before.id, before.since, ends)
        for span in wanted:
            there = after.pop(span.since, None)
            same = there is not None and (there.value, there.statement) == (span.statement.value, span.statement.id)
            if there is not None and same:
                if there.ends != span.ends:
                    self._shift(there.id, span.since, span.ends)
                continue
            if there is not None:
                self._gone.append(there.id)
            self._add(pair, span)
        self._gone += [one.id for one in after.values()]

    def _shift(self, row: int, since: StoryPosition, ends: StoryPosition | None) -> None:
        self._shifted.append({"row": row, "now_ends": ends, "now_node": node_at(since, ends)})

    def _add(self, pair: Pair, span: Span) -> None:
        self._new.append(
            {
                "branch_id": self._branch,
                "entity_id": pair[0],
                "attribute": pair[1],
                "spelled": span.statement.value,
                "since": span.since,
                "ends": span.ends,
                "node": node_at(span.since, span.ends),
                "statement_id": span.statement.id,
            }
        )

    def write(self, connection: Connection) -> None:
        """Write everything gathered."""
        if self._derived:
            connection.execute(_DERIVE, self._derived)
        for first in range(0, len(self._gone), _ENTITIES_AT_ONCE):
            connection.execute(delete(SpanRow).where(SpanRow.id.in_(self._gone[first : first + _ENTITIES_AT_ONCE])))
        if self._shifted:
            connection.execute(_SHIFT, self._shifted)
        if self._new:
            first_id = next_id(connection, SpanRow)
            connection.execute(_ADD, [{"id": first_id + number, **row} for number, row in enumerate(self._new)])


_DERIVE: Final = (
    update(_STATEMENTS)  # type: ignore[arg-type]
    .where(_STATEMENTS.c.id == bindparam("row"))
    .values(reach=bindparam("now_reach"), overruled=bindparam("now_overruled"))
)
_SHIFT: Final = (
    update(_SPANS)  # type: ignore[arg-type]
    .where(_SPANS.c.id == bindparam("row"))
    .values(ends=bindparam("now_ends"), node=bindparam("now_node"))
)
# the value is in its canonical spelling already
_ADD: Final = insert(SpanRow).values(value=bindparam("spelled", type_=Text))


def node_at(since: StoryPosition, ends: StoryPosition | None) -> int:
    """Where a span hangs in the interval tree, whose numbers begin at 1."""
    return OPEN if ends is None else node_of(since.number + 1, ends.number + 1)


def next_id(connection: Connection, table: Any) -> int:
    """The next free id. Writers queue up, so that nobody else takes it meanwhile."""
    return int(connection.execute(_latest(table)).scalar_one()) + 1


@cache
def _latest(table: Any) -> Any:
    return select(func.coalesce(func.max(table.id), 0))
