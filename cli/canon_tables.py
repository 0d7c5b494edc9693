"""The canon for people and for programs."""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from memory.canon import Canon

__all__ = ["print_canon", "print_canon_json"]


def print_canon(canon: Canon) -> None:
    """Tables of characters, places, relations and threads."""
    console = Console()
    console.print(Text.assemble((canon.title or "canon", "bold"), f" at {canon.position} on branch {canon.branch}"))
    if not (canon.characters or canon.locations):
        console.print("nothing is known here yet")
        return
    _print(console, "characters", ("id", "name", "kind", "description", "what holds"), [
        (one.id, one.name, one.kind, one.description, _state(one.state)) for one in canon.characters.values()
    ])  # fmt: skip
    places = [(one.id, one.name, one.description, _state(one.state)) for one in canon.locations.values()]
    _print(console, "places", ("id", "name", "description", "what holds"), places)
    props = [(one.id, one.name, one.description, _state(one.state)) for one in canon.props.values()]
    _print(console, "props", ("id", "name", "description", "what holds"), props)
    relations = [(one.subject, one.relation, one.object) for one in canon.relationships]
    _print(console, "relations", ("who", "", "whom"), relations)
    threads = [(one.id, one.text, "closed" if one.closed else "open") for one in canon.threads]
    _print(console, "threads", ("id", "question", ""), threads)


def _print(console: Console, title: str, columns: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
    if not rows:
        return
    table = Table(title=title, title_justify="left")
    for name in columns:
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*map(Text, row))
    console.print(table)


def _state(state: Mapping[str, Any]) -> str:
    return "\n".join(f"{name} = {value}" for name, value in state.items())


def print_canon_json(canon: Canon) -> None:
    """The whole canon as one JSON object."""
    sys.stdout.write(json.dumps(_plain(canon), ensure_ascii=False, indent=1) + "\n")


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {one.name: _plain(getattr(value, one.name)) for one in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    return value
