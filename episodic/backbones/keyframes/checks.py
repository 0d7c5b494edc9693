"""Is a picture of a sheet fit to be a reference? Faults of the picture itself, who stands before the plain ground, and whether two
pictures show the same character.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from jaxtyping import Bool, Float64, UInt8

from episodic.colour import lab_of
from episodic.quality.look import load_look_encoder
from episodic.quality.verify import THRESHOLDS

__all__ = ["LEAST_LIKENESS", "figure_in", "likeness", "picture_fault"]

LEAST_LIKENESS: Final = THRESHOLDS["look"]
"""As for takes: the cosine at which at most 2 % of right ones were refused, on pictures that `stage` painted."""
_BLACK_L: Final = 3.0
_BURNT_L: Final = 99.0
_MOST_BURNT: Final = 0.7
_BLANK_L: Final = 1.0
"""Standard deviation of lightness below which nothing is to be seen."""
_EDGE: Final = 0.04
"""Of the shorter side: the width of the strip around a picture in which only ground is expected."""
_GROUND_LAB: Final = 12.0
"""How far from its median nine tenths of a plain ground are, at most, CIELAB."""
_FIGURE_LAB: Final = 10.0
"""How far from the ground a figure is, at least."""
_LEAST_SHARE: Final = 0.02
_OPENED: Final = 3
"""Pixels: thinner things are noise."""


def picture_fault(picture: UInt8[np.ndarray, "height width 3"]) -> str:
    """What makes a picture useless as a picture, in words; empty: nothing does."""
    light = lab_of(picture[::4, ::4])[..., 0]
    if float(np.quantile(light, 0.98)) <= _BLACK_L:
        return "it is black"
    if float((light >= _BURNT_L).mean()) > _MOST_BURNT:
        return "it is burnt out"
    return "it is blank" if float(light.std()) < _BLANK_L else ""


def figure_in(picture: UInt8[np.ndarray, "height width 3"]) -> Bool[np.ndarray, "height width"] | None:
    """The pixels of the one figure before a plain ground; None where the ground is not plain, or nobody stands there."""
    from scipy import ndimage

    lab = lab_of(picture)
    edge = _edge_of(lab)
    ground = np.median(edge, axis=0)
    if float(np.quantile(np.linalg.norm(edge - ground, axis=1), 0.9)) > _GROUND_LAB:
        return None
    other = np.linalg.norm(lab - ground, axis=2) > _FIGURE_LAB
    parts, count = ndimage.label(ndimage.binary_opening(other, np.ones((_OPENED, _OPENED))))
    if not count:
        return None
    largest = 1 + int(np.argmax(ndimage.sum_labels(np.ones_like(parts), parts, range(1, count + 1))))
    # clothes may be of the ground's colour; what a figure encloses is part of it
    figure: Bool[np.ndarray, "height width"] = ndimage.binary_fill_holes(parts == largest)
    return figure if float(figure.mean()) >= _LEAST_SHARE else None


def _edge_of(lab: Float64[np.ndarray, "height width 3"]) -> Float64[np.ndarray, "pixel 3"]:
    """The strip around a picture but for its foot, on which somebody may stand or be cut off."""
    wide = max(1, round(_EDGE * min(lab.shape[:2])))
    upper = lab[: 3 * lab.shape[0] // 4]
    strips = (lab[:wide], upper[:, :wide], upper[:, -wide:])
    return np.concatenate([one.reshape(-1, 3) for one in strips])


def likeness(one: UInt8[np.ndarray, "height width 3"], other: UInt8[np.ndarray, "height width 3"]) -> float:
    """Cosine of two pictures' figures by the look encoder; of the whole pictures where no figure stands out. -1: nothing can be seen."""
    vectors = []
    for picture in (one, other):
        figure = figure_in(picture)
        mask = np.ones(picture.shape[:2], bool) if figure is None else figure
        vectors.append(load_look_encoder().encode(picture, mask))
    first, second = vectors
    return -1.0 if first is None or second is None else float(first @ second)
