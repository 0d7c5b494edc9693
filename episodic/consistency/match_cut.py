"""Match cuts: who is in focus begins where the shot before had them in the picture, and from there the picture eases to its own framing.

The picture is only ever enlarged, as an editor does in the cutting room: nothing is made up at its edges.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from jaxtyping import Bool, UInt8

__all__ = ["MATCH_CUT_VERSION", "Box", "Framing", "box_of", "framing_to_match", "head_of", "mismatch", "reframe"]

MATCH_CUT_VERSION: Final = "match-2"
EASED_S: Final = 1.2
"""How long the picture takes to find its own framing."""
_MOST: Final = 1.5
"""More than this a picture is not enlarged: it would be seen to be soft."""
_PLACE_COUNTS: Final = 2.0
"""A cut from far to near changes the size in any case: what the eye must find again is the place."""
_NECK: Final = 0.75
"""What is narrower than this share of what is above it is a neck."""

Picture = UInt8[np.ndarray, "height width 3"]


@dataclass(frozen=True, slots=True)
class Box:
    """Where somebody is in the picture: the middle and the height, as shares of the picture's height; x from its left edge."""

    x: float
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Framing:
    """A part of the picture that fills it: enlarged `scale` times around the point (x, y), in heights of the picture."""

    scale: float
    x: float
    y: float


def box_of(mask: Bool[np.ndarray, "height width"]) -> Box | None:
    """The box around a mask, without its outermost hundredths; None for an empty one."""
    rows, columns = np.nonzero(mask)
    if not len(rows):
        return None
    top, bottom = np.quantile(rows, [0.01, 0.99])
    left, right = np.quantile(columns, [0.01, 0.99])
    height = len(mask)
    return Box((left + right) / 2 / height, (top + bottom) / 2 / height, (bottom - top + 1) / height)


def head_of(mask: Bool[np.ndarray, "height width"]) -> Box | None:
    """The box around what is above the neck: where the eye is, and to be seen in near pictures too. None where there is no neck."""
    rows = np.flatnonzero(mask.any(1))
    if len(rows) < 8:
        return None
    widths = np.convolve(mask[rows[0] : rows[-1] + 1].sum(1), np.ones(3) / 3, mode="same")
    widest = np.maximum.accumulate(widths)
    # the first place that is narrow after something wide, and has something wider below
    narrow = [row for row in range(1, len(widths) - 1) if widths[row] < _NECK * widest[row]]
    if not narrow:
        return None
    end = next((row for row in narrow if widths[row + 1] > widths[row]), narrow[-1])
    if end < 4 or widths[end:].max() <= widths[end] / _NECK:
        return None
    above = mask.copy()
    above[rows[0] + end :] = False
    return box_of(above)


def mismatch(box: Box, other: Box) -> float:
    """How far a cut makes somebody jump: the distance of the middles in heights of the picture, twice, and by what share the size
    changes.
    """
    return float(_PLACE_COUNTS * np.hypot(box.x - other.x, box.y - other.y) + abs(np.log(box.height / other.height)))


def framing_to_match(before: Box, after: Box, aspect: float) -> Framing:
    """The framing in which `after` lies as nearly as it can where `before` lies. `aspect`: width by height."""
    framings = (_nearest(before, after, aspect, float(scale)) for scale in np.linspace(1.0, _MOST, 51))
    return min(framings, key=lambda framing: mismatch(before, framed(after, framing, aspect)))


def _nearest(before: Box, after: Box, aspect: float, scale: float) -> Framing:
    # the part shown is 1/scale high; where its middle must be for the two boxes to meet, and may be within the picture
    half = 0.5 / scale
    x = np.clip(after.x - (before.x - aspect / 2) / scale, half * aspect, aspect - half * aspect)
    y = np.clip(after.y - (before.y - 0.5) / scale, half, 1 - half)
    return Framing(scale, float(x), float(y))


def framed(box: Box, framing: Framing, aspect: float) -> Box:
    """Where a box lies in the picture that a framing shows."""
    x = (box.x - framing.x) * framing.scale + aspect / 2
    return Box(x, (box.y - framing.y) * framing.scale + 0.5, box.height * framing.scale)


def reframe(frames: Iterable[Picture], framing: Framing, fps: int) -> Iterator[Picture]:
    """The frames, beginning in `framing` and easing to the whole picture; untouched from then on."""
    eased = max(1, round(EASED_S * fps))
    for number, picture in enumerate(frames):
        share = number / eased
        # smoothstep: the move neither starts nor ends with a jerk
        weight = 0.0 if share >= 1 else 1 - share * share * (3 - 2 * share)
        yield _shown(picture, framing, weight) if weight > 1e-3 and framing.scale > 1 else picture


def _shown(picture: Picture, framing: Framing, weight: float) -> Picture:
    from PIL import Image

    height, width = picture.shape[:2]
    scale = framing.scale**weight
    half = 0.5 / scale
    # at this scale the middle may go only as far from the picture's own as the edges allow
    x = width / 2 + (framing.x * height - width / 2) * _reach(scale, framing.scale)
    y = height / 2 + (framing.y - 0.5) * height * _reach(scale, framing.scale)
    box = (max(0.0, x - half * width), max(0.0, y - half * height), min(width, x + half * width), min(height, y + half * height))
    image = Image.fromarray(np.ascontiguousarray(picture))
    return np.asarray(image.resize((width, height), Image.Resampling.BICUBIC, box=box))


def _reach(scale: float, full: float) -> float:
    """How far towards the framing's middle the picture's may go at a smaller scale, as a share: the room grows with 1 - 1/scale."""
    return (1 - 1 / scale) / (1 - 1 / full)
