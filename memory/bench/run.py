"""The benchmark of memory: `run_memory_bench` fills a database with a long series and times the usual queries and changes."""

from __future__ import annotations

import random
import statistics
import subprocess
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from memory.bench.synthetic_series import TEXT_ENCODER, SyntheticSeries, fill
from memory.errors import MemoryFault
from memory.model.facts import Fact
from memory.queries.recall import Need
from memory.store import MemoryStore

__all__ = ["Figure", "run_memory_bench"]

_POSITIONS: Final = 1_000
_COMMITS: Final = 60
_RECALLS: Final = 60


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure. `goal` is the largest acceptable value; None: there is none."""

    what: str
    value: float
    unit: str
    goal: float | None = None

    @property
    def met(self) -> bool:
        """Whether the goal is met; True without one."""
        return self.goal is None or self.value <= self.goal


def run_memory_bench(
    location: str | Path,
    *,
    facts: int = 1_000_000,
    scenes: int = 10_000,
    branches: int = 20,
    seed: int = 0,
    listen: Callable[[str], None] = lambda _: None,
    show: Sequence[str] = (),
) -> list[Figure]:
    """Fill an empty memory at `location` with a synthetic series and measure.

    `listen` is called with messages about the progress. `show` is a command that prints this memory; it is measured including the
    start of its process. Raises MemoryFault, also where the memory has scenes already.
    """
    series = SyntheticSeries(facts, scenes, branches, seed)
    figures: list[Figure] = []
    with MemoryStore.open(location, create=True) as store:
        if store.end() is not None:
            raise MemoryFault(f"{location}: holds a series; the bench fills an empty memory only: name a new file or schema")
        listen(f"generating {series.scenes:,} scenes with {series.facts_each * series.scenes:,} facts")
        began = time.perf_counter()
        fill(store, series, listen)
        figures.append(Figure("filling", time.perf_counter() - began, "s", 180.0 if facts <= 1_000_000 else None))
    if "://" not in str(location):
        figures.append(Figure("size on disk", Path(location).stat().st_size / 2**20, "MiB"))
    listen("opening")
    figures += _first_look(location, series)
    with MemoryStore.open(location) as store:
        for measure in (_as_of, _branches, _recall, _commits):
            listen(f"measuring {measure.__name__.strip('_').replace('_', ' ')}")
            figures += measure(store, series)
    if show:
        listen("measuring the command")
        figures.append(_command(show))
    return figures


def _first_look(location: str | Path, series: SyntheticSeries) -> list[Figure]:
    """Opening a memory and its first canon."""

    def look() -> None:
        with MemoryStore.open(location) as store:
            store.as_of(series.end)

    return _percentiles("opening + as_of", _timed(look for _ in range(10)), p50=1000.0)


def _as_of(store: MemoryStore, series: SyntheticSeries) -> list[Figure]:
    chance = random.Random(series.seed)
    calls = [
        (series.position(chance.randrange(series.length)), series.name(chance.randint(0, series.branches)))
        for _ in range(_POSITIONS)
    ]
    for at, branch in calls[
        :20
    ]:  # warm up: after a few calls the database has cached its pages and the process its compiled queries
        store.as_of(at, branch)
    return _percentiles("as_of", _timed(_call(store.as_of, at, branch) for at, branch in calls), p50=5.0, p99=20.0)


def _commits(store: MemoryStore, series: SyntheticSeries) -> list[Figure]:
    chance = random.Random(series.seed)
    new = [series.scene(series.length + number, facts=min(50, series.facts_each), key="new") for number in range(_COMMITS)]
    middle = [chance.randrange(series.length) for _ in range(_COMMITS)]
    again = [series.scene(number, facts=min(50, series.facts_each), key="again") for number in dict.fromkeys(middle)]
    facts = [
        Fact(
            entity="guest_1", attribute="wearing", value=f"coat {number}", since=series.position(chance.randrange(series.length))
        )
        for number in range(_COMMITS)
    ]
    return [
        *_percentiles("commit at the end", _timed(_call(store.commit, record) for record in new), p50=10.0),
        *_percentiles("commit again in the middle", _timed(_call(store.commit, record) for record in again)),
        *_percentiles("set_fact", _timed(_call(store.set_fact, fact) for fact in facts)),
    ]


def _branches(store: MemoryStore, series: SyntheticSeries) -> list[Figure]:
    """Forking, comparing and deleting branches."""
    middle = series.position(series.length // 2)
    fork = _timed(_call(store.branch, f"bench-{number}", middle) for number in range(3))
    name = series.name(min(1, series.branches))
    diff = _timed(_call(store.diff, "main", name) for _ in range(3))
    diff_at = _timed(_call(store.diff, "main", name, series.end) for _ in range(3))
    deletion = _timed(_call(store.delete_branch, f"bench-{number}") for number in range(3))
    return [
        Figure("fork in the middle p50", statistics.median(fork), "ms"),
        Figure("diff of whole branches p50", statistics.median(diff), "ms"),
        Figure("diff at one position p50", statistics.median(diff_at), "ms"),
        Figure("deleting a branch p50", statistics.median(deletion), "ms"),
    ]


def _recall(store: MemoryStore, series: SyntheticSeries) -> list[Figure]:
    """Recalling memories for scenes."""
    chance = random.Random(series.seed)
    needs = []
    for _ in range(_RECALLS):
        scene = series.scene(chance.randrange(series.length))
        present = [entity for entity in scene.entities if entity.kind != "location"]
        place = next(entity.id for entity in scene.entities if entity.kind == "location")
        needs.append(
            Need(
                position=scene.position,
                entities=tuple(entity.id for entity in present),
                location=place,
                text=scene.synopsis,
                embedding=scene.text_embedding,
                encoder=TEXT_ENCODER,
            )
        )
    first = _timed([_call(store.recall, needs[0])])
    return [
        Figure("first recall", first[0], "ms"),
        *_percentiles("recall", _timed(_call(store.recall, need) for need in needs), p50=30.0),
    ]


def _command(words: Sequence[str]) -> Figure:
    def run() -> None:
        subprocess.run(words, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)  # noqa: S603

    return Figure("process start + memory show, median of 5", statistics.median(_timed(run for _ in range(5))) / 1000, "s", 1.0)


def _call(function: Callable[..., Any], *arguments: Any) -> Callable[[], Any]:
    """A call without arguments, for `_timed`."""
    return lambda: function(*arguments)


def _timed(calls: Iterable[Callable[[], Any]]) -> list[float]:
    """The duration of each call, in milliseconds."""
    times = []
    for call in calls:
        began = time.perf_counter()
        call()
        times.append((time.perf_counter() - began) * 1000)
    return times


def _percentiles(what: str, times: list[float], *, p50: float | None = None, p99: float | None = None) -> list[Figure]:
    """The median and the 99th percentile."""
    order = sorted(times)
    high = order[min(len(order) - 1, int(len(order) * 0.99))]
    return [Figure(f"{what} p50", statistics.median(times), "ms", p50), Figure(f"{what} p99", high, "ms", p99)]
