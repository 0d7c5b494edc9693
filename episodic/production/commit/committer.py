"""Committing scenes to memory as their takes are finished."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any, Final

from episodic.conditioning.cast import find_prop
from episodic.conditioning.reference_sheets import sheet_fact
from episodic.conditioning.scene_facts import circumstances
from episodic.production.commit.artifact_reader import ArtifactReader, SceneReader
from episodic.production.commit.take_records import verified_takes
from episodic.production.graph.events import Event, Listener
from episodic.production.graph.graph import ProductionGraph
from episodic.production.graph.step import Task, task_id
from episodic.production.prepare import Prepared
from episodic.production.steps.meaning import scene_text
from episodic.production.steps.sheet import Sheet
from episodic.series.series import Series
from episodic.storage.files import digest
from memory.model.canon import STORY, Relationship
from memory.model.facts import Fact, FactValue, StoryPosition
from memory.model.records import EntityRecord, SceneRecord
from memory.queries.embeddings import MiniLmEncoder
from memory.store import MemoryStore
from planners.plan.model import EXPLANATION, Scene

__all__ = ["Committer", "forget_changed_kinds"]

_COMMIT_VERSION: Final = "commit@4"
"""Part of a scene's key in memory: changes whenever the same takes would leave other records."""
_BEYOND_EPISODE: Final = 1000
"""Scenes past the end of an episode: a position that covers every scene it ever had."""


def forget_changed_kinds(ready: Prepared, memory: MemoryStore, branch: str) -> None:
    """Retract an episode's scenes if an entity introduced in it has changed kind."""
    known = memory.as_of(StoryPosition(ready.number, len(ready.plan.scenes) + _BEYOND_EPISODE), branch)
    cast = ready.cast
    characters, locations, props = cast.characters.keys(), cast.locations.keys(), cast.props.keys()
    changed = any(
        known.characters[character.id].kind != character.kind
        for character in cast.characters.values()
        if character.id in known.characters
    )
    moved = (
        known.characters.keys() & (locations | props)
        | known.locations.keys() & (characters | props)
        | known.props.keys() & (characters | locations)
    )
    if changed or moved:
        memory.forget(ready.number, branch=branch)


