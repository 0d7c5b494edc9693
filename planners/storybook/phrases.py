"""Phrases of the storybook planner by genre."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from planners.data_file import DataFile, read_data_file

__all__ = ["PHRASES", "PhraseTables"]


class PhraseTables(DataFile):
    """The tables of `data/phrases.yaml`; each is described there."""

    titles: dict[str, str]
    wants: dict[str, str]
    things: dict[str, tuple[str, ...]]
    repeats: tuple[str, ...]


PHRASES: Final = read_data_file(Path(__file__).with_name("data") / "phrases.yaml", PhraseTables)
