"""How consistent is a series, with memory and without? The measurement behind `episodic bench continuity`.

One synthetic series is made twice with the real casting, speech and backbone, short and small:

- **memory on**: as production makes it. A character is described when it is introduced; after that all that is known of it (look,
  voice, motion) comes out of a real `MemoryStore`, into which every scene is committed.
- **memory off**: what a tool without memory does: every scene is cast anew from the same description, and how somebody moves or a
  place is lit is left to the backbone.

Both are judged alike, each by what it showed before (`episodic.quality.recurrence`). Light is compared from shot to shot of a
scene, and from visit to visit of a place at the same time of day, within an episode and across episodes.
"""

from __future__ import annotations

import json
import math
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np

from episodic.lab.continuity_bench.series import synthetic_series
from episodic.quality.plots import Series, light_plot, recurrence_plot
from episodic.quality.recurrence import Appearance, GapFigure, Recurrence, at_least, by_gap, find_recurrences
from memory.model.facts import StoryPosition
from memory.model.records import EmbeddingKind
from planners.plan.model import EpisodePlan

__all__ = [
    "BETWEEN",
    "CONDITIONS",
    "CONTINUITY_FORMAT",
    "GOALS",
    "KINDS",
    "LONG_EPISODES",
    "LONG_SCENES",
    "Between",
    "Condition",
    "ContinuityReport",
    "LightStep",
    "Made",
    "positions_of",
    "run_continuity_bench",
]

Condition = Literal["on", "off"]
KINDS: Final[tuple[EmbeddingKind, ...]] = ("look", "voice", "motion")
CONTINUITY_FORMAT: Final = "episodic/continuity@1"
LONG_SCENES, LONG_EPISODES = 30, 3
"""The gap after which characters must still be right."""
GOALS: Final[Mapping[str, float]] = {"look": 0.95, "voice": 0.95, "ambient": 2.0, "direction": 5.0}
CONDITIONS: Final[tuple[Condition, ...]] = ("on", "off")
Between = Literal["shots", "scenes", "episodes"]
BETWEEN: Final[tuple[Between, ...]] = ("shots", "scenes", "episodes")


