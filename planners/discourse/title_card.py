"""The end of a trailer: the title of the film as text."""

from __future__ import annotations

from planners.plan.model import NARRATOR, EpisodePlan, Line, Scene, Shot

__all__ = ["with_title_card"]

TITLE_SECONDS = 3.0


def with_title_card(plan: EpisodePlan, *, silent: bool) -> EpisodePlan:
    """The plan with one more scene: the last place, empty, and the title as a subtitle that the narrator reads, or without speech."""
    last = plan.scenes[-1]
    number = len(plan.scenes) + 1
    shot = Shot(
        id=f"s{number:02d}.1",
        size="extreme_wide",
        camera="pull_out",
        lines=() if silent else (Line(speaker=NARRATOR, text=f"{plan.title}."),),
        transition="fade",
        seconds=TITLE_SECONDS,
    )
    scene = Scene(
        id=f"s{number:02d}",
        title=plan.title,
        beat="title",
        at=last.at,
        time=last.time,
        weather=last.weather,
        mood=last.mood,
        synopsis=f"The title: {plan.title}.",
        shots=(shot,),
    )
    return plan.model_copy(update={"scenes": (*plan.scenes, scene)})
