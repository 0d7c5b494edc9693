"""Shot lengths from speech: audio comes first, pictures are cut to it. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from planners.plan.vocabulary import SoundCut

__all__ = ["SILENT_SHOT_S", "ShotTiming", "time_shot"]

_LEAD_S, _GAP_S, _TAIL_S = 0.3, 0.32, 0.45
SILENT_SHOT_S = 2.4
_EARLY_S, _LATE_S = 0.5, 0.6
"""How long a line is heard before its picture (J cut); how long it goes on over the next (L cut)."""
_CROSSING_SHARE = 0.6
"""No more than this share of a line crosses the cut: the rest is seen to be spoken."""
_SEEN_S = 1.0
"""A picture whose sound begins before it or goes on after it stays at least this long, however short what is said."""
_MOVING_SHOT_S = 3.2


@dataclass(frozen=True, slots=True)
class ShotTiming:
    """Length of a shot in frames, and when each line heard in it begins, seconds from the shot's first frame."""

    frames: int
    starts_s: tuple[float, ...]
    """Its own lines. In a J cut the first is negative."""
    overheard_s: tuple[float, ...] = ()
    """The line of the shot before that goes on over it (negative), the line of the shot after that is heard in it already."""


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
    before_s: float = 0.0,
    before_crosses: bool = False,
    after_s: float = 0.0,
) -> ShotTiming:
    """Time one shot.

    `line_s`: length of each line. `head_s`, `tail_s`: how much of the shot's start and end lies under a transition, where nobody
    should speak. `moves`: somebody crosses the floor. `wanted_s`: what the plan asks for; speech is never cut short for it, and in a
    shot that is longer than its speech the pause comes before a line that goes on over the next.
    `sound`, `next_sound`: how sound crosses the cuts into this shot and out of it. `before_s`, `after_s`: length of the line of the
    shot before that goes on over this one (`sound` is `l_cut`), of the line of the shot after that is heard in it (`next_sound` is
    `j_cut`). `before_crosses`: the line of the shot before is its only one, and begins before it.
    """
    late, early = _late(before_s, before_crosses, fps), _early(after_s)
    crosses = sound == "j_cut" and len(line_s) == 1
    own_late = _late(line_s[-1], crosses, fps) if line_s else 0.0
    at = {"straight": head_s + _LEAD_S, "j_cut": -_early(line_s[0] if line_s else 0.0), "l_cut": late + _GAP_S}[sound]
    starts = []
    for length in line_s:
        starts.append(at)
        at += length + _GAP_S
    goes_on = next_sound == "l_cut" and len(line_s) > 0
    tail_s += early
    if goes_on:
        spoken = at - _GAP_S - own_late
    elif line_s:
        spoken = at - _GAP_S + _TAIL_S + tail_s
    else:
        spoken = max(head_s + 2 / fps, late + _GAP_S if sound == "l_cut" else 0.0) + tail_s
        wanted_s = wanted_s or (_MOVING_SHOT_S if moves else SILENT_SHOT_S) + head_s + tail_s
    least = _SEEN_S if line_s and (goes_on or sound == "j_cut") else 0.0
    frames = max(2, math.ceil(max(spoken, wanted_s or 0.0, least) * fps - 1e-9))
    if goes_on and not crosses:
        starts[-1] = frames / fps + own_late - line_s[-1]
    overheard = [late - before_s] * (sound == "l_cut") + [frames / fps - early] * (next_sound == "j_cut")
    return ShotTiming(frames, _rounded(starts), _rounded(overheard))


def _rounded(seconds: Sequence[float]) -> tuple[float, ...]:
    """Times to a microsecond."""
    return tuple(round(second, 6) for second in seconds)


def _early(line_s: float) -> float:
    """How long a line is heard before its picture."""
    return min(_EARLY_S, _CROSSING_SHARE * line_s)


def _late(line_s: float, begins_before: bool, fps: int) -> float:
    """How long a line goes on over the next picture."""
    if begins_before:
        # what is left between the cuts is the whole shot: so long in whole frames that something is seen
        rest = line_s - _early(line_s)
        return max(0.0, rest - math.ceil(max(_SEEN_S, rest - _LATE_S) * fps - 1e-9) / fps)
    return min(_LATE_S, _CROSSING_SHARE * line_s)
