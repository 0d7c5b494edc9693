"""`episodic bench memory`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from cli.bench.figure_tables import check_minimum, print_figures, print_figures_json, print_progress
from cli.options import BenchJsonOption
from episodic.series.series import Series, SeriesSettings
from memory.bench.run import run_memory_bench

__all__ = ["memory"]


def memory(
    database: Annotated[
        str | None,
        typer.Option(
            "--database",
            metavar="URL",
            help="An empty database to build the series in, as in series.yaml. Default: a temporary file.",
        ),
    ] = None,
    facts: Annotated[int, typer.Option("--facts", help="Number of facts in the series.")] = 1_000_000,
    scenes: Annotated[int, typer.Option("--scenes", help="Number of scenes in the series.")] = 10_000,
    branches: Annotated[int, typer.Option("--branches", help="Number of branches in the series.")] = 20,
    seed: Annotated[int, typer.Option("--seed", help="Seed of the series.")] = 0,
    json: BenchJsonOption = False,
) -> None:
    """Measure how fast memory is on a large series: reading a canon, committing a scene, recalling."""
    for option, count in (("--facts", facts), ("--scenes", scenes), ("--branches", branches)):
        check_minimum(option, count, 1)
    with tempfile.TemporaryDirectory(prefix="episodic-bench-") as folder:
        series = Series.create(Path(folder) / "series", SeriesSettings(title="Bench", memory=database))
        show = (sys.executable, "-m", "cli.main", "memory", "show", str(series.root))
        figures = run_memory_bench(
            series.memory_location, facts=facts, scenes=scenes, branches=branches, seed=seed, listen=print_progress, show=show
        )
    (print_figures_json if json else print_figures)(figures)
