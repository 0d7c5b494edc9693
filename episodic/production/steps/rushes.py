"""Rushes: the part of a take that needs the video model."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from episodic.backbones.protocol import LeavesRushes, is_heavy
from episodic.backbones.take import Rushes as Unfinished
from episodic.production.blueprint import ShotBlueprint
from episodic.production.files.names import RUSHES_FILE
from episodic.production.files.take_file import write_rushes
from episodic.production.graph.step import Cost, Step, Task, register
from episodic.production.graph.step_run import StepRun
from episodic.production.steps.parts.backbones import machine_of, notes_of_host, open_shooter
from episodic.production.steps.parts.take_inputs import TAKE_SLOTS, TakeInputs, needs_of_take, take_version

__all__ = ["Rushes"]

VERSION = "1"
"""Changes whenever this step makes other rushes of what the model gives it."""


@register
@dataclass(frozen=True, kw_only=True)
class Rushes(Step):
    """Shoot what needs the video model: length from speech, memory from canon and auditions, movement from `stage`."""

    kind: ClassVar = "rushes"
    flow: ClassVar = 80
    label: ClassVar = "rushes"
    cost: ClassVar = Cost(seconds=20.0, per_second=45.0, guess=True)
    slots: ClassVar = TAKE_SLOTS
    transient: ClassVar = True

    inputs: TakeInputs

    @classmethod
    def for_shot(cls, shot: ShotBlueprint) -> Iterator[Task]:
        """One task where the backbone samples pixels."""
        episode = shot.episode
        if is_heavy(episode.backbone):
            step, version = cls(inputs=TakeInputs.of(shot)), take_version(VERSION, shot)
            yield Task.of_shot(step, shot, version, needs_of_take(shot), device=episode.device, machine=machine_of(episode))

    def perform(self, run: StepRun) -> None:
        """Write the rushes. Where several takes are judged they are whole takes, since a take is judged when it is finished."""
        inputs = self.inputs
        backbone, request = open_shooter(inputs.backbone, inputs.shooting, run), inputs.request(run)
        if inputs.shooting.takes == 1 and isinstance(backbone, LeavesRushes):
            exposed = backbone.expose(request)
        else:
            exposed = Unfinished(take=inputs.best_take(backbone, request))
        write_rushes(run.folder / RUSHES_FILE, exposed)
        run.tell(*notes_of_host(backbone))
