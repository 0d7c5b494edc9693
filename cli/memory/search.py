"""`episodic memory search TEXT`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.choices import BranchOption, JsonObjectOption, WhereOption

__all__ = ["search"]


def search(
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What to look for, in your own words.", show_default=False)],
    series: WhereOption = Path(),
    kind: Annotated[
        list[str] | None, typer.Option("--kind", metavar="KIND", help="Only scene, entity, fact or thread; may be said twice.")
    ] = None,
    entity: Annotated[str | None, typer.Option("--entity", metavar="ID", help="Only what has to do with this entity.")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000, help="At most so many.")] = 10,
    words: Annotated[bool, typer.Option("--words", help="By words alone: at once, without loading the language model.")] = False,
    branch: BranchOption = "main",
    json: JsonObjectOption = False,
) -> None:
    """Find scenes, entities, facts and threads by what they mean and by the words they use, best first."""
    from cli.memory.tables import print_json, print_line, print_table
    from episodic.editing.search import search_memory
    from episodic.series.branches import on_branch
    from episodic.series.series import Series

    seen = on_branch(Series.open(series), branch)
    found = search_memory(seen, text, kinds=kind or (), entity=entity, limit=limit, by_words=words)
    if json:
        print_json({"text": text, "branch": branch, "note": found.note, "found": list(found)})
        return
    if found:
        rows = [(one.kind, one.what, str(one.position or ""), one.text) for one in found]
        print_table(("kind", "what", "at", "text"), rows)
    else:
        print_line("nothing found")
    if found.note and not words:
        print_line(found.note)
