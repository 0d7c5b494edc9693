"""`episodic memory show [SERIES] [--at 1:3]`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.canon_tables import print_canon, print_canon_json
from cli.options import AtOption, BranchOption, SeriesArgument
from episodic.editing.show_canon import read_canon
from episodic.series.branches import open_series
from episodic.series.positions import check_scene, parse_position

__all__ = ["show"]


def show(
    series: SeriesArgument = Path(),
    at: AtOption = None,
    branch: BranchOption = "main",
    json: Annotated[bool, typer.Option("--json", help="Print the canon as one JSON object, for programs.")] = False,
) -> None:
    """Show the canon at a story position: who is who, what is true and by whose word, open threads, conflicts."""
    position = parse_position(at, "--at") if at else None
    opened = open_series(series, branch)
    if position is not None and position.scene:  # scene 0 means "before the episode" and needs no plan
        check_scene(opened, position, "--at")
    (print_canon_json if json else print_canon)(read_canon(opened, position))
