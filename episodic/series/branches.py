"""Branches of a series: alternative continuations with their own plans and films, and the same artifacts."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from episodic.errors import InputError
from episodic.series.memory_access import known_memory
from episodic.series.series import MAIN, Fork, Series
from memory.model.facts import StoryPosition
from memory.model.records import BranchSummary, Difference
from memory.store import MemoryStore

__all__ = ["branch_folder", "branch_view", "compare_branches", "list_branches", "on_branch", "open_series"]


def open_series(root: Path, branch: str = MAIN) -> Series:
    """Open the series in the folder `root` as one of its branches sees it. Raises InputError, MemoryFault."""
    return on_branch(Series.open(root), branch)


def on_branch(series: Series, name: str) -> Series:
    """Return `series` as its branch `name` sees it. Raises InputError for an unknown branch."""
    if name == MAIN:
        return Series(series.root, series.settings)
    with known_memory(series) as memory:
        return branch_view(series, name, memory)


def branch_view(series: Series, name: str, memory: MemoryStore) -> Series:
    """Return `series` as its branch `name` sees it, from an open memory. Raises InputError for an unknown branch."""
    branches = {branch.name: branch for branch in memory.branches()}
    if name not in branches:
        raise InputError(f"{series.root}: there is no branch {name!r}; branches: {', '.join(branches)}")
    return Series(series.root, series.settings, _forks(branches, name))


def _forks(branches: Mapping[str, BranchSummary], name: str) -> list[Fork]:
    """The forks of a branch and its ancestors, its own first."""
    forks = []
    branch = branches[name]
    while branch.parent is not None and branch.forked_at is not None:
        forks.append(Fork(branch.name, branch.forked_at))
        branch = branches[branch.parent]
    return forks


def branch_folder(series: Series, name: str) -> Path:
    """The folder with a branch's own plans and films."""
    return series.root / "branches" / name


def list_branches(series: Series) -> tuple[BranchSummary, ...]:
    """All branches, `main` first. Raises MemoryFault."""
    with known_memory(series) as memory:
        return tuple(memory.branches())


def compare_branches(series: Series, before: str, after: str, at: StoryPosition | None = None) -> tuple[Difference, ...]:
    """List what differs between two branches: at `at`, or each attribute where it first differs.

    Raises InputError for an unknown branch, MemoryFault.
    """
    with known_memory(series) as memory:
        for name in (after, before):
            branch_view(series, name, memory)
        return tuple(memory.diff(before, after, at))
