"""`episodic doctor`."""

from __future__ import annotations

import typer

from cli.choices import JsonOption

__all__ = ["doctor"]


def doctor(json: JsonOption = False) -> None:
    """Check this machine: libraries, memory, GPU, encoder, voices, weights. Says what to install."""
    import json as json_module

    from rich.console import Console

    from episodic.checkup import check_machine

    findings = check_machine()
    if json:
        for one in findings:
            typer.echo(json_module.dumps(one.to_json(), ensure_ascii=False))
    else:
        console = Console()
        for one in findings:
            mark = {"ok": "[green]ok  [/green]", "warning": "[yellow]note[/yellow]", "missing": "[red]miss[/red]"}[one.state]
            console.print(f"{mark} {one.what}: {one.found}", highlight=False)
            if one.remedy:
                console.print(f"     {one.remedy}", highlight=False)
    if any(one.state == "missing" for one in findings):
        raise typer.Exit(1)
