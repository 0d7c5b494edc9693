"""The story planner: reading, fabula, discourse."""

from __future__ import annotations

import hashlib
from typing import Final

from memory.model.canon import Canon
from planners.discourse.direct import direct
from planners.errors import PromptError
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
        plot = build_plot(premise, seed, brief.minutes * 60)
        if not plot.events:
            raise PromptError("nothing happens in this prompt that could be shown")
        style = (
            brief.style
            or premise.style
            or _STYLE_OF_GENRE.get(premise.genre or "", "classroom" if premise.form in {"lesson", "process"} else "storybook")
        )
        return direct(premise, plot, minutes=brief.minutes, seed=brief.seed, style=style)
