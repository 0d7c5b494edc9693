"""`episodic generate PROMPT`."""

from __future__ import annotations

from cli.choices import (
    BackboneOption,
    DryRunOption,
    FpsOption,
    JsonOption,
    MinutesOption,
    PromptArgument,
    SeedOption,
    SeriesOption,
    SizeOption,
    StyleOption,
    TakesOption,
)

__all__ = ["generate"]


def generate(
    prompt: PromptArgument,
    series: SeriesOption = None,
    minutes: MinutesOption = 1.0,
    style: StyleOption = None,
    seed: SeedOption = None,
    size: SizeOption = None,
    fps: FpsOption = None,
    backbone: BackboneOption = None,
    takes: TakesOption = None,
    dry_run: DryRunOption = False,
    json: JsonOption = False,
) -> None:
    """Make an episode from a prompt: plan it, then render it.

    Stopped half-way, the same command goes on where it stopped.
    """
    from cli.display import display, show_dry_run
    from episodic.studio import Options, Studio, rehearse_series, start_series

    options = Options(
        minutes=minutes,
        style=style,  # type: ignore[arg-type]
        seed=seed,
        size=size,
        fps=fps,
        backbone=backbone,
        takes=takes,
    )
    with display(json) as listen:
        if dry_run:
            show_dry_run(rehearse_series(prompt, options, series, listen), listen, json)
        else:
            Studio(start_series(prompt, options, series, listen), listen).render([1])
