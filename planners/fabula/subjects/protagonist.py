"""Who is seen in a film whose prompt names no being, or only who and what there is: the subject itself, or who uses it."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from planners.errors import BY_HAND, PromptError
from planners.fabula.explainer_content import is_account
from planners.fabula.places.default_place import default_place
from planners.knowledge.noun_types import INVISIBLE, PORTABLE
from planners.knowledge.place_facts import place_facts
from planners.knowledge.thing_uses import thing_place, thing_use
from planners.reading.english import plural, third_person
from planners.reading.people import people
from planners.reading.premise import ENACTED, Premise, PremiseEntity, PremiseEvent
from planners.reading.verb_tables import verb_tables

__all__ = ["with_meeting", "with_subject"]

_NEVER: Final = re.compile(r"\bnever\b", re.IGNORECASE)


def with_subject(premise: Premise) -> Premise:
    """The premise with somebody who acts if it has nobody: things that do something, else who uses or sees what it is about.

    Raises PromptError if it names only what no picture shows.
    """
    if any(entity.acts for entity in premise.entities):
        return premise
    deeds = [event for event in premise.events if event.modality in ENACTED and event.explicit and not event.negated]
    deeds = [event for event in deeds if event.verb not in verb_tables().stative]
    doers = {agent for event in deeds for agent in event.agents} if premise.form != "advert" else set()
    acting = {entity.id for entity in premise.entities if entity.id in doers and entity.type in PORTABLE}
    if acting:
        entities = tuple(
            replace(entity, acts=True, kind="thing") if entity.id in acting else entity for entity in premise.entities
        )
        return replace(premise, entities=entities)
    shown = [entity for entity in premise.entities if entity.type not in INVISIBLE]
    if not premise.events and (is_account(premise) or (premise.entities and not shown)):
        raise _nothing_to_show(premise)
    return replace(premise, entities=(*premise.entities, _somebody(premise)))


def _nothing_to_show(premise: Premise) -> PromptError:
    """The error for a prompt that names only what no picture shows."""
    what = ", ".join(f"“{entity.noun}”" for entity in premise.entities if entity.type != "quantity") or f"“{premise.prompt[:80]}”"
    if is_account(premise):
        return PromptError(
            f"nothing is known on {what} that could be told as facts. Give a text to teach from (--source FILE.md), "
            f"or say who does what, for instance “Three chairs quarrel over who is the oldest.”\n{BY_HAND}"
        )
    return PromptError(
        f"the prompt names {what}, but nobody and nothing that a picture could show, and nothing happens in it. "
        f"Say who does what, for instance “A widow plans her revenge on a parking meter.”\n{BY_HAND}"
    )


def _somebody(premise: Premise) -> PremiseEntity:
    """Who makes, uses or looks at what a prompt is about: whoever works or lives in its place."""
    food = any(entity.type == "food" for entity in premise.entities)
    noun = {"process": "cook" if food else "worker", "lesson": "teacher"}.get(premise.form) or _person_there(premise)
    return PremiseEntity(id="somebody", noun=noun, type="person", acts=True, kind="human", age="adult")


def _person_there(premise: Premise) -> str:
    """A grown-up of the place of a prompt, or of the place where its thing is met; `person` if no list knows one."""
    places = [entity.noun for entity in premise.entities if entity.type == "place"]
    met = [place for entity in premise.entities if (place := thing_place(entity.noun)) is not None]
    for noun in (*places, *met, default_place(premise)):
        if (facts := place_facts(noun)) is not None:
            grown = [person for person in facts.people if person not in {*people().children, "child", "teenager"}]
            return grown[0] if grown else "person"
    return "person"


def _the(entity: PremiseEntity) -> str:
    """A thing with `the`."""
    return f"the {plural(entity.noun) if entity.count != 1 else entity.noun}"


def with_meeting(premise: Premise) -> Premise:
    """The premise with what the one does with the other where a prompt only names somebody and something: `A father. An onion.`

    What somebody has never done happens then. A musical that tells nothing is sung.
    """
    happens = [event for event in premise.events if event.modality in ENACTED and not event.negated]
    beings = [entity for entity in premise.entities if entity.acts]
    if happens or not beings or premise.form not in {"story", "vignette", "trailer"} or len(beings) > 1:
        return premise
    things = [entity for entity in premise.entities if not entity.acts and entity.type in PORTABLE and thing_use(entity.noun)]
    never = [event for event in premise.events if event.negated and event.modality == "done" and _NEVER.search(premise.prompt)]
    sung = premise.genre == "musical" and bool(things)
    if not never and not sung and (premise.form == "vignette" or not things):
        return premise
    agents = (beings[0].id,)
    events = [_use(entity, agents) for entity in things[:2]]
    if sung:
        about = f"sings about {_the(things[0])}"
        events.append(PremiseEvent(verb="sing", phrase=about, agents=agents, topics=(things[0].id,), explicit=False))
    events += [replace(event, negated=False, explicit=False, phrase=event.phrase) for event in never]
    return replace(premise, events=tuple(events))


def _use(entity: PremiseEntity, agents: tuple[str, ...]) -> PremiseEvent:
    """What somebody does with a thing."""
    verb, _, rest = (thing_use(entity.noun) or "look at {}").partition(" ")
    phrase = f"{third_person(verb)} {rest.replace('{}', _the(entity))}"
    return PremiseEvent(verb=verb, phrase=phrase, agents=agents, patients=(entity.id,), explicit=False)
