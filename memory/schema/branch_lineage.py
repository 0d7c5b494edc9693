"""The rows that a branch sees: its own from its fork on, its parent's before that, and so on to `main`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, and_, or_, select

from memory.errors import MemoryFault, MemoryRefusal
from memory.model.facts import StoryPosition
from memory.schema.tables import BranchRow

__all__ = ["BRANCH_NAME", "MOST_FORKS", "BranchTree", "Lineage", "Segment"]

# it becomes the name of a folder
BRANCH_NAME: Final = re.compile(r"(?!.*\.\.)[a-z0-9][a-z0-9._-]{0,79}")

MOST_FORKS: Final = 32
"""The largest number of forks between a branch and `main`: each makes every query of the branch longer."""


@dataclass(frozen=True, slots=True)
class Segment:
    """The stretch of story time, `since` up to and not including `until`, for which a branch's own rows count."""

    branch: int
    since: StoryPosition
    until: StoryPosition | None


@dataclass(frozen=True, slots=True)
class Lineage:
    """The rows that one branch sees: its own segment first, then its ancestors'. They cover all story time, without overlap."""

    name: str
    segments: tuple[Segment, ...]

    @property
    def branch(self) -> int:
        """The row of the branch itself."""
        return self.segments[0].branch

    @property
    def fork(self) -> StoryPosition:
        """The position from which the branch is on its own; for `main` the beginning of time."""
        return self.segments[0].since

    def owner(self, position: StoryPosition) -> int:
        """The row of the branch whose rows count at `position`."""
        return next(segment.branch for segment in self.segments if segment.since <= position)

    def sees(self, branch: Any, position: Any, up_to: StoryPosition | None = None) -> ColumnElement[bool]:
        """An SQL condition on the `branch` and `position` columns: the rows that this branch sees, up to and including `up_to`."""
        alternatives = []
        for segment in self.segments:
            if up_to is not None and segment.since > up_to:
                continue
            conditions = [branch == segment.branch]
            if len(self.segments) > 1:
                conditions.append(position >= segment.since)
            if segment.until is not None:
                conditions.append(position < segment.until)
            if up_to is not None:
                conditions.append(position <= up_to)
            alternatives.append(and_(*conditions))
        return or_(*alternatives)


class BranchTree:
    """All branches of a series, read at once."""

    def __init__(self, connection: Connection, database: str = "") -> None:
        """Read the branches. `database` is its name in errors. Raises MemoryFault unless they form a tree: all queries rely on that."""
        rows = connection.execute(
            select(BranchRow.id, BranchRow.name, BranchRow.parent_id, BranchRow.forked_at).order_by(BranchRow.id)
        ).all()
        self._database = database
        self.names: dict[int, str] = {row.id: row.name for row in rows}
        self.parents: dict[int, int | None] = {row.id: row.parent_id for row in rows}
        self.forks: dict[int, StoryPosition] = {row.id: row.forked_at or StoryPosition(0, 0) for row in rows}
        self._ids = {name: row for row, name in self.names.items()}
        self._check_tree()

    def _check_tree(self) -> None:
        for row, name in self.names.items():
            path: set[int] = set()
            ancestor: int | None = row
            while ancestor in self.parents and ancestor not in path:
                path.add(ancestor)
                ancestor = self.parents[ancestor]
            if ancestor is not None or not BRANCH_NAME.fullmatch(name):
                where = f"{self._database}: " if self._database else ""
                raise MemoryFault(
                    f"{where}the branches are damaged at {name[:80]!r} (row {row}); `episodic memory verify` says how: "
                    "restore the memory from a backup or an export"
                )

    def id_of(self, name: str) -> int:
        """The row of the branch `name`. Raises MemoryFault, which names all branches."""
        if name not in self._ids:
            where = f"{self._database}: " if self._database else ""
            raise MemoryRefusal(f"{where}no branch {name!r}; there are: {', '.join(self._ids)}")
        return self._ids[name]

    def lineage(self, name: str) -> Lineage:
        """The lineage of the branch `name`. Raises MemoryFault."""
        return self.lineage_of(self.id_of(name))

    def lineage_of(self, branch: int) -> Lineage:
        """The lineage of the branch in row `branch`."""
        segments: list[Segment] = []
        until: StoryPosition | None = None
        row: int | None = branch
        while row is not None:
            fork = self.forks[row] if self.parents[row] is not None else StoryPosition(0, 0)
            if until is None or fork < until:
                segments.append(Segment(row, fork, until))
                until = fork
            row = self.parents[row]
        return Lineage(self.names[branch], tuple(segments))

    def depth(self, branch: int) -> int:
        """The number of forks between the branch in row `branch` and `main`."""
        parent = self.parents[branch]
        return 0 if parent is None else 1 + self.depth(parent)

    def children(self, branch: int) -> Iterator[int]:
        """The rows of the branches forked from `branch`."""
        return (row for row, parent in self.parents.items() if parent == branch)
