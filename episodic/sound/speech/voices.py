"""Casting of voices: each character keeps one voice for the whole series."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Final

import numpy as np
from jaxtyping import Float64

from episodic.sound.audio import generator
from memory.model.canon import CharacterKind, Voice
from planners.data_file import DataFile, WordList, read_data_file
from planners.plan.vocabulary import VoiceBase

__all__ = ["BASE_VOICES", "NARRATOR_VOICE", "VOICE_LIMITS", "Change", "Trait", "VoiceTables", "cast_voice", "voice_distance"]


class Change(DataFile):
    """What a word of a description does to a voice: ratios, except breath, tilt and nasal, which are added."""

    pitch: float = 1.0
    formant: float = 1.0
    rate: float = 1.0
    range: float = 1.0
    breath: float = 0.0
    tilt: float = 0.0
    throat: float = 1.0
    nasal: float = 0.0


class Trait(DataFile):
    """Words that say how a character sounds, and the change they make."""

    words: WordList
    change: Change
    name: str = ""


class VoiceTables(DataFile):
    """The tables of `data/voices.yaml`; each is described there."""

    base_voices: dict[VoiceBase, Voice]
    male: WordList
    female: WordList
    child: WordList
    traits: tuple[Trait, ...]


_TABLES: Final = read_data_file(Path(__file__).with_name("data") / "voices.yaml", VoiceTables)
BASE_VOICES: Final = _TABLES.base_voices
"""Voices that plans name."""
NARRATOR_VOICE: Final = BASE_VOICES["narrator"]

VOICE_LIMITS: Final = {
    "pitch": (0.45, 1.7),
    "formant": (0.8, 1.25),
    "rate": (0.7, 1.4),
    "range": (0.4, 1.6),
    "breath": (0.0, 1.0),
    "tilt": (-2.5, 2.5),
    "throat": (0.86, 1.16),
    "nasal": (0.0, 1.0),
}
"""Range of each quality within which a voice sounds natural and stays intelligible."""
_APART: Final = 3.0
"""Target `voice_distance` between voices of one series, so that they are not confused."""
_BENDS: Final = np.array([0.035, 0.015, 0.02, 0.04, 0.02, 0.7, 0.04, 0.2])
"""Standard deviation of each quality between voices with equal descriptions; see `_bend`."""
_STEPS: Final = np.array([0.32, 0.1, 0.09, 0.25, 0.2, 2.0, 0.12, 0.5])
_CANDIDATES: Final = 800
_TREATED: Final = 0.9
"""Distance between two voices that differ only in their effect."""
_MOUTH: Final = 0.35
"""Weight of tilt, throat and nose in the distance from the described voice: descriptions seldom mention them."""


_LIGHT_SPIRITS: Final = ("light", "wind", "breeze", "fairy", "small", "tiny", "snow", "star", "moon")


def _mentions(description: str, words: Sequence[str]) -> bool:
    """Whether a description contains one of `words` as a whole word."""
    return re.search(rf"\b(?:{'|'.join(words)})\b", description) is not None


def cast_voice(
    *,
    kind: CharacterKind,
    description: str,
    base: VoiceBase | None,
    pitch: float | None,
    rate: float | None,
    seed: int,
    taken: Sequence[Voice] = (),
) -> Voice:
    """A voice for a new character, clearly apart from `taken`.

    `base` names a voice to start from; without it, kind and the words of `description` (age, sex, size, temperament) decide.
    `pitch` and `rate` are the user's and stay as given; every other quality moves to keep the distance. Deterministic in its arguments.
    """
    words = description.lower()
    dice = generator("voice", seed, kind, words, base)
    target = BASE_VOICES[base] if base is not None else _voice_from_description(kind, words, dice)
    spread = 0.25 if base is not None else 1.0
    target = _bend(target, dice.normal(0, 1, len(_BENDS)) * _BENDS * spread)
    target = _with_fixed_values(target, pitch, rate)
    if not taken or min(voice_distance(target, other) for other in taken) >= _APART:
        return target
    return _move_apart(target, taken, pitch, rate, dice)


def voice_distance(voice: Voice, other: Voice) -> float:
    """Perceptual distance of two voices; 1 is heard without effort. Pitch and body size weigh most."""
    return float(_distances([voice], [other])[0, 0])


def _distances(voices: Sequence[Voice], others: Sequence[Voice], mouth: float = 1.0) -> Float64[np.ndarray, "voice other"]:
    """`voice_distance` between every pair; `mouth` weights tilt, throat and nose."""
    weights = np.array([1, 1, 1, 1, 1, mouth, mouth, mouth])
    apart = (_qualities(voices)[:, None] - _qualities(others)[None]) * weights
    treated = np.array([[voice.effect != other.effect for other in others] for voice in voices])
    return np.asarray(np.sqrt((apart**2).sum(2) + (_TREATED * treated) ** 2))


def _qualities(voices: Sequence[Voice]) -> Float64[np.ndarray, "voice 8"]:
    """Each quality in units of a difference that is heard without effort."""
    rows = [
        (
            12 * math.log2(voice.pitch) / 2.2,
            math.log(voice.formant) / 0.07,
            math.log(voice.rate) / 0.25,
            voice.range / 0.8,
            voice.breath / 0.5,
            voice.tilt / 1.2,
            math.log(voice.throat) / 0.07,
            voice.nasal / 0.5,
        )
        for voice in voices
    ]
    return np.array(rows)


def _voice_from_description(kind: CharacterKind, words: str, dice: np.random.Generator) -> Voice:
    """The voice that kind and description suggest."""
    child = _mentions(words, _TABLES.child) and not re.search(
        r"\bold (?:man|woman|lady)\b|\bgrand(?:mother|father|ma|pa)\b", words
    )
    male, female = _mentions(words, _TABLES.male), _mentions(words, _TABLES.female)
    if male == female and kind == "human":
        male, female = _sex_of_name(words)
    low = male if male != female else bool(dice.random() < 0.5)
    if kind == "robot":
        voice = BASE_VOICES["metal"] if low else replace(BASE_VOICES["metal"], pitch=1.05, formant=1.06)
    elif kind == "spirit":
        voice = Voice(pitch=0.62, formant=0.88, rate=0.9, range=0.95, breath=0.2, effect="ghost")
        if female or _mentions(words, _LIGHT_SPIRITS):
            voice = replace(voice, pitch=1.0, formant=1.0, breath=0.35)
    elif child:
        voice = replace(BASE_VOICES["child"], pitch=1.27) if male and not female else BASE_VOICES["child"]
    elif kind == "animal":
        voice = Voice(pitch=0.86, formant=1.02, range=1.2) if low else Voice(pitch=1.15, formant=1.08, range=1.2)
    elif kind == "thing":
        voice = Voice(pitch=0.84, formant=1.04, range=1.1) if low else Voice(pitch=1.2, formant=1.1, range=1.2)
    elif low:
        voice = Voice(pitch=0.58, formant=0.875, rate=0.99)
    else:
        voice = Voice(pitch=0.97, formant=1.0)
    for trait in _TABLES.traits:
        if _mentions(words, trait.words) and not (child and trait.name == "young"):
            voice = _clamped(
                replace(
                    voice,
                    pitch=voice.pitch * trait.change.pitch,
                    formant=voice.formant * trait.change.formant,
                    rate=voice.rate * trait.change.rate,
                    range=voice.range * trait.change.range,
                    breath=voice.breath + trait.change.breath,
                    tilt=voice.tilt + trait.change.tilt,
                    throat=voice.throat * trait.change.throat,
                    nasal=voice.nasal + trait.change.nasal,
                )
            )
    if kind in ("animal", "thing") and (voice.pitch > 1.5 or voice.formant > 1.175):
        voice = replace(voice, effect="tiny")
    return voice


def _sex_of_name(words: str) -> tuple[bool, bool]:
    """(male, female) as far as the ending of the first word, a name, tells."""
    name = re.match(r"[a-z]+", words)
    if name is None:
        return False, False
    female = (
        re.search(r"(?:[a-z]{2}a|ie|elle|ette|ine|lyn|beth|ise|ora|ily|rose|ruth|grace|joan|anne?|helen|alice)$", name[0])
        is not None
    )
    male = re.search(
        r"(?:[a-z]{2}o|us|ard|ert|ald|ric|iam|ohn|ames|ack|ank|ohn|omas|eorge|ter|ton|son|min|niel|muel|vid|aul|arl)$", name[0]
    )
    return male is not None and not female, female and male is None


def _bend(voice: Voice, by: np.ndarray) -> Voice:
    """Move a voice by logarithmic steps in pitch, formant, rate, range and throat (6), by amounts of breath, tilt and nose (4, 5, 7)."""
    return _clamped(
        replace(
            voice,
            pitch=voice.pitch * math.exp(by[0]),
            formant=voice.formant * math.exp(by[1]),
            rate=voice.rate * math.exp(by[2]),
            range=voice.range * math.exp(by[3]),
            breath=max(0.0, voice.breath + by[4]) if voice.breath > 0 else 0.0,
            tilt=voice.tilt + by[5],
            throat=voice.throat * math.exp(by[6]),
            nasal=max(0.0, voice.nasal + by[7]),
        )
    )


def _move_apart(
    target: Voice, taken: Sequence[Voice], pitch: float | None, rate: float | None, dice: np.random.Generator
) -> Voice:
    """The voice nearest to `target` that is clearly apart from `taken`, else the one farthest from all of them."""
    candidates = [target]
    for _ in range(_CANDIDATES):
        step = dice.normal(0, 1, len(_STEPS)) * _STEPS * dice.uniform(0.05, 1.0)
        candidates.append(_with_fixed_values(_bend(target, step), pitch, rate))
    clearance = _distances(candidates, taken).min(1)
    moved = _distances(candidates, [target], _MOUTH)[:, 0]
    badness = 2.0 * np.maximum(0.0, _APART - clearance) + 0.25 * moved**2
    return candidates[int(np.argmin(badness))]


def _with_fixed_values(voice: Voice, pitch: float | None, rate: float | None) -> Voice:
    """The voice with the user's pitch and rate, within the limits."""
    chosen = replace(voice, pitch=voice.pitch if pitch is None else pitch, rate=voice.rate if rate is None else rate)
    return _clamped(chosen)


def _clamped(voice: Voice) -> Voice:
    """The voice with every quality within `VOICE_LIMITS`."""
    values = asdict(voice)
    return replace(voice, **{name: round(min(high, max(low, values[name])), 4) for name, (low, high) in VOICE_LIMITS.items()})
