"""`episodic render [SERIES_OR_PLAN]`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.choices import DryRunOption, JsonOption

__all__ = ["render"]

Target = Annotated[
    Path,
    typer.Argument(
        metavar="[SERIES_OR_PLAN]",
        help="A series folder (all its episodes), one of its plans, or a plan file from elsewhere (its series folder is made here).",
        show_default="this folder",
    ),
]
Only = Annotated[
    str | None, typer.Option("--only", metavar="SCENE_OR_SHOT", help="Make only this part, and what it needs; no film.")
]


RenderBranch = Annotated[
    str | None,
    typer.Option("--branch", metavar="NAME", help="Branch of the series.", show_default="main, or that of the plan named"),
]


def render(
    target: Target = Path(),
    only: Only = None,
    branch: RenderBranch = None,
    dry_run: DryRunOption = False,
    json: JsonOption = False,
) -> None:
    """Make whatever is missing or stale. What that changes in the canon told so far is said first.

    --dry-run lists the stale tasks, why each is stale, and the estimated time.
    """
    from cli.display import display, show_dry_run
    from episodic.studio import Studio
    from episodic.targets import find_target, rehearse_target

    with display(json) as listen:
        if dry_run:
            show_dry_run(rehearse_target(target, listen, only, branch), listen, json, only)
        else:
            series, numbers = find_target(target, listen, branch)
            Studio(series, listen).render(numbers, only=only)
