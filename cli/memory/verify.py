"""`episodic memory verify [SERIES]`."""

from __future__ import annotations

from pathlib import Path

import typer

from cli.choices import JsonObjectOption, SeriesArgument

__all__ = ["verify"]


def verify(series: SeriesArgument = Path(), json: JsonObjectOption = False) -> None:
    """Check that memory is whole: every constraint, every reference, every artifact it points to. Exit code 1: it is not."""
    from cli.memory.tables import print_json, print_line, print_table
    from episodic.series.series import Series
    from memory.store import MemoryStore

    found = Series.open(series)
    artifacts = found.artifacts
    with MemoryStore.open(found.memory_location) as memory:
        faults = memory.verify(artifacts.has, artifacts.has_file)
    if json:
        print_json({"faults": faults})
    elif faults:
        print_table(("where", "what is wrong", "remedy"), [(one.row, one.what, one.remedy) for one in faults])
        print_line(f"{len(faults)} {'fault' if len(faults) == 1 else 'faults'}")
    else:
        print_line("memory is whole")
    if faults:
        raise typer.Exit(1)
