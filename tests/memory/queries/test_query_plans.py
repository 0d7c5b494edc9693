"""Query plans on a long series: SQLite uses indexes and never scans a table that grows with the story."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from memory.bench.synthetic_series import SyntheticSeries, fill
from memory.model.facts import StoryPosition
from memory.store import MemoryStore

SMALL = {"entities", "branches", "series"}
"""Tables that do not grow with the story."""
SERIES = SyntheticSeries(facts=2_000, scenes=60, branches=2)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MemoryStore]:
    """A series with branches of branches, whose lineages have several parts."""
    with MemoryStore.open(Path(tmp_path_factory.mktemp("plans"), "memory.db"), create=True) as opened:
        fill(opened, SERIES)
        opened.branch("deep", SERIES.position(SERIES.fork(2) + 1), SERIES.name(2))
        yield opened


def plans(store: MemoryStore, ask: Callable[[], Any]) -> list[str]:
    """Return SQLite's query plan of every SELECT that `ask` makes memory run."""
    executed: list[tuple[str, Any]] = []

    def listen(connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
        executed.append((statement, parameters))

    engine = store._database._engine
    event.listen(engine, "before_cursor_execute", listen)
    try:
        ask()
    finally:
        event.remove(engine, "before_cursor_execute", listen)
    with engine.connect() as connection:
        return [
            row[3]
            for statement, parameters in executed
            if statement.startswith("SELECT")
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        ]


ASKED: dict[str, Callable[[MemoryStore], Any]] = {
    "the canon": lambda store: store.as_of(SERIES.end, "deep"),
    "the canon at the fork of a parent": lambda store: store.as_of(StoryPosition(1, 1), "deep"),
    "the scenes": lambda store: store.committed("deep"),
    "the end": lambda store: store.end("deep"),
    "a history": lambda store: store.history("p0", "deep"),
    "what the user said": lambda store: store.edits(StoryPosition(1, 1), SERIES.end, "deep"),
    "conflicts": lambda store: store.conflicts("deep"),
}


@pytest.mark.parametrize("what", ASKED)
def test_no_query_scans_a_table_that_grows_with_the_story(store: MemoryStore, what: str) -> None:
    steps = plans(store, lambda: ASKED[what](store))
    assert any("USING" in line for line in steps)
    walked = [line for line in steps if line.startswith("SCAN") and line.split()[1] not in SMALL and "subquery" not in line]
    assert not walked, steps


def test_the_canon_finds_spans_by_the_interval_tree(store: MemoryStore) -> None:
    steps = plans(store, lambda: store.as_of(SERIES.end, "deep"))
    spans = [line for line in steps if "spans" in line]
    assert len(spans) == 3
    assert all("(branch_id=? AND node=? AND " in line for line in spans), spans


def test_edits_by_the_user_are_found_without_reading_all_statements(store: MemoryStore) -> None:
    steps = plans(store, lambda: store.edits(StoryPosition(1, 1), SERIES.end, "deep"))
    assert "SEARCH commits USING INDEX ix_commits_by_hand (branch_id=?)" in steps
    assert "SEARCH statements USING INDEX ix_statements_commit_id (commit_id=?)" in steps, steps
