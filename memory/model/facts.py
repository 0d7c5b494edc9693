"""Story positions, and facts that hold for a span of story time. Pure: no database."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

from memory.model.limits import LAST_NUMBER

__all__ = ["END_OF_STORY", "Evidence", "Fact", "FactValue", "StoryPosition"]

FactValue = str | int | float | bool | list["FactValue"] | dict[str, "FactValue"] | None
"""A fact's value: any JSON value."""

Evidence = Literal["planned", "seen", "user"]
"""The source of a fact: the plan, an accepted take, or an edit by the user."""

_SCENES_PER_EPISODE: Final = 1_000_000

_POSITION = re.compile(r"\s*(\d{1,6})\s*:\s*(\d{1,6})\s*")


@dataclass(frozen=True, slots=True, order=True)
class StoryPosition:
    """A place in story time. `episode` counts from 1, `scene` from 1; scene 0 is before the episode's first scene."""

    episode: int
    scene: int = 0

    def __post_init__(self) -> None:
        if self.episode < 0 or self.scene < 0:
            raise ValueError(f"story positions count from 0, got {self.episode}:{self.scene}")

    def __str__(self) -> str:
        return f"{self.episode}:{self.scene}"

    @property
    def number(self) -> int:
        """The position as one number that sorts in story order: episode · 1,000,000 + scene."""
        return self.episode * _SCENES_PER_EPISODE + self.scene

    @classmethod
    def of_number(cls, number: int) -> StoryPosition:
        """The position of a `number`."""
        return _of_number(number)

    @classmethod
    def parse(cls, text: str) -> StoryPosition:
        """Read `EPISODE:SCENE`, for instance `2:4`. Raises ValueError."""
        match = _POSITION.fullmatch(text)
        if match is None:
            raise ValueError(f"expected EPISODE:SCENE such as 1:3, found {text!r}")
        return cls(int(match[1]), int(match[2]))


END_OF_STORY: Final = StoryPosition(LAST_NUMBER)
"""A position after every scene: the start of the last episode that can be numbered."""


@lru_cache(maxsize=65_536)
def _of_number(number: int) -> StoryPosition:
    # thousands of rows have the same few hundred positions
    return StoryPosition(*divmod(number, _SCENES_PER_EPISODE))


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """`entity.attribute = value` from `since` (inclusive) until `until` (exclusive; None: still holds)."""

    entity: str
    attribute: str
    value: FactValue
    since: StoryPosition
    until: StoryPosition | None = None
    evidence: Evidence = "planned"

    def __post_init__(self) -> None:
        if self.until is not None and self.until <= self.since:
            raise ValueError(f"{self.entity}.{self.attribute}: holds from {self.since} until {self.until}, which is never")

    def holds_at(self, position: StoryPosition) -> bool:
        """Whether the fact holds at `position`."""
        return self.since <= position and (self.until is None or position < self.until)
