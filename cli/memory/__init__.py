"""`episodic memory …`: one command per file."""

from __future__ import annotations

import typer

from cli.lazy import add_commands

__all__ = ["memory_app"]

memory_app = typer.Typer(
    help="What the series remembers: show, search, change, branch.", no_args_is_help=True, add_completion=False
)
add_commands(memory_app, "memory")
