"""The figures of `episodic bench planner`."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Literal

import numpy as np

__all__ = ["PLANNER_BENCH_FORMAT", "Measure", "PlannerReport", "PlannerRow", "count_of", "mean_of", "ratio_of"]

PLANNER_BENCH_FORMAT: Final = "episodic/bench-planner@1"
_RESAMPLES: Final = 1000
_MOST_EXAMPLES: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One value with the number of cases that it comes from."""

    value: float
    n: int
    interval: tuple[float, float] | None = None
    """95 %, by bootstrap over prompts; None for counts of everything there is."""
    examples: tuple[str, ...] = ()


def _percentiles(samples: np.ndarray[Any, np.dtype[np.float64]]) -> tuple[float, float]:
    """The middle 95 % of resampled values."""
    low, high = np.percentile(samples, [2.5, 97.5])
    return float(low), float(high)


def mean_of(values: Sequence[float], examples: Sequence[str] = ()) -> Measure | None:
    """The mean over prompts; None without any."""
    if not values:
        return None
    data = np.asarray(values, dtype=float)
    chosen = np.random.default_rng(0).integers(0, len(data), (_RESAMPLES, len(data)))
    return Measure(
        value=float(data.mean()),
        n=len(data),
        interval=_percentiles(data[chosen].mean(axis=1)),
        examples=tuple(examples[:_MOST_EXAMPLES]),
    )


def ratio_of(pairs: Sequence[tuple[int, int]], examples: Sequence[str] = ()) -> Measure | None:
    """A share of all lines, from (counted, all) of each prompt; `n` is the number of lines. None without lines."""
    data = np.asarray(pairs, dtype=float).reshape(-1, 2)
    total = float(data[:, 1].sum())
    if total == 0:
        return None
    chosen = np.random.default_rng(0).integers(0, len(data), (_RESAMPLES, len(data)))
    sums = data[chosen].sum(axis=1)
    shares = sums[:, 0] / np.maximum(sums[:, 1], 1)
    return Measure(
        value=float(data[:, 0].sum() / total),
        n=int(total),
        interval=_percentiles(shares),
        examples=tuple(examples[:_MOST_EXAMPLES]),
    )


def count_of(faults: Sequence[str], n: int) -> Measure:
    """A number of faults among `n` cases, all of which were looked at."""
    return Measure(value=float(len(faults)), n=n, examples=tuple(dict.fromkeys(faults))[:_MOST_EXAMPLES])


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannerRow:
    """One row: the planner's measure, its goal, and the same measure of the baselines."""

    what: str
    unit: str = ""
    """`%`, `s`, `MB`, or nothing for counts and means."""
    goal: float | None = None
    better: Literal["high", "low"] = "low"
    measure: Measure | None
    """None: not measured; the note says why."""
    baselines: Mapping[str, float] = field(default_factory=dict)
    note: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the goal is met; None without a goal or a measure."""
        if self.goal is None or self.measure is None or math.isnan(self.measure.value):
            return None
        return self.measure.value >= self.goal if self.better == "high" else self.measure.value <= self.goal


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannerReport:
    """All rows of one run."""

    planner: str
    settings: Mapping[str, str | int]
    rows: tuple[PlannerRow, ...]

    def to_json(self) -> dict[str, object]:
        """Everything in format `episodic/bench-planner@1`."""
        rows = [asdict(row) | {"met": row.met} for row in self.rows]
        return {"format": PLANNER_BENCH_FORMAT, "planner": self.planner, "settings": dict(self.settings), "rows": rows}
