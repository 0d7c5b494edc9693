"""Time and peak memory of planning one film in a process of its own, its start included.

`python -m episodic.lab.planner_bench.fresh_process PLANNER MINUTES PROMPT` plans one film.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass

from episodic.lab.planner_bench.film_plans import BenchPlanner, plan_film

__all__ = ["FreshRun", "plan_in_fresh_process"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FreshRun:
    """One run of a fresh process."""

    wall_s: float
    cpu_s: float
    """Time of the processor, which other work on the machine does not lengthen."""
    peak_mb: float
    """Peak resident memory."""
    ok: bool
    """Whether a plan was made."""


def plan_in_fresh_process(planner: BenchPlanner, prompt: str, minutes: float) -> FreshRun:
    """Plan one film in a fresh process."""
    command = [sys.executable, "-m", "episodic.lab.planner_bench.fresh_process", planner, str(minutes), prompt]
    begin = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:  # noqa: S603  # our own module
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    per_mb = 2**20 if sys.platform == "darwin" else 2**10
    return FreshRun(
        wall_s=time.perf_counter() - begin,
        cpu_s=usage.ru_utime + usage.ru_stime,
        peak_mb=usage.ru_maxrss / per_mb,
        ok=process.returncode == 0,
    )


def main() -> int:
    """Plan one film; exit code 1 if there is no plan."""
    planner, minutes, prompt = sys.argv[1:4]
    return int(plan_film(planner, prompt, float(minutes)).plan is None)


if __name__ == "__main__":
    sys.exit(main())
