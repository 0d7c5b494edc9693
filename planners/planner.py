"""The protocols of planners: from a brief to the plan of one episode."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol, runtime_checkable

from memory.model.canon import Canon
from planners.plan.model import EpisodePlan
from planners.plan.vocabulary import Style
from planners.prompt_report import PromptReport

if TYPE_CHECKING:
    from planners.reading.premise import Premise

__all__ = ["LONGEST_MINUTES", "SHORTEST_MINUTES", "Brief", "Planner", "PremisePlanner"]

SHORTEST_MINUTES: Final = 0.1
LONGEST_MINUTES: Final = 40.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """The user's request. `prompt` may be empty only if the canon holds a series to continue."""

    prompt: str
    minutes: float | None = None
    """None: as long as the prompt asks for, else one minute."""
    style: Style | None = None
    """None: read from the prompt."""
    seed: int = 0
    episode: int = 1
    source: Path | None = None
    """A text that a lesson is to be made from."""

    def minutes_to_plan(self, named: float | None) -> float:
        """The length to plan: the user's, else that which the prompt names, within the limits, else one minute."""
        if self.minutes is not None or named is None:
            return self.minutes or 1.0
        return min(LONGEST_MINUTES, max(SHORTEST_MINUTES, named))


@runtime_checkable
class Planner(Protocol):
    """Turns a brief and the canon of the series into the plan of one episode."""

    def plan(self, brief: Brief, canon: Canon) -> EpisodePlan:
        """Plan one episode. Deterministic in its arguments. Raises PromptError."""
        ...


@runtime_checkable
class PremisePlanner(Planner, Protocol):
    """A planner that reads the prompt first. What it understood can be shown and corrected before it plans."""

    def read(self, brief: Brief, canon: Canon) -> Premise:
        """Read the prompt of a brief. Raises PromptError."""
        ...

    def report(self, premise: Premise, brief: Brief) -> PromptReport:
        """Say what was understood."""
        ...

    def correct(self, premise: Premise, correction: str) -> Premise:
        """The premise after one correction by the user, such as `drop 3`. Raises PromptError."""
        ...

    def corrections_help(self) -> str:
        """The corrections that are possible, in a line."""
        ...

    def plan_premise(self, premise: Premise, brief: Brief, canon: Canon) -> EpisodePlan:
        """Plan one episode from a premise. Deterministic in its arguments. Raises PromptError."""
        ...
