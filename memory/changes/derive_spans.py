"""Updating what is derived from statements after some were added or removed. `memory.model.precedence` has the rule."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, Select, Text, bindparam, delete, func, insert, select, type_coerce, update

from memory.model.facts import StoryPosition
from memory.model.precedence import Span, overruled, reaches, spans
from memory.queries.statements import EntityAttribute, StoredStatement, relevant_statements
from memory.schema.branch_lineage import BranchTree, Lineage
from memory.schema.interval_tree import node_of_span
from memory.schema.tables import SpanRow, StatementRow

__all__ = ["Touched", "derive_all", "derive_branch", "next_id", "update_derived"]

Touched = Mapping[EntityAttribute, StoryPosition]
"""The attributes whose statements changed, each with the position from which on."""

_STATEMENTS: Final = StatementRow.__table__
_SPANS: Final = SpanRow.__table__
_ENTITIES_AT_ONCE: Final = 500
_STATEMENTS_AT_ONCE: Final = 50_000


@dataclass(frozen=True, slots=True)
class _StoredSpan:
    """A stored span."""

    id: int
    since: StoryPosition
    ends: StoryPosition | None
    value: str
    statement: int


def update_derived(connection: Connection, tree: BranchTree, branch: int, touched: Touched) -> list[int]:
    """Derive anew what follows from the statements of the touched attributes, on `branch` and on all that share its past.

    A change reaches forward only, from where it was stated; spans before that are not read.
    Returns the rows of the statements that give way to stronger ones from now on.
    """
    if not touched:
        return []
    newly_overruled = _update_branch(connection, tree.lineage_of(branch), touched)
    earliest = min(touched.values())
    for child in tree.children(branch):
        fork = tree.forks[child]
        if earliest >= fork:
            continue
        # `since` is passed on unchanged: a branch forked from this one at the very same position shares the same past
        shared = {pair: since for pair, since in touched.items() if since < fork}
        newly_overruled += update_derived(connection, tree, child, shared)
    return newly_overruled


def derive_branch(connection: Connection, lineage: Lineage) -> None:
    """Derive everything about one branch anew, for instance after it was forked."""
    connection.execute(delete(SpanRow).where(SpanRow.branch_id == lineage.branch))
    counts = connection.execute(
        select(StatementRow.entity_id, StatementRow.attribute, func.count())
        .where(lineage.sees(StatementRow.branch_id, StatementRow.since))
        .group_by(StatementRow.entity_id, StatementRow.attribute)
        .order_by(StatementRow.entity_id)
    ).all()
    batch: dict[EntityAttribute, StoryPosition] = {}
    statements = 0
    for entity, pairs in groupby(counts, key=lambda row: row[0]):
        for _, attribute, count in pairs:
            batch[entity, attribute] = lineage.fork
            statements += count
        if statements > _STATEMENTS_AT_ONCE or len({entity for entity, _ in batch}) >= _ENTITIES_AT_ONCE:
            _update_branch(connection, lineage, batch, everything=True)
            batch, statements = {}, 0
    if batch:
        _update_branch(connection, lineage, batch, everything=True)


def derive_all(connection: Connection, tree: BranchTree) -> None:
    """Derive everything anew on all branches: after an import, or where a newer version has another rule."""
    # ancestors first: a branch's spans depend on the derived reach of their statements
    for branch in sorted(tree.names, key=tree.depth):
        derive_branch(connection, tree.lineage_of(branch))


def _update_branch(connection: Connection, lineage: Lineage, touched: Touched, *, everything: bool = False) -> list[int]:
    begin = max(lineage.fork, min(touched.values()))
    entities = sorted({entity for entity, _ in touched})
    statements = relevant_statements(connection, lineage, entities, begin, ignore_reach=everything)
    stored = _stored_spans(connection, lineage.branch, entities, begin)
    changes = _Changes(lineage.branch)
    for pair, since in touched.items():
        changes.update_statements(statements.get(pair, []), max(since, lineage.fork))
        changes.update_spans(pair, statements.get(pair, []), stored.get(pair, []), max(since, lineage.fork))
    changes.write(connection)
    return changes.newly_overruled


def _stored_spans(
    connection: Connection, branch: int, entities: Collection[int], since: StoryPosition
) -> dict[EntityAttribute, list[_StoredSpan]]:
    """The branch's own spans about `entities` that reach `since`."""
    query = select(
        _SPANS.c.id,
        _SPANS.c.entity_id,
        _SPANS.c.attribute,
        _SPANS.c.since,
        _SPANS.c.ends,
        type_coerce(_SPANS.c.value, Text),
        _SPANS.c.statement_id,
    ).where(SpanRow.branch_id == branch, SpanRow.entity_id.in_(entities), SpanRow.ends >= since)
    stored: defaultdict[EntityAttribute, list[_StoredSpan]] = defaultdict(list)
    for row, entity, attribute, begins, ends, value, statement in connection.execute(query).all():
        stored[entity, attribute].append(_StoredSpan(row, begins, ends, value, statement))
    return stored


