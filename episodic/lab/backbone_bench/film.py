"""A short episode to shoot with any model: two characters, a place, a prop, a line, a shot that continues the one before."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from episodic.production.graph.events import Listener, silent
from episodic.production.graph.runner import Runner
from episodic.series.series import Series, SeriesSettings
from episodic.series.shooting_settings import Shooting
from episodic.storage.artifacts import LocalArtifacts
from episodic.studio import Studio
from planners.plan.model import CastMember, EpisodePlan, FactText, Line, Place, PlannedProp, Relation, Scene, Shot
from planners.plan_file.read_write import write_plan

__all__ = ["bench_plan", "bench_series", "render_bench_film"]

_FPS = 8


def bench_plan(shots: int = 3, seconds: float = 1.0) -> EpisodePlan:
    """Return a plan of two or three shots.

    The second continues the first. The third, in a scene of its own, shows the same two characters in the same place, one of them with a
    lantern in her hand.
    """
    both = ("mara", "tom")
    first = (
        Shot(id="q1.1", size="full", focus=both, action={"mara": "walks to the lamp"}, seconds=seconds),
        Shot(id="q1.2", focus=both, lines=(Line(speaker="mara", text="Not now."),), continues=True),
    )
    fears = (Relation("tom", "fears", "mara"),)
    known = (FactText(entity="tom", attribute="knows", value="the lamp is broken"),)
    holding = (FactText(entity="mara", attribute="holding", value="lantern"),)
    scenes = [Scene(id="q1", at="quay", time="dusk", synopsis="The lamp goes out.", shots=first, relations=fears, facts=known)]
    if shots > 2:
        scenes.append(
            Scene(
                id="q2",
                at="quay",
                time="dusk",
                mood="uneasy",
                synopsis="Tom waits.",
                shots=(Shot(id="q2.1", focus=both, seconds=seconds),),
                facts=holding,
            )
        )
    return EpisodePlan(
        title="The Lamp",
        cast={
            "mara": CastMember(kind="human", description="old lighthouse keeper, grey braid, yellow raincoat"),
            "tom": CastMember(kind="human", description="young fisherman, blue cap"),
        },
        locations={"quay": Place(description="stone quay by the sea")},
        props={"lantern": PlannedProp(description="a brass lantern")},
        scenes=tuple(scenes),
    )


def bench_series(
    root: Path,
    backbone: str,
    shooting: Shooting,
    plan: EpisodePlan,
    *,
    size: str = "128x64",
    keyframes: str | None = None,
    artifacts: Path | None = None,
) -> Series:
    """Create a series with that plan as its first episode. `artifacts`: a folder that several series share."""
    settings = SeriesSettings(title=plan.title, size=size, fps=_FPS, backbone=backbone, shooting=shooting, keyframes=keyframes)
    series = Series.create(root, settings)
    if artifacts is not None:
        series.artifacts = LocalArtifacts(artifacts)
    series.episode_folder(1).mkdir(parents=True, exist_ok=True)
    write_plan(series.plan_path(1), plan)
    return series


def render_bench_film(series: Series, runner: Callable[[], Runner] = Runner, listen: Listener = silent) -> Path:
    """Render the first episode and return its film."""
    (film,) = Studio(series, listen, runner).render([1])
    return film
