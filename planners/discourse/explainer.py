"""Plan a film that explains: a lesson or a process."""

from __future__ import annotations

from planners.discourse.lesson import direct_lesson
from planners.discourse.process import direct_process
from planners.fabula.explainer_content import explainer_content, is_explainer
from planners.fabula.process import ProcessContent
from planners.plan.model import EpisodePlan
from planners.plan.vocabulary import Style
from planners.planner import Brief
from planners.reading.premise import Premise

__all__ = ["explain"]


def explain(premise: Premise, brief: Brief, *, cast_seed: int, style: Style) -> EpisodePlan | None:
    """The plan of a lesson or a process; None if the prompt asks for neither.

    Deterministic in its arguments. Raises PromptError if the prompt asks to be taught something on which nothing is known.
    """
    if not is_explainer(premise) and brief.source is None:
        return None
    minutes = brief.minutes_to_plan(premise.minutes)
    content = explainer_content(premise, brief.source)
    if isinstance(content, ProcessContent):
        return direct_process(premise, content, minutes=minutes, seed=brief.seed, cast_seed=cast_seed, style=style)
    return direct_lesson(premise, content, minutes=minutes, seed=brief.seed, cast_seed=cast_seed, style=style)
