"""What a scene leaves in memory: the records that `MemoryStore.commit` takes. Pure, no database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from memory.canon import CharacterKind, EntityKind, Relationship
from memory.facts import Fact, StoryPosition

__all__ = ["EntityRecord", "EpisodeSummary", "SceneRecord", "SceneSummary", "TakeRecord", "VectorOwner"]


def _nothing() -> Mapping[str, str]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityRecord:
    """An entity that takes part in a scene. What is known about it (name, look, voice…) are facts."""

    id: str
    kind: EntityKind
    character_kind: CharacterKind | None = None
    """How a character is built; None for locations and props."""

    def __post_init__(self) -> None:
        if (self.kind == "character") != (self.character_kind is not None):
            raise ValueError(f"{self.id}: a character has a character kind and nothing else has one, got {self.character_kind!r}")


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeRecord:
    """An accepted take of one shot."""

    shot_id: str
    artifact: str
    """Key of the artifact that holds the take."""
    seed: int = 0
    embeddings: Mapping[str, tuple[float, ...]] = field(default_factory=lambda: MappingProxyType({}))
    """What the take shows of each entity, by entity id."""
    encoder: str = ""
    """Which encoder wrote the embeddings; only vectors of one encoder can be compared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SceneRecord:
    """Everything one finished scene adds to memory, committed as one.

    `key` is the hash of everything the scene was made from: the same key again changes nothing, another key replaces what the
    scene had left before. `relations` restate a pair: all relations of one subject to one object that a scene names replace
    those that held between the two before it.
    """

    position: StoryPosition
    scene_id: str
    key: str
    branch: str = "main"
    title: str = ""
    synopsis: str = ""
    entities: tuple[EntityRecord, ...] = ()
    """Who and what is in the scene. Facts and relations may also name entities that memory knows already."""
    facts: tuple[Fact, ...] = ()
    relations: tuple[Relationship, ...] = ()
    opens: Mapping[str, str] = field(default_factory=_nothing)
    """Threads the scene opens: id and text."""
    closes: tuple[str, ...] = ()
    takes: tuple[TakeRecord, ...] = ()
    text_embedding: tuple[float, ...] = ()
    """The meaning of the synopsis, for search."""
    text_encoder: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SceneSummary:
    """One committed scene."""

    position: StoryPosition
    scene_id: str
    title: str
    synopsis: str
    key: str
    takes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EpisodeSummary:
    """One episode as far as memory has it."""

    number: int
    scenes: tuple[SceneSummary, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class VectorOwner:
    """What a stored vector is of: an entity in a take, or a scene (then `shot_id`, `artifact` and `entity` are empty)."""

    position: StoryPosition
    scene_id: str
    shot_id: str = ""
    artifact: str = ""
    entity: str = ""
