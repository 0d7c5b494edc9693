"""Palettes: the dominant colours of pictures, and the difference of two palettes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from jaxtyping import Float64, Int64, UInt8
from pydantic import BaseModel, TypeAdapter

from episodic.colour import delta_e_2000, lab_of
from memory.model.facts import FactValue

__all__ = ["COLOURS", "PALETTE_METHOD", "Palette", "cluster", "palette_difference", "palette_of"]

COLOURS: Final = 5
PALETTE_METHOD: Final = "palette-1"
"""Changes whenever the same pixels would give a different palette."""
_PIXELS: Final = 4000
_ROUNDS: Final = 12


class _StoredColour(BaseModel):
    """One colour of a palette in a survey."""

    lab: tuple[float, float, float]
    share: float


_STORED_PALETTE: Final = TypeAdapter(list[_StoredColour])


@dataclass(frozen=True, slots=True, kw_only=True)
class Palette:
    """Dominant colours in CIELAB with their shares of the picture, largest first; shares add up to 1."""

    colours: tuple[tuple[float, float, float], ...]
    shares: tuple[float, ...]

    def to_json(self) -> list[FactValue]:
        """The palette as JSON, as a survey stores it: colours to two decimals, shares to four."""
        return [
            {"lab": [round(channel, 2) for channel in colour], "share": round(share, 4)}
            for colour, share in zip(self.colours, self.shares, strict=True)
        ]

    @classmethod
    def from_json(cls, data: object) -> Palette:
        """Inverse of `to_json`. Raises ValueError for a value of another shape."""
        rows = _STORED_PALETTE.validate_python(data)
        return cls(colours=tuple(row.lab for row in rows), shares=tuple(row.share for row in rows))


def palette_of(pictures: Sequence[UInt8[np.ndarray, "height width 3"]]) -> Palette:
    """The dominant colours of pictures, each of which counts the same: k-means in CIELAB, initialised by farthest points.

    Deterministic. Returns at most `COLOURS` colours, fewer if the pictures have fewer. Raises ValueError without pictures.
    """
    if not pictures:
        raise ValueError("a palette was asked for with no pictures; expected at least one")
    each = max(1, _PIXELS // len(pictures))
    rows = []
    for picture in pictures:
        flat = picture.reshape(-1, 3)
        rows.append(flat[np.linspace(0, len(flat) - 1, min(each, len(flat))).astype(int)])
    lab = lab_of(np.concatenate(rows))
    centres = cluster(lab, COLOURS)
    shares = np.bincount(_nearest_centre(lab, centres), minlength=len(centres)) / len(lab)
    order = [int(i) for i in np.lexsort((centres[:, 2], centres[:, 1], centres[:, 0], -shares)) if shares[i] > 0]
    return Palette(
        colours=tuple((float(centres[i, 0]), float(centres[i, 1]), float(centres[i, 2])) for i in order),
        shares=tuple(float(shares[i]) for i in order),
    )


def cluster(lab: Float64[np.ndarray, "pixel 3"], count: int, rounds: int = _ROUNDS) -> Float64[np.ndarray, "colour 3"]:
    """k-means (Lloyd 1982) of at most `count` centres. Deterministic."""
    centres = _farthest(lab, count)
    for _ in range(rounds):
        nearest = _nearest_centre(lab, centres)
        moved = np.stack([lab[nearest == i].mean(0) if (nearest == i).any() else centres[i] for i in range(len(centres))])
        if np.abs(moved - centres).max() < 0.05:
            break
        centres = moved
    return centres


def _nearest_centre(lab: Float64[np.ndarray, "pixel 3"], centres: Float64[np.ndarray, "colour 3"]) -> Int64[np.ndarray, " pixel"]:
    """The index of each pixel's nearest centre."""
    # |x|^2 is the same for all centres
    nearest: Int64[np.ndarray, " pixel"] = (lab @ centres.T * -2 + (centres**2).sum(1)).argmin(1)
    return nearest


def _farthest(lab: Float64[np.ndarray, "pixel 3"], count: int) -> Float64[np.ndarray, "colour 3"]:
    """Start with the pixel nearest to the mean and add the pixel farthest from those chosen (Gonzalez 1985)."""
    chosen = [int(((lab - lab.mean(0)) ** 2).sum(1).argmin())]
    squared = ((lab - lab[chosen[0]]) ** 2).sum(1)
    while len(chosen) < count and float(squared.max()) > 1.0:
        chosen.append(int(squared.argmax()))
        squared = np.minimum(squared, ((lab - lab[chosen[-1]]) ** 2).sum(1))
    return lab[chosen]


def palette_difference(first: Palette, second: Palette) -> float:
    """The earth mover's distance between two palettes in CIEDE2000 (Rubner, Tomasi, Guibas 2000), from 0 (equal) to 100."""
    from scipy.optimize import linprog

    a, b = np.array(first.shares), np.array(second.shares)
    cost = delta_e_2000(np.array(first.colours)[:, None], np.array(second.colours)[None])
    rows, columns = len(a), len(b)
    balance = np.zeros((rows + columns, rows * columns))
    for i in range(rows):
        balance[i, i * columns : (i + 1) * columns] = 1
    for j in range(columns):
        balance[rows + j, j::columns] = 1
    # the last equation follows from the others
    target = np.concatenate([a / a.sum(), b / b.sum()])
    solution = linprog(cost.ravel(), A_eq=balance[:-1], b_eq=target[:-1], bounds=(0, None), method="highs")
    return float(solution.fun)
