"""The results of benchmarks, for people and for programs."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Sequence
from dataclasses import asdict

from rich.console import Console
from rich.table import Table

from episodic.errors import InputError
from episodic.lab.backbone_bench.figures import BACKBONES_FORMAT, GOAL_OUTSIDE, AdapterFigures
from episodic.lab.continuity_bench.continuity_report import (
    CONDITION_NAMES,
    CONDITIONS,
    GOALS,
    WITH_MEMORY,
    Condition,
    ContinuityReport,
)
from episodic.lab.continuity_bench.measurements import LIGHT_GAPS, MEASURED_KINDS, LightChange, LightGap
from episodic.quality.identity_figure import IdentityFigure, share_words, ways_words
from episodic.quality.recurrence import GapFigure
from memory.bench.run import Figure
from memory.model.records import EmbeddingKind

__all__ = [
    "check_minimum",
    "print_backbones",
    "print_backbones_json",
    "print_continuity",
    "print_continuity_json",
    "print_figures",
    "print_figures_json",
    "print_progress",
]


def check_minimum(option: str, value: float, minimum: int) -> None:
    """Raise InputError for a value below `minimum`, infinity and NaN."""
    if not minimum <= value < math.inf:
        raise InputError(f"{option}: expected at least {minimum}, found {value}")


def print_progress(text: str) -> None:
    """Print to standard error, which leaves standard output to the result."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def print_figures(figures: Sequence[Figure]) -> None:
    """Print one row per figure, with its goal."""
    table = Table(title="memory", title_justify="left")
    for name in ("what", "value", "unit", "goal", ""):
        table.add_column(name, justify="right" if name in ("value", "goal") else "left")
    for figure in figures:
        goal = "" if figure.goal is None else f"{figure.goal:g}"
        verdict = "" if figure.goal is None else _verdict(figure.met)
        table.add_row(figure.what, f"{figure.value:.3g}", figure.unit, goal, verdict)
    Console().print(table)


def print_figures_json(figures: Sequence[Figure]) -> None:
    """Print one JSON object."""
    sys.stdout.write(json.dumps({"figures": [asdict(figure) for figure in figures]}, ensure_ascii=False, indent=1) + "\n")


def print_continuity(report: ContinuityReport) -> None:
    """Print identification by gap, and light, under every condition side by side."""
    console = Console()
    for kind in MEASURED_KINDS:
        figure = report.identity(kind)
        console.print(_identity_table(report, kind))
        console.print(figure.words(), soft_wrap=True, highlight=False)
        console.print(f"{figure.judge}: {figure.registered.note}\n", soft_wrap=True, highlight=False)
    console.print(_light_table(report))
    console.print(f"{report.unverified} correct vectors of the series with memory were not verified")


def print_continuity_json(report: ContinuityReport) -> None:
    """Print one JSON object, format `episodic/continuity@2`."""
    sys.stdout.write(json.dumps(report.to_json(), ensure_ascii=False, indent=1) + "\n")


def print_backbones(figures: Sequence[AdapterFigures], *, timed: bool) -> None:
    """Print the time besides the models' own calls, repeated encodings, and how many memories arrived in which form."""
    console = Console()
    if timed:
        console.print(_overhead_table(figures))
    console.print(_delivery_table(figures))
    for adapter in figures:
        forms: dict[str, list[str]] = {}
        for kind, form in sorted(adapter.forms.items()):
            forms.setdefault(form or "not at all", []).append(kind)
        summary = "; ".join(f"{form}: {', '.join(kinds)}" for form, kinds in sorted(forms.items()))
        console.print(f"{adapter.model}  {summary}", soft_wrap=True, highlight=False)


def _overhead_table(figures: Sequence[AdapterFigures]) -> Table:
    table = Table(title="time besides the model's own call", title_justify="left")
    for name in ("model", "first shot", "later shots", "of their time", "goal", "waited"):
        table.add_column(name, justify="left" if name == "model" else "right", overflow="fold", no_wrap=name != "model")
    for adapter in figures:
        worst = max(adapter.outside)
        goal = f"{100 * GOAL_OUTSIDE:g} % {_verdict(worst <= GOAL_OUTSIDE)}"
        shares = ", ".join(f"{100 * share:.1f} %" for share in adapter.outside)
        times = (f"{adapter.first_s:.1f} s", f"{adapter.outside_s:.2f} s")
        table.add_row(adapter.model, *times, shares, goal, f"{100 * adapter.waited:.1f} %")
    return table


