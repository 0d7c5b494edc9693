"""Estimates of time: from what the same task took last time on this machine, or else from experience (`Step.cost`)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from episodic.production.graph.ledger import Ledger, StaleTask

__all__ = ["estimate_wall_s", "is_guess"]

_START_S: Final = 4.0
"""Worker processes load their models."""


def estimate_wall_s(stale: Iterable[StaleTask], ledger: Ledger, workers: int) -> float:
    """Estimate the wall seconds for `stale`.

    Steps that need a model's process run one by one, beside the others, which the workers share; a step that waits for all others
    comes last.
    """
    stale = list(stale)
    if not stale:
        return 0.0
    seconds = {entry.task.id: _seconds(entry, ledger) for entry in stale}
    last = sum(seconds[entry.task.id] for entry in stale if entry.task.step.cost.waits_for_all)
    on_device = sum(seconds[entry.task.id] for entry in stale if entry.task.device)
    shared = (sum(seconds.values()) - last - on_device) / max(1, min(workers, len(seconds)))
    return _START_S + max(on_device, shared) + last


def is_guess(stale: Iterable[StaleTask], ledger: Ledger) -> bool:
    """Whether the estimate rests on a video model that has shot none of this before."""
    return any(entry.task.step.cost.guess and not _last_time_s(entry, ledger) for entry in stale)


def _last_time_s(stale: StaleTask, ledger: Ledger) -> float:
    """Seconds that the task took last time; 0 where it was never made."""
    record = ledger.tasks.get(stale.task.id)
    return 0.0 if record is None else record.seconds


def _seconds(stale: StaleTask, ledger: Ledger) -> float:
    """The estimate for one task."""
    cost = stale.task.step.cost
    return _last_time_s(stale, ledger) or cost.seconds + cost.per_second * stale.task.length_s
