"""The voice encoder: identifies the speaker of a line, whatever its words and emotion.

WORLD (Morise et al. 2016) analyses a line every 20 ms: smoothed spectral envelope in mel bands, fundamental frequency, share of noise in each
band. A small network over these frames, with their mean and spread over the line as its summary (statistics pooling: Snyder et al.,
"X-vectors: robust DNN embeddings for speaker recognition", ICASSP 2018), separates the traits with which a voice is cast from the words:
pitch, body size, liveliness, breath, rate, slope of the spectrum, throat, nose, treatment. If the emotion of a line is known, its effect on
every voice (`episodic.sound.speech.delivery`) is removed first, and the network receives the emotion as an input.
`episodic.lab.training.voice_encoder` trains it on lines of the project's own speech engine, in voices and sentences that no series uses. No
external weights.

The traits, each in units of its error on a single line, become a unit vector such that the cosine of two vectors is a Gaussian of the
distance of their traits (random features: Rahimi and Recht 2007; orthogonal: Yu et al. 2016): 1 for the same voice, near 0 for a different one.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np
from jaxtyping import Float, Float32, Float64

from episodic.sound.speech.delivery import MANNERS
from planners.plan.vocabulary import EMOTIONS, Emotion

__all__ = [
    "BANDS",
    "EMOTION_INPUTS",
    "MEL_EDGES",
    "VOICE_ENCODER",
    "Array",
    "VoiceEncoder",
    "VoiceWeights",
    "band_octaves",
    "calmed",
    "emotion_inputs",
    "hear",
    "load_voice_encoder",
    "voice_embedding",
    "voice_of_lines",
]

VOICE_ENCODER: Final = "voice-net-2"
"""Name and version; only vectors of the same encoder can be compared."""
WEIGHTS: Final = Path(__file__).parent / "weights" / "voice.safetensors"
Array: TypeAlias = np.ndarray[tuple[int, ...], np.dtype[np.float32]]
"""An array of any shape."""
_INPUT_HZ, _HZ = 48_000, 16_000
_FRAME_MS: Final = 20.0
_FFT: Final = 1024
_F0_FLOOR, _F0_CEILING = 50.0, 600.0
BANDS: Final = 40
MEL_EDGES: Final = (2595 * math.log10(1 + 80 / 700), 2595 * math.log10(1 + 7600 / 700))
"""Lowest and highest edge of the bands, mel."""
EMOTION_INPUTS: Final = len(EMOTIONS)
"""Number of inputs of the network for the emotion (`emotion_inputs`)."""
_TILT_RANGE_HZ: Final = (250.0, 5657.0)
"""Range of the spectral slope of an emotion (as in `episodic.sound.speech.vocoder`)."""
_LONGEST_S: Final = 6.0
"""The part of a line that is analysed; more does not help to identify the speaker."""
_SILENT: Final = 1e-4
"""Largest sample of a silent line."""
_HEARD_DB: Final = 35.0
"""Frames that are softer than the loudest by more than this are silence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Layer:
    """Weight and bias of a layer."""

    weight: Array
    bias: Array

    @classmethod
    def of(cls, arrays: Mapping[str, Array], name: str) -> _Layer:
        """The layer of that name in a weights file."""
        return cls(weight=arrays[f"{name}.weight"], bias=arrays[f"{name}.bias"])


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceWeights:
    """The learned arrays of the encoder."""

    mean: Float32[np.ndarray, " feature"]
    spread: Float32[np.ndarray, " feature"]
    """Mean and standard deviation of the features."""
    convolutions: tuple[_Layer, ...]
    """Over time, with a ReLU between two of them."""
    summary: _Layer
    traits: _Layer
    """Its outputs are the traits, then one logit for each treatment."""
    trait_scale: Float32[np.ndarray, " scaled"]
    """The unit of each scaled trait, before whitening; treatments have none."""
    whiten: Float32[np.ndarray, "number trait"]
    frequencies: Float32[np.ndarray, "trait wave"]
    """Random frequencies of the Gaussian kernel."""

    @classmethod
    def of(cls, arrays: Mapping[str, Array]) -> VoiceWeights:
        """The weights from the arrays of a weights file by name. Raises KeyError for a missing array."""
        names = ("mean", "spread", "trait_scale", "whiten", "frequencies")
        mean, spread, trait_scale, whiten, frequencies = (arrays[name] for name in names)
        return cls(
            mean=mean,
            spread=spread,
            convolutions=tuple(_Layer.of(arrays, name) for name in ("first", "second", "third")),
            summary=_Layer.of(arrays, "summary"),
            traits=_Layer.of(arrays, "traits"),
            trait_scale=trait_scale,
            whiten=whiten,
            frequencies=frequencies,
        )