@dataclass(frozen=True, slots=True, kw_only=True)
class LightStep:
    """How far the light moved from one take to another."""

    between: Between
    position: StoryPosition
    """Of the later one."""
    ambient: float
    """CIEDE2000."""
    direction_deg: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What one series, made under one condition, shows."""

    appearances: tuple[Appearance, ...]
    light: tuple[LightStep, ...]
    shots: int
    doubted: int = 0
    """Vectors that memory did not verify against what it held, though they are right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContinuityReport:
    """What was measured."""

    settings: Mapping[str, int]
    recurrences: Mapping[Condition, tuple[Recurrence, ...]]
    light: Mapping[Condition, tuple[LightStep, ...]]
    shots: Mapping[Condition, int]
    doubted: int
    """Vectors of the series with memory that were not verified, though they are right."""

    def of(self, condition: Condition, kind: EmbeddingKind) -> tuple[Recurrence, ...]:
        """All recurrences of one kind."""
        return tuple(one for one in self.recurrences[condition] if one.kind == kind)

    def light_of(self, condition: Condition, between: Between) -> tuple[LightStep, ...]:
        """All steps of light between shots, scenes or episodes."""
        return tuple(one for one in self.light[condition] if one.between == between)

    def to_json(self) -> dict[str, Any]:
        """Everything, format `episodic/continuity@1`."""
        gaps = {
            kind: {
                condition: {
                    "by_gap": [one.to_json() for one in by_gap(self.of(condition, kind))],
                    "long": self.long(condition, kind).to_json(),
                }
                for condition in CONDITIONS
            }
            for kind in KINDS
        }
        light = {
            between: {condition: _spread(self.light_of(condition, between)) for condition in CONDITIONS} for between in BETWEEN
        }
        return {
            "format": CONTINUITY_FORMAT,
            "settings": dict(self.settings),
            "long_gap": {"scenes": LONG_SCENES, "episodes": LONG_EPISODES},
            "goals": dict(GOALS),
            "identity": gaps,
            "light": light,
            "shots": dict(self.shots),
            "doubted": self.doubted,
            "recurrences": {condition: [one.to_json() for one in found] for condition, found in self.recurrences.items()},
        }

    def long(self, condition: Condition, kind: EmbeddingKind) -> GapFigure:
        """The figure after a gap of at least 30 scenes and 3 episodes."""
        return at_least(self.of(condition, kind), scenes=LONG_SCENES, episodes=LONG_EPISODES)

    def plots(self) -> dict[str, str]:
        """File name -> SVG."""
        found = {}
        for kind in KINDS:
            on, off = (by_gap(self.of(condition, kind)) for condition in CONDITIONS)
            goal = GOALS.get(kind)
            found[f"{kind}-correctness.svg"] = recurrence_plot(f"The right one by {kind}?", on, off, "correctness", goal)
            found[f"{kind}-similarity.svg"] = recurrence_plot(f"How alike by {kind}", on, off, "similarity")
        for name, title, unit in (("ambient", "Ambient light", "ΔE00"), ("direction_deg", "Key direction", "degrees")):
            series = [_light_series(self, condition, name) for condition in CONDITIONS]
            goal = GOALS["ambient" if name == "ambient" else "direction"]
            found[f"light-{name.removesuffix('_deg')}.svg"] = light_plot(title, BETWEEN, series, goal, unit)
        return found

    def write(self, folder: Path) -> None:
        """`continuity.json` and the plots."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "continuity.json").write_text(json.dumps(self.to_json(), indent=1, ensure_ascii=False) + "\n", "utf-8")
        for name, svg in self.plots().items():
            (folder / name).write_text(svg, "utf-8")


def run_continuity_bench(
    characters: int = 24,
    episodes: int = 4,
    scenes: int = 12,
    seed: int = 0,
    listen: Callable[[str], None] = lambda _: None,
    processes: int = 2,
) -> ContinuityReport:
    """Make the series under both conditions and judge them. Deterministic, whatever the number of processes (1: in this one)."""
    plans = synthetic_series(characters, episodes, scenes, seed)
    listen(f"{sum(len(scene.shots) for plan in plans for scene in plan.scenes)} shots with memory and as many without")
    if processes == 1:
        made = [_make(plans, seed, condition) for condition in CONDITIONS]
    else:
        with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
            made = list(pool.map(_make, [plans] * 2, [seed] * 2, CONDITIONS))
    positions = positions_of(plans)
    pairs = dict(zip(CONDITIONS, made, strict=True))
    return ContinuityReport(
        settings={"characters": characters, "episodes": episodes, "scenes": scenes, "seed": seed},
        recurrences={name: find_recurrences(one.appearances, positions) for name, one in pairs.items()},
        light={name: one.light for name, one in pairs.items()},
        shots={name: one.shots for name, one in pairs.items()},
        doubted=pairs["on"].doubted,
    )


def positions_of(plans: Sequence[EpisodePlan]) -> list[StoryPosition]:
    """Every scene's story position."""
    return [StoryPosition(number, place) for number, plan in enumerate(plans, 1) for place, _ in enumerate(plan.scenes, 1)]


def _make(plans: Sequence[EpisodePlan], seed: int, condition: Condition) -> Made:
    import torch

    from episodic.lab.continuity_bench.takes import make_with_memory, make_without_memory

    torch.set_num_threads(1)
    if condition == "off":
        return make_without_memory(plans, seed)
    with tempfile.TemporaryDirectory(prefix="episodic-bench-") as folder:
        return make_with_memory(plans, seed, Path(folder) / "memory.db")


def _spread(steps: Iterable[LightStep]) -> dict[str, float | int | None]:
    found = list(steps)
    figures: dict[str, float | int | None] = {"count": len(found)}
    for name in ("ambient", "direction_deg"):
        values = [getattr(one, name) for one in found]
        figures[f"{name}_mean"] = round(float(np.mean(values)), 4) if values else None
        figures[f"{name}_p95"] = round(float(np.quantile(values, 0.95)), 4) if values else None
        figures[f"{name}_worst"] = round(max(values), 4) if values else None
    return figures


def _light_series(report: ContinuityReport, condition: Condition, name: str) -> Series:
    """Means, with the middle 90 % as the interval."""
    groups = [[getattr(one, name) for one in report.light_of(condition, between)] for between in BETWEEN]
    return Series(
        name=f"memory {condition}",
        values=tuple(float(np.mean(one)) if one else math.nan for one in groups),
        intervals=tuple(
            (float(np.quantile(one, 0.05)), float(np.quantile(one, 0.95))) if one else (math.nan, math.nan) for one in groups
        ),
        notes=tuple(f"n = {len(one)}" for one in groups),
    )
