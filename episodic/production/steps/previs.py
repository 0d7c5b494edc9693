"""Previsualisation: the shot as `stage` plays it, as control video for another backbone."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from episodic.backbones.previs import PREVIS_VERSION, make_previs
from episodic.backbones.protocol import ControlFormat, TakesControl
from episodic.production.blueprint import ShotBlueprint
from episodic.production.files.names import TAKE_FILE
from episodic.production.files.take_file import read_take, write_take
from episodic.production.graph.needs import Needs, Slot
from episodic.production.graph.step import Cost, Step, Task, register, task_id
from episodic.production.graph.step_run import StepRun
from episodic.production.steps.parts.shot_inputs import TIMED_SLOTS, TimedShot, needs_of_timed

__all__ = ["Previs"]


@register
@dataclass(frozen=True, kw_only=True)
class Previs(Step):
    """Play the shot with `stage` and record it as control video."""

    kind: ClassVar = "previs"
    flow: ClassVar = 60
    label: ClassVar = "previsualisation"
    cost: ClassVar = Cost(seconds=1.0, per_second=0.6)
    slots: ClassVar = {**TIMED_SLOTS, "continues": Slot.optional("previs")}

    timed: TimedShot
    control: ControlFormat

    @classmethod
    def for_shot(cls, shot: ShotBlueprint) -> Iterator[Task]:
        """One task where the backbone takes control video."""
        episode = shot.episode
        if not isinstance(episode.backbone, TakesControl):
            return
        needs = needs_of_timed(shot)
        if shot.continues:
            needs["continues"] = task_id(cls.kind, shot.continues)
        player = episode.player
        step = cls(timed=TimedShot.of(shot).played(), control=episode.backbone.control_format(*episode.settings.size))
        yield Task.of_shot(step, shot, f"{PREVIS_VERSION}+{player.version}+{player.develop_version}", Needs(needs))

    def perform(self, run: StepRun) -> None:
        """Write the passes of the control video and the take they were drawn from."""
        request, continued = self.timed.request(run), run.optional_need("continues")
        before = None if continued is None else read_take(continued / TAKE_FILE)[1]
        frames = max(1, math.ceil(request.seconds * self.control.fps - 1e-6))
        take = make_previs(request, run.folder, **dataclasses.asdict(self.control), frames=frames, before=before)
        write_take(run.folder / TAKE_FILE, request, take)
