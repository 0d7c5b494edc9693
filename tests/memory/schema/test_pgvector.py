"""Search with PostgreSQL's extension pgvector agrees with exact search, and returns None where it cannot answer."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from typing import Any

import numpy as np
import pytest
from sqlalchemy import Connection, insert, make_url, select, text, true

from memory.model.facts import StoryPosition
from memory.model.records import SceneRecord
from memory.queries.embeddings import nearest as exact_nearest
from memory.schema import pgvector
from memory.schema.connection import Database
from memory.schema.tables import EmbeddingRow, SceneRow
from memory.store import MemoryStore
from tests.memory.postgres_connection import connect

DIMENSIONS = 24
EVERY = true()


@pytest.fixture
def run(pgvector_server: str) -> Iterator[Callable[[str], list[Any]]]:
    """A function that runs a statement as the server's administrator, in a schema `series` that is dropped afterwards."""
    with connect(pgvector_server) as connection:

        def execute(statement: str) -> list[Any]:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

        execute("CREATE SCHEMA series")
        execute("SET search_path = series, public")
        yield execute
        execute("DROP SCHEMA series CASCADE")
        execute("DROP EXTENSION IF EXISTS vector CASCADE")


@pytest.fixture
def url(pgvector_server: str, run: Callable[[str], list[Any]]) -> str:
    return f"{pgvector_server}&options=-csearch_path%3Dseries"


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    with closing(Database(url, create=True)) as opened:
        yield opened


def packed(vector: Sequence[float]) -> bytes:
    return struct.pack(f"<{len(vector)}f", *vector)


def add_scenes(connection: Connection, vectors: Sequence[Sequence[float]], kind: str = "text", first: int = 1) -> None:
    """Insert one scene for each vector, as a commit does."""
    for number, vector in enumerate(vectors, first):
        scene = {"id": number, "branch_id": 1, "position": StoryPosition(1, number), "scene_id": f"s{number}"}
        connection.execute(insert(SceneRow), [{**scene, "title": "", "synopsis": "", "key": "k"}])
        row = {"id": number, "scene_id": number, "kind": kind, "encoder": "words", "vector": packed(vector)}
        connection.execute(insert(EmbeddingRow), [row])
        pgvector.store_vectors(connection, [(number, packed(vector))])


def some_vectors(count: int, seed: int = 3) -> np.ndarray[Any, np.dtype[np.float32]]:
    return np.random.default_rng(seed).standard_normal((count, DIMENSIONS)).astype(np.float32)


def kept(connection: Connection) -> int:
    return int(connection.execute(text("SELECT count(*) FROM embedding_vectors WHERE vec IS NOT NULL")).scalar_one())


def test_search_finds_the_same_rows_and_cosines_as_exact_search(database: Database) -> None:
    vectors = some_vectors(200)
    vectors[50] = 0  # like nothing
    vectors[120] = vectors[7]  # a tie
    query = vectors[7] + 0.5 * some_vectors(1, seed=4)[0]
    with database.writing() as session:
        add_scenes(session.connection(), vectors.tolist())
    rows, cosines = exact_nearest(query, vectors, 200)
    with database.reading() as connection:
        neighbours = pgvector.nearest(connection, "text", "words", query.tolist(), None, EVERY)
        assert neighbours is not None
        assert [row for row, _ in neighbours] == [row + 1 for row in rows.tolist()]
        np.testing.assert_allclose([cosine for _, cosine in neighbours], cosines, atol=1e-5)
        assert pgvector.nearest(connection, "text", "words", query.tolist(), 5, EVERY) == neighbours[:5]


def test_search_respects_its_condition(database: Database) -> None:
    with database.writing() as session:
        add_scenes(session.connection(), some_vectors(10).tolist())
        add_scenes(session.connection(), some_vectors(2).tolist(), kind="look", first=11)
        add_scenes(session.connection(), [[1.0, 0.0]], first=13)  # of another length
    query = some_vectors(1, seed=9)[0].tolist()
    with database.reading() as connection:
        early = pgvector.nearest(connection, "text", "words", query, 20, SceneRow.position < StoryPosition(1, 5))
        assert early is not None
        assert sorted(row for row, _ in early) == [1, 2, 3, 4]
        every = pgvector.nearest(connection, "text", "words", query, None, EVERY)
        assert every is not None
        assert sorted(row for row, _ in every) == list(range(1, 11))
        assert pgvector.nearest(connection, "text", "other", query, 20, EVERY) == []


def test_a_committed_scene_is_found_and_a_replaced_one_only_once(url: str) -> None:
    at = StoryPosition(1, 1)
    with MemoryStore.open(url, create=True) as store:
        for key, vector in (("a", (1.0, 0.0)), ("b", (0.6, 0.8))):
            store.commit(SceneRecord(position=at, scene_id="s", key=key, text_embedding=vector, text_encoder="words"))
        with store._database.reading() as connection:
            ((_, cosine),) = pgvector.nearest(connection, "text", "words", [0.0, 1.0], None, EVERY) or []
            assert cosine == pytest.approx(0.8)


