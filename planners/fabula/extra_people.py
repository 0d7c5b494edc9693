"""Add one person of the place where somebody is alone, and leave out those who never come."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from planners.fabula.feelings import angers, not_done
from planners.fabula.places.default_place import default_place
from planners.knowledge.families import family_of
from planners.knowledge.place_facts import place_facts
from planners.reading.people import people
from planners.reading.premise import ENACTED, Premise, PremiseEntity, PremiseEvent

__all__ = ["WITNESS", "with_witness", "without_absent"]

WITNESS: Final = "witness"
"""Id of the entity that `with_witness` adds."""
_ALONE: Final = re.compile(
    r"\b(?:alone|lonely|lonesome|solitary|empty|deserted|abandoned|nobody|no one|desert island|by (?:him|her|it)self)\b",
    re.IGNORECASE,
)
_DEAD: Final = frozenset({"late", "dead", "deceased", "died"})
_SHORTEST_SECONDS: Final = 40.0
"""A shorter film has no time for somebody more."""


def with_witness(premise: Premise, seconds: float) -> Premise:
    """The premise with one person of the place more if only one being does something, or a group does what somebody there would mind.

    Nobody is added to a film without words, a short one, one that is no story, or one whose prompt says that somebody is alone.
    """
    beings = [entity for entity in premise.entities if entity.acts]
    events = [event for event in premise.events if event.modality in ENACTED and not event.negated]
    if len(beings) != 1 or premise.form != "story" or premise.silent or seconds < _SHORTEST_SECONDS:
        return premise
    if not events or _ALONE.search(premise.prompt):
        return premise
    noun = _person_there(premise, beings[0])
    if noun is None or (beings[0].count != 1 and not _guarded(events)):
        return premise
    witness = PremiseEntity(
        id=WITNESS,
        noun=noun,
        type="person",
        acts=True,
        kind="human",
        gender="female" if noun in people().female else "male" if noun in people().male else None,
        age="child" if noun in people().children else "old" if noun in people().old else None,
        implied=True,
    )
    return replace(premise, entities=(*premise.entities, witness))


def without_absent(premise: Premise) -> Premise:
    """The premise in which those who never come and those who are dead are no members of the cast, unless they do something."""
    busy = {agent for event in premise.events if event.modality in ENACTED and not event.negated for agent in event.agents}
    missed = {agent for event in premise.events if event.negated and not_done(event.verb).absent for agent in event.agents} - busy
    entities = [
        replace(entity, acts=False)
        if entity.id in missed or (_DEAD & set(entity.words) and entity.id not in busy and entity.kind == "human")
        else entity
        for entity in premise.entities
    ]
    return replace(premise, entities=tuple(entities))


def _guarded(events: list[PremiseEvent]) -> bool:
    """Whether something happens that would make somebody there angry."""
    return any(angers(family_of(event.verb, event.particle)) for event in events)


def _person_there(premise: Premise, alone: PremiseEntity) -> str | None:
    """Somebody who is in the first known place on a common day and is not the one who is there already; nobody in the sky."""
    if alone.type == "weather":
        return None
    places = [facts for entity in premise.entities if not entity.acts and (facts := place_facts(entity.noun))]
    places = places or [facts for facts in [place_facts(default_place(premise))] if facts is not None]
    people = [noun for facts in places[:1] for noun in facts.people]
    return next((noun for noun in people if noun not in {alone.noun, alone.noun.rpartition(" ")[2]}), None)
