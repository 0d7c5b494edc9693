"""Commands that import their module when they are invoked, so that `episodic --help` starts at once.

`commands.tsv` lists every command: its full name, `MODULE:NAME` of its function or group, and its line of help.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar, Final, NamedTuple, cast

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

__all__ = ["CommandRow", "LazyCommand", "add_commands", "read_commands"]

_TABLE: Final = Path(__file__).with_name("commands.tsv")
_HEADER: Final = "command\ttarget\thelp"


class CommandRow(NamedTuple):
    """One row of `commands.tsv`."""

    command: str
    """Full name, such as `memory show`."""
    target: str
    """`MODULE:NAME` of the command's function, or of the `typer.Typer` of a group."""
    help: str
    """The first paragraph of the command's help."""


@cache
def read_commands() -> tuple[CommandRow, ...]:
    """Read the table of commands. Raises ValueError for a malformed row."""
    header, *lines = _TABLE.read_text("utf-8").splitlines()
    if header != _HEADER:
        raise ValueError(f"{_TABLE}:1: expected the columns {_HEADER!r}, found {header!r}")
    rows = []
    for number, line in enumerate(lines, 2):
        cells = line.split("\t")
        if len(cells) != 3 or not all(cells) or ":" not in cells[1]:
            raise ValueError(f"{_TABLE}:{number}: expected command, MODULE:NAME and help, found {line!r}")
        rows.append(CommandRow(*cells))
    return tuple(rows)


class LazyCommand(TyperCommand):
    """A command of which only the name and the help line are loaded."""

    target: ClassVar[str]

    def load(self) -> TyperCommand | TyperGroup:
        """Import the command's module and build the command."""
        module, _, name = self.target.partition(":")
        target = getattr(import_module(module), name)
        if isinstance(target, typer.Typer):
            group = target
        else:
            group = typer.Typer(add_completion=False)
            group.command(self.name)(target)
        return cast("TyperCommand | TyperGroup", get_command(group))

    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any) -> Any:
        """Hand over to the loaded command; typer invokes the command of the context it gets."""
        return self.load().make_context(info_name, args, parent, **extra)


def add_commands(group: typer.Typer, prefix: str = "") -> None:
    """Add the commands whose full name is `prefix` and one more word to `group`."""
    for row in read_commands():
        *parents, name = row.command.split()
        if parents == prefix.split():
            group.command(name, help=row.help, cls=type("LazyCommand", (LazyCommand,), {"target": row.target}))(_not_loaded)


def _not_loaded() -> None:
    """Take the place of a function that is not imported yet."""