class _DerivedOfStatement(NamedTuple):
    """New derived values of a statement: the parameters of `_DERIVE`."""

    row: int
    now_reach: StoryPosition | None
    now_overruled: int | None


class _NewEnd(NamedTuple):
    """A new end of a stored span: the parameters of `_SHIFT`."""

    row: int
    now_ends: StoryPosition | None
    now_node: int


class _NewSpan(NamedTuple):
    """A span to insert: the parameters of `_ADD`, but for its id."""

    branch_id: int
    entity_id: int
    attribute: str
    spelled: str
    since: StoryPosition
    ends: StoryPosition | None
    node: int
    statement_id: int


class _Changes:
    """Gathers what has to be written for all touched attributes, so that each kind of change is one database statement."""

    def __init__(self, branch: int) -> None:
        self._branch = branch
        self.newly_overruled: list[int] = []
        """The rows of statements that give way, and did not before."""
        self._derived: list[_DerivedOfStatement] = []
        self._deleted: list[int] = []
        self._shifted: list[_NewEnd] = []
        self._new: list[_NewSpan] = []

    def update_statements(self, stored: Collection[StoredStatement], since: StoryPosition) -> None:
        """Update the reach of the branch's own statements, and which of them are overruled."""
        statements = [row.statement for row in stored]
        reach, stronger = reaches(statements), overruled(statements, since)
        for row in stored:
            if not row.own:
                continue
            by = stronger[row.statement].id if row.statement in stronger else None
            if row.statement.since < since:
                by = row.overruled
            if (reach[row.statement], by) != (row.reach, row.overruled):
                if by is not None and by != row.overruled:
                    self.newly_overruled.append(row.statement.id)
                self._derived.append(_DerivedOfStatement(row.statement.id, reach[row.statement], by))

    def update_spans(
        self,
        pair: EntityAttribute,
        statements: Collection[StoredStatement],
        stored: Collection[_StoredSpan],
        since: StoryPosition,
    ) -> None:
        """Clip the span that reaches over `since`, and write the spans from there on."""
        derived = spans([row.statement for row in statements], since)
        before = next((span for span in stored if span.since < since and (span.ends is None or span.ends >= since)), None)
        after = {span.since: span for span in stored if span.since >= since}
        if before is not None:
            ends: StoryPosition | None = since
            if derived and derived[0].since == since and derived[0].statement.value == before.value:
                ends = derived.pop(0).ends
            if ends != before.ends:
                self._shift(before.id, before.since, ends)
        for span in derived:
            old = after.pop(span.since, None)
            if old is not None and (old.value, old.statement) == (span.statement.value, span.statement.id):
                if old.ends != span.ends:
                    self._shift(old.id, span.since, span.ends)
                continue
            if old is not None:
                self._deleted.append(old.id)
            self._add(pair, span)
        self._deleted += [span.id for span in after.values()]

    def _shift(self, row: int, since: StoryPosition, ends: StoryPosition | None) -> None:
        self._shifted.append(_NewEnd(row, ends, node_of_span(since, ends)))

    def _add(self, pair: EntityAttribute, span: Span) -> None:
        """Note a span to insert."""
        self._new.append(
            _NewSpan(
                branch_id=self._branch,
                entity_id=pair[0],
                attribute=pair[1],
                spelled=span.statement.value,
                since=span.since,
                ends=span.ends,
                node=node_of_span(span.since, span.ends),
                statement_id=span.statement.id,
            )
        )

    def write(self, connection: Connection) -> None:
        """Write everything gathered."""
        if self._derived:
            connection.execute(_DERIVE, [change._asdict() for change in self._derived])
        for first in range(0, len(self._deleted), _ENTITIES_AT_ONCE):
            connection.execute(delete(SpanRow).where(SpanRow.id.in_(self._deleted[first : first + _ENTITIES_AT_ONCE])))
        if self._shifted:
            connection.execute(_SHIFT, [change._asdict() for change in self._shifted])
        if self._new:
            first_id = next_id(connection, SpanRow)
            connection.execute(_ADD, [{"id": first_id + number, **span._asdict()} for number, span in enumerate(self._new)])


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


def next_id(connection: Connection, table: Any) -> int:
    """The next free id. Writers queue up, so nobody else takes it meanwhile."""
    return connection.scalars(_latest_id(table)).one() + 1


@cache
def _latest_id(table: Any) -> Select[int]:
    return select(func.coalesce(func.max(table.id), 0))
