"""What benchmarks found, for people and for programs."""

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
from episodic.lab.continuity_bench.bench import BETWEEN, CONDITIONS, GOALS, KINDS, ContinuityReport, LightStep
from episodic.quality.recurrence import GapFigure, by_gap
from memory.bench.run import Figure
from memory.model.records import EmbeddingKind

__all__ = [
    "check_count",
    "print_backbones",
    "print_backbones_json",
    "print_continuity",
    "print_continuity_json",
    "print_figures",
    "print_figures_json",
    "say",
]


def check_count(option: str, found: float, least: int) -> None:
    """Refuse a number with which nothing can be measured. Raises InputError."""
    if not least <= found < math.inf:
        raise InputError(f"{option}: expected at least {least}, found {found}")


def say(text: str) -> None:
    """Progress, beside the result."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def print_figures(figures: Sequence[Figure]) -> None:
    """One row per figure, its goal beside it."""
    table = Table(title="memory", title_justify="left")
    for name in ("what", "value", "unit", "goal", ""):
        table.add_column(name, justify="right" if name in ("value", "goal") else "left")
    for one in figures:
        goal = "" if one.goal is None else f"{one.goal:g}"
        table.add_row(one.what, f"{one.value:.3g}", one.unit, goal, "" if one.goal is None else _verdict(one.met))
    Console().print(table)


def print_figures_json(figures: Sequence[Figure]) -> None:
    """One JSON object."""
    sys.stdout.write(json.dumps({"figures": [asdict(one) for one in figures]}, ensure_ascii=False, indent=1) + "\n")


def print_continuity(report: ContinuityReport) -> None:
    """Identification by gap, and light, with memory on and off side by side."""
    console = Console()
    for kind in KINDS:
        console.print(_identity(report, kind))
    console.print(_light(report))
    console.print(f"{report.doubted} vectors of the series with memory were not verified, though they are right")


def print_continuity_json(report: ContinuityReport) -> None:
    """One JSON object, format `episodic/continuity@1`."""
    sys.stdout.write(json.dumps(report.to_json(), ensure_ascii=False, indent=1) + "\n")


def print_backbones(figures: Sequence[AdapterFigures], *, timed: bool) -> None:
    """Time beside the models' own calls; what was encoded twice; what was asked of memory, what arrived, and as what."""
    console = Console()
    if timed:
        console.print(_beside(figures))
    console.print(_arrived(figures))
    for one in figures:
        forms: dict[str, list[str]] = {}
        for kind, form in sorted(one.forms.items()):
            forms.setdefault(form or "not at all", []).append(kind)
        said = "; ".join(f"{form}: {', '.join(kinds)}" for form, kinds in sorted(forms.items()))
        console.print(f"{one.model}  {said}", soft_wrap=True, highlight=False)


def _beside(figures: Sequence[AdapterFigures]) -> Table:
    table = Table(title="time beside the model's own call", title_justify="left")
    for name in ("model", "first shot", "later shots", "of their time", "goal", "waited"):
        table.add_column(name, justify="left" if name == "model" else "right", overflow="fold", no_wrap=name != "model")
    for one in figures:
        worst = max(one.outside)
        goal = f"{100 * GOAL_OUTSIDE:g} % {_verdict(worst <= GOAL_OUTSIDE)}"
        shares = ", ".join(f"{100 * share:.1f} %" for share in one.outside)
        table.add_row(one.model, f"{one.first_s:.1f} s", f"{one.outside_s:.2f} s", shares, goal, f"{100 * one.waited:.1f} %")
    return table


def _arrived(figures: Sequence[AdapterFigures]) -> Table:
    table = Table(title="encodings, and memories", title_justify="left")
    for name in ("model", "encoded", "twice", "goal", "asked for", "arrived", "lost"):
        table.add_column(name, justify="left" if name == "model" else "right", overflow="fold", no_wrap=name != "model")
    for one in figures:
        encoded = sum(count for count, _ in one.encoded.values())
        counts = (str(encoded), str(one.repeated), f"0 {_verdict(one.repeated == 0)}")
        table.add_row(one.model, *counts, str(one.requested), str(one.delivered), str(one.errors))
    return table


def print_backbones_json(figures: Sequence[AdapterFigures], *, timed: bool) -> None:
    """One JSON object, format `episodic/bench-backbones@1`."""
    found = {"format": BACKBONES_FORMAT, "timed": timed, "models": [one.to_json() for one in figures]}
    sys.stdout.write(json.dumps(found, ensure_ascii=False, indent=1) + "\n")


def _identity(report: ContinuityReport, kind: EmbeddingKind) -> Table:
    table = Table(title=f"{kind}: the right one, and how alike (95 % interval)", title_justify="left")
    for name in ("gap in scenes", "memory on", "alike", "memory off", "alike", "by chance", "goal"):
        table.add_column(name, justify="left" if name == "gap in scenes" else "right")
    on, off = (by_gap(report.of(condition, kind)) for condition in CONDITIONS)
    for one, other in zip(on, off, strict=True):
        table.add_row(one.name, _share(one), _alike(one), _share(other), _alike(other), _percent(one.chance), "")
    long, lost = (report.long(condition, kind) for condition in CONDITIONS)
    goal = GOALS.get(kind)
    said = "" if goal is None or not long.count else f"{_percent(goal)} {_verdict(long.correctness >= goal)}"
    table.add_section()
    table.add_row("30+ and 3+ episodes", _share(long), _alike(long), _share(lost), _alike(lost), _percent(long.chance), said)
    return table


def _light(report: ContinuityReport) -> Table:
    table = Table(title="light: mean and worst", title_justify="left")
    for name in ("between", "n", "ΔE00, memory on", "off", "goal", "degrees, memory on", "off", "goal"):
        table.add_column(name, justify="left" if name == "between" else "right")
    for between in BETWEEN:
        on, off = (report.light_of(condition, between) for condition in CONDITIONS)
        goals = [
            f"{GOALS[name]:g} {_verdict(max(getattr(one, field) for one in on) <= GOALS[name])}"
            if between == "shots" and on
            else ""
            for name, field in (("ambient", "ambient"), ("direction", "direction_deg"))
        ]
        table.add_row(
            between,
            str(len(on)),
            _spread(on, "ambient"),
            _spread(off, "ambient"),
            goals[0],
            _spread(on, "direction_deg"),
            _spread(off, "direction_deg"),
            goals[1],
        )
    return table


def _share(figure: GapFigure) -> str:
    if not figure.count:
        return "none"
    within = f"{100 * figure.correctness_low:.0f}-{100 * figure.correctness_high:.0f}"
    return f"{figure.correct}/{figure.count} = {_percent(figure.correctness)} ({within})"


def _alike(figure: GapFigure) -> str:
    return "" if math.isnan(figure.similarity) else f"{figure.similarity:.2f}"


def _percent(share: float) -> str:
    return "" if math.isnan(share) else f"{100 * share:.0f} %"


def _spread(steps: Sequence[LightStep], name: str) -> str:
    values = [getattr(one, name) for one in steps]
    return f"{sum(values) / len(values):.2f}, {max(values):.2f}" if values else "none"


def _verdict(met: bool) -> str:
    return "met" if met else "missed"
