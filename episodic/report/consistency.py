"""Figures and plots on the consistency of an episode, from the vectors in memory and the measures in surveys."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from episodic.production.prepare import Prepared
from episodic.quality.identity_figure import IdentityFigure
from episodic.quality.judge_registry import IDENTITY_JUDGES, judge_named, kind_on
from episodic.quality.light import ambient_difference, direction_difference
from episodic.quality.plots import Series, line_plot
from episodic.quality.recurrence import Appearance, GapFigure, Recurrence, appearances_of, at_least, by_gap, find_recurrences
from episodic.report.page import Figure, PlotBox
from episodic.report.survey_rows import ShotSurvey
from memory.model.facts import StoryPosition
from memory.model.records import EmbeddingKind
from memory.store import MemoryStore
from planners.plan.model import EpisodePlan

__all__ = ["Consistency", "consistency_of", "scenes_compared"]

_LOOK_BACK: Final = 120
"""Scenes to compare, counted from the end of the episode. Limits the cost of the report in a long series."""
_MAX_AMBIENT_DELTA_E: Final = 2.0
_MAX_DIRECTION_DEG: Final = 5.0
_MIN_IDENTIFIED: Final = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Consistency:
    """The consistency section of a report."""

    figures: tuple[Figure, ...] = ()
    plots: tuple[PlotBox, ...] = ()
    notes: tuple[str, ...] = ()


def consistency_of(
    ready: Prepared, memory: MemoryStore, surveys: Mapping[str, ShotSurvey], branch: str, *, selected: bool
) -> Consistency:
    """Measure the identity of recurring entities by the gap since their last appearance, and the light between shots of a scene.

    `selected`: whether a judge selected the takes among several; its own figures are then consistency checks.
    """
    recurrences, unverified = _find_recurrences(ready, memory, surveys, branch)
    measured = {kind: recurrences[kind] for kind in IDENTITY_JUDGES if recurrences.get(kind)}
    figures = [_identity_figure(kind, compared, selected=selected) for kind, compared in measured.items()]
    plots = _identity_plots(measured, selected=selected)
    notes = [_unverified_note(kind, count) for kind, count in unverified.items() if count > 0]
    if not figures:
        notes.append(
            "No character recurs in a later scene, or nothing was measured of those that do: there is no figure for identity."
        )
    light = _light_between_shots(ready.plan, surveys)
    if light:
        figures += _light_figures(light)
    else:
        notes.append("No two shots of one scene have a measured light: there is no figure for light.")
    return Consistency(figures=tuple(figures), plots=tuple(plots), notes=tuple(notes))


def scenes_compared(ready: Prepared, memory: MemoryStore, branch: str) -> dict[StoryPosition, str]:
    """The scenes in which recurring entities may have appeared, in story order, with their keys in memory."""
    end = StoryPosition(ready.number, len(ready.plan.scenes))
    return dict([(at, key) for at, key in memory.committed(branch).items() if at <= end][-_LOOK_BACK:])


def _find_recurrences(
    ready: Prepared, memory: MemoryStore, surveys: Mapping[str, ShotSurvey], branch: str
) -> tuple[dict[EmbeddingKind, list[Recurrence]], dict[EmbeddingKind, int]]:
    """The recurrences in this episode for each kind of vector, and the number of vectors of it that memory did not verify."""
    scenes = list(scenes_compared(ready, memory, branch))
    compared = set(scenes)
    recurrences: dict[EmbeddingKind, list[Recurrence]] = {}
    unverified: dict[EmbeddingKind, int] = {}
    for kind in IDENTITY_JUDGES:
        appearances: list[Appearance] = []
        unverified[kind] = sum(survey.vectors.get(kind, 0) for survey in surveys.values())
        for encoder in sorted({survey.encoders[kind] for survey in surveys.values() if kind in survey.encoders}):
            owners, vectors = memory.vectors(kind, encoder, branch)
            unverified[kind] -= sum(owner.position.episode == ready.number and bool(owner.entity) for owner in owners)
            rows = [row for row, owner in enumerate(owners) if owner.position in compared]
            appearances += appearances_of(kind, [owners[row] for row in rows], vectors[rows])
        recurrences[kind] = [
            recurrence for recurrence in find_recurrences(appearances, scenes) if recurrence.position.episode == ready.number
        ]
    return recurrences, unverified


def _unverified_note(kind: EmbeddingKind, count: int) -> str:
    """The note on vectors that memory did not verify."""
    return f"Measured by {kind}, {count} failed verification and are not in its figure, which may be too high for that reason."


def _identity_figure(kind: EmbeddingKind, recurrences: Sequence[Recurrence], *, selected: bool) -> Figure:
    """The figure of one kind of vector for the report, as a judge's or as a consistency check."""
    figure = IdentityFigure(judge=IDENTITY_JUDGES[kind], share=at_least(recurrences), selected=selected)
    note = (
        f"{figure.words()} (episodic bench continuity measures both); cosine {figure.share.similarity:.2f}. "
        f"{figure.judge}: {figure.registered.note}."
    )
    is_check = kind_on(figure.registered, selected=selected) == "consistency check"
    state = "" if is_check else "good" if figure.share.correctness >= _MIN_IDENTIFIED else "poor"
    name = f"Consistency check by {kind}" if is_check else f"Identified by {kind}"
    return Figure(name=name, value=f"{figure.share.correctness:.0%}", note=note, state=state)


