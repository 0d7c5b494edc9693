"""Records of what a scene adds to memory (`MemoryStore.commit` takes them), and results of queries and changes. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from memory.model.canon import CharacterKind, EntityKind, Relationship
from memory.model.facts import Evidence, Fact, FactValue, StoryPosition

__all__ = [
    "BranchSummary",
    "Committed",
    "Conflict",
    "Difference",
    "EmbeddingKind",
    "EmbeddingRecord",
    "EntityRecord",
    "EpisodeSummary",
    "KeyFrame",
    "Merged",
    "Origin",
    "SceneRecord",
    "SceneSummary",
    "Sighting",
    "TakeRecord",
    "VectorOwner",
]

EmbeddingKind = Literal["look", "motion", "voice", "light", "text"]
"""The subject of a vector: an entity's looks, movement or voice, a location's light, or the meaning of a scene's text."""


def _no_threads() -> Mapping[str, str]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityRecord:
    """An entity in a scene. Everything known about it (name, look, voice…) is a fact."""

    id: str
    kind: EntityKind
    character_kind: CharacterKind | None = None
    """The build of a character; None for locations and props."""

    def __post_init__(self) -> None:
        if (self.kind == "character") != (self.character_kind is not None):
            raise ValueError(f"{self.id}: only a character has a character kind, got {self.character_kind!r}")


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddingRecord:
    """A vector of the picture or sound of one entity in a take."""

    kind: EmbeddingKind
    entity: str
    vector: tuple[float, ...]
    encoder: str
    """The encoder that wrote it; only vectors of one encoder can be compared."""
    likeness: float | None = None
    """Cosine to the vectors of the entity in memory; None: there was none to compare with."""
    verified: bool = True
    """Whether it may serve as a reference."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """Where an entity is in a key frame, and whether it was verified there."""

    box: tuple[float, float, float, float]
    """Left, top, right, bottom as shares of the picture's width and height."""
    likeness: float | None = None
    verified: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFrame:
    """A frame of a take that is stored as a picture: `file` in the artifact with key `artifact`."""

    frame: int
    artifact: str
    file: str
    quality: float = 1.0
    """0 (useless) to 1."""
    novelty: float = 1.0
    """The difference from the key frames before it, 0 (none) to 1."""
    shows: Mapping[str, Sighting] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeRecord:
    """An accepted take of one shot."""

    shot_id: str
    artifact: str
    """Key of the artifact that holds the take."""
    seed: int = 0
    embeddings: tuple[EmbeddingRecord, ...] = ()
    key_frames: tuple[KeyFrame, ...] = ()
    measures: Mapping[str, FactValue] = field(default_factory=lambda: MappingProxyType({}))
    """Measures of the take, as JSON: `light` and `palette`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SceneRecord:
    """Everything that one finished scene adds to memory, in one commit.

    `key` is the hash of everything the scene was made from: the same key again changes nothing, another key replaces what the
    scene added before. `relations` restate a pair: all relations of one subject to one object that a scene names replace those
    that held between the two before it.
    """

    position: StoryPosition
    scene_id: str
    key: str
    branch: str = "main"
    title: str = ""
    synopsis: str = ""
    entities: tuple[EntityRecord, ...] = ()
    """The entities in the scene. Facts and relations may also name entities that memory knows already."""
    facts: tuple[Fact, ...] = ()
    relations: tuple[Relationship, ...] = ()
    opens: Mapping[str, str] = field(default_factory=_no_threads)
    """The threads that the scene opens: text by id."""
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
    """The committed scenes of one episode."""

    number: int
    scenes: tuple[SceneSummary, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class VectorOwner:
    """The subject of a stored vector: an entity in a take, or a scene (then `shot_id`, `artifact` and `entity` are empty)."""

    position: StoryPosition
    scene_id: str
    shot_id: str = ""
    artifact: str = ""
    entity: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a statement comes from."""

    branch: str
    position: StoryPosition
    """The position of the scene that made it; for an edit, the position from which it holds."""
    evidence: Evidence
    scene_id: str = ""
    """Empty: an edit by the user, or a merge (then `note` names the branch)."""
    note: str = ""

    def __str__(self) -> str:
        source = f"scene {self.scene_id}" if self.scene_id else "a merge" if self.evidence != "user" else "the user"
        return f"{self.branch} {self.position} ({source}, {self.evidence})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """Two statements that contradict each other: from `position` on, `overruled` gives way to `holds`, whose evidence is stronger."""

    entity: str
    attribute: str
    position: StoryPosition
    holds: FactValue
    holds_origin: Origin
    overruled: FactValue
    overruled_origin: Origin

    def __str__(self) -> str:
        return (
            f"{self.entity}.{self.attribute} from {self.position} on: {self.holds!r} holds ({self.holds_origin}), "
            f"over {self.overruled!r} ({self.overruled_origin})"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Committed:
    """The result of a commit. `written` is False where the same scene was there already."""

    written: bool
    conflicts: tuple[Conflict, ...] = ()
    """The conflicts that the commit's own statements are part of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BranchSummary:
    """One branch. `parent` and `forked_at` are None for main. From `forked_at` on the branch is on its own."""

    name: str
    parent: str | None
    forked_at: StoryPosition | None
    scenes: int
    """The number of scenes committed on the branch itself."""
    end: StoryPosition | None
    """The position of its last scene, shared ones included."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A value that differs between two branches, from `position` on. None: nothing is known.

    A thread appears as entity `thread`, its id as the attribute, `{"text": …, "closed": …}` as the value.
    """

    entity: str
    attribute: str
    position: StoryPosition
    before: FactValue
    after: FactValue
    before_origin: Origin | None = None
    after_origin: Origin | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """The result of a merge: the differences taken over because only one side states them, and the conflicts that were settled."""

    taken: tuple[Difference, ...] = ()
    settled: tuple[Difference, ...] = ()
