"""What a character's body and a location's light do habitually: the information that only memory carries.

A habit is drawn once, from a seed and the words that describe its owner, and colours every take afterwards. Nothing of it is in
a shot request; a backbone can know it only through the motion embedding that memory hands over.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields, replace
from typing import Final

import numpy as np

from memory.model.canon import CharacterKind

__all__ = ["LightHabits", "MotionHabits", "light_habits", "motion_habits", "random_light_habits", "random_motion_habits"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MotionHabits:
    """How one character moves. Ratios are relative to an average adult."""

    tempo: float = 1.0
    """How quickly poses are struck and left, ratio."""
    stride: float = 1.0
    """Length of a step, ratio."""
    gait: float = 1.0
    """Speed of travel, ratio."""
    bounce: float = 1.0
    """Vertical travel of the body in walking, ratio."""
    lean: float = 0.0
    """Habitual tilt of the body, rad."""
    stoop: float = 0.0
    """Habitual crouch, 0..0.2."""
    carriage: float = 0.0
    """Habitual pitch of the head, rad; positive looks down."""
    tilt: float = 0.0
    """Habitual tilt of the head, rad."""
    arm_out: float = 0.15
    """How far from the body the arms hang, rad."""
    arm_fold: float = 0.4
    """How bent the arms hang, rad."""
    handedness: float = 0.5
    """-1 gestures with the left hand only..1 with the right only."""
    gesture_size: float = 1.0
    """Amplitude of gestures, ratio."""
    gesture_rate: float = 0.6
    """Share of spoken stresses that get a gesture, 0..1."""
    nod: float = 0.1
    """Nod on a spoken stress, rad."""
    brow: float = 0.0
    """Habitual height of the brows, -0.5..0.5."""
    furrow: float = 0.0
    """Habitual furrow, -0.4..0.4."""
    lid: float = 0.88
    """Habitual opening of the lids, 0.5..1."""
    blink_hz: float = 0.3
    """Blinks a second."""
    breath_hz: float = 0.28
    """Breaths a second."""
    breath: float = 0.5
    """Depth of breath, 0..1."""
    smile: float = 0.1
    """Habitual smile, -0.4..0.6."""
    mouth: float = 1.0
    """How far the mouth opens in speech, ratio."""
    fidget: float = 0.5
    """Shifts of weight and looks aside, 0..1."""
    sway: float = 0.4
    """How much hair, cloth and body swing, 0..1."""
    sway_hz: float = 0.5
    """How fast they swing when nothing drives them."""
    stiffness: float = 0.0
    """0 flowing..1 moves in steps, as a machine does."""
    hover: float = 0.0
    """Habitual height above the floor, m."""
    glow: float = 0.4
    """Habitual inner light, 0..1."""
    glow_hz: float = 0.3
    """Pulses of the inner light a second."""
    tremble: float = 0.03
    """Habitual tremble, 0..0.4."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LightHabits:
    """How one location is lit and how its air moves."""

    azimuth: float = 0.0
    """Added to the direction of the key."""
    elevation: float = 0.0
    """Added to the height of the key."""
    intensity: float = 0.0
    """Added to the strength of the key."""
    ambient: float = 0.0
    """Added to the fill."""
    temperature: float = 0.0
    """Added to log2(kelvin / 5000)."""
    haze: float = 0.15
    """Habitual haze, 0..1."""
    flicker: float = 0.1
    """Amount of flicker, 0..1."""
    flicker_hz: float = 1.2
    """Its rate."""
    contrast: float = 0.0
    """Added to the contrast."""
    draught: float = 0.2
    """Amount of wind, 0..1."""
    draught_hz: float = 0.25
    """Its rate."""
    practical: float = 0.5
    """Lamps and windows, 0..1."""
    activity: float = 0.4
    """Life in the background, 0..1."""
    particles: float = 0.2
    """Dust, leaves, sparks, 0..1."""
    water: float = 0.3
    """Height of waves, 0..1."""