def test_vectors_are_deleted_with_their_scene(database: Database) -> None:
    with database.writing() as session:
        add_scenes(session.connection(), some_vectors(3).tolist())
    with database.writing() as session:
        session.execute(text("DELETE FROM scenes WHERE id = 2"))
    with database.reading() as connection:
        assert kept(connection) == 2
        neighbours = pgvector.nearest(connection, "text", "words", [1.0] * DIMENSIONS, None, EVERY)
        assert neighbours is not None
        assert sorted(row for row, _ in neighbours) == [1, 3]


def test_with_missing_vectors_exact_search_answers_until_the_memory_is_reopened(url: str, database: Database) -> None:
    with database.writing() as session:
        add_scenes(session.connection(), some_vectors(5).tolist())
        session.execute(text("DELETE FROM embedding_vectors WHERE embedding_id IN (2, 4)"))
    query = [1.0] * DIMENSIONS
    with database.reading() as connection:
        assert pgvector.nearest(connection, "text", "words", query, 1, EVERY) is None
        assert pgvector.nearest(connection, "text", "words", query, 1, SceneRow.position == StoryPosition(1, 1)) is not None
    with closing(Database(url)) as again, again.reading() as connection:
        assert kept(connection) == 5
        assert len(pgvector.nearest(connection, "text", "words", query, None, EVERY) or []) == 5


def test_exact_search_handles_vectors_the_extension_cannot_hold(url: str, database: Database) -> None:
    with database.writing() as session:
        add_scenes(session.connection(), [[float("nan")] * DIMENSIONS, [1.0] * DIMENSIONS])
    for _ in range(2):
        with closing(Database(url)) as again, again.reading() as connection:
            assert pgvector.nearest(connection, "text", "words", [1.0] * DIMENSIONS, 1, EVERY) is None
            assert kept(connection) == 1


def test_opening_a_memory_older_than_the_extension_fills_its_vectors(url: str, run: Callable[[str], list[Any]]) -> None:
    run("CREATE ROLE owner LOGIN")
    run("GRANT ALL ON SCHEMA series TO owner")
    mine = make_url(url).set(username="owner").render_as_string(hide_password=False)
    with closing(Database(mine, create=True)) as without:
        with without.writing() as session:  # pgvector 0.6 may only be created by a superuser, so there is none
            add_scenes(session.connection(), some_vectors(3).tolist())
        with without.reading() as connection:
            assert not pgvector.present(connection)
            assert pgvector.nearest(connection, "text", "words", [1.0] * DIMENSIONS, 1, EVERY) is None
    run("CREATE EXTENSION vector WITH SCHEMA public")
    with closing(Database(mine)) as opened, opened.reading() as connection:
        assert pgvector.present(connection)
        assert kept(connection) == 3
    run("DROP OWNED BY owner CASCADE; DROP ROLE owner")


def test_series_in_one_database_share_the_extension(pgvector_server: str, run: Callable[[str], list[Any]], url: str) -> None:
    run("CREATE SCHEMA sequel")
    with (
        closing(Database(url, create=True)) as first,
        closing(Database(url.replace("series", "sequel"), create=True)) as second,
    ):
        for database in (first, second):
            with database.writing() as session:
                add_scenes(session.connection(), some_vectors(2).tolist())
            with database.reading() as connection:
                assert kept(connection) == 2
    run("DROP SCHEMA sequel CASCADE")
    with closing(Database(url)) as first, first.reading() as connection:
        assert kept(connection) == 2


def test_vectors_dropped_for_a_migration_are_filled_on_reopening(url: str, database: Database) -> None:
    with database.writing() as session:
        add_scenes(session.connection(), some_vectors(2).tolist())
    with database.writing() as session:
        pgvector.drop_table(session.connection())
        assert not pgvector.present(session.connection())
    with closing(Database(url)) as again, again.reading() as connection:
        assert kept(connection) == 2


def test_a_trial_leaves_no_vectors(database: Database) -> None:
    with database.trial() as rehearsal, rehearsal.writing() as session:
        add_scenes(session.connection(), some_vectors(2).tolist())
        assert kept(session.connection()) == 2
    with database.reading() as connection:
        assert kept(connection) == 0


def test_scenes_can_be_written_without_the_extension(location: str) -> None:
    with closing(Database(location)) as database, database.writing() as session:
        add_scenes(session.connection(), some_vectors(2).tolist())
        assert not pgvector.make_table(session.connection()) or database.dialect == "postgresql"
        assert session.scalars(select(EmbeddingRow.id)).all() == [1, 2]
