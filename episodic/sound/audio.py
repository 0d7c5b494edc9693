"""The common format of sound, and its conversions.

All sound inside `episodic.sound` is float32 at 48 kHz, full scale ±1: mono is [sample], stereo is [sample, 2].
"""

from __future__ import annotations

import hashlib
from typing import Final

import numpy as np
from jaxtyping import Float, Float32

__all__ = ["SAMPLE_RATE", "Mono", "Stereo", "db_to_gain", "fit_length", "gain_to_db", "generator", "pan"]

SAMPLE_RATE: Final = 48_000
"""Samples per second of every signal."""

Mono = Float32[np.ndarray, "_"]
"""[sample]. The axis has no name: one function may take sounds of several lengths."""
Stereo = Float32[np.ndarray, "_ 2"]
"""[sample, 2]"""


def db_to_gain(db: float) -> float:
    """Decibels to an amplitude ratio."""
    return float(10.0 ** (db / 20.0))


def gain_to_db(gain: float) -> float:
    """Amplitude ratio to decibels; silence is -200."""
    return float(20.0 * np.log10(max(gain, 1e-10)))


def generator(*parts: object) -> np.random.Generator:
    """A random generator seeded by `parts` alone, equal on every machine and in every process."""
    digest = hashlib.sha256("\x1f".join(str(part) for part in parts).encode()).digest()
    return np.random.Generator(np.random.PCG64(int.from_bytes(digest[:8], "little")))


def pan(mono: Float[np.ndarray, " sample"], position: float) -> Stereo:
    """Constant-power panning. `position`: -1 left, 0 centre (unity gain each side is -3 dB), 1 right."""
    angle = (min(1.0, max(-1.0, position)) + 1.0) * np.pi / 4.0
    return np.stack([mono * np.cos(angle), mono * np.sin(angle)], axis=1).astype(np.float32)


def fit_length(sound: Float[np.ndarray, "sample ..."], samples: int) -> Float32[np.ndarray, "samples ..."]:
    """Cut or zero-pad to exactly `samples`."""
    if len(sound) >= samples:
        return np.ascontiguousarray(sound[:samples], dtype=np.float32)
    out = np.zeros((samples, *sound.shape[1:]), np.float32)
    out[: len(sound)] = sound
    return out