def _delivery_table(figures: Sequence[AdapterFigures]) -> Table:
    table = Table(title="encodings and memories", title_justify="left")
    for name in ("model", "encoded", "twice", "goal", "requested", "delivered", "lost"):
        table.add_column(name, justify="left" if name == "model" else "right", overflow="fold", no_wrap=name != "model")
    for adapter in figures:
        encoded = sum(count for count, _ in adapter.encoded.values())
        counts = (str(encoded), str(adapter.repeated), f"0 {_verdict(adapter.repeated == 0)}")
        table.add_row(adapter.model, *counts, str(adapter.requested), str(adapter.delivered), str(adapter.errors))
    return table


def print_backbones_json(figures: Sequence[AdapterFigures], *, timed: bool) -> None:
    """Print one JSON object, format `episodic/bench-backbones@1`."""
    report = {"format": BACKBONES_FORMAT, "timed": timed, "models": [adapter.to_json() for adapter in figures]}
    sys.stdout.write(json.dumps(report, ensure_ascii=False, indent=1) + "\n")


def _identity_table(report: ContinuityReport, kind: EmbeddingKind) -> Table:
    figure = report.identity(kind)
    table = Table(title=f"identified by {figure.title}, 95 % interval in brackets, cosine below", title_justify="left")
    for name in ("gap in scenes", *CONDITION_NAMES.values(), "ways", "chance"):
        table.add_column(name, justify="left" if name == "gap in scenes" else "right")
    for gap in report.identity_by_gap(kind):
        table.add_row(gap.share.name, *_identity_cells(gap))
    table.add_section()
    table.add_row("any", *_identity_cells(report.identity_at_any_gap(kind)))
    goal = GOALS.get(kind)
    verdict = (
        ""
        if goal is None or not figure.share.count
        else f", goal {_percent_cell(goal)}: {_verdict(figure.share.correctness >= goal)}"
    )
    table.add_row(f"30+ and 3+ episodes{verdict}", *_identity_cells(figure))
    if figure.ceiling is not None:
        ceiling = _share_cell(figure.ceiling)
        table.add_row(
            "0 (same scene): ceiling", ceiling, "", "", ways_words(figure.ceiling), _percent_cell(figure.ceiling.chance)
        )
    return table


def _identity_cells(figure: IdentityFigure) -> tuple[str, ...]:
    shares = (figure.share, *figure.ablation.values())
    return (*map(_share_cell, shares), ways_words(figure.share) if figure.share.count else "", _percent_cell(figure.share.chance))


def _share_cell(figure: GapFigure) -> str:
    return f"{share_words(figure)}\n{figure.similarity:.2f}" if figure.count else "none"


def _light_table(report: ContinuityReport) -> Table:
    table = Table(title="light (light-ball): mean and worst, ΔE00 / degrees", title_justify="left")
    for name in ("between", "n", *CONDITION_NAMES.values(), "goal with memory"):
        table.add_column(name, justify="left" if name == "between" else "right")
    for gap in LIGHT_GAPS:
        changes = report.light_of(WITH_MEMORY, gap)
        goals = (
            f"{GOALS[name]:g} {_verdict(max(getattr(change, measure) for change in changes) <= GOALS[name])}"
            for name, measure in (("ambient", "ambient"), ("direction", "direction_deg"))
        )
        goal = "\n".join(goals) if gap == "shots" and changes else ""
        table.add_row(gap, str(len(changes)), *(_light_cell(report, condition, gap) for condition in CONDITIONS), goal)
    return table


def _light_cell(report: ContinuityReport, condition: Condition, gap: LightGap) -> str:
    changes = report.light_of(condition, gap)
    return "\n".join(_mean_and_maximum(changes, measure) for measure in ("ambient", "direction_deg")) if changes else "none"


def _percent_cell(share: float) -> str:
    return "" if math.isnan(share) else f"{100 * share:.0f} %"


def _mean_and_maximum(changes: Sequence[LightChange], measure: str) -> str:
    values = [getattr(change, measure) for change in changes]
    return f"{sum(values) / len(values):.2f}, {max(values):.2f}" if values else "none"


def _verdict(met: bool) -> str:
    return "met" if met else "missed"
