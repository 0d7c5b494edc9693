"""What ambiences and effects are made of: shaped noise, slow wandering, scattered events, struck and blown things."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from jaxtyping import Float32, Float64
from scipy.signal import butter, sosfilt

from episodic.sound.audio import SAMPLE_RATE, Mono, Stereo, pan

__all__ = ["band", "decay", "hiss", "ping", "scatter", "sweep", "tone", "wander"]

Dice = np.random.Generator


def hiss(
    samples: int, dice: Dice, low_hz: float, high_hz: float, *, order: int = 1, stereo: bool = True
) -> Float32[np.ndarray, "sample ..."]:
    """Noise between two frequencies, RMS 1, different in each ear."""
    white = dice.standard_normal((samples, 2) if stereo else samples, dtype=np.float32)
    out = band(white, low_hz, high_hz, order=order)
    return out / np.float32(max(float(np.sqrt(np.mean(np.square(out[: 10 * SAMPLE_RATE])))), 1e-9))


def band(
    sound: Float32[np.ndarray, "sample ..."], low_hz: float, high_hz: float, *, order: int = 1
) -> Float32[np.ndarray, "sample ..."]:
    """Band-pass; with `low_hz` 0 a low-pass."""
    if low_hz <= 0:
        sections = butter(order, high_hz, "lowpass", fs=SAMPLE_RATE, output="sos")
    else:
        sections = butter(order, (low_hz, min(high_hz, 0.49 * SAMPLE_RATE)), "bandpass", fs=SAMPLE_RATE, output="sos")
    return np.asarray(sosfilt(sections.astype(np.float32), sound, axis=0), np.float32)


def wander(samples: int, dice: Dice, period_s: float, low: float, high: float) -> Mono:
    """A slow curve between `low` and `high` that turns about every `period_s` and never repeats."""
    seconds = samples / SAMPLE_RATE
    knots = max(4, int(np.ceil(seconds / period_s)) + 3)
    values = dice.uniform(low, high, knots)
    at = np.arange(int(seconds * 50) + 2) / 50 / period_s + float(dice.uniform(0, 1))
    index = np.minimum(at.astype(int), knots - 2)
    part = at - index
    ease = part * part * (3 - 2 * part)
    coarse = values[index] * (1 - ease) + values[index + 1] * ease
    return np.asarray(
        np.interp(np.arange(samples, dtype=np.float32), np.arange(len(coarse)) * (SAMPLE_RATE / 50), coarse).astype(np.float32)
    )


def tone(samples: int, hz: float | Float64[np.ndarray, " sample"], *, start: float = 0.0) -> Mono:
    """A sine; `hz` may be a curve."""
    if isinstance(hz, np.ndarray):
        phase = 2 * np.pi * np.cumsum(hz) / SAMPLE_RATE
    else:
        phase = 2 * np.pi * hz * np.arange(samples) / SAMPLE_RATE
    return np.asarray(np.sin(phase + start), np.float32)


def sweep(seconds: float, from_hz: float, to_hz: float, *, bend: float = 1.0) -> Mono:
    """A short whistle from one pitch to another, rounded at both ends."""
    samples = max(8, round(seconds * SAMPLE_RATE))
    progress = np.linspace(0, 1, samples) ** bend
    return tone(samples, from_hz * (to_hz / from_hz) ** progress) * np.sin(np.linspace(0, np.pi, samples)).astype(np.float32)


def decay(seconds: float, half_s: float, attack_s: float = 0.001) -> Mono:
    """An envelope: up within `attack_s`, then half as loud every `half_s`."""
    time = np.arange(max(8, round(seconds * SAMPLE_RATE))) / SAMPLE_RATE
    return np.asarray(np.minimum(1, time / attack_s) * 0.5 ** (time / half_s), np.float32)


def ping(partials: tuple[tuple[float, float, float], ...], seconds: float) -> Mono:
    """A struck thing: (Hz, level, half-life in s) per partial."""
    samples = round(seconds * SAMPLE_RATE)
    out = np.zeros(samples, np.float32)
    for hz, level, half_s in partials:
        out += np.float32(level) * tone(samples, hz) * decay(seconds, half_s)[:samples]
    return out


def scatter(
    samples: int, dice: Dice, every_s: float, make: Callable[[Dice], Mono], *, spread: float = 0.9, level_db: float = 6.0
) -> Stereo:
    """Events at random times, about `every_s` apart, each made anew, in its own place and at its own level."""
    out = np.zeros((samples, 2), np.float32)
    at = float(dice.uniform(0, 0.7 * every_s))
    while at * SAMPLE_RATE < samples:
        event = make(dice)[: samples - int(at * SAMPLE_RATE)]
        gain = 10 ** (-float(dice.uniform(0, level_db)) / 20)
        start = int(at * SAMPLE_RATE)
        out[start : start + len(event)] += pan(event * np.float32(gain), float(dice.uniform(-spread, spread)))
        # never two at once, never a beat
        at += 0.25 * every_s + float(dice.exponential(0.75 * every_s))
    return out
