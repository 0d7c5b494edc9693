"""Plan films for the benchmark, with any planner, and keep what goes wrong."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from memory.model.canon import empty_canon
from planners.discourse.direct import direct
from planners.errors import PromptError
from planners.fabula.plot_builder import build_plot
from planners.plan.cross_references import check_references
from planners.plan.model import EpisodePlan
from planners.planner import Brief
from planners.planner_registry import PLANNERS, open_planner
from planners.reading.premise import Premise
from planners.reading.reader import read_premise

__all__ = ["BENCH_PLANNERS", "NULL_PLANNER", "BenchPlanner", "FilmPlan", "plan_film", "plan_films", "premise_of"]

BenchPlanner = str
"""A name of `BENCH_PLANNERS`."""
NULL_PLANNER: Final = "null"
"""The events of the prompt as the reader understood them, acted out once each, without plot and dialogue."""
BENCH_PLANNERS: Final[tuple[BenchPlanner, ...]] = (*PLANNERS, NULL_PLANNER)


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmPlan:
    """What a planner made of one prompt."""

    prompt: str
    minutes: float
    seed: int
    plan: EpisodePlan | None = None
    refusal: str | None = None
    """Message of a PromptError."""
    failure: str | None = None
    """Any other exception, or the first broken reference of the plan."""


@lru_cache(maxsize=4096)
def premise_of(prompt: str) -> Premise | None:
    """A prompt as the reader understands it; None if it refuses the prompt."""
    try:
        return read_premise(prompt)
    except PromptError:
        return None


def _plan(planner: BenchPlanner, prompt: str, minutes: float, seed: int) -> EpisodePlan:
    """The plan of a planner. Raises PromptError."""
    if planner != NULL_PLANNER:
        return open_planner(planner).plan(Brief(prompt=prompt, minutes=minutes, seed=seed), empty_canon())
    premise = read_premise(prompt)
    plot = build_plot(premise, seed)
    if not plot.events:
        raise PromptError("nothing happens in this prompt that could be shown")
    return direct(premise, plot, minutes=minutes, seed=seed, style=premise.style or "storybook", plain=True)


def plan_film(planner: BenchPlanner, prompt: str, minutes: float = 1.0, seed: int = 1) -> FilmPlan:
    """Plan one film. Nothing is raised: a refusal or a failure is part of the result."""
    try:
        plan = _plan(planner, prompt, minutes, seed)
    except PromptError as err:
        return FilmPlan(prompt=prompt, minutes=minutes, seed=seed, refusal=str(err))
    except Exception as err:  # noqa: BLE001  # the benchmark counts every failure of a planner
        return FilmPlan(
            prompt=prompt, minutes=minutes, seed=seed, failure=f"{type(err).__name__}: {' '.join(str(err).split())[:200]}"
        )
    faults = check_references(plan)
    failure = f"{'.'.join(map(str, faults[0].path))}: {faults[0].message}" if faults else None
    return FilmPlan(prompt=prompt, minutes=minutes, seed=seed, plan=plan, failure=failure)


def plan_films(
    planner: BenchPlanner,
    prompts: Sequence[str],
    minutes: float | Sequence[float] = 1.0,
    seed: int = 1,
    listen: Callable[[str], None] = lambda _: None,
) -> list[FilmPlan]:
    """Plan one film of every prompt. `minutes`: for all, or for each. `listen` hears of every fiftieth."""
    lengths = [float(minutes)] * len(prompts) if isinstance(minutes, int | float) else list(minutes)
    films = []
    for number, (prompt, length) in enumerate(zip(prompts, lengths, strict=True), start=1):
        films.append(plan_film(planner, prompt, length, seed))
        if number % 50 == 0:
            listen(f"{planner}: {number} of {len(prompts)} prompts planned")
    return films
