"""The results of the benchmark of planners, for people and for programs."""

from __future__ import annotations

import json
import sys
from typing import Final

from rich.console import Console
from rich.table import Table

from episodic.lab.planner_bench.planner_report import Measure, PlannerReport, PlannerRow

__all__ = ["print_planner", "print_planner_json"]

_WIDTH: Final = 150
"""Columns of the table in a file."""


def print_planner(report: PlannerReport, examples: int = 0) -> None:
    """Print one row per measure with its goal, 95 % interval and baselines; then notes, and up to `examples` faults of each row."""
    console = Console()
    if not console.is_terminal:
        console = Console(width=_WIDTH)
    baselines = list(dict.fromkeys(name for row in report.rows for name in row.baselines))
    table = Table(title=f"planner: {report.planner}, 95 % interval in brackets", title_justify="left")
    for name in ("what", "value", "n", "goal", "", *baselines):
        table.add_column(name, justify="left" if name in ("what", "") else "right", overflow="fold")
    measured = [row for row in report.rows if row.measure is not None]
    for row in measured:
        table.add_row(
            row.what,
            _measure_cell(row),
            str(row.measure.n) if row.measure else "",
            _goal_cell(row),
            _verdict_cell(row),
            *(_value_cell(row.baselines[name], row.unit) if name in row.baselines else "" for name in baselines),
        )
    console.print(table)
    for row in report.rows:
        if row.note:
            console.print(f"{row.what}: {row.note}", soft_wrap=True, highlight=False)
    for row in measured:
        for example in (row.measure.examples if row.measure else ())[:examples]:
            console.print(f"  {row.what}: {example}", soft_wrap=True, highlight=False, markup=False)


def print_planner_json(report: PlannerReport) -> None:
    """Print one JSON object, format `episodic/bench-planner@1`."""
    sys.stdout.write(json.dumps(report.to_json(), ensure_ascii=False, indent=1) + "\n")


def _value_cell(value: float, unit: str) -> str:
    """A value in its unit."""
    if unit == "%":
        return f"{100 * value:.1f} %"
    return f"{value:.0f}" if value == int(value) and not unit else f"{value:.2f} {unit}".strip()


def _measure_cell(row: PlannerRow) -> str:
    """A value and its interval."""
    measure: Measure | None = row.measure
    if measure is None:
        return ""
    cell = _value_cell(measure.value, row.unit)
    if measure.interval is None:
        return cell
    low, high = (_value_cell(bound, row.unit).removesuffix(f" {row.unit}") for bound in measure.interval)
    return f"{cell} [{low}, {high}]"


def _goal_cell(row: PlannerRow) -> str:
    """The goal with its direction."""
    return "" if row.goal is None else f"{'≥' if row.better == 'high' else '≤'} {_value_cell(row.goal, row.unit)}"


def _verdict_cell(row: PlannerRow) -> str:
    """Whether the goal is met."""
    return "" if row.met is None else "met" if row.met else "missed"
