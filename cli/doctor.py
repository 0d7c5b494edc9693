"""`episodic doctor`."""

from __future__ import annotations

import json as json_format

import typer
from rich.console import Console
from rich.text import Text

from cli.options import JsonOption
from episodic.doctor import check_machine

__all__ = ["doctor"]

_MARKS = {"ok": ("ok  ", "green"), "warning": ("note", "yellow"), "missing": ("miss", "red")}


def doctor(json: JsonOption = False) -> None:
    """Check this machine: libraries, memory, GPU, fonts, encoder, voices, weights. Says what to install."""
    console = Console()
    missing = False
    for finding in check_machine():
        missing = missing or finding.state == "missing"
        if json:
            typer.echo(json_format.dumps(finding.to_json(), ensure_ascii=False))
            continue
        console.print(Text.assemble(_MARKS[finding.state], f" {finding.what}: {finding.result}"))
        if finding.remedy:
            console.print(Text(f"     {finding.remedy}"))
    if missing:
        raise typer.Exit(1)
