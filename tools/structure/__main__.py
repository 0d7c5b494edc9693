"""Print the structural measures; exit with 1 if one is above its ceiling.

python -m tools.structure                      the table
python -m tools.structure --list string_keys   each occurrence as file:line: text
python -m tools.structure --files string_keys  occurrences per file
"""

import argparse
import signal
import subprocess
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from tools.structure.imports import startup_cpu_seconds
from tools.structure.modules import Codebase, read_codebase
from tools.structure.rules import Rules, load_rules
from tools.structure.table import MEASURES, Measure

ROOT = Path(__file__).parents[2]
BY_KEY = {measure.key: measure for measure in MEASURES}
ROW = "{:<28}{:<70}{:>8}{:>9}  {}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status."""
    parser = argparse.ArgumentParser(prog="python -m tools.structure", description="Structural measures and their ceilings.")
    choice = parser.add_mutually_exclusive_group()
    choice.add_argument("--list", metavar="MEASURE", choices=BY_KEY, help="print each occurrence as file:line: text")
    choice.add_argument("--files", metavar="MEASURE", choices=BY_KEY, help="print the number of occurrences of each file")
    options = parser.parse_args(arguments)
    rules = load_rules()
    code = read_codebase(ROOT, rules.source_packages)
    if options.list:
        print_occurrences(BY_KEY[options.list], code, rules)
        return 0
    if options.files:
        print_files(BY_KEY[options.files], code, rules)
        return 0
    exceeded = print_table(code, rules)
    print_information()
    if exceeded:
        print(f"\n{len(exceeded)} above the ceiling. Show the lines: python -m tools.structure --list {exceeded[0]}")
    return 1 if exceeded else 0


def print_occurrences(measure: Measure, code: Codebase, rules: Rules) -> None:
    """Print what the measure counts, line by line."""
    for occurrence in measure.count(code, rules).occurrences:
        print(occurrence)


def print_files(measure: Measure, code: Codebase, rules: Rules) -> None:
    """Print the files in which the measure counts something, most occurrences first."""
    files = Counter(str(occurrence.path) for occurrence in measure.count(code, rules).occurrences)
    for file, number in files.most_common():
        print(f"{number:>6}  {file}")


def print_table(code: Codebase, rules: Rules) -> list[str]:
    """Print a row for each measure. Return the keys of those above their ceiling."""
    exceeded = []
    print(ROW.format("measure", "", "value", "ceiling", "").rstrip())
    for measure in MEASURES:
        value = measure.count(code, rules).value
        ceiling = rules.ceilings[measure.key] if measure.has_ceiling else None
        above = ceiling is not None and value > ceiling
        if above:
            exceeded.append(measure.key)
        title = measure.title.format_map(vars(rules.thresholds))
        limit = "-" if ceiling is None else str(ceiling)
        print(ROW.format(measure.key, title, value, limit, "ABOVE" if above else "").rstrip())
    return exceeded


def print_information() -> None:
    """Print what has no ceiling here: files of a step, and the cost of starting the command line."""
    print(
        ROW.format(
            "step_files",
            "files to touch for a new kind of step",
            "-",
            "-",
            "checked by tests/episodic/production/steps/test_registry.py",
        )
    )
    try:
        seconds = f"{startup_cpu_seconds(ROOT):.2f} s"
    except subprocess.CalledProcessError as error:
        seconds = f"failed ({error.returncode})"
    print(ROW.format("startup_cpu_seconds", "CPU time of `import cli.main`, median of 5", seconds, "-", "").rstrip())


if __name__ == "__main__":
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # `--list MEASURE | head` ends without a traceback
    raise SystemExit(main())
