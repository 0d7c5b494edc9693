"""Long YAML tables of facts of which a plan needs few entries: an entry is parsed when it is first asked for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Generic, TypeVar

from planners.data_file import DataFile, WordList, parse_data

__all__ = ["FactTable", "ListedFacts"]

_ENTRY: Final = re.compile(r"^  (?=[^\s#])", re.MULTILINE)
"""Where an entry begins: in the third column. Its other lines are further right."""


class ListedFacts(DataFile):
    """Facts with the other nouns for which they hold."""

    also: WordList = ()
    """Other nouns with the same facts."""


def _entries(path: Path, table: str, *, needed: bool) -> dict[str, str]:
    """The texts of the entries of a table by noun. Raises ValueError if a needed table is not there."""
    lines = re.search(rf"^{table}:\n((?:[ \n].*\n?)*)", path.read_text("utf-8"), re.MULTILINE)
    if lines is None:
        if needed:
            raise ValueError(f"{path}: no table ‘{table}’")
        return {}
    return {text.partition(":")[0]: text for text in _ENTRY.split(lines[1])[1:]}


Facts = TypeVar("Facts", bound=ListedFacts)


class FactTable(Generic[Facts]):
    """One table of a YAML file, by noun. Entries that do not fit `facts` raise ValueError when they are read."""

    def __init__(self, path: Path, table: str, facts: type[Facts], own: Path | None = None) -> None:
        """`own`: a folder in which a file of the same name may add entries and replace some."""
        self._type = facts
        self._texts: dict[str, str] = {}
        self._paths: dict[str, Path] = {}
        for file in (*([own / path.name] if own is not None and (own / path.name).is_file() else []), path):
            for noun, text in _entries(file, table, needed=file is path).items():
                self._texts.setdefault(noun, text)
                self._paths.setdefault(noun, file)
        self._read: dict[str, Facts] = {}

    def __contains__(self, noun: str) -> bool:
        """Whether a noun has an entry under its own name."""
        return noun in self._texts

    def __getitem__(self, noun: str) -> Facts:
        """The entry under a noun."""
        if noun not in self._read:
            self._read[noun] = parse_data(self._paths[noun], self._texts[noun].partition(":")[2], self._type, entry=noun)
        return self._read[noun]

    def find(self, noun: str) -> Facts | None:
        """The first entry that is under a noun or names it under `also`; None if there is none."""
        if not noun:
            return None
        word = re.compile(r"(?<!\w)" + re.escape(noun).replace(r"\ ", "[ _]") + r"(?!\w)")
        candidates = (name for name, text in self._texts.items() if name == noun or word.search(text))
        return next((self[name] for name in candidates if name == noun or noun in self[name].also), None)

    def entries(self) -> Mapping[str, Facts]:
        """All entries."""
        return {noun: self[noun] for noun in self._texts}
