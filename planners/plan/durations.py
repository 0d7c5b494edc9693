"""How long a plan will run before anything is spoken: speech at the engine's pace, gestures at a body's."""

from __future__ import annotations

from typing import Final

from planners.plan.actions import read_action
from planners.plan.model import EpisodePlan, Scene, Shot

__all__ = ["estimate_seconds", "line_seconds", "scene_seconds", "shot_seconds"]

WORDS_PER_SECOND: Final = 2.7
GAP_SECONDS: Final = 0.6
"""What a line costs beside its words: the breath before it and the look after it."""
SILENT_SECONDS: Final = 2.5
MOVING_SECONDS: Final = 3.0
SHORTEST_SECONDS: Final = 1.6


def line_seconds(text: str) -> float:
    """Seconds one spoken line takes, its pause included."""
    return len(text.split()) / WORDS_PER_SECOND + GAP_SECONDS


def shot_seconds(shot: Shot) -> float:
    """Seconds one shot is on screen: the user's own figure, or its speech, or the time its action needs."""
    if shot.seconds is not None:
        return shot.seconds
    if shot.lines:
        return max(SHORTEST_SECONDS, sum(line_seconds(line.text) for line in shot.lines))
    moving = any(read_action(text).moves != "none" for text in shot.action.values())
    return MOVING_SECONDS if moving else SILENT_SECONDS


def scene_seconds(scene: Scene) -> float:
    """Seconds one scene takes."""
    return sum(shot_seconds(shot) for shot in scene.shots)


def estimate_seconds(plan: EpisodePlan) -> float:
    """Seconds the episode takes."""
    return sum(scene_seconds(scene) for scene in plan.scenes)
