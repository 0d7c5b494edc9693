"""What holds when: the rule by which statements of unequal weight, made in any order, give one history. Pure, no database.

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
    """What somebody says. `stated_at` is the position of the commit that says it, `ordinal` the statement's place within that."""

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
        """Of two statements that cover a position, the one with the higher rank holds."""
        weight = _WEIGHT[self.evidence]
        return weight == _WEIGHT["user"], self.since.number, weight, self.stated_at.number, self.ordinal, self.id

    def covers(self, position: StoryPosition) -> bool:
        """Whether the statement says anything about `position`."""
        return self.since <= position and (self.stated_end is None or position < self.stated_end)


@dataclass(frozen=True, slots=True)
class Span:
    """One value holds from `since` until `ends` (None: still), because of `statement`."""

    statement: Statement
    since: StoryPosition
    ends: StoryPosition | None


def holding(statements: Iterable[Statement], position: StoryPosition) -> Statement | None:
    """The statement that holds at `position`; None where nothing is known."""
    return max((one for one in statements if one.covers(position)), key=lambda one: one.rank, default=None)


def spans(statements: Collection[Statement], begin: StoryPosition | None = None) -> list[Span]:
    """The history from `begin` on (None: all of it), in story order. Neighbouring spans of one value are one span."""
    found: list[Span] = []
    for since, until, holds in _sweep(statements, begin):
        last = found[-1] if found else None
        if last is not None and last.ends == since and holds is not None and last.statement.value == holds.value:
            found[-1] = Span(last.statement, last.since, until)
        elif holds is not None:
            found.append(Span(holds, since, until))
    return found


def overruled(statements: Collection[Statement], begin: StoryPosition | None = None) -> dict[Statement, Statement]:
    """Which statements that begin at `begin` or later do not hold where they begin, and the stronger ones that hold instead."""
    starting: dict[StoryPosition, list[Statement]] = {}
    for one in statements:
        starting.setdefault(one.since, []).append(one)
    return {
        one: holds
        for since, _, holds in _sweep(statements, begin)
        for one in starting.get(since, ())
        if holds is not None and holds.value != one.value and _WEIGHT[holds.evidence] > _WEIGHT[one.evidence]
    }


def reaches(statements: Iterable[Statement]) -> dict[Statement, StoryPosition | None]:
    """From where on each statement cannot hold, whatever statements that begin earlier are taken back. None: nowhere.

    That is its stated end, or the beginning of the next open statement of the same layer (the user's, or all others').
    """
    found: dict[Statement, StoryPosition | None] = {}
    following: dict[bool, StoryPosition | None] = {True: None, False: None}
    for one in sorted(statements, key=lambda each: each.rank, reverse=True):
        layer = one.evidence == "user"
        ends = [each for each in (one.stated_end, following[layer]) if each is not None]
        found[one] = min(ends, default=None)
        if one.stated_end is None:
            following[layer] = one.since
    return found


def _sweep(
    statements: Collection[Statement], begin: StoryPosition | None
) -> Iterable[tuple[StoryPosition, StoryPosition | None, Statement | None]]:
    """Stretches of story time, from `begin` on, with what holds throughout each."""
    moments = {one.since for one in statements} | {one.stated_end for one in statements if one.stated_end is not None}
    if begin is not None:
        moments = {one for one in moments if one > begin} | {begin}
    order = sorted(moments)
    waiting = sorted(statements, key=lambda one: one.since, reverse=True)
    active: list[tuple[Rank, int, Statement]] = []
    for number, since in enumerate(order):
        while waiting and waiting[-1].since <= since:
            one = waiting.pop()
            down = one.rank
            heapq.heappush(active, ((-down[0], -down[1], -down[2], -down[3], -down[4], -down[5]), len(waiting), one))
        while active and not active[0][2].covers(since):  # its end has come, and it stays past
            heapq.heappop(active)
        until = order[number + 1] if number + 1 < len(order) else None
        yield since, until, active[0][2] if active else None
