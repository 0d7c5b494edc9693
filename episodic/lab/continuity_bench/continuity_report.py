"""The report of `episodic bench continuity`: identity, movement and light under every condition, as JSON and as plots."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np

from episodic.lab.continuity_bench.measurements import LIGHT_GAPS, MEASURED_KINDS, LightChange, LightGap, SeriesMeasurement
from episodic.quality.identity_figure import IdentityFigure, same_scene_ceiling
from episodic.quality.judge_registry import IDENTITY_JUDGES
from episodic.quality.plots import Series, light_plot, recurrence_plot
from episodic.quality.recurrence import Appearance, GapFigure, Recurrence, at_least, by_gap, find_recurrences
from memory.model.facts import StoryPosition
from memory.model.records import EmbeddingKind

__all__ = [
    "CONDITIONS",
    "CONDITION_NAMES",
    "CONTINUITY_FORMAT",
    "GOALS",
    "LONG_EPISODES",
    "LONG_SCENES",
    "WITH_MEMORY",
    "Condition",
    "ContinuityReport",
]

Condition = Literal["on", "fixed_seed", "off"]
WITH_MEMORY: Final = "on"
CONTINUITY_FORMAT: Final = "episodic/continuity@2"
LONG_SCENES, LONG_EPISODES = 30, 3
"""The gap after which characters must still be recognised."""
GOALS: Final[Mapping[str, float]] = {"look": 0.95, "voice": 0.95, "ambient": 2.0, "direction": 5.0}
CONDITIONS: Final[tuple[Condition, ...]] = ("on", "fixed_seed", "off")
CONDITION_NAMES: Final[Mapping[Condition, str]] = {
    "on": "with memory",
    "fixed_seed": "no memory, fixed seed",
    "off": "no memory, new seed per scene",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ContinuityReport:
    """The recurrences, light changes and ceilings of one series under every condition."""

    settings: Mapping[str, int]
    recurrences: Mapping[Condition, tuple[Recurrence, ...]]
    ceilings: Mapping[EmbeddingKind, GapFigure]
    """How well each judge identifies takes of one scene, which share one cast. Kinds without a measurement are missing."""
    light: Mapping[Condition, tuple[LightChange, ...]]
    shots: Mapping[Condition, int]
    unverified: int
    """Correct vectors of the series with memory that memory did not verify."""

    @classmethod
    def from_measurements(
        cls,
        *,
        settings: Mapping[str, int],
        positions: Sequence[StoryPosition],
        measurements: Mapping[Condition, SeriesMeasurement],
    ) -> ContinuityReport:
        """Find the recurrences in the series made under every condition. `positions`: every scene of the series."""
        with_memory = measurements[WITH_MEMORY]
        return cls(
            settings=settings,
            recurrences={
                condition: find_recurrences(measurement.appearances, positions) for condition, measurement in measurements.items()
            },
            ceilings=_same_scene_ceilings(with_memory.appearances),
            light={condition: measurement.light for condition, measurement in measurements.items()},
            shots={condition: measurement.shots for condition, measurement in measurements.items()},
            unverified=with_memory.unverified,
        )

    def of(self, condition: Condition, kind: EmbeddingKind) -> tuple[Recurrence, ...]:
        """All recurrences of one kind."""
        return tuple(recurrence for recurrence in self.recurrences[condition] if recurrence.kind == kind)

    def light_of(self, condition: Condition, gap: LightGap) -> tuple[LightChange, ...]:
        """All changes of light over one gap."""
        return tuple(change for change in self.light[condition] if change.gap == gap)

    def long(self, condition: Condition, kind: EmbeddingKind) -> GapFigure:
        """The figure after a gap of at least 30 scenes and 3 episodes."""
        return at_least(self.of(condition, kind), scenes=LONG_SCENES, episodes=LONG_EPISODES)

    def identity(self, kind: EmbeddingKind) -> IdentityFigure:
        """The share of characters recognised after the longest gap, with ceiling and ablation."""
        return self._identity_figure(kind, {condition: self.long(condition, kind) for condition in CONDITIONS})

    def identity_at_any_gap(self, kind: EmbeddingKind) -> IdentityFigure:
        """The share of characters recognised over all recurrences."""
        return self._identity_figure(kind, {condition: at_least(self.of(condition, kind)) for condition in CONDITIONS})

    def identity_by_gap(self, kind: EmbeddingKind) -> tuple[IdentityFigure, ...]:
        """The share of characters recognised in every class of gaps."""
        groups = [by_gap(self.of(condition, kind)) for condition in CONDITIONS]
        return tuple(self._identity_figure(kind, dict(zip(CONDITIONS, row, strict=True))) for row in zip(*groups, strict=True))

    def _identity_figure(self, kind: EmbeddingKind, shares: Mapping[Condition, GapFigure]) -> IdentityFigure:
        """Join the share with memory to its ceiling and to the shares of the baselines."""
        return IdentityFigure(
            judge=IDENTITY_JUDGES[kind],
            share=shares[WITH_MEMORY],
            ceiling=self.ceilings.get(kind),
            ablation={CONDITION_NAMES[condition]: share for condition, share in shares.items() if condition != WITH_MEMORY},
        )

    def to_json(self) -> dict[str, Any]:
        """Return everything in format `episodic/continuity@2`. Consistency checks are listed apart from identity."""
        identity: dict[str, object] = {}
        consistency_checks: dict[str, object] = {}
        for kind in MEASURED_KINDS:
            figure = self.identity(kind)
            measures = identity if figure.registered.kind == "judge" else consistency_checks
            measures[kind] = {"figure": figure.to_json(), "any_gap": self.identity_at_any_gap(kind).to_json()} | {
                condition: {
                    "by_gap": [gap.to_json() for gap in by_gap(self.of(condition, kind))],
                    "long": self.long(condition, kind).to_json(),
                }
                for condition in CONDITIONS
            }
        return {
            "format": CONTINUITY_FORMAT,
            "settings": dict(self.settings),
            "conditions": dict(CONDITION_NAMES),
            "long_gap": {"scenes": LONG_SCENES, "episodes": LONG_EPISODES},
            "goals": dict(GOALS),
            "identity": identity,
            "consistency_checks": consistency_checks,
            "light": {
                gap: {condition: _light_statistics(self.light_of(condition, gap)) for condition in CONDITIONS}
                for gap in LIGHT_GAPS
            },
            "shots": dict(self.shots),
            "doubted": self.unverified,
            "recurrences": {
                condition: [recurrence.to_json() for recurrence in recurrences]
                for condition, recurrences in self.recurrences.items()
            },
        }

    def plots(self) -> dict[str, str]:
        """Return the plots by file name, as SVG."""
        plots = {}
        for kind in MEASURED_KINDS:
            figures = {CONDITION_NAMES[condition]: by_gap(self.of(condition, kind)) for condition in CONDITIONS}
            title = self.identity(kind).title
            plots[f"{kind}-correctness.svg"] = recurrence_plot(f"Identified by {title}", figures, "correctness", GOALS.get(kind))
            plots[f"{kind}-similarity.svg"] = recurrence_plot(f"Cosine by {title}", figures, "similarity")
        for measure, title, unit in (("ambient", "Ambient light", "ΔE00"), ("direction_deg", "Key direction", "degrees")):
            series = [_light_series(self, condition, measure) for condition in CONDITIONS]
            goal = GOALS["ambient" if measure == "ambient" else "direction"]
            plots[f"light-{measure.removesuffix('_deg')}.svg"] = light_plot(title, LIGHT_GAPS, series, goal, unit)
        return plots

    def write(self, folder: Path) -> None:
        """Write `continuity.json` and the plots into `folder`, which is made if it is missing."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "continuity.json").write_text(json.dumps(self.to_json(), indent=1, ensure_ascii=False) + "\n", "utf-8")
        for name, svg in self.plots().items():
            (folder / name).write_text(svg, "utf-8")


