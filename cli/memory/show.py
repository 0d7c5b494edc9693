"""`episodic memory show [SERIES] [--at 1:3]`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.choices import AtOption, BranchOption, SeriesArgument

__all__ = ["show"]


def show(
    series: SeriesArgument = Path(),
    at: AtOption = None,
    branch: BranchOption = "main",
    json: Annotated[bool, typer.Option("--json", help="The canon as one JSON object, for programs.")] = False,
) -> None:
    """Show the canon at a story position: who is who, what holds and who says so, what is open, what contradicts itself."""
    from cli.canon_tables import print_canon, print_canon_json
    from episodic.editing.show_canon import read_canon
    from episodic.series.branches import on_branch
    from episodic.series.positions import check_scene, parse_position
    from episodic.series.series import Series

    position = parse_position(at, "--at") if at else None
    found = on_branch(Series.open(series), branch)
    if position is not None and position.scene:  # scene 0 is before the episode, and needs no plan
        check_scene(found, position, "--at")
    known = read_canon(found, position)
    (print_canon_json if json else print_canon)(known)
