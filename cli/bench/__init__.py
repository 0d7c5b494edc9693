"""`episodic bench …`: one benchmark per file."""

from __future__ import annotations

import typer

from cli.lazy import add_commands

__all__ = ["bench_app"]

bench_app = typer.Typer(help="Measure the project's promises on this machine.", no_args_is_help=True, add_completion=False)
add_commands(bench_app, "bench")
