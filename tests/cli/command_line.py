"""The command line as the shell calls it, run in the process of the tests: loading the libraries anew would take seconds."""

from __future__ import annotations

import io
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from unittest.mock import patch

import pytest

from cli.main import main

__all__ = ["FinishedCommand", "run_command"]


@dataclass(frozen=True)
class FinishedCommand:
    """What a command leaves in the shell."""

    exit_code: int
    stdout: str
    stderr: str


def run_command(*words: object) -> FinishedCommand:
    """Run `episodic` with these words in the current folder. An error that no message explains is raised."""
    with (
        redirect_stdout(io.StringIO()) as stdout,
        redirect_stderr(io.StringIO()) as stderr,
        patch.object(sys, "argv", ["episodic", *map(str, words)]),
        pytest.raises(SystemExit) as finished,
    ):
        main()
    code = finished.value.code
    assert isinstance(code, int)
    return FinishedCommand(code, stdout.getvalue(), stderr.getvalue())
