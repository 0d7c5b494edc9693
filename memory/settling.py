"""Bringing the spans of stored statements up to date after some were added or taken back (`memory.spans` has the rule)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, bindparam, func, select, update

from memory.facts import StoryPosition
from memory.spans import Span, Statement, spans
from memory.tables import FactRow, canonical_json

__all__ = ["Touched", "settle"]

Touched = list[tuple[int, str, StoryPosition]]
"""Statements that came or went: the row of their entity, their attribute, and since when they held."""


def settle(connection: Connection, branch: int, touched: Touched) -> None:
    """Give every statement of the touched histories the span that follows from all of them.

    A change reaches back to the span before it and on to the next span that still begins where it began; only those are read.
    """
    reach: dict[tuple[int, str], tuple[StoryPosition, StoryPosition]] = {}
    for entity, attribute, since in touched:
        first, last = reach.get((entity, attribute), (since, since))
        reach[entity, attribute] = min(first, since), max(last, since)
    changes = [
        change
        for (entity, attribute), (first, last) in reach.items()
        for change in _History(connection, branch, entity, attribute).changes(first, last)
    ]
    if changes:
        settled = update(FactRow.__table__).where(FactRow.__table__.c.id == bindparam("row"))  # type: ignore[arg-type]
        connection.execute(settled.values(ends=bindparam("now_ends"), silent=bindparam("now_silent")), changes)


class _History:
    """All statements about one attribute of one entity on one branch."""

    def __init__(self, connection: Connection, branch: int, entity: int, attribute: str) -> None:
        self._connection = connection
        self._mine = (FactRow.branch_id == branch, FactRow.entity_id == entity, FactRow.attribute == attribute)

    def changes(self, first: StoryPosition, last: StoryPosition) -> Iterable[dict[str, Any]]:
        """What must be written after statements between `first` and `last` came or went."""
        start = self._span_start(func.max(FactRow.since), FactRow.since < first)
        while True:
            # the next span stays as it is if it still begins where it did, and so does all that follows it
            stop = self._span_start(func.min(FactRow.since), FactRow.since > last)
            rows = self._rows(start or first, stop)
            found = spans(sorted(rows, key=lambda one: one.order))
            if stop is None or any(not span.silent and span.statement.since == stop for span in found):
                break
            last = stop
        return [
            {"row": rows[span.statement]["id"], "now_ends": span.ends, "now_silent": span.silent}
            for span in found
            if span.statement.since != stop and _differs(rows[span.statement], span)
        ]

    def _span_start(self, which: Any, where: Any) -> StoryPosition | None:
        return self._connection.execute(select(which).where(*self._mine, FactRow.silent.is_(False), where)).scalar()

    def _rows(self, start: StoryPosition, stop: StoryPosition | None) -> dict[Statement, RowMapping]:
        query: Select[Any] = select(*FactRow.__table__.columns).where(*self._mine, FactRow.since >= start)
        if stop is not None:
            query = query.where(FactRow.since <= stop)
        return {_statement(row): row for row in self._connection.execute(query).mappings()}


def _differs(row: RowMapping, span: Span) -> bool:
    return bool(row["ends"] != span.ends or row["silent"] != span.silent)


def _statement(row: RowMapping) -> Statement:
    return Statement(
        value=canonical_json(row["value"]),
        since=row["since"],
        stated_end=row["stated_end"],
        evidence=row["evidence"],
        stated_at=row["stated_at"],
        ordinal=row["ordinal"],
    )
