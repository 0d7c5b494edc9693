"""A synthetic series for measuring continuity. The schedule of characters sets the gaps between their scenes. Pure.

Every character is introduced in the first episode. Every other character is then absent until the last episode (a long gap). The
others come back after 1, 2, 5, 10 and 20 scenes, and two of them fill the scenes that would be empty. Places come back every few scenes
at the same time of day, so that their light can be compared.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from memory.model.canon import CharacterKind
from planners.data_file import DataFile, WordList, read_data_file
from planners.plan.model import CastMember, EpisodePlan, Line, Place, Scene, Shot
from planners.plan.vocabulary import EMOTIONS, ShotSize, TimeOfDay, Weather

__all__ = ["SeriesWords", "synthetic_series"]

_RETURN_GAPS: Final = (1, 2, 5, 10, 20)
_LONG_GAP: Final = 20
"""Scenes after which a return is shown in more than one shot."""
_SIZES: Final[tuple[ShotSize, ...]] = ("medium", "full", "medium_close")


class _SeriesPlace(DataFile):
    """A place, always shown at the same time of day and in the same weather."""

    id: str
    description: str
    time: TimeOfDay
    weather: Weather


class SeriesWords(DataFile):
    """The tables of `data/synthetic_series.yaml`; each is described there."""

    names: WordList
    ages: WordList
    jobs: WordList
    hair: WordList
    clothes: WordList
    creatures: dict[CharacterKind, tuple[str, ...]]
    places: tuple[_SeriesPlace, ...]
    actions: WordList
    lines: tuple[str, ...]


_WORDS: Final = read_data_file(Path(__file__).with_name("data") / "synthetic_series.yaml", SeriesWords)


class _Appointment(NamedTuple):
    """The shots of one character in one scene."""

    scene: int
    """Number of the scene in the series, from 0."""
    shots: int


class _SceneMember(NamedTuple):
    """A character in a scene."""

    entity: str
    shots: int


def synthetic_series(characters: int, episodes: int, scenes: int, seed: int) -> tuple[EpisodePlan, ...]:
    """Return the plans of a whole series. Deterministic. Raises ValueError where no character could come back."""
    if characters < 2 or episodes < 1 or scenes < 1 or episodes * scenes < 2:
        raise ValueError(
            f"expected at least 2 characters and 2 scenes, found {characters} characters, {episodes} episodes of {scenes} scenes"
        )
    rng = np.random.default_rng([seed, 7])
    cast = _random_cast(characters, rng)
    members: list[list[_SceneMember]] = [[] for _ in range(episodes * scenes)]
    for number, entity in enumerate(cast):
        for appointment in _appointments(number, characters, episodes, scenes):
            members[appointment.scene].append(_SceneMember(entity, appointment.shots))
    turns = {entity: int(rng.integers(len(_WORDS.lines))) for entity in cast}
    return tuple(_plan_episode(number, scenes, members, cast, turns, seed) for number in range(episodes))


def _random_cast(characters: int, rng: np.random.Generator) -> dict[str, CastMember]:
    """Two thirds are human; no two descriptions are the same."""
    names = [f"{name}{turn or ''}" for turn in range(characters // len(_WORDS.names) + 1) for name in _WORDS.names][:characters]
    cast: dict[str, CastMember] = {}
    descriptions: set[str] = set()
    creatures = tuple(_WORDS.creatures.items())
    for number, name in enumerate(names):
        kind: CharacterKind = "human"
        while True:
            if number % 3 != 2:
                parts = (str(rng.choice(words)) for words in (_WORDS.ages, _WORDS.jobs, _WORDS.hair, _WORDS.clothes))
                text = "{} {}, {}, {}".format(*parts)
            else:
                kind, words = creatures[number // 3 % len(creatures)]
                text = f"{rng.choice(words)}, {rng.choice(_WORDS.clothes)}"
            if text not in descriptions:
                break
        descriptions.add(text)
        cast[name.lower()] = CastMember(name=name, kind=kind, description=text)
    return cast


def _appointments(number: int, characters: int, episodes: int, scenes: int) -> Iterator[_Appointment]:
    """The scenes of the series in which character `number` appears."""
    total, first = episodes * scenes, number * scenes // characters
    yield _Appointment(first, 2)
    if number % 2 == 0 and episodes > 1:
        back = (episodes - 1) * scenes + first
        returns = [_Appointment(back, 3), _Appointment(back + 1, 1)]
    else:
        scene_numbers = np.cumsum([first, *_RETURN_GAPS])[1:].tolist()
        returns = [
            _Appointment(scene, 3 if gap >= _LONG_GAP else 1) for scene, gap in zip(scene_numbers, _RETURN_GAPS, strict=True)
        ]
    yield from (appointment for appointment in returns if appointment.scene < total)


def _plan_episode(
    number: int,
    scenes: int,
    members: Sequence[Sequence[_SceneMember]],
    cast: Mapping[str, CastMember],
    turns: dict[str, int],
    seed: int,
) -> EpisodePlan:
    """Plan one episode; `turns` counts the lines of every character across episodes."""
    leads = list(cast)[1:4:2]  # characters without a long absence
    planned = []
    for place in range(scenes):
        at = number * scenes + place
        present = members[at] or [_SceneMember(leads[at % len(leads)], 1)]
        planned.append(_plan_scene(f"e{number + 1}s{place + 1:02d}", at, present, turns))
    present_in_episode = {entity for scene in planned for entity in scene.people()}
    return EpisodePlan(
        title=f"Episode {number + 1}",
        seed=seed * 1000 + number,
        cast={entity: member for entity, member in cast.items() if entity in present_in_episode},
        locations={place.id: Place(description=place.description) for place in _WORDS.places},
        scenes=tuple(planned),
    )


def _plan_scene(scene_id: str, at: int, members: Sequence[_SceneMember], turns: dict[str, int]) -> Scene:
    """Plan scene `at` of the series: every shot has one character, one action and one line."""
    place = _WORDS.places[at % len(_WORDS.places)]
    shots: list[Shot] = []
    for entity, count in members:
        for _ in range(count):
            turn = turns[entity] = turns[entity] + 1
            text = _WORDS.lines[turn * 5 % len(_WORDS.lines)]
            line = Line(speaker=entity, emotion=EMOTIONS[turn * 3 % len(EMOTIONS)], text=text)
            action = {entity: _WORDS.actions[turn % len(_WORDS.actions)]}
            shot_id = f"{scene_id}.{len(shots) + 1}"
            shots.append(Shot(id=shot_id, size=_SIZES[turn % len(_SIZES)], focus=(entity,), action=action, lines=(line,)))
    return Scene(id=scene_id, title=f"Scene {at + 1}", at=place.id, time=place.time, weather=place.weather, shots=tuple(shots))
