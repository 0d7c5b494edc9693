"""`episodic memory export FILE`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.memory.tables import print_line
from cli.options import WhereOption
from episodic.series.series import Series
from memory.store import MemoryStore

__all__ = ["export_memory"]


def export_memory(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="The file to write; an existing file is replaced.", show_default=False)
    ],
    series: WhereOption = Path(),
) -> None:
    """Write the whole memory, all branches, to one JSON file (docs/memory-format.md)."""
    with MemoryStore.open(Series.open(series).memory_location) as memory:
        memory.export_to(file)
    print_line(f"written to {file} ({file.stat().st_size / 1e6:.1f} MB)")
