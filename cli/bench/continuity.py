"""`episodic bench continuity`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.bench.figure_tables import check_minimum, print_continuity, print_continuity_json, print_progress
from cli.options import BenchJsonOption

__all__ = ["continuity"]


def continuity(
    characters: Annotated[
        int, typer.Option("--characters", help="Number of characters that can be mistaken for one another.")
    ] = 24,
    episodes: Annotated[int, typer.Option("--episodes", help="Number of episodes in the series.")] = 4,
    scenes: Annotated[int, typer.Option("--scenes", help="Number of scenes in each episode.")] = 12,
    seed: Annotated[int, typer.Option("--seed", help="Seed of the series.")] = 0,
    out: Annotated[Path | None, typer.Option("--out", metavar="DIR", help="Folder for continuity.json and the plots.")] = None,
    json: BenchJsonOption = False,
) -> None:
    """Measure whether looks, voices and light recur over long gaps: with memory, and without it at a fixed seed and at new seeds."""
    check_minimum("--characters", characters, 2)
    check_minimum("--episodes", episodes, 1)
    check_minimum("--scenes", scenes, 2)

    from episodic.lab.continuity_bench.bench import run_continuity_bench  # loads torch, which --help does not need

    report = run_continuity_bench(characters, episodes, scenes, seed, listen=print_progress)
    if out is not None:
        report.write(out)
        print_progress(f"written: {out}")
    (print_continuity_json if json else print_continuity)(report)
