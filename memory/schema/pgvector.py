"""Nearest vectors inside PostgreSQL, where its extension pgvector is present (https://github.com/pgvector/pgvector).

The table `embedding_vectors` repeats the vectors of `embeddings` in the extension's type. It is derived: created where the
extension is available, completed when a memory is opened, and nothing is lost with it. Its search is exact, too (cosine over all
candidates, no approximate index), so both ways give the same result; it saves sending every vector to the client. Where it cannot
answer reliably (no extension, vectors missing), `nearest` returns None, and the caller searches itself.
"""

from __future__ import annotations

import functools
import math
import struct
import sys
from array import array
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Double,
    Integer,
    MetaData,
    Table,
    bindparam,
    case,
    cast,
    func,
    literal,
    null,
    select,
    text,
    type_coerce,
)
from sqlalchemy.types import UserDefinedType

from memory.schema.tables import EmbeddingRow, SceneRow

__all__ = ["TABLE", "drop_table", "fill_missing", "make_table", "nearest", "present", "store_vectors", "wants_table"]

TABLE: Final = "embedding_vectors"
_KNOWN: Final = "episodic_pgvector_schema"
_WIRED: Final = "episodic_pgvector_wired"
_MOST_DIMENSIONS: Final = 16_000
_AT_ONCE: Final = 1000
_OTHER_LENGTH: Final = -2.0
"""Stands for the cosine of vectors of another length; less than any cosine."""


class _Vector(UserDefinedType[Any]):
    """The extension's type, in the schema of the extension, which need not be on our search path."""

    cache_ok = True

    def __init__(self, schema: str) -> None:
        self.schema = schema

    def get_col_spec(self, **_: Any) -> str:
        return f'"{self.schema}".vector'


def present(connection: Connection) -> bool:
    """Whether this memory stores vectors for the extension."""
    return _schema(connection) is not None


def wants_table(connection: Connection) -> bool:
    """Whether the extension is available, the table is missing or incomplete, and we may change that."""
    if connection.dialect.name != "postgresql":
        return False
    if present(connection):
        missing = select(EmbeddingRow.id).where(~_stored().exists()).limit(1)
        return _may_write(connection) and connection.execute(missing).scalar() is not None
    return bool(connection.execute(text(_IS_AVAILABLE)).scalar())


def make_table(connection: Connection) -> bool:
    """Create the table, and the extension if necessary; returns whether it is available. Part of the caller's transaction."""
    if connection.dialect.name != "postgresql" or not connection.execute(text(_IS_AVAILABLE)).scalar():
        return False
    # all series of one database share the extension, so it must not be in, and be dropped with, the schema of one of them
    common = connection.execute(text("SELECT coalesce(to_regnamespace('public')::text, current_schema())")).scalar_one()
    # two series may create it at the same moment, which "if not exists" does not handle
    connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('episodic pgvector'))"))
    connection.execute(text(f'CREATE EXTENSION IF NOT EXISTS vector WITH SCHEMA "{common}"'))
    schema = connection.execute(text(_EXTENSION_SCHEMA)).scalar_one()
    connection.execute(
        text(
            f"CREATE TABLE IF NOT EXISTS {TABLE} (embedding_id integer PRIMARY KEY REFERENCES embeddings ON DELETE CASCADE, "
            f'vec "{schema}".vector)'
        )
    )
    # not moved out of line until a row is larger than a page: a scan would fetch each vector on its own
    connection.execute(text(f"ALTER TABLE {TABLE} ALTER COLUMN vec SET STORAGE MAIN"))
    return True


def drop_table(connection: Connection) -> None:
    """Drop the table, so that a migration is free to change `embeddings`. Part of the caller's transaction."""
    connection.execute(text(f"DROP TABLE IF EXISTS {TABLE}"))
    connection.info.pop(_KNOWN, None)


def store_vectors(connection: Connection, rows: Iterable[tuple[int, bytes]]) -> None:
    """Store the vectors (float32, little-endian) of new embeddings, by id, for the extension; does nothing without it."""
    schema = _schema(connection)
    if schema is None:
        return
    wire = _wire(connection)
    values = [{"id": row, "vec": wire(vector) if _can_hold(vector) else None} for row, vector in rows]
    if values:
        connection.execute(
            text(f'INSERT INTO {TABLE} (embedding_id, vec) VALUES (:id, CAST(:vec AS "{schema}".vector))'),  # noqa: S608
            values,
        )


def fill_missing(connection: Connection) -> int:
    """Store the vectors that the table does not have yet; returns their number."""
    if not present(connection):
        return 0
    count = 0
    query = select(EmbeddingRow.id, EmbeddingRow.vector).where(~_stored().exists()).order_by(EmbeddingRow.id).limit(_AT_ONCE)
    while rows := [(row, vector) for row, vector in connection.execute(query)]:
        store_vectors(connection, rows)
        count += len(rows)
    return count


