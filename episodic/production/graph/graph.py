"""The production graph: the tasks that make an episode, as a DAG.

A task's key is the hash of its kind, its version, its typed inputs and the keys of what it needs, by name. A task whose artifact
exists under its key is done. That one rule gives resume, re-render after an edit, and sharing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

import networkx as nx

from episodic.production.graph.needs import Arity, Need, Needs
from episodic.production.graph.step import Task, key_of
from episodic.storage.artifacts import Stored

__all__ = ["ProductionGraph"]


class ProductionGraph:
    """All tasks of one episode, validated: every need has a maker of a kind that its slot takes, and there is no cycle.

    A task that needs a stored artifact comes after the task that makes the very same artifact, where the graph has one.
    Raises ValueError naming the tasks (a bug of ours).
    """

    def __init__(self, tasks: Iterable[Task]) -> None:
        self.tasks: dict[str, Task] = {}
        for task in tasks:
            if task.id in self.tasks:
                raise ValueError(f"two tasks are called {task.id}")
            self.tasks[task.id] = task
        for task in self.tasks.values():
            _check_needs(task, self.tasks)
        self.graph = nx.DiGraph()
        self.graph.add_nodes_from(self.tasks)
        self.graph.add_edges_from((need, task.id) for task in self.tasks.values() for need in _makers_named(task))
        self._check_acyclic()
        self.keys: dict[str, str] = {}
        for task_id in self._sorted():
            task = self.tasks[task_id]
            self.keys[task_id] = key_of(task, task.needs.map(self._key))
        self._wait_for_remakes()
        self._check_acyclic()
        self.order: tuple[str, ...] = self._sorted()

    def _key(self, need: Need) -> str:
        """The key of the artifact that fills a need."""
        return need.key if isinstance(need, Stored) else self.keys[need]

    def _sorted(self) -> tuple[str, ...]:
        """Every task after those it needs, and otherwise in the order in which the tasks were planned."""
        place = {task_id: number for number, task_id in enumerate(self.tasks)}
        return tuple(nx.lexicographical_topological_sort(self.graph, key=place.__getitem__))

    def _wait_for_remakes(self) -> None:
        """Put whatever needs a stored artifact after the task that makes it again."""
        makers: dict[str, str] = {}
        for task_id, key in self.keys.items():
            makers.setdefault(key, task_id)
        for task in self.tasks.values():
            for stored in stored_needs(task).values():
                if stored.key in makers:
                    self.graph.add_edge(makers[stored.key], task.id)

    def _check_acyclic(self) -> None:
        if not nx.is_directed_acyclic_graph(self.graph):
            cycle = " -> ".join(edge[0] for edge in nx.find_cycle(self.graph))
            raise ValueError(f"the tasks wait for each other: {cycle}")

    def upstream(self, task_id: str) -> tuple[str, ...]:
        """The tasks that have to be done before a task, without those that these wait for."""
        return tuple(self.graph.predecessors(task_id))

    def keys_of_needs(self, task_id: str) -> Needs[str]:
        """The keys of the artifacts that a task needs, by name."""
        return self.tasks[task_id].needs.map(self._key)

    def missing(self, tasks: Collection[str], has: Callable[[str], bool]) -> Iterator[tuple[str, str, str]]:
        """Stored artifacts that some of `tasks` need, and that are neither stored any more nor made again.

        Yields the task's id, the name of the need and the artifact's key.
        """
        made = set(self.keys.values())
        for task_id in tasks:
            for name, stored in stored_needs(self.tasks[task_id]).items():
                if stored.key not in made and not has(stored.key):
                    yield task_id, name, stored.key

    def only(self, name: str) -> ProductionGraph:
        """The part that makes one scene or one shot. Raises KeyError when there is none of that name."""
        chosen = {task.id for task in self.tasks.values() if name in (task.scene, task.shot)}
        if not chosen:
            raise KeyError(name)
        for task_id in tuple(chosen):
            chosen |= nx.ancestors(self.graph, task_id)
        return ProductionGraph(task for task in self.tasks.values() if task.id in chosen)


def stored_needs(task: Task) -> Mapping[str, Stored]:
    """The stored artifacts that a task needs, by name."""
    return {name: need for name, need in task.needs.flat() if isinstance(need, Stored)}


def _makers_named(task: Task) -> Iterator[str]:
    return (need for _, need in task.needs.flat() if not isinstance(need, Stored))


def _check_needs(task: Task, tasks: Mapping[str, Task]) -> None:
    """Raise ValueError unless a task is given exactly what the slots of its step take."""
    slots = task.step.slots
    for name in task.needs.values:
        if name not in slots:
            raise ValueError(f"{task.id}: {task.kind} needs nothing called {name!r}; it needs: {', '.join(slots) or 'nothing'}")
        expected, given = slots[name].arity, task.needs.arity(name)
        if given is not expected and (given, expected) != (Arity.ONE, Arity.OPTIONAL):
            raise ValueError(f"{task.id}: {task.kind} takes {expected.value} as {name!r}, not {given.value}")
    for name, slot in slots.items():
        if slot.arity is Arity.ONE and name not in task.needs.values:
            raise ValueError(f"{task.id}: {task.kind} needs a {' or '.join(slot.kinds)} as {name!r}, and is given none")
    for label, need in task.needs.flat():
        slot = slots[label.partition(".")[0]]
        if isinstance(need, Stored):
            if not slot.stored:
                raise ValueError(f"{task.id}: {task.kind} takes no stored artifact as {label!r}")
        elif need not in tasks:
            raise ValueError(f"{task.id} needs {need}, which no task makes")
        elif tasks[need].kind not in slot.kinds:
            raise ValueError(f"{task.id}: {task.kind} takes a {' or '.join(slot.kinds)} as {label!r}, and is given {need}")
