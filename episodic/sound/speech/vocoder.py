"""Voice conversion with the WORLD vocoder: pitch, intonation, body size, throat, nose, breath and brightness of a recorded voice.

WORLD: Morise, Yokomori and Ozawa, "WORLD: a vocoder-based high-quality speech synthesis system", 2016.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyworld
from jaxtyping import Float, Float64

from episodic.sound.speech.delivery import Manner
from memory.model.canon import Voice

__all__ = ["VoiceAnalysis", "analyse_voice", "convert_voice"]

_FRAME_MS: Final = 5.0
_F0_FLOOR, _F0_CEILING = 55.0, 620.0
_VOICED_HZ = 40.0
_THROAT_HZ: Final = (700.0, 1700.0, 3200.0, 6500.0)
_THROAT_SHARE: Final = (1.0, -0.5, -0.5, 0.0)
"""How much of the throat's ratio the formants around these frequencies take part in."""
_NOSE: Final = ((260.0, 5.0, 0.4), (620.0, -9.0, 0.45), (1050.0, 5.0, 0.25), (2000.0, -4.0, 0.4))
"""Hertz, dB and width in octaves of what a fully open nose does."""


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
    wave = np.ascontiguousarray(wave, np.float64)
    times = np.arange(int(len(wave) / rate_hz * 1000 / _FRAME_MS) + 1) * (_FRAME_MS / 1000)
    f0 = _resample_pitch(pitch_hz, pitch_frame_ms, times)
    envelope = pyworld.cheaptrick(wave, f0, times, rate_hz)
    noise = pyworld.d4c(wave, f0, times, rate_hz)
    return VoiceAnalysis(len(wave), rate_hz, times, f0, envelope, noise)


def convert_voice(spoken: VoiceAnalysis, voice: Voice, manner: Manner, stretch: float = 1.0) -> Float64[np.ndarray, " sample"]:
    """What was spoken, in another voice, `stretch` times as long."""
    frequency = np.linspace(0, spoken.rate_hz / 2, spoken.envelope.shape[1])
    source = _source(frequency, voice.formant, voice.throat)
    envelope, noise = _warp(spoken.envelope, source), _warp(spoken.noise, source)
    envelope = envelope * (_tilt(frequency, voice.tilt + manner.tilt_db) * _nose(frequency, voice))
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


def _source(frequency: Float64[np.ndarray, " bin"], body: float, throat: float) -> Float64[np.ndarray, " bin"]:
    """The bin of the recorded voice that is heard at each frequency.

    A larger body has all formants lower. A wider throat raises the first and lowers the second and third, half as much: two tubes,
    of which one grows by what the other loses. Where both fade into each other no vowel has a formant to lose.
    """
    recorded = frequency / body
    octave = np.log2(np.maximum(recorded, 1.0))
    share = np.interp(octave, np.log2(_THROAT_HZ), _THROAT_SHARE)
    return np.asarray(np.minimum(recorded / throat**share / frequency[1], len(frequency) - 1))


def _warp(spectrum: Float64[np.ndarray, "time bin"], source: Float64[np.ndarray, " bin"]) -> Float64[np.ndarray, "time bin"]:
    """Each bin taken from where `source` says."""
    low = np.minimum(source.astype(int), len(source) - 2)
    part = source - low
    return np.asarray(spectrum[:, low] * (1 - part) + spectrum[:, low + 1] * part)


def _tilt(frequency: Float64[np.ndarray, " bin"], db_per_octave: float) -> Float64[np.ndarray, " bin"]:
    octaves = np.clip(np.log2(np.maximum(frequency, 1.0) / 500.0), -1.0, 3.5)
    power: Float64[np.ndarray, " bin"] = 10 ** (db_per_octave * octaves / 10)
    return power


def _nose(frequency: Float64[np.ndarray, " bin"], voice: Voice) -> Float64[np.ndarray, " bin"]:
    """An open passage to the nose, in power: it takes from the first formant and adds murmur below and a resonance above it.

    Measures of nasal vowels: Chen, "Acoustic correlates of English and French nasalized vowels", JASA 102, 1997.
    """
    octave = np.log2(np.maximum(frequency, 1.0) / voice.formant)
    gain_db: np.ndarray = np.sum([db * np.exp(-(((octave - math.log2(hz)) / width) ** 2)) for hz, db, width in _NOSE], axis=0)
    return np.asarray(10 ** (voice.nasal * gain_db / 10))


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
