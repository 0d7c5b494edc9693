"""Memory under kills, concurrent processes, damaged files and other versions."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import AbstractContextManager, closing
from pathlib import Path
from typing import Protocol

import pytest
from sqlalchemy import text

import memory.migrations
from memory.errors import DatabaseLocked, DatabaseTooNew, MemoryFault, NoMemory
from memory.migrations import HEAD
from memory.model.facts import Fact, StoryPosition
from memory.model.records import EmbeddingRecord, EntityRecord, SceneRecord, TakeRecord
from memory.schema.connection import Database
from memory.store import MemoryStore

ROOT = Path(memory.migrations.__file__).parents[2]
MARA = EntityRecord(id="mara", kind="character", character_kind="human")
PER_SCENE = 30


class Places(Protocol):
    """The type of the fixture `places`."""

    kind: str

    def empty(self) -> AbstractContextManager[str]: ...


def record(number: int, key: str = "k") -> SceneRecord:
    """A scene with PER_SCENE facts and takes that all name their scene."""
    at = StoryPosition(1, number)
    facts = (Fact(entity="mara", attribute=f"trait_{n}", value=f"{number} {key}", since=at) for n in range(PER_SCENE))
    gait = EmbeddingRecord(kind="motion", entity="mara", vector=(0.5,) * 64, encoder="gait")
    takes = (TakeRecord(shot_id=f"{number}.{n}", artifact=f"{n:064x}", embeddings=(gait,)) for n in range(PER_SCENE))
    return SceneRecord(position=at, scene_id=f"s{number}", key=key, entities=(MARA,), facts=tuple(facts), takes=tuple(takes))


def execute(location: str, statement: str) -> None:
    with closing(Database(location)) as database, database.writing() as session:
        session.execute(text(statement))


def python(script: str, *arguments: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{Path(__file__).parent}"}
    command = [sys.executable, "-c", script, *arguments]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, env=environment, stdin=pipe, stdout=pipe, stderr=pipe, text=True)


COMMITS = """
import os, sys
from test_connection import record
from memory.store import MemoryStore
for line in sys.stdin:  # everything is imported once; each child is one process to kill
    child = os.fork()
    if not child:
        with MemoryStore.open(sys.argv[1], create=True) as store:
            for number in range(int(line), 100_000):
                store.commit(record(number))
                print(number, flush=True)
    print("pid", child, flush=True)
    os.waitpid(child, 0)
    print("dead", flush=True)
"""


# PostgreSQL needs fewer: there a kill of the client cannot tear a file, only leave a transaction open
KILLS = {"sqlite": 12, "postgresql": 5}


def test_a_kill_during_a_commit_leaves_only_whole_scenes_and_loses_none(places: Places) -> None:
    moments = random.Random(7)
    done: set[int] = set()
    with places.empty() as location:
        parent = python(COMMITS, location)
        for _ in range(KILLS[places.kind]):
            done |= commit_until_killed(parent, done, moments)
            with MemoryStore.open(location) as store:
                (episode,) = store.episodes()
                assert done <= {scene.position.scene for scene in episode.scenes}
                assert {scene.takes for scene in episode.scenes} == {PER_SCENE}
                last = episode.scenes[-1].position
                state = dict(store.as_of(last).characters["mara"].state)
                assert state == {f"trait_{n}": f"{last.scene} k" for n in range(PER_SCENE)}
                assert len(store.vectors("motion", "gait")[0]) == PER_SCENE * len(episode.scenes)
                done |= {scene.position.scene for scene in episode.scenes}
        _, errors = parent.communicate()
        assert parent.returncode == 0, errors


def commit_until_killed(parent: subprocess.Popen[str], done: set[int], moments: random.Random) -> set[int]:
    """Let a child process commit scenes after those in `done`, kill it after a few more, and return the scenes it reported."""
    assert parent.stdin is not None
    assert parent.stdout is not None
    print(max(done, default=0) + 1, file=parent.stdin, flush=True)
    child, enough, reported = 0, moments.randint(1, 4), set[int]()
    while len(reported) < enough or not child:
        line = parent.stdout.readline()
        if line.startswith("pid"):
            child = int(line.removeprefix("pid"))
        else:
            reported.add(int(line))
    time.sleep(moments.uniform(0, 0.03))
    os.kill(child, signal.SIGKILL)
    while (line := parent.stdout.readline()) != "dead\n":
        reported.add(int(line))
    return reported


def test_a_kill_while_the_database_is_created_does_no_harm(tmp_path: Path) -> None:
    file = tmp_path / "memory.db"
    sqlite3.connect(file).close()
    with MemoryStore.open(file) as store:
        assert store.end() is None


def test_two_processes_that_create_and_write_one_memory_lose_nothing(empty_location: str) -> None:
    script = """
