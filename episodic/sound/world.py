"""Voice conversion with the WORLD vocoder: pitch, intonation, body size, breath and brightness of a recorded voice.

WORLD: Morise, Yokomori and Ozawa, "WORLD: a vocoder-based high-quality speech synthesis system", 2016.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from jaxtyping import Float, Float64

from episodic.sound.manner import Manner
from memory.canon import Voice

__all__ = ["VoiceAnalysis", "analyse_voice", "convert_voice"]

_FRAME_MS: Final = 5.0
_F0_FLOOR, _F0_CEILING = 55.0, 620.0
_VOICED_HZ = 40.0


@dataclass(frozen=True, slots=True)
class VoiceAnalysis:
    """A recorded voice, taken apart every 5 ms: what is said, ready to be said by somebody else."""

    samples: int
    rate_hz: int
    times: Float64[np.ndarray, " time"]
    f0: Float64[np.ndarray, " time"]
    """Hertz; 0: unvoiced."""
    envelope: Float64[np.ndarray, "time bin"]
    noise: Float64[np.ndarray, "time bin"]


def analyse_voice(
    wave: Float[np.ndarray, " sample"], rate_hz: int, pitch_hz: Float[np.ndarray, " frame"], pitch_frame_ms: float
) -> VoiceAnalysis:
    """Take `wave` apart.

    `pitch_hz` is the known fundamental of `wave` every `pitch_frame_ms` (0: unvoiced), which spares estimating it.
    """
    import pyworld

    wave = np.ascontiguousarray(wave, np.float64)
    times = np.arange(int(len(wave) / rate_hz * 1000 / _FRAME_MS) + 1) * (_FRAME_MS / 1000)
    f0 = _resample_pitch(pitch_hz, pitch_frame_ms, times)
    envelope = pyworld.cheaptrick(wave, f0, times, rate_hz)
    noise = pyworld.d4c(wave, f0, times, rate_hz)
    return VoiceAnalysis(len(wave), rate_hz, times, f0, envelope, noise)


def convert_voice(spoken: VoiceAnalysis, voice: Voice, manner: Manner, stretch: float = 1.0) -> Float64[np.ndarray, " sample"]:
    """What was spoken, in another voice, `stretch` times as long."""
    import pyworld

    shift = voice.formant
    envelope, noise = _warp(spoken.envelope, shift), _warp(spoken.noise, shift)
    frequency = np.linspace(0, spoken.rate_hz / 2, envelope.shape[1])
    envelope = envelope * _tilt(frequency, manner.tilt_db)
    breath = min(1.0, voice.breath + manner.breath)
    if breath > 0:
        noise, envelope = _breathe(noise, envelope, frequency, breath)
    new_f0 = _intone(spoken.f0, spoken.times * stretch, voice.pitch * manner.pitch, voice.range * manner.range, manner)
    wave: Float64[np.ndarray, " sample"] = pyworld.synthesize(
        new_f0, np.ascontiguousarray(envelope), np.ascontiguousarray(noise), spoken.rate_hz, _FRAME_MS * stretch
    )
    return wave[: round(spoken.samples * stretch)]


def _resample_pitch(
    pitch_hz: Float[np.ndarray, " frame"], frame_ms: float, times: Float64[np.ndarray, " time"]
) -> Float64[np.ndarray, " time"]:
    """Linear within voiced stretches; a frame is voiced where its nearest source frame is."""
    centres = (np.arange(len(pitch_hz)) + 0.5) * frame_ms / 1000
    voiced = pitch_hz > _VOICED_HZ
    if not voiced.any():
        return np.zeros(len(times))
    nearest = np.clip((times / (frame_ms / 1000)).astype(int), 0, len(pitch_hz) - 1)
    smooth = np.interp(times, centres[voiced], pitch_hz[voiced].astype(np.float64))
    return np.where(voiced[nearest], smooth, 0.0)


def _warp(spectrum: Float64[np.ndarray, "time bin"], ratio: float) -> Float64[np.ndarray, "time bin"]:
    """Stretch the frequency axis by `ratio`: a larger body has lower formants."""
    if abs(ratio - 1) < 1e-3:
        return spectrum
    bins = spectrum.shape[1]
    source = np.minimum(np.arange(bins) / ratio, bins - 1)
    low = np.minimum(source.astype(int), bins - 2)
    part = source - low
    return np.asarray(spectrum[:, low] * (1 - part) + spectrum[:, low + 1] * part)


def _tilt(frequency: Float64[np.ndarray, " bin"], db_per_octave: float) -> Float64[np.ndarray, " bin"]:
    octaves = np.clip(np.log2(np.maximum(frequency, 1.0) / 500.0), -1.0, 3.5)
    power: Float64[np.ndarray, " bin"] = 10 ** (db_per_octave * octaves / 10)
    return power


def _breathe(
    noise: Float64[np.ndarray, "time bin"],
    envelope: Float64[np.ndarray, "time bin"],
    frequency: Float64[np.ndarray, " bin"],
    breath: float,
) -> tuple[Float64[np.ndarray, "time bin"], Float64[np.ndarray, "time bin"]]:
    """Air through half-open folds: noise takes over from the harmonics above about 1.5 kHz."""
    reach = breath / (1 + np.exp(-(frequency - 1800.0) / 450.0))
    return noise + (1 - noise) * reach, envelope * 10 ** (0.35 * reach)


def _intone(
    f0: Float64[np.ndarray, " time"], times: Float64[np.ndarray, " time"], pitch: float, width: float, manner: Manner
) -> Float64[np.ndarray, " time"]:
    """Move the pitch, and widen or flatten the intonation around its mean; unvoiced frames stay 0."""
    voiced = f0 > 0
    if not voiced.any():
        return f0
    octave = np.log2(np.where(voiced, f0, 1.0))
    mean = octave[voiced].mean()
    progress = times / max(times[-1], 1e-6) - 0.5
    melody = mean + width * (octave - mean) + manner.drift * progress
    # two incommensurate rates, so that fear does not sound like a machine's vibrato
    waver = manner.tremble * (np.sin(2 * np.pi * 5.7 * times) + 0.6 * np.sin(2 * np.pi * 7.9 * times + 1.0))
    return np.where(voiced, np.clip(pitch * 2 ** (melody + waver), _F0_FLOOR, _F0_CEILING), 0.0)
