"""The options that several commands share, written once."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from planners.plan.vocabulary import STYLES

__all__ = [
    "AtOption", "BackboneOption", "BranchOption", "DryRunOption", "FpsOption", "JsonObjectOption", "JsonOption", "MinutesOption",
    "PromptArgument", "SeedOption", "SeriesArgument", "SeriesOption", "SizeOption", "StyleOption", "TakesOption", "WhereOption",
    "YesOption", "agree",
]  # fmt: skip

PromptArgument = Annotated[str, typer.Argument(metavar="PROMPT", help="What the episode is about: a word, a sentence, a page.")]
SeriesOption = Annotated[
    Path | None, typer.Option("--series", metavar="DIR", help="Folder of the series. Default: named after the title.")
]
SeriesArgument = Annotated[Path, typer.Argument(metavar="[SERIES]", help="Folder of the series.", show_default="this folder")]
MinutesOption = Annotated[float, typer.Option("--minutes", help="Length of the episode, 0.1 to 40.")]
StyleOption = Annotated[
    str | None, typer.Option("--style", metavar="NAME", help=f"One of {', '.join(STYLES)}. Default: read from the prompt.")
]
# None stands for "not said": only what the user said can contradict a series that is there already.
SeedOption = Annotated[
    int | None,
    typer.Option("--seed", help="Another seed, another episode; the same seed, the same bytes.", show_default="0"),
]
SizeOption = Annotated[str | None, typer.Option("--size", metavar="WxH", help="Picture size in pixels.", show_default="1280x720")]
FpsOption = Annotated[int | None, typer.Option("--fps", help="Frames a second, 8 to 60.", show_default="24")]
BackboneOption = Annotated[
    str | None,
    typer.Option(
        "--backbone",
        metavar="NAME",
        help="What shoots the shots: stage, cards, or an open video model as FAMILY:PATH_OR_ID (`episodic models`).",
        show_default="stage",
    ),
]
TakesOption = Annotated[
    int | None,
    typer.Option("--takes", metavar="K", help="Judge K cheap takes of every shot, and make the best.", show_default="1"),
]
DryRunOption = Annotated[
    bool, typer.Option("--dry-run", help="List what would run, why, and how long it would take; make nothing.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON event per line, for programs.")]
JsonObjectOption = Annotated[bool, typer.Option("--json", help="One JSON object, for programs.")]
WhereOption = Annotated[Path, typer.Option("--series", metavar="DIR", help="Folder of the series.", show_default="this folder")]
BranchOption = Annotated[str, typer.Option("--branch", metavar="NAME", help="Branch of the series.")]
AtOption = Annotated[str | None, typer.Option("--at", metavar="EPISODE:SCENE", help="Story position. Default: the end.")]
YesOption = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


def agree(question: str, yes: bool) -> bool:
    """Ask before something is lost, unless the user agreed beforehand. A no ends the command; raises InputError where nobody can be asked."""
    from episodic.errors import InputError

    if yes:
        return True
    if not sys.stdin.isatty():
        raise InputError(f"{question} Nobody can be asked here; nothing was changed: say --yes")
    typer.confirm(question, abort=True, err=True)
    return True
