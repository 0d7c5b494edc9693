"""`episodic next [PROMPT] --series DIR`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.choices import DryRunOption, JsonOption, MinutesOption, SeedOption

__all__ = ["next_episode"]

Steer = Annotated[
    str, typer.Argument(metavar="[PROMPT]", help="What should happen. Default: what memory holds open.", show_default=False)
]
Where = Annotated[Path, typer.Option("--series", metavar="DIR", help="Folder of the series.", show_default="this folder")]


def next_episode(
    prompt: Steer = "",
    series: Where = Path(),
    minutes: MinutesOption = 1.0,
    seed: SeedOption = 0,
    dry_run: DryRunOption = False,
    json: JsonOption = False,
) -> None:
    """Make the series' next episode, from what memory holds: same cast, same looks and voices, open threads."""
    from cli.display import display, show_dry_run
    from episodic.series import Series
    from episodic.studio import Options, Studio

    found = Series.open(series)
    settings = found.settings
    options = Options(
        minutes=minutes,
        style=settings.style,
        seed=seed or settings.seed,
        size=settings.size,
        fps=settings.fps,
        backbone=settings.backbone,
    )
    with display(json) as listen:
        studio = Studio(found, listen)
        number = studio.plan_next(prompt, options)
        if dry_run:
            show_dry_run(studio.look_through([number]), listen, json)
        else:
            studio.render([number])
