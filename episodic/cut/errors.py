"""Errors between the encoded shots and the finished film.

memory.errors.EpisodicError
└── CutError              the film or a shot file cannot be made or read
    └── DiskFull          there is no room for it
"""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import av

from memory.errors import EpisodicError

__all__ = ["CutError", "DiskFull", "write_faults"]

_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class CutError(EpisodicError):
    """The film or a shot file cannot be made or read."""


class DiskFull(CutError):
    """There is no room for the file."""

    exit_code = 2


@contextmanager
def write_faults(path: Path) -> Iterator[None]:
    """Turn errors of the encoder and the file system while `path` is written into one CutError that names it."""
    try:
        yield
    except (OSError, av.FFmpegError) as fault:
        number = fault.errno
        if number in _NO_ROOM:
            raise DiskFull(
                f"{path}: the disk (or the quota) is full; nothing half-written was left behind. "
                f"Free some space in {path.parent} and run the same command again: it resumes where it stopped"
            ) from fault
        reason = fault.strerror or str(fault)
        raise CutError(f"{path}: cannot be written: {reason}. Check that the folder exists and may be written to") from fault
