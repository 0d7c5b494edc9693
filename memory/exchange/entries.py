"""The rows of a checked document `episodic/memory@1`, one type for each section; fields as in docs/memory-format.md. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from memory.model.canon import CharacterKind, EntityKind
from memory.model.facts import Evidence, FactValue, StoryPosition
from memory.model.records import EmbeddingKind
from memory.schema.tables import CommitKind

__all__ = [
    "BranchEntry",
    "CommitEntry",
    "Document",
    "EmbeddingEntry",
    "EntityEntry",
    "KeyFrameEntry",
    "SceneEntry",
    "SeriesEntry",
    "StatementEntry",
    "TakeEntry",
    "ThreadEntry",
]


class SeriesEntry(NamedTuple):
    """A row of `series`."""

    name: str
    value: FactValue


class BranchEntry(NamedTuple):
    """A row of `branches`. Only `main` has neither a parent nor a fork."""

    name: str
    parent: str | None
    forked_at: StoryPosition | None


class EntityEntry(NamedTuple):
    """A row of `entities`."""

    id: str
    kind: EntityKind
    character_kind: CharacterKind | None


class SceneEntry(NamedTuple):
    """A row of `scenes`."""

    branch: str
    position: StoryPosition
    id: str
    title: str
    synopsis: str
    key: str
    entities: Sequence[str]


class CommitEntry(NamedTuple):
    """A row of `commits`."""

    number: int
    branch: str
    kind: CommitKind
    position: StoryPosition
    note: str


class StatementEntry(NamedTuple):
    """A row of `statements`."""

    commit: int
    entity: str
    attribute: str
    value: FactValue
    since: StoryPosition
    until: StoryPosition | None
    evidence: Evidence
    stated_at: StoryPosition
    ordinal: int


class ThreadEntry(NamedTuple):
    """A row of `threads`."""

    commit: int
    thread: str
    position: StoryPosition
    text: str | None


class TakeEntry(NamedTuple):
    """A row of `takes`."""

    number: int
    branch: str
    scene: StoryPosition
    shot: str
    artifact: str
    seed: int
    accepted: int
    measures: FactValue


class KeyFrameEntry(NamedTuple):
    """A row of `key_frames`."""

    take: int
    frame: int
    artifact: str
    file: str
    quality: float
    novelty: float
    shows: FactValue


class EmbeddingEntry(NamedTuple):
    """A row of `embeddings`. `vector` is little-endian float32."""

    branch: str
    scene: StoryPosition
    take: int | None
    entity: str | None
    kind: EmbeddingKind
    encoder: str
    vector: bytes
    likeness: float | None
    verified: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A checked document: each section's rows, in the order of the file."""

    series: Sequence[SeriesEntry]
    branches: Sequence[BranchEntry]
    entities: Sequence[EntityEntry]
    scenes: Sequence[SceneEntry]
    commits: Sequence[CommitEntry]
    statements: Sequence[StatementEntry]
    threads: Sequence[ThreadEntry]
    takes: Sequence[TakeEntry]
    key_frames: Sequence[KeyFrameEntry]
    embeddings: Sequence[EmbeddingEntry]
