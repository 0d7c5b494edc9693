"""Loudness after ITU-R BS.1770-4."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import numpy as np
from jaxtyping import Float, Float64

from episodic.sound.audio import SAMPLE_RATE, Mono

__all__ = ["k_weighted", "speech_level"]

_OFFSET: Final = -0.691


@lru_cache(maxsize=1)
def _k_sections() -> Float64[np.ndarray, "2 6"]:
    """The two biquads of the standard for 48 kHz: head shelf, then high-pass."""
    return np.array(
        [
            [1.53512485958697, -2.69169618940638, 1.19839281085285, 1.0, -1.69065929318241, 0.73248077421585],
            [1.0, -2.0, 1.0, 1.0, -1.99004745483398, 0.99007225036621],
        ]
    )


def k_weighted(sound: Float[np.ndarray, "sample ..."]) -> Float64[np.ndarray, "sample ..."]:
    """The signal as the standard's meter hears it."""
    from scipy.signal import sosfilt

    out: Float64[np.ndarray, "sample ..."] = sosfilt(_k_sections(), np.asarray(sound, np.float64), axis=0)
    return out


def speech_level(samples: Mono) -> float:
    """LUFS of one line however short: mean over its 50 ms windows within 20 dB of its loudest ones."""
    window = SAMPLE_RATE // 20
    weighted = k_weighted(samples)
    count = max(1, len(weighted) // window)
    padded = np.zeros(max(count * window, window))
    padded[: min(len(weighted), len(padded))] = weighted[: len(padded)]
    energy = np.mean(np.square(padded.reshape(-1, window)), axis=1)
    heard = energy[energy > np.percentile(energy, 95) * 0.01]
    return float(_OFFSET + 10 * np.log10(max(float(heard.mean()) if len(heard) else 0.0, 1e-12)))
