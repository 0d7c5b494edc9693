"""The cast of an episode: what every character, location and prop looks and sounds like.

An entity that the canon knows keeps what the canon holds. A new or newly described one is cast from its description and a seed.
Only the backbone can say how a new character moves and how a new place is lit: that is an audition, a step of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from episodic.looks.look import character_look, prop_look
from episodic.looks.places import location_look
from episodic.seeds import derive_seed
from episodic.sound.speech.voices import NARRATOR_VOICE, cast_voice
from memory.model.canon import Canon, Character, CharacterKind, Location, Voice
from memory.model.facts import FactValue
from planners.plan.model import NARRATOR, CastMember, EpisodePlan, Place

__all__ = ["CastCharacter", "CastLocation", "CastProp", "EpisodeCast", "cast_episode", "find_prop", "held_prop"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CastCharacter:
    """One character as this episode finds it."""

    id: str
    name: str
    kind: CharacterKind
    description: str
    look: Mapping[str, FactValue]
    voice: Voice
    motion: tuple[float, ...] | None
    """None: to be auditioned."""
    state: Mapping[str, FactValue]
    seed: int
    known: bool
    """Whether the canon had this character, unchanged, before the episode."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CastLocation:
    """One location as this episode finds it."""

    id: str
    name: str
    description: str
    look: Mapping[str, FactValue]
    light: tuple[float, ...] | None
    state: Mapping[str, FactValue]
    seed: int
    known: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CastProp:
    """One prop as this episode finds it."""

    id: str
    name: str
    description: str
    look: Mapping[str, FactValue]
    state: Mapping[str, FactValue]
    seed: int


CastEntity = CastCharacter | CastLocation | CastProp


@dataclass(frozen=True, slots=True, kw_only=True)
class EpisodeCast:
    """The characters, locations and props of one episode, keyed by id."""

    characters: Mapping[str, CastCharacter]
    locations: Mapping[str, CastLocation]
    props: Mapping[str, CastProp]
    narrator: Voice
    story: Mapping[str, FactValue] = field(default_factory=dict)
    """State of the series as a whole."""

    @property
    def members(self) -> tuple[CastEntity, ...]:
        """Characters, then locations, then props."""
        return (*self.characters.values(), *self.locations.values(), *self.props.values())

    @property
    def names(self) -> dict[str, str]:
        """The name of every character, location and prop, by id."""
        return {member.id: member.name for member in self.members}

    def member(self, entity: str) -> CastEntity | None:
        """The location, character or prop with that id; None where the episode has none."""
        return self.locations.get(entity) or self.characters.get(entity) or self.props.get(entity)

    def voice(self, speaker: str) -> Voice:
        """The voice of a character, or of the narrator."""
        return self.narrator if speaker == NARRATOR else self.characters[speaker].voice


def cast_episode(plan: EpisodePlan, canon: Canon, seed: int) -> EpisodeCast:
    """Cast one episode. `canon`: as of the episode's beginning. `seed`: the series'. Deterministic."""
    voices = [NARRATOR_VOICE, *(character.voice for character in canon.characters.values())]
    characters: dict[str, CastCharacter] = {}
    for entity, member in plan.cast.items():
        characters[entity] = _cast_character(entity, member, canon.characters.get(entity), seed, voices)
        voices.append(characters[entity].voice)
    return EpisodeCast(
        characters=characters,
        locations={
            entity: _cast_location(entity, place, canon.locations.get(entity), seed) for entity, place in plan.locations.items()
        },
        props={entity: _cast_prop(entity, plan, canon, seed) for entity in plan.props},
        narrator=NARRATOR_VOICE,
        story=dict(canon.story),
    )


def _spoken_name(entity: str) -> str:
    """The name of an entity that the plan gives only an id."""
    return entity.replace("_", " ").title()


def _cast_character(
    entity: str, member: CastMember, before: Character | None, seed: int, voices: Sequence[Voice]
) -> CastCharacter:
    """`voices`: those that other characters have, from which a new one should differ."""
    own_seed = derive_seed(seed, "character", entity)
    name = member.name or (before.name if before else _spoken_name(entity))
    kind = member.kind or (before.kind if before else "human")
    description = member.description or (before.description if before else "")
    known = before is not None and description == before.description and kind == before.kind and bool(before.look)
    if before is not None and known:
        look, motion = before.look, before.motion or None
    else:
        look, motion = character_look(kind=kind, name=name, description=description, seed=own_seed), None
    choice = member.voice
    if before is not None and before.kind == kind and choice.base is None:
        # a touched-up description is no reason for another voice
        voice = replace(before.voice, pitch=choice.pitch or before.voice.pitch, rate=choice.rate or before.voice.rate)
    else:
        others = [voice for voice in voices if before is None or voice != before.voice]
        voice = _voice(kind, f"{name}, {description}", member, own_seed, others)
    return CastCharacter(
        id=entity,
        name=name,
        kind=kind,
        description=description,
        look=dict(look),
        voice=voice,
        motion=motion,
        state=dict(before.state) if before else {},
        seed=own_seed,
        known=known,
    )


def _voice(kind: CharacterKind, description: str, member: CastMember, seed: int, others: Sequence[Voice]) -> Voice:
    """A new voice as the plan wants it, unlike `others`."""
    choice = member.voice
    return cast_voice(
        kind=kind, description=description, base=choice.base, pitch=choice.pitch, rate=choice.rate, seed=seed, taken=tuple(others)
    )


def _cast_location(entity: str, place: Place, before: Location | None, seed: int) -> CastLocation:
    own_seed = derive_seed(seed, "location", entity)
    name = place.name or (before.name if before else _spoken_name(entity))
    description = place.description or (before.description if before else "")
    known = before is not None and description == before.description and bool(before.look)
    look = before.look if before is not None and known else location_look(name=name, description=description, seed=own_seed)
    return CastLocation(
        id=entity,
        name=name,
        description=description,
        look=dict(look),
        light=before.light or None if before is not None and known else None,
        state=dict(before.state) if before else {},
        seed=own_seed,
        known=known,
    )


def find_prop(name: str, props: Mapping[str, CastProp]) -> CastProp | None:
    """The prop that a fact such as `mara.holding = lantern` means, by id or name; None where there is none of that name."""
    spelled = name.strip().lower()
    if not spelled:
        return None
    return next((prop for prop in props.values() if spelled in (prop.id, prop.name.lower(), prop.id.replace("_", " "))), None)


def held_prop(entity: str, state: Mapping[str, Mapping[str, FactValue]], cast: EpisodeCast) -> CastProp | None:
    """The prop of the cast that a character holds in a scene's state."""
    return find_prop(str(state.get(entity, {}).get("holding", "")), cast.props)


def _cast_prop(entity: str, plan: EpisodePlan, canon: Canon, seed: int) -> CastProp:
    planned, before = plan.props[entity], canon.props.get(entity)
    name = planned.name or (before.name if before else _spoken_name(entity).lower())
    description = planned.description or (before.description if before else "")
    own_seed, state = derive_seed(seed, "prop", entity), dict(before.state) if before else {}
    look = prop_look(name=name, description=description, seed=own_seed)
    return CastProp(id=entity, name=name, description=description, look=look, state=state, seed=own_seed)
