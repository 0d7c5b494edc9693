"""What can go wrong, and what the user can do about it.

EpisodicError                     the root: everything a user can mend
├── MemoryFault                   the series' memory cannot be read or written
│   ├── DatabaseTooNew            written by a newer version of episodic
│   ├── DatabaseUnwritable        no room or no permission for it
│   └── DatabaseLocked            another process holds it
├── planners.errors.PlanError     the plan or the prompt is wrong
└── episodic.errors               everything that makes an episode

An error says what, where, what was expected, what was found and the remedy, in one screen.
"""

from __future__ import annotations

__all__ = ["DatabaseLocked", "DatabaseTooNew", "DatabaseUnwritable", "EpisodicError", "MemoryFault"]


class EpisodicError(Exception):
    """Something the user can mend.

    `message` is one sentence or a short block that names the place and the remedy; `exit_code` is 2 where the
    user's input is wrong and 1 where the work itself failed.
    """

    exit_code = 1

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class MemoryFault(EpisodicError):
    """The series' memory cannot be read or written."""


class DatabaseTooNew(MemoryFault):
    """The database was written by a newer version of episodic."""

    exit_code = 2


class DatabaseUnwritable(MemoryFault):
    """There is no room for the database, or no permission to write it."""

    exit_code = 2


class DatabaseLocked(MemoryFault):
    """Another process holds the database and did not let go in time."""
