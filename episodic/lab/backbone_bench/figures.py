"""The figures of `episodic bench backbones`: time outside the model's call, repeated encodings, memories requested and delivered."""

from __future__ import annotations

import statistics
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from memory.model.facts import FactValue

__all__ = ["BACKBONES_FORMAT", "GOAL_OUTSIDE", "AdapterFigures", "TaskRecord"]

BACKBONES_FORMAT: Final = "episodic/bench-backbones@1"
GOAL_OUTSIDE: Final = 0.02
"""Share of a shot's time outside the pipeline's own call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskRecord:
    """The measurements of one task of a video model."""

    task: str
    kind: str
    began_s: float
    """On the machine's monotonic clock."""
    wall_s: float
    """From the start of the task in the process until its artifact is on the disk."""
    model_s: float
    """The part of it inside the pipeline's own call, raised to the artificial time."""
    encoded: tuple[tuple[str, str], ...]
    """Component and content digest of everything that was encoded, in order."""

    @property
    def outside_s(self) -> float:
        """Time outside the pipeline's own call."""
        return self.wall_s - self.model_s


@dataclass(frozen=True, slots=True, kw_only=True)
class AdapterFigures:
    """The measurements of one model."""

    model: str
    artificial_s: float
    """Least time of a call; 0 where calls take their own time."""
    shots: tuple[TaskRecord, ...]
    encoded: Mapping[str, tuple[int, int]]
    """By component: the number of encodings, and how many of them repeated an earlier one."""
    requested: int
    """Memories that the shots asked for."""
    delivered: int
    errors: int
    """Memories that were handed over and did not arrive."""
    forms: Mapping[str, str | None]
    """The channel by which each kind of memory arrived."""

    @property
    def first_s(self) -> float:
        """Time outside the model's call in the first shot, which loads the model."""
        return self.shots[0].outside_s

    @property
    def outside(self) -> tuple[float, ...]:
        """Share of time outside the model's call, for every later shot."""
        return tuple(shot.outside_s / shot.wall_s for shot in self.shots[1:])

    @property
    def outside_s(self) -> float:
        """Median time outside the model's call of the later shots."""
        return statistics.median(shot.outside_s for shot in self.shots[1:])

    @property
    def waited(self) -> float:
        """Share of the time between the ends of the first and the last shot in which the model waited for other tasks."""
        ends = [shot.began_s + shot.wall_s for shot in self.shots]
        gaps = [following.began_s - end for end, following in zip(ends, self.shots[1:], strict=False)]
        return sum(gaps) / (ends[-1] - ends[0])

    @property
    def repeated(self) -> int:
        """Number of repeated encodings; goal: 0."""
        return sum(repeated for _, repeated in self.encoded.values())

    def to_json(self) -> dict[str, FactValue]:
        """Return all measurements and the figures that follow from them."""
        return {
            "model": self.model,
            "artificial_s": self.artificial_s,
            "shots": [{"task": shot.task, "wall_s": shot.wall_s, "model_s": shot.model_s} for shot in self.shots],
            "encoded": {component: list(counts) for component, counts in self.encoded.items()},
            "asked": self.requested,
            "delivered": self.delivered,
            "errors": self.errors,
            "forms": dict(self.forms),
            "first_shot_outside_s": self.first_s,
            "outside_s": self.outside_s,
            "outside_shares": list(self.outside),
            "waited": self.waited,
            "repeated": self.repeated,
        }
