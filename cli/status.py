"""`episodic status [SERIES]`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.choices import BranchOption, JsonOption, SeriesArgument

__all__ = ["status"]

ConditioningOption = Annotated[
    bool,
    typer.Option(
        "--conditioning", help="For every shot: each memory it asked for, as what it reached the backbone, or why it did not."
    ),
]


def status(
    series: SeriesArgument = Path(),
    branch: BranchOption = "main",
    conditioning: ConditioningOption = False,
    json: JsonOption = False,
) -> None:
    """Episodes, what is done, stale or failed, and how long each part took."""
    from cli.status_tables import print_conditioning, print_conditioning_json, print_status, print_status_json
    from episodic.series.branches import on_branch
    from episodic.series.series import Series
    from episodic.studio import Studio

    found = on_branch(Series.open(series), branch)
    studio = Studio(found)
    if conditioning:
        records = studio.deliveries() if found.episodes() else []
        (print_conditioning_json if json else print_conditioning)(found, records)
        return
    episodes = studio.look_through() if found.episodes() else []
    (print_status_json if json else print_status)(found, episodes)
