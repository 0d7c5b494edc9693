"""`episodic memory …`: one command per file."""

from __future__ import annotations

import typer

from cli.memory.branch import branch
from cli.memory.diff import diff
from cli.memory.export import export_memory
from cli.memory.fill import import_memory
from cli.memory.history import history
from cli.memory.merge import merge
from cli.memory.rollback import rollback
from cli.memory.search import search
from cli.memory.set_fact import set_fact
from cli.memory.show import show
from cli.memory.verify import verify

__all__ = ["memory_app"]

memory_app = typer.Typer(help="What the series remembers: look, search, change, branch.", no_args_is_help=True)
memory_app.command()(show)
memory_app.command()(history)
memory_app.command()(search)
memory_app.command("set")(set_fact)
memory_app.command()(branch)
memory_app.command()(diff)
memory_app.command()(merge)
memory_app.command()(rollback)
memory_app.command("export")(export_memory)
memory_app.command("import")(import_memory)
memory_app.command()(verify)
