"""Casting: which voice a character has for the whole series."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Final

import numpy as np
from jaxtyping import Float64

from episodic.sound.audio import generator
from memory.model.canon import CharacterKind, Voice
from planners.plan.vocabulary import VoiceBase

__all__ = ["BASE_VOICES", "NARRATOR_VOICE", "VOICE_LIMITS", "cast_voice", "voice_distance"]

BASE_VOICES: Final[dict[VoiceBase, Voice]] = {
    "warm-low": Voice(pitch=0.76, formant=0.95, rate=0.96, range=0.95),
    "warm": Voice(pitch=0.94, formant=0.99, rate=0.98, range=1.0, tilt=-0.5),
    "bright": Voice(pitch=1.12, formant=1.04, rate=1.06, range=1.25, tilt=1.2),
    "deep": Voice(pitch=0.5, formant=0.84, rate=0.93, range=0.9, throat=1.05),
    "gravel": Voice(pitch=0.48, formant=0.88, rate=0.92, range=0.7, breath=0.45, tilt=0.6, throat=0.92),
    "soft": Voice(pitch=0.9, formant=1.0, rate=0.92, range=0.8, breath=0.35, tilt=-1.2),
    "old": Voice(pitch=0.84, formant=0.96, rate=0.85, range=1.15, breath=0.3, throat=0.95, nasal=0.35),
    "young": Voice(pitch=1.04, formant=1.03, rate=1.06, range=1.15),
    "child": Voice(pitch=1.36, formant=1.15, rate=1.03, range=1.25),
    "tiny": Voice(pitch=1.55, formant=1.22, rate=1.12, range=1.2, effect="tiny"),
    "metal": Voice(pitch=0.78, formant=0.98, rate=0.97, range=0.5, effect="robot"),
    "airy": Voice(pitch=0.98, formant=1.02, rate=0.9, range=0.9, breath=0.4, effect="ghost"),
    "crisp": Voice(pitch=0.66, formant=0.91, rate=1.08, range=1.1, tilt=1.0),
    "narrator": Voice(pitch=0.6, formant=0.89, rate=0.96, range=1.0),
}
NARRATOR_VOICE: Final = BASE_VOICES["narrator"]

VOICE_LIMITS: Final = {
    "pitch": (0.45, 1.7), "formant": (0.8, 1.25), "rate": (0.7, 1.4), "range": (0.4, 1.6), "breath": (0.0, 1.0),
    "tilt": (-2.5, 2.5), "throat": (0.86, 1.16), "nasal": (0.0, 1.0),
}  # fmt: skip
"""The least and most of each quality with which a voice is natural and its words are understood."""
_APART: Final = 3.0
"""Voices of one series are cast this far apart where there is room: nobody takes one for the other."""
_BENDS: Final = np.array([0.035, 0.015, 0.02, 0.04, 0.02, 0.7, 0.04, 0.2])
"""How much two voices described alike differ anyway; see `_bend`."""
_STEPS: Final = np.array([0.32, 0.1, 0.09, 0.25, 0.2, 2.0, 0.12, 0.5])
_CANDIDATES: Final = 800
_TREATED: Final = 0.9
"""How far apart a treatment sets two voices that are alike in everything else."""
_MOUTH: Final = 0.35
"""How much tilt, throat and nose count for how far a voice is from what was asked for: descriptions seldom speak of them."""


@dataclass(frozen=True, slots=True)
class _Trait:
    """Words that say how somebody sounds, and what they do to a voice: ratios, except breath, tilt and nasal, which are added."""

    words: str
    pitch: float = 1.0
    formant: float = 1.0
    rate: float = 1.0
    range: float = 1.0
    breath: float = 0.0
    tilt: float = 0.0
    throat: float = 1.0
    nasal: float = 0.0

    def found_in(self, description: str) -> bool:
        return re.search(rf"\b(?:{self.words})\b", description) is not None


_MALE: Final = _Trait(
    "he|him|his|man|men|male|boy|father|grandfather|grandpa|uncle|brother|son|grandson|king|prince|husband|lord|sir|mr|monk|"
    "gentleman|guy|fisherman|nephew|duke|wizard|waiter|bellboy|old man|bearded|beard|moustache|mustache"
)
_FEMALE: Final = _Trait(
    "she|her|hers|woman|women|female|girl|mother|grandmother|grandma|aunt|sister|daughter|granddaughter|queen|princess|wife|"
    "lady|mrs|ms|miss|nun|niece|duchess|witch|waitress|maid|actress|braid"
)
_CHILD: Final = re.compile(
    r"\b(?:child|kid|boy|girl|toddler|baby|son|daughter|grandson|granddaughter|schoolboy|schoolgirl|little brother|little sister|cub|"
    r"kitten|puppy|pup|duckling|chick|calf|foal|fawn|kit|young fox|seedling|sprout)\b"
)
_YOUNG: Final = _Trait("teenage|teenager|teen|young|youthful|apprentice|student", 1.08, 1.03, 1.04, 1.1)
_TRAITS: Final = (
    _Trait(
        "old|elderly|aged|ancient|grandmother|grandfather|grandma|grandpa|retired|wrinkled|grey|gray|white-haired",
        0.94,
        0.99,
        0.9,
        1.05,
        0.15,
        throat=0.96,
        nasal=0.2,
    ),
    _YOUNG,
    _Trait(
        "big|large|huge|giant|towering|enormous|massive|burly|heavy|tall|broad|stout|fat",
        0.86,
        0.92,
        0.95,
        tilt=-0.4,
        throat=1.05,
    ),
    _Trait("small|little|tiny|short|slight|petite|thin|slender|delicate|wee", 1.12, 1.06, 1.03, tilt=0.3, throat=0.96),
    _Trait("shy|timid|gentle|soft|quiet|tender|meek|kind|calm", 1.03, 1.0, 0.94, 0.85, 0.15, tilt=-0.9),
    _Trait(
        "gruff|rough|grumpy|hard|stern|tough|weathered|hard-boiled|tired|weary", 0.9, 0.97, 0.94, 0.8, 0.2, tilt=-0.5, throat=0.92
    ),
    _Trait("loud|boisterous|cheerful|lively|excited|eager|energetic|funny|proud|vain|chatty", 1.04, 1.0, 1.08, 1.25, tilt=0.9),
    _Trait("sad|lonely|melancholy|gloomy|sleepy", 0.95, 1.0, 0.9, 0.75, 0.1, tilt=-0.7),
    _Trait(
        "nervous|anxious|worried|hurried|busy|quick|brisk|clever|sharp|precise|neat", 1.03, 1.0, 1.1, 1.05, tilt=0.4, nasal=0.2
    ),
    _Trait("mysterious|elegant|sly|cool|suave|noble|dignified", 0.94, 0.99, 0.93, 0.9, 0.12, tilt=-0.3, throat=1.05),
    _Trait(
        "deep|low|booming|thunder|thunderous|rumbling|storm|mountain|whale|bear|bull|ox|elephant|lion",
        0.78,
        0.93,
        0.94,
        tilt=-0.5,
        throat=1.05,
    ),
    _Trait(
        "bird|parrot|sparrow|mouse|squirrel|rabbit|hedgehog|cricket|bee|ant|butterfly|frog|canary|fly|ladybird|ladybug",
        1.2,
        1.1,
        1.08,
        1.15,
        tilt=0.5,
        nasal=0.25,
    ),
    _Trait("bright|brassy|shrill|piercing|silvery|ringing", tilt=1.3),
    _Trait("velvety|husky|muffled|hoarse|smoky|hushed", tilt=-1.3, breath=0.1),
    _Trait("nasal|whining|whiny|pompous|snobbish|sneering", nasal=0.6),
)


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

    `base` starts from a named voice, otherwise kind and the words of `description` (age, sex, size, temper) decide.
    `pitch` and `rate` are the user's and kept as they are; everything else bends to stay apart. Deterministic in its arguments.
    """
    words = description.lower()
    dice = generator("voice", seed, kind, words, base)
    wanted = BASE_VOICES[base] if base is not None else _described(kind, words, dice)
    spread = 0.25 if base is not None else 1.0
    wanted = _bend(wanted, dice.normal(0, 1, len(_BENDS)) * _BENDS * spread)
    wanted = _fixed(wanted, pitch, rate)
    if not taken or min(voice_distance(wanted, other) for other in taken) >= _APART:
        return wanted
    return _moved_apart(wanted, taken, pitch, rate, dice)


