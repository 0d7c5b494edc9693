"""Where a story plays whose prompt names no place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from planners.fabula.places.event_places import TAME, deed_of, dwelling_of, place_of, shown_events
from planners.knowledge.job_facts import job_facts
from planners.knowledge.place_facts import place_facts
from planners.knowledge.thing_uses import thing_place
from planners.knowledge.whereabouts import is_anywhere, place_word
from planners.reading.premise import Premise, PremiseEntity

__all__ = ["ANYWHERE", "GENERAL", "SKY", "default_place"]

ANYWHERE: Final = "street"
"""Where a story plays that implies no place."""
SKY: Final = "sky"
"""Where a story plays in which a cloud or the wind does something."""
_CHILDREN: Final = "playground"
"""Where children are who are alone."""
_LIVING: Final = frozenset({"animal", "spirit"})
_LEAD_IN: Final = re.compile(
    r"^\W*(?:an? )?([\w -]+?) (?:comedy|drama|thriller|story|tale|romance|mystery|musical|horror)\b", re.IGNORECASE
)
"""A kind of story by its place: `Office comedy`."""


def default_place(premise: Premise) -> str:
    """The noun of the place that a prompt implies: by the name of a role, by what is done, by somebody's work, by where a thing is met."""
    return next(_implied(premise), ANYWHERE)


def _implied(premise: Premise) -> Iterator[str]:
    """Places that a prompt implies, the surest first."""
    beings = [entity for entity in premise.entities if entity.acts and not entity.implied]
    if beings and all(entity.type == "weather" for entity in beings):
        yield SKY
    deeds = [deed_of(premise, event) for event in shown_events(premise)]
    busy = {identifier for event in shown_events(premise) for identifier in (*event.participants(), *event.places)}
    if (kind := _LEAD_IN.match(premise.prompt)) is not None and place_facts(kind[1].lower()) is not None:
        yield kind[1].lower()
    yield from _named_in(beings)
    yield from (place_of(premise, deed) for deed in deeds[:1] if deed is not None and deed.sure)
    yield from _occasions(premise)
    workers = [entity for entity in beings if not is_anywhere(entity.noun)]
    yield from _works(entity.noun for entity in workers)
    yield from _works(word for entity in beings for word in entity.words)
    yield from (place_of(premise, deed) for deed in deeds if deed is not None and deed.sure)
    yield from (place_of(premise, deed) for deed in deeds if deed is not None)
    living = sorted(premise.entities, key=lambda entity: (not entity.acts, entity.id not in busy))
    modifiers = [word for entity in beings for word in entity.noun.split()[:-1]]
    yield from (place for word in modifiers if (place := thing_place(word, by_class=False)) is not None)
    yield from (entity.noun for entity in premise.entities if entity.type == "group" and place_facts(entity.noun))
    homes = [place for entity in living if entity.type in _LIVING and (place := dwelling_of(entity)) is not None]
    yield from (place for place in homes if place not in TAME)
    others = [entity for entity in premise.entities if entity.type not in {"person", "group"}]
    others.sort(key=lambda entity: (entity.acts, entity.id not in busy))
    yield from _named_in(others)
    yield from (place for entity in others if (place := thing_place(entity.noun, by_class=False)) is not None)
    yield from homes
    yield from (word.place for word in [place_word(premise.prompt)] if word is not None)
    yield from (place for entity in others if (place := thing_place(entity.noun)) is not None)
    yield from sorted(_works(entity.noun for entity in beings), key=_CHILDREN.__eq__)


def _named_in(entities: Iterable[PremiseEntity]) -> Iterator[str]:
    """Places that compounds begin with: the lighthouse of a `lighthouse keeper`."""
    for entity in entities:
        words = entity.noun.split()
        for end in range(len(words) - 1, 0, -1):
            if place_facts(place := " ".join(words[:end])) is not None:
                yield place


def _occasions(premise: Premise) -> Iterator[str]:
    """Where the occasions of a prompt take place: one at which the story begins, and others that are no everyday ones, like a fair."""
    at = {identifier for event in shown_events(premise)[:1] for identifier in event.places}
    for entity in premise.entities:
        place = thing_place(entity.noun, by_class=entity.type == "event") or ""
        facts = place_facts(place)
        everyday = facts is None or facts.shell in {"room", "shop"}
        if facts is not None and (entity.id in at or (entity.type == "event" and not everyday)):
            yield place


def _works(nouns: Iterable[str]) -> Iterator[str]:
    """Workplaces of jobs."""
    return (job.workplace for noun in nouns if (job := job_facts(noun)) is not None)


GENERAL: Final = frozenset({"child", "boy", "girl", "man", "woman", "kid", "person"})
"""Nouns of people that say little of where they are."""
