"""Errors about prompts and plans. The tree is drawn in `memory.errors`."""

from __future__ import annotations

from memory.errors import EpisodicError

__all__ = ["PlanError", "PlanTooNew", "PromptError"]


class PlanError(EpisodicError):
    """The plan file has faults: `FILE:LINE:COLUMN: what was found; what was expected`, one line per fault."""

    exit_code = 2


class PlanTooNew(PlanError):
    """The plan file's format is newer than this version of episodic reads."""


class PromptError(EpisodicError):
    """The prompt cannot be planned from."""

    exit_code = 2
