"""Reads the data files of `looks/data`: word lists (`.txt`), tables (`.tsv`) and keyed documents (`.yaml`).

A line that starts with `# ` is a comment. A word list has one entry a line. The header of a table names the fields of a dataclass, in
order; the first column is the key. A cell may be empty, and left out at the end of a line, where the field allows None.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields
from pathlib import Path
from types import NoneType
from typing import TYPE_CHECKING, Final, NewType, TypeVar, get_args, get_type_hints

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from memory.errors import EpisodicError

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

__all__ = ["DATA", "Color", "TableError", "parse_color", "read_documents", "read_pairs", "read_rows", "read_table", "read_words"]

DATA: Final = Path(__file__).with_name("data")
_HEX: Final = re.compile(r"#[0-9a-f]{6}")

Color = NewType("Color", str)
"""A colour as `#rrggbb`, lower case."""
Row = TypeVar("Row", bound="DataclassInstance")


class TableError(EpisodicError):
    """A data file breaks its schema. The message names the file and the line or the entry."""


def read_words(file: str, folder: Path = DATA) -> tuple[str, ...]:
    """The entries of a word list, in the file's order. TableError if one occurs twice."""
    words: dict[str, int] = {}
    for number, line in _lines(folder / file):
        if line in words:
            raise TableError(f"{folder / file}:{number}: '{line}' is already on line {words[line]}; keep one of them")
        words[line] = number
    return tuple(words)


def read_rows(file: str, row: type[Row], folder: Path = DATA) -> list[tuple[str, Row]]:
    """The rows of a table with their keys, in the file's order; a key may occur more than once.

    The header is the name of the key column followed by the fields of `row`. TableError if the header or a cell does not fit.
    """
    path = folder / file
    lines = _lines(path)
    kinds = get_type_hints(row)
    converters = {field.name: _converter(kinds[field.name]) for field in fields(row)}
    number, header = next(lines, (1, ""))
    if header.split("\t")[1:] != list(converters):
        raise TableError(f"{path}:{number}: the columns after the first are not {', '.join(converters)}")
    rows = []
    for number, line in lines:
        key, *cells = line.split("\t")
        if not key or len(cells) > len(converters):
            raise TableError(f"{path}:{number}: expected a word and at most {len(converters)} cells, separated by tabs")
        cells += [""] * (len(converters) - len(cells))
        values = {}
        for (name, convert), cell in zip(converters.items(), cells, strict=True):
            try:
                values[name] = convert(cell)
            except ValueError as err:
                raise TableError(f"{path}:{number}: {name} of '{key}': {err}") from err
        rows.append((key, row(**values)))
    return rows


def read_table(file: str, row: type[Row], folder: Path = DATA) -> dict[str, Row]:
    """The rows of a table by key, in the file's order. TableError as for `read_rows`, and if a key occurs twice."""
    table: dict[str, Row] = {}
    for key, value in read_rows(file, row, folder):
        if key in table:
            raise TableError(f"{folder / file}: '{key}' has two rows; keep one of them")
        table[key] = value
    return table


def read_pairs(file: str, value: Callable[[str], str] = str, folder: Path = DATA) -> dict[str, str]:
    """A table of two columns: key to value, in the file's order. `value` checks a cell and raises ValueError."""
    path = folder / file
    lines = _lines(path)
    number, header = next(lines, (1, ""))
    if header.count("\t") != 1:
        raise TableError(f"{path}:{number}: expected the names of two columns, separated by a tab")
    pairs: dict[str, str] = {}
    for number, line in lines:
        key, _, cell = line.partition("\t")
        if not cell or "\t" in cell or key in pairs:
            raise TableError(f"{path}:{number}: expected a word that has no row yet, a tab and a value, not '{line}'")
        try:
            pairs[key] = value(cell)
        except ValueError as err:
            raise TableError(f"{path}:{number}: '{key}': {err}") from err
    return pairs


def read_documents(file: str, folder: Path = DATA) -> Mapping[str, object]:
    """The top-level entries of a YAML file, in its order. TableError if it is no mapping or no YAML."""
    path = folder / file
    try:
        content = YAML(typ="safe", pure=True).load(path)
    except MarkedYAMLError as err:
        mark = err.problem_mark or err.context_mark
        raise TableError(f"{path}:{mark.line + 1 if mark else 1}: {err.problem}") from err
    except (YAMLError, UnicodeDecodeError) as err:
        raise TableError(f"{path}: {err}") from err
    if not isinstance(content, Mapping) or not all(isinstance(key, str) for key in content):
        raise TableError(f"{path}: expected entries with names")
    return content


def parse_color(text: str) -> Color:
    """Check a colour. ValueError if it is not `#rrggbb` in lower case."""
    if not _HEX.fullmatch(text):
        raise ValueError(f"expected a colour as #rrggbb, not '{text}'")
    return Color(text)


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """The lines that are no comments, with their numbers from 1. TableError at a blank line."""
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if not line.strip():
            raise TableError(f"{path}:{number}: a blank line; remove it")
        if not line.startswith("# "):
            yield number, line


def _converter(kind: object) -> Callable[[str], object]:
    """The function that turns a cell into a value of the column's type. It raises ValueError if the cell is none."""
    options = get_args(kind)
    if NoneType in options:
        convert = _converter(next(option for option in options if option is not NoneType))
        return lambda cell: convert(cell) if cell else None
    convert = _colors if options[:1] == (Color,) else _CONVERTERS[kind]

    def required(cell: str) -> object:
        if not cell:
            raise ValueError("a value is missing")
        return convert(cell)

    return required


def _colors(cell: str) -> tuple[Color, ...]:
    """Colours separated by spaces."""
    return tuple(parse_color(part) for part in cell.split(" "))


_CONVERTERS: Final[Mapping[object, Callable[[str], object]]] = {str: str, int: int, float: float, Color: parse_color}
