"""What no take may be: black, burnt out, frozen, flickering. Measured on moments, frames in a row."""

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
"""Share of a picture that may be as white as can be."""
_FLICKER_L: Final = 1.5
"""CIELAB lightness by which frames may jump away from the two about them, and back: more is seen as flicker."""
_SAME: Final = 0.02
"""Mean difference of grey values, 0..255, below which two frames are the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that may be wrong: 1 none of it, 0.5 as much as may pass, 0 through and through."""

    kind: FaultKind
    value: float
    found: str


def faults_of(moments: Sequence[Sequence[UInt8[np.ndarray, "height width 3"]]]) -> Iterator[Fault]:
    """Every kind of fault, as far as it can be measured. `moments`: three frames in a row each."""
    if not moments:
        return
    small = [[picture[::4, ::4] for picture in moment] for moment in moments]
    light = [[lab_of(picture)[..., 0] for picture in moment] for moment in small]
    yield _share("black", [float(np.quantile(one, 0.98)) <= _BLACK_L for moment in light for one in moment])
    yield _share("burnt out", [float((one >= _BURNT_L).mean()) > _MOST_BURNT for moment in light for one in moment])
    yield _share("frozen", [_same(a, b) for moment in moments for a, b in itertools.pairwise(moment)])
    yield _flicker(light)


def _share(kind: FaultKind, found: Sequence[bool]) -> Fault:
    share = sum(found) / max(len(found), 1)
    return Fault(kind=kind, value=1 - share, found=f"{share:.0%} of its frames are {kind}")


def _same(one: UInt8[np.ndarray, "height width 3"], other: UInt8[np.ndarray, "height width 3"]) -> bool:
    return float(np.abs(one.astype(np.int16) - other).mean()) < _SAME


def _flicker(light: Sequence[Sequence[Float64[np.ndarray, "height width"]]]) -> Fault:
    """How far the middle frames' lightness lies off the mean of those about them; lightning in one moment is none."""
    levels = np.array([[float(one.mean()) for one in moment] for moment in light])
    jump = float(np.median(np.abs(levels[:, 1] - (levels[:, 0] + levels[:, 2]) / 2)))
    value = 1 / (1 + (jump / _FLICKER_L) ** 2)
    return Fault(kind="flicker", value=value, found=f"lightness flickers by {jump:.2f} L*")
