"""How consistent is a series, with memory and without? The measurement behind `episodic bench continuity`.

One synthetic series is made three times with the real casting, speech and backbone, short and small:

- **on**, with memory: as production makes it. A character is described when it is introduced; after that all that is known of it
  (look, voice, motion) comes out of a real `MemoryStore`, into which every scene is committed.
- **fixed_seed**, the fair baseline: nothing is remembered, but every scene is cast from the same descriptions with the same seed,
  auditions included. Whatever is a function of description and seed comes back the same.
- **off**, no memory and a new seed for each scene: every scene is cast anew from the same descriptions, and how somebody moves or a
  place is lit is left to the backbone. It shows what the seed decides; no tool would work like this.

All are judged alike, each by what it showed before (`episodic.quality.recurrence`). Identity figures name their judge from the
registry; movement is identified by the encoder that conditions the model, so it is a consistency check. Light is compared from shot to
shot of a scene, and from visit to visit of a place at the same time of day, within an episode and across episodes.
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
from episodic.quality.identity_figure import IdentityFigure, same_scene_ceiling
from episodic.quality.judge_registry import IDENTITY_JUDGES
from episodic.quality.plots import Series, light_plot, recurrence_plot
from episodic.quality.recurrence import Appearance, GapFigure, Recurrence, at_least, by_gap, find_recurrences
from memory.model.facts import StoryPosition
from memory.model.records import EmbeddingKind
from planners.plan.model import EpisodePlan

__all__ = [
    "BETWEEN",
    "CONDITIONS",
    "CONDITION_NAMES",
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

Condition = Literal["on", "fixed_seed", "off"]
KINDS: Final[tuple[EmbeddingKind, ...]] = ("look", "voice", "motion")
CONTINUITY_FORMAT: Final = "episodic/continuity@2"
LONG_SCENES, LONG_EPISODES = 30, 3
"""The gap after which characters must still be right."""
GOALS: Final[Mapping[str, float]] = {"look": 0.95, "voice": 0.95, "ambient": 2.0, "direction": 5.0}
CONDITIONS: Final[tuple[Condition, ...]] = ("on", "fixed_seed", "off")
CONDITION_NAMES: Final[Mapping[Condition, str]] = {
    "on": "with memory",
    "fixed_seed": "no memory, fixed seed",
    "off": "no memory, new seed per scene",
}
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
    ceilings: Mapping[EmbeddingKind, GapFigure]
    """What each judge identifies of takes of one scene, which share one cast. Kinds that nothing was measured of are missing."""
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

    def long(self, condition: Condition, kind: EmbeddingKind) -> GapFigure:
        """The figure after a gap of at least 30 scenes and 3 episodes."""
        return at_least(self.of(condition, kind), scenes=LONG_SCENES, episodes=LONG_EPISODES)

    def identity(self, kind: EmbeddingKind) -> IdentityFigure:
        """Whether characters come back as themselves after the longest gap, with all that is needed to read the figure."""
        return self._figure(kind, {condition: self.long(condition, kind) for condition in CONDITIONS})

    def identity_at_any_gap(self, kind: EmbeddingKind) -> IdentityFigure:
        """The same for all returns together."""
        return self._figure(kind, {condition: at_least(self.of(condition, kind)) for condition in CONDITIONS})

    def identity_by_gap(self, kind: EmbeddingKind) -> tuple[IdentityFigure, ...]:
        """The same for every class of gaps."""
        groups = [by_gap(self.of(condition, kind)) for condition in CONDITIONS]
        return tuple(self._figure(kind, dict(zip(CONDITIONS, row, strict=True))) for row in zip(*groups, strict=True))

    def _figure(self, kind: EmbeddingKind, shares: Mapping[Condition, GapFigure]) -> IdentityFigure:
        return IdentityFigure(
            judge=IDENTITY_JUDGES[kind],
            share=shares["on"],
            ceiling=self.ceilings.get(kind),
            ablation={CONDITION_NAMES[condition]: shares[condition] for condition in CONDITIONS if condition != "on"},
        )

    def to_json(self) -> dict[str, Any]:
        """Everything, format `episodic/continuity@2`. Consistency checks stand apart from identity."""
        measures: dict[str, dict[str, Any]] = {"judge": {}, "consistency check": {}}
        for kind in KINDS:
            gaps = {
                condition: {
                    "by_gap": [figure.to_json() for figure in by_gap(self.of(condition, kind))],
                    "long": self.long(condition, kind).to_json(),
                }
                for condition in CONDITIONS
            }
            figure = self.identity(kind)
            every = self.identity_at_any_gap(kind)
            measures[figure.registered.kind][kind] = {"figure": figure.to_json(), "any_gap": every.to_json(), **gaps}
        light = {
            between: {condition: _spread(self.light_of(condition, between)) for condition in CONDITIONS} for between in BETWEEN
        }
        return {
            "format": CONTINUITY_FORMAT,
            "settings": dict(self.settings),
            "conditions": dict(CONDITION_NAMES),
            "long_gap": {"scenes": LONG_SCENES, "episodes": LONG_EPISODES},
            "goals": dict(GOALS),
            "identity": measures["judge"],
            "consistency_checks": measures["consistency check"],
            "light": light,
            "shots": dict(self.shots),
            "doubted": self.doubted,
            "recurrences": {condition: [one.to_json() for one in returns] for condition, returns in self.recurrences.items()},
        }

    def plots(self) -> dict[str, str]:
        """File name -> SVG."""
        plots = {}
        for kind in KINDS:
            figures = {CONDITION_NAMES[condition]: by_gap(self.of(condition, kind)) for condition in CONDITIONS}
            title = self.identity(kind).title
            plots[f"{kind}-correctness.svg"] = recurrence_plot(f"Identified by {title}", figures, "correctness", GOALS.get(kind))
            plots[f"{kind}-similarity.svg"] = recurrence_plot(f"Cosine by {title}", figures, "similarity")
        for name, title, unit in (("ambient", "Ambient light", "ΔE00"), ("direction_deg", "Key direction", "degrees")):
            series = [_light_series(self, condition, name) for condition in CONDITIONS]
            goal = GOALS["ambient" if name == "ambient" else "direction"]
            plots[f"light-{name.removesuffix('_deg')}.svg"] = light_plot(title, BETWEEN, series, goal, unit)
        return plots

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
    """Make the series under every condition and judge it. Deterministic, whatever the number of processes (1: in this one)."""
    plans = synthetic_series(characters, episodes, scenes, seed)
    shots = sum(len(scene.shots) for plan in plans for scene in plan.scenes)
    listen(f"{shots} shots under each of {len(CONDITIONS)} conditions: {'; '.join(CONDITION_NAMES.values())}")
    if processes == 1:
        made = [_make(plans, seed, condition) for condition in CONDITIONS]
    else:
        with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
            made = list(pool.map(_make, [plans] * len(CONDITIONS), [seed] * len(CONDITIONS), CONDITIONS))
    positions = positions_of(plans)
    pairs = dict(zip(CONDITIONS, made, strict=True))
    return ContinuityReport(
        settings={"characters": characters, "episodes": episodes, "scenes": scenes, "seed": seed},
        recurrences={name: find_recurrences(one.appearances, positions) for name, one in pairs.items()},
        ceilings=_ceilings(pairs["on"].appearances),
        light={name: one.light for name, one in pairs.items()},
        shots={name: one.shots for name, one in pairs.items()},
        doubted=pairs["on"].doubted,
    )


def positions_of(plans: Sequence[EpisodePlan]) -> list[StoryPosition]:
    """Every scene's story position."""
    return [StoryPosition(number, place) for number, plan in enumerate(plans, 1) for place, _ in enumerate(plan.scenes, 1)]


def _ceilings(appearances: Sequence[Appearance]) -> dict[EmbeddingKind, GapFigure]:
    ceilings = {kind: same_scene_ceiling(shown for shown in appearances if shown.kind == kind) for kind in KINDS}
    return {kind: figure for kind, figure in ceilings.items() if figure is not None}


def _make(plans: Sequence[EpisodePlan], seed: int, condition: Condition) -> Made:
    import torch

    from episodic.lab.continuity_bench.takes import make_with_memory, make_without_memory

    torch.set_num_threads(1)
    if condition != "on":
        return make_without_memory(plans, seed, new_seeds=condition == "off")
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
        name=CONDITION_NAMES[condition],
        values=tuple(float(np.mean(one)) if one else math.nan for one in groups),
        intervals=tuple(
            (float(np.quantile(one, 0.05)), float(np.quantile(one, 0.95))) if one else (math.nan, math.nan) for one in groups
        ),
        notes=tuple(f"n = {len(one)}" for one in groups),
    )
