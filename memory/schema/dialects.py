"""The supported databases: how each is opened, how its transactions begin, and what its errors mean for the user.

SQLite is a file. PostgreSQL (15 or later, driver psycopg 3) is a URL, `postgresql+psycopg://USER@HOST/DATABASE`; several series share
one database by a schema each: `?options=-csearch_path=SCHEMA`. Everything else in `memory` is the same code on both.
"""

from __future__ import annotations

import math
import re
import sqlite3
from typing import Any, Final, Literal

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from memory.errors import DatabaseLocked, DatabaseUnwritable, MemoryFault

__all__ = ["READER", "WRITER", "Dialect", "check_server", "dialect_of", "explain", "hidden", "open_engine", "parse_url"]

Dialect = Literal["sqlite", "postgresql"]

OLDEST_SERVER: Final = 15
_DRIVER: Final = "pip install 'psycopg[binary]>=3.2,<4'"
_EXAMPLES: Final = "name a file, or a URL such as sqlite:///memory.db or postgresql+psycopg://USER@HOST/DATABASE"
_SECRETS: Final = ("password", "sslpassword")
_LOCK_CLASS: Final = 0x65706973
"""The first half of the key of our advisory locks (the letters "epis"), so that no other program uses it; the second half is the schema."""
# not current_schema: a memory can be further along the search path, and every process must wait for the same lock
_SCHEMA_OF_MEMORY: Final = "SELECT relnamespace::regnamespace::text FROM pg_class WHERE oid = to_regclass('branches')"

READER: Final[dict[Dialect, dict[str, str | bool]]] = {
    "sqlite": {},
    "postgresql": {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True},
}
"""Execution options of a connection whose transaction reads one consistent state."""
# READ COMMITTED on PostgreSQL: the snapshot of a stricter level would be from before the lock was waited for, and so stale.
WRITER: Final[dict[Dialect, dict[str, str | bool]]] = {
    "sqlite": {"writes": True},
    "postgresql": {"writes": True, "isolation_level": "READ COMMITTED"},
}
"""Execution options of a connection whose transaction is the only one that writes."""


def parse_url(location: str) -> URL:
    """Read a database URL. Raises MemoryFault, which does not repeat a password."""
    try:
        url = make_url(location)
    except (ArgumentError, ValueError):
        url = None
    if url is None:  # outside of the handler: the driver's message contains the whole URL
        raise MemoryFault(f"{_without_credentials(location)}: not a database URL; {_EXAMPLES}")
    backend, _, driver = url.drivername.partition("+")
    if backend in ("postgresql", "postgres") and driver in ("", "psycopg"):
        return url.set(drivername="postgresql+psycopg")
    if backend == "postgresql":
        raise MemoryFault(f"{hidden(url)}: the driver {driver!r} is not supported; write postgresql+psycopg://…, {_DRIVER}")
    if backend != "sqlite":
        raise MemoryFault(f"{hidden(url)}: no such kind of database ({backend!r}); {_EXAMPLES}")
    if driver not in ("", "pysqlite"):
        raise MemoryFault(f"{hidden(url)}: the driver {driver!r} is not supported; write sqlite:///…")
    if url.database in (None, "", ":memory:") or "uri" in url.query:
        raise MemoryFault(f"{hidden(url)}: names no file, and what is in no file is lost at the end; {_EXAMPLES}")
    return url


def hidden(url: URL) -> str:
    """The URL without passwords, for messages."""
    secret = {name: "hidden" for name in _SECRETS if name in url.query}
    shown = url.update_query_dict(secret).render_as_string(hide_password=True)
    return shown.replace("%2F", "/")  # folders of sockets, readable


def dialect_of(engine: Engine) -> Dialect:
    """The kind of database of an engine."""
    return "postgresql" if engine.dialect.name == "postgresql" else "sqlite"


