"""The texts of a plan: spoken lines and actions, with their places."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from planners.plan.model import EpisodePlan

__all__ = ["PlanText", "TextKind", "action_texts", "plan_texts", "spoken_texts"]

TextKind = Literal["line", "action"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanText:
    """A spoken line or an action."""

    kind: TextKind
    scene: str
    shot: str
    who: str
    """Id of the speaker or performer."""
    text: str


def plan_texts(plan: EpisodePlan) -> Iterator[PlanText]:
    """All actions and lines in order; in each shot the actions first."""
    for scene in plan.scenes:
        for shot in scene.shots:
            for who, text in shot.action.items():
                yield PlanText(kind="action", scene=scene.id, shot=shot.id, who=who, text=text)
            for line in shot.lines:
                yield PlanText(kind="line", scene=scene.id, shot=shot.id, who=line.speaker, text=line.text)


def spoken_texts(plan: EpisodePlan) -> list[PlanText]:
    """All spoken lines in order, the narrator's too."""
    return [text for text in plan_texts(plan) if text.kind == "line"]


def action_texts(plan: EpisodePlan) -> list[PlanText]:
    """All actions in order."""
    return [text for text in plan_texts(plan) if text.kind == "action"]
