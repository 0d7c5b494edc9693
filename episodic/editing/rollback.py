"""Undo what memory holds after a story position."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from episodic.errors import InputError
from episodic.series.memory_access import open_memory
from episodic.series.series import Series
from memory.model.facts import END_OF_STORY, Fact, StoryPosition
from memory.model.records import SceneSummary
from memory.store import MemoryStore

__all__ = ["Rollback", "roll_back"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollback:
    """What a rollback removes from memory."""

    scenes: tuple[SceneSummary, ...]
    facts: tuple[Fact, ...]
    """Facts that were set by hand or merged, and that begin later."""


def roll_back(series: Series, to: StoryPosition, agree: Callable[[Rollback], bool]) -> Rollback:
    """Undo every scene and every edit after `to` on the branch of `series`, if `agree` returns True.

    Plans, films and artifacts stay; rendering commits again what the plans say. `agree` is not called if nothing would be removed.
    Raises MemoryFault if another branch shares what would be removed, InputError for a position beyond the end, SeriesBusy.
    """
    with series.locked(), open_memory(series) as memory:
        end = memory.end(series.branch)
        if end is None or (to > end and not memory.edits(to, END_OF_STORY, series.branch)):
            raise InputError(
                f"--to {to}: memory ends at {end or 'its beginning'} on branch {series.branch}; nothing lies after it"
            )
        with memory.what_if() as trial:
            before = _scenes_and_edits(trial, series.branch)
            trial.rollback(to, series.branch)
            after = _scenes_and_edits(trial, series.branch)
        removed = Rollback(
            scenes=tuple(scene for scene in before.scenes if scene not in after.scenes),
            facts=tuple(fact for fact in before.facts if fact not in after.facts),
        )
        if (removed.scenes or removed.facts) and agree(removed):
            memory.rollback(to, series.branch)
    return removed


def _scenes_and_edits(memory: MemoryStore, branch: str) -> Rollback:
    scenes = tuple(scene for episode in memory.episodes(branch) for scene in episode.scenes)
    return Rollback(scenes=scenes, facts=memory.edits(StoryPosition(0), END_OF_STORY, branch))
