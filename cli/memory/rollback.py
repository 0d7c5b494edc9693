"""`episodic memory rollback --to 1:3`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.memory.tables import print_json, print_line, print_table, value_text
from cli.options import BranchOption, JsonObjectOption, WhereOption, YesOption, confirm
from episodic.editing.rollback import Rollback, roll_back
from episodic.series.branches import open_series
from episodic.series.positions import parse_position

__all__ = ["rollback"]


def rollback(
    to: Annotated[
        str, typer.Option("--to", metavar="EPISODE:SCENE", help="The last story position to keep.", show_default=False)
    ],
    series: WhereOption = Path(),
    branch: BranchOption = "main",
    yes: YesOption = False,
    json: JsonObjectOption = False,
) -> None:
    """Undo everything in memory after a story position. Plans, films and artifacts stay."""
    position = parse_position(to, "--to")

    def agree(undone: Rollback) -> bool:
        if not json:
            _print_rollback(undone)
        return confirm("Undo this?", yes)

    undone = roll_back(open_series(series, branch), position, agree)
    if json:
        print_json({"branch": branch, "to": position, "scenes": undone.scenes, "facts": undone.facts})
    elif not (undone.scenes or undone.facts):
        print_line(f"memory has nothing after {position} on branch {branch}")
    else:
        print_line(
            f"branch {branch} now ends at {position}. Plans and films stay: `episodic render` commits again what the plans say. "
            "To tell another story, change or delete the plans first"
        )


def _print_rollback(undone: Rollback) -> None:
    if undone.scenes:
        rows = [(str(scene.position), scene.scene_id, scene.synopsis or scene.title, str(scene.takes)) for scene in undone.scenes]
        print_table(("at", "scene", "what happened", "takes"), rows, "scenes to undo")
    if undone.facts:
        facts = [
            (f"{fact.entity}.{fact.attribute}", value_text(fact.value), str(fact.since), fact.evidence) for fact in undone.facts
        ]
        print_table(("what", "is", "from", "evidence"), facts, "edits to undo")
