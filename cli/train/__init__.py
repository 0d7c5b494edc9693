"""`episodic train …`."""

from __future__ import annotations

import typer

from cli.lazy import add_commands

__all__ = ["train_app"]

train_app = typer.Typer(no_args_is_help=True, add_completion=False)


@train_app.callback()  # without it, typer would turn a group of one command into that command
def _train() -> None:
    """Train the embedded backbone."""


add_commands(train_app, "train")
