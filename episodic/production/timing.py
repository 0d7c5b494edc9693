"""Shot lengths from speech: audio comes first, pictures are cut to it. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from planners.vocabulary import SoundCut

__all__ = ["SILENT_SHOT_S", "ShotTiming", "time_shot"]

_LEAD_S, _GAP_S, _TAIL_S = 0.3, 0.32, 0.45
SILENT_SHOT_S = 2.4
_EARLY_S, _LATE_S = 0.5, 0.6
"""How long a line is heard before it is seen (J cut); how long it goes on over the next shot (L cut)."""
_LATE_SHARE = 0.6
"""No more than this share of a line does."""
_MOVING_SHOT_S = 3.2


@dataclass(frozen=True, slots=True)
class ShotTiming:
    """Length of a shot in frames, and when each of its lines begins, seconds from the shot's first frame."""

    frames: int
    starts_s: tuple[float, ...]


def time_shot(
    line_s: Sequence[float],
    *,
    fps: int,
    head_s: float = 0.0,
    tail_s: float = 0.0,
    moves: bool = False,
    wanted_s: float | None = None,
    sound: SoundCut = "straight",
    next_sound: SoundCut = "straight",
) -> ShotTiming:
    """Time one shot.

    `line_s`: length of each line. `head_s`, `tail_s`: how much of the shot's start and end lies under a transition, where nobody
    should speak. `moves`: somebody crosses the floor. `wanted_s`: what the plan asks for; speech is never cut short for it.
    `sound`, `next_sound`: how sound crosses the cuts into this shot and out of it; in a J cut the first line starts before the shot,
    and its start is negative.
    """
    at = {"straight": head_s + _LEAD_S, "j_cut": -_EARLY_S, "l_cut": _LATE_S + _GAP_S}[sound]
    late = min(_LATE_S, _LATE_SHARE * line_s[-1]) if line_s else 0.0
    tail_s += {"straight": 0.0, "j_cut": _EARLY_S, "l_cut": -(_TAIL_S + late)}[next_sound]
    starts = []
    for length in line_s:
        starts.append(round(at, 6))
        at += length + _GAP_S
    spoken = at - _GAP_S + _TAIL_S + tail_s if line_s else 0.0
    least = (_MOVING_SHOT_S if moves else SILENT_SHOT_S) + head_s + tail_s if not line_s else 0.0
    seconds = max(spoken, wanted_s if wanted_s is not None else least)
    if not line_s and wanted_s is not None:
        seconds = max(wanted_s, head_s + tail_s + 2 / fps)
    return ShotTiming(frames=max(2, math.ceil(seconds * fps - 1e-9)), starts_s=tuple(starts))
