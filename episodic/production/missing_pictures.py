"""Pictures of earlier episodes whose artifacts are gone: the error that names the episodes that bring them back.

A request names a picture by the key of its artifact, so a deleted artifact changes no key. The graph makes it again where this
episode can make the very same one (`steps.sheet`); otherwise the user has to render the episode that made it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from episodic.errors import InputError
from episodic.production.graph.graph import ProductionGraph
from episodic.production.graph.ledger import StaleTask
from memory.queries.recall import Recall
from memory.store import MemoryStore

__all__ = ["MissingPicture", "check_pictures", "find_missing"]

_MOST_LINES: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingPicture:
    """A picture that a task needs, whose artifact is neither stored nor made by the episode."""

    task: str
    entity: str
    key: str
    """Of the artifact."""
    episode: int | None
    """The episode that made it, where memory knows."""


def find_missing(
    graph: ProductionGraph,
    stale: Iterable[StaleTask],
    has: Callable[[str], bool],
    recalls: Iterable[Mapping[str, Recall]],
    memory: MemoryStore,
    branch: str,
) -> tuple[MissingPicture, ...]:
    """The pictures that stale tasks need in vain. `recalls`: the memories that the shots were conditioned on, by scene."""
    tasks = [entry.task.id for entry in stale]
    missing = [(task_id, _entity(task_id, name), key) for task_id, name, key in graph.missing(tasks, has)]
    if not missing:
        return ()
    episodes = _episodes_of_sheets(memory, branch, {entity for _, entity, _ in missing}) | _episodes_of_takes(recalls)
    return tuple(
        MissingPicture(task=task_id, entity=entity, key=key, episode=episodes.get(key)) for task_id, entity, key in missing
    )


def _entity(task_id: str, need: str) -> str:
    """The entity that a stored picture shows: named by the need (`pictures.mara:KEY`), else the task's own (`sheet:s01.1/mara`)."""
    _, _, picture = need.partition(".")
    return picture.partition(":")[0] or task_id.rpartition("/")[2]


def _episodes_of_sheets(memory: MemoryStore, branch: str, entities: Collection[str]) -> dict[str, int]:
    """The first episode whose memory names a sheet, by the sheet's key."""
    episodes: dict[str, int] = {}
    for entity in sorted(entities):
        for fact in memory.history(entity, branch):
            if fact.attribute == "sheet" and isinstance(fact.value, dict) and isinstance(key := fact.value.get("artifact"), str):
                episodes[key] = min(fact.since.episode, episodes.get(key, fact.since.episode))
    return episodes


def _episodes_of_takes(recalls: Iterable[Mapping[str, Recall]]) -> dict[str, int]:
    """The episode of each remembered key frame, by the key of its artifact."""
    memories = (memory for by_scene in recalls for recall in by_scene.values() for memory in recall.chosen)
    return {memory.take.artifact: memory.position.episode for memory in memories if memory.take and memory.position}


def check_pictures(missing: Sequence[MissingPicture], tasks: Collection[str], number: int) -> None:
    """Raise InputError where one of `tasks` needs a missing picture, with the episodes that bring them back."""
    needed = [picture for picture in missing if picture.task in tasks]
    if not needed:
        return
    lines = [
        f"episode {number}, {picture.task}: the picture of {picture.entity} is not in artifacts/ any more; it was made by "
        + (f"episode {picture.episode}" if picture.episode else "an earlier episode")
        for picture in needed[:_MOST_LINES]
    ]
    if len(needed) > _MOST_LINES:
        lines.append(f"… and {len(needed) - _MOST_LINES} more")
    episodes = sorted({picture.episode for picture in needed if picture.episode})
    first = " and ".join(f"episode {episode}" for episode in episodes) or "the episodes before it"
    lines.append(f"render {first} first (episodic render FOLDER of the series, or of its plan.yaml)")
    raise InputError("\n".join(lines))
