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


def length_note(planned_s: float, asked_s: float, events: int) -> str | None:
    """Why a plan of `planned_s` seconds misses the asked length, and what to do; None if it does not.

    `events`: how many events of the prompt the film shows.
    """
    if abs(planned_s - asked_s) <= asked_s * _TOLERANCE:
        return None
    story = f"the prompt tells of {events} {'event' if events == 1 else 'events'}" if events else "the prompt tells of no event"
    minutes = f"--minutes {max(0.1, round(planned_s / 60, 1)):g}"
    if planned_s < asked_s:
        return (
            f"length: {story}; with steps and dialogue that fills {clock(planned_s)} of the {clock(asked_s)} min asked for. "
            f"Tell of more events, or ask for {minutes}."
        )
    return (
        f"length: {story}; to show that takes {clock(planned_s)} min, and {clock(asked_s)} min were asked for. "
        f"Tell of fewer events, or ask for {minutes}."
    )
