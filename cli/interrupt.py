"""Ctrl-C during a command that can be resumed."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import typer

__all__ = ["resume_hint_on_interrupt"]

_INTERRUPTED: Final = 130
"""Exit code of a command that Ctrl-C stopped."""


@contextmanager
def resume_hint_on_interrupt() -> Iterator[None]:
    """Turn Ctrl-C inside the block into exit code 130 and a hint that the command can be resumed."""
    try:
        yield
    except KeyboardInterrupt:
        sys.stderr.write("\nepisodic: stopped. Finished work is kept; run the same command again to resume.\n")
        raise typer.Exit(_INTERRUPTED) from None
