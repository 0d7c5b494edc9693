"""Treatments of a finished voice: robot, ghost, tiny."""

from __future__ import annotations

from typing import Literal

import numpy as np
from scipy.signal import butter, fftconvolve, lfilter, sosfilt

from episodic.sound.audio import SAMPLE_RATE, Mono, generator

__all__ = ["apply_effect"]


def apply_effect(samples: Mono, effect: Literal["none", "robot", "ghost", "tiny"], pitch_hz: float) -> Mono:
    """`samples` treated; `ghost` is longer by its tail. `pitch_hz`: the voice's middle pitch, which the robot rings at."""
    if effect == "robot":
        return _robot(samples, pitch_hz)
    if effect == "ghost":
        return _ghost(samples)
    if effect == "tiny":
        return _tiny(samples)
    return samples


def _robot(samples: Mono, pitch_hz: float) -> Mono:
    """A metal body (short comb), a ring at a third of the pitch, and the hard edge of a small loudspeaker."""
    time = np.arange(len(samples)) / SAMPLE_RATE
    delay = round(SAMPLE_RATE / max(pitch_hz * 1.5, 120.0))
    comb = lfilter([1.0], np.concatenate([[1.0], np.zeros(delay - 1), [-0.55]]), samples)
    ring = samples * np.sin(2 * np.pi * max(pitch_hz / 3, 38.0) * time)
    metal = 0.55 * samples + 0.35 * comb + 0.4 * ring
    drive = 2.2 / max(float(np.abs(metal).max()), 1e-6)
    return np.asarray(0.7 * metal + 0.3 * np.tanh(metal * drive) / drive, np.float32)


def _ghost(samples: Mono) -> Mono:
    """Several of itself, wandering apart, in a hall that is not there."""
    tail = round(0.9 * SAMPLE_RATE)
    long = np.concatenate([samples, np.zeros(tail, np.float32)]).astype(np.float64)
    index = np.arange(len(long), dtype=np.float64)
    choir = long.copy()
    for number, (delay_s, rate_hz) in enumerate(((0.019, 0.31), (0.027, 0.43), (0.041, 0.23))):
        wander = (delay_s + 0.0035 * np.sin(2 * np.pi * (rate_hz * index / SAMPLE_RATE + number / 3))) * SAMPLE_RATE
        choir += 0.45 * np.interp(index - wander, index, long, left=0.0)
    decay = np.exp(-np.arange(tail) / (0.22 * SAMPLE_RATE))
    hall = generator("ghost hall").standard_normal(tail) * decay
    hall[: SAMPLE_RATE // 40] *= 0.2
    wet = fftconvolve(long, hall / np.sqrt(np.sum(hall**2)))[: len(long)]
    fade = np.concatenate([np.ones(len(samples)), np.linspace(1, 0, tail) ** 2])
    return np.asarray((0.75 * choir + 0.5 * wet) * fade, np.float32)


def _tiny(samples: Mono) -> Mono:
    """A small chest: nothing below 350 Hz, a little more on top."""
    thin = sosfilt(butter(2, 350, "highpass", fs=SAMPLE_RATE, output="sos"), samples)
    bright = sosfilt(butter(1, 3500, "highpass", fs=SAMPLE_RATE, output="sos"), thin)
    return np.asarray(thin + 0.35 * bright, np.float32)
