"""When each statement holds: the rule by which later statements close earlier ones. Pure, no database.

All statements about one attribute of one entity, in story order, give its history: each holds from its `since` until its stated
end or until the next statement, whichever comes first. A statement of the value that holds already begins nothing new. Of several
statements for one position the last counts: the user's before what was seen before what was planned, then the later scene's.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from memory.facts import Evidence, StoryPosition

__all__ = ["Span", "Statement", "spans"]

_WEIGHT: Final[dict[Evidence, int]] = {"planned": 0, "seen": 1, "user": 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What one scene says. `stated_at` is that scene's position and `ordinal` the statement's place within it."""

    value: str
    """In canonical JSON: two values are the same exactly if these are."""
    since: StoryPosition
    stated_end: StoryPosition | None
    evidence: Evidence
    stated_at: StoryPosition
    ordinal: int

    @property
    def order(self) -> tuple[StoryPosition, int, StoryPosition, int]:
        """Sorts statements into the order in which they take effect."""
        return self.since, _WEIGHT[self.evidence], self.stated_at, self.ordinal


@dataclass(slots=True, kw_only=True)
class Span:
    """What follows for one statement: until when it holds (None: still), or that it begins no span of its own."""

    statement: Statement
    ends: StoryPosition | None
    silent: bool = False
    """The value held already, or another statement for the same position overrules this one."""


def spans(statements: Iterable[Statement]) -> list[Span]:
    """Give each statement its span. `statements` are sorted by `order`, and so is the answer."""
    found: list[Span] = []
    head: Span | None = None
    for since, group in groupby(statements, key=lambda one: one.since):
        *overruled, counts = (Span(statement=one, ends=one.stated_end) for one in group)
        for one in overruled:
            one.ends, one.silent = since, True
        found += [*overruled, counts]
        if head is not None and (head.ends is None or since < head.ends):
            if head.statement.value == counts.statement.value:
                head.ends, counts.silent = counts.ends, True
                continue
            head.ends = since
        head = counts
    return found
