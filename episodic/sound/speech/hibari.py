"""The embedded speech engine: hibari speaks, WORLD makes it somebody's voice.

hibari has one recorded voice. Its model predicts how long every phoneme lasts but does not give that out; the tensor is made an
output by appending a message to the model's bytes, because protocol buffers merge repeated occurrences of a field.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from jaxtyping import Bool, Float, Float32

from episodic.errors import SpeechError
from episodic.sound import SPEECH_VERSION
from episodic.sound.audio import SAMPLE_RATE, Mono, db_to_gain, generator
from episodic.sound.mix.loudness import speech_level
from episodic.sound.speech.delivery import MANNERS
from episodic.sound.speech.effects import apply_effect
from episodic.sound.speech.levelling import even_out, soft_peaks
from episodic.sound.speech.spoken_text import spoken_text
from episodic.sound.speech.utterance import Phoneme, Utterance
from memory.model.canon import Voice
from planners.plan.vocabulary import Emotion

if TYPE_CHECKING:
    from hibari import Hibari  # type: ignore[import-untyped]

    from episodic.sound.speech.vocoder import VoiceAnalysis

__all__ = ["HibariSpeech"]

_DURATIONS: Final = "/Clip_output_0"
_DURATION_S: Final = 0.025
_PITCH_FRAME_MS: Final = 12.5
_ENGINE_HZ: Final = 24_000
_LEVEL_LUFS: Final = -23.0
_LONGEST_CHUNK: Final = 260
"""Phonemes the model reads at once; its memory of a sentence does not reach further."""
_STRETCHED: Final = (0.72, 1.4)
"""Rates that are reached by stretching time in WORLD. The engine's own speed rounds every sound to 25 ms, so that 0.9 changes
little and 0.85 much; it serves only for what lies beyond."""
_LEAD_S: Final = 0.055
"""The engine is heard this much earlier than its durations say, at every speed (measured: vowels against stops, in loudness)."""
_LONG_CONSONANT_S: Final = 0.15
_SENTENCE_PAUSE_S, _CLAUSE_PAUSE_S = 0.30, 0.14
_STRESS: Final = frozenset("ˈˌ")
_LENGTH: Final = frozenset("ːʰʲ\u0303")
_SILENT: Final = frozenset(' ;:,.!?—…"()“”↓→↗↘')


@dataclass(frozen=True, slots=True)
class _Spoken:
    """One chunk as hibari said it, at the engine's rate."""

    wave: Float32[np.ndarray, " sample"]
    pitch_hz: Float32[np.ndarray, " frame"]
    phonemes: tuple[Phoneme, ...]


