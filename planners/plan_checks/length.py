"""How long a plan is beside what was asked for."""

from __future__ import annotations

from typing import Final

from planners.plan.durations import estimate_seconds
from planners.plan.model import EpisodePlan

__all__ = ["LENGTH_TOLERANCE", "is_as_long_as_asked", "length_ratio"]

LENGTH_TOLERANCE: Final = 0.1


def length_ratio(plan: EpisodePlan, minutes: float) -> float:
    """The planned length divided by the length asked for."""
    return estimate_seconds(plan) / (60 * minutes)


def is_as_long_as_asked(plan: EpisodePlan, minutes: float) -> bool:
    """Whether a plan is within a tenth of what was asked for."""
    return abs(length_ratio(plan, minutes) - 1) <= LENGTH_TOLERANCE
