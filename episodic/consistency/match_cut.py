"""Match cuts: a shot opens with its focus where the shot before had it in the picture, then eases to its own framing.

The picture is only ever enlarged, as an editor does in the cutting room, so nothing has to be invented at its edges.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from jaxtyping import Bool, UInt8
from PIL import Image

__all__ = ["MATCH_CUT_VERSION", "Box", "Framing", "box_of", "framing_to_match", "head_of", "mismatch", "reframe"]

MATCH_CUT_VERSION: Final = "match-2"
EASED_S: Final = 1.2
"""Seconds in which the picture eases to its own framing."""
_MOST: Final = 1.5
"""The largest enlargement. A picture enlarged further looks soft."""
_PLACE_COUNTS: Final = 2.0
"""Weight of the position. A cut from far to near changes the size in any case; the eye has to find the place again."""
_NECK: Final = 0.75
"""A row of a mask is a neck if it is narrower than this share of the widest row above it."""

Picture = UInt8[np.ndarray, "height width 3"]


@dataclass(frozen=True, slots=True)
class Box:
    """The position of a figure: its middle and its height, as shares of the picture's height; x from the left edge."""

    x: float
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Framing:
    """A part of the picture, enlarged `scale` times around the point (x, y), in heights of the picture."""

    scale: float
    x: float
    y: float


def box_of(mask: Bool[np.ndarray, "height width"]) -> Box | None:
    """Return the box around a mask, without its outermost hundredths; None for an empty mask."""
    rows, columns = np.nonzero(mask)
    if not len(rows):
        return None
    top, bottom = np.quantile(rows, [0.01, 0.99])
    left, right = np.quantile(columns, [0.01, 0.99])
    height = len(mask)
    return Box((left + right) / 2 / height, (top + bottom) / 2 / height, (bottom - top + 1) / height)


def head_of(mask: Bool[np.ndarray, "height width"]) -> Box | None:
    """Return the box around a figure's head, which near pictures show too. None if the mask has no neck."""
    rows = np.flatnonzero(mask.any(1))
    if len(rows) < 8:
        return None
    widths = np.convolve(mask[rows[0] : rows[-1] + 1].sum(1), np.ones(3) / 3, mode="same")
    widest = np.maximum.accumulate(widths)
    # The neck is the first narrow row below a wide one that has a wider row below it.
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
    """Measure how far a cut makes a figure jump: twice the distance of the middles, plus the log ratio of the heights."""
    return float(_PLACE_COUNTS * np.hypot(box.x - other.x, box.y - other.y) + abs(np.log(box.height / other.height)))


def framing_to_match(before: Box, after: Box, aspect: float) -> Framing:
    """Find the framing that shows `after` nearest to where `before` is. `aspect` is width by height."""
    framings = (_nearest(before, after, aspect, float(scale)) for scale in np.linspace(1.0, _MOST, 51))
    return min(framings, key=lambda framing: mismatch(before, framed(after, framing, aspect)))


def _nearest(before: Box, after: Box, aspect: float, scale: float) -> Framing:
    """Find the best framing of one scale."""
    # The part shown is 1/scale high. Its middle lies where the two boxes meet, clipped to stay inside the picture.
    half = 0.5 / scale
    x = np.clip(after.x - (before.x - aspect / 2) / scale, half * aspect, aspect - half * aspect)
    y = np.clip(after.y - (before.y - 0.5) / scale, half, 1 - half)
    return Framing(scale, float(x), float(y))


def framed(box: Box, framing: Framing, aspect: float) -> Box:
    """Return where a box is in the picture that a framing shows."""
    x = (box.x - framing.x) * framing.scale + aspect / 2
    return Box(x, (box.y - framing.y) * framing.scale + 0.5, box.height * framing.scale)


def reframe(frames: Iterable[Picture], framing: Framing, fps: int) -> Iterator[Picture]:
    """Ease the frames from `framing` to the whole picture. Later frames are unchanged."""
    eased = max(1, round(EASED_S * fps))
    for number, picture in enumerate(frames):
        share = number / eased
        # Smoothstep: the move starts and ends without a jerk.
        weight = 0.0 if share >= 1 else 1 - share * share * (3 - 2 * share)
        yield _shown(picture, framing, weight) if weight > 1e-3 and framing.scale > 1 else picture


def _shown(picture: Picture, framing: Framing, weight: float) -> Picture:
    """Enlarge a picture to a share `weight` of the way to a framing."""
    height, width = picture.shape[:2]
    scale = framing.scale**weight
    half = 0.5 / scale
    # At this scale the edges limit how far the middle may move from the picture's own.
    x = width / 2 + (framing.x * height - width / 2) * _reach(scale, framing.scale)
    y = height / 2 + (framing.y - 0.5) * height * _reach(scale, framing.scale)
    box = (max(0.0, x - half * width), max(0.0, y - half * height), min(width, x + half * width), min(height, y + half * height))
    image = Image.fromarray(np.ascontiguousarray(picture))
    return np.asarray(image.resize((width, height), Image.Resampling.BICUBIC, box=box))


def _reach(scale: float, full: float) -> float:
    """Return the share of the way to the framing's middle at a smaller scale. The room grows with 1 - 1/scale."""
    return (1 - 1 / scale) / (1 - 1 / full)
