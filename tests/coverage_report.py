"""A pytest plugin that prints the share of source lines that the tests execute, by package.

`pytest -p tests.coverage_report` measures with SlipCover in every process of pytest-xdist; processes that the tests start themselves are
not measured. It takes about 15 % more time.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Final

import pytest
from slipcover import FileMatcher, Slipcover
from slipcover.importer import SlipcoverMetaPathFinder

from tests.coverage_lines import Lines, merged, share_rows
from tests.shape_checks import check_shapes

__all__ = ["CoverageReport", "pytest_configure"]

_ROOT: Final = Path(__file__).parents[1]
_PACKAGES: Final = ("memory", "planners", "episodic", "cli")
_OUTPUT: Final = "coverage"
"""The key under which a worker of pytest-xdist hands over its lines."""


def _measured(slipcover: Slipcover) -> Lines:
    """Return the lines that one SlipCover knows of."""
    measured: Lines = {}
    for name, lines in slipcover.get_coverage()["files"].items():
        file = (_ROOT / name).resolve().relative_to(_ROOT)
        measured[str(file)] = (list(lines["executed_lines"]), list(lines["missing_lines"]))
    return measured


class CoverageReport:
    """Collects what the workers measured, and prints the table."""

    def __init__(self) -> None:
        self._of_workers: Lines = {}

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Hand the lines of a worker over to the process that started it."""
        if hasattr(session.config, "workeroutput"):
            session.config.workeroutput[_OUTPUT] = {file: [*map(list, lines)] for file, lines in _measured(_SLIPCOVER).items()}

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Take the lines of a worker that has finished."""
        lines = getattr(node, "workeroutput", {}).get(_OUTPUT, {})
        self._of_workers = merged(self._of_workers, {file: (hit, missing) for file, (hit, missing) in lines.items()})

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print the table. Files that were never imported count, too."""
        unseen = _measured(Slipcover(source=_SOURCES))
        terminalreporter.section("lines executed by the tests")
        for name, total, share in share_rows(merged(unseen, merged(_measured(_SLIPCOVER), self._of_workers))):
            terminalreporter.write_line(f"{name:<28}{total:>7} lines{share:>7.1%}")


def pytest_configure(config: pytest.Config) -> None:
    """Install the report."""
    config.pluginmanager.register(CoverageReport(), "coverage_report")


# Before any module under test is imported, and in front of the hook of the shape checks, which would hide its modules.
check_shapes()
_SOURCES: Final = [str(_ROOT / package) for package in _PACKAGES]
_SLIPCOVER: Final = Slipcover()
sys.meta_path.insert(0, SlipcoverMetaPathFinder(_SLIPCOVER, FileMatcher(sources=_SOURCES)))
