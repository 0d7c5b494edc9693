"""Splitting a take that is longer than the model's longest window: each window continues the end of the one before. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from episodic.backbones.diffusers.rules import Rules

__all__ = ["WindowSpan", "plan_windows"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowSpan:
    """One call of a model within a take, in the take's frames at the model's rate."""

    first: int
    """The window's first frame, counted in the take; negative where the window begins with frames of the previous take."""
    frames: int
    """Its length, a valid count; the last window may extend beyond the take's end, and is trimmed."""
    known: int
    """How many of its first frames are known."""


def plan_windows(
    frames: int, rules: Rules, known: Sequence[int], *, before: int = 0, overlap: int | None = None
) -> tuple[WindowSpan, ...] | None:
    """Plan the windows of a take of `frames` frames.

    `known`: how many known frames the model can continue from, ascending (`Family.known_frames`). `before`: number of frames of the
    take that this one continues. `overlap`: the most frames to continue from, by default as many as the model can. Returns None where
    the take is longer than one window and the model cannot continue.
    """
    most = rules.most_frames if overlap is None else overlap
    counts = [count for count in known if count <= most and count < rules.most_frames] or list(known[:1])
    begin = max((count for count in counts if count <= before), default=0)
    spans = [_span(-begin, frames, begin, rules)]
    while spans[-1].first + spans[-1].frames < frames:
        if not counts:
            return None
        last = spans[-1]
        end = last.first + last.frames
        carried = max((count for count in counts if count < last.frames), default=0)
        if carried == 0 or carried >= rules.most_frames:
            return None
        spans.append(_span(end - carried, frames, carried, rules))
    return tuple(spans)


def _span(first: int, end: int, known: int, rules: Rules) -> WindowSpan:
    """Return the window from `first` to `end`, or the longest one."""
    return WindowSpan(first=first, frames=rules.frames_for(max(end - first, known + 1)), known=known)
