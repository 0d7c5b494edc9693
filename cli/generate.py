"""`episodic generate PROMPT`."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.choices import DryRunOption, JsonOption, MinutesOption, PromptArgument, SeriesOption, StyleOption

__all__ = ["ChosenBackbone", "ChosenFps", "ChosenSeed", "ChosenSize", "generate"]

# None stands for "not said": only what the user said can contradict a series that is there already.
ChosenSeed = Annotated[
    int | None,
    typer.Option("--seed", help="Another seed, another episode; the same seed, the same bytes.", show_default="0"),
]
ChosenSize = Annotated[str | None, typer.Option("--size", metavar="WxH", help="Picture size in pixels.", show_default="1280x720")]
ChosenFps = Annotated[int | None, typer.Option("--fps", help="Frames a second, 8 to 60.", show_default="24")]
ChosenBackbone = Annotated[
    str | None,
    typer.Option("--backbone", metavar="NAME", help="What shoots the shots: stage, cards.", show_default="stage"),
]


def generate(
    prompt: PromptArgument,
    series: SeriesOption = None,
    minutes: MinutesOption = 1.0,
    style: StyleOption = None,
    seed: ChosenSeed = None,
    size: ChosenSize = None,
    fps: ChosenFps = None,
    backbone: ChosenBackbone = None,
    dry_run: DryRunOption = False,
    json: JsonOption = False,
) -> None:
    """Make an episode from a prompt: plan it, then render it.

    Stopped half-way, the same command goes on where it stopped.
    """
    from cli.display import display, show_dry_run
    from episodic.studio import Options, Studio, rehearse_series, start_series

    options = Options(minutes=minutes, style=style, seed=seed, size=size, fps=fps, backbone=backbone)  # type: ignore[arg-type]
    with display(json) as listen:
        if dry_run:
            show_dry_run(rehearse_series(prompt, options, series, listen), listen, json)
        else:
            Studio(start_series(prompt, options, series, listen), listen).render([1])
