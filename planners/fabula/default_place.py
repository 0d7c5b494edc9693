"""Where a story plays whose prompt names no place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from planners.knowledge.job_facts import job_facts
from planners.knowledge.place_facts import place_facts
from planners.knowledge.thing_uses import thing_place
from planners.reading.premise import Premise

__all__ = ["ANYWHERE", "GENERAL", "SKY", "default_place"]

ANYWHERE: Final = "street"
"""Where a story plays that implies no place."""
SKY: Final = "sky"
"""Where a story plays in which a cloud or the wind does something."""


def default_place(premise: Premise) -> str:
    """The noun of the place that a prompt implies: by the name of a role, by somebody's work, by where a thing is met."""
    return next(_implied(premise), ANYWHERE)


def _implied(premise: Premise) -> Iterator[str]:
    """Places that a prompt implies, the surest first."""
    beings = [entity for entity in premise.entities if entity.acts]
    yield from (SKY for entity in beings if entity.type == "weather")
    for entity in (*beings, *premise.entities):
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
