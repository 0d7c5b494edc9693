"""Errors about prompts and plans. The tree is drawn in `memory.errors`."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from memory.errors import EpisodicError

__all__ = ["BY_HAND", "PlanError", "PlanTooNew", "PromptError", "SeasonError"]

_SCHEMA: Final = Path(__file__).parent / "plan_file" / "plan.schema.json"
BY_HAND: Final = (
    f"Or write the plan by hand and run `episodic render my-plan.yaml`: docs/plans.md explains the format, and {_SCHEMA} "
    "is its schema for your editor."
)
"""What the user can do about a prompt that cannot be planned from."""


class PlanError(EpisodicError):
    """The plan file has faults: `FILE:LINE:COLUMN: what was found; what was expected`, one line per fault."""

    exit_code = 2


class PlanTooNew(PlanError):
    """The plan file's format is newer than this version of episodic reads."""


class SeasonError(EpisodicError):
    """The outline of a season has faults: `FILE:LINE:COLUMN: …`, one line per fault."""

    exit_code = 2


class PromptError(EpisodicError):
    """The prompt cannot be planned from."""

    exit_code = 2
