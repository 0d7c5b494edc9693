"""How consistent an episode is: figures and plots for its report, from the vectors and measures that memory and surveys hold."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from episodic.report.page import Figure, PlotBox
from memory.model.facts import StoryPosition
from memory.model.records import EmbeddingKind
from planners.plan.model import EpisodePlan

if TYPE_CHECKING:
    from episodic.production.prepare import Prepared
    from episodic.quality.light import MeasuredLight
    from episodic.quality.recurrence import Appearance, GapFigure, Recurrence
    from episodic.report.survey_rows import ShotSurvey
    from memory.store import MemoryStore

__all__ = ["Consistency", "consistency_of", "scenes_compared"]

_KINDS: Final[Mapping[EmbeddingKind, str]] = {"look": "look", "voice": "voice", "motion": "motion"}
_LOOK_BACK: Final = 120
"""Scenes before the episode's end that are compared: the report of a long series must not cost more with every episode."""
_SAME_AMBIENT: Final = 2.0
_SAME_DIRECTION_DEG: Final = 5.0
_IDENTIFIED: Final = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Consistency:
    """What a report says of an episode's consistency."""

    figures: tuple[Figure, ...] = ()
    plots: tuple[PlotBox, ...] = ()
    notes: tuple[str, ...] = ()


def consistency_of(ready: Prepared, memory: MemoryStore, surveys: Mapping[str, ShotSurvey], branch: str) -> Consistency:
    """Identity of everybody who comes back in this episode, by the gap since they were seen last; light between shots of a scene."""
    returns = _returns(ready, memory, surveys, branch)
    figures = [_identified(kind, name, returns[kind]) for kind, name in _KINDS.items() if returns.get(kind)]
    plots = _identity_plots(returns)
    notes = []
    if not figures:
        notes.append("Nobody comes back in a later scene here, or nothing was measured of those who do: identity has no figure.")
    light = _light_between_shots(ready.plan, surveys)
    if light:
        figures += _light_figures(light)
    else:
        notes.append("No two shots of one scene have a measured light: light has no figure.")
    return Consistency(figures=tuple(figures), plots=tuple(plots), notes=tuple(notes))


def scenes_compared(ready: Prepared, memory: MemoryStore, branch: str) -> dict[StoryPosition, str]:
    """The scenes in which those who come back may have been seen, in story order, with their keys in memory."""
    end = StoryPosition(ready.number, len(ready.plan.scenes))
    return dict([(at, key) for at, key in memory.committed(branch).items() if at <= end][-_LOOK_BACK:])


def _returns(
    ready: Prepared, memory: MemoryStore, surveys: Mapping[str, ShotSurvey], branch: str
) -> dict[EmbeddingKind, list[Recurrence]]:
    """Who comes back in this episode, for each kind of vector."""
    from episodic.quality.recurrence import appearances_of, find_recurrences

    scenes = list(scenes_compared(ready, memory, branch))
    near = set(scenes)
    found: dict[EmbeddingKind, list[Recurrence]] = {}
    for kind in _KINDS:
        appearances: list[Appearance] = []
        for encoder in sorted({one.encoders[kind] for one in surveys.values() if kind in one.encoders}):
            owners, vectors = memory.vectors(kind, encoder, branch)
            kept = [number for number, owner in enumerate(owners) if owner.position in near]
            appearances += appearances_of(kind, [owners[number] for number in kept], vectors[kept])
        found[kind] = [one for one in find_recurrences(appearances, scenes) if one.position.episode == ready.number]
    return found


def _identified(kind: str, name: str, returns: Sequence[Recurrence]) -> Figure:
    from episodic.quality.recurrence import at_least

    every = at_least(returns)
    note = f"{every.correct} of {every.count} returns taken for the right one; cosine {every.similarity:.2f}; guessing {every.chance:.0%}"
    goal = {"look": True, "voice": True}.get(kind, False)
    state = "" if not goal else "good" if every.correctness >= _IDENTIFIED else "poor"
    return Figure(name=f"Identified by {name}", value=f"{every.correctness:.0%}", note=note, state=state)


def _identity_plots(returns: Mapping[EmbeddingKind, Sequence[Recurrence]]) -> list[PlotBox]:
    from episodic.quality.plots import Series, line_plot
    from episodic.quality.recurrence import by_gap

    figures = {name: by_gap(returns[kind]) for kind, name in _KINDS.items() if returns.get(kind)}
    if not figures:
        return []
    classes = [
        number for number in range(len(next(iter(figures.values())))) if any(one[number].count for one in figures.values())
    ]
    names = [next(iter(figures.values()))[number].name for number in classes]

    def drawn(measure: str) -> list[Series]:
        return [
            Series(
                name=name,
                values=tuple(_of(one[number], measure) for number in classes),
                intervals=tuple((_of(one[number], f"{measure}_low"), _of(one[number], f"{measure}_high")) for number in classes),
                notes=tuple(f"n = {one[number].count}" for number in classes),
            )
            for name, one in figures.items()
        ]

    across = "gap in scenes since last seen"
    similar = drawn("similarity")
    low = min((low for one in similar for low, _ in one.intervals if not math.isnan(low)), default=0.0)
    return [
        PlotBox(
            svg=line_plot("Taken for the right one", names, drawn("correctness"), across=across, up="share identified", low=0.0, high=1.0, goal=_IDENTIFIED),
            caption="Share of returns in which the nearest of all known entities is the right one, with 95 % intervals (Wilson).",
        ),
        PlotBox(
            svg=line_plot("Alike", names, similar, across=across, up="cosine", low=-1.0 if low < 0 else 0.0, high=1.0),
            caption="Cosine to what was seen of the same entity before, mean with its 95 % interval.",
        ),
    ]  # fmt: skip


def _of(figure: GapFigure, name: str) -> float:
    return float(getattr(figure, name))


def _light_between_shots(plan: EpisodePlan, surveys: Mapping[str, ShotSurvey]) -> list[tuple[float, float]]:
    """Between neighbouring shots of each scene: how far the ambient is apart (ΔE00) and the key's direction (degrees)."""
    from episodic.quality.light import MeasuredLight, ambient_difference, direction_difference

    found = []
    for scene in plan.scenes:
        lights: list[MeasuredLight] = [
            MeasuredLight.from_json(surveys[shot.id].light)
            for shot in scene.shots
            if shot.id in surveys and surveys[shot.id].light
        ]
        found += [(ambient_difference(a, b), direction_difference(a, b)) for a, b in itertools.pairwise(lights)]
    return found


def _light_figures(light: Sequence[tuple[float, float]]) -> list[Figure]:
    ambient, aim = (max(one[place] for one in light) for place in (0, 1))
    pairs = f"largest of {len(light)} pairs of neighbouring shots"
    return [
        Figure(
            name="Ambient light within scenes",
            value=f"ΔE {ambient:.1f}",
            note=f"{pairs}; goal at most {_SAME_AMBIENT:.0f}",
            state="good" if ambient <= _SAME_AMBIENT else "poor",
        ),
        Figure(
            name="Direction of light within scenes",
            value=f"{aim:.1f}°",
            note=f"{pairs}; goal at most {_SAME_DIRECTION_DEG:.0f}°",
            state="good" if aim <= _SAME_DIRECTION_DEG else "poor",
        ),
    ]
