"""What a planner understood of a prompt, as rows for people and for programs."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from memory.model.facts import FactValue

__all__ = ["LOW_CONFIDENCE", "PromptReport", "ReportItem", "ReportRow"]

LOW_CONFIDENCE: Final = 0.5
"""Confidence below which the user is asked to check what was understood."""
_WIDTH: Final = 78
"""Columns of a line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportItem:
    """One entry of a row."""

    text: str
    entity: str | None = None
    """Id of the entity that it speaks of."""
    event: int | None = None
    """Index of the event that it speaks of."""

    @property
    def numbered(self) -> bool:
        """Whether the user can correct it by its number."""
        return self.entity is not None or self.event is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportRow:
    """Everything of one sort: who, where, what happens…"""

    name: str
    items: tuple[ReportItem, ...]

    @property
    def text(self) -> str:
        """The entries in one line."""
        return "; ".join(item.text for item in self.items)


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptReport:
    """What was understood of a prompt."""

    rows: tuple[ReportRow, ...]
    unused: tuple[str, ...] = ()
    """Words of the prompt that nothing in the film stands for."""
    confidence: float
    """How much of the prompt was understood, from 0 to 1."""
    events: int
    """How many events of the prompt the film shows."""
    explains: bool = False
    """Whether the film explains something, so that its length comes from a topic and not from events."""
    minutes: float | None = None
    """Length that the prompt asks for."""

    def items(self) -> tuple[ReportItem, ...]:
        """The entries that have a number, in the order of their numbers, which begin with 1."""
        return tuple(item for row in self.rows for item in row.items if item.numbered)

    def lines(self, *, numbers: bool = False) -> list[str]:
        """One line for each row, wrapped and aligned. With `numbers`, one line for each entry that the user can correct."""
        width = max((len(row.name) for row in self.rows), default=0)
        lines: list[str] = []
        number = 0
        for row in self.rows:
            if not numbers or not any(item.numbered for item in row.items):
                lines += _wrapped(row.name.ljust(width), row.text)
                continue
            for at, item in enumerate(row.items):
                number += 1
                lines += _wrapped((row.name if at == 0 else "").ljust(width), f"{number:>2}  {item.text}")
        return lines

    def hints(self) -> Iterator[str]:
        """What the user can do about what was not understood, a sentence each."""
        remedy = "say it in other words, correct it with `episodic plan … --interactive`, or edit the plan before you render it"
        if self.unused:
            words = ", ".join(f"“{word}”" for word in self.unused[:8]) + (", …" if len(self.unused) > 8 else "")
            yield f"not used: {words}. If the film should show that, {remedy}."
        if self.confidence < LOW_CONFIDENCE:
            yield f"only {self.confidence:.0%} of the prompt was understood. Check the lines above; where they are wrong, {remedy}."

    def to_json(self) -> dict[str, FactValue]:
        """The report as JSON: the entries of every row, the unused words and the confidence."""
        return {
            "rows": {row.name: [item.text for item in row.items] for row in self.rows},
            "unused": list(self.unused),
            "confidence": self.confidence,
        }


def _wrapped(name: str, text: str) -> list[str]:
    """A name and its text, in as many lines as it needs."""
    indent = " " * (len(name) + 2)
    return textwrap.wrap(text, _WIDTH, initial_indent=f"{name}  ", subsequent_indent=indent, break_long_words=False)
