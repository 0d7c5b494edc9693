"""How an open video model sampled an episode's takes, for its report: from the notes that its takes carry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from memory.model.facts import FactValue

__all__ = ["SampledShot", "sampled_shot"]

_NOTHING = ("none", "no")


@dataclass(frozen=True, slots=True, kw_only=True)
class SampledShot:
    """One shot's take."""

    shot: str
    size: str
    steps: int
    windows: str
    """How many, and how many frames each goes on from."""
    machine: str
    """What of the machine's levers was used."""
    stepped_down: tuple[str, ...]
    """Every notch that had to be stepped down because memory ran out."""


def sampled_shot(shot: str, notes: Mapping[str, FactValue]) -> SampledShot | None:
    """What a take's notes say; None for a take of a backbone that is no open video model."""
    found: Mapping[str, Any] = notes
    if not isinstance(found.get("windows"), list) or not isinstance(found.get("machine"), dict):
        return None
    width, height = found["size"]
    used = [f"{name} {value}" for name, value in sorted(found["machine"].items()) if value not in _NOTHING]
    return SampledShot(
        shot=shot,
        size=f"{width}x{height} at {found['fps']} fps",
        steps=int(found["steps"]),
        windows=", ".join(
            f"{frames} frames" + (f", {known} of them known" if known else "") for _, frames, known in found["windows"]
        ),
        machine=", ".join(used),
        stepped_down=tuple(str(one) for one in found.get("stepped_down", ())),
    )
