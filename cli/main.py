"""`episodic`: one command per file. What a user can mend becomes one message and an exit code; our bugs keep their traceback."""

from __future__ import annotations

import sys

import typer

from cli.bench import bench_app
from cli.doctor import doctor
from cli.generate import generate
from cli.memory.app import memory_app
from cli.models import models_app
from cli.next_episode import next_episode
from cli.plan import plan
from cli.reading import shown_reading
from cli.render import render
from cli.status import status
from cli.train import train_app
from cli.version import version
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
app.command()(generate)
app.command()(plan)
app.command()(render)
app.command("next")(next_episode)
app.command()(status)
app.add_typer(memory_app, name="memory")
app.add_typer(models_app, name="models")
app.add_typer(train_app, name="train")
app.add_typer(bench_app, name="bench")
app.command()(doctor)
app.command()(version)


def main() -> None:
    """Run the command line and exit: 0 done, 1 failed, 2 the user's input is wrong, 130 stopped by Ctrl-C."""
    try:
        with shown_reading():
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
