"""`episodic bench backbones`."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.bench.figure_tables import check_minimum, print_backbones, print_backbones_json, print_progress
from cli.options import BenchJsonOption
from episodic.errors import InputError
from episodic.series.shooting_settings import Shooting

__all__ = ["backbones"]


def backbones(
    model: Annotated[
        list[str] | None,
        typer.Option(
            "--model",
            metavar="FAMILY:PATH_OR_ID",
            help="A model to measure with its real time, named as for --backbone. "
            "Default: a tiny model of each family with random weights.",
        ),
    ] = None,
    seconds: Annotated[
        float,
        typer.Option("--seconds", help="Least duration of a tiny model's call. It sleeps for the rest, in place of a GPU."),
    ] = 10.0,
    size: Annotated[
        str | None, typer.Option("--size", metavar="WIDTHxHEIGHT", help="Size of the takes in pixels. Default: the model's own.")
    ] = None,
    steps: Annotated[int | None, typer.Option("--steps", help="Denoising steps. Default: the model's own.")] = None,
    every: Annotated[bool, typer.Option("--every", help="Measure every kind of model of a family, not only one.")] = False,
    quick: Annotated[
        bool,
        typer.Option("--quick", help="Measure no times: about two minutes instead of six, for three shots of each family."),
    ] = False,
    json: BenchJsonOption = False,
) -> None:
    """Measure the adapters of open video models: time besides the model itself, double encoding, memories delivered."""
    check_minimum("--seconds", seconds, 0)
    if steps is not None:
        check_minimum("--steps", steps, 1)
    try:
        shooting = Shooting(size=size, steps=steps)
    except ValueError as err:
        raise InputError(f"--size: expected WIDTHxHEIGHT such as 832x480, found {size!r}") from err
    # these load torch, which --help does not need
    from episodic.backbones.diffusers.folder.load import quiet
    from episodic.lab.backbone_bench.adapter_bench import bench_models, run_backbones_bench

    with quiet():
        figures = run_backbones_bench(
            bench_models(model or (), every=every),
            artificial_s=0.0 if quick else seconds,
            workers=not quick,
            listen=print_progress,
            shooting=shooting,
        )
    (print_backbones_json if json else print_backbones)(figures, timed=not quick)
