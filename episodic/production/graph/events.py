"""Events of a run: one small record for each thing that happens, ready for JSON."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from memory.model.facts import FactValue

__all__ = ["Event", "Listener", "silent"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """`stale`: a task will run (or would, in a dry run). `start`, `done`, `failed`: a task. `note`: a sentence for people.

    `film`: an episode is finished; `text` is its path. `change`: a canon value will change that earlier takes used; `data` says how.
    `understood`: what was understood of a prompt; `data` has its parts. `length`: a plan misses the length asked for; `seconds` is its own.
    `scene`: why a scene is in the story. `season`: the outline of a season is written; `text` is its path, `data` what it says.
    """

    event: Literal[
        "understood",
        "plan",
        "season",
        "length",
        "scene",
        "stale",
        "start",
        "done",
        "failed",
        "note",
        "film",
        "commit",
        "conflict",
        "change",
    ]
    task: str = ""
    kind: str = ""
    text: str = ""
    seconds: float | None = None
    episode: int | None = None
    data: dict[str, FactValue] = field(default_factory=dict)

    def to_json(self) -> dict[str, FactValue]:
        """The event as JSON, without empty fields."""
        return {name: value for name, value in dataclasses.asdict(self).items() if value not in ("", None, {})}


Listener = Callable[[Event], None]


def silent(event: Event) -> None:
    """A listener that ignores every event."""