import sys
from test_connection import record
from memory.store import MemoryStore
with MemoryStore.open(sys.argv[1], create=True, patience_s=60) as store:
    for number in range(int(sys.argv[2]), 30, 2):
        store.commit(record(number))
"""
    children = [python(script, empty_location, first) for first in "12"]
    for child in children:
        _, errors = child.communicate(timeout=120)
        assert child.returncode == 0, errors
    with MemoryStore.open(empty_location) as store:
        assert [at.scene for at in store.committed()] == list(range(1, 30))
        spans = [fact for fact in store.history("mara") if fact.attribute == "trait_0"]
        assert [span.until and span.until.scene for span in spans] == [*range(2, 30), None]


def test_a_write_during_another_write_is_refused_and_can_be_retried(location: str) -> None:
    script = """
import sys
from sqlalchemy import text
from test_connection import record
from memory.schema.connection import Database
from memory.store import MemoryStore
store = MemoryStore.open(sys.argv[1])
store.commit(record(1))
with store._database.writing() as session:
    session.execute(text("UPDATE scenes SET title = 'half'"))
    print("writing", flush=True)
    sys.stdin.readline()
    session.execute(text("UPDATE scenes SET title = 'whole'"))
"""
    winner = python(script, location)
    assert winner.stdin is not None
    assert winner.stdout is not None
    assert winner.stdout.readline() == "writing\n"
    with MemoryStore.open(location, patience_s=0.3) as loser:
        began = time.monotonic()
        with pytest.raises(DatabaseLocked, match=r"another process is writing.*nothing was written.*try again") as caught:
            loser.commit(record(2))
        assert 0.25 < time.monotonic() - began < 5
        assert caught.value.exit_code == 1
        assert [scene.title for episode in loser.episodes() for scene in episode.scenes] == [""]  # readers need not wait
        _, errors = winner.communicate("\n", timeout=60)
        assert winner.returncode == 0, errors
        assert loser.commit(record(2)).written
        assert [scene.title for episode in loser.episodes() for scene in episode.scenes] == ["whole", ""]


def test_a_process_that_dies_while_writing_leaves_no_lock(location: str) -> None:
    script = """
import sys
from sqlalchemy import text
from memory.schema.connection import Database
with Database(sys.argv[1]).writing() as session:
    session.execute(text("DELETE FROM branches WHERE name = 'none'"))
    print("writing", flush=True)
    sys.stdin.readline()
