"""Where a story plays: places of the prompt, what somebody is in or goes by, or the place that is implied."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from planners.fabula.participant import Participant
from planners.knowledge.job_facts import job_facts
from planners.knowledge.place_facts import place_facts
from planners.knowledge.thing_uses import thing_place
from planners.reading.premise import ENACTED, Premise, PremiseEntity, PremiseEvent

__all__ = ["ANYWHERE", "GENERAL", "SKY", "begins_elsewhere", "default_place", "implied_place", "places_of"]

ANYWHERE: Final = "street"
"""Where a story plays that implies no place."""
SKY: Final = "sky"
"""Where a story plays in which a cloud or the wind does something."""


def default_place(premise: Premise) -> str:
    """The noun of the place that a prompt implies: by the name of a role, by somebody's work, by where a thing is met."""
    return next(_implied(premise), ANYWHERE)


def _implied(premise: Premise) -> Iterator[str]:
    """Places that a prompt implies, the surest first."""
    named = [entity for entity in premise.entities if not entity.implied or not entity.acts]
    beings = [entity for entity in named if entity.acts]
    yield from (SKY for entity in beings if entity.type == "weather")
    for entity in (*beings, *named):
        words = entity.noun.split()
        for end in range(len(words) - 1, 0, -1):
            if place_facts(place := " ".join(words[:end])) is not None:
                yield place
    for entity in beings:
        if entity.noun not in GENERAL and (job := job_facts(entity.noun)) is not None:
            yield job.workplace
    for entity in beings:
        yield from (job.workplace for word in entity.words if (job := job_facts(word)) is not None)
    for entity in sorted(premise.entities, key=lambda entity: entity.acts):
        if (met := thing_place(entity.noun)) is not None:
            yield met
    for entity in beings:
        if (job := job_facts(entity.noun)) is not None:
            yield job.workplace


GENERAL: Final = frozenset({"child", "boy", "girl", "man", "woman", "kid", "person"})
"""Nouns of people that say little of where they are."""


def places_of(premise: Premise) -> list[PremiseEntity]:
    """Entities that make a place of the film, places proper before others, implied ones last."""
    settings = {identifier for event in premise.events for identifier in event.places if _holds(premise, event, identifier)}
    settings |= {identifier for event in premise.events for identifier in event.instruments if _carries(premise, identifier)}
    settings |= {
        identifier for event in premise.events for identifier in event.goals if premise.entity(identifier).type == "event"
    }
    busy = {identifier for event in premise.events for identifier in event.participants()}
    settings |= {entity.id for entity in premise.entities if entity.id not in busy and _carries(premise, entity.id)}
    settings |= {entity.place for entity in premise.entities if entity.place and entity.acts and not _is_own(premise, entity)}
    listed = [
        entity
        for entity in premise.entities
        if not entity.acts
        and (
            (entity.type == "place" and not _is_only_object(premise, entity))
            or (entity.id in settings and entity.type in {"vehicle", "event", "thing"})
        )
    ]
    return sorted(listed, key=lambda entity: (entity.type != "place" or entity.implied, entity.implied))


def begins_elsewhere(premise: Premise, listed: list[PremiseEntity]) -> bool:
    """Whether somebody only later goes to the places of a prompt: `builds a raft and sails to an island`."""
    places = {entity.id for entity in listed}
    standing = {entity.place for entity in premise.entities}
    shown = [event for event in premise.events if event.modality in ENACTED and not event.negated]
    later = {identifier for event in shown[1:] for identifier in (*event.goals, *event.instruments)}
    others = {identifier for event in shown for identifier in (*event.places, *event.patients, *event.sources, *event.topics)}
    workers = [entity for entity in premise.entities if entity.acts and entity.noun not in GENERAL]
    return bool(workers) and len(shown) > 1 and places <= later - others - standing - set(shown[0].participants())


def implied_place(noun: str) -> dict[str, Participant]:
    """A place that the prompt only implies, by its id."""
    identifier = re.sub(r"[^a-z0-9]+", "_", noun.lower()).strip("_")
    return {f"at_{identifier}": Participant(id=f"at_{identifier}", noun=noun, place=place_facts(noun))}


def _holds(premise: Premise, event: PremiseEvent, identifier: str) -> bool:
    """Whether whoever acts is in something: `lives in a teapot`, but neither `finds a map in a bottle` nor `carries it in her hat`."""
    entity = premise.entity(identifier)
    if entity.type != "thing" or place_facts(entity.noun) is not None:
        return True
    inside = re.search(rf"\b(?:in|inside|aboard|beneath|under)\b.*\b{re.escape(entity.noun)}", event.phrase)
    return inside is not None and not event.patients and entity.owner not in event.agents


def _carries(premise: Premise, identifier: str) -> bool:
    """Whether somebody may go in something that a list describes: `by bus`."""
    entity = premise.entity(identifier)
    return entity.type == "vehicle" and place_facts(entity.noun) is not None


def _is_own(premise: Premise, entity: PremiseEntity) -> bool:
    """Whether the place of somebody is a thing of theirs: `a girl in her best coat`."""
    place = premise.entity(entity.place or "")
    return place.type != "place" and place.owner == entity.id


def _is_only_object(premise: Premise, place: PremiseEntity) -> bool:
    """Whether a place that no list describes is only what something is done to: `saves a kingdom`."""
    if place_facts(place.noun) is not None or any(place.id == entity.place for entity in premise.entities):
        return False
    undergoing = any(place.id in event.patients for event in premise.events)
    return undergoing and not any(place.id in (*event.places, *event.goals, *event.sources) for event in premise.events)