def open_engine(url: URL, patience_s: float) -> Engine:
    """Make an engine for `url`, not yet connected. Writers wait up to `patience_s` seconds for each other. Raises MemoryFault."""
    try:
        if url.get_backend_name() == "sqlite":
            engine = create_engine(url, connect_args={"timeout": patience_s})
            _prepare_sqlite(engine)
        else:
            waits = {} if "connect_timeout" in url.query else {"connect_timeout": max(2, math.ceil(patience_s))}
            # a series is rendered for hours between two commits, and servers hang up on the idle: ask before each use
            engine = create_engine(url, connect_args=waits, pool_pre_ping=True)
            _prepare_postgresql(engine, patience_s)
    except NoSuchModuleError as err:
        raise MemoryFault(f"{hidden(url)}: no such kind of database ({err}); {_EXAMPLES}") from err
    except ImportError as err:
        raise MemoryFault(f"{hidden(url)}: the driver for PostgreSQL cannot be loaded ({err}); {_DRIVER}") from err
    return engine


def check_server(name: str, connection: Connection) -> None:
    """Check that this server, database and schema can store a memory. Raises MemoryFault."""
    if connection.dialect.name != "postgresql":
        return
    version = connection.dialect.server_version_info or (0,)
    if int(version[0]) < OLDEST_SERVER:
        number = ".".join(map(str, version))
        raise MemoryFault(f"{name}: the server is PostgreSQL {number}; expected {OLDEST_SERVER} or later: upgrade the server")
    schema, encoding, search_path = connection.exec_driver_sql(
        "SELECT current_schema(), current_setting('server_encoding'), current_setting('search_path')"
    ).one()
    if encoding != "UTF8":
        raise MemoryFault(
            f"{name}: the database stores text as {encoding}; expected UTF8: createdb --encoding=UTF8 --template=template0 NAME"
        )
    if schema is None:
        raise MemoryFault(
            f"{name}: there is no schema in {search_path}, or you may not use it; CREATE SCHEMA it, or GRANT USAGE, CREATE on it to your user"
        )


def explain(name: str, err: DBAPIError) -> MemoryFault:
    """The error for the user that explains a driver's error about the database `name`."""
    words = " ".join(str(err.orig).split())
    state = getattr(err.orig, "sqlstate", None)
    explanation = _BY_STATE.get(state or "") or _BY_STATE.get((state or "")[:2])
    if explanation is None:
        signs = _BY_SQLITE_TEXT if isinstance(err.orig, sqlite3.Error) else _BY_CONNECTION_TEXT
        explanation = next((candidate for sign, candidate in signs.items() if re.search(sign, words)), None)
    if explanation is None and state is None and "connection" in words and not isinstance(err.orig, sqlite3.Error):
        explanation = (MemoryFault, "there is no connection to the server; check host, port, database and user in the URL")
    error, meaning = explanation or (MemoryFault, "the database refused")
    return error(f"{name}: {meaning} ({words})")


_BUSY: Final = (
    DatabaseLocked,
    "another process is writing to this series and did not finish in time; nothing was written here: wait for it and try again",
)
_DAMAGED: Final = (MemoryFault, "the database is damaged; restore it from a backup, or delete it and render the series again")
_ALTERED: Final = (
    MemoryFault,
    "tables of the memory are missing or were changed by hand; restore it from a backup, or delete it and render the series again",
)
_FULL: Final = (DatabaseUnwritable, "the disk is full; make room and try again, nothing was half-written")
_GONE: Final = (MemoryFault, "the server went away, nothing was half-written; start it and try again")
_CROWDED: Final = (
    MemoryFault,
    "the server has no connection left; close other programs that use it, or raise its max_connections",
)
_FORBIDDEN: Final = (
    DatabaseUnwritable,
    "your user lacks a permission; as the owner: GRANT USAGE, CREATE ON SCHEMA … and GRANT ALL ON ALL TABLES IN SCHEMA … to it",
)
_READ_ONLY: Final = (
    DatabaseUnwritable,
    "the server only allows reading; name the primary server, or turn default_transaction_read_only off",
)
_NOBODY_THERE: Final = (MemoryFault, "no server answers there; start it, or check the host and port in the URL")
_WRONG_PASSWORD: Final = (
    MemoryFault,
    "the server does not let this user in; check user and password (in the URL, in PGPASSWORD or in ~/.pgpass)",
)

_Explanation = tuple[type[MemoryFault], str]

