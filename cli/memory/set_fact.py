"""`episodic memory set mara.wearing "red coat" --from 1:4`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.choices import BranchOption, JsonObjectOption, WhereOption

if TYPE_CHECKING:
    from episodic.editing.set_fact import Edited

__all__ = ["set_fact"]


def set_fact(
    what: Annotated[str, typer.Argument(metavar="ENTITY.ATTRIBUTE", help="For instance mara.wearing.", show_default=False)],
    value: Annotated[str | None, typer.Argument(metavar="[VALUE]", help="What it is; plain text.", show_default=False)] = None,
    since: Annotated[
        str | None, typer.Option("--from", metavar="EPISODE:SCENE", help="The first scene in which it holds.")
    ] = None,
    until: Annotated[
        str | None,
        typer.Option("--until", metavar="EPISODE:SCENE", help="The first scene in which it holds no more. Default: never."),
    ] = None,
    clear: Annotated[bool, typer.Option("--clear", help="Take back all that was said by hand about it.")] = False,
    series: WhereOption = Path(),
    branch: BranchOption = "main",
    note: Annotated[str, typer.Option("--note", metavar="TEXT", help="Why; kept with the fact.")] = "",
    json_value: Annotated[bool, typer.Option("--json-value", help="VALUE is JSON: a number, true, a list…")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what it would do; change nothing.")] = False,
    json: JsonObjectOption = False,
) -> None:
    """Say what is so. Your word holds over plans and takes; exactly the shots it touches become stale, and it names them."""
    from cli.memory.tables import print_json
    from episodic.editing.set_fact import clear_fact, parse_fact
    from episodic.editing.set_fact import set_fact as put
    from episodic.series.branches import on_branch
    from episodic.series.series import Series

    found = on_branch(Series.open(series), branch)
    if clear:
        edited = clear_fact(found, what, said=(value, since, until), dry_run=dry_run)
    else:
        edited = put(found, parse_fact(what, value, since, until, as_json=json_value), note, dry_run=dry_run)
    if json:
        print_json(
            {
                "what": what,
                "branch": branch,
                "statements": edited.statements,
                "kept": not dry_run,
                "stale": [_task(one.episode, one.stale) for one in edited.stale],
                "fresh": [_task(one.episode, one.stale) for one in edited.fresh],
                "conflicts": edited.conflicts,
                "notes": edited.notes,
            }
        )
    else:
        _print(edited)


def _task(episode: int, stale: object) -> dict[str, object]:
    from episodic.production.graph.ledger import StaleTask

    if not isinstance(stale, StaleTask):
        raise TypeError(f"not a stale task: {stale!r}")
    return {"episode": episode, "task": stale.task.id, "scene": stale.task.scene, "shot": stale.task.shot, "why": stale.reason}


def _print(edited: Edited) -> None:
    from cli.memory.tables import print_conflicts, print_line, print_table

    if edited.shots:
        together: dict[tuple[str, str, str], list[str]] = {}
        for one in edited.shots:
            task = one.stale.task
            together.setdefault((str(one.episode), task.scene, one.stale.reason), []).append(task.shot)
        rows = [(episode, scene, ", ".join(shots), why) for (episode, scene, why), shots in together.items()]
        print_table(("episode", "scene", "shots", "why"), rows, "to be shot again")
    if edited.conflicts:
        print_conflicts(edited.conflicts, "said otherwise")
    for note in edited.notes:
        print_line(note)
