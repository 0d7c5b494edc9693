"""Lemmas and inflections of English words: the tables of lemminflect, packed.

The file is a compressed NumPy archive. `lemmas` and `inflections` (uint8) hold sorted lines in UTF-8: a word, what is asked for, and the forms
joined by slashes, with tabs between the three and a line feed after them. `lemmas` answers for VERB and NOUN, `inflections` for tags of the Penn
Treebank. `tools/word_forms_table.py` makes it from an installed lemminflect.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

__all__ = ["FormLines", "WordForms", "open_word_forms", "pack_lines", "read_word_forms", "write_word_forms"]

_FORMAT: Final = "episodic/word-forms@1"
_PATH: Final = Path(__file__).with_name("data") / "word_forms.npz"


class FormLines:
    """Sorted lines of word, kind and forms."""

    def __init__(self, lines: NDArray[np.uint8]) -> None:
        self._text = lines.tobytes()
        self._starts = np.concatenate([[0], np.flatnonzero(lines == ord("\n"))[:-1] + 1])

    def find(self, word: str, kind: str) -> tuple[str, ...]:
        """The forms on the line of a word and a kind; empty if there is none."""
        key = f"{word}\t{kind}\t".encode()
        at = bisect_left(self._starts, key, key=lambda start: self._text[start : start + len(key)])
        start = int(self._starts[min(at, len(self._starts) - 1)])
        if not self._text.startswith(key, start):
            return ()
        return tuple(self._text[start + len(key) : self._text.index(b"\n", start)].decode().split("/"))


@dataclass(frozen=True, slots=True, kw_only=True)
class WordForms:
    """Both tables."""

    lemmas: FormLines
    inflections: FormLines


def pack_lines(forms: Mapping[tuple[str, str], Iterable[str]]) -> NDArray[np.uint8]:
    """Lines for the forms of each word and kind."""
    lines = sorted(f"{word}\t{kind}\t{'/'.join(texts)}\n".encode() for (word, kind), texts in forms.items())
    return np.frombuffer(b"".join(lines), np.uint8)


def write_word_forms(path: Path, lemmas: NDArray[np.uint8], inflections: NDArray[np.uint8]) -> None:
    """Write the tables. The bytes depend on the tables alone."""
    np.savez_compressed(path, format=np.frombuffer(_FORMAT.encode(), np.uint8), lemmas=lemmas, inflections=inflections)


def read_word_forms(path: Path) -> WordForms:
    """Read the tables. Raises ValueError naming the file if it does not hold them."""
    try:
        with np.load(path, allow_pickle=False) as archive:
            if archive["format"].tobytes().decode() != _FORMAT:
                raise ValueError("it has another format")
            return WordForms(lemmas=FormLines(archive["lemmas"]), inflections=FormLines(archive["inflections"]))
    except (BadZipFile, KeyError, OSError, ValueError) as err:
        raise ValueError(f"{path}: not a table of word forms of the format {_FORMAT}: {err}") from err


@cache
def open_word_forms() -> WordForms:
    """Open the table that ships with the package, once."""
    return read_word_forms(_PATH)
