"""Conversion of facts to characters, locations and props, and back. Pure: no database.

Everything about an entity but its kind is a fact. The attributes `name`, `description`, `look`, `voice`, `motion`, `light` and
`sheet` fill the fields of the same name; all others are its state. A relation is a fact of its subject, `relation:OBJECT = {word: strength}`
(the first version kept a list of words).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields
from types import MappingProxyType
from typing import Any, Final

from memory.model.canon import Character, Location, Prop, Relationship, Voice
from memory.model.facts import Evidence, Fact, FactValue, StoryPosition
from memory.model.records import EntityRecord

__all__ = [
    "IDENTITY",
    "RELATION",
    "entity_facts",
    "entity_of",
    "relation_facts",
    "relation_words",
    "relations_of",
    "spoken_relation",
]

RELATION: Final = "relation:"
"""The prefix of attributes that hold a relation to another entity."""

IDENTITY: Final = frozenset({"name", "description", "look", "voice", "motion", "light", "sheet", "kind"})
"""Attributes that make up the identity of an entity. They do not change."""

_VOICE_FIELDS: Final = frozenset(field.name for field in fields(Voice))


def entity_of(record: EntityRecord, facts: Mapping[str, FactValue]) -> Character | Location | Prop:
    """Build an entity from the values of all facts that hold about it, by attribute."""
    state = {attribute: value for attribute, value in sorted(facts.items()) if not attribute.startswith(RELATION)}
    name = str(state.pop("name", None) or record.id.replace("_", " ").capitalize())
    description = str(state.pop("description", ""))
    sheet = _object(state.pop("sheet", None))
    if record.kind == "prop":
        return Prop(id=record.id, name=name, description=description, sheet=sheet, state=MappingProxyType(state))
    look = _object(state.pop("look", None))
    if record.kind == "location":
        light = _numbers(state.pop("light", None))
        return Location(
            id=record.id,
            name=name,
            description=description,
            look=look,
            light=light,
            sheet=sheet,
            state=MappingProxyType(state),
        )
    voice, motion = _voice(state.pop("voice", None)), _numbers(state.pop("motion", None))
    return Character(
        id=record.id,
        name=name,
        kind=record.character_kind or "human",
        description=description,
        look=look,
        voice=voice,
        motion=motion,
        sheet=sheet,
        state=MappingProxyType(state),
    )


def entity_facts(
    entity: Character | Location | Prop, since: StoryPosition, evidence: Evidence = "planned"
) -> tuple[EntityRecord, tuple[Fact, ...]]:
    """The record and the facts from which `entity_of` builds `entity` again."""
    values: dict[str, FactValue] = {"name": entity.name}
    if entity.description:
        values["description"] = entity.description
    if isinstance(entity, Character):
        record = EntityRecord(id=entity.id, kind="character", character_kind=entity.kind)
        values |= {"look": dict(entity.look), "voice": asdict(entity.voice)}
        if entity.motion:
            values["motion"] = list(entity.motion)
    elif isinstance(entity, Location):
        record = EntityRecord(id=entity.id, kind="location")
        values["look"] = dict(entity.look)
        if entity.light:
            values["light"] = list(entity.light)
    else:
        record = EntityRecord(id=entity.id, kind="prop")
    if entity.sheet:
        values["sheet"] = dict(entity.sheet)
    values |= entity.state
    facts = (
        Fact(entity=entity.id, attribute=name, value=value, since=since, evidence=evidence) for name, value in values.items()
    )
    return record, tuple(facts)


def relation_facts(relations: Iterable[Relationship], since: StoryPosition, evidence: Evidence = "planned") -> tuple[Fact, ...]:
    """One fact for each pair of entities, with all relations between the two: a later fact replaces all of them."""
    pairs: dict[tuple[str, str], dict[str, FactValue]] = {}
    for relation in relations:
        pairs.setdefault((relation.subject, relation.object), {})[relation.relation] = float(relation.strength)
    return tuple(
        Fact(entity=subject, attribute=f"{RELATION}{other}", value=words, since=since, evidence=evidence)
        for (subject, other), words in pairs.items()
    )


def relations_of(entity: str, facts: Mapping[str, FactValue]) -> tuple[Relationship, ...]:
    """The relations of `entity`, from the values of all facts that hold about it."""
    return tuple(
        Relationship(subject=entity, relation=word, object=attribute.removeprefix(RELATION), strength=strength)
        for attribute, words in sorted(facts.items())
        if attribute.startswith(RELATION)
        for word, strength in relation_words(words).items()
    )


def relation_words(value: FactValue) -> dict[str, float]:
    """The words of a relation, each with its strength."""
    if isinstance(value, list):
        return {str(word): 1.0 for word in value}
    words = value if isinstance(value, dict) else {}
    return {word: float(strength) for word, strength in words.items() if isinstance(strength, int | float)}


def spoken_relation(value: FactValue) -> str:
    """A relation in words: `fears, trusts (0.4)`."""
    return ", ".join(word if strength == 1.0 else f"{word} ({strength:g})" for word, strength in relation_words(value).items())


def _voice(value: FactValue) -> Voice:
    """A voice from its stored fields. Fields that a later version added are left out."""
    stored: Any = value if isinstance(value, dict) else {}
    return Voice(**{name: setting for name, setting in stored.items() if name in _VOICE_FIELDS})


def _object(value: FactValue) -> Mapping[str, FactValue]:
    """A JSON object, read-only; empty for any other value."""
    return MappingProxyType(value if isinstance(value, dict) else {})


def _numbers(value: FactValue) -> tuple[float, ...]:
    """A stored vector; empty for any other value."""
    return tuple(float(number) for number in value if isinstance(number, int | float)) if isinstance(value, list) else ()
