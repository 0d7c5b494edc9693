"""What a run would leave in memory, before anything is made."""

from __future__ import annotations

import hashlib
from typing import Final

from episodic.production.graph.events import silent
from episodic.production.produce import Committer, Prepared, forget_changed_kinds, part_of
from episodic.series.series import Series
from memory.model.facts import StoryPosition
from memory.store import MemoryStore
from planners.plan.model import Scene

__all__ = ["alters_memory", "rehearse"]

_STANDS_FOR: Final = 32
"""Numbers in a stand-in for an embedding."""


class _Rehearsal(Committer):
    """Commits scenes of which some takes, auditions and meanings are not made yet; or, without `write`, only lists them."""

    def __init__(self, series: Series, ready: Prepared, memory: MemoryStore, *, write: bool) -> None:
        super().__init__(series, ready, memory, silent)
        self._write = write
        self.new: set[int] = set()

    def _commit(self, number: int) -> None:
        if self._is_new(number):
            self.new.add(number)
            if self._write:
                super()._commit(number)

    def _taken(self, scene: Scene) -> list[str]:
        return [one for one in super()._taken(scene) if self._made(f"shoot:{one}") and self._made(f"survey:{one}")]

    def _meaning(self, number: int) -> tuple[float, ...]:
        return super()._meaning(number) if self._made("meaning") else ()

    def _embedding(self, task_id: str) -> list[float]:
        """What an audition found; before it is made a stand-in that is nobody else's, so that later episodes count on one."""
        key = self._ready.graph.keys.get(task_id)
        if key is None or self._made(task_id):
            return super()._embedding(task_id)
        draw = hashlib.shake_256(key.encode()).digest(_STANDS_FOR)
        return [byte / 255 for byte in draw]

    def _made(self, task_id: str) -> bool:
        return self._series.artifacts.has(self._ready.graph.keys[task_id])


def alters_memory(series: Series, ready: Prepared, memory: MemoryStore, *, only: str | None = None) -> frozenset[StoryPosition]:
    """Where making an episode (with `only`, that scene or shot) would change what memory has: scenes that are new, other, or gone."""
    rehearsal = _Rehearsal(series, ready, memory, write=False)
    for task_id in part_of(ready, only).order:
        rehearsal.finished(task_id)
    found = {StoryPosition(ready.number, one) for one in rehearsal.new}
    if only is None:
        last = len(ready.plan.scenes)
        there = memory.committed(series.branch)
        found |= {at for at in there if at.episode == ready.number and at.scene > last and at >= series.fork}
    return frozenset(found)


def rehearse(series: Series, ready: Prepared, memory: MemoryStore, *, only: str | None = None) -> None:
    """Do to `memory` what making an episode would do to it. For a memory that takes it back (`MemoryStore.what_if`)."""
    forget_changed_kinds(ready, memory, series.branch)
    rehearsal = _Rehearsal(series, ready, memory, write=True)
    for task_id in part_of(ready, only).order:
        rehearsal.finished(task_id)
    if only is None:
        memory.forget(ready.number, keep=range(1, len(ready.plan.scenes) + 1), branch=series.branch)
