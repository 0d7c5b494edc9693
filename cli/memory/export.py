"""`episodic memory export FILE`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.choices import WhereOption

__all__ = ["export_memory"]


def export_memory(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="Where to write it; a file of the name is replaced.", show_default=False)
    ],
    series: WhereOption = Path(),
) -> None:
    """Write everything memory holds, all branches, to one JSON file (docs/memory-format.md)."""
    from cli.memory.tables import print_line
    from episodic.series.series import Series
    from memory.store import MemoryStore

    with MemoryStore.open(Series.open(series).memory_location) as memory:
        memory.export_to(file)
    print_line(f"written to {file} ({file.stat().st_size / 1e6:.1f} MB)")
