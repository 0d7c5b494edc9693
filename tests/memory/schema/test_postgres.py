"""A memory in PostgreSQL: permissions, passwords, missing parts, and messages to the user."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import make_url, text

import memory.schema.connection
from memory.errors import DatabaseLocked, DatabaseUnwritable, MemoryFault
from memory.model.facts import Fact, StoryPosition
from memory.model.records import EntityRecord, SceneRecord
from memory.schema.connection import Database
from memory.schema.dialects import check_server
from memory.store import MemoryStore
from tests.memory.postgres_connection import connect

ROOT = Path(memory.schema.connection.__file__).parents[2]
MARA = EntityRecord(id="mara", kind="character", character_kind="human")
AT = StoryPosition(1, 1)


def scene(number: int = 1) -> SceneRecord:
    at = StoryPosition(1, number)
    facts = (Fact(entity="mara", attribute="wearing", value="a coat", since=at),)
    return SceneRecord(position=at, scene_id=f"s{number}", key="k", entities=(MARA,), facts=facts)


@pytest.fixture
def run(postgres: str) -> Iterator[Callable[[str], list[Any]]]:
    """A function that runs a statement as the server's administrator."""
    with connect(postgres) as connection:

        def execute(statement: str) -> list[Any]:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

        yield execute


@pytest.fixture
def schema(postgres: str, run: Callable[[str], list[Any]]) -> Iterator[str]:
    """The URL of an empty schema called `series`."""
    run("CREATE SCHEMA series")
    yield f"{postgres}&options=-csearch_path%3Dseries"
    run("DROP SCHEMA series CASCADE")


@pytest.fixture
def role(run: Callable[[str], list[Any]]) -> Iterator[Callable[[str], str]]:
    """A function that creates a role by name; the role and what it owns are dropped afterwards."""
    made: list[str] = []

    def make(name: str, options: str = "") -> str:
        run(f"CREATE ROLE {name} LOGIN {options}")
        made.append(name)
        return name

    yield make
    for name in made:
        run(f"DROP OWNED BY {name} CASCADE")
        run(f"DROP ROLE {name}")


def as_user(url: str, name: str, password: str | None = None) -> str:
    return make_url(url).set(username=name, password=password).render_as_string(hide_password=False)


# Who gets in


def test_a_committed_series_is_there_after_reopening(schema: str) -> None:
    with MemoryStore.open(schema, create=True) as store:
        store.commit(scene())
        canon = store.as_of(AT)
    with MemoryStore.open(schema) as store:
        assert store.as_of(AT) == canon
        assert canon.characters["mara"].state == {"wearing": "a coat"}
        assert store._database.dialect == "postgresql"


def test_a_url_without_a_driver_uses_the_supported_one(schema: str) -> None:
    MemoryStore.open(schema.replace("postgresql+psycopg://", "postgresql://"), create=True).close()
    MemoryStore.open(schema.replace("postgresql+psycopg://", "postgres://")).close()


def test_series_in_separate_schemas_do_not_wait_for_each_other(
    schema: str, postgres: str, run: Callable[[str], list[Any]]
) -> None:
    run("CREATE SCHEMA sequel")
    with (
        MemoryStore.open(schema, create=True) as first,
        MemoryStore.open(schema.replace("series", "sequel"), create=True, patience_s=0.1) as other,
    ):
        with first._database.writing() as session:
            session.execute(text("UPDATE branches SET name = name"))
            assert other.commit(scene()).written
        assert first.end() is None
    run("DROP SCHEMA sequel CASCADE")


def test_writers_to_one_schema_by_different_search_paths_wait_for_each_other(
    schema: str, run: Callable[[str], list[Any]]
) -> None:
    run("CREATE SCHEMA nearer")
    try:
        with MemoryStore.open(schema, create=True) as store:
            store.commit(scene(1))
            with MemoryStore.open(schema.replace("%3Dseries", "%3Dnearer,series"), patience_s=0.1) as other:
                assert other.end() == StoryPosition(1, 1)
                with store.what_if(), pytest.raises(DatabaseLocked):
                    other.commit(scene(2))
    finally:
        run("DROP SCHEMA nearer CASCADE")


