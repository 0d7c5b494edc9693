"""The story planner: reading, fabula, discourse."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from typing import Final

from memory.model.canon import STORY, Canon
from planners.discourse.direct import direct
from planners.discourse.exchanges import USED
from planners.discourse.explainer import explain
from planners.discourse.title_card import with_title_card
from planners.discourse.vignette import direct_vignette
from planners.errors import BY_HAND, PromptError
from planners.fabula.continuation import follow_up_prompt
from planners.fabula.forms import arrange_form, vignette_uses
from planners.fabula.moments import with_moment
from planners.fabula.plot_builder import build_plot
from planners.plan.model import CastMember, EpisodePlan, FactText, Place, PlannedProp
from planners.plan.vocabulary import Style
from planners.planner import Brief
from planners.prompt_report import PromptReport
from planners.reading.corrections import CORRECTIONS, correct
from planners.reading.premise import ENACTED, Premise
from planners.reading.reader import read_premise
from planners.reading.report import check_understood, report
from planners.reading.texts.clean_prompt import clean_prompt

__all__ = ["StoryPlanner"]

_STYLE_OF_GENRE: Final[dict[str, Style]] = {
    "noir": "noir",
    "heist": "noir",
    "thriller": "noir",
    "horror": "noir",
    "comedy": "sitcom",
    "science fiction": "scifi",
    "courtroom": "drama",
    "romance": "pastel",
}


_ASKS: Final = re.compile(
    r"\b(?:explain|how|why|what|teach|lesson|tutorial|learn|process|explainer|instructions|guide|step by step|made)\b",
    re.IGNORECASE,
)
"""Words without which a prompt asks for no explanation."""


class StoryPlanner:
    """Plans from what the prompt says happens. Needs no model beyond spaCy's small English one."""

    def plan(self, brief: Brief, canon: Canon) -> EpisodePlan:
        """Plan one episode. Deterministic in its arguments. Raises PromptError."""
        return self.plan_premise(self.read(brief, canon), brief, canon)

    def read(self, brief: Brief, canon: Canon) -> Premise:
        """Read the prompt of a brief, or go on with the series if it has none. Raises PromptError."""
        prompt = _prompt_of(brief, canon)
        premise = read_premise(prompt or follow_up_prompt(canon, _seed_of(brief.seed, brief.episode, brief.prompt)))
        if prompt:
            check_understood(premise)
        return premise

    def report(self, premise: Premise, brief: Brief) -> PromptReport:
        """Say what was understood, and the look that the film gets."""
        return report(premise, style=_style_words(premise, brief))

    def correct(self, premise: Premise, correction: str) -> Premise:
        """The premise after one correction by the user, such as `drop 3`. Raises PromptError."""
        return correct(premise, correction)

    def corrections_help(self) -> str:
        """The corrections that are possible, in a line."""
        return CORRECTIONS

    def plan_premise(self, premise: Premise, brief: Brief, canon: Canon) -> EpisodePlan:
        """Plan one episode from a premise. Deterministic in its arguments. Raises PromptError."""
        seed = _seed_of(brief.seed, brief.episode, brief.prompt)
        used = _exchanges_of(canon)
        before = set(used)
        plan = self._first_that_suits(premise, brief, canon, seed, used)
        plan = plan.model_copy(update={"prompt": _prompt_of(brief, canon), "seed": brief.seed})
        return _with_memory(plan, canon, brief.episode, used - before)

    def _first_that_suits(self, premise: Premise, brief: Brief, canon: Canon, seed: int, used: set[str]) -> EpisodePlan:
        """A plan in the form that the prompt asks for: an explanation, a vignette, or a story."""
        style, minutes = brief.style or _style_of(premise), brief.minutes_to_plan(premise.minutes)
        try:
            explainer = explain(premise, brief, cast_seed=seed, style=style)
        except PromptError:
            if not tells_a_story(premise) and _ASKS.search(premise.prompt):
                raise
            explainer, premise = None, replace(premise, form="story")
        if explainer is not None:
            return explainer
        premise = with_moment(premise)
        plot = build_plot(premise, seed, minutes * 60, canon)
        if not plot.events:
            raise PromptError(
                "nothing happens in this prompt that a film could show. Say who does what, for instance "
                f"“A lighthouse keeper befriends a storm.”\n{BY_HAND}"
            )
        premise, plot = arrange_form(premise, plot)
        if premise.form == "vignette" and (uses := vignette_uses(plot)):
            return direct_vignette(premise, plot, uses, minutes=minutes, seed=seed, style=style)
        plan = direct(
            premise,
            plot,
            minutes=minutes,
            seed=seed,
            style=style,
            used=used,
            open_threads=tuple(thread.id for thread in canon.threads if not thread.closed),
        )
        return with_title_card(plan, silent=premise.silent) if premise.form == "trailer" else plan


def tells_a_story(premise: Premise) -> bool:
    """Whether a prompt says that somebody does something, whatever else it asks for."""
    beings = {entity.id for entity in premise.entities if entity.acts}
    return any(event.explicit and event.modality in ENACTED and beings & set(event.agents) for event in premise.events)


def _prompt_of(brief: Brief, canon: Canon) -> str:
    """The cleaned prompt; empty if there is none and the series goes on by itself. Raises PromptError."""
    goes_on = bool(canon.characters) and brief.episode > 1
    return clean_prompt(brief.prompt) if brief.prompt.strip() or not goes_on else ""


def _seed_of(*parts: object) -> int:
    """A seed from values."""
    return int.from_bytes(hashlib.sha256("/".join(map(str, parts)).encode()).digest()[:7], "big")


def _style_of(premise: Premise) -> Style:
    """The look that the prompt names, or that its genre or form has."""
    form: Style = "classroom" if premise.form in {"lesson", "process"} else "storybook"
    return premise.style or _STYLE_OF_GENRE.get(premise.genre or "", form)


def _style_words(premise: Premise, brief: Brief) -> str:
    """The look of the film, and why it has it."""
    if brief.style is not None:
        return f"{brief.style} ({'chosen' if brief.episode == 1 else 'as the series has it'})"
    why = "" if premise.style else ", as the genre has it" if premise.genre in _STYLE_OF_GENRE else ", as usual for this form"
    return f"{_style_of(premise)}{why}"


def _exchanges_of(canon: Canon) -> set[str]:
    """Keys of the exchanges that earlier episodes of a series spoke."""
    return {key for name, value in canon.story.items() if name.startswith(USED) for key in str(value).split()}


def _with_memory(plan: EpisodePlan, canon: Canon, episode: int, spoken: set[str]) -> EpisodePlan:
    """The plan with what memory knows as memory knows it, and with a note of the exchanges that it speaks."""
    cast = {
        identifier: CastMember(name=canon.characters[identifier].name) if identifier in canon.characters else member
        for identifier, member in plan.cast.items()
    }
    locations = {
        identifier: Place(name=canon.locations[identifier].name) if identifier in canon.locations else place
        for identifier, place in plan.locations.items()
    }
    props = {
        identifier: PlannedProp(name=canon.props[identifier].name) if identifier in canon.props else prop
        for identifier, prop in plan.props.items()
    }
    scenes = list(plan.scenes)
    keys = " ".join(sorted(key for key in spoken if "/" not in key and " " not in key))
    if keys:
        fact = FactText(entity=STORY, attribute=f"{USED}_{episode}", value=keys)
        scenes[-1] = scenes[-1].model_copy(update={"facts": (*scenes[-1].facts, fact)})
    return plan.model_copy(update={"cast": cast, "locations": locations, "props": props, "scenes": tuple(scenes)})