"""
    dying = python(script, location)
    assert dying.stdout is not None
    assert dying.stdout.readline() == "writing\n"
    dying.kill()
    dying.communicate()
    with MemoryStore.open(location, patience_s=5) as store:
        assert store.commit(record(1)).written


def test_a_reader_never_sees_half_a_replaced_scene(location: str) -> None:
    seen: list[set[object]] = []
    with MemoryStore.open(location) as writer, MemoryStore.open(location) as reader:
        writer.commit(record(1, "a"))
        stop = threading.Event()

        def look() -> None:
            while not stop.is_set():
                seen.append(set(reader.as_of(StoryPosition(1, 1)).characters["mara"].state.values()))

        watching = threading.Thread(target=look)
        watching.start()
        for key in "bcdefgh":
            writer.commit(record(1, key))
        stop.set()
        watching.join()
    assert seen
    assert all(len(values) == 1 for values in seen)


def test_a_reader_sees_one_snapshot_in_all_its_queries(location: str) -> None:
    with MemoryStore.open(location) as store:
        store.commit(record(1))
        with store._database.reading() as connection:
            before = connection.execute(text("SELECT count(*) FROM scenes")).scalar_one()
            with MemoryStore.open(location) as writer:
                writer.commit(record(2))
            assert connection.execute(text("SELECT count(*) FROM scenes")).scalar_one() == before == 1
        assert store.end() == StoryPosition(1, 2)


def test_a_trial_sees_its_own_changes_and_leaves_none(location: str) -> None:
    with MemoryStore.open(location, patience_s=0.1) as store:
        store.commit(record(1))
        with store._database.trial() as rehearsal:
            tried = MemoryStore(rehearsal)
            assert tried.commit(record(2)).written
            assert tried.end() == StoryPosition(1, 2)
            assert (rehearsal.name, rehearsal.dialect) == (store._database.name, store._database.dialect)
            assert store.end() == StoryPosition(1, 1)
            with MemoryStore.open(location, patience_s=0.1) as other, pytest.raises(DatabaseLocked, match="another process"):
                other.commit(record(3))
        assert store.end() == StoryPosition(1, 1)
        assert store.commit(record(2, "other")).written


def test_a_failed_change_in_a_trial_is_reverted_alone(location: str) -> None:
    names = text("SELECT name FROM branches ORDER BY id")
    add = text("INSERT INTO branches (id, name) VALUES (:id, :name)")
    database = Database(location)
    with database.trial() as rehearsal:
        with rehearsal.writing() as session:
            session.execute(add, {"id": 2, "name": "kept"})
        with pytest.raises(MemoryFault, match="branches"), rehearsal.writing() as session:
            session.execute(add, [{"id": 3, "name": "lost"}, {"id": 2, "name": "again"}])
        with rehearsal.trial() as inner:
            with inner.writing() as session:
                session.execute(add, {"id": 4, "name": "inner"})
            with inner.reading() as connection:
                assert connection.scalars(names).all() == ["main", "kept", "inner"]
        with rehearsal.reading() as connection:
            assert connection.scalars(names).all() == ["main", "kept"]
    with database.reading() as connection:
        assert connection.scalars(names).all() == ["main"]
    database.close()


def test_an_interrupted_trial_leaves_no_changes(location: str) -> None:
    def try_and_stumble(store: MemoryStore) -> None:
        with store._database.trial() as rehearsal:
            MemoryStore(rehearsal).commit(record(1))
            raise KeyError("nothing to do with databases")

    with MemoryStore.open(location) as store:
        with pytest.raises(KeyError):
            try_and_stumble(store)
        assert store.end() is None


def test_a_database_of_a_newer_version_is_refused_unchanged(empty_location: str) -> None:
    MemoryStore.open(empty_location, create=True).close()
    execute(empty_location, "UPDATE alembic_version SET version_num = '9999'")
    expected = rf"database version 9999, this one reads up to {HEAD}.*pip install --upgrade"
    with pytest.raises(DatabaseTooNew, match=expected) as caught:
        MemoryStore.open(empty_location)
    assert caught.value.exit_code == 2


def test_missing_tables_are_named(empty_location: str) -> None:
    MemoryStore.open(empty_location, create=True).close()
    execute(empty_location, "DROP TABLE appearances")
    with (
        pytest.raises(MemoryFault, match=r"missing or were changed by hand; restore it from a backup.*appearances"),
        MemoryStore.open(empty_location) as store,
    ):
        store.commit(record(1))


@pytest.mark.parametrize("damage", ["text", "header", "middle"])
def test_a_damaged_file_is_reported_with_a_remedy(tmp_path: Path, damage: str) -> None:
    file = tmp_path / "memory.db"
    with MemoryStore.open(file, create=True) as store:
        store.commit(record(1))
    raw = bytearray(file.read_bytes())
    if damage == "text":
        raw[:] = b"these are not the pages you are looking for\n" * 200
    elif damage == "header":
        raw[:64] = b"\xff" * 64
    else:
        raw[4096:] = b"\xff" * (len(raw) - 4096)
    file.write_bytes(raw)
    with pytest.raises(MemoryFault, match=r"memory\.db: .*(not a database|damaged).*backup"):
        MemoryStore.open(file).as_of(StoryPosition(1, 1))


def test_a_database_of_another_program_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "music.db"
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE songs (title)")
    connection.close()
    before = file.read_bytes()
    with pytest.raises(MemoryFault, match=r"not the memory of a series.*songs"):
        MemoryStore.open(file, create=True)
    assert file.read_bytes() == before


def test_a_full_disk_loses_no_committed_scene(tmp_path: Path) -> None:
    with MemoryStore.open(tmp_path / "memory.db", create=True) as store:
        store.commit(record(1))
        with store._database.reading() as connection:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
            connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(MemoryFault, match="the disk is full"):
            store.commit(record(2))
        assert list(store.committed()) == [StoryPosition(1, 1)]


def test_a_folder_without_write_permission_is_reported(tmp_path: Path) -> None:
    script = """
