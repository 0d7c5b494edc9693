"""`episodic memory merge SOURCE [--into TARGET]`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from cli.memory.tables import print_differences, print_json, print_line
from cli.options import JsonObjectOption, WhereOption
from episodic.editing.branch_edits import MergedBranch, merge_branch, parse_choices, parse_rule
from episodic.series.series import Series
from memory.errors import MergeConflict

__all__ = ["merge"]


def merge(
    source: Annotated[str, typer.Argument(metavar="SOURCE", help="The branch to merge.", show_default=False)],
    into: Annotated[str, typer.Option("--into", metavar="TARGET", help="The branch to merge it into.")] = "main",
    rule: Annotated[
        str, typer.Option("--rule", metavar="RULE", help="How to settle conflicts: ask, ours (TARGET's) or theirs (SOURCE's).")
    ] = "ask",
    choose: Annotated[
        list[str] | None,
        typer.Option(
            "--choose", metavar="ENTITY.ATTRIBUTE=SIDE", help="Settle one conflict: mara.wearing=theirs. May be repeated."
        ),
    ] = None,
    series: WhereOption = Path(),
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print what would change; change nothing.")] = False,
    json: JsonObjectOption = False,
) -> None:
    """Merge a branch's facts, and whole episodes that TARGET lacks, into TARGET. Conflicts that no --rule or --choose settles stop it and are listed."""
    opened = Series.open(series)
    try:
        merged = merge_branch(opened, source, into, rule=parse_rule(rule), choose=parse_choices(choose or ()), dry_run=dry_run)
    except MergeConflict as err:
        if json:
            print_json({"source": source, "target": into, "conflicts": err.conflicts})
        else:
            _print_conflicts(err, source, into)
        raise typer.Exit(err.exit_code) from err
    if json:
        facts, episodes = merged.facts, list(merged.episodes)
        changes = {"taken": facts.taken, "settled": facts.settled, "episodes": episodes, "kept": not dry_run}
        print_json({"source": source, "target": into, **changes})
    else:
        _print_merge(merged, source, into, str(series), dry_run)


def _print_conflicts(err: MergeConflict, source: str, target: str) -> None:
    print_differences(err.conflicts, target, source, "conflicts")
    sys.stderr.write(
        f"episodic: {source} and {target} contradict each other; nothing was changed. "
        "Settle each conflict with --choose ENTITY.ATTRIBUTE=ours|theirs, or all of them with --rule ours|theirs\n"
    )


def _print_merge(merged: MergedBranch, source: str, target: str, series: str, dry_run: bool) -> None:
    facts = merged.facts
    if facts.taken:
        print_differences(facts.taken, target, source, f"taken from {source}")
    if facts.settled:
        print_differences(facts.settled, target, source, "settled conflicts")
    if merged.episodes:
        print_line(f"whole episodes that {target} lacks: {', '.join(map(str, merged.episodes))}")
    if not (facts.taken or facts.settled or merged.episodes):
        print_line(f"{target} already has everything that {source} has")
    elif dry_run:
        print_line("dry run: nothing was changed; leave out --dry-run to merge")
    else:
        option = "" if target == "main" else f" --branch {target}"
        print_line(f"merged; next: episodic render {series}{option}")
