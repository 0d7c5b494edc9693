"""Passages: scenes whose length is fitted to the one asked for by leaving out details and by the time that silent shots are given."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import log
from typing import Final

from planners.plan.durations import shot_seconds
from planners.plan.model import FactText, Line, Place, PlannedProp, Scene, Shot
from planners.plan.vocabulary import CameraMove, Mood, ShotSize, TimeOfDay, Weather

__all__ = ["HAND_SIZE", "Beat", "Candidate", "Ids", "Passage", "SceneSetting", "fit_length", "scenes_of"]

HAND_SIZE: Final[ShotSize] = "medium"
"""The closest size that has the hands of a performer, and what they hold, in the frame: closer ones show the face."""
TOLERANCE: Final = 0.1
"""Largest difference of the planned length from the one asked for, as a share."""
SHORTEST_STRETCH: Final = 0.55
LONGEST_STRETCH: Final = 2.4
"""Factors on the length of silent shots."""
LONGEST_PAUSE: Final = 1.2
"""Seconds that a shot with speech may last longer than its lines."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Beat:
    """One shot."""

    size: ShotSize
    focus: tuple[str, ...]
    action: dict[str, str]
    lines: tuple[Line, ...] = ()
    camera: CameraMove = "static"


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """One scene: what happens in one place with one thing."""

    title: str
    beat: str
    place: str
    synopsis: str
    present: tuple[str, ...]
    beats: tuple[Beat, ...]
    facts: tuple[FactText, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One way to tell it."""

    passages: tuple[Passage, ...]
    reluctance: float
    """How much worse than the best way it is, on the scale of the logarithm of the stretch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SceneSetting:
    """What all scenes share."""

    time: TimeOfDay
    weather: Weather
    mood: Mood


class Ids:
    """Ids of things and places beside those of the cast, each given to one name only."""

    def __init__(self, taken: Iterable[str]) -> None:
        self._taken = {*taken, "narrator", "story"}
        self.places: dict[str, Place] = {}
        self.props: dict[str, PlannedProp] = {}

    def _slug(self, name: str, suffix: str) -> str:
        """An id that nothing else has."""
        slug = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")[:30] or suffix
        slug = slug if slug[0].isalpha() else f"n_{slug}"
        identifier, number = slug, 2
        while identifier in self._taken:
            identifier, number = f"{slug}_{suffix}" if number == 2 else f"{slug}_{suffix}_{number}", number + 1
        self._taken.add(identifier)
        return identifier

    def place(self, name: str, description: str) -> str:
        """The id of a place."""
        known = next((identifier for identifier, place in self.places.items() if place.name == name), None)
        identifier = known or self._slug(name, "place")
        self.places[identifier] = Place(name=name, description=description)
        return identifier

    def prop(self, name: str) -> str:
        """The id of a thing."""
        known = next((identifier for identifier, prop in self.props.items() if prop.name == name), None)
        identifier = known or self._slug(name, "thing")
        self.props[identifier] = PlannedProp(name=name, description=name)
        return identifier


def _shot(identifier: str, beat: Beat) -> Shot:
    """A beat as a shot of its own length."""
    return Shot(
        id=identifier, size=beat.size, camera=beat.camera, focus=beat.focus, action=beat.action, lines=beat.lines, seconds=None
    )


def _lengths(passages: Sequence[Passage]) -> tuple[float, float, int]:
    """Seconds of shots with speech, of silent shots, and the number of shots with speech."""
    shots = [_shot("s", beat) for passage in passages for beat in passage.beats]
    spoken = [shot_seconds(shot) for shot in shots if shot.lines]
    return sum(spoken), sum(shot_seconds(shot) for shot in shots if not shot.lines), len(spoken)


def _stretch(spoken: float, silent: float, speeches: int, target: float, longest: float) -> tuple[float, float]:
    """The factor on silent shots and the pause of each shot with speech that come closest to a length."""
    factor = min(max((target - spoken) / silent, SHORTEST_STRETCH), longest) if silent else 1.0
    rest = target - spoken - factor * silent
    pause = min(max(rest / speeches, 0.0), LONGEST_PAUSE) if speeches else 0.0
    return factor, pause


def fit_length(
    candidates: Iterable[Candidate], target: float, longest: float = LONGEST_STRETCH
) -> tuple[tuple[Passage, ...], float, float]:
    """The candidate that can be brought to a length in seconds with the least reluctance, with its stretch and pause.

    If none comes within a tenth, the one that comes nearest: what is known fills no more, or needs no less. `longest`: the largest factor on the
    length of silent shots.
    """
    best: tuple[float, tuple[Passage, ...], float, float] | None = None
    nearest: tuple[float, tuple[Passage, ...], float, float] | None = None
    for candidate in candidates:
        spoken, silent, speeches = _lengths(candidate.passages)
        factor, pause = _stretch(spoken, silent, speeches, target, longest)
        length = spoken + factor * silent + pause * speeches
        if nearest is None or abs(length - target) < nearest[0] - 1e-9:
            nearest = (abs(length - target), candidate.passages, factor, pause)
        if abs(length - target) > TOLERANCE * 0.9 * target:
            continue
        cost = candidate.reluctance + abs(log(factor)) + pause + 5 * abs(length - target) / target
        if best is None or cost < best[0] - 1e-9:
            best = (cost, candidate.passages, factor, pause)
    chosen = best or nearest
    if chosen is None:
        raise ValueError("no candidate to choose from")
    return chosen[1:]


def scenes_of(passages: Sequence[Passage], setting: SceneSetting, stretch: float, pause: float) -> tuple[Scene, ...]:
    """Passages as scenes whose shots have their length."""
    scenes = []
    for number, passage in enumerate(passages, start=1):
        shots = []
        for at, beat in enumerate(passage.beats, start=1):
            shot = _shot(f"s{number:02d}.{at}", beat)
            seconds = shot_seconds(shot) + pause if beat.lines else shot_seconds(shot) * stretch
            if not beat.lines or pause > 0.05:
                shot = shot.model_copy(update={"seconds": round(min(max(seconds, 0.5), 60), 1)})
            shots.append(shot)
        scenes.append(
            Scene(
                id=f"s{number:02d}",
                title=passage.title[:200],
                beat=passage.beat,
                at=passage.place,
                time=setting.time,
                weather=setting.weather,
                mood=setting.mood,
                synopsis=passage.synopsis[:1900],
                present=passage.present,
                shots=tuple(shots),
                facts=passage.facts,
            )
        )
    return tuple(scenes)


def without_speech(passages: Sequence[Passage]) -> tuple[Passage, ...]:
    """The passages with every line left out; a shot in which nobody does anything goes with its line."""
    silent = []
    for passage in passages:
        beats = tuple(replace(beat, lines=()) for beat in passage.beats if beat.action)
        if beats:
            silent.append(replace(passage, beats=beats))
    return tuple(silent)
