"""What can go wrong, and what the user can do about it.

EpisodicError                     the root: everything a user can mend
├── MemoryFault                   the series' memory cannot be read or written
│   ├── DatabaseTooNew            written by a newer version of episodic
│   ├── DatabaseUnwritable        no room or no permission for it
│   ├── DatabaseLocked            another process holds it
│   ├── NoMemory                  there is none yet where it should be
│   ├── MemoryRefusal             what was asked of it cannot be
│   └── MergeConflict             two branches hold different things, and nobody said which counts
├── planners.errors.PlanError     the plan or the prompt is wrong
└── episodic.errors               everything that makes an episode

An error says what, where, what was expected, what was found and the remedy, in one screen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from memory.model.records import Difference

__all__ = [
    "DatabaseLocked",
    "DatabaseTooNew",
    "DatabaseUnwritable",
    "EpisodicError",
    "MemoryFault",
    "MemoryRefusal",
    "MergeConflict",
    "NoMemory",
]


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


class NoMemory(MemoryFault):
    """No memory of a series has been begun there yet."""

    exit_code = 2


class MemoryRefusal(MemoryFault):
    """What was asked of memory cannot be: a name that is taken, somebody unknown, a file that is no memory."""

    exit_code = 2


class MergeConflict(MemoryFault):
    """Two branches hold different things. In `conflicts`, `before` is ours (merged into) and `after` is theirs."""

    exit_code = 2

    def __init__(self, source: str, target: str, conflicts: tuple[Difference, ...]) -> None:
        lines = [
            f"  {one.entity}.{one.attribute} from {one.position} on: {target} has {one.before!r} ({one.before_origin or 'nothing'}), "
            f"{source} has {one.after!r} ({one.after_origin or 'nothing'})"
            for one in conflicts
        ]
        super().__init__(
            f"{source} cannot be merged into {target} before somebody says which counts; nothing was changed:\n"
            + "\n".join(lines)
            + "\nsettle each with --choose ENTITY.ATTRIBUTE=ours|theirs, or all with --rule ours|theirs"
        )
        self.conflicts = conflicts
