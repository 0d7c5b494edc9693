"""Which rows a branch sees: its own from its fork on, its parent's before that, and so on to `main`."""

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
"""So many forks may lie between a branch and `main`: each makes every question about the branch longer."""


@dataclass(frozen=True, slots=True)
class Segment:
    """The stretch of story time, `since` up to and not including `until`, for which a branch's own rows count."""

    branch: int
    since: StoryPosition
    until: StoryPosition | None


@dataclass(frozen=True, slots=True)
class Lineage:
    """What one branch sees: its segments, its own first, then its ancestors'. Together they cover all story time, without overlap."""

    name: str
    segments: tuple[Segment, ...]

    @property
    def branch(self) -> int:
        """The row of the branch itself."""
        return self.segments[0].branch

    @property
    def fork(self) -> StoryPosition:
        """From where on the branch is on its own; for `main` the beginning of time."""
        return self.segments[0].since

    def owner(self, position: StoryPosition) -> int:
        """The row of the branch whose rows count at `position`."""
        return next(one.branch for one in self.segments if one.since <= position)

    def sees(self, branch: Any, position: Any, up_to: StoryPosition | None = None) -> ColumnElement[bool]:
        """An SQL condition: rows whose `branch` and `position` columns say that this branch sees them, up to and including `up_to`."""
        found = []
        for one in self.segments:
            if up_to is not None and one.since > up_to:
                continue
            parts = [branch == one.branch]
            if len(self.segments) > 1:
                parts.append(position >= one.since)
            if one.until is not None:
                parts.append(position < one.until)
            if up_to is not None:
                parts.append(position <= up_to)
            found.append(and_(*parts))
        return or_(*found)


class BranchTree:
    """All branches of a series, read at once."""

    def __init__(self, connection: Connection, database: str = "") -> None:
        """`database` is named in errors. Raises MemoryFault where the branches are damaged: the rest of memory trusts that they are a tree."""
        rows = connection.execute(
            select(BranchRow.id, BranchRow.name, BranchRow.parent_id, BranchRow.forked_at).order_by(BranchRow.id)
        ).all()
        self._database = database
        self.names: dict[int, str] = {row.id: row.name for row in rows}
        self.parents: dict[int, int | None] = {row.id: row.parent_id for row in rows}
        self.forks: dict[int, StoryPosition] = {row.id: row.forked_at or StoryPosition(0, 0) for row in rows}
        self._ids = {name: row for row, name in self.names.items()}
        self._check()

    def _check(self) -> None:
        for row, name in self.names.items():
            path: set[int] = set()
            here: int | None = row
            while here in self.parents and here not in path:
                path.add(here)
                here = self.parents[here]
            if here is not None or not BRANCH_NAME.fullmatch(name):
                where = f"{self._database}: " if self._database else ""
                raise MemoryFault(
                    f"{where}the branches are damaged at {name[:80]!r} (row {row}); `episodic memory verify` says how: "
                    "restore the memory from a backup or an export"
                )

    def id_of(self, name: str) -> int:
        """The row of the branch `name`. Raises MemoryFault, naming all there are."""
        if name not in self._ids:
            where = f"{self._database}: " if self._database else ""
            raise MemoryRefusal(f"{where}no branch {name!r}; there are: {', '.join(self._ids)}")
        return self._ids[name]

    def lineage(self, name: str) -> Lineage:
        """What the branch `name` sees. Raises MemoryFault."""
        return self.lineage_of(self.id_of(name))

    def lineage_of(self, branch: int) -> Lineage:
        """What the branch in row `branch` sees."""
        segments: list[Segment] = []
        until: StoryPosition | None = None
        here: int | None = branch
        while here is not None:
            fork = self.forks[here] if self.parents[here] is not None else StoryPosition(0, 0)
            if until is None or fork < until:
                segments.append(Segment(here, fork, until))
                until = fork
            here = self.parents[here]
        return Lineage(self.names[branch], tuple(segments))

    def depth(self, branch: int) -> int:
        """How many branches lie between the branch in row `branch` and `main`, itself included."""
        parent = self.parents[branch]
        return 0 if parent is None else 1 + self.depth(parent)

    def children(self, branch: int) -> Iterator[int]:
        """The rows of the branches forked from `branch`."""
        return (row for row, parent in self.parents.items() if parent == branch)
