"""Executed and missing lines of source files, as `tests.coverage_report` joins and counts them."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

__all__ = ["Lines", "merged", "package_of", "share_rows"]

Lines = dict[str, tuple[list[int], list[int]]]
"""Executed and missing lines by file, relative to the repository."""


def package_of(file: str) -> str:
    """Return the package that a file is reported under: `memory`, or a folder below `episodic`."""
    parts = Path(file).with_suffix("").parts
    return ".".join(parts[:2]) if parts[0] == "episodic" and len(parts) > 2 else parts[0]


def share_rows(lines: Lines) -> list[tuple[str, int, float]]:
    """Return package, number of lines and executed share of each package, and of all together."""
    executed: defaultdict[str, int] = defaultdict(int)
    total: defaultdict[str, int] = defaultdict(int)
    for file, (hit, missing) in lines.items():
        for name in (package_of(file), "all"):
            executed[name] += len(hit)
            total[name] += len(hit) + len(missing)
    names = [*sorted(name for name in total if name != "all"), *(["all"] if total else [])]
    return [(name, total[name], executed[name] / total[name]) for name in names if total[name]]


def merged(first: Lines, second: Lines) -> Lines:
    """Join the lines of two processes: a line is executed if either executed it."""
    result = dict(first)
    for file, (hit, missing) in second.items():
        hit_before, missing_before = result.get(file, ([], []))
        hits = {*hit, *hit_before}
        result[file] = (sorted(hits), sorted({*missing, *missing_before} - hits))
    return result
