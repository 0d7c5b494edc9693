"""Errors of making an episode. `memory.errors.EpisodicError` is the base class of all.

EpisodicError
├── InputError            wrong input: an unknown style, size, backbone, folder (exit code 2)
│   └── MissingReference  a reference of a character in the shot cannot reach the backbone
├── BackboneError         a backbone is not available, or cannot shoot the request
├── SpeechError           the speech engine or a voice is not available
├── SeriesBusy            another process is rendering this series
└── TaskFailed            a task of the production graph failed; names the task and the reason
"""

from __future__ import annotations

import errno

from memory.errors import EpisodicError

__all__ = ["BackboneError", "InputError", "MissingReference", "SeriesBusy", "SpeechError", "TaskFailed"]


class InputError(EpisodicError):
    """The user's input is wrong: it cannot be parsed, or names something that does not exist."""

    exit_code = 2


class MissingReference(InputError):
    """The reference of a character in a shot cannot be delivered to the backbone in any form."""


class BackboneError(EpisodicError):
    """A backbone is not available, or cannot shoot the request."""


class SpeechError(EpisodicError):
    """The speech engine or a voice is not available."""


class SeriesBusy(EpisodicError):
    """Another process is rendering this series."""


class TaskFailed(EpisodicError):
    """A task of the production graph failed. `exit_code` is that of its cause."""

    def __init__(self, message: str, exit_code: int = 1) -> None:
        super().__init__(message)
        self.exit_code = exit_code


_DISK_FULL = {errno.ENOSPC, errno.EDQUOT}
_NO_PERMISSION = {errno.EACCES, errno.EPERM, errno.EROFS}


def explain_os_error(err: OSError) -> str | None:
    """Explain a full disk, a missing permission or too long a name, with the remedy. None for other errors, which are bugs."""
    where = f"{err.filename}: " if err.filename else ""
    if err.errno in _DISK_FULL:
        return f"{where}the disk is full; make room (artifacts/ can be deleted, which costs only time), then run the same command again"
    if err.errno in _NO_PERMISSION:
        return f"{where}no permission for this file or folder; change the permission or choose another, then run the same command again"
    if err.errno == errno.ENAMETOOLONG:
        return f"{where}this name is longer than the file system allows; choose a shorter one"
    return None
