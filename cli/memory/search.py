"""`episodic memory search TEXT`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.memory.tables import print_json, print_line, print_table
from cli.options import BranchOption, JsonObjectOption, WhereOption
from episodic.editing.memory_search import search_memory
from episodic.series.branches import open_series

__all__ = ["search"]


def search(
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What to look for, in your own words.", show_default=False)],
    series: WhereOption = Path(),
    kind: Annotated[
        list[str] | None,
        typer.Option("--kind", metavar="KIND", help="Find only this kind: scene, entity, fact or thread. May be repeated."),
    ] = None,
    entity: Annotated[str | None, typer.Option("--entity", metavar="ID", help="Find only what concerns this entity.")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000, help="Most results to print.")] = 10,
    words: Annotated[bool, typer.Option("--words", help="Search by words only. Fast: loads no language model.")] = False,
    branch: BranchOption = "main",
    json: JsonObjectOption = False,
) -> None:
    """Find scenes, entities, facts and threads by meaning and by words, best first."""
    results = search_memory(open_series(series, branch), text, kinds=kind or (), entity=entity, limit=limit, by_words=words)
    if json:
        print_json({"text": text, "branch": branch, "note": results.note, "found": list(results)})
        return
    if results:
        rows = [(result.kind, result.what, str(result.position or ""), result.text) for result in results]
        print_table(("kind", "what", "at", "text"), rows)
    else:
        print_line("nothing found")
    if results.note and not words:
        print_line(results.note)
