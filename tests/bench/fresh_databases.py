"""Empty memories on both databases, one after the other, for the benches of memory."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from sqlalchemy import make_url

from memory.store import MemoryStore

__all__ = ["Fresh", "postgresql_places", "sqlite_places"]

ROOT = Path(__file__).parents[2]

Fresh = Callable[[], AbstractContextManager[str]]
"""Make an empty memory and give its location; remove it afterwards."""


@contextmanager
def sqlite_places() -> Iterator[Fresh]:
    """Give new files in a temporary folder, copied from an empty memory."""
    with tempfile.TemporaryDirectory() as folder:
        empty = Path(folder, "empty.db")
        MemoryStore.open(empty, create=True).close()
        image = empty.read_bytes()

        @contextmanager
        def fresh() -> Iterator[str]:
            with tempfile.TemporaryDirectory(dir=folder) as place:
                Path(place, "memory.db").write_bytes(image)
                yield str(Path(place, "memory.db"))

        yield fresh


@contextmanager
def postgresql_places() -> Iterator[Fresh]:
    """Give schemas in a server of its own, one after the other."""
    import psycopg  # optional: SQLite needs none

    script = ["sh", str(ROOT / "tools" / "postgres.sh")]
    url = subprocess.run([*script, "start", str(os.getpid())], check=True, capture_output=True, text=True).stdout.strip()
    target = make_url(url)
    count = 0
    try:
        with psycopg.connect(user=target.username, dbname=target.database, autocommit=True, **dict(target.query)) as server:  # type: ignore[arg-type]

            @contextmanager
            def fresh() -> Iterator[str]:
                nonlocal count
                count += 1
                name = f"model_{count}"
                server.execute(f"CREATE SCHEMA {name}".encode())
                location = f"{url}&options=-csearch_path%3D{name}"
                MemoryStore.open(location, create=True).close()
                try:
                    yield location
                finally:
                    server.execute(f"DROP SCHEMA {name} CASCADE".encode())

            yield fresh
    finally:
        subprocess.run([*script, "stop", url], check=True)
