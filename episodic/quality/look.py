"""The look encoder: identifies a character from one crop, under different poses, sizes, framings and light.

A crop is described by hand-made features: histograms of its colours (soft-assigned to a codebook in CIELAB, after division by the known
colour of the light) over the whole figure and over bands below its crown, measured in heads; a thumbnail of the head; the widths of the
silhouette. A linear discriminant projection (Fisher 1936; Rao 1948), fitted by `episodic.lab.training.look_encoder` on a generated cast,
keeps the features that distinguish characters and drops those that change with pose, framing and light. No external weights.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np
from jaxtyping import Bool, Float, Float32, Float64, UInt8

from episodic.colour import lab_of

__all__ = ["LOOK_ENCODER", "WEIGHTS", "LookEncoder", "LookWeights", "describe", "load_look_encoder"]

LOOK_ENCODER: Final = "look-lda-1"
"""Name and version; only vectors of the same encoder can be compared."""
WEIGHTS: Final = Path(__file__).parent / "weights" / "look.safetensors"
_LEAST_PIXELS: Final = 48
"""Fewer pixels than this do not identify anybody."""
_MOST_PIXELS: Final = 2600
_SPREAD_LAB: Final = 8.0
_BANDS: Final = ((0.0, 0.45), (0.45, 1.0), (1.0, 1.6), (1.6, 2.6))
"""Top and bottom of each band, in heads below the crown."""
_THUMB: Final = 8
_ROWS: Final = (0.1, 0.25, 0.45, 0.7, 0.95, 1.2, 1.5, 1.9, 2.4)


@dataclass(frozen=True, slots=True)
class LookWeights:
    """The fitted arrays of the encoder."""

    codebook: Float32[np.ndarray, "word 3"]
    mean: Float32[np.ndarray, " feature"]
    projection: Float32[np.ndarray, "feature dimension"]


class LookEncoder:
    """Encodes the look of a character. `name` and `dimension` identify its vectors."""

    name = LOOK_ENCODER

    def __init__(self, weights: LookWeights) -> None:
        self._weights = weights

    @property
    def dimension(self) -> int:
        """Length of its vectors."""
        return int(self._weights.projection.shape[1])

    def encode(
        self,
        picture: UInt8[np.ndarray, "height width 3"],
        mask: Bool[np.ndarray, "height width"],
        white: Float[np.ndarray, " 3"] | None = None,
    ) -> Float32[np.ndarray, " dimension"] | None:
        """Encode the masked character as a unit vector; None if too little of it is visible.

        `white`: white in the light on the character, sRGB 0..1, if known (`episodic.quality.light.white_of`).
        """
        features = describe(picture, mask, white, self._weights.codebook)
        if features is None:
            return None
        vector = (features - self._weights.mean) @ self._weights.projection
        unit: Float32[np.ndarray, " dimension"] = (vector / max(float(np.linalg.norm(vector)), 1e-9)).astype(np.float32)
        return unit


@lru_cache(maxsize=1)
def load_look_encoder(path: Path = WEIGHTS) -> LookEncoder:
    """Load the shipped encoder. Raises FileNotFoundError without its weights, which `python -m episodic.lab.training.look_encoder` makes."""
    from safetensors.numpy import load_file

    arrays = load_file(path)
    return LookEncoder(LookWeights(*(arrays[field.name].astype(np.float32) for field in fields(LookWeights))))


def describe(
    picture: UInt8[np.ndarray, "height width 3"],
    mask: Bool[np.ndarray, "height width"],
    white: Float[np.ndarray, " 3"] | None,
    codebook: Float[np.ndarray, "word 3"],
) -> Float32[np.ndarray, " feature"] | None:
    """The hand-made features of a masked character, before the projection; None for fewer than 48 visible pixels."""
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    if len(rows) == 0 or int(mask.sum()) < _LEAST_PIXELS:
        return None
    box = slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)
    ends = (rows[0] == 0, rows[-1] == mask.shape[0] - 1, columns[0] == 0, columns[-1] == mask.shape[1] - 1)
    edges = tuple(bool(end) for end in ends)
    inside = mask[box]
    step = max(1, int(np.sqrt(inside.sum() / _MOST_PIXELS)))
    inside = inside[::step, ::step]
    rgb = picture[box][::step, ::step].astype(np.float32) / 255
    if white is not None:
        rgb = np.clip(rgb / np.maximum(np.asarray(white, np.float32), 0.1), 0, 1)
    lab = lab_of(rgb).astype(np.float32)
    head = _head_px(inside)
    y, _ = np.nonzero(inside)
    words = _words(lab[inside], codebook)
    parts = [words.mean(0)]
    thirds = ((0, 1 / 3), (1 / 3, 2 / 3), (2 / 3, 1))
    parts += [_mean_words(words, (y >= a * len(inside)) & (y < b * len(inside))) for a, b in thirds]
    parts += [_mean_words(words, (y >= a * head) & (y < b * head)) for a, b in _BANDS]
    histograms = np.sqrt(np.concatenate(parts))
    shape = _shape(inside, lab, head, edges)
    return np.concatenate([histograms, shape, _thumbnail(lab, inside, head)]).astype(np.float32)


def _head_px(inside: Bool[np.ndarray, "height width"]) -> float:
    """Height of the head in rows: heads are round, so it is the depth below the crown at which the figure is as wide as that depth."""
    height = len(inside)
    spans = np.maximum.accumulate(_widths(inside))
    deep = np.arange(1, height + 1)
    reached = np.flatnonzero(spans <= deep)
    reached = reached[reached >= 0.04 * height]
    return float(deep[reached[0]]) if len(reached) else float(height)


def _widths(inside: Bool[np.ndarray, "height width"]) -> Float64[np.ndarray, " height"]:
    """The width of each row, from its first to its last pixel; 0 for an empty row."""
    seen = inside.any(1)
    first = inside.argmax(1)
    last = inside.shape[1] - inside[:, ::-1].argmax(1)
    return np.where(seen, last - first, 0).astype(np.float64)


def _words(lab: Float32[np.ndarray, "pixel 3"], codebook: Float[np.ndarray, "word 3"]) -> Float32[np.ndarray, "pixel word"]:
    """The soft assignment of each pixel to the words of the codebook; a row adds up to 1."""
    # shade changes lightness more than hue, so lightness weighs less
    stretch = np.array([0.7, 1.0, 1.0], np.float32)
    a, b = lab * stretch, np.asarray(codebook, np.float32) * stretch
    squared = (a**2).sum(1)[:, None] - 2 * (a @ b.T) + (b**2).sum(1)
    near = np.exp((squared.min(1, keepdims=True) - squared) / (2 * _SPREAD_LAB**2))
    shares: Float32[np.ndarray, "pixel word"] = near / near.sum(1, keepdims=True)
    return shares


def _mean_words(words: Float32[np.ndarray, "pixel word"], chosen: Bool[np.ndarray, " pixel"]) -> Float32[np.ndarray, " word"]:
    """The mean assignment of the chosen pixels; zeros without any."""
    mean: Float32[np.ndarray, " word"] = words[chosen].mean(0) if chosen.any() else np.zeros(words.shape[1], np.float32)
    return mean


def _shape(
    inside: Bool[np.ndarray, "height width"], lab: Float32[np.ndarray, "height width 3"], head: float, edges: tuple[bool, ...]
) -> Float64[np.ndarray, " number"]:
    """Silhouette and texture: widths below the crown in heads, proportions, edges of the picture that cut it off, contrast of neighbours."""
    height, width = inside.shape
    spans = _widths(inside) / head
    at = [spans[int(row * head)] if row * head < height else 0.0 for row in _ROWS]
    busy = [float(np.abs(np.diff(lab[..., 0], axis=axis)).mean()) / 10 for axis in (0, 1)]
    numbers = [np.log(height / width), inside.mean(), np.log(height / head), *busy, *edges]
    return np.concatenate([np.minimum(at, 4.0), np.array(numbers, np.float64)])


def _thumbnail(
    lab: Float32[np.ndarray, "height width 3"], inside: Bool[np.ndarray, "height width"], head: float
) -> Float64[np.ndarray, " number"]:
    """The head as 8 by 8 cells, each with the mean colour of its pixels inside the figure."""
    tall = max(2, min(len(inside), round(head)))
    columns = np.flatnonzero(inside[:tall].any(0))
    middle = (columns[0] + columns[-1] + 1) / 2 if len(columns) else inside.shape[1] / 2
    y, x = np.nonzero(inside[:tall])
    row = np.minimum((y * _THUMB / tall).astype(int), _THUMB - 1)
    column = ((x - middle + head / 2) * _THUMB / head).astype(int)
    fits = (column >= 0) & (column < _THUMB)
    cell = row[fits] * _THUMB + column[fits]
    count = np.bincount(cell, minlength=_THUMB**2)
    pixels = lab[:tall][inside[:tall]][fits]
    sums = np.stack([np.bincount(cell, weights=pixels[:, i], minlength=_THUMB**2) for i in range(3)], 1)
    return (sums / np.maximum(count, 1)[:, None] / 60).ravel()
