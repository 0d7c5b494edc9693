"""The story planner: reading, fabula, discourse."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Final

from memory.model.canon import STORY, Canon
from planners.discourse.direct import direct
from planners.discourse.exchanges import USED
from planners.discourse.explainer import explain
from planners.discourse.title_card import with_title_card
from planners.discourse.vignette import direct_vignette
from planners.errors import PromptError
from planners.fabula.continuation import follow_up_prompt
from planners.fabula.forms import arrange_form, vignette_uses
from planners.fabula.plot_builder import build_plot
from planners.plan.model import CastMember, EpisodePlan, FactText, Place, PlannedProp
from planners.plan.vocabulary import Style
from planners.planner import Brief
from planners.reading.clean_prompt import clean_prompt
from planners.reading.premise import ENACTED, Premise
from planners.reading.reader import read_premise

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


class StoryPlanner:
    """Plans from what the prompt says happens. Needs no model beyond spaCy's small English one."""

    def plan(self, brief: Brief, canon: Canon) -> EpisodePlan:
        """Plan one episode. Deterministic in its arguments. Raises PromptError."""
        goes_on = bool(canon.characters) and brief.episode > 1
        seed = _seed_of(brief.seed, brief.episode, brief.prompt)
        prompt = clean_prompt(brief.prompt) if brief.prompt.strip() or not goes_on else ""
        premise = read_premise(prompt or follow_up_prompt(canon, seed))
        style = brief.style or _style_of(premise)
        used = _exchanges_of(canon)
        before = set(used)
        plan = self._first_that_suits(premise, brief, canon, seed, style, used)
        return _with_memory(plan, canon, prompt, brief.seed, brief.episode, used - before)

    def _first_that_suits(
        self, premise: Premise, brief: Brief, canon: Canon, seed: int, style: Style, used: set[str]
    ) -> EpisodePlan:
        """A plan in the form that the prompt asks for: an explanation, a vignette, or a story."""
        try:
            explainer = explain(premise, brief, cast_seed=seed, style=style)
        except PromptError:
            if not tells_a_story(premise):
                raise
            explainer, premise = None, replace(premise, form="story")
        if explainer is not None:
            return explainer
        plot = build_plot(premise, seed, brief.minutes * 60, canon)
        if not plot.events:
            raise PromptError("nothing happens in this prompt that could be shown")
        premise, plot = arrange_form(premise, plot)
        if premise.form == "vignette" and (uses := vignette_uses(plot)):
            return direct_vignette(premise, plot, uses, minutes=brief.minutes, seed=seed, style=style)
        plan = direct(
            premise,
            plot,
            minutes=brief.minutes,
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


def _seed_of(*parts: object) -> int:
    """A seed from values."""
    return int.from_bytes(hashlib.sha256("/".join(map(str, parts)).encode()).digest()[:7], "big")


def _style_of(premise: Premise) -> Style:
    """The look that the prompt names, or that its genre or form has."""
    form: Style = "classroom" if premise.form in {"lesson", "process"} else "storybook"
    return premise.style or _STYLE_OF_GENRE.get(premise.genre or "", form)


def _exchanges_of(canon: Canon) -> set[str]:
    """Keys of the exchanges that earlier episodes of a series spoke."""
    return {key for name, value in canon.story.items() if name.startswith(USED) for key in str(value).split()}


def _with_memory(plan: EpisodePlan, canon: Canon, prompt: str, seed: int, episode: int, spoken: set[str]) -> EpisodePlan:
    """The plan with what memory knows as memory knows it, and with a note of the exchanges that it speaks."""
    cast = {
        one: CastMember(name=canon.characters[one].name) if one in canon.characters else member
        for one, member in plan.cast.items()
    }
    locations = {
        one: Place(name=canon.locations[one].name) if one in canon.locations else place for one, place in plan.locations.items()
    }
    props = {one: PlannedProp(name=canon.props[one].name) if one in canon.props else prop for one, prop in plan.props.items()}
    scenes = list(plan.scenes)
    keys = " ".join(sorted(key for key in spoken if "/" not in key and " " not in key))
    if keys:
        fact = FactText(entity=STORY, attribute=f"{USED}_{episode}", value=keys)
        scenes[-1] = scenes[-1].model_copy(update={"facts": (*scenes[-1].facts, fact)})
    return plan.model_copy(
        update={"prompt": prompt, "seed": seed, "cast": cast, "locations": locations, "props": props, "scenes": tuple(scenes)}
    )
