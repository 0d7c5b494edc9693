"""Databases for the tests of memory: SQLite files and PostgreSQL schemas, created quickly for each test.

`location` is the path or URL of a new memory; a test that uses it runs once for each kind of database. `places` creates more of
them, also within tests by Hypothesis. `empty_location` is a path or URL without a memory. `postgres` is the URL of an empty server,
`pgvector_server` the URL of a server that has the extension pgvector.
"""

from __future__ import annotations

import importlib.util
import itertools
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

import pytest

from memory.store import MemoryStore
from tests.memory.postgres_connection import connect

if TYPE_CHECKING:
    import psycopg

ROOT: Final = Path(__file__).parents[2]
SCRIPT: Final = ROOT / "tools" / "postgres.sh"
DEMANDED: Final = bool(os.environ.get("EPISODIC_NEEDS_POSTGRES"))
"""Whether tests fail, instead of being skipped, where there is no PostgreSQL."""

_numbers = itertools.count(1)


class Places(Protocol):
    """Creates locations for memories in one kind of database."""

    kind: str

    def fresh(self) -> AbstractContextManager[str]:
        """Yield the location of a new memory, and delete it afterwards."""
        ...

    def empty(self) -> AbstractContextManager[str]:
        """Yield a location without a memory, and delete it afterwards."""
        ...


class SqlitePlaces:
    """Files in one folder. A fresh memory is a copy of a file created once."""

    kind = "sqlite"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._template: bytes | None = None

    @contextmanager
    def fresh(self) -> Iterator[str]:
        with self.empty() as location:
            if self._template is None:
                MemoryStore.open(location, create=True).close()
                self._template = Path(location).read_bytes()
            else:
                Path(location).write_bytes(self._template)
            yield location

    @contextmanager
    def empty(self) -> Iterator[str]:
        folder = self._folder / str(next(_numbers))
        folder.mkdir()
        try:
            yield str(folder / "memory.db")
        finally:
            shutil.rmtree(folder)


class PostgresPlaces:
    """Schemas of one database. A used schema is reset and used again; creating one takes ten times as long."""

    kind = "postgresql"

    def __init__(self, server: str) -> None:
        self._server = server
        self._free: list[_Schema] = []
        self._connection = connect(server)

    def close(self) -> None:
        for schema in self._free:
            schema.drop()
        self._connection.close()

    @contextmanager
    def fresh(self) -> Iterator[str]:
        schema = self._free.pop() if self._free else _Schema(self._connection, self._server, with_tables=True)
        try:
            yield schema.location
        finally:
            if schema.reset():
                self._free.append(schema)
            else:
                schema.drop()

    @contextmanager
    def empty(self) -> Iterator[str]:
        schema = _Schema(self._connection, self._server, with_tables=False)
        try:
            yield schema.location
        finally:
            schema.drop()


class _Schema:
    def __init__(self, connection: psycopg.Connection[tuple[Any, ...]], server: str, *, with_tables: bool) -> None:
        self._connection = connection
        self._name = f"memory_{os.getpid()}_{next(_numbers)}"
        self.location = f"{server}&options=-csearch_path%3D{self._name}"
        connection.execute(f"CREATE SCHEMA {self._name}")
        if with_tables:
            MemoryStore.open(self.location, create=True).close()
            self._shape = self._look()
            self._rows = {table: connection.execute(f"SELECT * FROM {self._name}.{table}").fetchall() for table in self._tables()}
            self._counters = self._count()

    def reset(self) -> bool:
        """Restore the rows of a new memory. Returns False if a test changed the tables."""
        if self._look() != self._shape:
            return False
        with self._connection.transaction():
            # without foreign keys the order does not matter
            self._connection.execute("SET LOCAL session_replication_role = replica")
            self._connection.execute(";".join(f"DELETE FROM {self._name}.{table}" for table in self._tables()))
            for table, rows in self._rows.items():
                for row in rows:
                    marks = ", ".join(["%s"] * len(row))
                    self._connection.execute(f"INSERT INTO {self._name}.{table} VALUES ({marks})", row)
            for sequence, last in self._counters:
                self._connection.execute("SELECT setval(%s, %s, %s)", (f"{self._name}.{sequence}", last or 1, last is not None))
        return True

    def drop(self) -> None:
        self._connection.execute(f"DROP SCHEMA {self._name} CASCADE")

    def _look(self) -> list[tuple[Any, ...]]:
        return self._connection.execute(
            "SELECT relname, relkind, relnatts FROM pg_class WHERE relnamespace = to_regnamespace(%s) ORDER BY relname",
            (self._name,),
        ).fetchall()

    def _tables(self) -> list[str]:
        return [name for name, kind, _ in self._shape if kind == "r"]

    def _count(self) -> list[tuple[Any, ...]]:
        return self._connection.execute(
            "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = %s", (self._name,)
        ).fetchall()


@contextmanager
def server(programs: str = "") -> Iterator[str]:
    """Run a temporary server with the programs in the folder `programs`, or with the installed ones. Skips or fails if there are none."""
    if importlib.util.find_spec("psycopg") is None:
        _do_without("the driver is not installed: pip install 'psycopg[binary]>=3.2,<4'")
    started = _start(programs)
    if started.returncode and not programs and (bundled := bundled_programs()):
        started = _start(bundled)
    if started.returncode:
        _do_without(f"no PostgreSQL server: {started.stderr.strip()}")
    url = started.stdout.strip()
    try:
        yield url
    finally:
        subprocess.run(["sh", SCRIPT, "stop", url], check=True)


def _start(programs: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, **({"POSTGRES_BIN": programs} if programs else {})}
    return subprocess.run(["sh", SCRIPT, "start", str(os.getpid())], capture_output=True, text=True, env=environment)


def bundled_programs() -> str:
    """Return the folder of the server with pgvector in the package pgserver, or "" if the package is not installed."""
    package = importlib.util.find_spec("pgserver")
    return "" if package is None or package.origin is None else str(Path(package.origin).parent / "pginstall" / "bin")


def _do_without(reason: str) -> None:
    if DEMANDED:
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    with server() as url:
        yield url


@pytest.fixture(scope="session")
def pgvector_server() -> Iterator[str]:
    if not (programs := bundled_programs()):
        pytest.skip("no server with pgvector: the package pgserver is not installed here")
    with server(programs) as url:
        yield url


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def places(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Places]:
    if request.param == "sqlite":
        yield SqlitePlaces(tmp_path_factory.mktemp("places"))
    else:
        schemas = PostgresPlaces(request.getfixturevalue("postgres"))
        yield schemas
        schemas.close()


@pytest.fixture
def location(places: Places) -> Iterator[str]:
    with places.fresh() as where:
        yield where


@pytest.fixture
def empty_location(places: Places) -> Iterator[str]:
    with places.empty() as where:
        yield where
