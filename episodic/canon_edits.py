"""The user's word: facts set by hand, and exactly what they make stale."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

from episodic.errors import InputError
from episodic.production.ledger import StaleTask
from episodic.production.produce import Prepared
from episodic.remembering import known_memory, open_memory
from episodic.retcon import look_ahead
from episodic.series import Series
from episodic.story_positions import check_end, check_scene
from episodic.studio import Studio
from memory.facts import Fact, StoryPosition
from memory.record import Conflict
from memory.store import MemoryStore
from planners.plan import EpisodePlan

__all__ = ["Edited", "StaleInEpisode", "clear_fact", "set_fact"]

_Done = TypeVar("_Done")


@dataclass(frozen=True, slots=True)
class StaleInEpisode:
    """A task that an edit makes stale."""

    episode: int
    stale: StaleTask


@dataclass(frozen=True, slots=True, kw_only=True)
class Edited:
    """What an edit by hand did, or would do."""

    statements: int
    """How many were added, or taken back."""
    stale: tuple[StaleInEpisode, ...] = ()
    """What was up to date before and is not any more, in story order."""
    fresh: tuple[StaleInEpisode, ...] = ()
    """What was stale before and is up to date now: an edit taken back finds what had been made without it."""
    conflicts: tuple[Conflict, ...] = ()
    unknown_attribute: str | None = None
    """The nearest attribute that the entity has, where it had none of the name so far; empty: none is near."""

    @property
    def shots(self) -> tuple[StaleInEpisode, ...]:
        """The shots that have to be shot again."""
        return tuple(one for one in self.stale if one.stale.task.kind == "shoot")


def set_fact(series: Series, fact: Fact, note: str = "", *, dry_run: bool = False) -> Edited:
    """Put what the user says into memory, on the branch that `series` is seen from; `dry_run`: only say what that would do.

    Raises InputError for an unknown entity or a position that no plan has, MemoryFault, PlanError, SeriesBusy.
    """
    check_scene(series, fact.since, "--from")
    if fact.until is not None:
        check_end(series, fact.until, "--until")
    with _opened(series, dry_run) as memory:
        near = _look_up(series, memory, fact.entity, fact.attribute)
        done, stale, fresh = _apply(series, memory, lambda one: one.set_fact(fact, series.branch, note), dry_run)
        return Edited(statements=1, stale=stale, fresh=fresh, conflicts=done.conflicts, unknown_attribute=near)


def clear_fact(series: Series, entity: str, attribute: str, *, dry_run: bool = False) -> Edited:
    """Take back all that the user said about one attribute on the branch. Raises InputError where that is nothing, as `set_fact`."""
    with _opened(series, dry_run) as memory:
        _look_up(series, memory, entity, attribute)
        done, stale, fresh = _apply(series, memory, lambda one: one.unset(entity, attribute, series.branch), dry_run)
        if not done:
            raise InputError(f"{entity}.{attribute}: nothing was said by hand about it on branch {series.branch}")
        return Edited(statements=done, stale=stale, fresh=fresh)


@contextmanager
def _opened(series: Series, dry_run: bool) -> Iterator[MemoryStore]:
    if dry_run:
        with known_memory(series) as memory:
            yield memory
    else:
        with series.locked(), open_memory(series) as memory:
            yield memory


def _look_up(series: Series, memory: MemoryStore, entity: str, attribute: str) -> str | None:
    """Refuse an entity that memory does not know; None where it has had the attribute, else the nearest one it has had."""
    end = memory.end(series.branch)
    canon = memory.as_of(end or StoryPosition(1), series.branch)
    known = sorted([*canon.characters, *canon.locations, *canon.props])
    if entity not in known:
        near = difflib.get_close_matches(entity, known, 1)
        hint = f"did you mean {near[0]}? " if near else ""
        raise InputError(
            f"memory knows nobody and nothing called {entity!r} on branch {series.branch}; {hint}Known: {', '.join(known) or 'none'}"
            + ("" if known else f"; first: episodic render {series.root}")
        )
    had = {one.attribute for one in memory.history(entity, series.branch)}
    return None if attribute in had else "".join(difflib.get_close_matches(attribute, had, 1))


def _apply(
    series: Series, memory: MemoryStore, change: Callable[[MemoryStore], _Done], dry_run: bool
) -> tuple[_Done, tuple[StaleInEpisode, ...], tuple[StaleInEpisode, ...]]:
    """Make a change, and compare what is stale before and after it."""
    plans = Studio(series).plans() if series.episodes() else {}
    before = _stale(series, plans, memory)
    with memory.what_if() as trial:
        done = change(trial)
        after = _stale(series, plans, trial)
    if not dry_run:
        done = change(memory)
    return done, _only_in(after, before), _only_in(before, after)


def _stale(series: Series, plans: Mapping[int, EpisodePlan], memory: MemoryStore) -> Sequence[Prepared]:
    return look_ahead(series, plans, memory).episodes


def _only_in(here: Sequence[Prepared], there: Sequence[Prepared]) -> tuple[StaleInEpisode, ...]:
    known = {(ready.number, one.task.id) for ready in there for one in ready.stale}
    return tuple(
        StaleInEpisode(ready.number, one) for ready in here for one in ready.stale if (ready.number, one.task.id) not in known
    )
