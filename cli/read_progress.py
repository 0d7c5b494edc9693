"""Progress of the first reading of a large model: a bar on a terminal, nothing elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Final

from episodic.progress import ReadProgress, report_reads_to

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console
    from rich.progress import Progress

__all__ = ["show_read_progress"]

_MIN_BYTES: Final = 3 * 2**30
"""Smaller folders are read before anybody wonders: about a second per GiB."""


@contextmanager
def show_read_progress(console: Console | None = None, min_bytes: int = _MIN_BYTES) -> Iterator[None]:
    """Show the reading of folders of at least `min_bytes` inside the block. `console` replaces standard error."""
    with ExitStack() as open_bars, report_reads_to(_ReadBar(console, min_bytes, open_bars).hear):
        yield


class _ReadBar:
    """One bar per folder, removed when the folder has been read."""

    def __init__(self, console: Console | None, min_bytes: int, open_bars: ExitStack) -> None:
        self._console, self._min_bytes, self._open_bars = console, min_bytes, open_bars
        self._bars: Progress | None = None
        self._root: Path | None = None

    def hear(self, progress: ReadProgress) -> None:
        """Start, advance or remove the bar."""
        terminal = sys.stderr.isatty() if self._console is None else self._console.is_terminal
        if progress.total_bytes < self._min_bytes or not terminal:
            return
        bars = self._bars
        if bars is None or self._root != progress.root:
            self._open_bars.close()
            bars = self._bars = self._open_bars.enter_context(_new_bars(self._console))
            self._root = progress.root
            bars.add_task(f"reading {progress.root.name} for the first time", total=progress.total_bytes)
        bars.update(bars.task_ids[0], completed=progress.bytes)
        if progress.bytes >= progress.total_bytes:
            self._open_bars.close()
            self._bars = None


def _new_bars(console: Console | None) -> Progress:
    # rich is slow to import, and most commands read nothing large
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    return Progress(*columns, console=console or Console(stderr=True), transient=True)