def test_an_empty_schema_is_refused(schema: str, run: Callable[[str], list[Any]]) -> None:
    with pytest.raises(MemoryFault, match=r"no memory of a series in it; `episodic generate`"):
        MemoryStore.open(schema)
    assert run("SELECT * FROM pg_tables WHERE schemaname = 'series'") == []


def test_a_schema_of_another_program_is_refused(schema: str, run: Callable[[str], list[Any]]) -> None:
    run("CREATE TABLE series.songs (title text)")
    with pytest.raises(MemoryFault, match=r"not the memory of a series.*songs.*csearch_path"):
        MemoryStore.open(schema, create=True)
    assert run("SELECT tablename FROM pg_tables WHERE schemaname = 'series'") == [("songs",)]


def test_a_read_only_role_can_read_but_not_write(
    schema: str, run: Callable[[str], list[Any]], role: Callable[[str], str]
) -> None:
    with MemoryStore.open(schema, create=True) as store:
        store.commit(scene())
    role("viewer")
    run("GRANT USAGE ON SCHEMA series TO viewer; GRANT SELECT ON ALL TABLES IN SCHEMA series TO viewer")
    with MemoryStore.open(as_user(schema, "viewer")) as store:
        assert store.as_of(AT).characters.keys() == {"mara"}
        with pytest.raises(DatabaseUnwritable, match=r"your user lacks a permission.*GRANT.*permission denied for table"):
            store.commit(scene(2))
        assert store.end() == AT


def test_a_role_that_may_not_create_tables_is_told_the_missing_grant(
    schema: str, run: Callable[[str], list[Any]], role: Callable[[str], str]
) -> None:
    role("viewer")
    run("GRANT USAGE ON SCHEMA series TO viewer")
    with pytest.raises(DatabaseUnwritable, match=r"lacks a permission.*GRANT USAGE, CREATE ON SCHEMA"):
        MemoryStore.open(as_user(schema, "viewer"), create=True)
    assert run("SELECT * FROM pg_tables WHERE schemaname = 'series'") == []


@pytest.mark.parametrize("name", ["series", "elsewhere"])
def test_a_missing_or_inaccessible_schema_is_named(schema: str, role: Callable[[str], str], name: str) -> None:
    url = as_user(schema, role("stranger")).replace("%3Dseries", f"%3D{name}")
    with pytest.raises(MemoryFault, match=rf"no schema in {name}, or you may not use it; CREATE SCHEMA"):
        MemoryStore.open(url, create=True)


def test_a_read_only_server_is_reported(schema: str) -> None:
    with MemoryStore.open(schema, create=True) as store:
        store.commit(scene())
    # what a standby does
    with MemoryStore.open(schema + "%20-cdefault_transaction_read_only%3Don") as store:
        assert store.end() == AT
        with pytest.raises(DatabaseUnwritable, match="only allows reading; name the primary server"):
            store.commit(scene(2))


def test_a_database_that_cannot_hold_every_text_is_refused(postgres: str, run: Callable[[str], list[Any]]) -> None:
    run("CREATE DATABASE latin TEMPLATE template0 ENCODING LATIN1 LOCALE_PROVIDER libc LOCALE 'C'")
    with pytest.raises(MemoryFault, match="stores text as LATIN1; expected UTF8: createdb --encoding=UTF8"):
        MemoryStore.open(postgres.replace("/postgres?", "/latin?"), create=True)
    run("DROP DATABASE latin")


def test_an_old_server_is_refused() -> None:
    old: Any = SimpleNamespace(dialect=SimpleNamespace(name="postgresql", server_version_info=(13, 4)))
    with pytest.raises(MemoryFault, match=r"here: the server is PostgreSQL 13\.4; expected 15 or later"):
        check_server("here", old)


