"""`episodic memory history ENTITY`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.choices import BranchOption, JsonObjectOption, WhereOption

__all__ = ["history"]


def history(
    entity: Annotated[str, typer.Argument(metavar="ENTITY", help="A character, place or prop, by its id.", show_default=False)],
    series: WhereOption = Path(),
    branch: BranchOption = "main",
    json: JsonObjectOption = False,
) -> None:
    """Everything that ever held about somebody or something: what, from when until when, and who says so."""
    from cli.memory.tables import print_json, print_table, said
    from episodic.editing.show_canon import read_history
    from episodic.series.branches import on_branch
    from episodic.series.series import Series

    facts, conflicts = read_history(on_branch(Series.open(series), branch), entity)
    if json:
        print_json({"entity": entity, "branch": branch, "facts": facts, "conflicts": conflicts})
        return
    rows = [(one.attribute, said(one.value), str(one.since), str(one.until) if one.until else "", one.evidence) for one in facts]
    print_table(("what", "is", "from", "until", "evidence"), rows, f"{entity} on branch {branch}")
    if conflicts:
        from cli.memory.tables import print_conflicts

        print_conflicts(conflicts)
