"""Verification of the entities in a take against memory, before any vector of the take becomes a reference.

A vector is compared with all verified vectors of its kind and encoder. Its *likeness* is the largest cosine to a vector of its own entity.
It is verified if its likeness reaches the threshold of its kind and no other entity in memory is more like it by more than `TWINS` (two
leaves of one tree cannot be told apart, which is no fault of the take). An entity that appears for the first time, or that the story has
just changed, has nothing to be compared with and becomes a reference as it is. So one bad take cannot poison a series: a vector that is not
verified stays in memory as a record of what happened, but is no reference.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
from jaxtyping import Float, Float32

from memory.model.records import EmbeddingKind, EmbeddingRecord, KeyFrame, TakeRecord

__all__ = ["LOOK_THRESHOLD", "THRESHOLDS", "TWINS", "References", "verify_take"]

LOOK_THRESHOLD: Final = 0.35
"""The least likeness of a look."""
THRESHOLDS: Final[Mapping[EmbeddingKind, float]] = {
    "look": LOOK_THRESHOLD,
    "motion": 0.55,
    "voice": 0.25,
    "light": 0.2,
    "text": -1.0,
}
"""The least likeness by kind: the highest that refuses at most 2 % of the right vectors, measured on series that set no other parameter
(docs/quality.md). For voices, one earlier line is enough to compare with; another speaker in memory is refused because the line is more
like that speaker."""
TWINS: Final = 0.02
"""The cosine by which another entity may be more like a vector than its own."""


@dataclass(slots=True)
class References:
    """Verified vectors with their entities, by kind and encoder."""

    _blocks: dict[tuple[EmbeddingKind, str], list[tuple[tuple[str, ...], Float32[np.ndarray, "row number"]]]] = field(
        default_factory=dict
    )

    def add(
        self,
        kind: EmbeddingKind,
        encoder: str,
        entities: Sequence[str],
        rows: Float[np.ndarray, "row number"] | Sequence[Sequence[float]],
    ) -> None:
        """Add verified vectors of any length but 0: one row for each of `entities`."""
        matrix = np.asarray(rows, np.float32)
        if len(entities):
            lengths = np.linalg.norm(matrix, axis=1, keepdims=True)
            self._blocks.setdefault((kind, encoder), []).append((tuple(entities), matrix / np.maximum(lengths, 1e-9)))

    def likenesses(self, record: EmbeddingRecord) -> dict[str, float]:
        """The largest cosine of a record to each entity's vectors."""
        vector = np.asarray(record.vector, np.float32)
        vector = vector / max(float(np.linalg.norm(vector)), 1e-9)
        best: dict[str, float] = {}
        for entities, matrix in self._blocks.get((record.kind, record.encoder), ()):
            for entity, cosine in zip(entities, (matrix @ vector).tolist(), strict=True):
                if cosine > best.get(entity, -2.0):
                    best[entity] = cosine
        return best


def verify_take(record: TakeRecord, references: References, changed: Collection[tuple[EmbeddingKind, str]] = ()) -> TakeRecord:
    """Return the record with the likeness of every vector and whether it is verified. Pure.

    A sighting in a key frame has the likeness of its entity's look. `changed`: kind and entity of vectors that the story or the user has
    changed since memory last saw the entity; their likeness is recorded but not judged.
    """
    embeddings = tuple(_verify_embedding(embedding, references, changed) for embedding in record.embeddings)
    looks = {embedding.entity: embedding for embedding in embeddings if embedding.kind == "look"}
    return replace(
        record, embeddings=embeddings, key_frames=tuple(_verify_key_frame(frame, looks) for frame in record.key_frames)
    )


def _verify_embedding(
    record: EmbeddingRecord, references: References, changed: Collection[tuple[EmbeddingKind, str]]
) -> EmbeddingRecord:
    likenesses = references.likenesses(record)
    own = likenesses.pop(record.entity, None)
    if own is None:
        return replace(record, likeness=None, verified=True)
    if (record.kind, record.entity) in changed:
        return replace(record, likeness=own, verified=True)
    right = own >= max(likenesses.values(), default=-1.0) - TWINS
    return replace(record, likeness=own, verified=right and own >= THRESHOLDS[record.kind])


def _verify_key_frame(frame: KeyFrame, looks: Mapping[str, EmbeddingRecord]) -> KeyFrame:
    shows = {
        entity: replace(sighting, likeness=looks[entity].likeness, verified=looks[entity].verified)
        if entity in looks
        else replace(sighting, verified=False)
        for entity, sighting in frame.shows.items()
    }
    return replace(frame, shows=shows)
