"""Where a story plays by its prompt: places, and what somebody is in or goes by."""

from __future__ import annotations

import re
from typing import Final

from planners.fabula.participant import Participant
from planners.fabula.places.default_place import GENERAL
from planners.fabula.places.event_places import deed_of, shown_events
from planners.knowledge.noun_types import noun_types
from planners.knowledge.place_facts import place_facts
from planners.knowledge.thing_facts import thing_facts
from planners.knowledge.thing_uses import thing_place
from planners.knowledge.whereabouts import is_part_of_place
from planners.reading.premise import Premise, PremiseEntity, PremiseEvent

__all__ = ["begins_elsewhere", "implied_place", "places_of"]

_LONGEST_ID: Final = 36
_MAKING: Final = frozenset({"dig", "draw", "paint", "design", "knit", "invent", "plan"})
"""Verbs whose object is no place to be in yet."""
_FROM_AFAR: Final = frozenset(
    {"look", "gaze", "stare", "point", "bark", "howl", "wave", "shout", "sing", "smile", "wish", "reach", "watch", "see"}
)
"""What is done from afar: `howls at the moon`."""


def places_of(premise: Premise) -> list[PremiseEntity]:
    """Entities that make a place of the film, places proper before others, implied ones last."""
    settings = {identifier for event in premise.events for identifier in event.places if _holds(premise, event, identifier)}
    settings |= {
        identifier
        for event in premise.events
        for identifier in (*event.instruments, *event.sources)
        if _carries(premise, identifier)
    }
    settings |= {
        identifier
        for event in premise.events
        for identifier in (*event.goals, *event.sources)
        if premise.entity(identifier).type == "event" or _is_room(premise.entity(identifier))
    }
    busy = {identifier for event in premise.events for identifier in event.participants()}
    settings |= {entity.id for entity in premise.entities if entity.id not in busy and _carries(premise, entity.id)}
    settings |= {entity.place for entity in premise.entities if entity.place and entity.acts and _lives_in(premise, entity)}
    settings |= {entity.id for entity in premise.entities if entity.type == "vehicle" and _is_driven(premise, entity)}
    listed = [
        entity
        for entity in premise.entities
        if not entity.acts
        and not _is_no_setting(premise, entity)
        and (
            (entity.type == "place" and not _is_only_object(premise, entity))
            or (entity.id in settings and entity.type in {"vehicle", "event", "thing"})
        )
    ]
    return sorted(listed, key=lambda entity: (entity.type != "place" or entity.implied, entity.implied))


def _is_no_setting(premise: Premise, entity: PremiseEntity) -> bool:
    """Whether an entity is no place of a film: a part of one, the moon that somebody sees, an occasion without a place, the library of a `library book`."""
    whole = next((other for other in premise.entities if other.id == entity.place), None)
    if is_part_of_place(entity.noun) or (whole is not None and not place_facts(entity.noun) and place_facts(whole.noun)):
        return True
    if entity.type == "event" and place_facts(entity.noun) is None:
        compounds = {word for word in entity.noun.split()[:-1] if place_facts(word) is not None}
        return thing_place(entity.noun) is None or bool(compounds)
    named = [other for other in premise.entities if other.noun.startswith(f"{entity.noun} ")]
    if entity.implied and named and all(_is_carried(other) for other in named):
        return any(deed is not None and deed.sure for deed in (deed_of(premise, event) for event in shown_events(premise)))
    spoken_of = any(entity.id in event.topics for event in premise.events)
    facts = place_facts(entity.noun)
    tied = any(
        entity.id in (*event.places, *event.goals, *event.sources) for event in premise.events if event.verb not in _FROM_AFAR
    )
    tied = tied or any(entity.id == other.place for other in premise.entities)
    seen = facts is not None and facts.shell == "space" and _takes_part(premise, entity)
    return not tied and (seen or spoken_of)


def _takes_part(premise: Premise, entity: PremiseEntity) -> bool:
    """Whether something is done by an entity or to it."""
    return any(entity.id in (*event.participants(), *event.places) for event in premise.events)


def _is_carried(entity: PremiseEntity) -> bool:
    """Whether a thing goes about with people, so that the place in its name says little: `library book`."""
    thing = thing_facts(entity.noun)
    return entity.type in {"document", "food", "clothing"} or (thing is not None and thing.size in {"finger", "hand", "arm"})


def _is_room(entity: PremiseEntity) -> bool:
    """Whether a thing is large enough to be in: a tent, a lift."""
    thing = thing_facts(entity.noun)
    return entity.type == "thing" and place_facts(entity.noun) is not None and (thing is None or thing.size in {"body", "room"})


def _is_driven(premise: Premise, entity: PremiseEntity) -> bool:
    """Whether somebody is aboard a vehicle: `drives the last tram`."""
    facts = place_facts(entity.noun)
    driven = (deed for event in premise.events if entity.id in event.patients and (deed := deed_of(premise, event)))
    return facts is not None and any(facts in map(place_facts, deed.places) for deed in driven)


def begins_elsewhere(premise: Premise, listed: list[PremiseEntity]) -> bool:
    """Whether somebody only later goes to the places of a prompt: `builds a raft and sails to an island`."""
    places = {entity.id for entity in listed if not entity.implied}
    standing = {entity.place for entity in premise.entities}
    shown = shown_events(premise)
    later = {identifier for event in shown[1:] for identifier in (*event.goals, *event.instruments, *event.patients)}
    others = {identifier for event in shown for identifier in (*event.places, *event.sources, *event.topics)}
    workers = [entity for entity in premise.entities if entity.acts and entity.noun not in GENERAL]
    known = bool(workers) or (bool(shown) and deed_of(premise, shown[0]) is not None)
    return known and len(shown) > 1 and bool(places) and places <= later - others - standing - set(shown[0].participants())


def implied_place(noun: str) -> dict[str, Participant]:
    """A place that the prompt only implies, by its id."""
    identifier = re.sub(r"[^a-z0-9]+", "_", noun.lower()).strip("_")
    identifier = f"at_{identifier}"[:_LONGEST_ID].rstrip("_")
    return {identifier: Participant(id=identifier, noun=noun, place=place_facts(noun))}


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


def _lives_in(premise: Premise, entity: PremiseEntity) -> bool:
    """Whether somebody is in a place and does something there, unlike `a girl in her best coat` and `finds a kitten in the engine`."""
    place = premise.entity(entity.place or "")
    if place.type == "place" or place_facts(place.noun) is not None:
        return place.type == "place" or place.owner != entity.id
    patient = any(entity.id in event.patients for event in premise.events)
    return place.owner != entity.id and (not patient or any(entity.id in event.agents for event in premise.events))


def _is_only_object(premise: Premise, place: PremiseEntity) -> bool:
    """Whether a place is only what something is done to: one that no list describes (`saves a kingdom`) or that is not there yet (`draws a house`)."""
    if any(place.id == entity.place for entity in premise.entities):
        return False
    planned = [event for event in premise.events if place.id in event.patients]
    known = place_facts(place.noun) is not None and "substance" not in noun_types(place.noun)
    if known and not (planned and all(event.verb in _MAKING for event in planned)):
        return False
    undergoing = any(place.id in event.patients for event in premise.events)
    return undergoing and not any(place.id in (*event.places, *event.goals, *event.sources) for event in premise.events)
