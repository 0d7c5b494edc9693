"""`episodic plan PROMPT`."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.corrections import ask_for_corrections
from cli.display import display, show_plan, show_season
from cli.options import (
    BackboneOption,
    FpsOption,
    JsonOption,
    MinutesOption,
    PromptArgument,
    SeedOption,
    SeriesOption,
    SizeOption,
    SourceOption,
    StyleOption,
    TakesOption,
)
from episodic.options import Options, parse_style
from episodic.plan_season import check_episodes
from episodic.start import start_series
from episodic.studio import Studio

__all__ = ["plan"]

InteractiveOption = Annotated[
    bool,
    typer.Option(
        "--interactive", help="Show what was understood, numbered, and take corrections such as `drop 3` before planning."
    ),
]
EpisodesOption = Annotated[
    int | None,
    typer.Option(
        "--episodes", metavar="N", help="Outline a season of N episodes in season.yaml, too. `episodic next` then follows it."
    ),
]


def plan(
    prompt: PromptArgument,
    series: SeriesOption = None,
    minutes: MinutesOption = None,
    style: StyleOption = None,
    seed: SeedOption = None,
    size: SizeOption = None,
    fps: FpsOption = None,
    backbone: BackboneOption = None,
    takes: TakesOption = None,
    source: SourceOption = None,
    episodes: EpisodesOption = None,
    interactive: InteractiveOption = False,
    json: JsonOption = False,
) -> None:
    """Write only the plan, for you to edit: episodes/01/plan.yaml in the series folder. Then run `episodic render`."""
    options = Options(
        minutes=minutes, style=parse_style(style), seed=seed, size=size, fps=fps, backbone=backbone, takes=takes, source=source
    )
    if episodes is not None:
        check_episodes(episodes)
    correct = ask_for_corrections if interactive else None
    with display(json, live=not interactive) as listen:
        studio = Studio(start_series(prompt, options, series, listen, correct=correct), listen)
        season = None if episodes is None else studio.plan_season(episodes, options)
    if not json:
        show_plan(studio.plan_of(1), studio.series.plan_path(1))
        if season is not None:
            show_season(season, studio.series.season_path)
