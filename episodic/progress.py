"""Reading large files through takes seconds to minutes; who started it may want to hear how far it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Reading", "ReadingListener", "heard_by", "tell_reading"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How much of a folder's large files has been read."""

    root: Path
    bytes: int
    of_bytes: int


ReadingListener = Callable[[Reading], None]

_LISTENER: ContextVar[ReadingListener | None] = ContextVar("reading", default=None)


@contextmanager
def heard_by(listener: ReadingListener) -> Iterator[None]:
    """Whatever is read within, in this thread, is told to `listener`; threads and processes started within read quietly."""
    token = _LISTENER.set(listener)
    try:
        yield
    finally:
        _LISTENER.reset(token)


def tell_reading(now: Reading) -> None:
    """Tell who listens; nothing where nobody does."""
    listener = _LISTENER.get()
    if listener is not None:
        listener(now)
