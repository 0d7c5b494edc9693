"""The driver's own connection to PostgreSQL, for what tests do without going through `memory`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import make_url

if TYPE_CHECKING:
    import psycopg

__all__ = ["connect"]


def connect(url: str) -> psycopg.Connection[tuple[Any, ...]]:
    """Connect to the database of `url`; each statement is a transaction of its own."""
    import psycopg  # an optional dependency: tests without PostgreSQL run without it
    from psycopg.conninfo import make_conninfo

    target = make_url(url)
    settings = {name: str(value) for name, value in target.query.items()}
    return psycopg.connect(make_conninfo(user=target.username, dbname=target.database, **settings), autocommit=True)
