"""Delivery: how an emotion changes a voice's rate, pitch, intonation, loudness, brightness, breath and tremble."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from planners.plan.vocabulary import Emotion

__all__ = ["MANNERS", "Manner"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """Changes to a voice: rate, pitch and range multiply its own values, the others are added."""

    rate: float = 1.0
    pitch: float = 1.0
    range: float = 1.0
    level_db: float = 0.0
    tilt_db: float = 0.0
    """dB per octave above 500 Hz; positive is brighter, as in a raised voice."""
    breath: float = 0.0
    tremble: float = 0.0
    """Depth of a 6 Hz wavering of the pitch, as a ratio."""
    drift: float = 0.0
    """Octaves by which the pitch moves from the beginning of a line to its end."""


MANNERS: Final[dict[Emotion, Manner]] = {
    "neutral": Manner(),
    "happy": Manner(rate=1.06, pitch=1.09, range=1.35, level_db=1.0, tilt_db=0.6, drift=0.04),
    "sad": Manner(rate=0.84, pitch=0.93, range=0.6, level_db=-2.5, tilt_db=-1.0, breath=0.15, drift=-0.08),
    "afraid": Manner(rate=1.12, pitch=1.14, range=0.85, level_db=-0.5, tilt_db=0.2, breath=0.2, tremble=0.03),
    "angry": Manner(rate=1.08, pitch=1.04, range=1.45, level_db=2.5, tilt_db=1.6, drift=-0.03),
    "surprised": Manner(rate=1.02, pitch=1.15, range=1.55, level_db=1.5, tilt_db=0.6, drift=0.12),
    "tender": Manner(rate=0.9, pitch=0.97, range=0.8, level_db=-2.0, tilt_db=-0.8, breath=0.25),
}
