"""`episodic`: the way in from the shell.

An `EpisodicError` becomes one message and an exit code. A bug keeps its traceback.
"""

from __future__ import annotations

import sys

import typer

from cli.lazy import add_commands
from cli.read_progress import show_read_progress
from episodic.errors import InputError, explain_os_error
from memory.errors import EpisodicError

__all__ = ["app", "main"]

app = typer.Typer(
    name="episodic",
    help="From one sentence to whole episodes of video with sound, and series that remember.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
add_commands(app)


def main() -> None:
    """Run the command line and exit: 0 done, 1 failed, 2 wrong input, 130 stopped by Ctrl-C."""
    try:
        with show_read_progress():
            app()
    except EpisodicError as err:
        sys.stderr.write(f"episodic: {err.message}\n")
        sys.exit(err.exit_code)
    except OSError as err:
        reason = explain_os_error(err)
        if reason is None:
            raise
        sys.stderr.write(f"episodic: {reason}\n")
        sys.exit(InputError.exit_code)


if __name__ == "__main__":
    main()