def _identity_plots(recurrences: Mapping[EmbeddingKind, Sequence[Recurrence]], *, selected: bool) -> list[PlotBox]:
    figures: dict[str, tuple[GapFigure, ...]] = {}
    for kind, compared in recurrences.items():
        judge = judge_named(IDENTITY_JUDGES[kind])
        figures[kind if kind_on(judge, selected=selected) == "judge" else f"{kind} (check)"] = by_gap(compared)
    if not figures:
        return []
    gaps = next(iter(figures.values()))
    used = [row for row in range(len(gaps)) if any(by_kind[row].count for by_kind in figures.values())]
    names = [gaps[row].name for row in used]

    def lines(measure: str) -> list[Series]:
        return [
            Series(
                name=name,
                values=tuple(_measure(by_kind[row], measure) for row in used),
                intervals=tuple(
                    (_measure(by_kind[row], f"{measure}_low"), _measure(by_kind[row], f"{measure}_high")) for row in used
                ),
                notes=tuple(f"n = {by_kind[row].count}" for row in used),
            )
            for name, by_kind in figures.items()
        ]

    across = "gap in scenes since last seen"
    similarity = lines("similarity")
    lowest = min((low for line in similarity for low, _ in line.intervals if not math.isnan(low)), default=0.0)
    return [
        PlotBox(
            svg=line_plot(
                "Identified correctly",
                names,
                lines("correctness"),
                across=across,
                up="share identified",
                low=0.0,
                high=1.0,
                goal=_MIN_IDENTIFIED,
            ),
            caption="Share of recurrences whose nearest known entity is the right one, with 95 % intervals (Wilson).",
        ),
        PlotBox(
            svg=line_plot("Similarity", names, similarity, across=across, up="cosine", low=-1.0 if lowest < 0 else 0.0, high=1.0),
            caption="Cosine to earlier appearances of the same entity, mean with its 95 % interval.",
        ),
    ]


def _measure(figure: GapFigure, name: str) -> float:
    """Read a measure of a figure by its name."""
    return float(getattr(figure, name))


class _LightStep(NamedTuple):
    """The difference of light between two neighbouring shots."""

    ambient: float
    """ΔE00."""
    direction_deg: float


def _light_between_shots(plan: EpisodePlan, surveys: Mapping[str, ShotSurvey]) -> list[_LightStep]:
    """The differences of light between neighbouring shots of each scene."""
    steps = []
    for scene in plan.scenes:
        measured = [surveys[shot.id].light for shot in scene.shots if shot.id in surveys]
        lights = [light for light in measured if light is not None]
        steps += [_LightStep(ambient_difference(a, b), direction_difference(a, b)) for a, b in itertools.pairwise(lights)]
    return steps


def _light_figures(steps: Sequence[_LightStep]) -> list[Figure]:
    ambient, direction_deg = max(step.ambient for step in steps), max(step.direction_deg for step in steps)
    pairs = f"largest of {len(steps)} pairs of neighbouring shots"
    return [
        Figure(
            name="Ambient light within scenes",
            value=f"ΔE {ambient:.1f}",
            note=f"{pairs}; goal at most {_MAX_AMBIENT_DELTA_E:.0f}",
            state="good" if ambient <= _MAX_AMBIENT_DELTA_E else "poor",
        ),
        Figure(
            name="Direction of light within scenes",
            value=f"{direction_deg:.1f}°",
            note=f"{pairs}; goal at most {_MAX_DIRECTION_DEG:.0f}°",
            state="good" if direction_deg <= _MAX_DIRECTION_DEG else "poor",
        ),
    ]
