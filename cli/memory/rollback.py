"""`episodic memory rollback --to 1:3`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.choices import BranchOption, JsonObjectOption, WhereOption, YesOption, agree

if TYPE_CHECKING:
    from episodic.editing.rollback import RolledBack

__all__ = ["rollback"]


def rollback(
    to: Annotated[
        str, typer.Option("--to", metavar="EPISODE:SCENE", help="The last story position that stays.", show_default=False)
    ],
    series: WhereOption = Path(),
    branch: BranchOption = "main",
    yes: YesOption = False,
    json: JsonObjectOption = False,
) -> None:
    """Take back everything that memory has after a story position. Plans, films and artifacts stay."""
    from cli.memory.tables import print_json, print_line
    from episodic.editing.rollback import roll_back
    from episodic.series.branches import on_branch
    from episodic.series.positions import parse_position
    from episodic.series.series import Series

    position = parse_position(to, "--to")

    def agreed(going: RolledBack) -> bool:
        if not json:
            _print(going)
        return agree("Take this back?", yes)

    found = on_branch(Series.open(series), branch)
    gone = roll_back(found, position, agreed)
    if json:
        print_json({"branch": branch, "to": position, "scenes": gone.scenes, "facts": gone.facts})
    elif not (gone.scenes or gone.facts):
        print_line(f"nothing lies after {position} on branch {branch}")
    else:
        print_line(
            f"branch {branch} ends at {position} again. Plans and films stay: `episodic render` puts back what the plans say; "
            "to go another way, change or delete the plans first"
        )


def _print(going: RolledBack) -> None:
    from cli.memory.tables import print_table, said

    if going.scenes:
        rows = [(str(one.position), one.scene_id, one.synopsis or one.title, str(one.takes)) for one in going.scenes]
        print_table(("at", "scene", "what happened", "takes"), rows, "scenes that go")
    if going.facts:
        facts = [(f"{one.entity}.{one.attribute}", said(one.value), str(one.since), one.evidence) for one in going.facts]
        print_table(("what", "is", "from", "evidence"), facts, "edits that go")
