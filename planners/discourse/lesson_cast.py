"""Cast a lesson: who teaches and who learns, from the prompt's cast or from the topic, and where."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final

from planners.fabula.cast_members import Member, cast_members
from planners.fabula.continuation import Continuation
from planners.fabula.lesson import LessonContent, analogy_place, audience_level, requested_analogy
from planners.fabula.topic_choice import plain_forms
from planners.knowledge.lesson_words import lesson_words
from planners.knowledge.place_facts import place_facts
from planners.knowledge.whereabouts import is_part_of_place
from planners.reading.mentions import read_gender
from planners.reading.premise import Age, Premise, PremiseEntity

__all__ = ["LessonCast", "added_person", "cast_beings", "cast_lesson", "place_description", "stated_place"]

MOST_LEARNERS: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class LessonCast:
    """Teacher, learners and place of a lesson."""

    teacher: Member
    learners: tuple[Member, ...]
    place: str
    """Noun of the place."""
    as_analogy: bool
    """Whether the lesson is told as the topic's analogy: its place, and its two roles unless the prompt has a cast."""

    @property
    def learner(self) -> Member:
        """Who asks and answers."""
        return self.learners[0]

    @property
    def members(self) -> tuple[Member, ...]:
        """Everybody."""
        return (self.teacher, *self.learners)


def added_person(identifier: str, noun: str, age: Age | None = None) -> PremiseEntity:
    """Somebody whom the prompt does not name."""
    return PremiseEntity(
        id=identifier,
        noun=noun,
        type="person",
        acts=True,
        kind="human",
        age=age,
        gender=read_gender(noun, None, []) or ("male" if noun.endswith("man") else None),
    )


def _beings(premise: Premise, topic_names: frozenset[str]) -> list[PremiseEntity]:
    """Entities that can teach or learn: beings other than the topic itself, and whatever the prompt lets teach."""
    teaching = {identifier for event in premise.events if event.verb in lesson_words().teach_verbs for identifier in event.agents}
    beings = []
    for entity in premise.entities:
        is_narrator = _is_narrator(premise, entity)
        is_topic = bool(plain_forms(entity.noun.rpartition(" ")[2]) & topic_names) and not is_narrator
        is_being = entity.acts and entity.type in {"person", "animal", "robot", "spirit", "group"}
        if not is_topic and (is_being or is_narrator or entity.id in teaching):
            if entity.type == "group":
                entity = replace(entity, noun="pupil", type="person")
            beings.append(replace(entity, acts=True, kind=entity.kind or "thing"))
    return beings


def _teaches(premise: Premise, entity: PremiseEntity) -> bool:
    """Whether the prompt says that somebody teaches."""
    return any(
        event.verb in lesson_words().teach_verbs and entity.id in event.agents for event in premise.events
    ) or _is_narrator(premise, entity)


def _is_narrator(premise: Premise, entity: PremiseEntity) -> bool:
    """Whether the lesson is told by somebody or something: `photosynthesis, explained by a leaf`, `with a leaf called Fern as the hero`."""
    if entity.acts and entity.name is not None and entity.kind == "thing":
        return True
    pattern = rf"\b(?:told|explained|taught|narrated|shown) by (?:an?|the|my|his|her) (?:[\w-]+ )?{re.escape(entity.noun)}\b"
    return re.search(pattern, premise.prompt, re.IGNORECASE) is not None


def _learns(premise: Premise, entity: PremiseEntity) -> bool:
    """Whether somebody is taught, learns or is a child by the prompt."""
    words = lesson_words()
    is_taught = any(
        (event.verb in words.teach_verbs and entity.id in (*event.recipients, *event.patients, *event.companions))
        or (event.verb in words.learn_verbs and entity.id in event.agents)
        for event in premise.events
    )
    return is_taught or entity.age == "child" or entity.noun in words.learners


def _default_learner(premise: Premise) -> PremiseEntity:
    """A learner of the audience's age."""
    if audience_level(premise) == "adult":
        return added_person("the_learner", "student", "young")
    return added_person("the_learner", "child", "child")


def stated_place(premise: Premise, names: frozenset[str]) -> PremiseEntity | None:
    """The place of the prompt, unless it is the topic itself or the analogy's."""
    analogy = (requested_analogy(premise) or "").lower()
    for entity in premise.entities:
        known = entity.type == "place" and place_facts(entity.noun) is not None and not is_part_of_place(entity.noun)
        if known and not entity.acts and entity.noun not in analogy and not plain_forms(entity.noun) & names:
            return entity
    return None


def place_description(noun: str) -> str:
    """How a place looks."""
    facts = place_facts(noun)
    return facts.description if facts else noun


def cast_beings(premise: Premise, beings: list[PremiseEntity], seed: int) -> list[tuple[Member, ...]]:
    """Members of the cast of each entity in order."""
    cast = cast_members(Continuation(premise=replace(premise, entities=tuple(beings))), seed)
    return [cast[entity.id] for entity in beings]


def cast_lesson(premise: Premise, content: LessonContent, seed: int) -> LessonCast:
    """Who teaches whom, and where. Deterministic in its arguments."""
    beings = _beings(premise, content.names)
    teacher = next((entity for entity in beings if _teaches(premise, entity)), None) or next(
        (entity for entity in beings if not _learns(premise, entity)), None
    )
    learner = next((entity for entity in beings if entity is not teacher and _learns(premise, entity)), None) or next(
        (entity for entity in beings if entity is not teacher), None
    )
    analogy_noun = analogy_place(premise)
    analogy = content.analogy
    as_analogy = analogy_noun is not None and analogy is not None and place_facts(analogy_noun) == place_facts(analogy.place)
    if analogy_noun is not None and as_analogy and analogy is not None:
        place = analogy_noun
        teacher_noun, learner_default = analogy.roles[0], added_person("the_learner", analogy.roles[1])
    else:
        stated = stated_place(premise, content.names)
        place = analogy_noun or (stated.noun if stated else content.place)
        facts = place_facts(analogy_noun) if analogy_noun else None
        teacher_noun, learner_default = facts.people[0] if facts else content.teacher, _default_learner(premise)
    teacher = replace(teacher, count=1) if teacher else added_person("the_teacher", teacher_noun)
    learner = replace(learner, count=min(learner.count or MOST_LEARNERS, MOST_LEARNERS)) if learner else learner_default
    teachers, learners = cast_beings(premise, [teacher, learner], seed)
    return LessonCast(teacher=teachers[0], learners=learners, place=place, as_analogy=as_analogy)
