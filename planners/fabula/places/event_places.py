"""Where an event happens that names no place: by what is done, and by words such as `home`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from planners.knowledge.job_facts import job_facts
from planners.knowledge.whereabouts import DeedPlace, PlaceWord, dwelling, is_anywhere, place_of_deed, place_word
from planners.reading.premise import ENACTED, Premise, PremiseEntity, PremiseEvent

__all__ = ["TAME", "deed_of", "dwelling_of", "homes_of", "place_named_by", "shown_events"]

TAME: Final = frozenset({"living room", "park", "house", "stable"})
"""Where animals live that come along with people."""


def shown_events(premise: Premise) -> list[PremiseEvent]:
    """Events that a film shows."""
    return [event for event in premise.events if event.modality in ENACTED and not event.negated]


def deed_of(premise: Premise, event: PremiseEvent) -> DeedPlace | None:
    """Where what is done in an event is done by custom; None if no list says it."""
    named = [premise.entity(identifier) for identifier in event.participants()]
    words = {word for entity in named for word in (entity.noun.lower(), entity.noun.lower().rpartition(" ")[2])}
    words |= set(re.findall(r"[\w'-]+", event.phrase.lower()))
    following = event.phrase.lower().split()[1:2]
    verbs = (f"{event.verb} {event.particle}".strip(), f"{event.verb} {''.join(following)}", event.verb)
    doers = [premise.entity(identifier).noun for identifier in event.agents]
    return place_of_deed(verbs, frozenset(words), (*doers, *(noun.rpartition(" ")[2] for noun in doers)))


def homes_of(entities: Iterable[PremiseEntity]) -> list[str]:
    """Nouns of places where somebody works or lives, of the first first."""
    entities = list(entities)
    works = [job.workplace for entity in entities if not is_anywhere(entity.noun) and (job := job_facts(entity.noun))]
    return works + [place for entity in entities if (place := dwelling_of(entity)) is not None]


def dwelling_of(entity: PremiseEntity) -> str | None:
    """Where an animal or a being of stories lives, by a word for it and its noun (`polar bear`) or by its noun; None if no list says it."""
    names = (*(f"{word} {entity.noun}" for word in entity.words), entity.noun)
    return next((place for name in names if (place := dwelling(name)) is not None), None)


def place_named_by(premise: Premise, event: PremiseEvent, there: Iterable[str]) -> str | None:
    """The noun of the place that an event implies whatever its film's place: one of those `there` if it may be meant, the first before others."""
    somebody = any(premise.entity(identifier).acts for identifier in event.agents)
    implied: PlaceWord | DeedPlace | None = place_word(event.phrase) if somebody else None
    if implied is None and (deed := deed_of(premise, event)) is not None and deed.sure:
        implied = deed
    if implied is None:
        return None
    nearest = next((place for place in there if implied.fits(place)), None)
    if nearest is not None:
        return nearest
    if isinstance(implied, PlaceWord):
        beings = [being for identifier in event.participants() if (being := premise.entity(identifier)).acts]
        dens = {dwelling_of(being) if being.type == "animal" else None for being in beings} - {*TAME}
        wild = next(iter(dens)) if len(dens) == 1 and implied.place == "house" else None
        return wild or implied.place
    return place_of(premise, implied)


def place_of(premise: Premise, deed: DeedPlace) -> str:
    """Where somebody does something: at home or at work if it may be done there, else where it is done by custom."""
    homes = homes_of(entity for entity in premise.entities if not entity.implied)
    return next((home for home in homes if deed.fits(home)), deed.places[0])
