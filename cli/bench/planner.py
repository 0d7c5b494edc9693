"""`episodic bench planner`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.bench.figure_tables import check_minimum, print_progress
from cli.bench.planner_tables import print_planner, print_planner_json
from cli.options import BenchJsonOption
from episodic.errors import InputError

__all__ = ["planner"]


def planner(
    name: Annotated[
        str, typer.Option("--planner", metavar="NAME", help="A planner, or null: the prompt's events without a plot.")
    ] = "story",
    suite: Annotated[
        Path | None, typer.Option("--suite", metavar="FILE", help="Annotated prompts, prompt-suite@1. Default: 40 that ship.")
    ] = None,
    checker: Annotated[
        Path | None,
        typer.Option(
            "--checker", metavar="FILE", help="A script that scores plans of the suite: CHECKER SUITE --plans DIR --json."
        ),
    ] = None,
    series: Annotated[
        Path | None,
        typer.Option("--series", metavar="FILE", help="Prompts of series, one episode a line, an empty line between series."),
    ] = None,
    prompts: Annotated[int, typer.Option("--prompts", help="Number of plain prompts, at most those that ship.")] = 252,
    fuzz: Annotated[int, typer.Option("--fuzz", help="Number of mutated and random prompts.")] = 300,
    examples: Annotated[int, typer.Option("--examples", help="Number of faults to print for each row.")] = 0,
    quick: Annotated[bool, typer.Option("--quick", help="Plan about a sixth of the films: half a minute.")] = False,
    json: BenchJsonOption = False,
) -> None:
    """Measure plans: events of the prompt, language, canon, repetition, length, time; beside them the prompt's events acted out without a plot."""
    for option, count in (("--prompts", prompts), ("--fuzz", fuzz)):
        check_minimum(option, count, 1)
    check_minimum("--examples", examples, 0)
    # loads spaCy, which --help does not need
    from episodic.lab.planner_bench.planner_bench import (
        BENCH_PLANNERS,
        SHIPPED_SERIES,
        SHIPPED_SUITE,
        BenchSize,
        run_planner_bench,
    )

    if name not in BENCH_PLANNERS:
        raise InputError(f"--planner: expected one of {', '.join(BENCH_PLANNERS)}, found {name!r}")
    size = BenchSize(plain=prompts, fuzz=fuzz)
    if quick:
        size = BenchSize(plain=min(prompts, 40), compared=20, seeds=4, lengths=2, runs=1, fuzz=min(fuzz, 80))
    if series is not None and not series.is_file():
        raise InputError(f"--series: {series} is no file")
    report = run_planner_bench(
        name, suite=suite or SHIPPED_SUITE, checker=checker, series=series or SHIPPED_SERIES, size=size, listen=print_progress
    )
    if json:
        print_planner_json(report)
    else:
        print_planner(report, examples)
