"""What holds in each scene of an episode: the canon before it, its plan's facts, and what the user said, by the rule of memory."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from pydantic import ValidationError

from episodic.conditioning.cast import EpisodeCast
from episodic.conditioning.scene_facts import circumstances
from memory.model.canon import STORY
from memory.model.facts import Fact, FactValue, StoryPosition
from memory.model.precedence import Statement, holding
from memory.store import MemoryStore
from planners.plan.model import EpisodePlan, Lighting, Scene
from planners.plan.vocabulary import TIMES, WEATHERS, TimeOfDay, Weather

__all__ = ["Sky", "State", "sky_of", "statements_about", "states_by_scene"]

State = dict[str, dict[str, FactValue]]
"""Entity -> attribute -> value."""

_Key = tuple[str, str]
_IDENTITY: Final = frozenset({"name", "description", "look", "voice", "motion", "light", "sheet", "kind"})
"""Attributes that casting reads, from the canon at the episode's beginning: they are no state."""
_RELATION: Final = "relation:"


@dataclass(frozen=True, slots=True)
class Sky:
    """When it is at a scene, what the weather does, and what of the light is set."""

    time: TimeOfDay
    weather: Weather
    lighting: Lighting


def sky_of(scene: Scene, state: State) -> Sky:
    """What its plan says of a scene's time, weather and light, unless stronger evidence about its place says otherwise.

    Words that no film knows (`weather = frogs`) change nothing.
    """
    place = state.get(scene.at, {})
    time, weather, light = (place.get(name) for name in ("time", "weather", "lighting"))
    try:
        lighting = Lighting.model_validate(light) if isinstance(light, dict) else scene.lighting
    except ValidationError:
        lighting = scene.lighting
    return Sky(
        time=next((one for one in TIMES if one == time), scene.time),
        weather=next((one for one in WEATHERS if one == weather), scene.weather),
        lighting=lighting,
    )


def statements_about(memory: MemoryStore, number: int, scenes: int, branch: str) -> tuple[Fact, ...]:
    """What was said from outside the plan about any scene of an episode: the user's facts, and merged ones.

    Where the user's word ends within the episode, what held without it holds again, and belongs to these.
    """
    begin, end = StoryPosition(number, 0), StoryPosition(number, scenes)
    edits = memory.edits(begin, end, branch)
    ending = [
        one for one in edits if one.evidence == "user" and one.since <= begin and one.until is not None and one.until <= end
    ]
    if not ending:
        return edits
    with memory.what_if() as silent:
        for one in ending:
            for each in silent.branches():
                silent.unset(one.entity, one.attribute, each.name)
        canon = silent.as_of(begin, branch)
    states = canon.states()
    before = {(one.entity, one.attribute): states.get(one.entity, {}).get(one.attribute) for one in ending}
    return (
        *(Fact(entity=who, attribute=what, value=value, since=begin, evidence="seen") for (who, what), value in before.items()),
        *edits,
    )


def states_by_scene(plan: EpisodePlan, cast: EpisodeCast, edits: Sequence[Fact] = (), number: int = 1) -> list[State]:
    """For each scene of episode `number`, every entity's state as memory will give it once the episode is made.

    `edits`: statements from outside the plan that cover any of the episode, in the order in which they were made: the user's
    and merged ones, and, for an attribute of which such a statement ends within the episode, what was stated before it.
    """
    history = _history(plan, cast, edits, number)
    states = []
    for place in range(1, len(plan.scenes) + 1):
        at, state = StoryPosition(number, place), State()
        for (entity, attribute), statements in history.items():
            holds = holding(statements, at)
            value = None if holds is None else json.loads(holds.value)
            if value is not None:
                state.setdefault(entity, {})[attribute] = value
        states.append(state)
    return states


def _history(plan: EpisodePlan, cast: EpisodeCast, edits: Sequence[Fact], number: int) -> dict[_Key, list[Statement]]:
    begin = StoryPosition(number, 0)
    found: dict[_Key, list[Statement]] = {}
    for place, fact in enumerate(edits):
        if fact.attribute not in _IDENTITY and not fact.attribute.startswith(_RELATION):
            found.setdefault((fact.entity, fact.attribute), []).append(_stated(fact, fact.since, place))
    for key, value in _standing(cast):
        said = found.setdefault(key, [])
        if not _explained(value, said, begin):
            # the canon is what the rule gives at the beginning: of all that is not the user's it ranks highest there
            before = Fact(entity=key[0], attribute=key[1], value=value, since=begin, evidence="seen")
            said.append(_stated(before, begin, len(edits)))
    for place, scene in enumerate(plan.scenes, 1):
        at = StoryPosition(number, place)
        said_here = [Fact(entity=one.entity, attribute=one.attribute, value=one.value, since=at) for one in scene.facts]
        for ordinal, fact in enumerate((*said_here, *circumstances(scene, at)), len(edits) + 1):
            found.setdefault((fact.entity, fact.attribute), []).append(_stated(fact, at, ordinal))
    return found


def _standing(cast: EpisodeCast) -> Iterable[tuple[_Key, FactValue]]:
    for group in (cast.characters, cast.locations, cast.props):
        for one in group.values():
            yield from (((one.id, attribute), value) for attribute, value in one.state.items())
    yield from (((STORY, attribute), value) for attribute, value in cast.story.items())


def _explained(value: FactValue, said: Sequence[Statement], begin: StoryPosition) -> bool:
    """Whether the canon's value at `begin` is only that of a statement in `said` that ends: it must not outlive it."""
    holds = holding(said, begin)
    return holds is not None and holds.stated_end is not None and holds.value == _json(value)


def _stated(fact: Fact, stated_at: StoryPosition, ordinal: int) -> Statement:
    return Statement(
        value=_json(fact.value),
        since=fact.since,
        stated_end=fact.until,
        evidence=fact.evidence,
        stated_at=stated_at,
        ordinal=ordinal,
    )


def _json(value: FactValue) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)
