"""The canon with who says so: what `memory show` shows. Loads nothing that makes films."""

from __future__ import annotations

from dataclasses import dataclass

from episodic.remembering import known_memory
from episodic.series import Series
from memory.canon import Canon
from memory.facts import Fact, StoryPosition
from memory.record import Conflict

__all__ = ["KnownCanon", "read_canon"]


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
        facts = tuple(fact for entity in canon.states() for fact in memory.history(entity, branch) if fact.holds_at(position))
        return KnownCanon(canon=canon, facts=facts, conflicts=memory.conflicts(branch, last=position))
