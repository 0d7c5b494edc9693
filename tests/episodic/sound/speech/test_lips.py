"""The table of lip shapes is complete and consistent with the sounds for which the lips close."""

import string
from pathlib import Path

from episodic.looks.data_files import read_rows
from episodic.sound.speech import lips
from episodic.sound.speech.lips import CLOSED


def rows() -> list[tuple[str, lips._ShapeRow]]:
    return read_rows("lip_shapes.tsv", lips._ShapeRow, Path(lips.__file__).with_name("data"))


def test_every_symbol_has_one_shape_within_the_ranges() -> None:
    symbols = "".join(symbols for symbols, _ in rows())
    assert len(symbols) == len(set(symbols))
    assert set("bdfhijklmnprstuvwz") <= set(symbols)
    assert not set(symbols) & set(string.digits + string.punctuation)
    for _, row in rows():
        assert 0 <= row.opening <= 1
        assert -1 <= row.width <= 1
        assert min(row.opening_grip, row.width_grip) > 0


def test_the_lips_are_shut_for_exactly_the_sounds_that_close_them() -> None:
    assert {symbol for symbols, row in rows() if row.opening == 0 for symbol in symbols} == CLOSED
