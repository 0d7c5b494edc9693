"""Facts into characters, locations and props, and back. Pure, no database.

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
"""Attributes with this prefix hold how their entity stands to another."""

IDENTITY: Final = frozenset({"name", "description", "look", "voice", "motion", "light", "sheet", "kind"})
"""Attributes that say who somebody is, and last."""

_VOICE_FIELDS: Final = frozenset(each.name for each in fields(Voice))


def entity_of(record: EntityRecord, facts: Mapping[str, FactValue]) -> Character | Location | Prop:
    """Build an entity from the values of all facts that hold about it, by attribute."""
    state = {attribute: value for attribute, value in sorted(facts.items()) if not attribute.startswith(RELATION)}
    common: dict[str, Any] = {
        "id": record.id,
        "name": str(state.pop("name", None) or record.id.replace("_", " ").capitalize()),
        "description": str(state.pop("description", "")),
    }
    sheet = state.pop("sheet", None)
    common["sheet"] = MappingProxyType(sheet if isinstance(sheet, dict) else {})
    if record.kind == "prop":
        return Prop(**common, state=MappingProxyType(state))
    look = state.pop("look", None)
    common["look"] = MappingProxyType(look if isinstance(look, dict) else {})
    if record.kind == "location":
        light = _vector(state.pop("light", None))
        return Location(**common, light=light, state=MappingProxyType(state))
    voice, motion = _voice(state.pop("voice", None)), _vector(state.pop("motion", None))
    kind = record.character_kind or "human"
    return Character(**common, kind=kind, voice=voice, motion=motion, state=MappingProxyType(state))


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
    """One fact per pair: all that is said of the two together, so that what is said later replaces it."""
    pairs: dict[tuple[str, str], dict[str, FactValue]] = {}
    for one in relations:
        pairs.setdefault((one.subject, one.object), {})[one.relation] = float(one.strength)
    return tuple(
        Fact(entity=subject, attribute=f"{RELATION}{other}", value=words, since=since, evidence=evidence)
        for (subject, other), words in pairs.items()
    )


def relations_of(entity: str, facts: Mapping[str, FactValue]) -> tuple[Relationship, ...]:
    """How `entity` stands to others, from the values of all facts that hold about it."""
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
    """A relation as people say it: `fears, trusts (0.4)`."""
    return ", ".join(word if strength == 1.0 else f"{word} ({strength:g})" for word, strength in relation_words(value).items())


def _voice(value: FactValue) -> Voice:
    """A voice from its stored fields. Fields that a later version added are left out."""
    known: dict[str, Any] = (
        {name: each for name, each in value.items() if name in _VOICE_FIELDS} if isinstance(value, dict) else {}
    )
    return Voice(**known)


def _vector(value: FactValue) -> tuple[float, ...]:
    return tuple(float(each) for each in value if isinstance(each, int | float)) if isinstance(value, list) else ()
