"""Tables for people, one JSON object for programs."""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from memory.model.facts import FactValue, StoryPosition
from memory.model.records import Conflict, Difference, Origin

__all__ = ["print_conflicts", "print_differences", "print_json", "print_line", "print_table", "to_plain_json", "value_text"]

_MAX_CHARACTERS = 60
_THREAD = "thread"


def value_text(value: object) -> str:
    """A value for people. Long ones (looks, embeddings) are cut."""
    if isinstance(value, dict) and all(strength == 1 for strength in value.values()):
        value = ", ".join(value)  # words without strengths
    text = value if isinstance(value, str) else "nothing" if value is None else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _MAX_CHARACTERS else text[: _MAX_CHARACTERS - 1] + "…"


def print_table(columns: Sequence[str], rows: Sequence[Sequence[str]], title: str | None = None) -> None:
    """Print one table without the columns that are empty in every row."""
    used = [number for number in range(len(columns)) if any(row[number] for row in rows)]
    table = Table(title=title, title_justify="left")
    for number in used:
        table.add_column(columns[number], overflow="fold")
    for row in rows:
        table.add_row(*(Text(row[number]) for number in used))
    Console().print(table)


def print_line(text: str) -> None:
    """Print one sentence, unbroken and without colour."""
    Console(soft_wrap=True).print(Text(text))


def print_json(value: object) -> None:
    """Print one JSON object."""
    sys.stdout.write(json.dumps(to_plain_json(value), ensure_ascii=False, indent=1) + "\n")


def to_plain_json(value: object) -> object:
    """Records as JSON objects, story positions as `EPISODE:SCENE`."""
    if isinstance(value, StoryPosition):
        return str(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: to_plain_json(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(name): to_plain_json(entry) for name, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_plain_json(entry) for entry in value]
    return value


def print_differences(differences: Sequence[Difference], before: str, after: str, title: str | None = None) -> None:
    """Print what differs between two branches, with the origin of either value."""
    rows = [
        (
            f"{difference.entity}.{difference.attribute}",
            str(difference.position),
            _side_text(difference.entity, difference.before, difference.before_origin),
            _side_text(difference.entity, difference.after, difference.after_origin),
        )
        for difference in differences
    ]
    print_table(("what", "from", before, after), rows, title)


def _side_text(entity: str, value: FactValue, origin: Origin | None) -> str:
    if entity == _THREAD and isinstance(value, dict):
        return f"{value['text']} ({'closed' if value['closed'] else 'open'})"
    return value_text(value) + (f"\n{_origin_text(origin)}" if origin else "")


def print_conflicts(conflicts: Sequence[Conflict], title: str | None = "conflicts") -> None:
    """Print the statements that give way to stronger evidence, with the origin of either."""
    rows = [
        (
            f"{conflict.entity}.{conflict.attribute}",
            str(conflict.position),
            f"{value_text(conflict.holds)}\n{_origin_text(conflict.holds_origin)}",
            f"{value_text(conflict.overruled)}\n{_origin_text(conflict.overruled_origin)}",
        )
        for conflict in conflicts
    ]
    print_table(("what", "at", "holds", "gives way"), rows, title)


def _origin_text(origin: Origin) -> str:
    note = f": {origin.note}" if origin.note else ""
    by_hand = origin.evidence == "user" and not origin.scene_id
    return f"{origin.branch} {origin.position} (the user){note}" if by_hand else f"{origin}{note}"
