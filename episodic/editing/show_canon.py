"""The canon with who says so: what `memory show` shows. Loads nothing that makes films."""

from __future__ import annotations

from dataclasses import dataclass

from episodic.errors import InputError
from episodic.series.memory_access import known_memory
from episodic.series.series import Series
from memory.model.canon import Canon
from memory.model.facts import Fact, StoryPosition
from memory.model.records import Conflict
from memory.store import MemoryStore
from memory.suggestions import did_you_mean

__all__ = ["KnownCanon", "check_known", "read_canon", "read_history"]


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownCanon:
    """What holds at one position, and by whose word."""

    canon: Canon
    facts: tuple[Fact, ...]
    """Every fact that holds there, by entity and attribute."""
    conflicts: tuple[Conflict, ...]
    """All up to there."""


def read_canon(series: Series, at: StoryPosition | None = None) -> KnownCanon:
    """The canon at `at`, by default after all that has been made on the branch that `series` is seen from. Raises MemoryFault."""
    branch = series.branch
    with known_memory(series) as memory:
        position = at or memory.end(branch) or StoryPosition(1)
        canon = memory.as_of(position, branch)
        return KnownCanon(canon=canon, facts=memory.facts(position, branch), conflicts=memory.conflicts(branch, last=position))


def read_history(series: Series, entity: str) -> tuple[tuple[Fact, ...], tuple[Conflict, ...]]:
    """Everything that ever held about `entity` on the branch that `series` is seen from, and its conflicts. Raises InputError."""
    branch = series.branch
    with known_memory(series) as memory:
        check_known(memory, branch, entity)
        conflicts = tuple(one for one in memory.conflicts(branch) if one.entity == entity)
        return memory.history(entity, branch), conflicts


def check_known(memory: MemoryStore, branch: str, entity: str | None) -> None:
    """Refuse an entity that nobody ever introduced on the branch. Raises InputError."""
    if entity is None:
        return
    known = sorted(memory.as_of(memory.end(branch) or StoryPosition(1), branch).states())
    if entity not in known:
        hint = did_you_mean(entity, known)
        raise InputError(
            f"memory knows nobody and nothing called {entity!r} on branch {branch}{hint} Known: {', '.join(known) or 'none'}"
        )
