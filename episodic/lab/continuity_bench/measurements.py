"""The measurements of a series that was made under one condition."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from episodic.quality.recurrence import Appearance
from memory.model.facts import StoryPosition
from memory.model.records import EmbeddingKind

__all__ = ["LIGHT_GAPS", "MEASURED_KINDS", "LightChange", "LightGap", "SeriesMeasurement"]

MEASURED_KINDS: Final[tuple[EmbeddingKind, ...]] = ("look", "voice", "motion")
"""Kinds of embeddings by which the bench identifies characters."""

LightGap = Literal["shots", "scenes", "episodes"]
"""The gap between two takes whose light is compared: shots of one scene, or visits of a place in one episode or in two."""
LIGHT_GAPS: Final[tuple[LightGap, ...]] = ("shots", "scenes", "episodes")


@dataclass(frozen=True, slots=True, kw_only=True)
class LightChange:
    """How far the light moved from one take to a later one."""

    gap: LightGap
    position: StoryPosition
    """Position of the later take."""
    ambient: float
    """CIEDE2000."""
    direction_deg: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesMeasurement:
    """The measurements of all takes of one series."""

    appearances: tuple[Appearance, ...]
    light: tuple[LightChange, ...]
    shots: int
    unverified: int = 0
    """Correct vectors that memory did not verify against the vectors it already had."""
