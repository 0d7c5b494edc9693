"""Dry runs: what making an episode would change in memory, before anything is made."""

from __future__ import annotations

from collections.abc import Iterator

from episodic.production.commit.artifact_reader import ArtifactReader, DryRunReader
from episodic.production.commit.committer import Committer, forget_changed_kinds
from episodic.production.graph.events import silent
from episodic.production.prepare import Prepared, part_of
from episodic.series.series import Series
from memory.model.facts import StoryPosition
from memory.store import MemoryStore

__all__ = ["alters_memory", "dry_run"]


def alters_memory(series: Series, ready: Prepared, memory: MemoryStore, *, only: str | None = None) -> frozenset[StoryPosition]:
    """Where making an episode (with `only`, that scene or shot) would change memory: scenes that are new, changed, or removed."""
    committer = _committer(series, ready, memory)
    changed = {StoryPosition(ready.number, number) for task in part_of(ready, only).order for number in committer.completed(task)}
    return frozenset(changed if only is not None else {*changed, *_removed(series, ready, memory)})


def _removed(series: Series, ready: Prepared, memory: MemoryStore) -> Iterator[StoryPosition]:
    """Scenes of the episode in memory that its plan has not any more."""
    for at in memory.committed(series.branch):
        if at.episode == ready.number and at.scene > len(ready.plan.scenes) and at >= series.fork:
            yield at


def dry_run(series: Series, ready: Prepared, memory: MemoryStore, *, only: str | None = None) -> None:
    """Do to `memory` what making an episode would do to it. For a memory that is rolled back (`MemoryStore.what_if`)."""
    forget_changed_kinds(ready, memory, series.branch)
    committer = _committer(series, ready, memory)
    for task in part_of(ready, only).order:
        committer.finished(task)
    if only is None:
        memory.forget(ready.number, keep=range(1, len(ready.plan.scenes) + 1), branch=series.branch)


def _committer(series: Series, ready: Prepared, memory: MemoryStore) -> Committer:
    reader = DryRunReader(made=ArtifactReader(store=series.artifacts, keys=ready.graph.keys))
    return Committer(series, ready, memory, silent, reader=reader)
