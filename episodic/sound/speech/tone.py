"""The speech engine for tests and drafts: vowels as two-formant tones, consonants as noise. Instant, no model."""

from __future__ import annotations

from typing import Final

import numpy as np

from episodic.sound.audio import SAMPLE_RATE, generator
from episodic.sound.speech.delivery import MANNERS
from episodic.sound.speech.text_normalization import spoken_text
from episodic.sound.speech.utterance import Phoneme, Utterance
from memory.model.canon import Voice
from planners.plan.vocabulary import Emotion

__all__ = ["ToneSpeech"]

_VOWELS: Final = {
    "a": ("ɑ", 750, 1200),
    "e": ("ɛ", 550, 1800),
    "i": ("ɪ", 350, 2200),
    "o": ("O", 480, 850),
    "u": ("u", 330, 800),
    "y": ("i", 300, 2300),
}
_CONSONANTS: Final = dict(zip("bcdfghjklmnpqrstvwxz", "bkdfɡhʤklmnpkɹstvwsz", strict=True)) | {str(d): "ə" for d in range(10)}
_SECONDS: Final = {"vowel": 0.11, "consonant": 0.065, " ": 0.03, ",": 0.2, ".": 0.3}
_BASE_HZ: Final = 190.0


class ToneSpeech:
    """One tone or hiss per letter; pitch, rate and level follow voice and emotion as with a real engine."""

    version = "tone-1"

    def say(self, text: str, voice: Voice, emotion: Emotion) -> Utterance:
        """See `Speech.say`."""
        manner = MANNERS[emotion]
        rate = voice.rate * manner.rate
        parts: list[np.ndarray] = []
        phonemes: list[Phoneme] = []
        at = 0
        for letter in spoken_text(text).lower():
            symbol, seconds = _sound_of(letter)
            samples = round(seconds / rate * SAMPLE_RATE)
            if symbol is None:
                parts.append(np.zeros(samples))
            else:
                parts.append(_tone(letter, samples, _BASE_HZ * voice.pitch * manner.pitch, voice.formant))
                phonemes.append(Phoneme(symbol, at / SAMPLE_RATE, (at + samples) / SAMPLE_RATE))
            at += samples
        end = round(phonemes[-1].end_s * SAMPLE_RATE)
        level = 0.12 * 10 ** (manner.level_db / 20)
        return Utterance((np.concatenate(parts)[:end] * level).astype(np.float32), tuple(phonemes))


def _sound_of(letter: str) -> tuple[str | None, float]:
    """Symbol and seconds of a letter; the symbol of a pause is None."""
    if letter in _VOWELS:
        return _VOWELS[letter][0], _SECONDS["vowel"]
    if letter in _CONSONANTS:
        return _CONSONANTS[letter], _SECONDS["consonant"]
    return None, _SECONDS.get(letter, _SECONDS["."] if letter in "!?…" else _SECONDS[" "])


def _tone(letter: str, samples: int, pitch_hz: float, formant: float) -> np.ndarray:
    """A vowel as harmonics under two formants, or a consonant as noise."""
    time = np.arange(samples) / SAMPLE_RATE
    fade = np.minimum(1, np.minimum(np.arange(samples), np.arange(samples)[::-1]) / (0.012 * SAMPLE_RATE))
    if letter not in _VOWELS:
        return generator("tone", letter).standard_normal(samples) * 0.15 * fade
    _, first, second = _VOWELS[letter]
    tone = np.zeros(samples)
    for harmonic in range(1, 12):
        frequency = harmonic * pitch_hz
        near = np.exp(-(((frequency - first * formant) / 250) ** 2)) + 0.6 * np.exp(
            -(((frequency - second * formant) / 350) ** 2)
        )
        tone += (near + 0.08) * np.sin(2 * np.pi * frequency * time)
    return tone * fade
