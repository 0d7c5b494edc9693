"""K-weighted block energies, speech level and true peak by ITU-R BS.1770-4, and scaling of a sound to a loudness.

Gating and integrated loudness are in `loudness`, a module of its own because this one loads SciPy.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from jaxtyping import Float, Float64
from scipy.signal import resample_poly, sosfilt

from episodic.sound.audio import SAMPLE_RATE, Mono, Stereo, db_to_gain, gain_to_db
from episodic.sound.mix.loudness import BLOCK, ENERGY_OFFSET_LU, gain_to_target

__all__ = ["block_energies", "k_weighted", "level_to", "speech_level", "true_peak_db"]


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
    """The signal after the K-weighting filter."""
    out: Float64[np.ndarray, "sample ..."] = sosfilt(_k_sections(), np.asarray(sound, np.float64), axis=0)
    return out


def block_energies(sound: Stereo) -> Float64[np.ndarray, " block"]:
    """K-weighted mean square of every 100 ms, summed over both channels. A shorter last block is averaged over its own length."""
    energies = [np.zeros(0)]
    # a minute at a time: the filter needs doubles, and a scene may be long
    state = np.zeros((2, 2, 2))
    for start in range(0, len(sound), 600 * BLOCK):
        part, state = sosfilt(_k_sections(), sound[start : start + 600 * BLOCK].astype(np.float64), axis=0, zi=state)
        power = np.sum(np.square(part), axis=1)
        whole = len(power) // BLOCK * BLOCK
        energies.append(power[:whole].reshape(-1, BLOCK).mean(axis=1))
        if whole < len(power):
            energies.append(power[whole:].mean(keepdims=True))
    return np.concatenate(energies)


def level_to(sound: Stereo, lufs: float) -> Stereo:
    """`sound` scaled to an integrated loudness of `lufs`; silence stays silent."""
    return np.asarray(sound * np.float32(db_to_gain(gain_to_target([block_energies(sound)], lufs))))


def speech_level(samples: Mono) -> float:
    """Loudness of one line of dialogue, LUFS, however short: the mean of its 50 ms windows within 20 dB of the loudest ones."""
    window = SAMPLE_RATE // 20
    weighted = k_weighted(samples)
    count = max(1, len(weighted) // window)
    padded = np.zeros(count * window)
    padded[: min(len(weighted), len(padded))] = weighted[: len(padded)]
    energy = np.mean(np.square(padded.reshape(-1, window)), axis=1)
    heard = energy[energy > np.percentile(energy, 95) * 0.01]
    return float(ENERGY_OFFSET_LU + 10 * np.log10(max(float(heard.mean()) if len(heard) else 0.0, 1e-12)))


def true_peak_db(sound: Float[np.ndarray, "sample ..."]) -> float:
    """True peak by four-fold oversampling, dBTP."""
    margin, step = 64, 10 * SAMPLE_RATE
    peak = float(np.abs(sound).max(initial=0.0))
    for start in range(0, len(sound), step):
        part = sound[max(0, start - margin) : start + step + margin]
        peak = max(peak, float(np.abs(resample_poly(part, 4, 1, axis=0)).max(initial=0.0)))
    return gain_to_db(peak)
