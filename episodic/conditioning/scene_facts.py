"""Facts that a scene establishes without stating them: where characters are, time and weather, who knows of which thread. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from memory.model.facts import Evidence, Fact, FactValue, StoryPosition
from planners.plan.model import Scene

__all__ = ["KNOWS", "circumstances"]

KNOWS = "knows:"
"""Prefix of attributes that hold what a character knows of a thread: its question, or that it is answered."""


def circumstances(scene: Scene, at: StoryPosition) -> tuple[Fact, ...]:
    """The facts that a scene establishes when it is shot, except those that its plan states itself.

    Every character in it is at its place, and knows of the threads that open or close there (evidence `seen`). The place has the
    scene's time, weather and light (evidence `planned`).
    """
    stated = {(fact.entity, fact.attribute) for fact in scene.facts}
    return tuple(fact for fact in _established(scene, at) if (fact.entity, fact.attribute) not in stated)


def _established(scene: Scene, at: StoryPosition) -> Iterator[Fact]:
    def fact(entity: str, attribute: str, value: FactValue, evidence: Evidence) -> Fact:
        return Fact(entity=entity, attribute=attribute, value=value, since=at, evidence=evidence)

    for character in scene.people():
        yield fact(character, "whereabouts", scene.at, "seen")
        for thread, question in scene.opens.items():
            if thread not in scene.closes:
                yield fact(character, f"{KNOWS}{thread}", question, "seen")
        for thread in scene.closes:
            yield fact(character, f"{KNOWS}{thread}", "answered", "seen")
    yield fact(scene.at, "time", scene.time, "planned")
    yield fact(scene.at, "weather", scene.weather, "planned")
    light = scene.lighting.model_dump(mode="json", exclude_none=True)
    if light:
        yield fact(scene.at, "lighting", light, "planned")
