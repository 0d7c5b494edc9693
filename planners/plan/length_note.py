"""Say why a plan is longer or shorter than was asked for."""

from __future__ import annotations

from typing import Final

__all__ = ["clock", "length_note"]

_TOLERANCE: Final = 0.1
"""Share of the asked length by which a plan may miss it without a word."""


def clock(seconds: float) -> str:
    """A length in minutes and seconds: `3:10`."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}"


def length_note(planned_s: float, asked_s: float, events: int | None, *, usual: bool = False) -> str | None:
    """Why a plan of `planned_s` seconds misses the asked length, and what to do; None if it does not.

    `events`: how many events of the prompt the film shows; None for a film that explains a topic. `usual`: nobody asked for a length.
    """
    if abs(planned_s - asked_s) <= asked_s * _TOLERANCE:
        return None
    wish = f"{clock(asked_s)} min {'that are usual' if usual else 'asked for'}"
    minutes = f"--minutes {max(0.1, round(planned_s / 60, 1)):g}"
    if events is None:
        return f"length: what is known of the topic takes {clock(planned_s)}, not the {wish}. Ask for {minutes}."
    story = f"the prompt tells of {events or 'no'} {'event' if events in {0, 1} else 'events'}"
    if planned_s < asked_s:
        reached = f"with steps and dialogue that fills {clock(planned_s)} of the {wish}"
        return f"length: {story}; {reached}. Tell of more events, or ask for {minutes}."
    return f"length: {story}; to show that takes {clock(planned_s)} instead of the {wish}. Tell of fewer events, or ask for {minutes}."
