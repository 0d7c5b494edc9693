"""Casting: what every character, location and prop of an episode looks and sounds like.

Who is already in the canon keeps what the canon holds. Who is new, or newly described, is cast from description and seed.
How a newcomer moves, and how a new place is lit, needs the backbone: that is an audition, a task of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from episodic.looks.look import character_look, prop_look
from episodic.looks.places import location_look
from episodic.seeds import derive_seed
from episodic.sound.speech.voices import NARRATOR_VOICE, cast_voice
from memory.model.canon import Canon, Character, CharacterKind, Location, Voice
from memory.model.facts import FactValue
from planners.plan.model import NARRATOR, CastMember, EpisodePlan, Place

__all__ = ["CastCharacter", "CastLocation", "CastProp", "EpisodeCast", "cast_episode", "find_prop"]


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
    """Whether the canon held this character, unchanged, before the episode."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class EpisodeCast:
    """Everybody and everything of one episode, keyed by id."""

    characters: Mapping[str, CastCharacter]
    locations: Mapping[str, CastLocation]
    props: Mapping[str, CastProp]
    narrator: Voice
    story: Mapping[str, FactValue] = field(default_factory=dict)
    """What holds of the series as a whole."""

    @property
    def names(self) -> dict[str, str]:
        """What everybody and everything is called, by id."""
        groups: tuple[Mapping[str, CastCharacter | CastLocation | CastProp], ...] = (self.characters, self.locations, self.props)
        return {one.id: one.name for group in groups for one in group.values()}

    def voice(self, speaker: str) -> Voice:
        """The voice of a character, or of the narrator."""
        return self.narrator if speaker == NARRATOR else self.characters[speaker].voice


def cast_episode(plan: EpisodePlan, canon: Canon, seed: int) -> EpisodeCast:
    """Cast one episode. `canon`: as of the episode's beginning. `seed`: the series'. Deterministic."""
    taken = [NARRATOR_VOICE, *(one.voice for one in canon.characters.values())]
    characters: dict[str, CastCharacter] = {}
    for entity, member in plan.cast.items():
        one = _cast_character(entity, member, canon.characters.get(entity), seed, taken)
        taken.append(one.voice)
        characters[entity] = one
    return EpisodeCast(
        characters=characters,
        locations={one: _cast_location(one, place, canon.locations.get(one), seed) for one, place in plan.locations.items()},
        props={one: _cast_prop(one, plan, canon, seed) for one in plan.props},
        narrator=NARRATOR_VOICE,
        story=dict(canon.story),
    )


def _spoken_name(entity: str) -> str:
    return entity.replace("_", " ").title()


def _cast_character(entity: str, member: CastMember, before: Character | None, seed: int, taken: list[Voice]) -> CastCharacter:
    own_seed = derive_seed(seed, "character", entity)
    name = member.name or (before.name if before else _spoken_name(entity))
    kind = member.kind or (before.kind if before else "human")
    description = member.description or (before.description if before else "")
    same = before is not None and description == before.description and kind == before.kind and bool(before.look)
    if before is not None and same:
        look, motion = before.look, before.motion or None
    else:
        look, motion = character_look(kind=kind, name=name, description=description, seed=own_seed), None
    choice = member.voice
    if before is not None and before.kind == kind and choice.base is None:
        # a touched-up description is no reason for another voice
        voice = replace(before.voice, pitch=choice.pitch or before.voice.pitch, rate=choice.rate or before.voice.rate)
    else:
        others = [one for one in taken if before is None or one != before.voice]
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
        known=same,
    )


def _voice(kind: CharacterKind, description: str, member: CastMember, seed: int, taken: list[Voice]) -> Voice:
    choice = member.voice
    return cast_voice(
        kind=kind, description=description, base=choice.base, pitch=choice.pitch, rate=choice.rate, seed=seed, taken=tuple(taken)
    )


def _cast_location(entity: str, place: Place, before: Location | None, seed: int) -> CastLocation:
    own_seed = derive_seed(seed, "location", entity)
    name = place.name or (before.name if before else _spoken_name(entity))
    description = place.description or (before.description if before else "")
    same = before is not None and description == before.description and bool(before.look)
    look = before.look if before is not None and same else location_look(name=name, description=description, seed=own_seed)
    return CastLocation(
        id=entity,
        name=name,
        description=description,
        look=dict(look),
        light=before.light or None if before is not None and same else None,
        state=dict(before.state) if before else {},
        seed=own_seed,
        known=same,
    )


def find_prop(name: str, props: Mapping[str, CastProp]) -> CastProp | None:
    """The prop that a fact such as `mara.holding = lantern` means: by id or name, however it is written."""
    wanted = name.strip().lower()
    return next(
        (one for one in props.values() if wanted and wanted in (one.id, one.name.lower(), one.id.replace("_", " "))), None
    )


def _cast_prop(entity: str, plan: EpisodePlan, canon: Canon, seed: int) -> CastProp:
    planned, before = plan.props[entity], canon.props.get(entity)
    name = planned.name or (before.name if before else _spoken_name(entity).lower())
    description = planned.description or (before.description if before else "")
    own_seed, state = derive_seed(seed, "prop", entity), dict(before.state) if before else {}
    look = prop_look(name=name, description=description, seed=own_seed)
    return CastProp(id=entity, name=name, description=description, look=look, state=state, seed=own_seed)
