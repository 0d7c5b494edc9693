"""What a scene establishes without saying so: where people are, what the sky does, who now knows what. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from memory.model.facts import Evidence, Fact, FactValue, StoryPosition
from planners.plan.model import Scene

__all__ = ["KNOWS", "circumstances"]

KNOWS = "knows:"
"""Attributes with this prefix hold what somebody knows of a thread: the question, or that it is answered."""


def circumstances(scene: Scene, at: StoryPosition) -> tuple[Fact, ...]:
    """The facts of a scene that is shot. What its plan states itself is left to the plan.

    Everybody there is at its place, and knows of the threads that open or close before their eyes (seen); the place has the
    scene's time, weather and light (planned).
    """
    stated = {(one.entity, one.attribute) for one in scene.facts}
    return tuple(one for one in _all(scene, at) if (one.entity, one.attribute) not in stated)


def _all(scene: Scene, at: StoryPosition) -> Iterator[Fact]:
    def fact(entity: str, attribute: str, value: FactValue, evidence: Evidence) -> Fact:
        return Fact(entity=entity, attribute=attribute, value=value, since=at, evidence=evidence)

    for one in scene.people():
        yield fact(one, "whereabouts", scene.at, "seen")
        for thread, question in scene.opens.items():
            if thread not in scene.closes:
                yield fact(one, f"{KNOWS}{thread}", question, "seen")
        for thread in scene.closes:
            yield fact(one, f"{KNOWS}{thread}", "answered", "seen")
    yield fact(scene.at, "time", scene.time, "planned")
    yield fact(scene.at, "weather", scene.weather, "planned")
    light = scene.lighting.model_dump(mode="json", exclude_none=True)
    if light:
        yield fact(scene.at, "lighting", light, "planned")
