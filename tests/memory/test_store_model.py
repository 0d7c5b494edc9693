"""The store compared with a brute-force memory (`tests.bench.memory_plain`). `tests.bench.memory_model` runs the comparison for longer."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from memory.model.facts import Fact, StoryPosition
from memory.model.records import SceneRecord
from memory.store import MemoryStore
from tests.bench.memory_model import KINDS, run_model


def test_the_store_agrees_with_a_brute_force_memory(places: Any) -> None:
    assert run_model(places.fresh, examples=7, steps_each=30, seed=1, thorough_every=15) >= 60


def record(number: int, value: str, evidence: Any, back: int) -> SceneRecord:
    at = StoryPosition(1 + number // 3, 1 + number % 3)
    since = min(at, StoryPosition(1, 1 + back))
    fact = Fact(entity="ada", attribute="mood", value=value, since=since, evidence=evidence)
    return SceneRecord(position=at, scene_id=f"s{number}", key=f"{number}{value}", entities=(KINDS["ada"],), facts=(fact,))


RECORDS = st.lists(
    st.builds(
        record, st.integers(0, 5), st.sampled_from(["red", "blue"]), st.sampled_from(["planned", "seen"]), st.integers(0, 3)
    ),
    unique_by=lambda record: record.position,
    min_size=2,
    max_size=5,
)


@settings(max_examples=6, deadline=None, database=None, derandomize=True)
@given(RECORDS, st.randoms(use_true_random=False))
def check_order(fresh: Any, records: list[SceneRecord], chance: Any) -> None:
    shuffled = list(records)
    chance.shuffle(shuffled)
    with (
        fresh() as first_place,
        fresh() as second_place,
        MemoryStore.open(first_place) as first,
        MemoryStore.open(second_place) as second,
    ):
        for record in records:
            first.commit(record)
        for record in shuffled:
            second.commit(record)
        assert first.history("ada") == second.history("ada")
        assert first.conflicts() == second.conflicts()
        assert first.as_of(StoryPosition(9)) == second.as_of(StoryPosition(9))


def test_the_order_of_commits_makes_no_difference(places: Any) -> None:
    check_order(places.fresh)
