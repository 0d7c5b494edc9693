"""Auditions: how a new character moves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from episodic.production.blueprint import ShotBlueprint
from episodic.production.files.embedding_file import write_embedding
from episodic.production.graph.step import Cost, Step, Task, register, task_id
from episodic.production.graph.step_run import StepRun
from episodic.production.steps.parts.backbones import open_auditions
from memory.model.canon import CharacterKind

__all__ = ["Audition"]


@register
@dataclass(frozen=True, kw_only=True)
class Audition(Step):
    """Audition a new character: the motion embedding that memory keeps."""

    kind: ClassVar = "audition"
    flow: ClassVar = 10
    label: ClassVar = "auditions"
    cost: ClassVar = Cost(seconds=0.3)

    backbone: str
    character: CharacterKind
    description: str
    seed: int

    @classmethod
    def for_shot(cls, shot: ShotBlueprint) -> Iterator[Task]:
        """One task for each newcomer in the shot."""
        player = shot.episode.player
        for entity in shot.brief.auditions:
            character = shot.episode.cast.characters[entity]
            step = cls(
                backbone=player.capabilities.name,
                character=character.kind,
                description=character.description,
                seed=character.seed,
            )
            yield Task(id=task_id(cls.kind, entity), step=step, version=player.version)

    def perform(self, run: StepRun) -> None:
        """Write the motion embedding."""
        backbone = open_auditions(self.backbone)
        write_embedding(run.folder, backbone.audition(self.character, self.description, self.seed))
