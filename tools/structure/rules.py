"""Ceilings, thresholds, layers and word lists of the measures."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.structure.modules import Module

RULES_FILE = Path(__file__).with_name("ceilings.toml")


@dataclass(frozen=True, kw_only=True)
class Thresholds:
    """What counts as long, crowded or repeated; each is the most (or, for `literal_lines`, the least) that the name says."""

    folder_modules: int
    module_lines: int
    function_lines: int
    literal_lines: int  # a literal of at least so many lines is a table
    stem_uses: int
    private_name_modules: int


@dataclass(frozen=True, kw_only=True)
class Rules:
    """The content of the data file."""

    ceilings: dict[str, int]
    thresholds: Thresholds
    source_packages: tuple[str, ...]
    layers: tuple[frozenset[str], ...]  # direct children of episodic/, lowest layer first
    dependency_lists: frozenset[str]
    placeholder_names: frozenset[str]
    irregular_participles: frozenset[str]
    nouns: frozenset[str]
    common_stems: frozenset[str]
    frozen_folders: tuple[str, ...]  # released database migrations: never edited, so not measured for length
    tables_in_code: dict[str, str]  # by path of a module: why its tables are Python

    def without_frozen(self, modules: Sequence[Module]) -> list[Module]:
        """The modules outside `frozen_folders`."""
        return [module for module in modules if not str(module.path).startswith(self.frozen_folders)]


def load_rules(file: Path = RULES_FILE) -> Rules:
    """Read the data file. A missing key is a KeyError, an unknown threshold a TypeError."""
    content = tomllib.loads(file.read_text("utf-8"))
    words = content["words"]
    return Rules(
        ceilings=content["ceilings"],
        thresholds=Thresholds(**content["thresholds"]),
        source_packages=tuple(content["source_packages"]),
        layers=tuple(frozenset(layer) for layer in content["layers"]),
        dependency_lists=frozenset(words["dependency_lists"]),
        placeholder_names=frozenset(words["placeholder_names"]),
        irregular_participles=frozenset(words["irregular_participles"]),
        nouns=frozenset(words["nouns"]),
        common_stems=frozenset(words["common_stems"]),
        frozen_folders=tuple(content["frozen_folders"]),
        tables_in_code=content["tables_in_code"],
    )
