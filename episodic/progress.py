"""Progress of reading large files, which takes seconds to minutes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path

__all__ = ["ReadListener", "ReadProgress", "report_read", "report_reads_to"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadProgress:
    """How much of a folder's large files has been read."""

    root: Path
    bytes: int
    total_bytes: int


ReadListener = Callable[[ReadProgress], None]

_LISTENER: ContextVar[ReadListener | None] = ContextVar("reading", default=None)


@contextmanager
def report_reads_to(listener: ReadListener) -> Iterator[None]:
    """Report what this thread reads inside the block to `listener`. Other threads and processes read silently."""
    token = _LISTENER.set(listener)
    try:
        yield
    finally:
        _LISTENER.reset(token)


def report_read(progress: ReadProgress) -> None:
    """Report to the listener, if there is one."""
    listener = _LISTENER.get()
    if listener is not None:
        listener(progress)
