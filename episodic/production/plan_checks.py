"""Checks of a plan against its series, before anything is conditioned on it."""

from __future__ import annotations

from typing import Final

from episodic.errors import InputError
from episodic.series.series import parse_size
from memory.model.canon import Canon
from planners.plan.model import EpisodePlan

__all__ = ["check_plan"]

_ASPECT_TOLERANCE: Final = 0.02


def check_plan(plan: EpisodePlan, canon: Canon, size: str) -> None:
    """Raise InputError where a plan asks for another aspect than the series' `size`, or for another kind of a known character."""
    _check_aspect(plan, size)
    _check_kinds(plan, canon)


def _check_aspect(plan: EpisodePlan, size: str) -> None:
    width, height = parse_size(size)
    across, up = (int(part) for part in (plan.look.aspect or f"{width}:{height}").split(":"))
    if abs(across * height - up * width) > _ASPECT_TOLERANCE * up * width:
        raise InputError(
            f"the plan's look.aspect is {plan.look.aspect}, but the series makes {size}; change `size` in series.yaml, or the plan"
        )


def _check_kinds(plan: EpisodePlan, canon: Canon) -> None:
    """An id keeps its kind for the series."""
    for entity, member in plan.cast.items():
        before = canon.characters.get(entity)
        if before is not None and member.kind not in (None, before.kind):
            raise InputError(
                f"cast: {entity} is of kind {before.kind} in the series so far and {member.kind} in this plan; "
                "an id keeps its kind: give the new one another id"
            )
