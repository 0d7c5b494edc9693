"""`episodic next [PROMPT] --series DIR`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.display import display, show_dry_run
from cli.options import BranchOption, DryRunOption, JsonOption, MinutesOption, WhereOption
from episodic.options import Options
from episodic.studio import Studio

__all__ = ["next_episode"]

DirectionArgument = Annotated[
    str,
    typer.Argument(
        metavar="[PROMPT]", help="What should happen. Default: what the open threads in memory suggest.", show_default=False
    ),
]
EpisodeSeedOption = Annotated[
    int | None,
    typer.Option(
        "--seed",
        help="Another seed gives another episode; the same seed gives the same bytes.",
        show_default="from the series' seed",
    ),
]


def next_episode(
    prompt: DirectionArgument = "",
    series: WhereOption = Path(),
    branch: BranchOption = "main",
    minutes: MinutesOption = None,
    seed: EpisodeSeedOption = None,
    dry_run: DryRunOption = False,
    json: JsonOption = False,
) -> None:
    """Make the next episode of a series from its memory: same cast, same looks and voices, open threads."""
    options = Options(minutes=minutes, seed=seed)
    with display(json) as listen:
        studio = Studio.open(series, branch, listen)
        if dry_run:
            show_dry_run(studio.dry_run_next(prompt, options), listen, json)
        else:
            studio.render([studio.plan_next(prompt, options)])
