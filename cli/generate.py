"""`episodic generate PROMPT`."""

from __future__ import annotations

from cli.display import display, show_dry_run
from cli.options import (
    BackboneOption,
    DryRunOption,
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
from episodic.start import dry_run_series, start_series
from episodic.studio import Studio

__all__ = ["generate"]


def generate(
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
    dry_run: DryRunOption = False,
    json: JsonOption = False,
) -> None:
    """Make an episode from a prompt: plan it, then render it.

    If stopped, run the same command again to resume.
    """
    options = Options(
        minutes=minutes,
        style=parse_style(style),
        seed=seed,
        size=size,
        fps=fps,
        backbone=backbone,
        takes=takes,
        source=source,
    )
    with display(json) as listen:
        if dry_run:
            show_dry_run(dry_run_series(prompt, options, series, listen), listen, json)
        else:
            Studio(start_series(prompt, options, series, listen), listen).render([1])
