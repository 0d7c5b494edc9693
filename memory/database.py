"""Opening a series' database: the engine, its transactions, its version, and what the driver's errors mean for the user."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.orm import Session

from memory.errors import DatabaseLocked, DatabaseTooNew, DatabaseUnwritable, MemoryFault
from memory.migrations import HEAD, REVISIONS, upgrade

__all__ = ["Database"]

_READING: Final = "BEGIN"
_WRITING: Final = "BEGIN IMMEDIATE"


class Database:
    """One open database. Readers see one moment of it; writers queue up and see each other's finished work only."""

    def __init__(self, location: str | Path, *, create: bool = False, patience_s: float = 5.0) -> None:
        """Open `location`: a file (SQLite), or an SQLAlchemy URL. `patience_s` is how long to wait for another writer.

        Raises MemoryFault, DatabaseTooNew, DatabaseLocked.
        """
        url = str(location)
        self.name = url
        if "://" not in url:
            path = Path(location)
            self._require_file(path, create)
            url = f"sqlite:///{path.absolute()}"
        try:
            self._engine = create_engine(url, connect_args={"timeout": patience_s} if url.startswith("sqlite") else {})
        except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as err:
            raise MemoryFault(
                f"{self.name}: no such kind of database ({err}); name a file, or a URL such as sqlite:///memory.db"
            ) from err
        if self._engine.dialect.name == "sqlite":
            _prepare_sqlite(self._engine)
        try:
            self._bring_up_to_date()
        except BaseException:
            self._engine.dispose()
            raise

    def close(self) -> None:
        """Let go of the database. It can be closed again without harm."""
        self._engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that sees the database as it is at its first query."""
        with self._explained(), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session in one transaction: committed at the end, rolled back on any error. Other writers wait meanwhile."""
        with (
            self._explained(),
            self._engine.connect().execution_options(writes=True) as connection,
            Session(connection, autoflush=False) as session,
            session.begin(),
        ):
            yield session

    def _bring_up_to_date(self) -> None:
        with self.reading() as connection:
            revision = self._revision(connection)
        if self._engine.dialect.name == "sqlite":
            self._keep_a_log()
        if revision == HEAD:
            return
        with self.writing() as session:
            connection = session.connection()
            if self._revision(connection) != HEAD:  # another process may have been quicker
                upgrade(connection)

    def _keep_a_log(self) -> None:
        """Write ahead, so that readers and a writer do not wait for each other. The file remembers; only ours is told."""
        with self._explained(), closing(self._engine.raw_connection()) as connection:
            connection.cursor().execute("PRAGMA journal_mode = WAL")

    def _revision(self, connection: Connection) -> str | None:
        tables = set(inspect(connection).get_table_names())
        if not tables:
            return None
        if "alembic_version" not in tables:
            raise MemoryFault(
                f"{self.name} is a database, but not the memory of a series (its tables: {', '.join(sorted(tables)[:5])}); name another file"
            )
        found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        if found is not None and found not in REVISIONS:
            raise DatabaseTooNew(
                f"{self.name}: written by a newer version of episodic (database version {found}, this one reads up to {HEAD}); "
                "install the newer version: pip install --upgrade episodic"
            )
        return found

    def _require_file(self, path: Path, create: bool) -> None:
        if path.is_dir():
            raise MemoryFault(f"{path} is a folder; expected the memory of a series, a file such as {path / 'memory.db'}")
        if not create and not path.exists():
            raise MemoryFault(f"{path}: there is no such memory; `episodic generate` or `episodic plan` begins a series")
        if not path.parent.is_dir():
            raise MemoryFault(f"{path}: the folder {path.parent} does not exist; make it first")

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Turn the driver's errors into the user's."""
        try:
            yield
        except DBAPIError as err:
            raise self._meaning(err) from err
        except (sqlite3.Error, UnicodeEncodeError) as err:
            raise MemoryFault(f"{self.name}: {err}") from err

    def _meaning(self, err: DBAPIError) -> MemoryFault:
        said = str(err.orig)
        for sign, meaning in _MEANINGS.items():
            if sign in said:
                kind = DatabaseLocked if "locked" in sign else DatabaseUnwritable if sign in _UNWRITABLE else MemoryFault
                return kind(f"{self.name}: {meaning} ({said})")
        return MemoryFault(f"{self.name}: the database refused: {said}")


_UNWRITABLE: Final = frozenset({"readonly database", "unable to open database file", "disk is full"})
_MEANINGS: Final = {
    "database is locked": "another process is writing to this series and did not finish in time; wait for it and try again",
    "database table is locked": "another process is writing to this series and did not finish in time; wait for it and try again",
    "file is not a database": "this is not a database; restore it from a backup, or delete it and render the series again",
    "malformed": "the database is damaged; restore it from a backup, or delete it and render the series again",
    "readonly database": "no permission to write here; give yourself write permission on the file and its folder",
    "unable to open database file": "cannot be opened; check the permissions of the file and its folder (both must be writable)",
    "disk is full": "the disk is full; make room and try again, nothing was half-written",
    "disk I/O error": "the disk reports an error; check the disk and its free space, then try again",
}


def _prepare_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def configure(connection: Any, _record: Any) -> None:
        # The driver's own transactions commit before DDL and begin late; ours are begun below.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in ("synchronous = FULL", "foreign_keys = ON"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # IMMEDIATE: a writer that must wait does so before it has read anything, so that it never works on stale rows
        connection.exec_driver_sql(_WRITING if connection.get_execution_options().get("writes") else _READING)
