"""`episodic memory history ENTITY`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.memory.tables import print_conflicts, print_json, print_table, value_text
from cli.options import BranchOption, JsonObjectOption, WhereOption
from episodic.editing.show_canon import read_history
from episodic.series.branches import open_series

__all__ = ["history"]


def history(
    entity: Annotated[str, typer.Argument(metavar="ENTITY", help="The id of a character, place or prop.", show_default=False)],
    series: WhereOption = Path(),
    branch: BranchOption = "main",
    json: JsonObjectOption = False,
) -> None:
    """Show everything that was ever true of a character, place or prop: from when until when, and by whose word."""
    facts, conflicts = read_history(open_series(series, branch), entity)
    if json:
        print_json({"entity": entity, "branch": branch, "facts": facts, "conflicts": conflicts})
        return
    rows = [
        (fact.attribute, value_text(fact.value), str(fact.since), str(fact.until) if fact.until else "", fact.evidence)
        for fact in facts
    ]
    print_table(("what", "is", "from", "until", "evidence"), rows, f"{entity} on branch {branch}")
    if conflicts:
        print_conflicts(conflicts)
