"""The ledger: what the last run made of each task, beside the plan. It explains; it decides nothing.

Format `episodic/ledger@2` (`episodes/NN/ledger.json`). Losing it loses only the reasons in `--dry-run` and the measured times.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple, Self

from episodic.production.graph.differences import differences
from episodic.production.graph.graph import ProductionGraph
from episodic.production.graph.needs import needs_to_json
from episodic.production.graph.step import Task
from episodic.storage.files import write_atomically
from episodic.storage.json_object import JsonObject
from memory.model.facts import FactValue

__all__ = ["LEDGER_FORMAT", "Ledger", "StaleTask", "TaskRecord", "stale_tasks"]

LEDGER_FORMAT: Final = "episodic/ledger@2"
_FORMAT_1: Final = "episodic/ledger@1"
_MOST_REASONS: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskRecord:
    """How a task ended last time."""

    key: str
    version: str
    inputs: Mapping[str, FactValue] | None
    """JSON; None: written by a version of episodic whose inputs were others."""
    needs: Mapping[str, FactValue]
    """What it needed, by name (`needs_to_json`)."""
    seconds: float
    error: str = ""

    @classmethod
    def of(cls, task: Task, key: str, seconds: float, error: str = "") -> Self:
        """The record of a task that has ended."""
        return cls(
            key=key,
            version=task.version,
            inputs=_plain(task.step.to_json()),
            needs=_plain(needs_to_json(task.needs)),
            seconds=round(seconds, 3),
            error=error,
        )

    @property
    def upstream(self) -> tuple[str, ...]:
        """Everything it needed, without the names."""
        return tuple(task for need in self.needs.values() for task in _tasks_of(need))

    def to_json(self) -> dict[str, FactValue]:
        """The record as it is stored."""
        return {
            "key": self.key,
            "version": self.version,
            "inputs": None if self.inputs is None else dict(self.inputs),
            "needs": dict(self.needs),
            "seconds": self.seconds,
            "error": self.error,
        }

    @classmethod
    def from_json(cls, data: JsonObject) -> Self:
        """Inverse of `to_json`."""
        return cls(
            key=data.text("key"),
            version=data.text("version"),
            inputs=None if data.get("inputs") is None else data.values("inputs"),
            needs=data.values("needs"),
            seconds=data.number("seconds"),
            error=data.text("error", ""),
        )

    @classmethod
    def from_json_1(cls, data: JsonObject) -> Self:
        """A record of ledger@1. Its key was of other inputs, and its needs had no names; time and error stay."""
        return cls(
            key=data.text("key"),
            version=data.text("version"),
            inputs=None,
            needs={},
            seconds=float(data.number("seconds")),
            error=data.text("error", ""),
        )


def _tasks_of(need: FactValue) -> Iterator[str]:
    """The tasks of one need: one, several in order, or several by name."""
    if isinstance(need, dict):
        need = list(need.values())
    yield from (str(task) for task in (need if isinstance(need, list) else [need]))


def _plain(value: Mapping[str, object]) -> dict[str, FactValue]:
    """A value as it comes back from a JSON file."""
    plain: dict[str, FactValue] = json.loads(json.dumps(dict(value)))
    return plain


@dataclass(slots=True)
class Ledger:
    """The record of every task that was ever run for an episode, by task id."""

    tasks: dict[str, TaskRecord] = field(default_factory=dict)
    published: str = ""
    """Key of the cut that lies beside the plan."""
    wall_s: float = 0.0
    """Wall time of the last run that made anything."""

    @classmethod
    def read(cls, path: Path) -> Self:
        """The ledger at `path`; an empty one when there is none, or none that this version reads."""
        try:
            data = JsonObject.parse(path.read_text("utf-8"))
            read_record = _RECORD_READERS[data.text("format")]
            tasks = {task_id: read_record(record) for task_id, record in data.named_objects("tasks").items()}
            return cls(tasks=tasks, published=data.text("published"), wall_s=float(data.number("wall_s")))
        except (OSError, ValueError, KeyError, RecursionError):
            return cls()

    def write(self, path: Path) -> None:
        """Write atomically."""
        tasks = {task_id: record.to_json() for task_id, record in self.tasks.items()}
        data = {"format": LEDGER_FORMAT, "published": self.published, "wall_s": self.wall_s, "tasks": tasks}
        write_atomically(path, json.dumps(data, indent=0, sort_keys=True).encode() + b"\n")

    def note(self, task: Task, key: str, seconds: float, error: str = "") -> None:
        """Record how one task ended."""
        self.tasks[task.id] = TaskRecord.of(task, key, seconds, error)


_RECORD_READERS: Final[Mapping[str, Callable[[JsonObject], TaskRecord]]] = {
    LEDGER_FORMAT: TaskRecord.from_json,
    _FORMAT_1: TaskRecord.from_json_1,
}
"""How a record is read, by the ledger's format."""


class StaleTask(NamedTuple):
    """A task that has to run, and why."""

    task: Task
    key: str
    reason: str


def stale_tasks(graph: ProductionGraph, has: Callable[[str], bool], ledger: Ledger) -> list[StaleTask]:
    """Every task without its artifact, in running order, each with its reason.

    A transient artifact is made only for the sake of a stale task.
    """
    stale: dict[str, StaleTask] = {}
    for task_id in graph.order:
        key, task = graph.keys[task_id], graph.tasks[task_id]
        required = not task.transient or any(not has(graph.keys[user]) for user in graph.graph.successors(task_id))
        if required and not has(key):
            stale[task_id] = StaleTask(task, key, _reason(task, key, ledger, stale))
    return list(stale.values())


def _reason(task: Task, key: str, ledger: Ledger, stale: Mapping[str, StaleTask]) -> str:
    """Why a task is stale, in words."""
    before, now = ledger.tasks.get(task.id), TaskRecord.of(task, key, 0.0)
    if before is None:
        return "not made yet"
    if before.error:
        return f"failed last time: {before.error.splitlines()[0]}"
    if before.key == key:
        return "its artifact is gone"
    if before.inputs is None:
        return "made by an earlier version of episodic"
    reasons = differences(before.inputs, now.inputs)
    if before.version != task.version:
        reasons.append(f"{task.kind} is now version {task.version}")
    reasons += [f"{need} is stale" for need in now.upstream if need in stale]
    reasons += [f"no longer needs {need}" for need in before.upstream if need not in now.upstream]
    reasons += [f"now needs {need}" for need in now.upstream if need not in before.upstream]
    return "; ".join(reasons[:_MOST_REASONS]) or "what it needs has changed"
