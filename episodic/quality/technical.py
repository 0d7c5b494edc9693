"""Technical faults of a take: black, burnt out, frozen or flickering. Measured on moments: three consecutive frames each."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from jaxtyping import Float64, UInt8

from episodic.colour import lab_of

__all__ = ["Fault", "FaultKind", "faults_of"]

FaultKind = Literal["not a number", "black", "burnt out", "frozen", "flicker"]
_BLACK_L: Final = 3.0
_BURNT_L: Final = 99.0
_MOST_BURNT: Final = 0.7
"""The largest share of a picture that may be white."""
_FLICKER_L: Final = 1.5
"""CIELAB lightness by which a frame may differ from its two neighbours; a larger jump is visible as flicker."""
_SAME: Final = 0.02
"""Mean difference of values, 0..255, below which two frames count as the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """The degree of one kind of fault in a take."""

    kind: FaultKind
    value: float
    """1 without the fault, 0.5 at the limit, 0 if the whole take has it."""
    measured: str
    """The measurement in words."""


def faults_of(moments: Sequence[Sequence[UInt8[np.ndarray, "height width 3"]]]) -> Iterator[Fault]:
    """Measure every kind of fault that can be measured. `moments`: three consecutive frames each; without any, nothing is measured."""
    if not moments:
        return
    small = [[picture[::4, ::4] for picture in moment] for moment in moments]
    light = [[lab_of(picture)[..., 0] for picture in moment] for moment in small]
    yield _share_fault("black", [float(np.quantile(frame, 0.98)) <= _BLACK_L for moment in light for frame in moment])
    yield _share_fault("burnt out", [float((frame >= _BURNT_L).mean()) > _MOST_BURNT for moment in light for frame in moment])
    yield _share_fault("frozen", [_is_same(a, b) for moment in moments for a, b in itertools.pairwise(moment)])
    yield _flicker(light)


def _share_fault(kind: FaultKind, faulty: Sequence[bool]) -> Fault:
    """The fault by the share of frames (or pairs of frames) that have it."""
    share = sum(faulty) / max(len(faulty), 1)
    return Fault(kind=kind, value=1 - share, measured=f"{share:.0%} of its frames are {kind}")


def _is_same(before: UInt8[np.ndarray, "height width 3"], after: UInt8[np.ndarray, "height width 3"]) -> bool:
    return float(np.abs(before.astype(np.int16) - after).mean()) < _SAME


def _flicker(light: Sequence[Sequence[Float64[np.ndarray, "height width"]]]) -> Fault:
    """The difference between the lightness of middle frames and the mean of their neighbours; the median ignores a single lightning."""
    levels = np.array([[float(frame.mean()) for frame in moment] for moment in light])
    jump = float(np.median(np.abs(levels[:, 1] - (levels[:, 0] + levels[:, 2]) / 2)))
    value = 1 / (1 + (jump / _FLICKER_L) ** 2)
    return Fault(kind="flicker", value=value, measured=f"lightness flickers by {jump:.2f} L*")
