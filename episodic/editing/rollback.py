"""Taking back what memory holds after a story position."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from episodic.errors import InputError
from episodic.series.memory_access import open_memory
from episodic.series.series import Series
from memory.model.facts import END_OF_STORY, Fact, StoryPosition
from memory.model.records import SceneSummary
from memory.store import MemoryStore

__all__ = ["RolledBack", "roll_back"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RolledBack:
    """What goes with a rollback."""

    scenes: tuple[SceneSummary, ...]
    facts: tuple[Fact, ...]
    """Said by hand or merged, and beginning later."""


def roll_back(series: Series, to: StoryPosition, agreed: Callable[[RolledBack], bool]) -> RolledBack:
    """Take back every scene and every edit after `to`, on the branch that `series` is seen from, once `agreed` says so.

    Plans, films and artifacts stay: rendering puts back what the plans say. Where nothing would go `agreed` is not asked.
    Raises MemoryFault where another branch shares what would go, InputError for a position beyond the end, SeriesBusy.
    """
    with series.locked(), open_memory(series) as memory:
        end = memory.end(series.branch)
        if end is None or (to > end and not memory.edits(to, END_OF_STORY, series.branch)):
            raise InputError(
                f"--to {to}: memory ends at {end or 'its beginning'} on branch {series.branch}; nothing lies after it"
            )
        with memory.what_if() as trial:
            before = _held(trial, series.branch)
            trial.rollback(to, series.branch)
            after = _held(trial, series.branch)
        going = RolledBack(
            scenes=tuple(one for one in before.scenes if one not in after.scenes),
            facts=tuple(one for one in before.facts if one not in after.facts),
        )
        if (going.scenes or going.facts) and agreed(going):
            memory.rollback(to, series.branch)
    return going


def _held(memory: MemoryStore, branch: str) -> RolledBack:
    scenes = tuple(one for episode in memory.episodes(branch) for one in episode.scenes)
    return RolledBack(scenes=scenes, facts=memory.edits(StoryPosition(0), END_OF_STORY, branch))
