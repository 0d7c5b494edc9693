"""Plan one episode: show what was understood of the prompt, let the user correct it, and say if the length is missed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from episodic.errors import InputError
from episodic.production.graph.events import Event, Listener, silent
from memory.model.canon import Canon
from planners.plan.durations import estimate_seconds
from planners.plan.length_note import length_note
from planners.plan.model import EpisodePlan
from planners.planner import LONGEST_MINUTES, Brief, Planner, PremisePlanner
from planners.planner_registry import open_planner
from planners.prompt_report import PromptReport

if TYPE_CHECKING:
    from planners.reading.premise import Premise

__all__ = ["Corrector", "PlannedEpisode", "plan_episode"]

Corrector = Callable[[PremisePlanner, "Premise", Brief], "Premise"]
"""Shows what a planner understood, and returns the premise as the user corrects it."""


@dataclass(frozen=True, slots=True)
class PlannedEpisode:
    """A plan that is not written yet."""

    plan: EpisodePlan
    comments: tuple[str, ...] = ()
    """What was understood of the prompt: lines for the head of the plan file."""


def plan_episode(
    planner: Planner | None, brief: Brief, canon: Canon, listen: Listener = silent, correct: Corrector | None = None
) -> PlannedEpisode:
    """Plan an episode, by default with the embedded planner, and report what was understood of the prompt.

    Raises PromptError, or InputError if there is a corrector for a planner that keeps no premise.
    """
    planner = planner or open_planner()
    if not isinstance(planner, PremisePlanner):
        if correct is not None:
            raise InputError(
                "--interactive: this planner does not say what it understood; leave the option out, and edit the plan"
            )
        return PlannedEpisode(planner.plan(brief, canon))
    premise = planner.read(brief, canon)
    if correct is not None:
        corrected = correct(planner, premise, brief)
        if corrected.prompt != premise.prompt:
            brief = replace(brief, prompt=corrected.prompt)
        premise = corrected
    report = planner.report(premise, brief)
    _report_understood(report, brief, listen)
    plan = planner.plan_premise(premise, brief, canon)
    _report_length(plan, report, brief, listen)
    return PlannedEpisode(plan, tuple(_comments(report)))


def _report_understood(report: PromptReport, brief: Brief, listen: Listener) -> None:
    """Report what was understood and what the user can do about the rest."""
    listen(Event(event="understood", text="\n".join(report.lines()), episode=brief.episode, data=report.to_json()))
    for hint in report.hints():
        listen(Event(event="note", text=hint, episode=brief.episode))


def _report_length(plan: EpisodePlan, report: PromptReport, brief: Brief, listen: Listener) -> None:
    """Report a length that the plan misses."""
    planned_s = estimate_seconds(plan)
    named = None if brief.minutes is not None else report.minutes
    if named is not None and named > LONGEST_MINUTES:
        text = f"length: the prompt asks for {named:g} min; a film has at most {LONGEST_MINUTES:g}"
        listen(Event(event="note", text=text, episode=brief.episode))
    asked_s = brief.minutes_to_plan(named) * 60
    events = None if report.explains else report.events
    note = length_note(planned_s, asked_s, events, usual=brief.minutes is None and named is None)
    if note is not None:
        data = {"asked_s": round(asked_s, 1), "planned_s": round(planned_s, 1), "events": report.events}
        listen(Event(event="length", text=note, seconds=round(planned_s, 1), episode=brief.episode, data=dict(data)))


def _comments(report: PromptReport) -> list[str]:
    """The head of a plan file."""
    return ["What was understood of the prompt:", *(f"  {line}" for line in report.lines()), ""]
