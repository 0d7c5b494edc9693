"""The film as it is cut: scenes, shots and lines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from planners.plan.vocabulary import Transition

__all__ = ["CLOSING_FADE_S", "MOST_GAIN_DB", "CutLine", "CutScene", "CutShot", "Film"]

CLOSING_FADE_S: Final = 1.0
MOST_GAIN_DB: Final = 24.0
"""The most by which an episode is made louder; a quieter one stays quiet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CutLine:
    """One line as a subtitle."""

    speaker: str
    """The speaker's name."""
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CutShot:
    """One shot of the film."""

    id: str
    transition: Transition
    lines: tuple[CutLine, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CutScene:
    """One scene of the film: a chapter."""

    id: str
    title: str
    shots: tuple[CutShot, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Film:
    """Everything that determines a film, except its takes, pictures and mixes."""

    title: str
    prompt: str
    """As the film's comment has it."""
    fps: int
    size: tuple[int, int]
    """Width and height in pixels."""
    scenes: tuple[CutScene, ...]

    @property
    def shots(self) -> tuple[CutShot, ...]:
        """Every shot, in story order."""
        return tuple(shot for scene in self.scenes for shot in scene.shots)
