"""The queries that compute with vectors. `MemoryStore` imports this module on first use: reading a canon needs no numpy."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from sqlalchemy import Connection, select

from memory.model.records import EmbeddingKind, VectorOwner
from memory.queries.embeddings import Vectors
from memory.queries.integrity import Fault, verify
from memory.queries.recall import Need, Recall, recall
from memory.queries.scene_vectors import SceneVectors
from memory.schema.branch_lineage import Lineage
from memory.schema.tables import EmbeddingRow, EntityRow, SceneRow, TakeRow

__all__ = ["VectorQueries"]


class VectorQueries:
    """Queries of one memory. `scene_vectors` keeps the vectors of the scenes from one query to the next."""

    def __init__(self) -> None:
        self.scene_vectors = SceneVectors()

    def recall(self, connection: Connection, lineage: Lineage, need: Need) -> Recall:
        """Everything memory has for `need`, ranked, within its budget. Raises MemoryFault."""
        return recall(connection, lineage, need, vectors=self.scene_vectors)

    def verify(
        self, connection: Connection, artifacts: Callable[[str], bool] | None, files: Callable[[str, str], bool] | None
    ) -> tuple[Fault, ...]:
        """Everything that is wrong with the memory."""
        return verify(connection, artifacts, files)

    def vectors(
        self, connection: Connection, lineage: Lineage, kind: EmbeddingKind, encoder: str
    ) -> tuple[tuple[VectorOwner, ...], Vectors]:
        """The verified vectors of one kind and encoder [vector, dimension] in story order, and what each is of."""
        query = (
            select(SceneRow.position, SceneRow.scene_id, TakeRow.shot_id, TakeRow.artifact, EntityRow.slug, EmbeddingRow.vector)
            .join(SceneRow, SceneRow.id == EmbeddingRow.scene_id)
            .outerjoin(TakeRow, TakeRow.id == EmbeddingRow.take_id)
            .outerjoin(EntityRow, EntityRow.id == EmbeddingRow.entity_id)
            .where(EmbeddingRow.kind == kind, EmbeddingRow.encoder == encoder, EmbeddingRow.verified.is_(True))
            .where(lineage.sees(SceneRow.branch_id, SceneRow.position))
            .order_by(SceneRow.position, EmbeddingRow.id)
        )
        rows = connection.execute(query).all()
        owners = tuple(
            VectorOwner(position=at, scene_id=scene, shot_id=shot or "", artifact=artifact or "", entity=slug or "")
            for at, scene, shot, artifact, slug, _ in rows
        )
        if not rows:
            return (), np.zeros((0, 0), np.float32)
        return owners, np.stack([np.frombuffer(row.vector, "<f4") for row in rows]).astype(np.float32)
