"""`episodic train stage`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from episodic.errors import InputError

__all__ = ["train_app"]

train_app = typer.Typer(help="Train the embedded backbone.", no_args_is_help=True)

_DEVICES = ("cpu", "cuda", "mps")


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
    if not minutes > 0:
        raise InputError(f"--minutes: expected more than 0, found {minutes:g}")
    _check_device(device)
    from cli.display import stop_with_a_word
    from episodic.backbones.stage.training.train import train_stage

    def report(figures: Mapping[str, float]) -> None:
        typer.echo("  ".join(f"{name} {value:g}" for name, value in figures.items()))

    with stop_with_a_word():
        train_stage(
            out, minutes=minutes, seed=seed, device=device, resume=resume and (out / "checkpoint").is_dir(), report=report
        )
    typer.echo(f"weights: {out}")


def _check_device(device: str | None) -> None:
    if device is None or device == "cpu":
        return
    if device not in _DEVICES:
        raise InputError(f"--device: expected one of {', '.join(_DEVICES)}, found {device!r}")
    import torch

    there = torch.cuda.is_available() if device == "cuda" else torch.backends.mps.is_available()
    if not there:
        raise InputError(f"--device: there is no {device} here; leave the option away for the best there is")
