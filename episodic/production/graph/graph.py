"""The production graph: the tasks that make an episode, as a DAG, and what of it is stale.

A task's key is the hash of its kind, its kind's version, its inputs and the keys of what it needs. A task whose artifact
exists under its key is done. That one rule gives resume, re-render after an edit, and sharing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

import networkx as nx

from episodic.storage.artifacts import TRANSIENT
from episodic.storage.files import digest

__all__ = ["KINDS", "ProductionGraph", "Task", "TaskKind", "key_of"]

TaskKind = Literal[
    "audition",
    "light",
    "speech",
    "sheet",
    "keyframe",
    "previs",
    "prompt",
    "rushes",
    "shoot",
    "picture",
    "survey",
    "mix",
    "meaning",
    "cut",
]
KINDS: tuple[TaskKind, ...] = get_args(TaskKind)
"""Every kind of task, in the order of the flow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One step: (kind, inputs, what it needs) -> one artifact."""

    id: str
    kind: TaskKind
    version: str
    """Changes whenever the same inputs would give another artifact."""
    inputs: Mapping[str, Any]
    """JSON: everything the task reads that is not an artifact."""
    needs: tuple[str, ...] = ()
    """Ids of the tasks whose artifacts it reads, in the order it reads them."""
    after: tuple[str, ...] = field(default=(), compare=False)
    """Ids of tasks that have to be done before, whose artifacts its inputs name by their keys."""
    scene: str = ""
    shot: str = ""
    length_s: float = field(default=0.0, compare=False)
    """Estimated length of what it makes; for the estimate of time only."""
    device: str = ""
    """The model that it needs loaded, where that takes a process to itself; tasks of one model run one after the other."""
    transient: bool = False
    """Its artifact is large and only on the way to another: it goes as soon as what needs it is made."""
    aside: Mapping[str, Any] = field(default_factory=dict, compare=False)
    """JSON: what the task is told besides its inputs. It says how the artifact is made, not what it is, and is no part of its key."""


def key_of(task: Task, needs: Sequence[str]) -> str:
    """The key of a task's artifact. `needs`: the keys of what it needs."""
    key = digest([task.kind, task.version, dict(task.inputs), list(needs)])
    return f"{TRANSIENT}{key}" if task.transient else key


class ProductionGraph:
    """All tasks of one episode, validated: no missing producer, no cycle. Raises ValueError naming the tasks (our bug)."""

    def __init__(self, tasks: Iterable[Task]) -> None:
        self.tasks: dict[str, Task] = {}
        for task in tasks:
            if task.id in self.tasks:
                raise ValueError(f"two tasks are called {task.id}")
            self.tasks[task.id] = task
        graph = nx.DiGraph()
        graph.add_nodes_from(self.tasks)
        for task in self.tasks.values():
            for need in (*task.needs, *task.after):
                if need not in self.tasks:
                    raise ValueError(f"{task.id} needs {need}, which no task makes")
                graph.add_edge(need, task.id)
        if not nx.is_directed_acyclic_graph(graph):
            cycle = " -> ".join(edge[0] for edge in nx.find_cycle(graph))
            raise ValueError(f"the tasks wait for each other: {cycle}")
        self.graph = graph
        place = {task_id: number for number, task_id in enumerate(self.tasks)}
        self.order: tuple[str, ...] = tuple(nx.lexicographical_topological_sort(graph, key=place.__getitem__))
        self.keys: dict[str, str] = {}
        for task_id in self.order:
            task = self.tasks[task_id]
            self.keys[task_id] = key_of(task, [self.keys[need] for need in task.needs])

    def only(self, name: str) -> ProductionGraph:
        """The part that makes one scene or one shot. Raises KeyError when there is none of that name."""
        wanted = {task.id for task in self.tasks.values() if name in (task.scene, task.shot)}
        if not wanted:
            raise KeyError(name)
        for task_id in tuple(wanted):
            wanted |= nx.ancestors(self.graph, task_id)
        return ProductionGraph(task for task in self.tasks.values() if task.id in wanted)
