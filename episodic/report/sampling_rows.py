"""Sampling of an episode's takes by an open video model for its report, read from the notes of the takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from pydantic import BaseModel

from memory.model.facts import FactValue

__all__ = ["SampledShot", "sampled_shot"]

_UNUSED: Final = ("none", "no")
"""Values of machine settings that are off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SampledShot:
    """How the take of one shot was sampled."""

    shot: str
    size: str
    steps: int
    windows: str
    """The length of each window, and how many of its frames were given."""
    machine: str
    """The machine settings that were on."""
    stepped_down: tuple[str, ...]
    """Every setting that was lowered because memory ran out."""


class _Notes(BaseModel):
    """The notes of an open video model on a take, as far as the report shows them."""

    size: tuple[int, int]
    fps: int | float
    steps: int
    windows: list[tuple[int, int, int]]
    """Of each window: its first frame, its length in frames, and how many of them were given."""
    machine: dict[str, object]
    stepped_down: tuple[str, ...] = ()


def sampled_shot(shot: str, notes: Mapping[str, FactValue]) -> SampledShot | None:
    """Read a take's notes; None if the backbone is not an open video model."""
    if not isinstance(notes.get("windows"), list) or not isinstance(notes.get("machine"), dict):
        return None
    sampling = _Notes.model_validate(notes)
    width, height = sampling.size
    return SampledShot(
        shot=shot,
        size=f"{width}x{height} at {sampling.fps} fps",
        steps=sampling.steps,
        windows=", ".join(
            f"{frames} frames" + (f", {given} of them known" if given else "") for _, frames, given in sampling.windows
        ),
        machine=", ".join(f"{name} {value}" for name, value in sorted(sampling.machine.items()) if value not in _UNUSED),
        stepped_down=sampling.stepped_down,
    )
