"""Ask the user to correct what was understood of a prompt."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, TextIO

from planners.errors import PromptError
from planners.planner import Brief, PremisePlanner

if TYPE_CHECKING:
    from planners.reading.premise import Premise

__all__ = ["ask_for_corrections"]


def ask_for_corrections(planner: PremisePlanner, premise: Premise, brief: Brief, *, output: TextIO | None = None) -> Premise:
    """Show the numbered report and take corrections from standard input, until an empty line or its end.

    `output` replaces standard error.
    """
    output = sys.stderr if output is None else output
    while True:
        report = planner.report(premise, brief)
        output.write("\n".join([*report.lines(numbers=True), "", planner.corrections_help(), "> "]))
        output.flush()
        correction = sys.stdin.readline().strip()
        if not sys.stdin.isatty():
            output.write(f"{correction}\n")
        if not correction:
            return premise
        try:
            premise = planner.correct(premise, correction)
        except PromptError as err:
            output.write(f"{err.message}\n")
        output.write("\n")
