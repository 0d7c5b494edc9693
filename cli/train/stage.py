"""`episodic train stage`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final

import typer

from cli.interrupt import resume_hint_on_interrupt
from episodic.errors import InputError

__all__ = ["stage"]

_DEVICES: Final = ("cpu", "cuda", "mps")


def stage(
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder for checkpoints and the finished weights.")] = Path(
        "stage-training"
    ),
    minutes: Annotated[float, typer.Option("--minutes", help="How long to train.")] = 45.0,
    seed: Annotated[int, typer.Option("--seed", help="Seed of data and weights.")] = 0,
    device: Annotated[str | None, typer.Option("--device", help="cpu, cuda or mps. Default: the best available.")] = None,
    resume: Annotated[
        bool, typer.Option("--resume/--fresh", help="Resume from the last checkpoint in DIR, if there is one.")
    ] = True,
) -> None:
    """Train `stage` on motion simulated by the project's own choreographer. If stopped, run it again to resume."""
    if not minutes > 0:
        raise InputError(f"--minutes: expected more than 0, found {minutes:g}")
    _check_device(device)
    from episodic.backbones.stage.training.train import train_stage  # loads torch, which --help does not need

    def print_figures(figures: Mapping[str, float]) -> None:
        typer.echo("  ".join(f"{name} {value:g}" for name, value in figures.items()))

    with resume_hint_on_interrupt():
        train_stage(
            out, minutes=minutes, seed=seed, device=device, resume=resume and (out / "checkpoint").is_dir(), report=print_figures
        )
    typer.echo(f"weights: {out}")


def _check_device(device: str | None) -> None:
    if device is None or device == "cpu":
        return
    if device not in _DEVICES:
        raise InputError(f"--device: expected one of {', '.join(_DEVICES)}, found {device!r}")
    import torch

    available = torch.cuda.is_available() if device == "cuda" else torch.backends.mps.is_available()
    if not available:
        raise InputError(f"--device: there is no {device} device here; leave the option out to use the best available")
