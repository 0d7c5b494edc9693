"""`episodic memory diff BRANCH [OTHER]`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.memory.tables import print_differences, print_json, print_line
from cli.options import JsonObjectOption, WhereOption
from episodic.series.branches import compare_branches
from episodic.series.positions import parse_position
from episodic.series.series import Series

__all__ = ["diff"]


def diff(
    branch: Annotated[str, typer.Argument(metavar="ONE", help="A branch.", show_default=False)],
    other: Annotated[str, typer.Argument(metavar="[OTHER]", help="The branch to compare it with.")] = "main",
    series: WhereOption = Path(),
    at: Annotated[
        str | None,
        typer.Option("--at", metavar="EPISODE:SCENE", help="Story position. Default: wherever each attribute first differs."),
    ] = None,
    json: JsonObjectOption = False,
) -> None:
    """Compare two branches: each attribute where it first differs, or everything that differs --at one position."""
    position = parse_position(at, "--at") if at else None
    differences = compare_branches(Series.open(series), other, branch, position)
    if json:
        print_json({"before": other, "after": branch, "differences": differences})
    elif differences:
        print_differences(differences, other, branch)
    else:
        print_line(f"{branch} and {other} do not differ" + (f" at {position}" if position else ""))
