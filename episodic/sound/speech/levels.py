"""Evening out a voice, so that an episode can be brought to its loudness without its loudest syllables being flattened."""

from __future__ import annotations

from typing import Final

import numpy as np

from episodic.sound.audio import SAMPLE_RATE, Mono

__all__ = ["even_out", "soft_peaks"]

_HOP: Final = SAMPLE_RATE // 500
_WINDOW: Final = 9
"""Hops (18 ms) the gain looks at and is smoothed over, half before and half after: one glottal period of the lowest voice."""
_RATIO: Final = 2.5
_OVER_MEAN: Final = 2.2
"""Peaks above this many times the spoken RMS are brought down."""


def even_out(samples: Mono) -> Mono:
    """Compress what sticks out of a line, with look-ahead: crest factor from about 17 to about 12 dB."""
    hops = -(-len(samples) // _HOP)
    if hops < 2:
        return samples
    peaks = np.abs(np.pad(samples, (0, hops * _HOP - len(samples)))).reshape(hops, _HOP).max(axis=1).astype(np.float64)
    loud = peaks[peaks > 0.05 * peaks.max()]
    threshold = _OVER_MEAN * float(np.sqrt(np.mean(np.square(loud)))) / 2.0
    half = _WINDOW // 2
    near = np.lib.stride_tricks.sliding_window_view(np.pad(peaks, half), _WINDOW).max(axis=1)
    gain = np.minimum(1.0, (threshold / np.maximum(near, 1e-9)) ** (1 - 1 / _RATIO))
    kernel = np.hanning(_WINDOW + 2)[1:-1]
    smooth = np.convolve(np.pad(gain, half, mode="edge"), kernel / kernel.sum(), mode="valid")
    at = np.interp(np.arange(len(samples)), (np.arange(hops) + 0.5) * _HOP, smooth)
    return np.asarray(samples * at, np.float32)


def soft_peaks(samples: Mono, knee: float = 0.22, ceiling: float = 0.36) -> Mono:
    """Round off what still sticks out above `knee`: a plosive, a click of the tongue."""
    over = np.abs(samples) > knee
    room = ceiling - knee
    samples[over] = np.sign(samples[over]) * (knee + room * np.tanh((np.abs(samples[over]) - knee) / room))
    return samples
