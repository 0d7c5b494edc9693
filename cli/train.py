"""`episodic train stage`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

__all__ = ["train_app"]

train_app = typer.Typer(help="Train the embedded backbone.", no_args_is_help=True)


@train_app.callback()
def _train() -> None:
    """Train the embedded backbone."""


@train_app.command()
def stage(
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where checkpoints and the finished weights go.")] = Path(
        "stage-training"
    ),
    minutes: Annotated[float, typer.Option("--minutes", help="How long to train.")] = 45.0,
    seed: Annotated[int, typer.Option("--seed", help="Seed of data and weights.")] = 0,
    device: Annotated[str | None, typer.Option("--device", help="cpu, cuda, mps. Default: the best there is.")] = None,
    resume: Annotated[
        bool, typer.Option("--resume/--fresh", help="Go on from the last checkpoint in DIR, if there is one.")
    ] = True,
) -> None:
    """Train `stage` on motion simulated by the project's own choreographer. Stopped, the same command goes on."""
    from episodic.backbones.stage.training import train_stage

    def report(figures: Mapping[str, float]) -> None:
        typer.echo("  ".join(f"{name} {value:g}" for name, value in figures.items()))

    train_stage(out, minutes=minutes, seed=seed, device=device, resume=resume and (out / "checkpoint").is_dir(), report=report)
    typer.echo(f"weights: {out}")
