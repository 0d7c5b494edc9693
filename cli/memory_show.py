"""`episodic memory show [SERIES] [--at 1:3]`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.choices import SeriesArgument

__all__ = ["memory_app"]

memory_app = typer.Typer(help="Look into what the series remembers.", no_args_is_help=True)


@memory_app.callback()
def _memory() -> None:
    """Look into what the series remembers."""


@memory_app.command()
def show(
    series: SeriesArgument = Path(),
    at: Annotated[str | None, typer.Option("--at", metavar="EPISODE:SCENE", help="Story position. Default: the end.")] = None,
    json: Annotated[bool, typer.Option("--json", help="The canon as one JSON object, for programs.")] = False,
) -> None:
    """Show the canon at a story position: who is who, what holds, what is open."""
    from episodic.errors import InputError
    from episodic.series import Series
    from episodic.studio import Studio
    from memory.facts import StoryPosition

    try:
        position = StoryPosition.parse(at) if at else None
    except ValueError as err:
        raise InputError(f"--at: {err}") from err
    canon = Studio(Series.open(series)).canon(position)
    from cli.canon_tables import print_canon, print_canon_json

    (print_canon_json if json else print_canon)(canon)
