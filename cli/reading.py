"""How far the first look at a large model is: a bar on a terminal, nothing elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Final

from episodic.progress import Reading, heard_by

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console
    from rich.progress import Progress

__all__ = ["shown_reading"]

_LEAST_BYTES: Final = 3 * 2**30
"""What is less is read before anybody wonders: about a second for each GiB."""


@contextmanager
def shown_reading(console: Console | None = None, least_bytes: int = _LEAST_BYTES) -> Iterator[None]:
    """Show what is read within, of folders of at least `least_bytes` to read. `console`: another one than the standard error's."""
    with ExitStack() as open_bars, heard_by(_Bars(console, least_bytes, open_bars).hear):
        yield


class _Bars:
    """One bar for a folder, which goes when the folder is read."""

    def __init__(self, console: Console | None, least_bytes: int, open_bars: ExitStack) -> None:
        self._console, self._least_bytes, self._open_bars = console, least_bytes, open_bars
        self._bars: Progress | None = None
        self._root: Path | None = None

    def hear(self, now: Reading) -> None:
        terminal = sys.stderr.isatty() if self._console is None else self._console.is_terminal
        if now.of_bytes < self._least_bytes or not terminal:
            return
        bars = self._bars
        if bars is None or self._root != now.root:
            self._open_bars.close()
            bars = self._bars = self._open_bars.enter_context(_new_bars(self._console))
            self._root = now.root
            bars.add_task(f"reading {now.root.name} for the first time", total=now.of_bytes)
        bars.update(bars.task_ids[0], completed=now.bytes)
        if now.bytes >= now.of_bytes:
            self._open_bars.close()
            self._bars = None


def _new_bars(console: Console | None) -> Progress:
    # loaded where it is needed: most commands read nothing large
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    return Progress(*columns, console=console or Console(stderr=True), transient=True)