def nearest(
    connection: Connection,
    kind: str,
    encoder: str,
    query: Sequence[float],
    k: int | None,
    condition: ColumnElement[bool],
) -> list[tuple[int, float]] | None:
    """The ids of the `k` embeddings (None: all) of one kind and encoder most similar to `query`, best first, with their cosines.

    `condition` may use EmbeddingRow and SceneRow, the embedding's scene. Vectors of another length than `query` are left out; a
    vector of zeros has cosine 0; ties are in story order. None: the extension is missing, or the table is incomplete.
    """
    schema = _schema(connection)
    packed = struct.pack(f"<{len(query)}f", *query)
    if schema is None or not _can_hold(packed):
        return None
    kept = _table(schema)
    target = cast(bindparam("query", _wire(connection)(packed), type_=_AsIs()), _Vector(schema))
    likeness = 1.0 - type_coerce(kept.c.vec.op(f'OPERATOR("{schema}".<=>)')(target), Double)
    length = getattr(func, schema).vector_dims(kept.c.vec)
    # one pass over the vectors: a filter on the length would lead the planner to expect few rows and fetch them one by one
    cosine = case(
        (kept.c.vec.is_(None), null()),
        (length != len(query), literal(_OTHER_LENGTH, Double)),
        else_=func.coalesce(func.nullif(likeness, literal(float("nan"), Double)), 0.0),
    ).label("cosine")
    statement = (
        select(EmbeddingRow.id, cosine)
        .join(SceneRow, SceneRow.id == EmbeddingRow.scene_id)
        .outerjoin(kept, kept.c.embedding_id == EmbeddingRow.id)
        .where(EmbeddingRow.kind == kind, EmbeddingRow.encoder == encoder, condition)
        .order_by(cosine.desc().nulls_first(), SceneRow.position, EmbeddingRow.id)
        .limit(k)
    )
    rows = [(row, likeness) for row, likeness in connection.execute(statement)]
    if rows and rows[0][1] is None:  # whatever is missing comes first
        return None
    return [(row, likeness) for row, likeness in rows if likeness > _OTHER_LENGTH]


_EXTENSION_SCHEMA: Final = (
    "SELECT nspname FROM pg_extension JOIN pg_namespace ON pg_namespace.oid = extnamespace WHERE extname = 'vector'"
)
_IS_AVAILABLE: Final = """
    SELECT has_schema_privilege(current_schema(), 'CREATE') AND (
        EXISTS (SELECT FROM pg_extension WHERE extname = 'vector')
        OR EXISTS (
            SELECT FROM pg_available_extension_versions
            WHERE name = 'vector' AND (
                current_setting('is_superuser') = 'on'
                OR trusted AND has_database_privilege(current_database(), 'CREATE')
            )
        )
    )
"""
"""Checked before the extension is created: a refusal would end the transaction."""


class _AsIs(UserDefinedType[Any]):
    """A type whose values go to the driver unchanged."""

    cache_ok = True


def _schema(connection: Connection) -> str | None:
    """The schema of the extension if this memory uses it. Only a positive answer is cached: another process may create the table."""
    if connection.dialect.name != "postgresql":
        return None
    schema: str | None = connection.info.get(_KNOWN)
    if schema is None:
        schema = connection.execute(text(f"SELECT ({_EXTENSION_SCHEMA}) WHERE to_regclass('{TABLE}') IS NOT NULL")).scalar()
        connection.info[_KNOWN] = schema
    return schema


def _may_write(connection: Connection) -> bool:
    return bool(connection.execute(text(f"SELECT has_table_privilege('{TABLE}', 'INSERT')")).scalar())


def _table(schema: str) -> Table:
    """The extension's table."""
    return Table(TABLE, MetaData(), Column("embedding_id", Integer, primary_key=True), Column("vec", _Vector(schema)))


def _stored() -> Any:
    kept = Table(TABLE, MetaData(), Column("embedding_id", BigInteger))
    return select(kept.c.embedding_id).where(kept.c.embedding_id == EmbeddingRow.id)


def _numbers(vector: bytes) -> array[float]:
    """The numbers of a packed vector."""
    numbers = array("f", vector)
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers


def _can_hold(vector: bytes) -> bool:
    return 0 < len(vector) // 4 <= _MOST_DIMENSIONS and all(map(math.isfinite, _numbers(vector)))


class _Wire:
    """A vector to send in the extension's binary form."""

    def __init__(self, vector: bytes) -> None:
        self.vector = vector


def _wire(connection: Connection) -> Callable[[bytes], _Wire]:
    """The type of vectors that this connection sends in the extension's binary form."""
    if not connection.info.get(_WIRED):
        driver: Any = connection.connection.dbapi_connection
        psycopg: Any = connection.dialect.dbapi
        driver.adapters.register_dumper(_Wire, _wire_dumper(psycopg))
        connection.info[_WIRED] = True
    return _Wire


@functools.cache
def _wire_dumper(psycopg: Any) -> type[Any]:
    """How the driver `psycopg` sends a vector: as `vector_recv` reads it, in a quarter of the time of writing numbers as text."""
    # the server knows the type from the cast: oid 0
    return type("WireDumper", (psycopg.adapt.Dumper,), {"format": psycopg.pq.Format.BINARY, "oid": 0, "dump": _dump})


def _dump(_: object, wire: _Wire) -> bytes:
    """The vector in the form that `vector_recv` reads: two 16-bit numbers (dimensions, 0), then big-endian float32."""
    numbers = array("f", wire.vector)
    numbers.byteswap()  # from little-endian to big-endian, whatever the machine
    return struct.pack(">hh", len(numbers), 0) + numbers.tobytes()
