"""The edge to whatever turns a brief into a plan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from memory.model.canon import Canon
from planners.plan.model import EpisodePlan
from planners.plan.vocabulary import Style

__all__ = ["Brief", "Planner"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """What the user asked for. `prompt` may be empty only where the canon holds a series to go on with."""

    prompt: str
    minutes: float = 1.0
    style: Style | None = None
    """None: read from the prompt."""
    seed: int = 0
    episode: int = 1


class Planner(Protocol):
    """Turns a brief and what the series knows into the plan of one episode."""

    def plan(self, brief: Brief, canon: Canon) -> EpisodePlan:
        """Plan one episode. Deterministic in its arguments. Raises PromptError."""
        ...
