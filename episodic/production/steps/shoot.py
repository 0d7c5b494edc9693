"""Takes: the shot as the backbone shoots it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from episodic.backbones.protocol import LeavesRushes, is_heavy
from episodic.conditioning.delivery import check_received
from episodic.production.blueprint import ShotBlueprint
from episodic.production.files.names import RUSHES_FILE, TAKE_FILE
from episodic.production.files.take_file import read_rushes, write_take
from episodic.production.graph.needs import Needs, Slot
from episodic.production.graph.step import Cost, Step, Task, register, task_id
from episodic.production.graph.step_run import StepRun
from episodic.production.steps.parts.backbones import machine_of, open_shooter
from episodic.production.steps.parts.take_inputs import TAKE_SLOTS, TakeInputs, needs_of_take, take_version
from episodic.production.take_selection import as_shot

__all__ = ["Shoot"]

VERSION = "1"
"""Changes whenever this step makes other takes of what the backbone gives it."""


@register
@dataclass(frozen=True, kw_only=True)
class Shoot(Step):
    """Shoot one take: from its request, or from its rushes where the video model left some."""

    kind: ClassVar = "shoot"
    flow: ClassVar = 90
    label: ClassVar = "shots"
    cost: ClassVar = Cost(seconds=0.4, per_second=0.03)
    slots: ClassVar = {**TAKE_SLOTS, "rushes": Slot.optional("rushes")}

    inputs: TakeInputs

    @classmethod
    def for_shot(cls, shot: ShotBlueprint) -> Iterator[Task]:
        """One task for every shot."""
        episode, needs = shot.episode, needs_of_take(shot)
        if is_heavy(episode.backbone):
            needs = Needs({**needs.values, "rushes": task_id("rushes", shot.id)})
        step, version = cls(inputs=TakeInputs.of(shot)), take_version(VERSION, shot)
        yield Task.of_shot(step, shot, version, needs, machine=machine_of(episode))

    def perform(self, run: StepRun) -> None:
        """Write the take, with what it received of what its request handed over."""
        inputs, rushes = self.inputs, run.optional_need("rushes")
        backbone, request = open_shooter(inputs.backbone, inputs.shooting, run), inputs.request(run)
        if rushes is None:
            take = inputs.best_take(backbone, request)
        else:
            exposed = read_rushes(rushes / RUSHES_FILE)
            take = backbone.finish(exposed) if isinstance(backbone, LeavesRushes) else exposed.take
        request = as_shot(request, take)
        check_received(request, take, backbone)
        write_take(run.folder / TAKE_FILE, request, take)
