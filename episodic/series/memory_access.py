"""Opening the memory of a series. Light: a look into memory loads nothing that makes films."""

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
"""Longer than anybody looks into a memory: a render must not fail because somebody asks how far it is."""


@contextmanager
def open_memory(series: Series) -> Iterator[MemoryStore]:
    """The series' memory, to write to; begun where there is none. Raises InputError, MemoryFault."""
    with MemoryStore.open(series.memory_location, create=True, patience_s=_PATIENCE_S) as store:
        yield store


@contextmanager
def known_memory(series: Series) -> Iterator[MemoryStore]:
    """The series' memory, to read from; an empty one elsewhere where the series has none yet, for looking must leave no trace.

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
