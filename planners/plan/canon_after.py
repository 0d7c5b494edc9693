"""What a series would know after an episode, from its plan alone: to plan the next one before the first is made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from memory.model.canon import STORY, Canon, Character, Location, Prop, Thread
from memory.model.facts import FactValue, StoryPosition
from planners.plan.model import EpisodePlan

__all__ = ["canon_after"]


def canon_after(canon: Canon, plan: EpisodePlan, episode: int) -> Canon:
    """The canon after a planned episode: its cast, places and props, the facts that then hold, its threads and synopses."""
    state: dict[str, dict[str, FactValue]] = {}
    for scene in plan.scenes:
        for fact in scene.facts:
            state.setdefault(fact.entity, {})[fact.attribute] = fact.value

    def merged(old: Mapping[str, FactValue], identifier: str) -> dict[str, FactValue]:
        return {**old, **state.get(identifier, {})}

    characters = dict(canon.characters)
    for identifier, member in plan.cast.items():
        known = characters.get(identifier) or Character(id=identifier, name=identifier, kind=member.kind or "human")
        characters[identifier] = replace(
            known,
            name=member.name or known.name,
            kind=member.kind or known.kind,
            description=member.description or known.description,
        )
    locations = dict(canon.locations)
    for identifier, place in plan.locations.items():
        known_place = locations.get(identifier) or Location(id=identifier, name=identifier)
        locations[identifier] = replace(
            known_place, name=place.name or known_place.name, description=place.description or known_place.description
        )
    props = dict(canon.props)
    for identifier, prop in plan.props.items():
        known_prop = props.get(identifier) or Prop(id=identifier, name=identifier)
        props[identifier] = replace(
            known_prop, name=prop.name or known_prop.name, description=prop.description or known_prop.description
        )
    return replace(
        canon,
        position=StoryPosition(episode, len(plan.scenes)),
        characters={identifier: replace(who, state=merged(who.state, identifier)) for identifier, who in characters.items()},
        locations={identifier: replace(place, state=merged(place.state, identifier)) for identifier, place in locations.items()},
        props={identifier: replace(prop, state=merged(prop.state, identifier)) for identifier, prop in props.items()},
        story=merged(canon.story, STORY),
        threads=_threads_after(canon.threads, plan),
        synopses=(*canon.synopses, *(scene.synopsis for scene in plan.scenes if scene.synopsis))[-100:],
    )


def _threads_after(threads: tuple[Thread, ...], plan: EpisodePlan) -> tuple[Thread, ...]:
    """The threads after an episode, the oldest first."""
    after = {thread.id: thread for thread in threads}
    for scene in plan.scenes:
        after |= {identifier: Thread(id=identifier, text=text) for identifier, text in scene.opens.items()}
        after |= {identifier: replace(after[identifier], closed=True) for identifier in scene.closes if identifier in after}
    return tuple(after.values())
