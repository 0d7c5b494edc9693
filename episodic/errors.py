"""Errors of making an episode. The whole tree hangs from `memory.errors.EpisodicError`.

EpisodicError
├── InputError            the user's words are wrong: an unknown style, size, backbone, folder (exit code 2)
│   └── MissingReference  a shot names somebody whom its backbone cannot be given
├── BackboneError         a backbone cannot be had, or cannot shoot what was asked
├── SpeechError           the speech engine or a voice cannot be had
├── SeriesBusy            another process is rendering this series
└── TaskFailed            a task of the production graph failed; carries which one and why
"""

from __future__ import annotations

import errno

from memory.errors import EpisodicError

__all__ = ["BackboneError", "InputError", "MissingReference", "SeriesBusy", "SpeechError", "TaskFailed"]


class InputError(EpisodicError):
    """What the user asked for cannot be understood or does not exist."""

    exit_code = 2


class MissingReference(InputError):
    """A shot names a character whose reference cannot be delivered to the backbone in any form."""


class BackboneError(EpisodicError):
    """A backbone cannot be had, or cannot shoot what was asked."""


class SpeechError(EpisodicError):
    """The speech engine or a voice cannot be had."""


class SeriesBusy(EpisodicError):
    """Another process is rendering this series."""


class TaskFailed(EpisodicError):
    """A task of the production graph failed. `exit_code` is that of what made it fail."""

    def __init__(self, message: str, exit_code: int = 1) -> None:
        super().__init__(message)
        self.exit_code = exit_code


_NO_ROOM = {errno.ENOSPC, errno.EDQUOT}
_NO_LEAVE = {errno.EACCES, errno.EPERM, errno.EROFS}


def explain_os_error(err: OSError) -> str | None:
    """A full disk, a missing permission or too long a name in one sentence with its remedy; None for any other error, which is our bug."""
    where = f"{err.filename}: " if err.filename else ""
    if err.errno in _NO_ROOM:
        return f"{where}the disk is full; make room (artifacts/ may go, it costs only time), then the same command goes on"
    if err.errno in _NO_LEAVE:
        return f"{where}no permission for this file or folder; allow it or choose another, then the same command goes on"
    if err.errno == errno.ENAMETOOLONG:
        return f"{where}this name is longer than the file system allows; choose a shorter one"
    return None