class VoiceEncoder:
    """Encodes the speaker of a line."""

    name = VOICE_ENCODER

    def __init__(self, weights: VoiceWeights) -> None:
        self._weights = weights

    @property
    def dimension(self) -> int:
        """Length of its vectors."""
        return 2 * int(self._weights.frequencies.shape[1])

    def traits(self, frames: Float[np.ndarray, "frame feature"], emotion: Emotion | None = None) -> Float32[np.ndarray, " trait"]:
        """The traits of the voice in the features of a line (`hear`), in units of their error on a single line."""
        weights = self._weights
        hidden: Float32[np.ndarray, "frame inner"] = (calmed(frames.astype(np.float32), emotion) - weights.mean) / weights.spread
        for number, layer in enumerate(weights.convolutions):
            hidden = _convolve(hidden if number == 0 else np.maximum(hidden, 0), layer.weight, layer.bias)
        summary = np.concatenate([hidden.mean(0), np.sqrt(hidden.var(0) + 1e-4), emotion_inputs(emotion)])
        inner = np.maximum(summary @ weights.summary.weight.T + weights.summary.bias, 0)
        outputs = inner @ weights.traits.weight.T + weights.traits.bias
        count = len(weights.trait_scale)
        treatment = np.exp(outputs[count:] - outputs[count:].max())
        traits: Float32[np.ndarray, " trait"] = (
            np.concatenate([outputs[:count] * weights.trait_scale, treatment / treatment.sum()]) @ weights.whiten
        )
        return traits

    def encode(
        self, samples: Float32[np.ndarray, " sample"], emotion: Emotion | None = None
    ) -> Float32[np.ndarray, " dimension"]:
        """Encode samples like `voice_embedding`."""
        return self.wave(self.traits(hear(samples), emotion))

    def wave(self, traits: Float32[np.ndarray, " trait"]) -> Float32[np.ndarray, " dimension"]:
        """The unit vector of a voice with these traits."""
        phase = traits @ self._weights.frequencies
        waves: Float32[np.ndarray, " dimension"] = np.concatenate([np.cos(phase), np.sin(phase)]) / np.sqrt(len(phase))
        return waves.astype(np.float32)


def voice_embedding(samples: Float32[np.ndarray, " sample"], emotion: Emotion | None = None) -> Float32[np.ndarray, " dimension"]:
    """Encode the speaker of `samples` (mono, 48 kHz, -1..1, at any level) as a unit vector. Raises ValueError for silence.

    `emotion`: the emotion in which the line was to be spoken, if known. The mean of the vectors of several lines can be compared like the
    vector of one.
    """
    return load_voice_encoder().encode(samples, emotion)


def voice_of_lines(
    lines: Sequence[tuple[Float32[np.ndarray, " _"], Emotion | None]],
) -> Float32[np.ndarray, " dimension"]:
    """Encode the speaker of several lines (samples as for `voice_embedding`, each with its emotion) as a unit vector.

    It is made from the mean of the lines' traits, weighted by the time in which they are heard. Raises ValueError without lines, or for a
    silent one.
    """
    encoder = load_voice_encoder()
    heard = [(hear(samples), emotion) for samples, emotion in lines]
    if not heard:
        raise ValueError("nothing is heard: expected at least one line")
    traits = np.stack([encoder.traits(frames, emotion) for frames, emotion in heard])
    mean: Float32[np.ndarray, " trait"] = np.average(traits, axis=0, weights=[len(frames) for frames, _ in heard])
    return encoder.wave(mean.astype(np.float32))


@lru_cache(maxsize=1)
def load_voice_encoder(path: Path = WEIGHTS) -> VoiceEncoder:
    """Load the shipped encoder. Raises FileNotFoundError without its weights, which `python -m episodic.lab.training.voice_encoder` makes."""
    from safetensors.numpy import load_file

    return VoiceEncoder(VoiceWeights.of({name: array.astype(np.float32) for name, array in load_file(path).items()}))


def hear(samples: Float32[np.ndarray, " sample"]) -> Float32[np.ndarray, "frame feature"]:
    """Analyse a line (mono, 48 kHz) every 20 ms, without silent frames. Raises ValueError for silence.

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
    """The features of a line without the change in pitch and spectral slope that `emotion` makes to every voice."""
    if emotion is None:
        return frames
    manner = MANNERS[emotion]
    calm = frames.copy()
    calm[:, :BANDS] -= manner.tilt_db / 10 * band_octaves()
    calm[:, BANDS] -= 2 * math.log2(manner.pitch) * frames[:, BANDS + 1]
    return calm


def emotion_inputs(emotion: Emotion | None) -> Float32[np.ndarray, " emotion"]:
    """The emotion as inputs of the network: 1 for it and 0 for all others; all 0 if it is unknown."""
    inputs = np.zeros(EMOTION_INPUTS, np.float32)
    if emotion is not None:
        inputs[EMOTIONS.index(emotion)] = 1
    return inputs


@lru_cache(maxsize=1)
def band_octaves() -> Float32[np.ndarray, " band"]:
    """The position of each band in octaves above the mean of all: the change in dB by a slope of 1 dB per octave."""
    centres = np.linspace(*MEL_EDGES, BANDS + 2)[1:-1]
    octaves = np.log2(np.clip(700 * (10 ** (centres / 2595) - 1), *_TILT_RANGE_HZ))
    return np.asarray(octaves - octaves.mean(), np.float32)


@lru_cache(maxsize=1)
def _mel_bands() -> Float64[np.ndarray, "band bin"]:
    """Triangular bands of equal area from 80 to 7600 Hz, equally spaced on the mel scale (O'Shaughnessy 1987)."""
    edges = np.linspace(*MEL_EDGES, BANDS + 2)
    bins = 2595 * np.log10(1 + np.linspace(0, _HZ / 2, _FFT // 2 + 1) / 700)
    rise = np.maximum(0, 1 - np.abs(bins[None] - edges[1:-1, None]) / (edges[1] - edges[0]))
    bands: Float64[np.ndarray, "band bin"] = rise / rise.sum(1, keepdims=True)
    return bands


def _convolve(
    frames: Float32[np.ndarray, "frame inner"], weight: Float32[np.ndarray, "out inner width"], bias: Float32[np.ndarray, " out"]
) -> Float32[np.ndarray, "frame out"]:
    """Convolve over time, with zeros before the first and after the last frame."""
    width = weight.shape[2]
    padded = np.pad(frames, ((width // 2, width // 2), (0, 0)))
    taps = [padded[i : i + len(frames)] @ weight[:, :, i].T for i in range(width)]
    summed: Float32[np.ndarray, "frame out"] = np.sum(taps, axis=0, dtype=np.float32) + bias
    return summed
