"""The vectors of scenes' meaning as one matrix, kept from one question to the next as long as they are the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from sqlalchemy import Connection, and_, func, select

from memory.model.facts import StoryPosition
from memory.schema import pgvector
from memory.schema.branch_lineage import Lineage
from memory.schema.tables import EmbeddingRow, SceneRow

if TYPE_CHECKING:
    import numpy as np

    Array: TypeAlias = np.ndarray[Any, Any]

__all__ = ["Likeness", "SceneVectors"]

_AT_ONCE: Final = 5000
_TAIL: Final = 32
"""How many of the newest vectors are compared to tell whether the ones at hand are still the same."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """Scenes with their cosines, the most like first; `count` is how many the branch has a vector of at all."""

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
    """A cache of one database's scene vectors. It looks at every question whether they are still the same (about 1 ms).

    The mark of a state is the number of vectors, the highest row and the newest rows with their scenes' keys. A store that only
    rehearses, in a transaction that it takes back, needs a cache of its own: SQLite gives out the same row numbers again.
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

        Vectors of another dimension than `query` cannot be compared and do not count. Where PostgreSQL has pgvector, it compares.
        """
        there = _by_extension(connection, lineage, encoder, query, before, count)
        if there is not None:
            return there
        import numpy as np  # reading the canon does without

        matrix = self._matrix(connection, encoder)
        asked = np.asarray(query, np.float32)
        if matrix.vectors.shape[1:] != asked.shape:
            return Likeness((), (), 0)
        rows = np.flatnonzero(_visible(matrix, lineage, before))
        length = float(np.linalg.norm(asked)) or 1.0
        cosines = (matrix.vectors @ (asked / length))[rows]
        near = np.arange(len(cosines))
        if count is not None and 0 < count < len(cosines):  # sort only those that can be among the first, ties included
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
    """The answer of pgvector; None where there is none."""
    if not pgvector.present(connection):
        return None
    seen = lineage.sees(SceneRow.branch_id, SceneRow.position)
    condition = seen if before is None else and_(seen, SceneRow.position < before)
    found = pgvector.nearest(connection, "text", encoder, query, count, condition)
    if found is None:
        return None
    scenes: dict[int, int] = {}
    for first in range(0, len(found), _AT_ONCE):
        some = [row for row, _ in found[first : first + _AT_ONCE]]
        scenes |= dict(connection.execute(select(EmbeddingRow.id, EmbeddingRow.scene_id).where(EmbeddingRow.id.in_(some))).all())
    return Likeness(tuple(scenes[row] for row, _ in found), tuple(cosine for _, cosine in found), len(found))


def _visible(matrix: _Matrix, lineage: Lineage, before: StoryPosition | None) -> Array:
    """Which rows of the matrix the branch sees: a boolean per row."""
    import numpy as np

    seen = np.zeros(len(matrix.scenes), bool)
    for one in lineage.segments:
        part = (matrix.branches == one.branch) & (matrix.positions >= one.since.number)
        seen |= part if one.until is None else part & (matrix.positions < one.until.number)
    return seen if before is None else seen & (matrix.positions < before.number)


def _mark(connection: Connection, encoder: str) -> tuple[Any, ...]:
    mine = (EmbeddingRow.kind == "text", EmbeddingRow.encoder == encoder)
    count, last = connection.execute(select(func.count(), func.max(EmbeddingRow.id)).where(*mine)).one()
    tail = connection.execute(
        select(EmbeddingRow.id, SceneRow.branch_id, SceneRow.position, SceneRow.key)
        .join(SceneRow, SceneRow.id == EmbeddingRow.scene_id)
        .where(*mine)
        .order_by(EmbeddingRow.id.desc())
        .limit(_TAIL)
    )
    return (count, last, *map(tuple, tail))


def _read(connection: Connection, encoder: str, mark: tuple[Any, ...]) -> _Matrix:
    """Vectors of the most common length only: those of another cannot stand in the same matrix (`verify` reports them)."""
    import numpy as np

    rows = connection.execute(
        select(SceneRow.id, SceneRow.branch_id, SceneRow.position, EmbeddingRow.vector)
        .join(SceneRow, SceneRow.id == EmbeddingRow.scene_id)
        .where(EmbeddingRow.kind == "text", EmbeddingRow.encoder == encoder)
        .order_by(SceneRow.branch_id, SceneRow.position, EmbeddingRow.id)
    ).all()
    sizes = [len(vector) for *_, vector in rows]
    size = max(set(sizes), key=lambda one: (sizes.count(one), one)) if sizes else 0
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
