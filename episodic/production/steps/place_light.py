"""Light set-ups: how a new place is lit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from episodic.production.blueprint import ShotBlueprint
from episodic.production.files.embedding_file import write_embedding
from episodic.production.graph.step import Cost, Step, Task, register, task_id
from episodic.production.graph.step_run import StepRun
from episodic.production.steps.parts.backbones import open_auditions

__all__ = ["PlaceLight"]


@register
@dataclass(frozen=True, kw_only=True)
class PlaceLight(Step):
    """Set up the light of a new place: the light embedding that memory keeps."""

    kind: ClassVar = "light"
    flow: ClassVar = 20
    label: ClassVar = "light"
    noun: ClassVar = "light set-up"
    cost: ClassVar = Cost(seconds=0.2)

    backbone: str
    description: str
    seed: int

    @classmethod
    def for_shot(cls, shot: ShotBlueprint) -> Iterator[Task]:
        """One task where the shot's place is new."""
        if shot.brief.light_audition:
            player, place = shot.episode.player, shot.episode.cast.locations[shot.scene.at]
            description = f"{place.name}, {place.description}"
            step = cls(backbone=player.capabilities.name, description=description, seed=place.seed)
            yield Task(id=task_id(cls.kind, place.id), step=step, version=player.version)

    def perform(self, run: StepRun) -> None:
        """Write the light embedding."""
        write_embedding(run.folder, open_auditions(self.backbone).audition_light(self.description, self.seed))
