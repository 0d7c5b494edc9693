"""`episodic version`."""

from __future__ import annotations

import typer

__all__ = ["version"]


def version() -> None:
    """Print the version of episodic, and of the formats it writes."""
    from importlib.metadata import version as installed

    from episodic.series.series import SERIES_FORMAT
    from episodic.storage.artifacts import ARTIFACT_FORMAT
    from planners.plan.model import PLAN_FORMAT

    typer.echo(f"episodic {installed('episodic')}")
    typer.echo(f"formats: {PLAN_FORMAT}, {SERIES_FORMAT}, {ARTIFACT_FORMAT}")
