"""The ledger: what the last run made of each task, beside the plan. It explains; it decides nothing.

Format `episodic/ledger@1` (`episodes/NN/ledger.json`). Losing it loses only the reasons in `--dry-run` and the measured times.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from episodic.production.graph.graph import ProductionGraph, Task
from episodic.storage.files import write_atomically

__all__ = ["LEDGER_FORMAT", "Ledger", "StaleTask", "stale_tasks"]

LEDGER_FORMAT: Final = "episodic/ledger@1"
_PERFORMER: Final = re.compile(r"^request\.(?:performers\[([a-z]\w*)\])?")
"""How the path to what a shot asks for begins: all of it but the performer tells nobody anything."""


@dataclass(slots=True)
class Ledger:
    """Per task id: key, version, inputs, needs, seconds and, when it failed, the error."""

    tasks: dict[str, dict[str, Any]] = field(default_factory=dict)
    published: str = ""
    """Key of the cut that lies beside the plan."""
    wall_s: float = 0.0
    """Wall time of the last run that made anything."""

    @classmethod
    def read(cls, path: Path) -> Ledger:
        """The ledger at `path`; an empty one when there is none, or none that this version reads."""
        try:
            data = json.loads(path.read_text("utf-8"))
            if data["format"] != LEDGER_FORMAT:
                return cls()
            return cls(tasks=dict(data["tasks"]), published=str(data["published"]), wall_s=float(data["wall_s"]))
        except (OSError, ValueError, KeyError, TypeError):
            return cls()

    def write(self, path: Path) -> None:
        """Write atomically."""
        data = {"format": LEDGER_FORMAT, "published": self.published, "wall_s": self.wall_s, "tasks": self.tasks}
        write_atomically(path, json.dumps(data, indent=0, sort_keys=True).encode() + b"\n")

    def note(self, task: Task, key: str, seconds: float, error: str = "") -> None:
        """Record how one task ended."""
        self.tasks[task.id] = {
            "key": key,
            "version": task.version,
            "inputs": dict(task.inputs),
            "needs": list(task.needs),
            "seconds": round(seconds, 3),
            "error": error,
        }


@dataclass(frozen=True, slots=True)
class StaleTask:
    """A task that has to run, and why."""

    task: Task
    key: str
    reason: str


def stale_tasks(graph: ProductionGraph, has: Callable[[str], bool], ledger: Ledger) -> list[StaleTask]:
    """Every task without its artifact, in running order, each with its reason. What is transient is wanted only on the way to a stale task."""
    stale: dict[str, StaleTask] = {}
    for task_id in graph.order:
        key, task = graph.keys[task_id], graph.tasks[task_id]
        wanted = not task.transient or any(not has(graph.keys[one]) for one in graph.graph.successors(task_id))
        if wanted and not has(key):
            stale[task_id] = StaleTask(task, key, _reason(task, key, ledger, stale))
    return list(stale.values())


def _reason(task: Task, key: str, ledger: Ledger, stale: Mapping[str, StaleTask]) -> str:
    before = ledger.tasks.get(task.id)
    if before is None:
        return "not made yet"
    if before["error"]:
        return f"failed last time: {before['error'].splitlines()[0]}"
    if before["key"] == key:
        return "its artifact is gone"
    reasons = _differences(before["inputs"], json.loads(json.dumps(dict(task.inputs))))
    if before["version"] != task.version:
        reasons.append(f"{task.kind} is now version {task.version}")
    reasons += [f"{need} is stale" for need in task.needs if need in stale]
    gone = [need for need in before["needs"] if need not in task.needs]
    new = [need for need in task.needs if need not in before["needs"]]
    reasons += [f"no longer needs {need}" for need in gone] + [f"now needs {need}" for need in new]
    return "; ".join(reasons[:4]) or "what it needs has changed"


def _differences(old: Any, new: Any, path: str = "") -> list[str]:
    if type(old) is type(new) and isinstance(old, dict):
        names = list(dict.fromkeys([*old, *new]))
        return [one for name in names for one in _differences(old.get(name), new.get(name), f"{path}.{name}" if path else name)]
    if type(old) is type(new) and isinstance(old, list) and len(old) == len(new):
        pairs = enumerate(zip(old, new, strict=True))
        return [one for number, (a, b) in pairs for one in _differences(a, b, f"{path}[{_called(b, number)}]")]
    if old == new:
        return []
    return [f"{_readable(path)} changed from {_short(old)} to {_short(new)}"]


def _readable(path: str) -> str:
    """`request.performers[mara].look.coat.color` as `mara.look.coat.color`."""
    return _PERFORMER.sub(r"\1", path)


def _called(value: Any, number: int) -> str:
    """What stands for an element of a list: its id, where it has one."""
    return str(value.get("id", number)) if isinstance(value, dict) else str(number)


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 48 else text[:45] + "…"
