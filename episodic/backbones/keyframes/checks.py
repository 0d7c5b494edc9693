"""Checks of a sheet's pictures before they serve as references: faults of the picture itself, the figure before its plain ground, and
whether two pictures show the same character.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from jaxtyping import Bool, Float64, UInt8

from episodic.colour import lab_of

__all__ = ["LikenessTest", "figure_in", "picture_fault"]

Picture = UInt8[np.ndarray, "_ _ 3"]
"""[height, width, 3]. The axes have no names: one function may take pictures of several sizes."""
Mask = Bool[np.ndarray, "_ _"]
"""[height, width]"""

_BLACK_L: Final = 3.0
_BURNT_L: Final = 99.0
_MOST_BURNT: Final = 0.7
_BLANK_L: Final = 1.0
"""Standard deviation of lightness below which a picture shows nothing."""
_EDGE: Final = 0.04
"""Width of the strip around a picture in which only ground is expected, as a share of the shorter side."""
_GROUND_LAB: Final = 12.0
"""Largest CIELAB distance from its median for nine tenths of a plain ground."""
_FIGURE_LAB: Final = 10.0
"""Least CIELAB distance of a figure from the ground."""
_LEAST_SHARE: Final = 0.02
_OPENED: Final = 3
"""Pixels: thinner things are noise."""


def picture_fault(picture: UInt8[np.ndarray, "height width 3"]) -> str:
    """The fault that makes a picture useless, in words; empty: it has none."""
    light = lab_of(picture[::4, ::4])[..., 0]
    if float(np.quantile(light, 0.98)) <= _BLACK_L:
        return "it is black"
    if float((light >= _BURNT_L).mean()) > _MOST_BURNT:
        return "it is burnt out"
    return "it is blank" if float(light.std()) < _BLANK_L else ""


def figure_in(picture: UInt8[np.ndarray, "height width 3"]) -> Bool[np.ndarray, "height width"] | None:
    """The pixels of the one figure before a plain ground; None where the ground is not plain, or empty."""
    from scipy import ndimage  # half a second that a run without picture models saves

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
    """The strip around a picture, without its foot, where a figure stands or is cut off."""
    wide = max(1, round(_EDGE * min(lab.shape[:2])))
    upper = lab[: 3 * lab.shape[0] // 4]
    strips = (lab[:wide], upper[:, :wide], upper[:, -wide:])
    return np.concatenate([strip.reshape(-1, 3) for strip in strips])


@dataclass(frozen=True, slots=True, kw_only=True)
class LikenessTest:
    """Whether two pictures show the same character, by an encoder of looks."""

    encode: Callable[[Picture, Mask], np.ndarray | None]
    """A unit vector for what a mask shows of a picture; None where nothing can be seen."""
    least: float
    """The least cosine of two pictures of one character."""

    def likeness(self, first: Picture, second: Picture) -> float:
        """Cosine of two pictures' figures; of the whole pictures where no figure stands out. -1: nothing can be seen."""
        vectors = []
        for picture in (first, second):
            figure = figure_in(picture)
            vectors.append(self.encode(picture, np.ones(picture.shape[:2], bool) if figure is None else figure))
        if vectors[0] is None or vectors[1] is None:
            return -1.0
        return float(vectors[0] @ vectors[1])