# Passwords


def test_a_wrong_password_is_reported_without_repeating_it(schema: str, role: Callable[..., str]) -> None:
    role("guarded", "PASSWORD 'right'")
    with pytest.raises(MemoryFault, match=r"does not let this user in; check user and password") as caught:
        MemoryStore.open(as_user(schema, "guarded", "s3cret"))
    assert "s3cret" not in "".join(everything_said(caught.value))
    with pytest.raises(MemoryFault, match=r"does not let this user in; check user and password.*PGPASSWORD"):
        MemoryStore.open(as_user(schema, "guarded"))


def test_the_right_password_works_and_is_never_shown(
    schema: str, run: Callable[[str], list[Any]], role: Callable[..., str]
) -> None:
    role("guarded", "PASSWORD 's3cret'")
    run("GRANT ALL ON SCHEMA series TO guarded")
    for url in (as_user(schema, "guarded", "s3cret"), as_user(schema, "guarded") + "&password=s3cret"):
        with MemoryStore.open(url, create=True) as store:
            assert "guarded" in store._database.name
            assert "s3cret" not in store._database.name
            with pytest.raises(MemoryFault, match="no branch") as caught:
                store.end("none")
            assert "s3cret" not in "".join(everything_said(caught.value))


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+psycopg://user:s3cret@host:port/series",
        "postgresql+psycopg2://user:s3cret@host/series",
        "mysql://user:s3cret@host/series",
        "postgresql+psycopg://user:s3cret@127.0.0.1:1/series",
        "postgresql+psycopg://user@127.0.0.1:1/series?password=s3cret",
        "postgresql+psycopg://user:s3c@ret@host:port/series?password=s3cret&x=1",
    ],
)
def test_no_message_repeats_a_password(url: str) -> None:
    with pytest.raises(MemoryFault) as caught:
        Database(url, patience_s=0.1)
    words = "".join(everything_said(caught.value))
    assert "s3cret" not in words
    assert "s3c@ret" not in words


def everything_said(error: BaseException | None) -> Iterator[str]:
    """Yield the texts of an error and of its causes."""
    while error is not None:
        yield f"{error}{error!r}"
        error = error.__cause__ or error.__context__


# What is missing


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("postgresql+psycopg://u@127.0.0.1:1/series", "no server answers there; start it, or check the host and port"),
        ("postgresql+psycopg://u@/series?host=/nowhere", "no server answers there"),
        ("postgresql+psycopg://u@host.invalid/series", "no server answers there"),
        ("postgresql+asyncpg://u@host/series", r"driver 'asyncpg' is not supported; write postgresql\+psycopg"),
        ("mysql://u@host/series", "no such kind of database.*postgresql"),
    ],
)
def test_an_unreachable_or_unsupported_server_is_reported(url: str, message: str) -> None:
    with pytest.raises(MemoryFault, match=message):
        Database(url, patience_s=0.1)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("/postgres?", "/none?"), "no such database on the server; createdb it"),
        (("episodic@", "nobody_known@"), "does not know this user; createuser it"),
        (("&port=", "&prot=1&port="), "option that PostgreSQL does not know"),
    ],
)
def test_a_wrong_part_of_the_url_is_named(postgres: str, change: tuple[str, str], message: str) -> None:
    with pytest.raises(MemoryFault, match=message):
        Database(postgres.replace(*change))


def test_a_missing_driver_is_reported_with_how_to_install_it() -> None:
    script = """
import sys
sys.modules["psycopg"] = None  # as if it were not installed
from memory.errors import MemoryFault
from memory.schema.connection import Database
try:
    Database("postgresql+psycopg://u@host/series")
except MemoryFault as err:
    print(err.message)
"""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True)
    assert "driver for PostgreSQL cannot be loaded" in done.stdout, done.stderr
    assert "pip install 'psycopg[binary]" in done.stdout