class Committer:
    """Commits a scene's facts once all its takes and their pictures are made, and those of the scenes before it.

    In story order, so that what a take is verified against does not depend on which of two finished first. Scenes before a branch's
    fork belong to its parent.
    """

    def __init__(
        self,
        series: Series,
        ready: Prepared,
        memory: MemoryStore,
        listen: Listener,
        *,
        graph: ProductionGraph | None = None,
        reader: SceneReader | None = None,
    ) -> None:
        """`graph`: what this run makes, by default all; scenes that are not in it as a whole are not waited for.

        `reader`: reads the scenes' artifacts, by default those of the series.
        """
        graph = graph or ready.graph
        self._series, self._ready, self._memory, self._listen = series, ready, memory, listen
        self._reader = reader or ArtifactReader(store=series.artifacts, keys=ready.graph.keys)
        self._open = {scene.id: _tasks_of(scene, ready.graph) for scene in ready.plan.scenes}
        self._waiting = [
            number for number, scene in enumerate(ready.plan.scenes, 1) if self._open[scene.id] <= graph.tasks.keys()
        ]
        self._committed = memory.committed(series.branch)

    def finished(self, task: str) -> None:
        """Note one finished task; the last one of a scene commits it."""
        for number in self.completed(task):
            self._commit(number)

    def completed(self, task: str) -> list[int]:
        """Note one finished task; the numbers of the scenes that are complete now and that memory does not have as they are."""
        for tasks in self._open.values():
            tasks.discard(task)
        complete: list[int] = []
        while self._waiting and not self._open[self._scene(self._waiting[0]).id]:
            complete.append(self._waiting.pop(0))
        return [number for number in complete if self._is_new(number)]

    def _scene(self, number: int) -> Scene:
        """A scene of the plan by its number, from 1."""
        return self._ready.plan.scenes[number - 1]

    def _is_new(self, number: int) -> bool:
        """Whether memory lacks the scene as it is now, and it is this branch's to commit."""
        position = StoryPosition(self._ready.number, number)
        return position >= self._series.fork and self._committed.get(position) != self._key(number)

    def _commit(self, number: int) -> None:
        """Commit a scene, and tell what conflicts with what memory held."""
        result = self._memory.commit(self._record(number))
        if result.written:
            text = f"scene {self._scene(number).id} is in memory"
            self._listen(Event(event="commit", text=text, episode=self._ready.number))
        for conflict in result.conflicts:
            self._listen(Event(event="conflict", text=str(conflict), episode=self._ready.number))

    def _key(self, number: int) -> str:
        """The hash of everything that a scene leaves in memory."""
        scene, cast = self._scene(number), self._ready.cast
        groups: list[Mapping[str, Any]] = [cast.characters, cast.locations, cast.props]
        named = [dataclasses.asdict(group[entity]) for entity in self._named(scene) for group in groups if entity in group]
        takes = [self._ready.graph.keys[task_id("survey", shot.id)] for shot in scene.shots]
        return digest([scene.model_dump(mode="json", exclude=EXPLANATION), named, takes, scene_text(scene), _COMMIT_VERSION])

    def _record(self, number: int) -> SceneRecord:
        """Everything that a scene leaves in memory."""
        ready, scene = self._ready, self._scene(number)
        at = StoryPosition(ready.number, number)
        entities, facts = self._identities(scene, at)
        facts += [Fact(entity=fact.entity, attribute=fact.attribute, value=fact.value, since=at) for fact in scene.facts]
        facts += circumstances(scene, at)
        return SceneRecord(
            position=at,
            branch=self._series.branch,
            scene_id=scene.id,
            title=scene.title or f"Scene {number}",
            synopsis=scene_text(scene),
            key=self._key(number),
            entities=tuple(entities),
            facts=tuple(facts),
            relations=tuple(Relationship(**relation._asdict()) for relation in scene.relations),
            opens=dict(scene.opens),
            closes=tuple(scene.closes),
            takes=verified_takes(self._reader.takes(scene), self._memory, self._series.branch, at, ready.cast),
            text_embedding=self._reader.meaning(number),
            text_encoder=MiniLmEncoder.name,
        )

    def _identities(self, scene: Scene, at: StoryPosition) -> tuple[list[EntityRecord], list[Fact]]:
        """The entities that the scene shows, and everything about them that lasts."""
        cast = self._ready.cast
        entities: list[EntityRecord] = []
        facts = [
            Fact(entity=entity, attribute="sheet", value=sheet, since=at, evidence="seen")
            for entity, sheet in self._sheets(scene, at)
        ]

        def note(entity: str, **values: FactValue) -> None:
            facts.extend(Fact(entity=entity, attribute=name, value=value, since=at) for name, value in values.items() if value)

        # a prop may have been held since an earlier scene
        named = list(dict.fromkeys([*self._named(scene), *(fact.entity for fact in facts)]))
        for character in (cast.characters[name] for name in named if name in cast.characters):
            entities.append(EntityRecord(id=character.id, kind="character", character_kind=character.kind))
            note(
                character.id,
                name=character.name,
                description=character.description,
                look=dict(character.look),
                voice=dataclasses.asdict(character.voice),
                motion=list(character.motion or self._reader.embedding(task_id("audition", character.id))),
            )
        for place in (cast.locations[name] for name in named if name in cast.locations):
            entities.append(EntityRecord(id=place.id, kind="location"))
            light: list[FactValue] = list(place.light or self._reader.embedding(task_id("light", place.id)))
            note(place.id, name=place.name, description=place.description, look=dict(place.look), light=light)
        for prop in (cast.props[name] for name in named if name in cast.props):
            entities.append(EntityRecord(id=prop.id, kind="prop"))
            note(prop.id, name=prop.name, description=prop.description)
        if any(fact.entity == STORY for fact in scene.facts):
            entities.append(EntityRecord(id=STORY, kind="story"))
        return entities, facts

    def _sheets(self, scene: Scene, at: StoryPosition) -> Iterator[tuple[str, dict[str, FactValue]]]:
        """The facts about the sheets that were made for a scene, by entity."""
        made = {task.id.rpartition("/")[2]: task for task in _sheet_tasks(scene, self._ready.graph)}
        if not made:
            return
        canon = self._memory.as_of(StoryPosition(at.episode, at.scene - 1), self._series.branch)
        groups = (canon.characters, canon.locations, canon.props)
        before = {entity.id: entity.sheet for group in groups for entity in group.values()}
        for entity, task in made.items():
            key = self._ready.graph.keys[task.id]
            if isinstance(task.step, Sheet):
                makers = (task.step.maker, task.device)
                yield entity, sheet_fact(task.step.look, makers, key, before.get(entity, {}), self._reader.views(key))

    def _named(self, scene: Scene) -> list[str]:
        """Every entity that the scene shows or states something about."""
        in_hand = [find_prop(fact.value, self._ready.cast.props) for fact in scene.facts if fact.attribute == "holding"]
        ends = [end for relation in scene.relations for end in (relation.subject, relation.object)]
        named = [*scene.people(), scene.at, *ends, *(fact.entity for fact in scene.facts)]
        return list(dict.fromkeys([*named, *(prop.id for prop in in_hand if prop is not None)]))


def _sheet_tasks(scene: Scene, graph: ProductionGraph) -> list[Task]:
    return [task for task in graph.tasks.values() if (task.kind, task.scene) == (Sheet.kind, scene.id)]


def _tasks_of(scene: Scene, graph: ProductionGraph) -> set[str]:
    """The tasks that have to be finished before a scene is committed."""
    of_shots = {task_id(kind, shot.id) for kind in ("picture", "survey") for shot in scene.shots}
    return {"meaning", *of_shots, *(task.id for task in _sheet_tasks(scene, graph))}
