"""Motion styles of characters and light styles of places: the information that only memory carries.

A style is drawn once, from a seed and the words that describe its owner, and shapes every take afterwards. A shot request says
nothing about it; a backbone learns it only from the memory embedding that the request hands over.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Final, Literal, TypeAlias

import numpy as np

from episodic.looks.data_files import read_rows
from memory.model.canon import CHARACTER_KINDS, CharacterKind

__all__ = ["LightStyle", "MotionStyle", "light_style", "motion_style", "random_light_style", "random_motion_style"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MotionStyle:
    """Motion parameters of one character. Ratios are relative to an average adult."""

    tempo: float = 1.0
    """Speed of striking and leaving a pose, ratio."""
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
class LightStyle:
    """Light of one location, and movement of its air."""

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


@dataclass(frozen=True, slots=True)
class _Range:
    """The values that a parameter is drawn from."""

    parameter: str
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class _Pull:
    """The value that words of a description pull a parameter towards."""

    words: str
    parameter: str
    value: float


_DATA: Final = Path(__file__).with_name("data")
_Ranges: TypeAlias = Mapping[str, tuple[float, float]]


def _ranges(owner: str) -> _Ranges:
    """Read the ranges of an owner's parameters: of anyone, of a kind of character, or of a place."""
    rows = read_rows("style_ranges.tsv", _Range, _DATA)
    return {row.parameter: (row.low, row.high) for key, row in rows if key == owner}


def _style_words(owner: Literal["character", "place"]) -> tuple[_Pull, ...]:
    """Read what words say about the style of a character or a place."""
    return tuple(row for key, row in read_rows("style_words.tsv", _Pull, _DATA) if key == owner)


_MOTION_RANGES: Final = _ranges("anyone")
_KIND_RANGES: Final[Mapping[CharacterKind, _Ranges]] = {kind: _ranges(kind) for kind in CHARACTER_KINDS}
_LIGHT_RANGES: Final = _ranges("place")
_MOTION_WORDS: Final = _style_words("character")
_LIGHT_WORDS: Final = _style_words("place")


def random_motion_style(rng: np.random.Generator, kind: CharacterKind) -> MotionStyle:
    """Draw the style of a character of `kind` about whom nothing else is known."""
    ranges = {**_MOTION_RANGES, **_KIND_RANGES[kind]}
    return MotionStyle(**{field.name: float(rng.uniform(*ranges[field.name])) for field in fields(MotionStyle)})


def motion_style(kind: CharacterKind, description: str, seed: int) -> MotionStyle:
    """Make the style of a new character: drawn from `seed`, pulled towards what the words of `description` say."""
    rng = np.random.default_rng([seed & 0xFFFFFFFF, seed >> 32 & 0xFFFFFFFF, 1])
    style = random_motion_style(rng, kind)
    pulls = _pulls(description, _MOTION_WORDS)
    return replace(style, **{name: _pulled(getattr(style, name), values) for name, values in pulls.items()})


def random_light_style(rng: np.random.Generator) -> LightStyle:
    """Draw the style of a location about which nothing is known."""
    return LightStyle(**{name: float(rng.uniform(low, high)) for name, (low, high) in _LIGHT_RANGES.items()})


def light_style(description: str, seed: int) -> LightStyle:
    """Make the style of a new location: drawn from `seed`, pulled towards what the words of `description` say."""
    rng = np.random.default_rng([seed & 0xFFFFFFFF, seed >> 32 & 0xFFFFFFFF, 2])
    style = random_light_style(rng)
    pulls = _pulls(description, _LIGHT_WORDS)
    return replace(style, **{name: _pulled(getattr(style, name), values) for name, values in pulls.items()})


def _pulls(description: str, words: Sequence[_Pull]) -> dict[str, list[float]]:
    """Return the values that a description pulls each parameter towards."""
    pulls: dict[str, list[float]] = {}
    for pull in words:
        if re.search(rf"\b(?:{pull.words})\b", description.lower()):
            pulls.setdefault(pull.parameter, []).append(pull.value)
    return pulls


def _pulled(drawn: float, values: list[float]) -> float:
    """Move a drawn value three quarters of the way to the mean of `values`."""
    return 0.25 * drawn + 0.75 * sum(values) / len(values)
