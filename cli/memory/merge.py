"""`episodic memory merge SOURCE [--into TARGET]`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.choices import JsonObjectOption, WhereOption

if TYPE_CHECKING:
    from episodic.series.branches import MergedBranch
    from memory.errors import MergeConflict

__all__ = ["merge"]


def merge(
    source: Annotated[str, typer.Argument(metavar="SOURCE", help="The branch to bring over.", show_default=False)],
    into: Annotated[str, typer.Option("--into", metavar="TARGET", help="The branch that takes it.")] = "main",
    rule: Annotated[
        str, typer.Option("--rule", metavar="RULE", help="What settles conflicts: ask, ours (TARGET's) or theirs (SOURCE's).")
    ] = "ask",
    choose: Annotated[
        list[str] | None,
        typer.Option(
            "--choose", metavar="ENTITY.ATTRIBUTE=SIDE", help="Settle one by hand: mara.wearing=theirs; may be repeated."
        ),
    ] = None,
    series: WhereOption = Path(),
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what it would do; change nothing.")] = False,
    json: JsonObjectOption = False,
) -> None:
    """Bring a branch's facts, and whole episodes that TARGET lacks, into TARGET. Conflicts are named; nothing is decided silently."""
    from cli.memory.tables import print_json
    from episodic.series.branches import merge_branch, parse_choices, parse_rule
    from episodic.series.series import Series
    from memory.errors import MergeConflict

    found = Series.open(series)
    try:
        merged = merge_branch(found, source, into, rule=parse_rule(rule), choose=parse_choices(choose or ()), dry_run=dry_run)
    except MergeConflict as err:
        if json:
            print_json({"source": source, "target": into, "conflicts": err.conflicts})
        else:
            _print_conflicts(err, source, into)
        raise typer.Exit(err.exit_code) from err
    if json:
        episodes = list(merged.episodes)
        told = {"taken": merged.facts.taken, "settled": merged.facts.settled, "episodes": episodes, "kept": not dry_run}
        print_json({"source": source, "target": into, **told})
    else:
        _print(merged, source, into, str(series), dry_run)


def _print_conflicts(err: MergeConflict, source: str, target: str) -> None:
    from cli.memory.tables import print_differences

    print_differences(err.conflicts, target, source, "conflicts")
    sys.stderr.write(
        f"episodic: {source} cannot be merged into {target} before somebody says which counts; nothing was changed. "
        "Settle each with --choose ENTITY.ATTRIBUTE=ours|theirs, or all with --rule ours|theirs\n"
    )


def _print(merged: MergedBranch, source: str, target: str, series: str, dry_run: bool) -> None:
    from cli.memory.tables import print_differences, print_line

    if merged.facts.taken:
        print_differences(merged.facts.taken, target, source, f"taken from {source}")
    if merged.facts.settled:
        print_differences(merged.facts.settled, target, source, "conflicts, settled")
    if merged.episodes:
        print_line(f"episodes that {target} lacks, whole: {', '.join(map(str, merged.episodes))}")
    if not (merged.facts.taken or merged.facts.settled or merged.episodes):
        print_line(f"{target} has all that {source} has")
    elif dry_run:
        print_line("a dry run keeps nothing; without --dry-run this is what happens")
    else:
        on = "" if target == "main" else f" --branch {target}"
        print_line(f"merged; next: episodic render {series}{on}")
