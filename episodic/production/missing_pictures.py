"""Pictures that earlier episodes made: which tasks are shown them, and what to do where their artifacts are gone.

A request names them by their artifacts' keys. That one of them was deleted changes no key: it is made again where this episode can make
the very same, and otherwise the user is told which episode made it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from episodic.backbones.request import picture_source
from episodic.errors import InputError
from episodic.production.graph.graph import ProductionGraph
from episodic.storage.artifacts import Stored
from memory.queries.recall import Recall
from memory.store import MemoryStore

__all__ = ["Gone", "check_there", "gone_pictures", "in_order", "named_pictures"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """A picture that a task is shown, and whose artifact is not there and is made by no task of the episode."""

    task: str
    entity: str
    key: str
    episode: int | None
    """That made it, where memory says so."""


def named_pictures(inputs: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Entity and artifact's key of every picture of an earlier episode that a task is shown. `inputs`: the task's."""
    request = inputs.get("request", {})
    pictures = [*request.get("references", ()), request.get("light_from"), *inputs.get("references", ())]
    found = [(one["entity"], one["artifact"]) for one in pictures if one]
    if "like" in inputs:
        found.append(("", inputs["like"]))
    yield from (one for one in dict.fromkeys(found) if isinstance(picture_source(one[1]), Stored))


def in_order(graph: ProductionGraph) -> ProductionGraph:
    """The graph in which whatever names a picture by its key comes after the task that makes it. All keys stay."""
    makers: dict[str, str] = {}
    for task_id, key in graph.keys.items():
        makers.setdefault(key, task_id)
    waiting = {
        task.id: tuple(dict.fromkeys(makers[key] for _, key in named_pictures(task.inputs) if key in makers))
        for task in graph.tasks.values()
    }
    if not any(waiting.values()):
        return graph
    return ProductionGraph(dataclasses.replace(task, after=waiting[task.id]) for task in graph.tasks.values())


def gone_pictures(
    graph: ProductionGraph,
    stale: Collection[str],
    there: Callable[[str], bool],
    recalls: Sequence[Mapping[str, Recall]],
    memory: MemoryStore,
    branch: str,
) -> tuple[Gone, ...]:
    """What `stale` tasks cannot be shown. `recalls`: what memory found, by scene."""
    makes = set(graph.keys.values())
    named = ((task_id, *one) for task_id in stale for one in named_pictures(graph.tasks[task_id].inputs))
    # a sheet's task is called after whom it shows
    told = ((task_id, entity or task_id.rpartition("/")[2], key) for task_id, entity, key in named)
    gone = [(task_id, entity, key) for task_id, entity, key in told if key not in makes and not there(key)]
    if not gone:
        return ()
    made = _episodes_of_sheets(memory, branch, {entity for _, entity, _ in gone})
    for recall in (one for each in recalls for one in each.values()):
        seen = ((one.take.artifact, one.position.episode) for one in recall.chosen if one.take and one.position)
        made |= dict(seen)
    return tuple(Gone(task=task, entity=entity, key=key, episode=made.get(key)) for task, entity, key in gone)


def _episodes_of_sheets(memory: MemoryStore, branch: str, entities: Collection[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for fact in (one for entity in sorted(entities) for one in memory.history(entity, branch)):
        if fact.attribute == "sheet" and isinstance(fact.value, dict) and isinstance(key := fact.value.get("artifact"), str):
            found[key] = min(fact.since.episode, found.get(key, fact.since.episode))
    return found


def check_there(gone: Sequence[Gone], tasks: Collection[str], number: int) -> None:
    """Raise InputError where one of `tasks` cannot be shown its pictures, with the episodes that bring them back."""
    missing = [one for one in gone if one.task in tasks]
    if not missing:
        return
    lines = [
        f"episode {number}, {one.task}: the picture of {one.entity} is not in artifacts/ any more; it was made by "
        + (f"episode {one.episode}" if one.episode else "an earlier episode")
        for one in missing[:4]
    ]
    more = [f"… and {len(missing) - 4} more"] if len(missing) > 4 else []
    episodes = sorted({one.episode for one in missing if one.episode})
    first = " and ".join(f"episode {one}" for one in episodes) or "the episodes before it"
    raise InputError(
        "\n".join([*lines, *more, f"render {first} first (episodic render FOLDER of the series, or of its plan.yaml)"])
    )
