"""A synthetic series for measuring continuity: who is in which scene, and with it the gaps, are laid out on purpose. Pure.

Everybody is introduced in the first episode. Every other character is gone until the last one (a long gap); the rest come back
after 1, 2, 5, 10 and 20 scenes; two of them are also in every scene that would be empty. Places come back every few scenes at the same time of day, so that their light can be compared.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from memory.model.canon import CharacterKind
from planners.plan.model import CastMember, EpisodePlan, Line, Place, Scene, Shot
from planners.plan.vocabulary import EMOTIONS, ShotSize, TimeOfDay, Weather

__all__ = ["synthetic_series"]

_RETURNS: Final = (1, 2, 5, 10, 20)
_LONG: Final = 20
"""Scenes after which a return is shown in more than one shot."""
_SIZES: Final[tuple[ShotSize, ...]] = ("medium", "full", "medium_close")
_ACTIONS: Final = ("stands", "walks to the window", "points", "thinks", "listens", "looks around", "waves", "nods")
_NAMES: Final = (
    "Mara", "Otto", "Rosa", "Viktor", "Eleanor", "Hugo", "Ines", "Tobias", "Greta", "Samuel", "Nora", "Felix", "Clara", "Anton",
    "Martha", "Leo", "Ada", "Bruno", "Edith", "Jonas", "Selma", "Theo", "Vera", "Oskar", "Lotte", "Emil", "Frida", "Karl",
    "Paula", "Erwin", "Agnes", "Ludwig", "Helga", "Moritz", "Alma", "Konrad", "Thea", "Walter", "Ruth", "Arno",
)  # fmt: skip
_AGES: Final = ("young", "old", "middle-aged", "tall", "small", "stout")
_JOBS: Final = (
    "lighthouse keeper", "baker", "librarian", "fisherman", "watchmaker", "nurse", "gardener", "sailor", "teacher", "detective",
)  # fmt: skip
_HAIR: Final = ("grey braid", "short black hair", "red curls", "blond bob", "bald head", "white beard", "brown ponytail")
_CLOTHES: Final = (
    "yellow raincoat", "blue jacket", "green dress", "red coat", "brown waistcoat", "white shirt", "purple scarf", "striped jumper",
)  # fmt: skip
_OTHERS: Final[tuple[tuple[CharacterKind, tuple[str, ...]], ...]] = (
    ("animal", ("a sly fox", "a brown bear", "a small mouse", "a proud rooster", "a black cat", "a white rabbit", "an old dog")),
    ("robot", ("a rusty copper robot", "a small helper robot", "a tall silver robot", "a round blue robot")),
    ("spirit", ("a towering storm cloud with kind eyes", "a gentle winter spirit", "a will-o'-the-wisp", "a sea spirit")),
    ("thing", ("an old radio", "a young maple leaf", "a brave teapot", "a tired suitcase")),
)
_PLACES: Final[tuple[tuple[str, str, TimeOfDay, Weather], ...]] = (
    ("lamp_room", "round glass room around a great lamp", "dusk", "clear"),
    ("harbour", "small harbour with fishing boats", "day", "clear"),
    ("kitchen", "warm kitchen with an iron stove", "night", "clear"),
    ("forest", "pine forest with a narrow path", "dawn", "clear"),
    ("library", "library with high shelves", "day", "clear"),
)
_LINES: Final = (
    "Not tonight. Please, not tonight.", "I told you the bridge would hold until morning.", "Where did you put the brass key?",
    "We have walked so far already.", "Look! Somebody left the door open.", "There is nothing here for us any more.",
    "Bring the lamp and come with me.", "That is exactly what I meant.", "How many years has it been, I wonder?",
    "Give it back, it does not belong to you.", "The sea is calm now, we should go home.", "You were right about the storm.",
    "Nobody has lived in that house since the war.", "Tell me the truth this time.", "My hands are cold.",
    "Did you hear that noise as well?", "Every ship on this coast knows my name.", "I would rather stay a little longer.",
    "Keep your voice down, they are sleeping.", "The clock stopped at a quarter past nine.", "What if they never come back?",
    "It smells of smoke and oranges.", "I promised to be there before noon.", "You can always count on me.",
)  # fmt: skip


def synthetic_series(characters: int, episodes: int, scenes: int, seed: int) -> tuple[EpisodePlan, ...]:
    """Plans of a whole series. Deterministic. Raises ValueError where there is nothing to come back."""
    if characters < 2 or episodes < 1 or scenes < 1 or episodes * scenes < 2:
        raise ValueError(
            f"expected at least 2 characters and 2 scenes, found {characters} characters, {episodes} episodes of {scenes} scenes"
        )
    rng = np.random.default_rng([seed, 7])
    cast = _cast(characters, rng)
    present: list[list[tuple[str, int]]] = [[] for _ in range(episodes * scenes)]
    for number, entity in enumerate(cast):
        for at, shots in _schedule(number, characters, episodes, scenes):
            present[at].append((entity, shots))
    turns = {entity: int(rng.integers(len(_LINES))) for entity in cast}
    return tuple(_episode(number, scenes, present, cast, turns, seed) for number in range(episodes))


def _cast(characters: int, rng: np.random.Generator) -> dict[str, CastMember]:
    """Two thirds are human; no two are described with the same words."""
    names = [f"{name}{turn or ''}" for turn in range(characters // len(_NAMES) + 1) for name in _NAMES][:characters]
    cast: dict[str, CastMember] = {}
    described: set[str] = set()
    for number, name in enumerate(names):
        kind: CharacterKind = "human"
        while True:
            if number % 3 != 2:
                parts = (str(rng.choice(words)) for words in (_AGES, _JOBS, _HAIR, _CLOTHES))
                text = "{} {}, {}, {}".format(*parts)
            else:
                kind, words = _OTHERS[number // 3 % len(_OTHERS)]
                text = f"{rng.choice(words)}, {rng.choice(_CLOTHES)}"
            if text not in described:
                break
        described.add(text)
        cast[name.lower()] = CastMember(name=name, kind=kind, description=text)
    return cast


def _schedule(number: int, characters: int, episodes: int, scenes: int) -> list[tuple[int, int]]:
    """(scene of the series, shots) for everything one character is in."""
    total, first = episodes * scenes, number * scenes // characters
    if number % 2 == 0 and episodes > 1:
        back = (episodes - 1) * scenes + first
        return [(at, shots) for at, shots in ((first, 2), (back, 3), (back + 1, 1)) if at < total]
    found, at = [(first, 2)], first
    for gap in _RETURNS:
        at += gap
        if at < total:
            found.append((at, 3 if gap >= _LONG else 1))
    return found


def _episode(
    number: int,
    scenes: int,
    present: Sequence[Sequence[tuple[str, int]]],
    cast: dict[str, CastMember],
    turns: dict[str, int],
    seed: int,
) -> EpisodePlan:
    leads = list(cast)[1:4:2]  # none of those who are to be away
    made = []
    for place in range(scenes):
        at = number * scenes + place
        people = present[at] or [(leads[at % len(leads)], 1)]
        made.append(_scene(f"e{number + 1}s{place + 1:02d}", at, people, turns))
    named = {one for scene in made for one in scene.people()}
    return EpisodePlan(
        title=f"Episode {number + 1}",
        seed=seed * 1000 + number,
        cast={entity: member for entity, member in cast.items() if entity in named},
        locations={name: Place(description=text) for name, text, _, _ in _PLACES},
        scenes=tuple(made),
    )


def _scene(scene_id: str, at: int, people: Sequence[tuple[str, int]], turns: dict[str, int]) -> Scene:
    name, _, time, weather = _PLACES[at % len(_PLACES)]
    shots: list[Shot] = []
    for entity, count in people:
        for _ in range(count):
            turn = turns[entity] = turns[entity] + 1
            line = Line(speaker=entity, emotion=EMOTIONS[turn * 3 % len(EMOTIONS)], text=_LINES[turn * 5 % len(_LINES)])
            action = {entity: _ACTIONS[turn % len(_ACTIONS)]}
            shot_id = f"{scene_id}.{len(shots) + 1}"
            shots.append(Shot(id=shot_id, size=_SIZES[turn % len(_SIZES)], focus=(entity,), action=action, lines=(line,)))
    return Scene(id=scene_id, title=f"Scene {at + 1}", at=name, time=time, weather=weather, shots=tuple(shots))
