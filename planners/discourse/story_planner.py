"""The story planner: reading, fabula, discourse."""

from __future__ import annotations

import hashlib
from typing import Final

from memory.model.canon import Canon
from planners.discourse.direct import direct
from planners.discourse.explainer import explain
from planners.discourse.title_card import with_title_card
from planners.discourse.vignette import direct_vignette
from planners.errors import PromptError
from planners.fabula.forms import arrange_form, vignette_uses
from planners.fabula.plot_builder import build_plot
from planners.plan.model import EpisodePlan
from planners.plan.vocabulary import Style
from planners.planner import Brief
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
        del canon
        premise = read_premise(brief.prompt)
        seed = int.from_bytes(hashlib.sha256(f"{brief.seed}/{brief.episode}/{premise.prompt}".encode()).digest()[:7], "big")
        style = (
            brief.style
            or premise.style
            or _STYLE_OF_GENRE.get(premise.genre or "", "classroom" if premise.form in {"lesson", "process"} else "storybook")
        )
        if (explainer := explain(premise, brief, cast_seed=seed, style=style)) is not None:
            return explainer
        minutes = premise.minutes or brief.minutes
        plot = build_plot(premise, seed)
        if not plot.events:
            raise PromptError("nothing happens in this prompt that could be shown")
        premise, plot = arrange_form(premise, plot)
        if premise.form == "vignette" and (uses := vignette_uses(plot)):
            return direct_vignette(premise, plot, uses, minutes=minutes, seed=brief.seed, style=style)
        plan = direct(premise, plot, minutes=minutes, seed=brief.seed, style=style)
        return with_title_card(plan, silent=premise.silent) if premise.form == "trailer" else plan
