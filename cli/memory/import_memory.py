"""`episodic memory import FILE`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.memory.tables import print_line
from cli.options import WhereOption
from episodic.errors import InputError
from episodic.series.memory_access import open_memory
from episodic.series.series import Series

__all__ = ["import_memory"]


def import_memory(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What `episodic memory export` wrote.", show_default=False)],
    series: WhereOption = Path(),
) -> None:
    """Fill the empty memory of a series from an exported file: all of it, or nothing."""
    if not Series.is_series(series):
        raise InputError(
            f"{series}: no series to import into; copy series.yaml and episodes/ of the exported series into a new folder"
        )
    opened = Series.open(series)
    with opened.locked(), open_memory(opened) as memory:
        scenes = memory.import_from(file)
    print_line(f"{scenes} {'scene' if scenes == 1 else 'scenes'} in memory; next: episodic memory verify {series}")
