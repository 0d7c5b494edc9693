"""Lip tracks: from phonemes to jaw opening, lip width and energy at 24 Hz.

Targets are held at each phoneme's middle and blended with overlapping dominance, as in Cohen and Massaro, "Modeling
coarticulation in synthetic visual speech", 1993: a vowel yields to its neighbours, a closure does not.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from jaxtyping import Float32, Float64

from episodic.looks.data_files import read_rows
from episodic.sound.audio import SAMPLE_RATE
from episodic.sound.speech.utterance import Phoneme, Utterance

__all__ = ["CLOSED", "LIP_HZ", "lip_track"]

LIP_HZ: Final = 24
CLOSED: Final = frozenset("mbpɱ")
"""Sounds for which the lips must meet."""

_FINE_HZ: Final = 240


@dataclass(frozen=True, slots=True)
class _Shape:
    """Opening 0..1 and width from -1 (round) to 1 (spread); `grip`: resistance to neighbouring sounds (opening, width)."""

    open: float
    wide: float
    grip: tuple[float, float] = (1.0, 1.0)


@dataclass(frozen=True, slots=True)
class _ShapeRow:
    """One row of `data/lip_shapes.tsv`, for all the phoneme symbols in its first column."""

    opening: float
    width: float
    opening_grip: float
    width_grip: float


def _read_shapes() -> dict[str, _Shape]:
    """Read the shape of every phoneme symbol. Raises TableError for a damaged table."""
    rows = read_rows("lip_shapes.tsv", _ShapeRow, Path(__file__).with_name("data"))
    return {
        symbol: _Shape(row.opening, row.width, (row.opening_grip, row.width_grip)) for symbols, row in rows for symbol in symbols
    }


_SHAPES: Final = _read_shapes()
_REST: Final = _Shape(0.0, 0.0, (0.8, 0.5))
_SCHWA: Final = _SHAPES["ə"]
"""The shape of a symbol that the table lacks."""

_GLIDES: Final[dict[str, tuple[_Shape, _Shape]]] = {
    "A": (_Shape(0.56, 0.45), _Shape(0.3, 0.75)),
    "I": (_Shape(0.88, 0.05), _Shape(0.34, 0.65)),
    "O": (_Shape(0.58, -0.5), _Shape(0.26, -0.9)),
    "Q": (_Shape(0.5, -0.2), _Shape(0.26, -0.85)),
    "W": (_Shape(0.9, 0.05), _Shape(0.28, -0.85)),
    "Y": (_Shape(0.62, -0.65), _Shape(0.34, 0.55)),
}
"""Diphthongs open in one shape and end in another."""


def lip_track(utterance: Utterance) -> Float32[np.ndarray, "tick 3"]:
    """Jaw opening 0..1, width -1 (round)..1 (spread) and energy 0..1, one row per 1/24 s from the utterance's first sample.

    The rows nearest to the time of an m, b or p are exactly closed.
    """
    seconds = utterance.seconds
    ticks = max(1, int(np.ceil(seconds * LIP_HZ)) + 1)
    fine = np.arange(int(np.ceil(ticks * _FINE_HZ / LIP_HZ)) + 1) / _FINE_HZ
    open_, wide = _blend(utterance.phonemes, fine)
    at = np.arange(ticks) / LIP_HZ
    energy = _energy(utterance, ticks)
    effort = 0.62 + 0.38 * energy
    opening = np.interp(at, fine, open_) * effort
    for phoneme in utterance.phonemes:
        if phoneme.symbol in CLOSED:
            opening[_ticks_of(phoneme, ticks)] = 0.0
    track = np.stack([np.clip(opening, 0, 1), np.clip(np.interp(at, fine, wide), -1, 1), energy], axis=1)
    return track.astype(np.float32)


def _blend(
    phonemes: tuple[Phoneme, ...], time: Float64[np.ndarray, " time"]
) -> tuple[Float64[np.ndarray, " time"], Float64[np.ndarray, " time"]]:
    """Targets averaged with weights that decay exponentially outside each sound's own interval."""
    # the mouth at rest is always a candidate, with a weight that only wins in pauses
    weight_open, weight_wide = np.full(len(time), 0.02), np.full(len(time), 0.02)
    sum_open, sum_wide = np.zeros(len(time)), np.zeros(len(time))
    for shape, start, end in _targets(phonemes):
        first, last = np.searchsorted(time, (start - 0.25, end + 0.25))
        near = time[first:last]
        outside = np.maximum(0.0, np.maximum(start - near, near - end))
        for sums, weights, value, grip, reach in (
            (sum_open, weight_open, shape.open, shape.grip[0], 0.022),
            (sum_wide, weight_wide, shape.wide, shape.grip[1], 0.04),
        ):
            pull = grip * np.exp(-outside / reach)
            sums[first:last] += pull * value
            weights[first:last] += pull
    return sum_open / weight_open, sum_wide / weight_wide


def _targets(phonemes: tuple[Phoneme, ...]) -> list[tuple[_Shape, float, float]]:
    """Shapes with the core of their time: the edges belong to the movement between sounds."""
    out: list[tuple[_Shape, float, float]] = []
    for index, phoneme in enumerate(phonemes):
        length = phoneme.end_s - phoneme.start_s
        margin = min(0.25 * length, 0.03)
        start, end = phoneme.start_s + margin, phoneme.end_s - margin
        if phoneme.symbol in _GLIDES:
            first, second = _GLIDES[phoneme.symbol]
            out += [(first, start, start + 0.35 * (end - start)), (second, end - 0.15 * (end - start), end)]
        else:
            out.append((_SHAPES.get(phoneme.symbol, _SCHWA), start, end))
        pause_end = phonemes[index + 1].start_s if index + 1 < len(phonemes) else phoneme.end_s + 1.0
        if pause_end - phoneme.end_s > 0.12:
            out.append((_REST, phoneme.end_s + 0.06, pause_end - 0.06))
    return out


def _ticks_of(phoneme: Phoneme, ticks: int) -> list[int]:
    """The ticks inside a closure; if it is shorter than a tick, the one nearest to its middle."""
    inside = range(int(np.ceil(phoneme.start_s * LIP_HZ)), int(np.floor(phoneme.end_s * LIP_HZ)) + 1)
    nearest = round((phoneme.start_s + phoneme.end_s) / 2 * LIP_HZ)
    return [tick for tick in {*inside, nearest} if 0 <= tick < ticks]


def _energy(utterance: Utterance, ticks: int) -> Float64[np.ndarray, " tick"]:
    """Loudness around each tick: 0 at 40 dB under the line's loud passages, 1 at them."""
    half = SAMPLE_RATE // LIP_HZ // 2
    padded = np.zeros(ticks * 2 * half + 2 * half)
    end = min(len(utterance.samples), len(padded) - half)
    padded[half : half + end] = np.square(utterance.samples[:end], dtype=np.float64)
    power = padded[: ticks * 2 * half].reshape(ticks, 2 * half).mean(axis=1)
    loud = max(float(np.percentile(power, 92)), 1e-12)
    return np.asarray(np.clip(1 + np.log10(np.maximum(power, 1e-12) / loud) / 4, 0, 1))
