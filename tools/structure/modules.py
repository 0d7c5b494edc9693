"""Tracked Python files as syntax trees, and the result of a measure."""

import ast
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Module:
    """One Python file; `path` is relative to the root of the repository."""

    path: PurePosixPath
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, filename=str(self.path))

    @cached_property
    def lines(self) -> list[str]:
        return self.text.splitlines()

    @property
    def name(self) -> str:
        """Dotted name; a package has the name of its folder."""
        parts = self.path.with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    @property
    def is_package(self) -> bool:
        return self.path.name == "__init__.py"

    def functions(self) -> Iterator[Function]:
        """Every function and method, nested ones included."""
        for node in ast.walk(self.tree):
            if isinstance(node, FUNCTIONS):
                yield node


@dataclass(frozen=True, order=True)
class Occurrence:
    """A line that a measure counts."""

    path: PurePosixPath
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.text}"


@dataclass(frozen=True)
class Count:
    """The value of a measure. An occurrence need not weigh 1: a table counts its lines, several imports make one cycle."""

    value: int
    occurrences: tuple[Occurrence, ...]

    @classmethod
    def of(cls, occurrences: Sequence[Occurrence]) -> "Count":
        """Count each occurrence as 1."""
        return cls(len(occurrences), tuple(occurrences))


@dataclass(frozen=True)
class Codebase:
    """The modules that the measures read. `source` excludes tests and tools."""

    source: tuple[Module, ...]
    tests: tuple[Module, ...]
    everything: tuple[Module, ...]


def line_occurrence(module: Module, line: int) -> Occurrence:
    """Quote a line of a module."""
    return Occurrence(module.path, line, module.lines[line - 1].strip())


def tracked_modules(root: Path) -> tuple[Module, ...]:
    """Read the Python files that git tracks under `root`, as they are in the working tree."""
    listing = subprocess.run(["git", "ls-files", "-z", "*.py"], cwd=root, check=True, capture_output=True, text=True).stdout
    paths = sorted(path for path in listing.split("\0") if path and (root / path).is_file())
    return tuple(Module(PurePosixPath(path), (root / path).read_text("utf-8")) for path in paths)


def read_codebase(root: Path, source_packages: Sequence[str]) -> Codebase:
    """Sort the tracked modules by their top folder."""
    everything = tracked_modules(root)
    return Codebase(
        source=tuple(module for module in everything if module.path.parts[0] in source_packages),
        tests=tuple(module for module in everything if module.path.parts[0] == "tests"),
        everything=everything,
    )