def _same_scene_ceilings(appearances: Sequence[Appearance]) -> dict[EmbeddingKind, GapFigure]:
    ceilings = {
        kind: same_scene_ceiling(appearance for appearance in appearances if appearance.kind == kind) for kind in MEASURED_KINDS
    }
    return {kind: figure for kind, figure in ceilings.items() if figure is not None}


def _light_statistics(changes: Sequence[LightChange]) -> dict[str, float | int | None]:
    """Mean, 95th percentile and maximum of both measures of light."""
    statistics: dict[str, float | int | None] = {"count": len(changes)}
    for measure in ("ambient", "direction_deg"):
        values = [getattr(change, measure) for change in changes]
        statistics[f"{measure}_mean"] = round(float(np.mean(values)), 4) if values else None
        statistics[f"{measure}_p95"] = round(float(np.quantile(values, 0.95)), 4) if values else None
        statistics[f"{measure}_worst"] = round(max(values), 4) if values else None
    return statistics


def _light_series(report: ContinuityReport, condition: Condition, measure: str) -> Series:
    """Return the mean over every gap, with the middle 90 % as the interval."""
    groups = [[getattr(change, measure) for change in report.light_of(condition, gap)] for gap in LIGHT_GAPS]
    return Series(
        name=CONDITION_NAMES[condition],
        values=tuple(float(np.mean(values)) if values else math.nan for values in groups),
        intervals=tuple(
            (float(np.quantile(values, 0.05)), float(np.quantile(values, 0.95))) if values else (math.nan, math.nan)
            for values in groups
        ),
        notes=tuple(f"n = {len(values)}" for values in groups),
    )