import os, sys
from memory.store import MemoryStore
from memory.errors import MemoryFault
MemoryStore.open(sys.argv[2], create=True).close()
if os.geteuid() == 0:
    os.setuid(65534)  # root may write anywhere
try:
    MemoryStore.open(sys.argv[1], create=True)
except MemoryFault as err:
    print(err.message)
"""
    # pytest's own folders are closed to other users
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o555)
        output, trace = python(script, f"{folder}/memory.db", str(tmp_path / "other.db")).communicate(timeout=60)
        assert not trace
        assert f"{folder}/memory.db: cannot be opened; check the permissions" in output
        assert not list(Path(folder).iterdir())


@pytest.mark.parametrize(
    ("name", "create", "message"),
    [
        ("none.db", False, "there is no such memory"),
        ("", True, "is a folder"),
        ("no/such/memory.db", True, "the folder .* does not exist"),
    ],
)
def test_a_location_without_a_memory_is_reported(tmp_path: Path, name: str, create: bool, message: str) -> None:
    with pytest.raises(MemoryFault, match=message):
        MemoryStore.open(tmp_path / name, create=create)
    assert not list(tmp_path.iterdir())


def test_an_unknown_kind_of_database_is_refused() -> None:
    with pytest.raises(MemoryFault, match="no such kind of database"):
        MemoryStore.open("oracledb2://here/there")


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "sqlite:///file:here?mode=memory&uri=true"])
def test_an_in_memory_database_is_refused(url: str) -> None:
    with pytest.raises(MemoryFault, match="names no file"):
        MemoryStore.open(url, create=True)


def test_another_driver_of_sqlite_is_refused() -> None:
    with pytest.raises(MemoryFault, match="the driver 'aiosqlite' is not supported; write sqlite:///"):
        MemoryStore.open("sqlite+aiosqlite:///memory.db")


def test_reading_a_memory_by_its_url_does_not_create_one(tmp_path: Path) -> None:
    with pytest.raises(NoMemory, match="there is no such memory"):
        MemoryStore.open(f"sqlite:///{tmp_path / 'memory.db'}")
    assert not list(tmp_path.iterdir())


def test_a_url_opens_the_same_database_as_its_path(tmp_path: Path) -> None:
    with MemoryStore.open(f"sqlite:///{tmp_path / 'memory.db'}", create=True) as store:
        store.commit(record(1))
    with MemoryStore.open(tmp_path / "memory.db") as store:
        assert store.end() == StoryPosition(1, 1)


def test_the_database_has_durable_settings(tmp_path: Path) -> None:
    with MemoryStore.open(tmp_path / "memory.db", create=True) as store, store._database.reading() as connection:
        settings = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert settings == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_opening_an_up_to_date_memory_loads_neither_alembic_nor_numpy(tmp_path: Path) -> None:
    with MemoryStore.open(tmp_path / "memory.db", create=True) as store:
        store.commit(record(1))
    script = """
import sys
from memory.store import MemoryStore
from memory.model.facts import StoryPosition
with MemoryStore.open(sys.argv[1]) as store:
    assert store.as_of(StoryPosition(1, 1)).characters
print(*({"alembic", "numpy", "torch", "mako"} & sys.modules.keys()))
"""
    output, trace = python(script, str(tmp_path / "memory.db")).communicate(timeout=60)
    assert (output.strip(), trace) == ("", "")
