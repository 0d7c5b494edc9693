"""The database of a series: its transactions, its version, and trial transactions that are rolled back."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from sqlalchemy import URL, Connection, inspect, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from memory.errors import DatabaseLocked, DatabaseTooNew, DatabaseUnwritable, MemoryFault, NoMemory
from memory.migrations import HEAD, REVISIONS
from memory.schema import pgvector
from memory.schema.dialects import READER, WRITER, Dialect, check_server, dialect_of, explain, hidden, open_engine, parse_url

__all__ = ["Database"]


class Database:
    """An open database. A reader sees a consistent state; writers queue up and see each other's committed work only."""

    name: str
    """Its name in messages: the file, or the URL without its password."""
    dialect: Dialect

    def __init__(self, location: str | Path, *, create: bool = False, patience_s: float = 5.0) -> None:
        """Open `location`: a file (SQLite), or a URL of SQLite or PostgreSQL. Older versions are upgraded.

        `create` allows the memory to be new; `patience_s` is how many seconds to wait for another writer.
        Raises MemoryFault, DatabaseTooNew, DatabaseLocked, DatabaseUnwritable.
        """
        if "://" in str(location):
            url = parse_url(str(location))
            self.name = hidden(url)
            if url.get_backend_name() == "sqlite":
                self._require_file(Path(url.database or ""), create)
        else:
            path = Path(location)
            self.name = str(location)
            self._require_file(path, create)
            url = URL.create("sqlite", database=str(path.absolute()))
        self._engine = open_engine(url, patience_s)
        self.dialect = dialect_of(self._engine)
        try:
            self._upgrade_if_outdated(create)
        except BaseException:
            self._engine.dispose()
            raise

    def close(self) -> None:
        """Close the database. Closing it twice does no harm."""
        self._engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that sees the database as it is at its first query."""
        with self._explained(), self._engine.connect().execution_options(**READER[self.dialect]) as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session in one transaction: committed at the end, rolled back on any error. Other writers wait meanwhile.

        Raises DatabaseLocked if another process writes for longer than `patience_s`; nothing is written then.
        """
        with (
            self._explained(),
            self._engine.connect().execution_options(**WRITER[self.dialect]) as connection,
            Session(connection, autoflush=False) as session,
            session.begin(),
        ):
            yield session

    @contextmanager
    def trial(self) -> Iterator[Database]:
        """A database like this one whose reads and writes are all inside one transaction, which is rolled back at the end.

        Other writers wait meanwhile; other readers do not see the changes. For one thread only. Raises DatabaseLocked.
        """
        with (
            self._explained(),
            self._engine.connect().execution_options(**WRITER[self.dialect]) as connection,
            connection.begin() as transaction,
        ):
            try:
                yield _TrialDatabase(self.name, self.dialect, connection)
            finally:
                transaction.rollback()

    def _upgrade_if_outdated(self, create: bool) -> None:
        with self.reading() as connection:
            check_server(self.name, connection)
            revision = self._revision(connection)
        if self.dialect == "sqlite":
            self._enable_write_ahead_log()
        elif revision is None and not create:
            raise NoMemory(
                f"{self.name}: there is no memory of a series in it; `episodic generate` or `episodic plan` begins a series"
            )
        if revision != HEAD:
            self._migrate()
        if self.dialect == "postgresql":
            self._prepare_vectors()

    def _migrate(self) -> None:
        with self.writing() as session:
            connection = session.connection()
            if self._revision(connection) != HEAD:  # another process may have been quicker
                if self.dialect == "postgresql":
                    pgvector.drop_table(connection)
                from memory.migrations.upgrade import upgrade

                upgrade(connection)

    def _prepare_vectors(self) -> None:
        with self.reading() as connection:
            if not pgvector.wants_table(connection):
                return
        # Search works without the table: a reader need not wait for a writer, nor be allowed to write.
        with suppress(DatabaseLocked, DatabaseUnwritable), self.writing() as session:
            if pgvector.make_table(session.connection()):
                pgvector.fill_missing(session.connection())

    def _enable_write_ahead_log(self) -> None:
        """Use a write-ahead log, so that readers and a writer do not wait for each other. The setting stays in the file."""
        with self._explained(), closing(self._engine.raw_connection()) as connection:
            connection.cursor().execute("PRAGMA journal_mode = WAL")

    def _revision(self, connection: Connection) -> str | None:
        tables = set(inspect(connection).get_table_names())
        if not tables:
            return None
        if "alembic_version" not in tables or "branches" not in tables:
            other = "file" if self.dialect == "sqlite" else "database or schema (?options=-csearch_path=SCHEMA)"
            raise MemoryFault(
                f"{self.name} is a database, but not the memory of a series (its tables: {', '.join(sorted(tables)[:5])}); "
                f"name another {other}"
            )
        revision = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        if revision is not None and revision not in REVISIONS:
            raise DatabaseTooNew(
                f"{self.name}: written by a newer version of episodic (database version {revision}, this one reads up to {HEAD}); "
                "install the newer version: pip install --upgrade episodic"
            )
        return revision

    def _require_file(self, path: Path, create: bool) -> None:
        if path.is_dir():
            raise MemoryFault(f"{path} is a folder; expected the memory of a series, a file such as {path / 'memory.db'}")
        if not create and not path.exists():
            raise NoMemory(f"{path}: there is no such memory; `episodic generate` or `episodic plan` begins a series")
        if not path.parent.is_dir():
            raise MemoryFault(f"{path}: the folder {path.parent} does not exist; make it first")

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Turn the driver's errors into messages for the user."""
        try:
            yield
        except DBAPIError as err:
            raise explain(self.name, err) from err
        except (sqlite3.Error, UnicodeEncodeError) as err:
            raise MemoryFault(f"{self.name}: {err}") from err


class _TrialDatabase(Database):
    """A database inside one transaction of another one."""

    def __init__(self, name: str, dialect: Dialect, connection: Connection) -> None:
        self.name = name
        self.dialect = dialect
        self._connection = connection

    def close(self) -> None:
        """Do nothing: the transaction ends where it began."""

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """The connection of the transaction."""
        with self._explained():
            yield self._connection

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session in a savepoint: an error rolls it back, and what was written before stays."""
        with (
            self._explained(),
            Session(self._connection, autoflush=False, join_transaction_mode="create_savepoint") as session,
            session.begin(),
        ):
            yield session

    @contextmanager
    def trial(self) -> Iterator[Database]:
        """A trial within the trial."""
        with self._explained(), self._connection.begin_nested() as savepoint:
            try:
                yield self
            finally:
                savepoint.rollback()
