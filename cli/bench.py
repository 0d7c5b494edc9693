"""`episodic bench memory`, `episodic bench continuity` and `episodic bench backbones`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["bench_app"]

bench_app = typer.Typer(help="Measure on this machine what the project promises.", no_args_is_help=True)

JsonOption = Annotated[bool, typer.Option("--json", help="Everything that was measured as one JSON object, for programs.")]


@bench_app.callback()
def _bench() -> None:
    """Measure on this machine what the project promises."""


@bench_app.command()
def memory(
    database: Annotated[
        str | None,
        typer.Option(
            "--database",
            metavar="URL",
            help="An empty database to build the series in, as in series.yaml. Default: a temporary file.",
        ),
    ] = None,
    facts: Annotated[int, typer.Option("--facts", help="Facts of the series.")] = 1_000_000,
    scenes: Annotated[int, typer.Option("--scenes", help="Scenes of the series.")] = 10_000,
    branches: Annotated[int, typer.Option("--branches", help="Branches of the series.")] = 20,
    seed: Annotated[int, typer.Option("--seed", help="Seed of the series.")] = 0,
    json: JsonOption = False,
) -> None:
    """How quick memory is on a large series: reading a canon, committing a scene, recalling."""
    import sys
    import tempfile

    from cli.bench_tables import check_count, print_figures, print_figures_json, say
    from episodic.series.series import Series, SeriesSettings
    from memory.bench.run import run_memory_bench

    for option, found in (("--facts", facts), ("--scenes", scenes), ("--branches", branches)):
        check_count(option, found, 1)
    with tempfile.TemporaryDirectory(prefix="episodic-bench-") as folder:
        series = Series.create(Path(folder) / "series", SeriesSettings(title="Bench", memory=database))
        show = (sys.executable, "-m", "cli.main", "memory", "show", str(series.root))
        figures = run_memory_bench(
            series.memory_location, facts=facts, scenes=scenes, branches=branches, seed=seed, listen=say, show=show
        )
    (print_figures_json if json else print_figures)(figures)


@bench_app.command()
def continuity(
    characters: Annotated[
        int, typer.Option("--characters", help="How many characters there are to be taken for one another.")
    ] = 24,
    episodes: Annotated[int, typer.Option("--episodes", help="Episodes of the series.")] = 4,
    scenes: Annotated[int, typer.Option("--scenes", help="Scenes of each episode.")] = 12,
    seed: Annotated[int, typer.Option("--seed", help="Seed of the series.")] = 0,
    out: Annotated[Path | None, typer.Option("--out", metavar="DIR", help="Where continuity.json and the plots go.")] = None,
    json: JsonOption = False,
) -> None:
    """Whether characters, voices and light stay themselves over long gaps, with memory and without."""
    from cli.bench_tables import check_count, print_continuity, print_continuity_json, say
    from episodic.lab.continuity_bench.bench import run_continuity_bench

    check_count("--characters", characters, 2)
    check_count("--episodes", episodes, 1)
    check_count("--scenes", scenes, 2)
    report = run_continuity_bench(characters, episodes, scenes, seed, listen=say)
    if out is not None:
        report.write(out)
        say(f"written: {out}")
    (print_continuity_json if json else print_continuity)(report)


@bench_app.command()
def backbones(
    model: Annotated[
        list[str] | None,
        typer.Option(
            "--model",
            metavar="FAMILY:PATH_OR_ID",
            help="A model to measure, as in --backbone; its own time counts. Default: a tiny model of each family with random weights.",
        ),
    ] = None,
    seconds: Annotated[
        float,
        typer.Option("--seconds", help="What a call of a tiny model takes at least: a GPU is not waited for, it is slept for."),
    ] = 10.0,
    size: Annotated[
        str | None, typer.Option("--size", metavar="WIDTHxHEIGHT", help="Of the takes, pixels. Default: the model's own.")
    ] = None,
    steps: Annotated[int | None, typer.Option("--steps", help="Denoising steps. Default: the model's own.")] = None,
    every: Annotated[bool, typer.Option("--every", help="Every kind of model of a family, not only one.")] = False,
    quick: Annotated[
        bool,
        typer.Option("--quick", help="Nothing about time: about two minutes instead of six, for three shots of each family."),
    ] = False,
    json: JsonOption = False,
) -> None:
    """What adapters of open video models cost beside the model itself, encode twice, and deliver of memory."""
    from cli.bench_tables import check_count, print_backbones, print_backbones_json, say
    from episodic.backbones.diffusers.folder.load import quiet
    from episodic.errors import InputError
    from episodic.lab.backbone_bench.adapter_bench import bench_models, run_backbones_bench
    from episodic.series.shooting_settings import Shooting

    check_count("--seconds", seconds, 0)
    if steps is not None:
        check_count("--steps", steps, 1)
    try:
        shooting = Shooting(size=size, steps=steps)
    except ValueError as err:
        raise InputError(f"--size: expected WIDTHxHEIGHT such as 832x480, found {size!r}") from err
    with quiet():
        figures = run_backbones_bench(
            bench_models(model or (), every=every),
            artificial_s=0.0 if quick else seconds,
            workers=not quick,
            listen=say,
            shooting=shooting,
        )
    (print_backbones_json if json else print_backbones)(figures, timed=not quick)
