"""From an episode's blueprint to its production graph."""

from __future__ import annotations

from collections.abc import Iterator

from episodic.production.blueprint import EpisodeBlueprint
from episodic.production.graph.graph import ProductionGraph
from episodic.production.graph.step import Task
from episodic.production.steps import step_kinds

__all__ = ["build_graph"]


def build_graph(episode: EpisodeBlueprint) -> ProductionGraph:
    """All tasks of one episode, in story order and, for each shot, in the order of the flow.

    Raises ValueError where two shots plan different tasks of one id, or a task is not given what its step needs (a bug of ours).
    """
    tasks: dict[str, Task] = {}
    for task in _planned(episode):
        if tasks.setdefault(task.id, task) != task:
            raise ValueError(f"two shots plan different tasks {task.id}")
    return ProductionGraph(tasks.values())


def _planned(episode: EpisodeBlueprint) -> Iterator[Task]:
    """Every task, as each class of steps plans it."""
    kinds = step_kinds().values()
    for scene in episode.scenes:
        for shot in scene.shots:
            for kind in kinds:
                yield from kind.for_shot(shot)
        for kind in kinds:
            yield from kind.for_scene(scene)
    for kind in kinds:
        yield from kind.for_episode(episode)
