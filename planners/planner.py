"""The protocol of planners: from a brief to the plan of one episode."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

from memory.model.canon import Canon
from planners.plan.model import EpisodePlan
from planners.plan.vocabulary import Style

__all__ = ["Brief", "Planner"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """The user's request. `prompt` may be empty only if the canon holds a series to continue."""

    prompt: str
    minutes: float = 1.0
    style: Style | None = None
    """None: read from the prompt."""
    seed: int = 0
    episode: int = 1
    source: Path | None = None
    """A text that a lesson is to be made from."""


@runtime_checkable
class Planner(Protocol):
    """Turns a brief and the canon of the series into the plan of one episode."""

    def plan(self, brief: Brief, canon: Canon) -> EpisodePlan:
        """Plan one episode. Deterministic in its arguments. Raises PromptError."""
        ...
