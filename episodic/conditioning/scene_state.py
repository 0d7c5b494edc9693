"""The state of each scene of an episode: from the canon before it, the plan's facts and the user's edits, by memory's precedence."""

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
"""Attributes of identity: casting reads them from the canon at the episode's beginning, so they are no state."""
_RELATION: Final = "relation:"


@dataclass(frozen=True, slots=True)
class Sky:
    """Time and weather of a scene, and the parts of its light that are set."""

    time: TimeOfDay
    weather: Weather
    lighting: Lighting


def sky_of(scene: Scene, state: State) -> Sky:
    """A scene's time, weather and light as planned, unless stronger evidence about its place overrides them.

    Words outside the vocabulary (`weather = frogs`) change nothing.
    """
    place = state.get(scene.at, {})
    time, weather, light = (place.get(name) for name in ("time", "weather", "lighting"))
    try:
        lighting = Lighting.model_validate(light) if isinstance(light, dict) else scene.lighting
    except ValidationError:
        lighting = scene.lighting
    return Sky(
        time=next((known for known in TIMES if known == time), scene.time),
        weather=next((known for known in WEATHERS if known == weather), scene.weather),
        lighting=lighting,
    )


def statements_about(memory: MemoryStore, number: int, scenes: int, branch: str) -> tuple[Fact, ...]:
    """Statements from outside the plan about any scene of an episode: the user's facts, and merged ones.

    Where a fact of the user ends within the episode, the value that holds without it holds again and is added.
    """
    begin, end = StoryPosition(number, 0), StoryPosition(number, scenes)
    edits = memory.edits(begin, end, branch)
    ending = [
        fact for fact in edits if fact.evidence == "user" and fact.since <= begin and fact.until is not None and fact.until <= end
    ]
    if not ending:
        return edits
    with memory.what_if() as without:
        for fact in ending:
            for line in without.branches():
                without.unset(fact.entity, fact.attribute, line.name)
        canon = without.as_of(begin, branch)
    states = canon.states()
    before = {(fact.entity, fact.attribute): states.get(fact.entity, {}).get(fact.attribute) for fact in ending}
    resumed = (
        Fact(entity=entity, attribute=attribute, value=value, since=begin, evidence="seen")
        for (entity, attribute), value in before.items()
    )
    return (*resumed, *edits)


def states_by_scene(plan: EpisodePlan, cast: EpisodeCast, edits: Sequence[Fact] = (), number: int = 1) -> list[State]:
    """For each scene of episode `number`, every entity's state as memory will give it once the episode is made.

    `edits`: statements from outside the plan that cover any part of the episode, in the order in which they were made
    (`statements_about`).
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
    """All statements about each entity and attribute, in the order in which they count."""
    begin = StoryPosition(number, 0)
    history: dict[_Key, list[Statement]] = {}
    for place, fact in enumerate(edits):
        if fact.attribute not in _IDENTITY and not fact.attribute.startswith(_RELATION):
            history.setdefault((fact.entity, fact.attribute), []).append(_statement(fact, fact.since, place))
    for key, value in _canon_state(cast):
        statements = history.setdefault(key, [])
        if not _is_temporary(value, statements, begin):
            # the canon's value is the result of the rule: it outranks everything at the beginning but the user's facts
            before = Fact(entity=key[0], attribute=key[1], value=value, since=begin, evidence="seen")
            statements.append(_statement(before, begin, len(edits)))
    for place, scene in enumerate(plan.scenes, 1):
        at = StoryPosition(number, place)
        planned = [Fact(entity=fact.entity, attribute=fact.attribute, value=fact.value, since=at) for fact in scene.facts]
        for ordinal, fact in enumerate((*planned, *circumstances(scene, at)), len(edits) + 1):
            history.setdefault((fact.entity, fact.attribute), []).append(_statement(fact, at, ordinal))
    return history


def _canon_state(cast: EpisodeCast) -> Iterable[tuple[_Key, FactValue]]:
    """The state with which the episode begins."""
    for member in cast.members:
        yield from (((member.id, attribute), value) for attribute, value in member.state.items())
    yield from (((STORY, attribute), value) for attribute, value in cast.story.items())


def _is_temporary(value: FactValue, statements: Sequence[Statement], begin: StoryPosition) -> bool:
    """Whether the canon's value at `begin` comes from a statement that ends: it must not outlive that statement."""
    holds = holding(statements, begin)
    return holds is not None and holds.stated_end is not None and holds.value == _json(value)


def _statement(fact: Fact, stated_at: StoryPosition, ordinal: int) -> Statement:
    """A fact as memory ranks it."""
    return Statement(
        value=_json(fact.value),
        since=fact.since,
        stated_end=fact.until,
        evidence=fact.evidence,
        stated_at=stated_at,
        ordinal=ordinal,
    )


def _json(value: FactValue) -> str:
    """A value as memory stores it."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False)