def voice_distance(one: Voice, other: Voice) -> float:
    """How far apart two voices sound; 1 is told apart without effort. Pitch and body size say most about who speaks."""
    return float(_distances([one], [other])[0, 0])


def _distances(ones: Sequence[Voice], others: Sequence[Voice], mouth: float = 1.0) -> Float64[np.ndarray, "one other"]:
    """`voice_distance` of each to each; tilt, throat and nose count `mouth`."""
    weights = np.array([1, 1, 1, 1, 1, mouth, mouth, mouth])
    apart = (_qualities(ones)[:, None] - _qualities(others)[None]) * weights
    treated = np.array([[one.effect != other.effect for other in others] for one in ones])
    return np.asarray(np.sqrt((apart**2).sum(2) + (_TREATED * treated) ** 2))


def _qualities(voices: Sequence[Voice]) -> Float64[np.ndarray, "voice 8"]:
    """Each quality in units of what is told apart without effort."""
    rows = [
        (
            12 * math.log2(one.pitch) / 2.2,
            math.log(one.formant) / 0.07,
            math.log(one.rate) / 0.25,
            one.range / 0.8,
            one.breath / 0.5,
            one.tilt / 1.2,
            math.log(one.throat) / 0.07,
            one.nasal / 0.5,
        )
        for one in voices
    ]
    return np.array(rows)


