"""How long stale tasks will take, from what the same kind of task took last time on this machine, or else from experience."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from episodic.production.graph.graph import TaskKind
from episodic.production.graph.ledger import Ledger, StaleTask

__all__ = ["estimate_wall_s", "is_guess"]

_START_S: Final = 4.0
"""Worker processes load their models."""
_EXPERIENCE: Final[Mapping[TaskKind, tuple[float, float]]] = {
    "audition": (0.3, 0.0),
    "light": (0.2, 0.0),
    "speech": (0.1, 0.12),
    "sheet": (0.6, 0.0),
    "keyframe": (20.0, 0.0),
    "previs": (1.0, 0.6),
    "prompt": (2.0, 0.0),
    "rushes": (20.0, 45.0),
    "shoot": (0.4, 0.03),
    "picture": (0.1, 0.6),
    "survey": (0.4, 0.0),
    "mix": (0.4, 0.12),
    "meaning": (4.0, 0.0),
    "cut": (0.5, 0.06),
}
"""Seconds per task and per second of its length, one core, at 1280x720 and 24 frames a second. Rushes: of an open video model on a graphics
card; as long as nothing was shot with it, a guess, within a factor of three or so."""


def estimate_wall_s(stale: Iterable[StaleTask], ledger: Ledger, workers: int) -> float:
    """Wall seconds for `stale`. The cut waits for everything; what needs a video model runs one by one beside the rest, which the workers share."""
    stale = list(stale)
    seconds = {one.task.id: _seconds(one, ledger) for one in stale}
    if not seconds:
        return 0.0
    alone = seconds.get("cut", 0.0)
    on_device = sum(seconds[one.task.id] for one in stale if one.task.device)
    shared = (sum(seconds.values()) - alone - on_device) / max(1, min(workers, len(seconds)))
    return _START_S + max(on_device, shared) + alone


def is_guess(stale: Iterable[StaleTask], ledger: Ledger) -> bool:
    """Whether the estimate rests on a video model that has shot none of this before."""
    return any(one.task.kind == "rushes" and not _took(one, ledger) for one in stale)


def _took(stale: StaleTask, ledger: Ledger) -> float:
    """Seconds of the last time; 0: there was none."""
    return float(ledger.tasks.get(stale.task.id, {}).get("seconds", 0.0))


def _seconds(stale: StaleTask, ledger: Ledger) -> float:
    if took := _took(stale, ledger):
        return took
    per_task, per_second = _EXPERIENCE[stale.task.kind]
    return per_task + per_second * stale.task.length_s