def test_a_memory_in_a_file_needs_no_driver(tmp_path: Path) -> None:
    script = """
import sys
from memory.store import MemoryStore
MemoryStore.open(sys.argv[1], create=True).close()
print("psycopg" in sys.modules)
"""
    command = [sys.executable, "-c", script, str(tmp_path / "memory.db")]
    done = subprocess.run(command, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("False\n", "")


# Trouble on the way


def test_a_broken_connection_is_reported_and_reopened(schema: str, run: Callable[[str], list[Any]]) -> None:
    # only this store's: other tests of this process have connections of their own to the server
    end_all = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'broken'"

    def write_while_the_server_hangs_up(store: MemoryStore) -> None:
        with store._database.writing() as session:
            session.execute(text("UPDATE scenes SET title = 'half'"))
            run(end_all)
            session.execute(text("UPDATE scenes SET title = 'whole'"))

    with MemoryStore.open(f"{schema}&application_name=broken", create=True) as store:
        store.commit(scene())
        with pytest.raises(MemoryFault, match="the server went away, nothing was half-written"):
            write_while_the_server_hangs_up(store)
        run(end_all)
        assert [scene.title for episode in store.episodes() for scene in episode.scenes] == [""]
        assert store.commit(scene(2)).written


def test_a_migration_waits_for_its_turn_and_gives_up_with_a_clear_message(schema: str, run: Callable[[str], list[Any]]) -> None:
    MemoryStore.open(schema, create=True).close()
    writer = Database(schema)
    with writer.writing() as session:
        session.execute(text("UPDATE branches SET name = name"))
        run("DELETE FROM series.alembic_version")  # as a memory of before the first version
        with pytest.raises(DatabaseLocked, match="another process is writing"):
            Database(schema, create=True, patience_s=0.1)
    writer.close()


def test_a_commit_is_durable_even_with_synchronous_commit_off(schema: str) -> None:
    database = Database(schema + "%20-csynchronous_commit%3Doff", create=True)
    with database.writing() as session:
        assert session.execute(text("SHOW synchronous_commit")).scalar_one() == "on"
        assert session.execute(text("SHOW transaction_isolation")).scalar_one() == "read committed"
    with database.reading() as connection:
        assert connection.execute(text("SHOW transaction_isolation")).scalar_one() == "repeatable read"
        assert connection.execute(text("SHOW transaction_read_only")).scalar_one() == "on"
    database.close()


# The servers of the tests


def test_a_temporary_server_stops_with_its_process(postgres: str) -> None:
    owner = subprocess.Popen(["sleep", "60"])
    script = ROOT / "tools" / "postgres.sh"
    started = subprocess.run(["sh", script, "start", str(owner.pid)], capture_output=True, text=True, check=True)
    folder = Path(str(make_url(started.stdout.strip()).query["host"]))
    assert folder.is_dir()
    owner.kill()
    owner.wait()
    for _ in range(100):
        if not folder.exists():
            break
        time.sleep(0.1)
    assert not folder.exists()


def test_the_script_refuses_a_folder_that_is_not_its_own(tmp_path: Path) -> None:
    stopped = subprocess.run(["sh", ROOT / "tools" / "postgres.sh", "stop", str(tmp_path)], capture_output=True, text=True)
    assert stopped.returncode == 2
    assert tmp_path.is_dir()


@pytest.mark.skipif(importlib.util.find_spec("psycopg") is None, reason="the driver is not installed")
def test_a_folder_without_server_programs_is_reported(tmp_path: Path) -> None:
    environment = {**os.environ, "POSTGRES_BIN": str(tmp_path)}
    started = subprocess.run(["sh", ROOT / "tools" / "postgres.sh", "start"], env=environment, capture_output=True, text=True)
    assert started.returncode == 1
    assert f"POSTGRES_BIN={tmp_path}: there are no PostgreSQL server programs" in started.stderr