_BY_SQLITE_TEXT: Final[dict[str, _Explanation]] = {
    "database is locked": _BUSY,
    "database table is locked": _BUSY,
    "file is not a database": (
        MemoryFault,
        "this is not a database; restore it from a backup, or delete it and render the series again",
    ),
    "malformed": _DAMAGED,
    "readonly database": (
        DatabaseUnwritable,
        "no permission to write here; give yourself write permission on the file and its folder",
    ),
    "unable to open database file": (
        DatabaseUnwritable,
        "cannot be opened; check the permissions of the file and its folder (both must be writable)",
    ),
    "disk is full": _FULL,
    "disk I/O error": (MemoryFault, "the disk reports an error; check the disk and its free space, then try again"),
    "no such table": _ALTERED,
    "no such column": _ALTERED,
}
_BY_STATE: Final[dict[str, _Explanation]] = {
    "55P03": _BUSY,  # lock_not_available: lock_timeout ran out
    "40001": _BUSY,  # serialization_failure
    "40P01": _BUSY,  # deadlock_detected
    "42501": _FORBIDDEN,
    "25006": _READ_ONLY,
    "53100": _FULL,
    "53300": _CROWDED,
    "42P01": _ALTERED,  # undefined_table
    "42703": _ALTERED,  # undefined_column
    "XX001": _DAMAGED,
    "XX002": _DAMAGED,
    "57P01": _GONE,  # admin_shutdown
    "57P02": _GONE,
    "57P03": _GONE,
    "08": _GONE,
}
"""By SQLSTATE (PostgreSQL's documentation, appendix A), or by its class, the first two letters."""
_BY_CONNECTION_TEXT: Final[dict[str, _Explanation]] = {
    "password authentication failed": _WRONG_PASSWORD,
    "no password supplied": _WRONG_PASSWORD,
    "no pg_hba.conf entry": (MemoryFault, "the server does not let this user in from here; add a line to its pg_hba.conf"),
    "Peer authentication failed": _WRONG_PASSWORD,
    'role ".*" does not exist': (MemoryFault, "the server does not know this user; createuser it, or check the URL"),
    'database ".*" does not exist': (MemoryFault, "there is no such database on the server; createdb it, or check the URL"),
    "too many clients": _CROWDED,
    "remaining connection slots": _CROWDED,
    "starting up": _GONE,
    "shutting down": _GONE,
    "server closed the connection": _GONE,
    "connection is lost": _GONE,
    "terminating connection": _GONE,
    "refused": _NOBODY_THERE,
    "No such file or directory": _NOBODY_THERE,
    "resolve host": _NOBODY_THERE,
    "timeout": _NOBODY_THERE,
    "invalid connection option": (MemoryFault, "the URL has an option that PostgreSQL does not know; correct it"),
}
"""By a pattern in the message: a failed connection has no SQLSTATE."""


def _without_credentials(location: str) -> str:
    """A text that should be a URL, without anything that may be a password."""
    return re.sub(r"(password=)[^&]*", r"\1***", re.sub(r"://.*@", "://***@", location, flags=re.DOTALL))


def _prepare_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def configure(connection: Any, _record: Any) -> None:
        # The driver's own transactions commit before DDL and begin late; ours are begun below.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in ("synchronous = FULL", "foreign_keys = ON", "cache_size = -65536", "mmap_size = 1073741824"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # IMMEDIATE: a writer that must wait does so before it has read anything, so that it never works on stale rows
        connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.get_execution_options().get("writes") else "BEGIN")


def _prepare_postgresql(engine: Engine, patience_s: float) -> None:
    patience_ms = max(1, round(patience_s * 1000))  # 0 would be for ever

    @event.listens_for(engine, "checkin")
    def forget(connection: Any, _record: Any) -> None:
        # After a reader the pool sets "read write", which would override a server or a user that is set to read-only.
        if connection is not None and not connection.closed:
            connection.read_only = None

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # One writer per schema, like BEGIN IMMEDIATE; the lock ends with the transaction. Commits are flushed to disk even where
        # the server's own default is faster.
        if connection.get_execution_options().get("writes"):
            connection.exec_driver_sql(
                f"SELECT set_config('lock_timeout', '{patience_ms}ms', true), set_config('synchronous_commit', 'on', true), "
                f"pg_advisory_xact_lock({_LOCK_CLASS}, hashtext(coalesce(({_SCHEMA_OF_MEMORY}), current_schema(), '')))"
            )
