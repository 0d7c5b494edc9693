"""The canon with the origin of every fact, for `memory show` and `memory history`. Loads nothing that makes films."""

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

__all__ = ["KnownCanon", "check_known_entity", "read_canon", "read_history"]


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownCanon:
    """The canon at one position, with its facts and conflicts."""

    canon: Canon
    facts: tuple[Fact, ...]
    """Every fact that holds there, by entity and attribute."""
    conflicts: tuple[Conflict, ...]
    """All conflicts up to there."""


def read_canon(series: Series, at: StoryPosition | None = None) -> KnownCanon:
    """Read the canon at `at`, by default at the end of the branch of `series`. Raises MemoryFault."""
    branch = series.branch
    with known_memory(series) as memory:
        position = at or memory.end(branch) or StoryPosition(1)
        canon = memory.as_of(position, branch)
        return KnownCanon(canon=canon, facts=memory.facts(position, branch), conflicts=memory.conflicts(branch, last=position))


def read_history(series: Series, entity: str) -> tuple[tuple[Fact, ...], tuple[Conflict, ...]]:
    """Read every fact that ever held of `entity` on the branch of `series`, and its conflicts. Raises InputError."""
    branch = series.branch
    with known_memory(series) as memory:
        check_known_entity(memory, branch, entity)
        conflicts = tuple(conflict for conflict in memory.conflicts(branch) if conflict.entity == entity)
        return memory.history(entity, branch), conflicts


def check_known_entity(memory: MemoryStore, branch: str, entity: str | None) -> None:
    """Check that an entity was introduced on the branch. Raises InputError with the nearest known name."""
    if entity is None:
        return
    known = sorted(memory.as_of(memory.end(branch) or StoryPosition(1), branch).states())
    if entity not in known:
        hint = did_you_mean(entity, known)
        raise InputError(f"memory has no entity {entity!r} on branch {branch}{hint} Known: {', '.join(known) or 'none'}")
