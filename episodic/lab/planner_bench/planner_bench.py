"""How good are plans? The measurement behind `episodic bench planner`.

A planner plans films of annotated prompts, of plain ones, of some prompts with several seeds and lengths, and of odd ones. Checks of
`planners.plan_checks` count what is wrong with them. The other planners, and `null`, which acts out what the reader understood, are measured
beside it.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from episodic.lab.planner_bench.film_plans import BENCH_PLANNERS, NULL_PLANNER, BenchPlanner, plan_film, plan_films
from episodic.lab.planner_bench.fresh_process import FreshRun, plan_in_fresh_process
from episodic.lab.planner_bench.measures import (
    Measures,
    content_measures,
    failure_measure,
    length_measures,
    plot_measure,
    reuse_measures,
    seed_measures,
    suite_measures,
)
from episodic.lab.planner_bench.odd_prompts import odd_prompts
from episodic.lab.planner_bench.planner_report import Measure, PlannerReport, PlannerRow
from episodic.lab.planner_bench.prompt_files import SHIPPED_SUITE, plain_prompts, read_suite
from episodic.lab.planner_bench.series_measures import SHIPPED_SERIES, series_measures
from planners.data_file import DataFile, read_data_file

__all__ = ["BENCH_PLANNERS", "SHIPPED_SERIES", "SHIPPED_SUITE", "BenchSize", "run_planner_bench"]

_LENGTHS: Final = (0.2, 0.5, 1.0, 5.0, 10.0, 20.0, 40.0)
_SPEED_PROMPT: Final = "A night porter hides a stray dog from the guests of a small hotel, and the owner finds it."


class _RowRule(DataFile):
    what: str
    unit: str = ""
    goal: float | None = None
    better: Literal["high", "low"] = "low"
    note: str = ""


class _RowTable(DataFile):
    rows: dict[str, _RowRule]
    by_people: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchSize:
    """How much is planned."""

    plain: int = 252
    """Plain prompts for the planner itself."""
    compared: int = 100
    """Plain prompts for reuse and for the baselines."""
    seeds: int = 20
    """Prompts that are planned with five seeds."""
    lengths: int = 5
    """Prompts that are planned with every length."""
    runs: int = 3
    """Fresh processes for each time; 0: measure no times."""
    fuzz: int = 300


def _time_measures(planner: BenchPlanner, runs: int) -> tuple[Measures, str]:
    """Medians of times and memory of fresh processes, and the time of the processor in words."""

    def measure(values: Sequence[float]) -> Measure:
        return Measure(value=statistics.median(values), n=len(values), interval=(min(values), max(values)))

    if runs == 0:
        return {}, ""
    short: list[FreshRun] = [plan_in_fresh_process(planner, _SPEED_PROMPT, 1.0) for _ in range(runs)]
    long: list[FreshRun] = [plan_in_fresh_process(planner, _SPEED_PROMPT, 10.0) for _ in range(runs)]
    cpu = " and ".join(f"{statistics.median(run.cpu_s for run in listed):.1f} s" for listed in (short, long))
    failed = "" if all(run.ok for run in (*short, *long)) else "; not every run made a plan"
    return {
        "seconds_1": measure([run.wall_s for run in short]),
        "seconds_10": measure([run.wall_s for run in long]),
        "memory": measure([run.peak_mb for run in long]),
    }, f"median, least and most of {runs}; processor {cpu}{failed}"


class _Bench:
    """One run of the benchmark."""

    def __init__(self, suite: Path, checker: Path | None, size: BenchSize, listen: Callable[[str], None]) -> None:
        self.path, self.checker, self.size, self.listen = suite, checker, size, listen
        self.suite = read_suite(suite)
        self.plain = plain_prompts()[: size.plain]
        self.compared = self.plain[: size.compared]
        self.notes: dict[str, str] = {}

    def common(self, planner: BenchPlanner, prompts: Sequence[str]) -> Measures:
        """What is measured of the planner and of its baselines."""
        self.listen(f"{planner}: {len(self.suite)} prompts of the suite")
        films = plan_films(planner, [prompt.prompt for prompt in self.suite], [prompt.minutes for prompt in self.suite])
        measures = suite_measures(self.suite, films, self.checker, self.path)
        plain = plan_films(planner, prompts, listen=self.listen)
        self.listen(f"{planner}: checking {len(plain)} plans")
        measures |= content_measures(plain) | reuse_measures(plain[: self.size.compared])
        return measures | {"failures": failure_measure([*films, *plain])}

    def repeated(self, planner: BenchPlanner) -> tuple[Measures, dict[str, str]]:
        """Seeds, lengths and times."""
        self.listen(f"{planner}: {self.size.seeds} prompts with 5 seeds, {self.size.lengths} with {len(_LENGTHS)} lengths")
        measures = seed_measures(planner, self.plain[:: max(1, len(self.plain) // self.size.seeds)][: self.size.seeds])
        lengths, words = length_measures(planner, self.plain[: self.size.lengths], _LENGTHS)
        self.listen(f"{planner}: planning in fresh processes")
        times, processor = _time_measures(planner, self.size.runs)
        return measures | lengths | times, {"length": words, "seconds_10": processor}

    def odd(self, planner: BenchPlanner) -> Measure:
        """Mutated and random prompts."""
        films = []
        for number, prompt in enumerate(odd_prompts(self.plain, self.size.fuzz), start=1):
            films.append(plan_film(planner, prompt))
            if number % 250 == 0:
                self.listen(f"{planner}: {number} of {self.size.fuzz} odd prompts")
        return failure_measure(films)


def run_planner_bench(
    planner: BenchPlanner = "story",
    *,
    suite: Path = SHIPPED_SUITE,
    checker: Path | None = None,
    series: Path = SHIPPED_SERIES,
    size: BenchSize | None = None,
    listen: Callable[[str], None] = lambda _: None,
) -> PlannerReport:
    """Measure a planner and its baselines. Everything is planned in this process, one film after the other.

    `checker`: a script that scores plans of the suite (`story_checker`); without it, events are compared by words.
    `series`: prompts of series, one episode a line, an empty line between series. Raises InputError.
    """
    bench = _Bench(suite, checker, size or BenchSize(), listen)
    measures = bench.common(planner, bench.plain)
    repeated, notes = bench.repeated(planner)
    if planner != NULL_PLANNER:
        listen(f"{planner}: series")
        measures |= series_measures(planner, series)
    measures |= repeated | {"plots": plot_measure(bench.plain), "fuzz": bench.odd(planner)}
    if checker is None:
        notes["explicit"] = "by comparing words; --checker names a stricter judge"
    baselines: dict[BenchPlanner, Measures] = {}
    for name in BENCH_PLANNERS:
        if name != planner:
            baselines[name] = bench.common(name, bench.compared)
            if name != NULL_PLANNER:
                baselines[name] |= bench.repeated(name)[0]
    return PlannerReport(
        planner=planner,
        settings={
            "suite": suite.name,
            "suite_prompts": len(bench.suite),
            "checker": checker.name if checker else "",
            "plain_prompts": len(bench.plain),
            "compared_prompts": len(bench.compared),
            "fuzz": bench.size.fuzz,
        },
        rows=tuple(_rows(measures, baselines, notes)),
    )


def _rows(measures: Measures, baselines: dict[BenchPlanner, Measures], notes: dict[str, str]) -> list[PlannerRow]:
    """Rows in the order of the table."""
    table = read_data_file(Path(__file__).with_name("data") / "rows.yaml", _RowTable)
    rows = [
        PlannerRow(
            what=rule.what,
            unit=rule.unit,
            goal=rule.goal,
            better=rule.better,
            measure=measures.get(key),
            baselines={name: measure.value for name, listed in baselines.items() if (measure := listed.get(key)) is not None},
            note=notes.get(key) or ("" if measures.get(key) is not None else rule.note or "nothing to measure"),
        )
        for key, rule in table.rows.items()
    ]
    return [*rows, *(PlannerRow(what=what, measure=None, note="judged by people") for what in table.by_people)]
