"""`episodic memory branch [NAME --at 2:3 --from main]`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.memory.tables import print_json, print_line, print_table
from cli.options import JsonObjectOption, WhereOption, YesOption, confirm
from episodic.editing.branch_edits import delete_branch, fork_branch
from episodic.errors import InputError
from episodic.series.branches import branch_folder, list_branches
from episodic.series.positions import parse_position
from episodic.series.series import Series
from memory.model.records import BranchSummary

__all__ = ["branch"]


def branch(
    name: Annotated[
        str | None,
        typer.Argument(metavar="[NAME]", help="The branch to start or delete. Without it: list all.", show_default=False),
    ] = None,
    at: Annotated[
        str | None, typer.Option("--at", metavar="EPISODE:SCENE", help="The first scene that is the branch's own.")
    ] = None,
    parent: Annotated[str, typer.Option("--from", metavar="BRANCH", help="The parent branch.")] = "main",
    delete: Annotated[bool, typer.Option("--delete", help="Delete the branch with its plans and films.")] = False,
    series: WhereOption = Path(),
    yes: YesOption = False,
    json: JsonObjectOption = False,
) -> None:
    """List the branches, start one or delete one. A branch shares everything before --at with its parent."""
    opened = Series.open(series)
    if name is None:
        if delete or at:
            raise InputError("name the branch, for instance: episodic memory branch what-if --at 2:3")
        _print_branches(list_branches(opened), json)
    elif delete:
        if at:
            raise InputError("--at starts a branch and --delete deletes one; leave one of them out")
        confirm(f"Delete branch {name} with its plans and films in {branch_folder(opened, name)}?", yes)
        delete_branch(opened, name)
        print_json({"deleted": name}) if json else print_line(f"branch {name} is deleted; artifacts stay")
    elif at is None:
        raise InputError(f"--at: name the first scene of {name}, for instance: episodic memory branch {name} --at 2:3")
    else:
        _print_fork(fork_branch(opened, name, parse_position(at, "--at"), parent), parent, series, json)


def _print_fork(forked: Series, parent: str, folder: Path, json: bool) -> None:
    name, plan = forked.branch, forked.plan_path(forked.fork.episode)
    if json:
        print_json({"branch": name, "from": parent, "at": forked.fork, "plan": str(plan) if plan.is_file() else None})
        return
    print_line(f"branch {name} leaves {parent} at {forked.fork}")
    if plan.is_file():
        print_line(f"edit {plan} from scene {forked.fork.scene} on, then: episodic render {folder} --branch {name}")
    else:
        print_line(f'next: episodic next "…" --series {folder} --branch {name}')


def _print_branches(branches: tuple[BranchSummary, ...], json: bool) -> None:
    if json:
        print_json({"branches": branches})
        return
    rows = [(row.name, row.parent or "", str(row.forked_at or ""), str(row.scenes), str(row.end or "")) for row in branches]
    print_table(("branch", "parent", "at", "own scenes", "ends at"), rows)
