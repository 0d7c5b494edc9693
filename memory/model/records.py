"""What a scene leaves in memory: the records that `MemoryStore.commit` takes. Pure, no database."""

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
"""What a vector is of: an entity's looks, movement or voice, a place's light, or the meaning of a scene's text."""


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
class EmbeddingRecord:
    """A vector of what a take shows (or lets hear) of one entity."""

    kind: EmbeddingKind
    entity: str
    vector: tuple[float, ...]
    encoder: str
    """Which encoder wrote it; only vectors of one encoder can be compared."""
    likeness: float | None = None
    """Cosine to what memory already held of the entity; None: nothing was there to compare with."""
    verified: bool = True
    """Whether it may serve as a reference."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """Where an entity is in a key frame, and whether it is itself there."""

    box: tuple[float, float, float, float]
    """Left, top, right, bottom as shares of the picture's width and height."""
    likeness: float | None = None
    verified: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFrame:
    """A frame of a take that is kept as a picture: `file` in the artifact with key `artifact`."""

    frame: int
    artifact: str
    file: str
    quality: float = 1.0
    """0 (useless) to 1."""
    novelty: float = 1.0
    """How different it is from the key frames before it, 0 (the same) to 1."""
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
    """What was measured on the take, as JSON: `light` and `palette`."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a statement comes from."""

    branch: str
    position: StoryPosition
    """Of the scene that said it; for an edit, since when it holds."""
    evidence: Evidence
    scene_id: str = ""
    """Empty: an edit by hand, or a merge (then `note` names the branch)."""
    note: str = ""

    def __str__(self) -> str:
        what = f"scene {self.scene_id}" if self.scene_id else "a merge" if self.evidence != "user" else "the user"
        return f"{self.branch} {self.position} ({what}, {self.evidence})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """Two statements that cannot both hold: at `position`, `overruled` gives way to `holds` because its evidence is weaker."""

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
    """What a commit did. `written` is False where the same was there already."""

    written: bool
    conflicts: tuple[Conflict, ...] = ()
    """Those that the commit's own statements are part of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BranchSummary:
    """One branch. `parent` and `forked_at` are None for main; from `forked_at` on the branch is on its own."""

    name: str
    parent: str | None
    forked_at: StoryPosition | None
    scenes: int
    """Committed on the branch itself."""
    end: StoryPosition | None
    """Its last scene, shared ones included."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What two branches, or two moments, hold differently: from `position` on. None stands for: nothing is known.

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
    """What a merge did: taken over without question, or settled by rule or by hand; `conflicts` name both sides of the latter."""

    taken: tuple[Difference, ...] = ()
    settled: tuple[Difference, ...] = ()
