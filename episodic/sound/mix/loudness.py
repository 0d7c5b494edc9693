"""Gated loudness after ITU-R BS.1770-4, from the energies of scenes, so that no whole programme is held in memory.

A scene's energies are one number per 100 ms. The loudness of an episode follows from its scenes' energies in order, so the gain
to the target is known before the first block of the film is written.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np
from jaxtyping import Float64

from episodic.sound.audio import SAMPLE_RATE

__all__ = ["BLOCK", "ENERGY_OFFSET_LU", "TARGET_LUFS", "gain_to_target", "integrated_loudness"]

TARGET_LUFS: Final = -16.0
"""Of a finished episode."""

BLOCK: Final = SAMPLE_RATE // 10
"""Samples to one energy."""

ENERGY_OFFSET_LU: Final = -0.691
"""Loudness of unit energy, in LUFS."""
_ABSOLUTE_GATE: Final = -70.0
_RELATIVE_GATE_LU: Final = -10.0


def integrated_loudness(energies: Iterable[Float64[np.ndarray, " _"]]) -> float:
    """Gated loudness, LUFS, of scenes that follow each other; -inf if nothing passes the gate."""
    blocks = np.concatenate([np.zeros(0), *energies])
    if len(blocks) < 4:
        blocks = np.concatenate([blocks, np.zeros(4 - len(blocks))])
    windows = np.convolve(blocks, np.full(4, 0.25), mode="valid")
    level = ENERGY_OFFSET_LU + 10 * np.log10(np.maximum(windows, 1e-20))
    heard = windows[level > _ABSOLUTE_GATE]
    if len(heard) == 0:
        return float("-inf")
    gate = ENERGY_OFFSET_LU + 10 * np.log10(heard.mean()) + _RELATIVE_GATE_LU
    heard = windows[(level > _ABSOLUTE_GATE) & (level > gate)]
    return float(ENERGY_OFFSET_LU + 10 * np.log10(heard.mean()))


def gain_to_target(energies: Iterable[Float64[np.ndarray, " _"]], target_lufs: float = TARGET_LUFS) -> float:
    """Decibels that bring the programme to `target_lufs`; 0 for silence."""
    loudness = integrated_loudness(energies)
    return 0.0 if loudness == float("-inf") else target_lufs - loudness
