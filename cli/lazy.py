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
    full_name: ClassVar[str]

    def load(self) -> TyperCommand | TyperGroup:
        """Import the command's module and build the command."""
        return _load(self.target, self.full_name)

    def below(self) -> dict[str, TyperCommand | TyperGroup]:
        """The commands below this one by their last word, if it takes arguments and is no group: `plan show` below `plan`."""
        if isinstance(self.load(), TyperGroup):
            return {}
        return {row.command.split()[-1]: _load(row.target, row.command) for row in _rows_below(self.full_name)}

    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any) -> Any:
        """Hand over to the loaded command, or to the one below it that the first argument names.

        Typer invokes the command of the context it gets.
        """
        loaded = self.load()
        row = next((row for row in _rows_below(self.full_name) if args[:1] == row.command.split()[-1:]), None)
        if row is not None and not isinstance(loaded, TyperGroup):
            loaded, info_name, args = _load(row.target, row.command), f"{info_name} {args[0]}", args[1:]
        return loaded.make_context(info_name, args, parent, **extra)


def _load(target: str, full_name: str) -> TyperCommand | TyperGroup:
    """Import `MODULE:NAME` and build the command."""
    module, _, name = target.partition(":")
    loaded = getattr(import_module(module), name)
    if isinstance(loaded, typer.Typer):
        group = loaded
    else:
        group = typer.Typer(add_completion=False)
        group.command(full_name.split()[-1])(loaded)
    return cast("TyperCommand | TyperGroup", get_command(group))


def _rows_below(full_name: str) -> list[CommandRow]:
    """The rows whose full name is `full_name` and one more word."""
    return [row for row in read_commands() if row.command.split()[:-1] == full_name.split()]


def add_commands(group: typer.Typer, prefix: str = "") -> None:
    """Add the commands whose full name is `prefix` and one more word to `group`."""
    for row in _rows_below(prefix):
        values = {"target": row.target, "full_name": row.command}
        group.command(row.command.split()[-1], help=row.help, cls=type("LazyCommand", (LazyCommand,), values))(_not_loaded)


def _not_loaded() -> None:
    """Take the place of a function that is not imported yet."""
