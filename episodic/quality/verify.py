"""Is everybody in a take themselves? Decided against memory before anything of the take may become a reference.

A vector is held against all verified ones of its kind and encoder. Its *likeness* is the largest cosine to its own entity's. It is
verified when its likeness reaches the threshold of its kind, and nobody else that memory knows is more like it (by more than
`TWINS`: two leaves of one tree cannot be told apart, and that is no fault of the take). Who is seen for the first time, or has just
been changed by the story, has nothing to be held against and becomes a reference as they are. So one bad take cannot poison a
series: what is not verified stays in memory as what happened, but is no reference.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
from jaxtyping import Float, Float32

from memory.model.records import EmbeddingKind, EmbeddingRecord, KeyFrame, TakeRecord

__all__ = ["THRESHOLDS", "TWINS", "References", "verify_take"]

THRESHOLDS: Final[Mapping[EmbeddingKind, float]] = {"look": 0.35, "motion": 0.55, "voice": 0.25, "light": 0.2, "text": -1.0}
"""The least likeness, by kind: the highest at which at most 2 % of right ones were refused, on series that nothing else was set by
(docs/quality.md). A line to compare with is enough for voices; somebody else whom memory knows is refused by likeness to themselves."""
TWINS: Final = 0.02


@dataclass(slots=True)
class References:
    """Verified vectors by kind and encoder, and whose they are."""

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
        """Take in verified vectors, one row for each of `entities`; of any length but 0."""
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
    """The record with likeness and verdict of every vector, and of everybody in its key frames (theirs is their look's). Pure.

    `changed`: what of whom the story (or the user) has changed since memory saw them last: then likeness is noted and not judged.
    """
    embeddings = tuple(_judged(one, references, changed) for one in record.embeddings)
    looks = {one.entity: one for one in embeddings if one.kind == "look"}
    return replace(record, embeddings=embeddings, key_frames=tuple(_sighted(one, looks) for one in record.key_frames))


def _judged(record: EmbeddingRecord, references: References, changed: Collection[tuple[EmbeddingKind, str]]) -> EmbeddingRecord:
    found = references.likenesses(record)
    own = found.pop(record.entity, None)
    if own is None:
        return replace(record, likeness=None, verified=True)
    if (record.kind, record.entity) in changed:
        return replace(record, likeness=own, verified=True)
    right = own >= max(found.values(), default=-1.0) - TWINS
    return replace(record, likeness=own, verified=right and own >= THRESHOLDS[record.kind])


def _sighted(frame: KeyFrame, looks: Mapping[str, EmbeddingRecord]) -> KeyFrame:
    shows = {
        who: replace(one, likeness=looks[who].likeness, verified=looks[who].verified)
        if who in looks
        else replace(one, verified=False)
        for who, one in frame.shows.items()
    }
    return replace(frame, shows=shows)
