"""How long stale tasks will take, from what the same kind of task took last time on this machine, or else from experience."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from episodic.production.graph import TaskKind
from episodic.production.ledger import Ledger, StaleTask

__all__ = ["estimate_wall_s"]

_START_S: Final = 4.0
"""Worker processes load their models."""
_EXPERIENCE: Final[Mapping[TaskKind, tuple[float, float]]] = {
    "audition": (0.3, 0.0),
    "light": (0.2, 0.0),
    "speech": (0.1, 0.12),
    "shoot": (0.4, 0.03),
    "picture": (0.1, 0.6),
    "survey": (0.4, 0.0),
    "mix": (0.4, 0.12),
    "meaning": (4.0, 0.0),
    "cut": (0.5, 0.06),
}
"""Seconds per task and per second of its length, one core, at 1280x720 and 24 frames a second."""


def estimate_wall_s(stale: Iterable[StaleTask], ledger: Ledger, workers: int) -> float:
    """Wall seconds for `stale`. The cut waits for everything; the rest is shared by the workers."""
    seconds = {one.task.id: _seconds(one, ledger) for one in stale}
    if not seconds:
        return 0.0
    alone = seconds.get("cut", 0.0)
    return _START_S + (sum(seconds.values()) - alone) / max(1, min(workers, len(seconds))) + alone


def _seconds(stale: StaleTask, ledger: Ledger) -> float:
    before = ledger.tasks.get(stale.task.id)
    if before is not None and before["seconds"]:
        return float(before["seconds"])
    per_task, per_second = _EXPERIENCE[stale.task.kind]
    return per_task + per_second * stale.task.length_s
