"""The data files of `looks` fit their schemas, and a broken file is refused with its name and line."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from episodic.looks.data_files import (
    DATA,
    Color,
    TableError,
    parse_color,
    read_documents,
    read_pairs,
    read_rows,
    read_table,
    read_words,
)
from episodic.looks.place_catalog import PLACE_FILES, read_places


@dataclass(frozen=True, kw_only=True)
class Ball:
    size: float
    bounces: int | None
    colors: tuple[Color, ...]


HEADER = "word\tsize\tbounces\tcolors\n"


def write(folder: Path, name: str, text: str) -> Path:
    (folder / name).write_text(text, "utf-8")
    return folder


def test_a_table_gives_typed_rows_in_the_order_of_the_file(tmp_path: Path) -> None:
    folder = write(tmp_path, "balls.tsv", f"# Balls.\n{HEADER}red ball\t0.5\t3\t#ff0000 #aa0000\nball\t1\t\t#ffffff\n")
    table = read_table("balls.tsv", Ball, folder)
    assert list(table.items()) == [
        ("red ball", Ball(size=0.5, bounces=3, colors=(Color("#ff0000"), Color("#aa0000")))),
        ("ball", Ball(size=1.0, bounces=None, colors=(Color("#ffffff"),))),
    ]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("ball\tbig\t\t#ffffff\n", "balls.tsv:2: size of 'ball': could not convert"),
        ("ball\t1\t2.5\t#ffffff\n", "balls.tsv:2: bounces of 'ball': invalid literal"),
        ("ball\t1\t\twhite\n", "balls.tsv:2: colors of 'ball': expected a colour as #rrggbb, not 'white'"),
        ("ball\t1\n", "balls.tsv:2: colors of 'ball': a value is missing"),
        ("ball\t1\t\t#ffffff\t9\n", "balls.tsv:2: expected a word and at most 3 cells"),
        ("a\t1\t\t#ffffff\n\nb\t1\t\t#ffffff\n", "balls.tsv:3: a blank line"),
        ("a\t1\t\t#ffffff\na\t2\t\t#ffffff\n", "'a' has two rows"),
    ],
)
def test_a_row_that_breaks_the_schema_is_refused(tmp_path: Path, rows: str, message: str) -> None:
    folder = write(tmp_path, "balls.tsv", HEADER + rows)
    with pytest.raises(TableError) as refusal:
        read_table("balls.tsv", Ball, folder)
    assert message in str(refusal.value)


def test_a_header_that_does_not_name_the_fields_is_refused(tmp_path: Path) -> None:
    folder = write(tmp_path, "balls.tsv", "# Balls.\nword\tbounces\tsize\tcolors\n")
    with pytest.raises(TableError, match=r"balls\.tsv:2: the columns after the first are not size, bounces, colors"):
        read_rows("balls.tsv", Ball, folder)


def test_a_word_list_with_a_word_twice_is_refused(tmp_path: Path) -> None:
    folder = write(tmp_path, "words.txt", "# Words.\nred\nblue\nred\n")
    with pytest.raises(TableError, match=r"words\.txt:4: 'red' is already on line 2"):
        read_words("words.txt", folder)


@pytest.mark.parametrize("row", ["red\n", "red\tblue\n", "blue\t#0000ff\nblue\t#0000fe\n", "red\t#ff0000\t1\n"])
def test_a_pair_that_breaks_the_schema_is_refused(tmp_path: Path, row: str) -> None:
    folder = write(tmp_path, "colors.tsv", f"word\tcolor\n{row}")
    with pytest.raises(TableError, match=r"colors\.tsv:[23]: "):
        read_pairs("colors.tsv", parse_color, folder)


def test_a_document_that_is_no_yaml_is_refused_with_its_line(tmp_path: Path) -> None:
    folder = write(tmp_path, "rooms.yaml", "hall:\n  words: a\nhall: b\n")
    with pytest.raises(TableError, match=r"rooms\.yaml:3: "):
        read_documents("rooms.yaml", folder)
    write(tmp_path, "rooms.yaml", "- hall\n")
    with pytest.raises(TableError, match=r"rooms\.yaml: expected entries with names"):
        read_documents("rooms.yaml", folder)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("great_lamp 1.7 0 1.9 3.0 z=5.2", "great_lamp 1.7 0 1.9", "lamp_room: expected a kind, x, y, width and height"),
        ("great_lamp 1.7 0 1.9 3.0 z=5.2", "great_lamp 1.7 0 1.9 3.0 z=far", "lamp_room: 'far' in 'z=far' is no number"),
        ("great_lamp 1.7 0 1.9 3.0 z=5.2", "great_lamp 1.7 0 1.9 3.0 dept=5.2", "lamp_room: 'dept=5.2' is no option here"),
        ("outside=sea", "outsid=sea", "lamp_room: 'outsid=sea' is no option here"),
        ("palettes: blue, coast", "palettes: blue, toast", "lamp_room: palettes.tsv has no palette 'toast'"),
        ("  indoors: true\n  palettes: blue, coast\n", "  palettes: blue, coast\n", "lamp_room: expected the entries"),
        ("indoors: true", "indoors: perhaps", "lamp_room: indoors is neither true nor false"),
        ("\nbakery:", "\ncoast:", "lands.yaml: coast: this name is taken"),
    ],
)
def test_a_place_that_breaks_the_schema_is_refused_with_its_name(tmp_path: Path, old: str, new: str, message: str) -> None:
    shutil.copytree(DATA / "places", tmp_path / "places")
    rooms = tmp_path / PLACE_FILES[0]
    text = rooms.read_text("utf-8")
    assert old in text
    rooms.write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(TableError) as refusal:
        read_places(tmp_path)
    assert message in str(refusal.value)
    assert ".yaml" in str(refusal.value)


def test_every_data_file_is_read_by_the_package() -> None:
    source = "".join(path.read_text("utf-8") for path in DATA.parent.glob("*.py"))
    files = [path.relative_to(DATA).as_posix() for path in DATA.rglob("*") if path.is_file()]
    assert len(files) > 30
    assert [file for file in files if f'"{file}"' not in source] == []
