"""The palette of a picture: its dominant colours and how far two palettes are apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from jaxtyping import Float64, UInt8

from episodic.colour import delta_e_2000, lab_of

__all__ = ["COLOURS", "PALETTE_METHOD", "Palette", "cluster", "palette_difference", "palette_of"]

COLOURS: Final = 5
PALETTE_METHOD: Final = "palette-1"
"""Changes whenever the same pixels would give another palette."""
_PIXELS: Final = 4000
_ROUNDS: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Palette:
    """Dominant colours in CIELAB with their shares of the picture, largest first; shares add up to 1."""

    colours: tuple[tuple[float, float, float], ...]
    shares: tuple[float, ...]

    def to_json(self) -> list[Any]:
        """For a survey."""
        return [
            {"lab": [round(v, 2) for v in colour], "share": round(share, 4)}
            for colour, share in zip(self.colours, self.shares, strict=True)
        ]

    @classmethod
    def from_json(cls, data: Sequence[Mapping[str, Any]]) -> Palette:
        """Inverse of `to_json`. Raises KeyError for what is not one."""
        rows = [tuple(float(v) for v in one["lab"]) for one in data]
        return cls(colours=tuple((a, b, c) for a, b, c in rows), shares=tuple(float(one["share"]) for one in data))


def palette_of(pictures: Sequence[UInt8[np.ndarray, "height width 3"]]) -> Palette:
    """The dominant colours of one or more pictures, equally counted: k-means in CIELAB, begun at the farthest points.

    Deterministic. At most `COLOURS` of them; fewer where a picture has fewer. Raises ValueError without pictures.
    """
    if not pictures:
        raise ValueError("the palette of no pictures at all")
    each = max(1, _PIXELS // len(pictures))
    rows = []
    for picture in pictures:
        flat = picture.reshape(-1, 3)
        rows.append(flat[np.linspace(0, len(flat) - 1, min(each, len(flat))).astype(int)])
    lab = lab_of(np.concatenate(rows))
    centres = cluster(lab, COLOURS)
    shares = np.bincount(_nearest(lab, centres), minlength=len(centres)) / len(lab)
    order = [int(i) for i in np.lexsort((centres[:, 2], centres[:, 1], centres[:, 0], -shares)) if shares[i] > 0]
    return Palette(
        colours=tuple((float(centres[i, 0]), float(centres[i, 1]), float(centres[i, 2])) for i in order),
        shares=tuple(float(shares[i]) for i in order),
    )


def cluster(lab: Float64[np.ndarray, "pixel 3"], count: int, rounds: int = _ROUNDS) -> Float64[np.ndarray, "colour 3"]:
    """k-means (Lloyd 1982) of at most `count` centres. Deterministic."""
    centres = _farthest(lab, count)
    for _ in range(rounds):
        nearest = _nearest(lab, centres)
        moved = np.stack([lab[nearest == i].mean(0) if (nearest == i).any() else centres[i] for i in range(len(centres))])
        if np.abs(moved - centres).max() < 0.05:
            break
        centres = moved
    return centres


def _nearest(lab: Float64[np.ndarray, "pixel 3"], centres: Float64[np.ndarray, "colour 3"]) -> np.ndarray:
    # |x|^2 is the same for all centres
    near: np.ndarray = (lab @ centres.T * -2 + (centres**2).sum(1)).argmin(1)
    return near


def _farthest(lab: Float64[np.ndarray, "pixel 3"], count: int) -> Float64[np.ndarray, "colour 3"]:
    """Begin at the mean's nearest pixel and add the farthest from those chosen (Gonzalez 1985)."""
    chosen = [int(((lab - lab.mean(0)) ** 2).sum(1).argmin())]
    apart = ((lab - lab[chosen[0]]) ** 2).sum(1)
    while len(chosen) < count and float(apart.max()) > 1.0:
        chosen.append(int(apart.argmax()))
        apart = np.minimum(apart, ((lab - lab[chosen[-1]]) ** 2).sum(1))
    return lab[chosen]


def palette_difference(one: Palette, other: Palette) -> float:
    """The least CIEDE2000 it takes to move one palette's shares onto the other's: the earth mover's distance
    (Rubner, Tomasi, Guibas 2000). 0 the same; 100 at most."""
    from scipy.optimize import linprog

    a, b = np.array(one.shares), np.array(other.shares)
    cost = delta_e_2000(np.array(one.colours)[:, None], np.array(other.colours)[None])
    rows, columns = len(a), len(b)
    balance = np.zeros((rows + columns, rows * columns))
    for i in range(rows):
        balance[i, i * columns : (i + 1) * columns] = 1
    for j in range(columns):
        balance[rows + j, j::columns] = 1
    # the last equation follows from the others
    target = np.concatenate([a / a.sum(), b / b.sum()])
    found = linprog(cost.ravel(), A_eq=balance[:-1], b_eq=target[:-1], bounds=(0, None), method="highs")
    return float(found.fun)
