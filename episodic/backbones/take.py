"""What a backbone gives back: takes, rushes, and single frames to measure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from jaxtyping import Bool, UInt8

from episodic.backbones.footage import Footage
from memory.model.facts import FactValue

__all__ = ["PROBE_PX", "Rushes", "Sight", "Take"]

PROBE_PX: Final = 48
"""Height of a light probe's picture."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Take:
    """One generation of a shot. `arrays` is what the backbone made, stored as safetensors; `notes` is JSON."""

    shot_id: str
    arrays: Mapping[str, np.ndarray]
    """Conventions: `sound` float32 [2, sample] at 48 kHz is the sound the model generated with the take; `bed_level` and `impact`,
    float32 [tick] at 8 Hz, 0..1, are how loud the place is and where something strikes."""
    notes: Mapping[str, FactValue] = field(default_factory=dict)
    footage: Footage | None = None
    """The frames, where the backbone samples pixels: at its own size and rate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rushes:
    """The part of a take that only the model can make. Large, and kept only until the take is finished."""

    take: Take
    """The unfinished take, its footage in memory."""
    unfinished: Mapping[str, np.ndarray] = field(default_factory=dict)
    """Arrays that `LeavesRushes.finish` has yet to work in; where there are none the take is finished."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """One frame of a take, with a mask of each performer. For measuring; never part of the film."""

    frame: int
    picture: UInt8[np.ndarray, "height width 3"]
    masks: Mapping[str, Bool[np.ndarray, "height width"]]
    """The pixels in which each performer is visible, by id: without those that somebody or something nearer to the camera hides."""
    probe: UInt8[np.ndarray, "probe_height probe_width 3"] | None = None
    """[PROBE_PX, 2 PROBE_PX, 3]: on the left a matt ball of 50 % grey in the light of the set, on the right a white card in the
    light on the performers; None where the backbone cannot put a light probe onto its set."""
    eyes: Mapping[str, float] = field(default_factory=dict)
    """How open each performer's eyes are, 0..1, where the backbone knows."""
