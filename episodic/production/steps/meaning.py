"""Meaning: what each scene is about, as vectors, by which memory finds scenes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from episodic.production.blueprint import EpisodeBlueprint
from episodic.production.files.embedding_file import write_embeddings
from episodic.production.graph.step import Cost, Step, Task, register
from episodic.production.graph.step_run import StepRun
from memory.queries.embeddings import MiniLmEncoder
from planners.plan.model import Scene

__all__ = ["Meaning", "scene_text"]


@register
@dataclass(frozen=True, kw_only=True)
class Meaning(Step):
    """Encode the text of every scene as a vector."""

    kind: ClassVar = "meaning"
    flow: ClassVar = 130
    label: ClassVar = "memory"
    cost: ClassVar = Cost(seconds=4.0)

    texts: tuple[str, ...]

    @classmethod
    def for_episode(cls, episode: EpisodeBlueprint) -> Iterator[Task]:
        """One task for the episode."""
        step = cls(texts=tuple(scene_text(scene) for scene in episode.plan.scenes))
        yield Task(id=cls.kind, step=step, version=MiniLmEncoder.name)

    def perform(self, run: StepRun) -> None:
        """Write one vector for each scene."""
        write_embeddings(run.folder, MiniLmEncoder().encode(list(self.texts)))


def scene_text(scene: Scene) -> str:
    """The words that memory keeps of a scene."""
    return scene.synopsis or scene.goal or scene.title or scene.id
