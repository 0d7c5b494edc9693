"""A short episode to shoot with any model: one scene, two characters, a line, a shot that goes on from the one before."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from episodic.backbones.settings import Shooting
from episodic.production.artifacts import LocalArtifacts
from episodic.production.events import Listener, silent
from episodic.production.runner import Runner
from episodic.series import Series, SeriesSettings
from episodic.studio import Studio
from planners.plan import CastMember, EpisodePlan, Line, Place, Scene, Shot
from planners.plan_file import write_plan

__all__ = ["bench_plan", "bench_series", "film_it"]

_FPS = 8


def bench_plan(shots: int = 3, seconds: float = 1.0) -> EpisodePlan:
    """Two or three shots. The second goes on from the first; the third is of the same two again."""
    planned = (
        Shot(id="q1.1", size="full", focus=("mara", "tom"), action={"mara": "walks to the lamp"}, seconds=seconds),
        Shot(id="q1.2", focus=("mara", "tom"), lines=(Line(speaker="mara", text="Not now."),), continues=True),
        Shot(id="q1.3", size="wide", focus=("mara", "tom"), seconds=seconds),
    )
    scene = Scene(id="q1", at="quay", time="dusk", synopsis="The lamp goes out.", shots=planned[:shots])
    return EpisodePlan(
        title="The Lamp",
        cast={
            "mara": CastMember(kind="human", description="old lighthouse keeper, grey braid, yellow raincoat"),
            "tom": CastMember(kind="human", description="young fisherman, blue cap"),
        },
        locations={"quay": Place(description="stone quay by the sea")},
        scenes=(scene,),
    )


def bench_series(
    root: Path, backbone: str, shooting: Shooting, plan: EpisodePlan, *, size: str = "128x64", artifacts: Path | None = None
) -> Series:
    """A new series with that plan as its first episode. `artifacts`: a folder that several series share."""
    series = Series.create(root, SeriesSettings(title=plan.title, size=size, fps=_FPS, backbone=backbone, shooting=shooting))
    if artifacts is not None:
        series.artifacts = LocalArtifacts(artifacts)
    series.episode_folder(1).mkdir(parents=True, exist_ok=True)
    write_plan(series.plan_path(1), plan)
    return series


def film_it(series: Series, runner: Callable[[], Runner] = Runner, listen: Listener = silent) -> Path:
    """Render the first episode; its film."""
    (film,) = Studio(series, listen, runner).render([1])
    return film
