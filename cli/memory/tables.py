"""Tables for people, one JSON object for programs."""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from memory.model.facts import StoryPosition
from memory.model.records import Conflict, Difference, Origin

__all__ = ["plain", "print_conflicts", "print_differences", "print_json", "print_line", "print_table", "said"]

_SHORT = 60
_THREAD = "thread"


def said(value: object, *, short: bool = True) -> str:
    """A value as people read it; long ones (looks, embeddings) are cut unless `short` is off."""
    if isinstance(value, dict) and all(one == 1 for one in value.values()):
        value = ", ".join(value)  # words without strengths
    text = value if isinstance(value, str) else "nothing" if value is None else json.dumps(value, ensure_ascii=False)
    return text if not short or len(text) <= _SHORT else text[: _SHORT - 1] + "…"


def print_table(columns: Sequence[str], rows: Sequence[Sequence[str]], title: str | None = None) -> None:
    """One table; columns whose cells are all empty are left out."""
    used = [number for number in range(len(columns)) if any(row[number] for row in rows)]
    table = Table(title=title, title_justify="left")
    for number in used:
        table.add_column(columns[number], overflow="fold")
    for row in rows:
        table.add_row(*(Text(row[number]) for number in used))
    Console().print(table)


def print_line(text: str) -> None:
    """One sentence, not cut and not coloured."""
    Console(soft_wrap=True).print(Text(text))


def print_json(value: Any) -> None:
    """One JSON object."""
    sys.stdout.write(json.dumps(plain(value), ensure_ascii=False, indent=1) + "\n")


def plain(value: Any) -> Any:
    """Records as JSON; story positions as they are written."""
    if isinstance(value, StoryPosition):
        return str(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {one.name: plain(getattr(value, one.name)) for one in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(name): plain(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    return value


def print_differences(found: Sequence[Difference], before: str, after: str, title: str | None = None) -> None:
    """What two branches hold differently, with where either comes from."""
    rows = [(f"{one.entity}.{one.attribute}", str(one.position), _told(one, "before"), _told(one, "after")) for one in found]
    print_table(("what", "from", before, after), rows, title)


def _told(one: Difference, side: str) -> str:
    value, origin = getattr(one, side), getattr(one, f"{side}_origin")
    if one.entity == _THREAD and isinstance(value, dict):
        return f"{value['text']} ({'closed' if value['closed'] else 'open'})"
    return said(value) + (f"\n{_spoken(origin)}" if origin else "")


def print_conflicts(found: Sequence[Conflict], title: str | None = "conflicts") -> None:
    """Statements that give way to stronger evidence, with where either comes from."""
    rows = [
        (
            f"{one.entity}.{one.attribute}",
            str(one.position),
            f"{said(one.holds)}\n{_spoken(one.holds_origin)}",
            f"{said(one.overruled)}\n{_spoken(one.overruled_origin)}",
        )
        for one in found
    ]
    print_table(("what", "at", "holds", "gives way"), rows, title)


def _spoken(origin: Origin) -> str:
    note = f": {origin.note}" if origin.note else ""
    by_hand = origin.evidence == "user" and not origin.scene_id
    return f"{origin.branch} {origin.position} (the user){note}" if by_hand else f"{origin}{note}"
