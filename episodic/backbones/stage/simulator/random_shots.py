"""Random training shots: casts with motion styles, places with light styles, and requests that they play.

The members of a `RandomCast` appear in several shots, so that a take of one shot can serve as the memory of another.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypeVar

import numpy as np
from jaxtyping import Float32

from episodic.backbones.request import Mark, Performer, Setting, ShotRequest
from episodic.backbones.speech_cue import LIP_HZ, SpeechCue
from episodic.backbones.stage.simulator.motion_style import LightStyle, MotionStyle, random_light_style, random_motion_style
from memory.model.canon import CHARACTER_KINDS, CharacterKind
from planners.plan.vocabulary import (
    ACTIONS,
    CAMERA_MOVES,
    EMOTIONS,
    KEYS,
    MOODS,
    SHOT_SIZES,
    STYLES,
    TIMES,
    WEATHERS,
    Action,
    Emotion,
)

__all__ = ["RandomCast", "random_cast", "random_lips", "random_request"]

_KIND_WEIGHTS: Final = (0.44, 0.15, 0.15, 0.13, 0.13)
_TRAVEL: Final[frozenset[Action]] = frozenset({"walk", "run", "sneak", "carry", "push", "float"})
_COMMON: Final[Mapping[Action, float]] = {"stand": 3.0, "walk": 4.0, "listen": 1.5}


_Word = TypeVar("_Word", bound=str)


@dataclass(frozen=True, slots=True)
class RandomCast:
    """Characters and places that appear in several shots."""

    kinds: tuple[CharacterKind, ...]
    styles: tuple[MotionStyle, ...]
    heights: tuple[float, ...]
    places: tuple[LightStyle, ...]


def random_cast(rng: np.random.Generator, members: int = 4, places: int = 2) -> RandomCast:
    """Draw random characters and places."""
    kinds = tuple(CHARACTER_KINDS[i] for i in rng.choice(len(CHARACTER_KINDS), members, p=_KIND_WEIGHTS))
    return RandomCast(
        kinds=kinds,
        styles=tuple(random_motion_style(rng, kind) for kind in kinds),
        heights=tuple(float(rng.uniform(0.7, 2.1)) for _ in kinds),
        places=tuple(random_light_style(rng) for _ in range(places)),
    )


def _choice(rng: np.random.Generator, words: tuple[_Word, ...], common: Mapping[_Word, float] | None = None) -> _Word:
    """Draw a word of a vocabulary. `common` weighs some of its words; the others weigh 1."""
    weights = np.array([(common or {}).get(word, 1.0) for word in words])
    return words[int(rng.choice(len(words), p=weights / weights.sum()))]


def random_request(
    rng: np.random.Generator, cast: RandomCast, members: tuple[int, ...], seconds: float, width: int = 1280, height: int = 720
) -> ShotRequest:
    """Draw a shot that `members` of `cast` play, at 24 frames a second."""
    starts = _marks(rng, len(members))
    performers = tuple(_performer(rng, cast, member, place, starts) for place, member in enumerate(members))
    focus = tuple(performer.id for performer in performers if rng.random() < 0.6)
    setting = Setting(
        location="place",
        look={},
        time=_choice(rng, TIMES),
        weather=_choice(rng, WEATHERS, {"clear": 3.0}),
        mood=_choice(rng, MOODS),
        key=_choice(rng, KEYS),
        temperature_k=int(rng.integers(2400, 8000)),
        contrast=float(rng.uniform(0.15, 0.9)),
    )
    return ShotRequest(
        shot_id="rehearsal",
        seed=int(rng.integers(2**31)),
        frames=round(seconds * LIP_HZ),
        fps=LIP_HZ,
        width=width,
        height=height,
        style=_choice(rng, STYLES),
        size=_choice(rng, SHOT_SIZES),
        camera=_choice(rng, CAMERA_MOVES, {"static": 4.0}),
        setting=setting,
        performers=performers,
        focus=focus,
        speech=_dialogue(rng, performers, seconds),
    )


def _marks(rng: np.random.Generator, count: int) -> list[Mark]:
    """Draw marks side by side with room between them, in a random order."""
    gap = rng.uniform(0.75, 1.6)
    xs = (np.arange(count) - (count - 1) / 2) * gap + rng.uniform(-1.0, 1.0) + rng.uniform(-0.2, 0.2, count)
    rng.shuffle(xs)
    return [Mark(x=float(x), z=float(z)) for x, z in zip(xs, rng.uniform(1.2, 4.0) + rng.uniform(-0.6, 0.6, count), strict=True)]


def _performer(rng: np.random.Generator, cast: RandomCast, member: int, place: int, starts: list[Mark]) -> Performer:
    """Draw what a member of the cast plays, from the mark `place` of `starts` on."""
    action: Action = _choice(rng, ACTIONS, _COMMON)
    start = end = starts[place]
    if action in _TRAVEL or rng.random() < 0.08:
        if action == "float" and rng.random() < 0.6:
            pass
        else:
            way = float(rng.choice([-1, 1]) * rng.uniform(0.6, 4.5))
            end = Mark(x=float(np.clip(start.x + way, -4, 4)), z=float(np.clip(start.z + rng.normal(0, 0.5), 0.2, 5.5)))
    partner = None
    if len(starts) > 1 and rng.random() < 0.8:
        partner = starts[int(rng.choice([i for i in range(len(starts)) if i != place]))]
    elif rng.random() < 0.3:
        partner = Mark(x=float(rng.uniform(-3, 3)), z=float(rng.uniform(1, 4)))
    return Performer(
        id=f"p{place}",
        kind=cast.kinds[member],
        look={"height": cast.heights[member]},
        motion=(),
        action=action,
        emotion=_choice(rng, EMOTIONS, {"neutral": 2.5}),
        start=start,
        end=end,
        looks_at=partner,
        in_frame=bool(rng.random() < 0.92),
    )


def _dialogue(rng: np.random.Generator, performers: tuple[Performer, ...], seconds: float) -> tuple[SpeechCue, ...]:
    """Draw up to four spoken lines."""
    cues: list[SpeechCue] = []
    at = float(rng.uniform(0.1, 1.2))
    if rng.random() < 0.12:
        return ()
    while at < seconds - 0.8 and len(cues) < 4:
        length = min(float(rng.uniform(0.8, 4.0)), seconds - at - 0.2)
        speaker = performers[int(rng.integers(len(performers)))].id if rng.random() < 0.93 else "narrator"
        emotion: Emotion = _choice(rng, EMOTIONS, {"neutral": 2.0})
        cues.append(SpeechCue(speaker=speaker, emotion=emotion, start_s=at, lips=random_lips(rng, length)))
        at += length + float(rng.uniform(0.2, 1.5))
    return tuple(cues)


def random_lips(rng: np.random.Generator, seconds: float) -> Float32[np.ndarray, "tick 3"]:
    """Draw the lips of random speech: syllables of 90 to 260 ms with pauses between words, at 24 Hz."""
    ticks = max(round(seconds * LIP_HZ), 2)
    time = np.arange(ticks) / LIP_HZ
    opening, width, energy = np.zeros(ticks), np.zeros(ticks), np.zeros(ticks)
    at, accent = 0.02, 0
    while at < seconds:
        length = float(rng.uniform(0.09, 0.26))
        accent = accent - 1 if accent > 0 else int(rng.integers(1, 4))
        strength = float(rng.uniform(0.7, 1.0) if accent == 0 else rng.uniform(0.3, 0.7))
        bump = np.exp(-0.5 * ((time - at - length / 2) / (0.34 * length)) ** 2)
        opening = np.maximum(opening, bump * float(rng.uniform(0.25, 1.0)) * (0.45 + 0.55 * strength))
        width += bump * float(rng.uniform(-0.8, 0.8))
        energy = np.maximum(energy, np.exp(-0.5 * ((time - at - length / 2) / (0.6 * length)) ** 2) * strength)
        at += length + (float(rng.uniform(0.12, 0.4)) if rng.random() < 0.12 else 0.0)
    return np.stack([opening, np.clip(width, -1, 1), energy], 1).astype(np.float32)
