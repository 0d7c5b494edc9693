"""The errors that a user can fix.

EpisodicError                     the base class: everything that a user can fix
├── MemoryFault                   the series' memory cannot be read or written
│   ├── DatabaseTooNew            written by a newer version of episodic
│   ├── DatabaseUnwritable        no room, or no permission to write
│   ├── DatabaseLocked            another process holds it
│   ├── NoMemory                  no memory exists at this place
│   ├── MemoryRefusal             a request that cannot be carried out
│   └── MergeConflict             two branches hold different values, and no rule settles it
├── planners.errors.PlanError     the plan or the prompt is wrong
└── episodic.errors               everything that makes an episode

A message names the problem, its place, the expected and the actual value, and the remedy. It fits one screen.
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
    """An error that the user can fix.

    `message` is one sentence or a short block that names the place and the remedy. `exit_code` is 2 where the user's input is
    wrong, and 1 where the work itself failed.
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
    """Another process holds the database and did not release it in time."""


class NoMemory(MemoryFault):
    """No memory of a series exists at this place."""

    exit_code = 2


class MemoryRefusal(MemoryFault):
    """A request that cannot be carried out: a name that is taken, an unknown entity, a file that is not a memory."""

    exit_code = 2


class MergeConflict(MemoryFault):
    """Two branches hold different values. In `conflicts`, `before` is ours (the target's) and `after` is theirs."""

    exit_code = 2

    def __init__(self, source: str, target: str, conflicts: tuple[Difference, ...]) -> None:
        lines = [
            f"  {conflict.entity}.{conflict.attribute} from {conflict.position} on: "
            f"{target} has {conflict.before!r} ({conflict.before_origin or 'nothing'}), "
            f"{source} has {conflict.after!r} ({conflict.after_origin or 'nothing'})"
            for conflict in conflicts
        ]
        super().__init__(
            f"{source} cannot be merged into {target} until you choose between these values; nothing was changed:\n"
            + "\n".join(lines)
            + "\nsettle each with --choose ENTITY.ATTRIBUTE=ours|theirs, or all with --rule ours|theirs"
        )
        self.conflicts = conflicts
