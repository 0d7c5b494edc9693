"""`episodic status [SERIES]`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.options import BranchOption, JsonOption, SeriesArgument
from cli.status_tables import print_conditioning, print_conditioning_json, print_status, print_status_json
from episodic.studio import Studio

__all__ = ["status"]

ConditioningOption = Annotated[
    bool,
    typer.Option(
        "--conditioning",
        help="For every shot, list each memory it requested, the form in which it reached the backbone, or why it did not.",
    ),
]


def status(
    series: SeriesArgument = Path(),
    branch: BranchOption = "main",
    conditioning: ConditioningOption = False,
    json: JsonOption = False,
) -> None:
    """Show the episodes: what is done, stale or failed, and how long each part took."""
    studio = Studio.open(series, branch)
    if conditioning:
        records = studio.deliveries() if studio.series.episodes() else []
        (print_conditioning_json if json else print_conditioning)(studio.series, records)
        return
    episodes = studio.status() if studio.series.episodes() else []
    (print_status_json if json else print_status)(studio.series, episodes)