_MOTION_RANGES: Final[dict[str, tuple[float, float]]] = {
    "tempo": (0.65, 1.5),
    "stride": (0.7, 1.4),
    "gait": (0.7, 1.4),
    "bounce": (0.2, 2.2),
    "lean": (-0.13, 0.13),
    "stoop": (0.0, 0.2),
    "carriage": (-0.18, 0.2),
    "tilt": (-0.16, 0.16),
    "arm_out": (0.03, 0.5),
    "arm_fold": (0.1, 1.3),
    "handedness": (-1.0, 1.0),
    "gesture_size": (0.4, 1.6),
    "gesture_rate": (0.2, 1.0),
    "nod": (0.0, 0.25),
    "brow": (-0.35, 0.4),
    "furrow": (-0.35, 0.35),
    "lid": (0.55, 1.0),
    "blink_hz": (0.12, 0.6),
    "breath_hz": (0.18, 0.5),
    "breath": (0.25, 0.9),
    "smile": (-0.3, 0.55),
    "mouth": (0.65, 1.35),
    "fidget": (0.0, 1.0),
    "sway": (0.1, 0.9),
    "sway_hz": (0.25, 1.1),
    "stiffness": (0.0, 0.25),
    "hover": (0.0, 0.0),
    "glow": (0.2, 0.55),
    "glow_hz": (0.1, 0.8),
    "tremble": (0.0, 0.08),
}
_KIND_RANGES: Final[dict[CharacterKind, dict[str, tuple[float, float]]]] = {
    "human": {},
    "animal": {"bounce": (0.8, 2.4), "stride": (0.55, 1.1), "sway": (0.4, 1.0), "arm_fold": (0.5, 1.4), "tempo": (0.9, 1.6)},
    "robot": {
        "stiffness": (0.6, 1.0),
        "bounce": (0.0, 0.8),
        "sway": (0.0, 0.3),
        "breath": (0.0, 0.25),
        "glow": (0.45, 0.95),
        "arm_fold": (0.5, 1.5),
        "blink_hz": (0.05, 0.4),
    },
    "spirit": {"hover": (0.12, 0.45), "glow": (0.5, 1.0), "sway": (0.5, 1.0), "bounce": (0.1, 0.9), "tempo": (0.6, 1.1)},
    "thing": {"bounce": (1.0, 2.6), "stiffness": (0.0, 0.5), "sway": (0.3, 1.0), "gesture_size": (0.7, 1.7)},
}
_LIGHT_RANGES: Final[dict[str, tuple[float, float]]] = {
    "azimuth": (-0.4, 0.4),
    "elevation": (-0.2, 0.25),
    "intensity": (-0.2, 0.2),
    "ambient": (-0.15, 0.2),
    "temperature": (-0.45, 0.45),
    "haze": (0.0, 0.55),
    "flicker": (0.0, 0.5),
    "flicker_hz": (0.4, 2.6),
    "contrast": (-0.2, 0.2),
    "draught": (0.0, 0.6),
    "draught_hz": (0.12, 0.7),
    "practical": (0.05, 0.95),
    "activity": (0.1, 0.85),
    "particles": (0.0, 0.6),
    "water": (0.05, 0.8),
}
_MOTION_WORDS: Final[tuple[tuple[str, dict[str, float]], ...]] = (
    (
        "old|elderly|ancient|aged|grand\\w+|grey|gray|weary|retired",
        {"stoop": 0.16, "gait": 0.76, "stride": 0.75, "tempo": 0.75, "carriage": 0.13, "tremble": 0.1},
    ),
    ("young|child|kid|boy|girl|little|pup|kitten|baby", {"tempo": 1.35, "bounce": 1.9, "gesture_size": 1.3, "fidget": 0.9}),
    ("tiny|small|mini\\w*", {"tempo": 1.45, "stride": 0.75, "bounce": 2.0}),
    ("big|huge|giant|tower\\w+|enormous|heavy|great", {"tempo": 0.7, "bounce": 0.5, "stride": 1.3, "breath": 0.85}),
    (
        "shy|timid|quiet|lonely|nervous|afraid|anxious",
        {"gesture_size": 0.55, "carriage": 0.16, "arm_fold": 1.1, "arm_out": 0.06, "fidget": 0.9, "furrow": -0.25},
    ),
    (
        "proud|brave|bold|captain|king|queen|hero|confident",
        {"carriage": -0.15, "stoop": 0.0, "arm_out": 0.38, "gesture_size": 1.35},
    ),
    ("grumpy|stern|strict|angry|cross|villain", {"smile": -0.25, "furrow": 0.3, "brow": -0.25}),
    ("cheerful|happy|jolly|kind|friendly|warm|sunny", {"smile": 0.5, "brow": 0.2, "gesture_rate": 0.9}),
    ("sleepy|tired|lazy|slow", {"lid": 0.6, "tempo": 0.7, "breath_hz": 0.2, "breath": 0.85}),
    ("quick|fast|energetic|restless|playful|excited", {"tempo": 1.45, "gesture_rate": 0.95, "fidget": 0.9}),
    ("curious|clever|inventor|detective|scientist|professor", {"tilt": 0.13, "brow": 0.25, "lid": 0.97}),
    ("rusty|broken|clumsy", {"stiffness": 0.8, "tilt": -0.13, "tremble": 0.09}),
    ("ghost\\w*|float\\w*|cloud|mist|wisp|fairy", {"hover": 0.35, "sway": 0.9}),
)
_LIGHT_WORDS: Final[tuple[tuple[str, dict[str, float]], ...]] = (
    (
        "fire|candle\\w*|torch\\w*|hearth|camp\\w*|lantern\\w*",
        {"flicker": 0.42, "flicker_hz": 2.1, "temperature": -0.4, "practical": 0.9},
    ),
    ("neon|club|arcade|city|street", {"flicker": 0.25, "practical": 0.9, "activity": 0.8}),
    ("lamp\\w*|lighthouse|beacon", {"practical": 0.9, "flicker": 0.15, "flicker_hz": 0.5}),
    ("cave|cellar|tunnel|basement|tomb", {"haze": 0.4, "activity": 0.12, "ambient": -0.12, "draught": 0.1}),
    ("sea|shore|beach|harbou?r|ocean|ship|boat|cliff\\w*", {"draught": 0.5, "water": 0.7, "activity": 0.5}),
    ("forest|wood\\w*|jungle|swamp|garden", {"particles": 0.5, "haze": 0.35, "draught": 0.35}),
    ("desert|dune\\w*|dust\\w*|attic|ruin\\w*", {"particles": 0.55, "temperature": -0.25, "haze": 0.3}),
    ("ice|snow\\w*|glacier|lab\\w*|clinic|hospital|space\\w*|station", {"temperature": 0.35, "flicker": 0.05}),
    ("market|school|caf[eé]|party|square|kitchen", {"activity": 0.8, "practical": 0.7}),
)


