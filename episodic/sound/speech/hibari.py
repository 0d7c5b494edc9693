"""The embedded speech engine: hibari synthesises speech, the WORLD vocoder converts it to the character's voice.

hibari has one recorded voice. Its model predicts phoneme durations but does not return them. Appending a message to the model's
bytes makes that tensor an output, because protocol buffers merge repeated occurrences of a field.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from jaxtyping import Bool, Float, Float32
from scipy.signal import resample_poly

from episodic.errors import SpeechError
from episodic.sound import SPEECH_VERSION
from episodic.sound.audio import SAMPLE_RATE, Mono, db_to_gain, generator
from episodic.sound.mix.meter import speech_level
from episodic.sound.speech.delivery import MANNERS
from episodic.sound.speech.effects import apply_effect
from episodic.sound.speech.levels import even_out, soft_peaks
from episodic.sound.speech.text_normalization import spoken_text
from episodic.sound.speech.utterance import Phoneme, Utterance
from episodic.sound.speech.vocoder import analyse_voice, convert_voice
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
"""Most phonemes in one pass of the model."""
_STRETCHED: Final = (0.72, 1.4)
"""Rates reached by stretching time in WORLD. The engine's own speed rounds every sound to 25 ms and is used only beyond this range."""
_LEAD_S: Final = 0.055
"""Seconds by which speech precedes the engine's durations, at every speed (measured on the loudness of vowels and stops)."""
_LONG_CONSONANT_S: Final = 0.15
_SENTENCE_PAUSE_S, _CLAUSE_PAUSE_S = 0.30, 0.14
_STRESS: Final = frozenset("ˈˌ")
_LENGTH: Final = frozenset("ːʰʲ\u0303")
_SILENT: Final = frozenset(' ;:,.!?—…"()“”↓→↗↘')


@dataclass(frozen=True, slots=True)
class _Spoken:
    """One chunk of speech at the engine's sample rate."""

    wave: Float32[np.ndarray, " sample"]
    pitch_hz: Float32[np.ndarray, " frame"]
    phonemes: tuple[Phoneme, ...]


