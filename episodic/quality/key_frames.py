"""Key frames: the few frames of a take that memory keeps, good ones and not all alike.

The first is the best; each of the others is the one farthest from those chosen before (farthest-point selection, Gonzalez 1985),
its distance weighed with its quality. Where nothing new is to be seen a take has fewer of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from jaxtyping import Float64

from episodic.backbones.take import Sight
from episodic.colour import lab_of

__all__ = ["KEY_FRAMES", "KEY_FRAME_METHOD", "ChosenFrame", "boxes_of", "candidate_frames", "choose_key_frames"]

KEY_FRAMES: Final = 4
"""At most so many of a take."""
KEY_FRAME_METHOD: Final = "key-frames-1"
"""Changes whenever the same sights would give other key frames."""
_CANDIDATES: Final = 5
_SECONDS_APART: Final = 1.1
_NOVEL: Final = 0.05
"""Less than this is the same picture again."""
_GRID: Final = (6, 10)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenFrame:
    """One of the sights, by its place among them."""

    index: int
    quality: float
    """0..1: sharp, well exposed, people large enough to know, eyes open."""
    novelty: float
    """0..1: how far from the nearest of those chosen before; 1 for the first."""


def candidate_frames(frames: int, fps: int) -> list[int]:
    """The frames of a take worth looking at: at most five, evenly spread, a little inside the cut at either end."""
    count = int(np.clip(round(frames / fps / _SECONDS_APART), 2, _CANDIDATES))
    at = np.linspace(0.04, 0.96, count) * (frames - 1)
    return sorted({round(float(one)) for one in at})


def choose_key_frames(sights: Sequence[Sight]) -> list[ChosenFrame]:
    """At most `KEY_FRAMES` of the sights of one take, in the order they were chosen. Deterministic."""
    if not sights:
        return []
    qualities = _qualities(sights)
    seen = np.stack([_impression(one) for one in sights])
    chosen = [ChosenFrame(index=int(np.argmax(qualities)), quality=float(qualities.max()), novelty=1.0)]
    apart = _distances(seen, chosen[0].index)
    while len(chosen) < min(KEY_FRAMES, len(sights)):
        index = int(np.argmax(apart * (0.3 + 0.7 * qualities)))
        if apart[index] < _NOVEL:
            break
        chosen.append(ChosenFrame(index=index, quality=float(qualities[index]), novelty=float(apart[index])))
        apart = np.minimum(apart, _distances(seen, index))
    return chosen


def boxes_of(sight: Sight) -> Mapping[str, tuple[float, float, float, float]]:
    """Left, top, right, bottom of everybody who can be seen, as shares of the picture."""
    found = {}
    for who, mask in sight.masks.items():
        rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
        if len(rows):
            height, width = mask.shape
            box = (columns[0] / width, rows[0] / height, (columns[-1] + 1) / width, (rows[-1] + 1) / height)
            found[who] = (float(box[0]), float(box[1]), float(box[2]), float(box[3]))
    return found


def _qualities(sights: Sequence[Sight]) -> Float64[np.ndarray, " sight"]:
    """The geometric mean of four parts, each 0..1, none of which may make up for another that is missing."""
    sharp = np.array([_sharpness(one) for one in sights])
    parts = np.stack(
        [
            # how sharp a drawing can be depends on the shot: against the sharpest of the take
            0.3 + 0.7 * sharp / max(float(sharp.max()), 1e-9),
            np.array([_exposure(one) for one in sights]),
            np.array([_presence(one) for one in sights]),
            np.array([_eyes(one) for one in sights]),
        ]
    )
    quality: Float64[np.ndarray, " sight"] = np.exp(np.log(np.clip(parts, 0.02, 1)).mean(0))
    return quality


def _sharpness(sight: Sight) -> float:
    """The spread of the Laplacian of luminance (Pech-Pacheco et al. 2000)."""
    grey = sight.picture[::2, ::2].astype(np.float32) @ np.array([0.299, 0.587, 0.114], np.float32)
    return float(np.std(4 * grey[1:-1, 1:-1] - grey[:-2, 1:-1] - grey[2:, 1:-1] - grey[1:-1, :-2] - grey[1:-1, 2:]))


def _exposure(sight: Sight) -> float:
    """1 where light and shade can be told apart; less for a picture that is nearly all black or burnt out."""
    grey = sight.picture[::4, ::4].mean(2)
    clipped = float(((grey < 6) | (grey > 250)).mean())
    return float(np.clip(1.2 - clipped, 0.1, 1)) * float(np.clip(grey.std() / 30, 0.3, 1))


def _presence(sight: Sight) -> float:
    """How much of the picture people take up; an empty set is not useless."""
    if not sight.masks:
        return 0.5
    share = sum(float(mask.mean()) for mask in sight.masks.values())
    return float(np.clip(0.3 + share / 0.12, 0.3, 1))


def _eyes(sight: Sight) -> float:
    """How open the eyes of those who can be seen are; not known counts as open."""
    seen = [sight.eyes[who] for who, mask in sight.masks.items() if who in sight.eyes and mask.any()]
    return float(np.clip(min(seen, default=1.0) / 0.6, 0.1, 1))


def _impression(sight: Sight) -> Float64[np.ndarray, " number"]:
    """What a glance takes in: a thumbnail in CIELAB, and where everybody is."""
    thumb = lab_of(_grid(sight.picture.astype(np.float64)) / 255) / 100
    people = [_grid(sight.masks[who].astype(np.float64)[..., None]) for who in sorted(sight.masks)]
    return np.concatenate([thumb.ravel(), *(one.ravel() for one in people)])


def _grid(picture: Float64[np.ndarray, "height width channel"]) -> Float64[np.ndarray, "row column channel"]:
    rows, columns = _GRID
    height, width = picture.shape[:2]
    down = np.add.reduceat(picture, np.arange(rows) * height // rows, axis=0)
    sums = np.add.reduceat(down, np.arange(columns) * width // columns, axis=1)
    means: Float64[np.ndarray, "row column channel"] = sums / (height / rows * width / columns)
    return means


def _distances(seen: Float64[np.ndarray, "sight number"], index: int) -> Float64[np.ndarray, " sight"]:
    """How different the others are, 0..1."""
    gap = np.sqrt(((seen - seen[index]) ** 2).mean(1))
    novelty: Float64[np.ndarray, " sight"] = 1 - np.exp(-gap / 0.12)
    return novelty
