"""`episodic doctor`."""

from __future__ import annotations

import typer

from cli.choices import JsonOption

__all__ = ["doctor"]


def doctor(json: JsonOption = False) -> None:
    """Check this machine: libraries, memory, GPU, fonts, encoder, voices, weights. Says what to install."""
    import json as json_module

    from rich.console import Console
    from rich.text import Text

    from episodic.doctor import check_machine

    console = Console()
    marks = {"ok": ("ok  ", "green"), "warning": ("note", "yellow"), "missing": ("miss", "red")}
    missing = False
    for one in check_machine():
        missing = missing or one.state == "missing"
        if json:
            typer.echo(json_module.dumps(one.to_json(), ensure_ascii=False))
            continue
        console.print(Text.assemble(marks[one.state], f" {one.what}: {one.found}"))
        if one.remedy:
            console.print(Text(f"     {one.remedy}"))
    if missing:
        raise typer.Exit(1)
