"""A scene as it is mixed: its place, its mood and its shots."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from memory.model.facts import FactValue
from planners.plan.vocabulary import Mood, Style, TimeOfDay, Transition, Weather

__all__ = ["MixedShot", "SceneToMix"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MixedShot:
    """One shot of the scene."""

    id: str
    transition: Transition


@dataclass(frozen=True, slots=True, kw_only=True)
class SceneToMix:
    """Everything that determines the sound of a scene, except its takes and its speech."""

    place: Mapping[str, FactValue]
    """The look of the place."""
    description: str
    time: TimeOfDay
    weather: Weather
    mood: Mood
    style: Style
    fps: int
    seed: int
    theme: int
    """The seed of the series' musical motif."""
    shots: tuple[MixedShot, ...]
