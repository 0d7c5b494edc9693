"""`episodic next [PROMPT] --series DIR`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.choices import BranchOption, DryRunOption, JsonOption, MinutesOption, WhereOption

__all__ = ["next_episode"]

Steer = Annotated[
    str, typer.Argument(metavar="[PROMPT]", help="What should happen. Default: what memory holds open.", show_default=False)
]
EpisodeSeed = Annotated[
    int | None,
    typer.Option(
        "--seed", help="Another seed, another episode; the same seed, the same bytes.", show_default="from the series' seed"
    ),
]


def next_episode(
    prompt: Steer = "",
    series: WhereOption = Path(),
    branch: BranchOption = "main",
    minutes: MinutesOption = 1.0,
    seed: EpisodeSeed = None,
    dry_run: DryRunOption = False,
    json: JsonOption = False,
) -> None:
    """Make the series' next episode, from what memory holds: same cast, same looks and voices, open threads."""
    from cli.display import display, show_dry_run
    from episodic.series.branches import on_branch
    from episodic.series.series import Series
    from episodic.studio import Options, Studio

    found, options = on_branch(Series.open(series), branch), Options(minutes=minutes, seed=seed)
    with display(json) as listen:
        studio = Studio(found, listen)
        if dry_run:
            show_dry_run(studio.rehearse_next(prompt, options), listen, json)
        else:
            studio.render([studio.plan_next(prompt, options)])
