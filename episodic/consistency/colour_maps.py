"""Affine maps of CIELAB, and their application to pictures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from jaxtyping import Float64

from episodic.colour import lab_of
from episodic.consistency.flow import Picture, opencv, small_copy

__all__ = ["HEIGHT_PX", "ColourMap", "apply", "lab_small"]

HEIGHT_PX: Final = 90
"""Height of the copies that colours are measured on."""


@dataclass(frozen=True, slots=True)
class ColourMap:
    """An affine map of CIELAB: `gain @ lab + offset`."""

    gain: Float64[np.ndarray, "3 3"]
    offset: Float64[np.ndarray, " 3"]

    @classmethod
    def none(cls) -> ColourMap:
        """Return the map that changes nothing."""
        return cls(np.eye(3), np.zeros(3))

    def of(self, lab: Float64[np.ndarray, "*shape 3"]) -> Float64[np.ndarray, "*shape 3"]:
        """Map colours."""
        mapped: Float64[np.ndarray, "*shape 3"] = lab @ self.gain.T + self.offset
        return mapped

    def after(self, first: ColourMap) -> ColourMap:
        """Compose: `first`, then this map."""
        return ColourMap(self.gain @ first.gain, self.gain @ first.offset + self.offset)

    def towards(self, other: ColourMap, share: float) -> ColourMap:
        """Go a share of the way to another map."""
        return ColourMap(self.gain + share * (other.gain - self.gain), self.offset + share * (other.offset - self.offset))

    def shift(self, lab: Float64[np.ndarray, "pixel 3"]) -> float:
        """Measure how far the map moves these colours: root mean square, Lab units."""
        return float(np.sqrt(((self.of(lab) - lab) ** 2).sum(-1).mean()))


def apply(colours: ColourMap, frame: Picture) -> Picture:
    """Map the colours of a frame. A map that would move nothing by half a step of 255 leaves it unchanged."""
    if np.abs(colours.gain - np.eye(3)).max() < 5e-4 and np.abs(colours.offset).max() < 0.05:
        return frame
    cv2 = opencv()
    lab = cv2.cvtColor(frame.astype(np.float32) * np.float32(1 / 255), cv2.COLOR_RGB2LAB)
    change = np.concatenate([colours.gain, colours.offset[:, None]], 1).astype(np.float32)
    # OpenCV interpolates Lab, with errors up to 0.3: the difference that the map makes is exact, the absolute value is not.
    moved = cv2.subtract(cv2.cvtColor(cv2.transform(lab, change), cv2.COLOR_LAB2RGB), cv2.cvtColor(lab, cv2.COLOR_LAB2RGB))
    mapped: Picture = cv2.convertScaleAbs(cv2.max(cv2.scaleAdd(moved, 255.0, frame.astype(np.float32)), 0.0))
    return mapped


def lab_small(frame: Picture) -> Float64[np.ndarray, "pixel 3"]:
    """Return the CIELAB colours of a small copy of a frame."""
    return lab_of(small_copy(frame, HEIGHT_PX)).reshape(-1, 3)
