"""`episodic render [SERIES_OR_PLAN]`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.display import display, show_dry_run
from cli.options import DryRunOption, JsonOption
from episodic.studio import Studio
from episodic.targets import dry_run_target, find_target

__all__ = ["render"]

TargetArgument = Annotated[
    Path,
    typer.Argument(
        metavar="[SERIES_OR_PLAN]",
        help="A series folder (all its episodes), one of its plans, or a plan file from elsewhere (its series folder is made here).",
        show_default="this folder",
    ),
]
OnlyOption = Annotated[
    str | None,
    typer.Option("--only", metavar="SCENE_OR_SHOT", help="Make only this scene or shot and what it depends on, without a film."),
]
RenderBranchOption = Annotated[
    str | None,
    typer.Option("--branch", metavar="NAME", help="Branch of the series.", show_default="main, or that of the given plan"),
]


def render(
    target: TargetArgument = Path(),
    only: OnlyOption = None,
    branch: RenderBranchOption = None,
    dry_run: DryRunOption = False,
    json: JsonOption = False,
) -> None:
    """Make whatever is missing or stale. Changes to the existing canon are listed first.

    --dry-run lists the stale tasks, why each is stale, and the estimated time.
    """
    with display(json) as listen:
        if dry_run:
            show_dry_run(dry_run_target(target, listen, only, branch), listen, json, only)
        else:
            series, numbers = find_target(target, listen, branch)
            Studio(series, listen).render(numbers, only=only)
