"""Key frames: the few good and different frames of a take that memory keeps.

The first is the best frame; each further one is farthest from those chosen before (farthest-point selection, Gonzalez 1985), with its
distance weighted by its quality. A take without enough change has fewer key frames.
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
"""The largest number of key frames of a take."""
KEY_FRAME_METHOD: Final = "key-frames-1"
"""Changes whenever the same sights would give different key frames."""
_CANDIDATES: Final = 5
_SECONDS_APART: Final = 1.1
_NOVEL: Final = 0.05
"""The least novelty of a further key frame."""
_GRID: Final = (6, 10)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenFrame:
    """A chosen sight, by its index."""

    index: int
    quality: float
    """0..1: sharp, well exposed, with characters large enough to recognise and open eyes."""
    novelty: float
    """0..1: distance to the nearest sight chosen before; 1 for the first."""


def candidate_frames(frames: int, fps: int) -> list[int]:
    """The frames of a take to consider: at most five, evenly spaced, a little inside either end."""
    count = int(np.clip(round(frames / fps / _SECONDS_APART), 2, _CANDIDATES))
    at = np.linspace(0.04, 0.96, count) * (frames - 1)
    return sorted({round(float(frame)) for frame in at})


def choose_key_frames(sights: Sequence[Sight]) -> list[ChosenFrame]:
    """Choose at most `KEY_FRAMES` sights of one take, returned in the order of choice. Deterministic."""
    if not sights:
        return []
    qualities = _qualities(sights)
    impressions = np.stack([_impression(sight) for sight in sights])
    chosen = [ChosenFrame(index=int(np.argmax(qualities)), quality=float(qualities.max()), novelty=1.0)]
    novelties = _distances(impressions, chosen[0].index)
    while len(chosen) < min(KEY_FRAMES, len(sights)):
        index = int(np.argmax(novelties * (0.3 + 0.7 * qualities)))
        if novelties[index] < _NOVEL:
            break
        chosen.append(ChosenFrame(index=index, quality=float(qualities[index]), novelty=float(novelties[index])))
        novelties = np.minimum(novelties, _distances(impressions, index))
    return chosen


def boxes_of(sight: Sight) -> Mapping[str, tuple[float, float, float, float]]:
    """The box of each visible entity: left, top, right, bottom as shares of the picture."""
    boxes = {}
    for entity, mask in sight.masks.items():
        rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
        if len(rows):
            height, width = mask.shape
            box = (columns[0] / width, rows[0] / height, (columns[-1] + 1) / width, (rows[-1] + 1) / height)
            boxes[entity] = (float(box[0]), float(box[1]), float(box[2]), float(box[3]))
    return boxes


def _qualities(sights: Sequence[Sight]) -> Float64[np.ndarray, " sight"]:
    """The geometric mean of four parts, each 0..1, so that a good part cannot compensate for a bad one."""
    sharp = np.array([_sharpness(sight) for sight in sights])
    parts = np.stack(
        [
            # relative to the sharpest frame: how sharp a drawing can be depends on the shot
            0.3 + 0.7 * sharp / max(float(sharp.max()), 1e-9),
            np.array([_exposure(sight) for sight in sights]),
            np.array([_presence(sight) for sight in sights]),
            np.array([_eyes(sight) for sight in sights]),
        ]
    )
    quality: Float64[np.ndarray, " sight"] = np.exp(np.log(np.clip(parts, 0.02, 1)).mean(0))
    return quality


def _sharpness(sight: Sight) -> float:
    """The spread of the Laplacian of luminance (Pech-Pacheco et al. 2000)."""
    grey = sight.picture[::2, ::2].astype(np.float32) @ np.array([0.299, 0.587, 0.114], np.float32)
    return float(np.std(4 * grey[1:-1, 1:-1] - grey[:-2, 1:-1] - grey[2:, 1:-1] - grey[1:-1, :-2] - grey[1:-1, 2:]))


def _exposure(sight: Sight) -> float:
    """1 if light and shade are distinct; less for a picture that is mostly black or burnt out."""
    grey = sight.picture[::4, ::4].mean(2)
    clipped = float(((grey < 6) | (grey > 250)).mean())
    return float(np.clip(1.2 - clipped, 0.1, 1)) * float(np.clip(grey.std() / 30, 0.3, 1))


def _presence(sight: Sight) -> float:
    """Rises with the share of the picture that entities cover; an empty set is not worthless."""
    if not sight.masks:
        return 0.5
    share = sum(float(mask.mean()) for mask in sight.masks.values())
    return float(np.clip(0.3 + share / 0.12, 0.3, 1))


def _eyes(sight: Sight) -> float:
    """Openness of the eyes of visible characters, the least counts; unknown eyes count as open."""
    openness = [sight.eyes[entity] for entity, mask in sight.masks.items() if entity in sight.eyes and mask.any()]
    return float(np.clip(min(openness, default=1.0) / 0.6, 0.1, 1))


def _impression(sight: Sight) -> Float64[np.ndarray, " number"]:
    """A coarse description of a sight: a thumbnail in CIELAB and the coverage of each entity."""
    thumb = lab_of(_grid(sight.picture.astype(np.float64)) / 255) / 100
    coverage = [_grid(sight.masks[entity].astype(np.float64)[..., None]) for entity in sorted(sight.masks)]
    return np.concatenate([thumb.ravel(), *(cells.ravel() for cells in coverage)])


def _grid(picture: Float64[np.ndarray, "height width channel"]) -> Float64[np.ndarray, "row column channel"]:
    """The mean of the picture in each cell of a coarse grid."""
    rows, columns = _GRID
    height, width = picture.shape[:2]
    down = np.add.reduceat(picture, np.arange(rows) * height // rows, axis=0)
    sums = np.add.reduceat(down, np.arange(columns) * width // columns, axis=1)
    means: Float64[np.ndarray, "row column channel"] = sums / (height / rows * width / columns)
    return means


def _distances(impressions: Float64[np.ndarray, "sight number"], index: int) -> Float64[np.ndarray, " sight"]:
    """The difference of each impression from that at `index`, 0..1."""
    gap = np.sqrt(((impressions - impressions[index]) ** 2).mean(1))
    novelty: Float64[np.ndarray, " sight"] = 1 - np.exp(-gap / 0.12)
    return novelty
