"""`episodic memory set mara.wearing "red coat" --from 1:4`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.memory.tables import print_conflicts, print_json, print_line, print_table
from cli.options import BranchOption, JsonObjectOption, WhereOption
from episodic.editing.set_fact import Edit, StaleInEpisode, clear_fact, parse_fact
from episodic.editing.set_fact import set_fact as edit_fact
from episodic.series.branches import open_series

__all__ = ["set_fact"]


def set_fact(
    what: Annotated[str, typer.Argument(metavar="ENTITY.ATTRIBUTE", help="For instance mara.wearing.", show_default=False)],
    value: Annotated[str | None, typer.Argument(metavar="[VALUE]", help="The value, as plain text.", show_default=False)] = None,
    since: Annotated[
        str | None, typer.Option("--from", metavar="EPISODE:SCENE", help="The first scene in which it is true.")
    ] = None,
    until: Annotated[
        str | None,
        typer.Option("--until", metavar="EPISODE:SCENE", help="The first scene in which it is no longer true. Default: no end."),
    ] = None,
    clear: Annotated[bool, typer.Option("--clear", help="Remove everything you set by hand for this attribute.")] = False,
    series: WhereOption = Path(),
    branch: BranchOption = "main",
    note: Annotated[str, typer.Option("--note", metavar="TEXT", help="The reason; kept with the fact.")] = "",
    json_value: Annotated[bool, typer.Option("--json-value", help="Read VALUE as JSON: a number, true, a list…")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print what would change; change nothing.")] = False,
    json: JsonObjectOption = False,
) -> None:
    """Set a fact by hand. It overrides plans and takes; lists exactly the shots that become stale."""
    opened = open_series(series, branch)
    if clear:
        edit = clear_fact(opened, what, unused=(value, since, until), dry_run=dry_run)
    else:
        edit = edit_fact(opened, parse_fact(what, value, since, until, as_json=json_value), note, dry_run=dry_run)
    if json:
        print_json(
            {
                "what": what,
                "branch": branch,
                "statements": edit.statements,
                "kept": not dry_run,
                "stale": [_task_row(task) for task in edit.stale],
                "fresh": [_task_row(task) for task in edit.fresh],
                "conflicts": edit.conflicts,
                "notes": edit.notes,
            }
        )
    else:
        _print_edit(edit)


def _task_row(stale: StaleInEpisode) -> dict[str, object]:
    task = stale.stale.task
    return {"episode": stale.episode, "task": task.id, "scene": task.scene, "shot": task.shot, "why": stale.stale.reason}


def _print_edit(edit: Edit) -> None:
    if edit.shots:
        shots_by_reason: dict[tuple[str, str, str], list[str]] = {}
        for stale in edit.shots:
            task = stale.stale.task
            shots_by_reason.setdefault((str(stale.episode), task.scene, stale.stale.reason), []).append(task.shot)
        rows = [(episode, scene, ", ".join(shots), why) for (episode, scene, why), shots in shots_by_reason.items()]
        print_table(("episode", "scene", "shots", "why"), rows, "shots to make again")
    if edit.conflicts:
        print_conflicts(edit.conflicts, "overruled statements")
    for note in edit.notes:
        print_line(note)
