"""`episodic version`."""

from __future__ import annotations

from importlib.metadata import version as installed_version

import typer

from episodic.series.series import SERIES_FORMAT
from episodic.storage.artifacts import ARTIFACT_FORMAT
from planners.plan.model import PLAN_FORMAT

__all__ = ["version"]


def version() -> None:
    """Print the version of episodic and of the formats it writes."""
    typer.echo(f"episodic {installed_version('episodic')}")
    typer.echo(f"formats: {PLAN_FORMAT}, {SERIES_FORMAT}, {ARTIFACT_FORMAT}")
