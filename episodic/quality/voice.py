"""The voice encoder: who speaks, whatever is said and however it is said.

A line is taken apart every 20 ms by WORLD (Morise et al. 2016): smoothed spectral envelope in mel bands, fundamental, how much of
each band is noise. A small network over these frames, with their mean and spread over the line as its summary (statistics pooling:
Snyder et al., "X-vectors: robust DNN embeddings for speaker recognition", ICASSP 2018), tells the traits a voice is cast with apart
from words: pitch, body size, liveliness, breath, rate, slope of the spectrum, throat, nose, treatment. Where it is known with which
emotion a line was spoken, what that emotion does to every voice (`episodic.sound.speech.delivery`) is taken out first, and the network is told
the emotion. `episodic.lab.training.voice_encoder` teaches it on lines that the project has spoken, in voices and sentences of no series.
No weights from elsewhere.

The traits, each in units of how far a line can lead astray, become a unit vector such that the cosine of two is a Gaussian of their
distance (random features: Rahimi and Recht 2007; orthogonal: Yu et al. 2016): 1 the same, near 0 surely somebody else.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np
from jaxtyping import Float, Float32, Float64

from episodic.sound.speech.delivery import MANNERS
from planners.plan.vocabulary import EMOTIONS, Emotion

__all__ = [
    "BANDS",
    "MEL_EDGES",
    "TOLD_EMOTION",
    "VOICE_ENCODER",
    "Array",
    "VoiceEncoder",
    "band_octaves",
    "calmed",
    "hear",
    "load_voice_encoder",
    "told_emotion",
    "voice_embedding",
    "voice_of_lines",
]

VOICE_ENCODER: Final = "voice-net-2"
"""Name and version; only vectors of one encoder can be compared."""
WEIGHTS: Final = Path(__file__).parent / "weights" / "voice.safetensors"
Array: TypeAlias = np.ndarray[tuple[int, ...], np.dtype[np.float32]]
"""Of any shape."""
_INPUT_HZ, _HZ = 48_000, 16_000
_FRAME_MS: Final = 20.0
_FFT: Final = 1024
_F0_FLOOR, _F0_CEILING = 50.0, 600.0
BANDS: Final = 40
MEL_EDGES: Final = (2595 * math.log10(1 + 80 / 700), 2595 * math.log10(1 + 7600 / 700))
"""Where the bands begin and end, mel."""
TOLD_EMOTION: Final = len(EMOTIONS)
"""Numbers that tell the network the emotion: one for each, all 0 where it is not known."""
_TILT_RANGE_HZ: Final = (250.0, 5657.0)
"""Between these the slope of a manner reaches (as in `episodic.sound.speech.vocoder`)."""
_LONGEST_S: Final = 6.0
"""More of a line says nothing new about who speaks."""
_SILENT: Final = 1e-4
_HEARD_DB: Final = 35.0
"""Frames softer than this below the loudest are silence."""


class VoiceEncoder:
    """Encodes who speaks, from learned arrays by name."""

    name = VOICE_ENCODER

    def __init__(self, weights: Mapping[str, Array]) -> None:
        self._weights = weights

    @property
    def dimension(self) -> int:
        """Length of its vectors."""
        return 2 * int(self._weights["frequencies"].shape[1])

    def traits(self, frames: Float[np.ndarray, "frame feature"], emotion: Emotion | None = None) -> Float32[np.ndarray, " trait"]:
        """The traits of the voice in a line taken apart by `hear`, in units of how far a line leads astray."""
        w = self._weights
        hidden: Any = (calmed(frames.astype(np.float32), emotion) - w["mean"]) / w["spread"]
        for layer in ("first", "second", "third"):
            hidden = _convolve(hidden, w[f"{layer}.weight"], w[f"{layer}.bias"])
            hidden = np.maximum(hidden, 0) if layer != "third" else hidden
        summary = np.concatenate([hidden.mean(0), np.sqrt(hidden.var(0) + 1e-4), told_emotion(emotion)])
        told = np.maximum(summary @ w["summary.weight"].T + w["summary.bias"], 0) @ w["traits.weight"].T + w["traits.bias"]
        count = len(w["trait_scale"])
        effect = np.exp(told[count:] - told[count:].max())
        found: Float32[np.ndarray, " trait"] = (
            np.concatenate([told[:count] * w["trait_scale"], effect / effect.sum()]) @ w["whiten"]
        )
        return found

    def encode(
        self, samples: Float32[np.ndarray, " sample"], emotion: Emotion | None = None
    ) -> Float32[np.ndarray, " dimension"]:
        """See `voice_embedding`."""
        return self.wave(self.traits(hear(samples), emotion))

    def wave(self, traits: Float32[np.ndarray, " trait"]) -> Float32[np.ndarray, " dimension"]:
        """The unit vector of a voice with these traits."""
        phase = traits @ self._weights["frequencies"]
        waves: Float32[np.ndarray, " dimension"] = np.concatenate([np.cos(phase), np.sin(phase)]) / np.sqrt(len(phase))
        return waves.astype(np.float32)


def voice_embedding(samples: Float32[np.ndarray, " sample"], emotion: Emotion | None = None) -> Float32[np.ndarray, " dimension"]:
    """Who speaks in `samples` (mono, 48 kHz, -1..1), as a unit vector. Raises ValueError where nothing is heard.

    `emotion`: how the line was to be spoken, where that is known. The level does not matter. Mean vectors of several lines may be
    compared like those of one.
    """
    return load_voice_encoder().encode(samples, emotion)


def voice_of_lines(
    lines: Sequence[tuple[Float32[np.ndarray, " _"], Emotion | None]],
) -> Float32[np.ndarray, " dimension"]:
    """Who speaks all of `lines` (samples as for `voice_embedding`, each with its emotion), as a unit vector: the mean of the lines'
    traits, each weighted by how long it is heard. Raises ValueError where nothing is heard."""
    encoder = load_voice_encoder()
    heard = [(hear(samples), emotion) for samples, emotion in lines]
    if not heard:
        raise ValueError("nothing is heard: expected at least one line")
    traits = np.stack([encoder.traits(frames, emotion) for frames, emotion in heard])
    mean: Float32[np.ndarray, " trait"] = np.average(traits, axis=0, weights=[len(frames) for frames, _ in heard])
    return encoder.wave(mean.astype(np.float32))


@lru_cache(maxsize=1)
def load_voice_encoder(path: Path = WEIGHTS) -> VoiceEncoder:
    """The encoder that ships. Raises FileNotFoundError without its weights (`python -m episodic.lab.training.voice_encoder` makes them)."""
    from safetensors.numpy import load_file

    return VoiceEncoder({name: array.astype(np.float32) for name, array in load_file(path).items()})


def hear(samples: Float32[np.ndarray, " sample"]) -> Float32[np.ndarray, "frame feature"]:
    """A line (mono, 48 kHz) taken apart every 20 ms, silence left out. Raises ValueError where nothing is heard.

    Features: 40 mel bands of the spectral envelope relative to their mean (10 dB), pitch (half octaves from 180 Hz; 0 unvoiced),
    voiced or not, the share of noise in 9 bands, loudness relative to the loudest frame (20 dB).
    """
    import pyworld
    from scipy.signal import resample_poly

    wave = np.ascontiguousarray(resample_poly(samples[: int(_LONGEST_S * _INPUT_HZ)].astype(np.float64), 1, _INPUT_HZ // _HZ))
    if not np.abs(wave).max(initial=0) > _SILENT:
        raise ValueError(f"nothing is heard in {len(samples) / _INPUT_HZ:.2f} s: expected speech")
    wave = np.pad(wave, (0, max(0, _HZ // 5 - len(wave))))
    f0, times = pyworld.dio(wave, _HZ, f0_floor=_F0_FLOOR, f0_ceil=_F0_CEILING, frame_period=_FRAME_MS)
    f0 = pyworld.stonemask(wave, f0, times, _HZ)
    envelope = pyworld.cheaptrick(wave, f0, times, _HZ, fft_size=_FFT, f0_floor=3.0 * _HZ / (_FFT - 3.0))
    noise = pyworld.d4c(wave, f0, times, _HZ, fft_size=_FFT)
    bands = _mel_bands()
    decibels = 10 * np.log10(envelope @ bands.T + 1e-12)
    level = decibels.mean(1)
    heard = level > level.max() - _HEARD_DB
    voiced = f0 > 0
    pitch = np.where(voiced, 2 * np.log2(np.maximum(f0, _F0_FLOOR) / 180.0), 0.0)
    parts = [
        (decibels - level[:, None]) / 10,
        pitch[:, None],
        voiced[:, None].astype(np.float64),
        (noise @ bands.T)[:, 2::5],
        (level - level.max())[:, None] / 20,
    ]
    frames: Float32[np.ndarray, "frame feature"] = np.concatenate(parts, 1)[heard].astype(np.float32)
    return frames


def calmed(frames: Float32[np.ndarray, "frame feature"], emotion: Emotion | None) -> Float32[np.ndarray, "frame feature"]:
    """A line taken apart, as it would be without the pitch and the slope of the spectrum that `emotion` gives to every voice."""
    if emotion is None:
        return frames
    manner = MANNERS[emotion]
    calm = frames.copy()
    calm[:, :BANDS] -= manner.tilt_db / 10 * band_octaves()
    calm[:, BANDS] -= 2 * math.log2(manner.pitch) * frames[:, BANDS + 1]
    return calm


def told_emotion(emotion: Emotion | None) -> Float32[np.ndarray, " emotion"]:
    """The emotion as the network is told it."""
    told = np.zeros(TOLD_EMOTION, np.float32)
    if emotion is not None:
        told[EMOTIONS.index(emotion)] = 1
    return told


@lru_cache(maxsize=1)
def band_octaves() -> Float32[np.ndarray, " band"]:
    """How many octaves each band lies above the middle of all: what one dB per octave adds to it."""
    centres = np.linspace(*MEL_EDGES, BANDS + 2)[1:-1]
    octaves = np.log2(np.clip(700 * (10 ** (centres / 2595) - 1), *_TILT_RANGE_HZ))
    return np.asarray(octaves - octaves.mean(), np.float32)


@lru_cache(maxsize=1)
def _mel_bands() -> Float64[np.ndarray, "band bin"]:
    """Triangles of equal area from 80 to 7600 Hz, equally far apart on the mel scale (O'Shaughnessy 1987)."""
    edges = np.linspace(*MEL_EDGES, BANDS + 2)
    bins = 2595 * np.log10(1 + np.linspace(0, _HZ / 2, _FFT // 2 + 1) / 700)
    rise = np.maximum(0, 1 - np.abs(bins[None] - edges[1:-1, None]) / (edges[1] - edges[0]))
    bands: Float64[np.ndarray, "band bin"] = rise / rise.sum(1, keepdims=True)
    return bands


def _convolve(
    frames: Float32[np.ndarray, "frame inner"], weight: Float32[np.ndarray, "out inner width"], bias: Float32[np.ndarray, " out"]
) -> Float32[np.ndarray, "frame out"]:
    """A convolution over time, with zeros before the first and after the last frame."""
    width = weight.shape[2]
    padded = np.pad(frames, ((width // 2, width // 2), (0, 0)))
    taps = [padded[i : i + len(frames)] @ weight[:, :, i].T for i in range(width)]
    summed: Float32[np.ndarray, "frame out"] = np.sum(taps, axis=0, dtype=np.float32) + bias
    return summed
