"""`episodic memory diff ONE [OTHER]`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.choices import JsonObjectOption, WhereOption

__all__ = ["diff"]


def diff(
    one: Annotated[str, typer.Argument(metavar="ONE", help="A branch.", show_default=False)],
    other: Annotated[str, typer.Argument(metavar="[OTHER]", help="The branch to compare it with.")] = "main",
    series: WhereOption = Path(),
    at: Annotated[
        str | None,
        typer.Option("--at", metavar="EPISODE:SCENE", help="Story position. Default: wherever each attribute first parts."),
    ] = None,
    json: JsonObjectOption = False,
) -> None:
    """What two branches hold differently: each attribute where it first parts, or everything that differs --at one position."""
    from cli.memory.tables import print_differences, print_json, print_line
    from episodic.series.branches import on_branch
    from episodic.series.memory_access import known_memory
    from episodic.series.positions import parse_position
    from episodic.series.series import Series

    position = parse_position(at, "--at") if at else None
    found_in = Series.open(series)
    for each in (one, other):
        on_branch(found_in, each)
    with known_memory(found_in) as memory:
        found = memory.diff(other, one, position)
    if json:
        print_json({"before": other, "after": one, "differences": found})
    elif found:
        print_differences(found, other, one)
    else:
        print_line(f"{one} and {other} hold the same" + (f" at {position}" if position else ""))
