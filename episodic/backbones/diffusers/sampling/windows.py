"""A take that is longer than its model's longest window is several windows, each going on from the end of the one before. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from episodic.backbones.diffusers.rules import Rules

__all__ = ["WindowSpan", "plan_windows"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowSpan:
    """One call of a model within a take, in the take's frames at the model's rate."""

    first: int
    """The take's frame that is the window's first; negative where the window begins with frames of the take before."""
    frames: int
    """Its length, a valid count; the last window may reach beyond the take's end, and is trimmed."""
    known: int
    """How many of its first frames are known."""


def plan_windows(
    frames: int, rules: Rules, known: Sequence[int], *, before: int = 0, overlap: int | None = None
) -> tuple[WindowSpan, ...] | None:
    """The windows of a take of `frames` frames.

    `known`: how many known frames the model can go on from, ascending (`Family.known_frames`). `before`: how many frames there are
    of a take that is gone on from. `overlap`: the most to go on from, by default as many as the model can. None: the take is longer
    than one window and the model goes on from nothing.
    """
    most = rules.most_frames if overlap is None else overlap
    options = [one for one in known if one <= most and one < rules.most_frames] or list(known[:1])
    begin = max((one for one in options if one <= before), default=0)
    spans = [_span(-begin, frames, begin, rules)]
    while spans[-1].first + spans[-1].frames < frames:
        if not options:
            return None
        last = spans[-1]
        made = last.first + last.frames
        carried = max((one for one in options if one < last.frames), default=0)
        if carried == 0 or carried >= rules.most_frames:
            return None
        spans.append(_span(made - carried, frames, carried, rules))
    return tuple(spans)


def _span(first: int, end: int, known: int, rules: Rules) -> WindowSpan:
    """The window from `first` that reaches `end`, or as near to it as it can."""
    return WindowSpan(first=first, frames=rules.frames_for(max(end - first, known + 1)), known=known)
