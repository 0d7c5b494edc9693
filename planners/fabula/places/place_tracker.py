"""The places of a film, and where each of its events happens."""

from __future__ import annotations

import re
from collections.abc import Mapping

from memory.model.canon import Canon
from planners.fabula.cast_members import thing_participant
from planners.fabula.participant import Participant
from planners.fabula.places.default_place import ANYWHERE, default_place
from planners.fabula.places.event_places import place_named_by, shown_events
from planners.fabula.places.settings import begins_elsewhere, implied_place, places_of
from planners.knowledge.families import family_of
from planners.knowledge.place_facts import place_facts
from planners.knowledge.whereabouts import place_word
from planners.reading.premise import Premise, PremiseEvent

__all__ = ["PlaceTracker"]

_MOTIONS = frozenset({"travel", "enter", "climb", "escape", "leave"})
"""Families of verbs by which somebody gets to a goal."""


class PlaceTracker:
    """Follows a premise from place to place: an event happens where it says, where its deed is done, or where the last one did."""

    def __init__(self, premise: Premise, canon: Canon) -> None:
        self._premise = premise
        self.places = _places(premise, canon)
        self.current = next(iter(self.places))
        for event in shown_events(premise):
            noun = None if self._stated(event) else place_named_by(premise, event, self._nouns())
            if noun is not None and noun not in self._nouns():
                self.places |= implied_place(noun)
        self._moved: dict[str, str] = {}

    def place_of(self, event: PremiseEvent) -> str:
        """Where an event happens; it becomes the current place."""
        stated, goals = self._stated(event), self._goals(event)
        implied = None if stated else self._implied(event)
        candidates = (*stated, *([implied] if implied else ()), *self._standing(event), *self._near(event))
        self.current = next((identifier for identifier in candidates if identifier in self.places), self.current)
        moves = self._moves(event)
        for identifier in (*event.agents, *event.patients, *event.companions):
            if goals:
                self._moved[identifier] = goals[-1]
            elif moves and identifier in event.agents:
                self._moved[identifier] = self.current
        return self.current

    def _nouns(self) -> list[str]:
        """Nouns of the places, the current one first."""
        return [place.noun for identifier, place in sorted(self.places.items(), key=lambda item: item[0] != self.current)]

    def _stated(self, event: PremiseEvent) -> tuple[str, ...]:
        """Places that an event names: where it happens, or where somebody gets to by it."""
        parts = [place for identifier in event.places for place in self._wholes(identifier)]
        way = self._goals(event) if self._moves(event) else event.sources
        named = (*event.places, *parts, *way)
        return tuple(identifier for identifier in named if identifier in self.places)

    def _moves(self, event: PremiseEvent) -> bool:
        """Whether somebody gets to another place by an event."""
        return place_word(event.phrase) is not None or family_of(event.verb, event.particle) in _MOTIONS

    def _wholes(self, identifier: str) -> list[str]:
        """Places of which something is a part: the tomb of its corner, the school of a `school gate`."""
        entity = self._premise.entity(identifier)
        named = [place.id for place in self.places.values() if entity.noun.startswith(f"{place.noun} ")]
        return [*([entity.place] if entity.place else []), *named]

    def _goals(self, event: PremiseEvent) -> list[str]:
        """Places to which an event leads: goals, and what somebody explores or climbs."""
        ways = event.patients if self._moves(event) else ()
        return [identifier for identifier in (*ways, *event.goals) if identifier in self.places]

    def _implied(self, event: PremiseEvent) -> str | None:
        """The place that the deed or a word of an event implies."""
        noun = place_named_by(self._premise, event, self._nouns())
        nouns: Mapping[str, str] = {place.noun: identifier for identifier, place in reversed(self.places.items())}
        return nouns.get(noun or "")

    def _standing(self, event: PremiseEvent) -> list[str]:
        """Where whoever acts is: where they went, where the prompt says that they are, or where they work."""
        standing = []
        for identifier in event.agents:
            moved = self._moved.get(identifier)
            standing += [*([moved] if moved else []), *self._wholes(identifier)]
        return standing

    def _near(self, event: PremiseEvent) -> list[str]:
        """Places by what else takes part in an event, the surest first."""
        others = (*event.patients, *event.topics, *event.recipients, *event.goals)
        near = [place for identifier in others if (place := self._premise.entity(identifier).place)]
        named = [
            identifier for identifier, place in self.places.items() if re.search(rf"\b{re.escape(place.noun)}\b", event.phrase)
        ]
        return [*event.goals, *event.instruments, *event.patients, *near, *event.topics, *named]


def _places(premise: Premise, canon: Canon) -> dict[str, Participant]:
    """Places of the prompt; without any, the last one of the series, else the one that the prompt implies."""
    listed = places_of(premise)
    implied = default_place(premise)
    if listed:
        places = {entity.id: thing_participant(entity) for entity in listed}
        known = [place.place for place in places.values() if place.place is not None]
        elsewhere = implied != ANYWHERE and place_facts(implied) not in known and begins_elsewhere(premise, listed)
        return implied_place(implied) | places if elsewhere else places
    if canon.locations:
        last = list(canon.locations.values())[-1]
        noun = re.sub(r"^(?:the|an?) ", "", last.name.lower())
        return {last.id: Participant(id=last.id, noun=noun, place=place_facts(noun))}
    return implied_place(implied)
