"""Which events are spoken of and how: the tables of `data/dialogue.yaml`."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from planners.data_file import DataFile, read_data_file

__all__ = ["DialogueTables", "dialogue_tables"]


class DialogueTables(DataFile):
    """The tables of `data/dialogue.yaml`; each is described there."""

    spoken: tuple[str, ...]
    unplanned: tuple[str, ...]
    trivial: tuple[str, ...]
    needs_object: tuple[str, ...]


@cache
def dialogue_tables() -> DialogueTables:
    """The tables, read once."""
    return read_data_file(Path(__file__).with_name("data") / "dialogue.yaml", DialogueTables)
