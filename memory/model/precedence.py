"""The rule by which statements of unequal weight, made in any order, give one history. Pure: no database.

At a position, of all statements about one attribute of one entity that cover it the highest in rank holds. The user's word ranks
above everything else for as long as the user said; below that, what began later ranks higher, so that a story can change things;
of statements for one position, what was seen ranks above what was planned, then the later scene's counts, then what was
committed last. Where a statement ends, what was stated before holds again.

A statement that does not hold even where it begins, because stronger evidence says otherwise, is overruled: a conflict, which is
reported and never settled in silence.
"""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

from memory.model.facts import Evidence, StoryPosition

__all__ = ["Span", "Statement", "holding", "overruled", "reaches", "spans"]

_WEIGHT: Final[dict[Evidence, int]] = {"planned": 0, "seen": 1, "user": 2}

Rank = tuple[int, int, int, int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One statement. `stated_at` is the position of the commit that made it, `ordinal` its place within the commit."""

    value: str
    """In canonical JSON: two values are the same exactly if these are."""
    since: StoryPosition
    stated_end: StoryPosition | None
    evidence: Evidence
    stated_at: StoryPosition
    ordinal: int
    id: int = 0

    def __hash__(self) -> int:
        return hash((self.id, self.ordinal))  # enough to tell stored ones apart, and quicker than all fields

    @property
    def rank(self) -> Rank:
        """Of the statements that cover a position, the one with the highest rank holds."""
        weight = _WEIGHT[self.evidence]
        return weight == _WEIGHT["user"], self.since.number, weight, self.stated_at.number, self.ordinal, self.id

    def covers(self, position: StoryPosition) -> bool:
        """Whether the statement is about `position`."""
        return self.since <= position and (self.stated_end is None or position < self.stated_end)


@dataclass(frozen=True, slots=True)
class Span:
    """One value holds from `since` until `ends` (None: still), because of `statement`."""

    statement: Statement
    since: StoryPosition
    ends: StoryPosition | None


def holding(statements: Iterable[Statement], position: StoryPosition) -> Statement | None:
    """The statement that holds at `position`; None where nothing is known."""
    covering = (statement for statement in statements if statement.covers(position))
    return max(covering, key=lambda statement: statement.rank, default=None)


def spans(statements: Collection[Statement], begin: StoryPosition | None = None) -> list[Span]:
    """The history from `begin` on (None: all of it), in story order. Neighbouring spans of one value are one span."""
    history: list[Span] = []
    for since, until, holds in _sweep(statements, begin):
        last = history[-1] if history else None
        if last is not None and last.ends == since and holds is not None and last.statement.value == holds.value:
            history[-1] = Span(last.statement, last.since, until)
        elif holds is not None:
            history.append(Span(holds, since, until))
    return history


def overruled(statements: Collection[Statement], begin: StoryPosition | None = None) -> dict[Statement, Statement]:
    """The statements from `begin` on that do not hold where they begin, each with the stronger one that holds instead."""
    starting: dict[StoryPosition, list[Statement]] = {}
    for statement in statements:
        starting.setdefault(statement.since, []).append(statement)
    return {
        statement: holds
        for since, _, holds in _sweep(statements, begin)
        for statement in starting.get(since, ())
        if holds is not None and holds.value != statement.value and _WEIGHT[holds.evidence] > _WEIGHT[statement.evidence]
    }


def reaches(statements: Iterable[Statement]) -> dict[Statement, StoryPosition | None]:
    """The position from which each statement cannot hold, even if earlier statements are removed. None: there is none.

    It is the statement's stated end, or the beginning of the next open statement of the same layer (the user's, or all others').
    """
    reach: dict[Statement, StoryPosition | None] = {}
    following: dict[bool, StoryPosition | None] = {True: None, False: None}
    for statement in sorted(statements, key=lambda statement: statement.rank, reverse=True):
        layer = statement.evidence == "user"
        ends = [end for end in (statement.stated_end, following[layer]) if end is not None]
        reach[statement] = min(ends, default=None)
        if statement.stated_end is None:
            following[layer] = statement.since
    return reach


def _sweep(
    statements: Collection[Statement], begin: StoryPosition | None
) -> Iterable[tuple[StoryPosition, StoryPosition | None, Statement | None]]:
    """Stretches of story time, from `begin` on, with what holds throughout each."""
    moments = {statement.since for statement in statements}
    moments |= {statement.stated_end for statement in statements if statement.stated_end is not None}
    if begin is not None:
        moments = {moment for moment in moments if moment > begin} | {begin}
    order = sorted(moments)
    waiting = sorted(statements, key=lambda statement: statement.since, reverse=True)
    active: list[tuple[Rank, int, Statement]] = []
    for number, since in enumerate(order):
        while waiting and waiting[-1].since <= since:
            statement = waiting.pop()
            rank = statement.rank  # the heap pops the smallest first
            heapq.heappush(active, ((-rank[0], -rank[1], -rank[2], -rank[3], -rank[4], -rank[5]), len(waiting), statement))
        while active and not active[0][2].covers(since):  # it has ended
            heapq.heappop(active)
        until = order[number + 1] if number + 1 < len(order) else None
        yield since, until, active[0][2] if active else None
