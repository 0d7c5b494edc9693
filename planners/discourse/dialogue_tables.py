"""Which events are spoken of and how, and what a film is filled with: the tables of `data/dialogue.yaml`."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Literal

from planners.data_file import DataFile, read_data_file
from planners.knowledge.families import Phase

__all__ = ["Addition", "DialogueTables", "dialogue_tables"]

Addition = Literal["step", "talk", "trouble", "reaction", "face"]
"""What may be added to an event to make a film longer: something that is done, an exchange, a complication, how it is taken, a face."""


class DialogueTables(DataFile):
    """The tables of `data/dialogue.yaml`; each is described there."""

    spoken: tuple[str, ...]
    unplanned: tuple[str, ...]
    trivial: tuple[str, ...]
    needs_object: tuple[str, ...]
    rounds: tuple[tuple[Addition, Phase], ...]


@cache
def dialogue_tables() -> DialogueTables:
    """The tables, read once."""
    return read_data_file(Path(__file__).with_name("data") / "dialogue.yaml", DialogueTables)
