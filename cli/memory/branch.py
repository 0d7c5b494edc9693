"""`episodic memory branch [NAME --at 2:3 --from main]`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.choices import JsonObjectOption, WhereOption, YesOption, agree

__all__ = ["branch"]


def branch(
    name: Annotated[
        str | None,
        typer.Argument(metavar="[NAME]", help="The branch to begin or delete. Without it: list all.", show_default=False),
    ] = None,
    at: Annotated[
        str | None, typer.Option("--at", metavar="EPISODE:SCENE", help="The first scene in which it goes its own way.")
    ] = None,
    parent: Annotated[str, typer.Option("--from", metavar="BRANCH", help="The branch it leaves.")] = "main",
    delete: Annotated[bool, typer.Option("--delete", help="Delete the branch, with its plans and films.")] = False,
    series: WhereOption = Path(),
    yes: YesOption = False,
    json: JsonObjectOption = False,
) -> None:
    """List the branches; begin one, that shares everything before --at with the branch it leaves; or delete one."""
    from cli.memory.tables import print_json, print_line
    from episodic.errors import InputError
    from episodic.series.branches import delete_branch, fork_branch
    from episodic.series.positions import parse_position
    from episodic.series.series import Series

    found = Series.open(series)
    if name is None:
        if delete or at:
            raise InputError("name the branch, for instance: episodic memory branch what-if --at 2:3")
        _list(found, json)
        return
    if delete:
        if at:
            raise InputError("--at begins a branch and --delete ends one; leave one of them out")
        agree(f"Delete branch {name} with its plans and films in {found.root / 'branches' / name}?", yes)
        delete_branch(found, name)
        print_line(f"branch {name} is gone; artifacts stay") if not json else print_json({"deleted": name})
        return
    if at is None:
        raise InputError(f"--at: say where {name} goes its own way, for instance: episodic memory branch {name} --at 2:3")
    own = fork_branch(found, name, parse_position(at, "--at"), parent)
    plan = own.plan_path(own.fork.episode)
    if json:
        print_json({"branch": name, "from": parent, "at": own.fork, "plan": str(plan) if plan.is_file() else None})
        return
    print_line(f"branch {name} leaves {parent} at {own.fork}")
    if plan.is_file():
        print_line(f"edit {plan} from scene {own.fork.scene} on, then: episodic render {series} --branch {name}")
    else:
        print_line(f'go on: episodic next "…" --series {series} --branch {name}')


def _list(series: object, json: bool) -> None:
    from cli.memory.tables import print_json, print_table
    from episodic.series.memory_access import known_memory
    from episodic.series.series import Series

    if not isinstance(series, Series):
        raise TypeError(f"not a series: {series!r}")
    with known_memory(series) as memory:
        branches = memory.branches()
    if json:
        print_json({"branches": branches})
        return
    rows = [(one.name, one.parent or "", str(one.forked_at or ""), str(one.scenes), str(one.end or "")) for one in branches]
    print_table(("branch", "leaves", "at", "own scenes", "ends at"), rows)