def _described(kind: CharacterKind, words: str, dice: np.random.Generator) -> Voice:
    """From what is known of somebody to how they sound."""
    child = bool(_CHILD.search(words)) and not re.search(r"\bold (?:man|woman|lady)\b|\bgrand(?:mother|father|ma|pa)\b", words)
    male, female = _MALE.found_in(words), _FEMALE.found_in(words)
    if male == female and kind == "human":
        male, female = _sex_of_name(words)
    low = male if male != female else bool(dice.random() < 0.5)
    if kind == "robot":
        voice = BASE_VOICES["metal"] if low else replace(BASE_VOICES["metal"], pitch=1.05, formant=1.06)
    elif kind == "spirit":
        voice = Voice(pitch=0.62, formant=0.88, rate=0.9, range=0.95, breath=0.2, effect="ghost")
        if female or _Trait("light|wind|breeze|fairy|small|tiny|snow|star|moon").found_in(words):
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
    for trait in _TRAITS:
        if trait.found_in(words) and not (child and trait is _YOUNG):
            voice = _clamped(
                replace(
                    voice,
                    pitch=voice.pitch * trait.pitch,
                    formant=voice.formant * trait.formant,
                    rate=voice.rate * trait.rate,
                    range=voice.range * trait.range,
                    breath=voice.breath + trait.breath,
                    tilt=voice.tilt + trait.tilt,
                    throat=voice.throat * trait.throat,
                    nasal=voice.nasal + trait.nasal,
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


def _moved_apart(
    wanted: Voice, taken: Sequence[Voice], pitch: float | None, rate: float | None, dice: np.random.Generator
) -> Voice:
    """The nearest voice to the wanted one that nobody has; with many voices taken, the one farthest from all."""
    candidates = [wanted]
    for _ in range(_CANDIDATES):
        step = dice.normal(0, 1, len(_STEPS)) * _STEPS * dice.uniform(0.05, 1.0)
        candidates.append(_fixed(_bend(wanted, step), pitch, rate))
    clearance = _distances(candidates, taken).min(1)
    moved = _distances(candidates, [wanted], _MOUTH)[:, 0]
    badness = 2.0 * np.maximum(0.0, _APART - clearance) + 0.25 * moved**2
    return candidates[int(np.argmin(badness))]


def _fixed(voice: Voice, pitch: float | None, rate: float | None) -> Voice:
    chosen = replace(voice, pitch=voice.pitch if pitch is None else pitch, rate=voice.rate if rate is None else rate)
    return _clamped(chosen)


def _clamped(voice: Voice) -> Voice:
    values = asdict(voice)
    return replace(voice, **{name: round(min(high, max(low, values[name])), 4) for name, (low, high) in VOICE_LIMITS.items()})