class HibariSpeech:
    """Says lines with the voice that ships in the hibari package, made into any `Voice`. Loads on first use."""

    version = SPEECH_VERSION

    def __init__(self) -> None:
        self._last: tuple[tuple[str, float], _Spoken, VoiceAnalysis] | None = None

    def say(self, text: str, voice: Voice, emotion: Emotion) -> Utterance:
        """See `Speech.say`."""
        from scipy.signal import resample_poly

        from episodic.sound.speech.vocoder import convert_voice

        manner = MANNERS[emotion]
        rate = voice.rate * manner.rate
        stretch = 1 / float(np.clip(rate, *_STRETCHED))
        spoken, analysis = self._analysed(text, rate * stretch)
        wave = convert_voice(analysis, voice, manner, stretch)
        samples = resample_poly(wave, SAMPLE_RATE // _ENGINE_HZ, 1).astype(np.float32)
        samples = apply_effect(_fade_ends(samples), voice.effect, _middle_pitch(spoken) * voice.pitch)
        samples = even_out(samples)
        gain = db_to_gain(_LEVEL_LUFS + manner.level_db - speech_level(samples))
        phonemes = tuple(Phoneme(one.symbol, one.start_s * stretch, one.end_s * stretch) for one in spoken.phonemes)
        return Utterance(soft_peaks(samples * np.float32(gain)), phonemes)

    def _analysed(self, text: str, speed: float) -> tuple[_Spoken, VoiceAnalysis]:
        """What the engine says, taken apart; kept until the next line, for the same line may be wanted in another voice."""
        if self._last is None or self._last[0] != (text, speed):
            from episodic.sound.speech.vocoder import analyse_voice

            spoken = self._speak(text, speed)
            self._last = (text, speed), spoken, analyse_voice(spoken.wave, _ENGINE_HZ, spoken.pitch_hz, _PITCH_FRAME_MS)
        return self._last[1:]

    def _speak(self, text: str, speed: float) -> _Spoken:
        plain = spoken_text(text)
        chunks = [chunk for sentence in self._engine.phonemize(plain) for chunk in _split(sentence)]
        chunks = [chunk for chunk in chunks if any(char not in _SILENT and char in self._engine.vocab for char in chunk)]
        if not chunks:
            raise SpeechError(
                f"nothing to say in the line {text!r}: the speech engine finds no word in it; reword the line or delete it"
            )
        noise = generator("hibari", plain)
        said = [self._say_chunk(chunk, speed, noise) for chunk in chunks]
        return _join(said, [_pause_after(chunk) / speed for chunk in chunks])

    def _say_chunk(self, phonemes: str, speed: float, noise: np.random.Generator) -> _Spoken:
        from hibari import dsp

        symbols = [char for char in phonemes if char in self._engine.vocab]
        ids = np.asarray([[0, *(self._engine.vocab[char] for char in symbols), 0]], np.int64)
        *spectra, durations = self._session.run(None, {"ids": ids, "speed": np.asarray([speed], np.float32)})
        lh, theta, ln, lr, phi, f0 = (part[0] for part in spectra)
        wave = dsp.synth(lh, theta, ln, lr, phi, f0, noise)
        return _trim(wave, f0, _timed(symbols, durations[1:-1], float(durations[0]) * _DURATION_S - _LEAD_S))

    @cached_property
    def _engine(self) -> Hibari:
        try:
            from hibari import Hibari
        except ImportError as err:
            raise SpeechError(
                "the speech engine is not installed: expected the package hibari-tts; install episodic again"
            ) from err
        return Hibari()

    @cached_property
    def _session(self) -> Any:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        # one thread: sums come out in the same order on every machine
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        with open(self._engine.model_path, "rb") as file:  # noqa: PTH123 - hibari hands out a string
            model = file.read()
        return onnxruntime.InferenceSession(model + _extra_output(_DURATIONS), options, providers=["CPUExecutionProvider"])


def _extra_output(name: str) -> bytes:
    """A serialised ONNX ModelProto that holds nothing but one more graph output: field 7 graph, 12 output, 1 name."""

    def message(field: int, body: bytes) -> bytes:
        return bytes([field << 3 | 2, len(body)]) + body

    return message(7, message(12, message(1, name.encode())))


def _split(phonemes: str) -> list[str]:
    """Pieces no longer than the model reads well, cut after punctuation where there is some, else between words."""
    pieces: list[str] = []
    for clause in re.split(r"(?<=[,;:—…])\s*(?=\S)", phonemes):
        for word in clause.split(" "):
            if pieces and len(pieces[-1]) + len(word) + 1 <= _LONGEST_CHUNK:
                pieces[-1] = f"{pieces[-1]} {word}"
            else:
                pieces.append(word)
    return [piece[start : start + _LONGEST_CHUNK] for piece in pieces for start in range(0, len(piece), _LONGEST_CHUNK)]


def _pause_after(chunk: str) -> float:
    return _SENTENCE_PAUSE_S if chunk.rstrip('"”) ')[-1:] in set(".!?…") else _CLAUSE_PAUSE_S


def _timed(symbols: list[str], durations: Float[np.ndarray, " symbol"], start_s: float) -> tuple[Phoneme, ...]:
    """Phonemes with their times. A stress mark's time belongs to the sound after it, a length mark's to the one before;
    the breath between two words is part of the movement from one sound to the next."""
    out: list[Phoneme] = []
    at, pending = start_s, start_s
    for symbol, duration in zip(symbols, durations, strict=True):
        end = at + float(duration) * _DURATION_S
        if symbol in _LENGTH and out:
            out[-1] = Phoneme(out[-1].symbol, out[-1].start_s, end)
            pending = end
        elif symbol == " " and out and end - at <= 3 * _DURATION_S:
            if out[-1].end_s == at:
                out[-1] = Phoneme(out[-1].symbol, out[-1].start_s, end)
            pending = end
        elif symbol in _SILENT:
            pending = end
        elif symbol not in _STRESS:
            out.append(Phoneme(symbol, pending, end))
            pending = end
        at = end
    return tuple(out)


def _quietened(phonemes: tuple[Phoneme, ...], loud: Bool[np.ndarray, " frame"]) -> tuple[Phoneme, ...]:
    """The model counts the silence before a pause to the sound before it; end that sound where it is last heard."""
    out: list[Phoneme] = []
    for index, one in enumerate(phonemes):
        end = one.end_s
        if index + 1 == len(phonemes) or one.end_s - one.start_s > _LONG_CONSONANT_S:
            first, last = int(one.start_s * 1000 / _PITCH_FRAME_MS), int(np.ceil(one.end_s * 1000 / _PITCH_FRAME_MS))
            heard = np.flatnonzero(loud[first:last])
            heard_s = (first + (int(heard[-1]) + 1 if len(heard) else 1)) * _PITCH_FRAME_MS / 1000
            end = min(one.end_s, max(heard_s, one.start_s + _DURATION_S))
        out.append(Phoneme(one.symbol, one.start_s, end))
    return tuple(out)


def _trim(wave: Float32[np.ndarray, " sample"], pitch: Float32[np.ndarray, " frame"], phonemes: tuple[Phoneme, ...]) -> _Spoken:
    """Cut the silence before the first sound and after the last, on whole pitch frames, keeping soft beginnings."""
    hop = round(_PITCH_FRAME_MS / 1000 * _ENGINE_HZ)
    frames = len(wave) // hop
    level = np.sqrt(np.mean(np.square(wave[: frames * hop].reshape(frames, hop)), axis=1))
    audible = level > max(float(level.max()) * 0.012, 1e-5)
    loud = np.flatnonzero(audible)
    phonemes = _quietened(phonemes, audible)
    first = max(0, min(int(loud[0]) - 2, int(phonemes[0].start_s * 1000 / _PITCH_FRAME_MS)))
    last = min(frames, max(int(loud[-1]) + 4, int(np.ceil(phonemes[-1].end_s * 1000 / _PITCH_FRAME_MS))))
    shift = first * _PITCH_FRAME_MS / 1000
    moved = tuple(Phoneme(p.symbol, p.start_s - shift, p.end_s - shift) for p in phonemes)
    return _Spoken(wave[first * hop : last * hop], pitch[first:last], moved)


def _join(said: list[_Spoken], pauses_s: list[float]) -> _Spoken:
    """One after the other with pauses between, on whole pitch frames."""
    hop = round(_PITCH_FRAME_MS / 1000 * _ENGINE_HZ)
    waves: list[np.ndarray] = []
    pitches: list[np.ndarray] = []
    phonemes: list[Phoneme] = []
    frames = 0
    for index, (chunk, pause_s) in enumerate(zip(said, pauses_s, strict=True)):
        offset = frames * _PITCH_FRAME_MS / 1000
        phonemes += [Phoneme(p.symbol, p.start_s + offset, p.end_s + offset) for p in chunk.phonemes]
        rest = 0 if index == len(said) - 1 else round(pause_s * 1000 / _PITCH_FRAME_MS)
        waves += [chunk.wave, np.zeros(rest * hop, np.float32)]
        pitches += [chunk.pitch_hz, np.zeros(rest, np.float32)]
        frames += len(chunk.pitch_hz) + rest
    return _Spoken(np.concatenate(waves), np.concatenate(pitches), tuple(phonemes))


def _middle_pitch(spoken: _Spoken) -> float:
    voiced = spoken.pitch_hz[spoken.pitch_hz > 0]
    return float(np.median(voiced)) if len(voiced) else 180.0


def _fade_ends(samples: Mono) -> Mono:
    ramp = np.linspace(0, 1, min(len(samples) // 2, SAMPLE_RATE // 125), dtype=np.float32)
    samples[: len(ramp)] *= ramp
    samples[len(samples) - len(ramp) :] *= ramp[::-1]
    return samples
