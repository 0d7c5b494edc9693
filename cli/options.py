"""The arguments and options that several commands share."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from episodic.errors import InputError
from planners.plan.vocabulary import STYLES

__all__ = [
    "AtOption",
    "BackboneOption",
    "BenchJsonOption",
    "BranchOption",
    "DryRunOption",
    "FpsOption",
    "JsonObjectOption",
    "JsonOption",
    "MinutesOption",
    "PromptArgument",
    "SeedOption",
    "SeriesArgument",
    "SeriesOption",
    "SizeOption",
    "SourceOption",
    "StyleOption",
    "TakesOption",
    "WhereOption",
    "YesOption",
    "confirm",
]

PromptArgument = Annotated[str, typer.Argument(metavar="PROMPT", help="What the episode is about: a word, a sentence, a page.")]
SeriesOption = Annotated[
    Path | None, typer.Option("--series", metavar="DIR", help="Folder of the series. Default: named after the title.")
]
SeriesArgument = Annotated[Path, typer.Argument(metavar="[SERIES]", help="Folder of the series.", show_default="this folder")]
SourceOption = Annotated[
    Path | None,
    typer.Option(
        "--source",
        metavar="FILE.md",
        help="A text to teach from, for a lesson or a process. The plan names the line of every claim.",
    ),
]
MinutesOption = Annotated[
    float | None,
    typer.Option("--minutes", help="Length of the episode, 0.1 to 40.", show_default="what the prompt asks for, else 1"),
]
StyleOption = Annotated[
    str | None, typer.Option("--style", metavar="NAME", help=f"One of {', '.join(STYLES)}. Default: read from the prompt.")
]
# None means that the option was not given: only a given option can contradict an existing series.
SeedOption = Annotated[
    int | None,
    typer.Option("--seed", help="Another seed gives another episode; the same seed gives the same bytes.", show_default="0"),
]
SizeOption = Annotated[str | None, typer.Option("--size", metavar="WxH", help="Picture size in pixels.", show_default="1280x720")]
FpsOption = Annotated[int | None, typer.Option("--fps", help="Frames per second, 8 to 60.", show_default="24")]
BackboneOption = Annotated[
    str | None,
    typer.Option(
        "--backbone",
        metavar="NAME",
        help="The model that generates the shots: stage, cards, or an open video model as FAMILY:PATH_OR_ID (`episodic models`).",
        show_default="stage",
    ),
]
TakesOption = Annotated[
    int | None,
    typer.Option(
        "--takes", metavar="K", help="Judge K cheap takes of every shot and make the best at full quality.", show_default="1"
    ),
]
DryRunOption = Annotated[
    bool, typer.Option("--dry-run", help="List what would run, why, and how long it would take. Makes nothing.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON event per line, for programs.")]
JsonObjectOption = Annotated[bool, typer.Option("--json", help="Print one JSON object, for programs.")]
BenchJsonOption = Annotated[bool, typer.Option("--json", help="Print all measurements as one JSON object, for programs.")]
WhereOption = Annotated[Path, typer.Option("--series", metavar="DIR", help="Folder of the series.", show_default="this folder")]
BranchOption = Annotated[str, typer.Option("--branch", metavar="NAME", help="Branch of the series.")]
AtOption = Annotated[str | None, typer.Option("--at", metavar="EPISODE:SCENE", help="Story position. Default: the end.")]
YesOption = Annotated[bool, typer.Option("--yes", help="Do not ask for confirmation.")]


def confirm(question: str, yes: bool) -> bool:
    """Ask before something is lost, unless `yes`. A no ends the command. Raises InputError without a terminal to ask on."""
    if yes:
        return True
    if not sys.stdin.isatty():
        raise InputError(f"{question} There is no terminal to confirm on, so nothing was changed; pass --yes")
    typer.confirm(question, abort=True, err=True)
    return True
