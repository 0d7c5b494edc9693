"""Score plans with an outside checker: a script that reads a suite and a folder of plans and prints its verdicts as JSON."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from episodic.errors import InputError
from planners.plan.model import EpisodePlan
from planners.plan_file.read_write import write_plan

__all__ = ["CheckerVerdict", "check_stories"]


class CheckerVerdict(BaseModel):
    """What the checker says of one prompt. None: the prompt has nothing of the kind, or may be declined."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: str
    form: str
    fidelity: float | None
    story: float | None
    parts: dict[str, float]
    """`cast`, `things`, `places`, `events`, `order`: those the prompt has."""
    explicit: float | None
    implied: float | None


class _Verdicts(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    prompts: tuple[CheckerVerdict, ...]


def check_stories(checker: Path, suite: Path, plans: Mapping[str, EpisodePlan]) -> tuple[CheckerVerdict, ...]:
    """Run `checker SUITE --plans DIR --json` on plans by the id of their prompt. Raises InputError if it fails."""
    with tempfile.TemporaryDirectory(prefix="episodic-planner-bench-") as folder:
        for identifier, plan in plans.items():
            write_plan(Path(folder) / f"{identifier}.yaml", plan)
        command = [sys.executable, str(checker), str(suite), "--plans", folder, "--json"]
        result = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  # the user names the script
    if result.returncode != 0:
        message = (result.stderr.strip().splitlines() or ["no message"])[-1]
        raise InputError(f"--checker {checker}: exit code {result.returncode}: {message}")
    try:
        return _Verdicts.model_validate_json(result.stdout).prompts
    except ValidationError as err:
        problem = " ".join(str(err).split())[:300]
        raise InputError(f"--checker {checker}: its output has no verdicts as expected: {problem}") from err
