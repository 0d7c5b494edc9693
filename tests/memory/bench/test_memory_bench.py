"""The memory benchmark on a short, consistent series."""

from __future__ import annotations

from pathlib import Path

import pytest

from memory.bench.run import Figure, run_memory_bench
from memory.bench.synthetic_series import SyntheticSeries, fill
from memory.changes.derive_spans import derive_all
from memory.errors import MemoryFault
from memory.store import MemoryStore


def test_the_bench_prints_every_figure_with_its_goal(tmp_path: Path) -> None:
    heard: list[str] = []
    figures = run_memory_bench(tmp_path / "memory.db", facts=600, scenes=20, branches=2, listen=heard.append)
    by_name = {figure.what: figure for figure in figures}
    assert {
        "as_of p50",
        "as_of p99",
        "commit at the end p50",
        "recall p50",
        "set_fact p50",
        "fork in the middle p50",
    } <= by_name.keys()
    assert (by_name["as_of p50"].goal, by_name["as_of p99"].goal, by_name["commit at the end p50"].goal) == (5.0, 20.0, 10.0)
    assert all(figure.value > 0 for figure in figures)
    assert heard
    with pytest.raises(MemoryFault, match="an empty memory only"):
        run_memory_bench(tmp_path / "memory.db")


def test_a_figure_knows_whether_its_goal_is_met() -> None:
    assert [Figure("one", value, "ms", goal).met for value, goal in ((5.0, 5.0), (5.1, 5.0), (9.0, None))] == [True, False, True]


def test_the_generated_series_equals_one_committed_scene_by_scene(tmp_path: Path) -> None:
    series = SyntheticSeries(facts=400, scenes=10, branches=1, seed=3)
    with (
        MemoryStore.open(tmp_path / "bulk.db", create=True) as bulk,
        MemoryStore.open(tmp_path / "single.db", create=True) as single,
    ):
        fill(bulk, series)
        for number in range(series.length):
            single.commit(series.scene(number))
        single.branch(series.name(1), series.position(series.fork(1)))
        single.commit(series.scene(series.fork(1), 1))
        for name in ("main", series.name(1)):
            assert bulk.as_of(series.end, name) == single.as_of(series.end, name)
            assert bulk.committed(name) == single.committed(name)
        assert bulk.history("p0") == single.history("p0")
        owners, vectors = bulk.vectors("look", "bench-look")
        expected, others = single.vectors("look", "bench-look")
        assert owners == expected
        assert (vectors == others).all()


def test_derived_rows_of_the_generated_series_are_final(tmp_path: Path) -> None:
    with MemoryStore.open(tmp_path / "memory.db", create=True) as store:
        series = SyntheticSeries(facts=600, scenes=20, branches=2)
        fill(store, series)
        before = store.history("c0")
        with store._writing() as (connection, tree):
            derive_all(connection, tree)
        assert store.history("c0") == before