def random_motion_habits(rng: np.random.Generator, kind: CharacterKind) -> MotionHabits:
    """Habits of somebody of `kind` about whom nothing else is known."""
    ranges = _MOTION_RANGES | _KIND_RANGES[kind]
    return MotionHabits(**{f.name: float(rng.uniform(*ranges[f.name])) for f in fields(MotionHabits)})


def motion_habits(kind: CharacterKind, description: str, seed: int) -> MotionHabits:
    """Habits of a new character: drawn from `seed`, pulled towards what the words of `description` say."""
    rng = np.random.default_rng([seed & 0xFFFFFFFF, seed >> 32 & 0xFFFFFFFF, 1])
    habits = random_motion_habits(rng, kind)
    pulls = _pulls(description, _MOTION_WORDS)
    return replace(habits, **{name: _pull(getattr(habits, name), values) for name, values in pulls.items()})


def random_light_habits(rng: np.random.Generator) -> LightHabits:
    """Habits of a location about which nothing is known."""
    return LightHabits(**{name: float(rng.uniform(*_LIGHT_RANGES[name])) for name in _LIGHT_RANGES})


def light_habits(description: str, seed: int) -> LightHabits:
    """Habits of a new location: drawn from `seed`, pulled towards what the words of `description` say."""
    rng = np.random.default_rng([seed & 0xFFFFFFFF, seed >> 32 & 0xFFFFFFFF, 2])
    habits = random_light_habits(rng)
    pulls = _pulls(description, _LIGHT_WORDS)
    return replace(habits, **{name: _pull(getattr(habits, name), values) for name, values in pulls.items()})


def _pulls(description: str, words: tuple[tuple[str, dict[str, float]], ...]) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {}
    for pattern, values in words:
        if re.search(rf"\b(?:{pattern})\b", description.lower()):
            for name, value in values.items():
                found.setdefault(name, []).append(value)
    return found


def _pull(drawn: float, wanted: list[float]) -> float:
    """Three quarters of the way to what the words want; the rest stays the seed's."""
    return 0.25 * drawn + 0.75 * sum(wanted) / len(wanted)
