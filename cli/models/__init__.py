"""`episodic models …`: the catalogue itself, and one command per file."""

from __future__ import annotations

import typer

from cli.lazy import add_commands
from cli.models.model_tables import print_catalogue
from cli.options import JsonObjectOption

__all__ = ["models_app"]

models_app = typer.Typer(invoke_without_command=True, add_completion=False)


@models_app.callback()
def models(context: typer.Context, json: JsonObjectOption = False) -> None:
    """List the open video and keyframe models: size, GPU memory, licence and its limits, which memories each takes."""
    if context.invoked_subcommand is None:
        print_catalogue(json)


add_commands(models_app, "models")
