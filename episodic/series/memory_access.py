"""Access to the memory of a series. Light: loads nothing that makes films."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from episodic.series.series import Series
from memory.errors import NoMemory
from memory.store import MemoryStore

__all__ = ["known_memory", "open_memory"]

_PATIENCE_S: Final = 30.0
"""How long to wait for another process. Longer than any reader holds a memory: a query must not make a render fail."""


@contextmanager
def open_memory(series: Series) -> Iterator[MemoryStore]:
    """Open the memory for writing, and create it if needed. Raises InputError, MemoryFault."""
    with MemoryStore.open(series.memory_location, create=True, patience_s=_PATIENCE_S) as store:
        yield store


@contextmanager
def known_memory(series: Series) -> Iterator[MemoryStore]:
    """Open the memory for reading. Without one, give an empty temporary memory, so that reading leaves no trace.

    Raises InputError, MemoryFault.
    """
    try:
        store = MemoryStore.open(series.memory_location)
    except NoMemory:
        with (
            tempfile.TemporaryDirectory(prefix="episodic-") as folder,
            MemoryStore.open(Path(folder) / "memory.db", create=True) as empty,
        ):
            yield empty
        return
    with store:
        yield store
