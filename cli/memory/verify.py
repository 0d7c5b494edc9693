"""`episodic memory verify [SERIES]`."""

from __future__ import annotations

from pathlib import Path

import typer

from cli.memory.tables import print_json, print_line, print_table
from cli.options import JsonObjectOption, SeriesArgument
from episodic.series.series import Series
from memory.store import MemoryStore

__all__ = ["verify"]


def verify(series: SeriesArgument = Path(), json: JsonObjectOption = False) -> None:
    """Check that memory is intact: every constraint, every reference, every artifact it points to. Exit code 1 if not."""
    opened = Series.open(series)
    artifacts = opened.artifacts
    with MemoryStore.open(opened.memory_location) as memory:
        faults = memory.verify(artifacts.has, artifacts.has_file)
    if json:
        print_json({"faults": faults})
    elif faults:
        print_table(("where", "what is wrong", "remedy"), [(fault.row, fault.what, fault.remedy) for fault in faults])
        print_line(f"{len(faults)} {'fault' if len(faults) == 1 else 'faults'}")
    else:
        print_line("memory is intact")
    if faults:
        raise typer.Exit(1)