class HibariSpeech:
    """Synthesises lines with the voice of the hibari package, converted to any `Voice`. Loads the model on first use."""

    version = SPEECH_VERSION

    def __init__(self) -> None:
        self._last: tuple[tuple[str, float], _Spoken, VoiceAnalysis] | None = None

    def say(self, text: str, voice: Voice, emotion: Emotion) -> Utterance:
        """See `Speech.say`."""
        manner = MANNERS[emotion]
        rate = voice.rate * manner.rate
        stretch = 1 / float(np.clip(rate, *_STRETCHED))
        spoken, analysis = self._analyse(text, rate * stretch)
        wave = convert_voice(analysis, voice, manner, stretch)
        samples = resample_poly(wave, SAMPLE_RATE // _ENGINE_HZ, 1).astype(np.float32)
        samples = apply_effect(_fade_ends(samples), voice.effect, _middle_pitch(spoken) * voice.pitch)
        samples = even_out(samples)
        gain = db_to_gain(_LEVEL_LUFS + manner.level_db - speech_level(samples))
        phonemes = tuple(
            Phoneme(phoneme.symbol, phoneme.start_s * stretch, phoneme.end_s * stretch) for phoneme in spoken.phonemes
        )
        return Utterance(soft_peaks(samples * np.float32(gain)), phonemes)

    def _analyse(self, text: str, speed: float) -> tuple[_Spoken, VoiceAnalysis]:
        """The engine's speech and its WORLD analysis. The last one is kept, because the same line may follow in another voice."""
        if self._last is None or self._last[0] != (text, speed):
            spoken = self._speak(text, speed)
            self._last = (text, speed), spoken, analyse_voice(spoken.wave, _ENGINE_HZ, spoken.pitch_hz, _PITCH_FRAME_MS)
        return self._last[1:]

    def _speak(self, text: str, speed: float) -> _Spoken:
        """Synthesise a text in the engine's own voice. Raises SpeechError if it contains no word."""
        plain = spoken_text(text)
        chunks = [chunk for sentence in self._engine.phonemize(plain) for chunk in _split(sentence)]
        chunks = [chunk for chunk in chunks if any(char not in _SILENT and char in self._engine.vocab for char in chunk)]
        if not chunks:
            raise SpeechError(
                f"nothing to say in the line {text!r}: the speech engine finds no word in it; reword the line or delete it"
            )
        noise = generator("hibari", plain)
        spoken = [self._say_chunk(chunk, speed, noise) for chunk in chunks]
        return _join(spoken, [_pause_after(chunk) / speed for chunk in chunks])

    def _say_chunk(self, phonemes: str, speed: float, noise: np.random.Generator) -> _Spoken:
        """Synthesise one chunk of phonemes."""
        from hibari import dsp

        symbols = [char for char in phonemes if char in self._engine.vocab]
        ids = np.asarray([[0, *(self._engine.vocab[char] for char in symbols), 0]], np.int64)
        *spectra, durations = self._session.run(None, {"ids": ids, "speed": np.asarray([speed], np.float32)})
        lh, theta, ln, lr, phi, f0 = (part[0] for part in spectra)
        wave = dsp.synth(lh, theta, ln, lr, phi, f0, noise)
        return _trim(wave, f0, _phonemes_of(symbols, durations[1:-1], float(durations[0]) * _DURATION_S - _LEAD_S))

    @cached_property
    def _engine(self) -> Hibari:
        """The hibari engine. Raises SpeechError if its package is not installed."""
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
        # one thread, so that sums are added in the same order on every machine
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
    """Pieces of at most `_LONGEST_CHUNK` phonemes, split after punctuation if possible, else between words."""
    pieces: list[str] = []
    for clause in re.split(r"(?<=[,;:—…])\s*(?=\S)", phonemes):
        for word in clause.split(" "):
            if pieces and len(pieces[-1]) + len(word) + 1 <= _LONGEST_CHUNK:
                pieces[-1] = f"{pieces[-1]} {word}"
            else:
                pieces.append(word)
    return [piece[start : start + _LONGEST_CHUNK] for piece in pieces for start in range(0, len(piece), _LONGEST_CHUNK)]


def _pause_after(chunk: str) -> float:
    """Pause in seconds after a chunk, by its punctuation."""
    return _SENTENCE_PAUSE_S if chunk.rstrip('"”) ')[-1:] in set(".!?…") else _CLAUSE_PAUSE_S


def _phonemes_of(symbols: list[str], durations: Float[np.ndarray, " symbol"], start_s: float) -> tuple[Phoneme, ...]:
    """Phonemes with their times. A stress mark's time belongs to the next sound, a length mark's to the previous one, and a short
    gap between two words to the transition between their sounds."""
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


def _end_at_silence(phonemes: tuple[Phoneme, ...], loud: Bool[np.ndarray, " frame"]) -> tuple[Phoneme, ...]:
    """End sounds before a pause where they are last audible: the model counts that silence as part of the sound."""
    out: list[Phoneme] = []
    for index, phoneme in enumerate(phonemes):
        end = phoneme.end_s
        if index + 1 == len(phonemes) or phoneme.end_s - phoneme.start_s > _LONG_CONSONANT_S:
            first, last = int(phoneme.start_s * 1000 / _PITCH_FRAME_MS), int(np.ceil(phoneme.end_s * 1000 / _PITCH_FRAME_MS))
            heard = np.flatnonzero(loud[first:last])
            heard_s = (first + (int(heard[-1]) + 1 if len(heard) else 1)) * _PITCH_FRAME_MS / 1000
            end = min(phoneme.end_s, max(heard_s, phoneme.start_s + _DURATION_S))
        out.append(Phoneme(phoneme.symbol, phoneme.start_s, end))
    return tuple(out)


def _trim(wave: Float32[np.ndarray, " sample"], pitch: Float32[np.ndarray, " frame"], phonemes: tuple[Phoneme, ...]) -> _Spoken:
    """Trim silence before the first and after the last sound to whole pitch frames, keeping soft onsets."""
    hop = round(_PITCH_FRAME_MS / 1000 * _ENGINE_HZ)
    frames = len(wave) // hop
    level = np.sqrt(np.mean(np.square(wave[: frames * hop].reshape(frames, hop)), axis=1))
    audible = level > max(float(level.max()) * 0.012, 1e-5)
    loud = np.flatnonzero(audible)
    phonemes = _end_at_silence(phonemes, audible)
    first = max(0, min(int(loud[0]) - 2, int(phonemes[0].start_s * 1000 / _PITCH_FRAME_MS)))
    last = min(frames, max(int(loud[-1]) + 4, int(np.ceil(phonemes[-1].end_s * 1000 / _PITCH_FRAME_MS))))
    shift = first * _PITCH_FRAME_MS / 1000
    moved = tuple(Phoneme(p.symbol, p.start_s - shift, p.end_s - shift) for p in phonemes)
    return _Spoken(wave[first * hop : last * hop], pitch[first:last], moved)


def _join(chunks: list[_Spoken], pauses_s: list[float]) -> _Spoken:
    """Concatenate chunks with pauses between them, on whole pitch frames."""
    hop = round(_PITCH_FRAME_MS / 1000 * _ENGINE_HZ)
    waves: list[np.ndarray] = []
    pitches: list[np.ndarray] = []
    phonemes: list[Phoneme] = []
    frames = 0
    for index, (chunk, pause_s) in enumerate(zip(chunks, pauses_s, strict=True)):
        offset = frames * _PITCH_FRAME_MS / 1000
        phonemes += [Phoneme(p.symbol, p.start_s + offset, p.end_s + offset) for p in chunk.phonemes]
        rest = 0 if index == len(chunks) - 1 else round(pause_s * 1000 / _PITCH_FRAME_MS)
        waves += [chunk.wave, np.zeros(rest * hop, np.float32)]
        pitches += [chunk.pitch_hz, np.zeros(rest, np.float32)]
        frames += len(chunk.pitch_hz) + rest
    return _Spoken(np.concatenate(waves), np.concatenate(pitches), tuple(phonemes))


def _middle_pitch(spoken: _Spoken) -> float:
    """Median pitch of the voiced frames in Hz."""
    voiced = spoken.pitch_hz[spoken.pitch_hz > 0]
    return float(np.median(voiced)) if len(voiced) else 180.0


def _fade_ends(samples: Mono) -> Mono:
    """Fade both ends over 8 ms, in place."""
    ramp = np.linspace(0, 1, min(len(samples) // 2, SAMPLE_RATE // 125), dtype=np.float32)
    samples[: len(ramp)] *= ramp
    samples[len(samples) - len(ramp) :] *= ramp[::-1]
    return samples
