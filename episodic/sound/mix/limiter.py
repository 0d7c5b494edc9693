"""The last thing the sound goes through: gain to the target loudness and a look-ahead limiter, block by block."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import numpy as np
from jaxtyping import Float, Float64
from scipy.signal import resample_poly

from episodic.sound.audio import SAMPLE_RATE, Stereo, db_to_gain

__all__ = ["CEILING_DBTP", "master"]

CEILING_DBTP: Final = -2.0
"""Before AAC, which overshoots by up to a decibel; the film stays under -1 dBFS."""

_HOP: Final = 16
"""Samples that share one gain value."""
_AHEAD: Final = 30
"""Hops the limiter looks ahead: 10 ms."""
_RELEASE_S: Final = 0.12
_MARGIN: Final = 64
"""Samples either side that the oversampling filter needs."""


def master(blocks: Iterable[Stereo], gain_db: float, ceiling_dbtp: float = CEILING_DBTP) -> Iterator[Stereo]:
    """`blocks` with `gain_db`, never above `ceiling_dbtp`. As many samples come out as go in, in blocks of other sizes.

    The gain sinks smoothly over the 10 ms before a peak and comes back over about 0.1 s. Memory: about one block.
    """
    limiter = _Limiter(db_to_gain(ceiling_dbtp - 0.1))
    gain = np.float32(db_to_gain(gain_db))
    for block in blocks:
        # blocks of any length come in; the limiter works on at most ten seconds at once
        for start in range(0, len(block), 10 * SAMPLE_RATE):
            out = limiter.push(block[start : start + 10 * SAMPLE_RATE] * gain)
            if len(out):
                yield out
    out = limiter.finish()
    if len(out):
        yield out


class _Limiter:
    """Holds back the samples whose future is not known yet."""

    def __init__(self, ceiling: float) -> None:
        self._ceiling = ceiling
        self._sound = np.zeros((_MARGIN, 2), np.float32)
        """Samples from `_MARGIN` before the first one that has not come out."""
        self._needs = np.zeros(0)
        """Gain that each hop needs, from the first hop that has not come out."""
        self._envelope = np.ones(_AHEAD)
        """The last gains after release: what the smoothing looks back on."""
        self._gain = 1.0

    def push(self, block: Stereo) -> Stereo:
        self._sound = np.concatenate([self._sound, block])
        known = (len(self._sound) - 2 * _MARGIN) // _HOP
        if known > len(self._needs):
            self._needs = np.concatenate([self._needs, self._measure(len(self._needs), known)])
        return self._emit(len(self._needs) - _AHEAD)

    def finish(self) -> Stereo:
        left = len(self._sound) - _MARGIN
        padding = _MARGIN + (_AHEAD + 1) * _HOP + -left % _HOP
        return self.push(np.zeros((padding, 2), np.float32))[:left]

    def _measure(self, first: int, last: int) -> Float[np.ndarray, " hop"]:
        """The gain that hops `first`..`last` need so that their true peak stays under the ceiling."""
        part = self._sound[first * _HOP : last * _HOP + 2 * _MARGIN]
        over = np.abs(resample_poly(part, 4, 1, axis=0))[4 * _MARGIN : 4 * (len(part) - _MARGIN)].max(axis=1)
        peaks = over.reshape(-1, 4 * _HOP).max(axis=1)
        return np.asarray(np.minimum(1.0, self._ceiling / np.maximum(peaks, 1e-9)))

    def _emit(self, hops: int) -> Stereo:
        if hops <= 0:
            return np.zeros((0, 2), np.float32)
        windows = np.lib.stride_tricks.sliding_window_view(self._needs, _AHEAD + 1)[:hops]
        envelope = self._released(windows.min(axis=1))
        past = np.concatenate([self._envelope, envelope])
        smooth = np.convolve(past, np.full(_AHEAD, 1 / _AHEAD), mode="valid")[1:]
        edges = np.concatenate([[self._gain], smooth])
        ramp = (np.arange(_HOP) + 1) / _HOP
        gain = (edges[:-1, None] + (edges[1:] - edges[:-1])[:, None] * ramp).reshape(-1)
        out: Stereo = self._sound[_MARGIN : _MARGIN + hops * _HOP] * gain[:, None].astype(np.float32)
        self._gain, self._envelope = float(smooth[-1]), past[-_AHEAD:]
        self._sound, self._needs = self._sound[hops * _HOP :], self._needs[hops:]
        return out

    def _released(self, allowed: Float[np.ndarray, " hop"]) -> Float64[np.ndarray, " hop"]:
        """Gain that falls at once and recovers exponentially."""
        if allowed.min() >= 1.0 and self._envelope[-1] == 1.0:
            return np.ones(len(allowed))
        rise = 1 - np.exp(-_HOP / SAMPLE_RATE / _RELEASE_S)
        level, out = float(self._envelope[-1]), np.empty(len(allowed))
        for index, value in enumerate(allowed.tolist()):
            level = min(value, level + rise * (1.0 - level) if level < 0.9999 else 1.0)
            out[index] = level
        return out
