"""The vectors of the scenes' meaning as one matrix, cached from one query to the next while they stay the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
from sqlalchemy import Connection, and_, func, select

from memory.model.facts import StoryPosition
from memory.schema import pgvector
from memory.schema.branch_lineage import Lineage
from memory.schema.tables import EmbeddingRow, SceneRow

__all__ = ["Likeness", "SceneVectors"]

Array: TypeAlias = np.ndarray[Any, Any]

_AT_ONCE: Final = 5000
_TAIL: Final = 32
"""How many of the newest vectors are compared to tell whether the cached ones are still current."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """Scenes with their cosines, the most similar first. `count` is the number of scenes of the branch that have a vector."""

    scenes: tuple[int, ...]
    cosines: tuple[float, ...]
    count: int

    def __iter__(self) -> Iterator[tuple[int, float]]:
        """Pairs of a scene's row and its cosine."""
        return zip(self.scenes, self.cosines, strict=True)


@dataclass(frozen=True, slots=True)
class _Matrix:
    """All vectors of one encoder: `vectors` [scene, dimension] of length 1, in story order of each branch."""

    mark: tuple[Any, ...]
    scenes: Array
    branches: Array
    positions: Array
    vectors: Array


class SceneVectors:
    """A cache of one database's scene vectors. Every query checks whether they are still current (about 1 ms).

    The mark of a state is the number of vectors, the highest row and the newest rows with their scenes' keys. A store inside a
    transaction that is rolled back needs a cache of its own: SQLite gives out the same row numbers again.
    """

    def __init__(self) -> None:
        self._known: dict[str, _Matrix] = {}

    def most_like(
        self,
        connection: Connection,
        lineage: Lineage,
        encoder: str,
        query: Sequence[float],
        *,
        before: StoryPosition | None = None,
        count: int | None = None,
    ) -> Likeness:
        """The scenes that the branch sees (and that lie before `before`), by cosine to `query`; exact, ties in story order.

        Vectors of another dimension than `query` are left out. Where PostgreSQL has pgvector, the database compares.
        """
        answer = _by_extension(connection, lineage, encoder, query, before, count)
        if answer is not None:
            return answer
        matrix = self._matrix(connection, encoder)
        target = np.asarray(query, np.float32)
        if matrix.vectors.shape[1:] != target.shape:
            return Likeness((), (), 0)
        rows = np.flatnonzero(_visible(matrix, lineage, before))
        length = float(np.linalg.norm(target)) or 1.0
        cosines = (matrix.vectors @ (target / length))[rows]
        near = np.arange(len(cosines))
        if count is not None and 0 < count < len(cosines):  # sort only those that can be among the first `count`, ties included
            near = np.flatnonzero(cosines >= np.partition(cosines, -count)[-count])
        order = near[np.lexsort((matrix.positions[rows][near], -cosines[near]))][:count]
        return Likeness(tuple(matrix.scenes[rows][order].tolist()), tuple(cosines[order].tolist()), len(rows))

    def _matrix(self, connection: Connection, encoder: str) -> _Matrix:
        mark = _mark(connection, encoder)
        known = self._known.get(encoder)
        if known is None or known.mark != mark:
            known = self._known[encoder] = _read(connection, encoder, mark)
        return known


def _by_extension(
    connection: Connection,
    lineage: Lineage,
    encoder: str,
    query: Sequence[float],
    before: StoryPosition | None,
    count: int | None,
) -> Likeness | None:
    """The answer of pgvector; None where it has none."""
    if not pgvector.present(connection):
        return None
    seen = lineage.sees(SceneRow.branch_id, SceneRow.position)
    condition = seen if before is None else and_(seen, SceneRow.position < before)
    nearest = pgvector.nearest(connection, "text", encoder, query, count, condition)
    if nearest is None:
        return None
    scenes: dict[int, int] = {}
    for first in range(0, len(nearest), _AT_ONCE):
        rows = [row for row, _ in nearest[first : first + _AT_ONCE]]
        scenes |= dict(connection.execute(select(EmbeddingRow.id, EmbeddingRow.scene_id).where(EmbeddingRow.id.in_(rows))).all())
    return Likeness(tuple(scenes[row] for row, _ in nearest), tuple(cosine for _, cosine in nearest), len(nearest))


def _visible(matrix: _Matrix, lineage: Lineage, before: StoryPosition | None) -> Array:
    """Whether the branch sees each row of the matrix [scene]."""
    seen = np.zeros(len(matrix.scenes), bool)
    for segment in lineage.segments:
        part = (matrix.branches == segment.branch) & (matrix.positions >= segment.since.number)
        seen |= part if segment.until is None else part & (matrix.positions < segment.until.number)
    return seen if before is None else seen & (matrix.positions < before.number)


def _mark(connection: Connection, encoder: str) -> tuple[Any, ...]:
    """The state of the stored vectors: their number, the highest row and the newest rows."""
    conditions = (EmbeddingRow.kind == "text", EmbeddingRow.encoder == encoder)
    count, last = connection.execute(select(func.count(), func.max(EmbeddingRow.id)).where(*conditions)).one()
    tail = connection.execute(
        select(EmbeddingRow.id, SceneRow.branch_id, SceneRow.position, SceneRow.key)
        .join(SceneRow, SceneRow.id == EmbeddingRow.scene_id)
        .where(*conditions)
        .order_by(EmbeddingRow.id.desc())
        .limit(_TAIL)
    )
    return (count, last, *map(tuple, tail))


def _read(connection: Connection, encoder: str, mark: tuple[Any, ...]) -> _Matrix:
    """Read the vectors of the most common length; others do not fit into the matrix (`verify` reports them)."""
    rows = connection.execute(
        select(SceneRow.id, SceneRow.branch_id, SceneRow.position, EmbeddingRow.vector)
        .join(SceneRow, SceneRow.id == EmbeddingRow.scene_id)
        .where(EmbeddingRow.kind == "text", EmbeddingRow.encoder == encoder)
        .order_by(SceneRow.branch_id, SceneRow.position, EmbeddingRow.id)
    ).all()
    sizes = [len(vector) for *_, vector in rows]
    size = max(set(sizes), key=lambda length: (sizes.count(length), length)) if sizes else 0
    usable = [row for row in rows if len(row[3]) == size and size % 4 == 0]
    vectors = np.frombuffer(b"".join(row[3] for row in usable), "<f4").reshape(len(usable), size // 4).astype(np.float32)
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return _Matrix(
        mark,
        np.array([row[0] for row in usable], np.int64),
        np.array([row[1] for row in usable], np.int64),
        np.array([row[2].number for row in usable], np.int64),
        vectors / np.where(lengths == 0, 1, lengths),
    )
