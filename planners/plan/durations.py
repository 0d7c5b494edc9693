"""Estimated running time of a plan before speech is synthesised."""

from __future__ import annotations

from typing import Final

from planners.plan.actions import read_action
from planners.plan.model import EpisodePlan, Scene, Shot

__all__ = ["estimate_seconds", "line_seconds", "scene_seconds", "shot_seconds"]

WORDS_PER_SECOND: Final = 2.7
GAP_SECONDS: Final = 0.6
"""Pause that each line adds to the time of its words, in seconds."""
SILENT_SECONDS: Final = 2.5
MOVING_SECONDS: Final = 3.0
SHORTEST_SECONDS: Final = 1.6


def line_seconds(text: str) -> float:
    """Estimated length of a spoken line in seconds, including its pause."""
    return len(text.split()) / WORDS_PER_SECOND + GAP_SECONDS


def shot_seconds(shot: Shot) -> float:
    """Estimated length of a shot in seconds: the user's figure, else the time that its speech or action needs."""
    if shot.seconds is not None:
        return shot.seconds
    if shot.lines:
        return max(SHORTEST_SECONDS, sum(line_seconds(line.text) for line in shot.lines))
    moving = any(read_action(text).moves != "none" for text in shot.action.values())
    return MOVING_SECONDS if moving else SILENT_SECONDS


def scene_seconds(scene: Scene) -> float:
    """Estimated length of a scene in seconds."""
    return sum(shot_seconds(shot) for shot in scene.shots)


def estimate_seconds(plan: EpisodePlan) -> float:
    """Estimated length of the episode in seconds."""
    return sum(scene_seconds(scene) for scene in plan.scenes)
