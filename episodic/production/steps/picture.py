"""Pictures: the frames of a take, developed and encoded once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from episodic.backbones.protocol import Backbone, is_heavy
from episodic.consistency.finish import FINISH_VERSION
from episodic.consistency.match_cut import MATCH_CUT_VERSION
from episodic.cut import ENCODER_VERSION
from episodic.cut.timeline import Segment, dissolve_frames, keyframes_for
from episodic.production.blueprint import ShotBlueprint
from episodic.production.files.names import PICTURE_FILE, TAKE_FILE
from episodic.production.files.take_file import ShotTake, read_take
from episodic.production.graph.needs import Needs, Slot
from episodic.production.graph.step import Cost, Step, Task, register, task_id
from episodic.production.graph.step_run import StepRun
from episodic.production.steps.parts.backbones import machine_of, open_developer
from episodic.production.steps.parts.match_cut import match_before
from episodic.production.steps.parts.match_scene_look import match_scene_look
from episodic.production.steps.parts.shot_inputs import NeedsByName, cut_into
from episodic.series.shooting_settings import Layer
from planners.plan.vocabulary import Transition

__all__ = ["Picture"]

VERSION = "1"
"""Changes whenever this step makes other pictures of what the backbone develops."""


@register
@dataclass(frozen=True, kw_only=True)
class Picture(Step):
    """Encode the frames of a take; keyframes stand where transitions will cut into them."""

    kind: ClassVar = "picture"
    flow: ClassVar = 100
    label: ClassVar = "pictures"
    cost: ClassVar = Cost(seconds=0.1, per_second=0.6)
    slots: ClassVar = {
        "take": Slot.single("shoot"),
        "before": Slot.optional("shoot"),
        "anchor": Slot.optional("shoot"),
    }
    """Its take; for a match cut the take before; for layers of consistency the scene's first take, where that is another."""

    backbone: str
    transition: Transition
    next_transition: Transition
    layers: tuple[Layer, ...] = ()
    """What makes its frames agree with the scene's first take."""

    @classmethod
    def for_shot(cls, shot: ShotBlueprint) -> Iterator[Task]:
        """One task for every shot."""
        episode = shot.episode
        backbone, settings = episode.backbone, episode.settings
        version = f"{VERSION}+{backbone.develop_version}+{ENCODER_VERSION}"
        layers = settings.shooting.layers(heavy=is_heavy(backbone))
        needs: NeedsByName = {"take": task_id("shoot", shot.id)}
        if shot.shot.transition == "match_cut" and shot.before is not None:
            version += f"+{MATCH_CUT_VERSION}"
            needs["before"] = task_id("shoot", shot.before.id)
        if layers:
            version += f"+{FINISH_VERSION}"
            if shot.anchor != shot.id:
                needs["anchor"] = task_id("shoot", shot.anchor)
        step = cls(
            backbone=backbone.capabilities.name,
            transition=shot.shot.transition,
            next_transition=cut_into(shot.after) if shot.after else "fade",
            layers=layers,
        )
        yield Task.of_shot(step, shot, version, Needs(needs), machine=machine_of(episode))

    def perform(self, run: StepRun) -> None:
        """Write the encoded picture."""
        from episodic.cut.encode import encode_shot  # loads av

        folder = run.need("take")
        request, take = read_take(folder / TAKE_FILE)

        def segment(name: str, transition: Transition) -> Segment:
            dissolve = dissolve_frames(request.fps)
            return Segment(id=name, path=folder, frames=request.frames, transition=transition, transition_frames=dissolve)

        keyframes = keyframes_for(
            segment(request.shot_id, self.transition), segment("next", self.next_transition), previous=segment("before", "cut")
        )
        encode_shot(
            run.folder / PICTURE_FILE,
            self._frames((request, take), run),
            width=request.width,
            height=request.height,
            fps=request.fps,
            keyframes=keyframes,
        )

    def _frames(self, shot: ShotTake, run: StepRun) -> Iterable[np.ndarray]:
        """The take's frames, in agreement with the scene's first take and, for a match cut, with the end of the take before."""
        backbone = open_developer(self.backbone, run)
        frames = self._developed(backbone, shot, run)
        before = run.optional_need("before")
        if before is None:
            return frames
        matched = match_before(backbone, read_take(before / TAKE_FILE), shot, frames)
        if matched is None:
            run.tell(f"shot {shot[0].shot_id}: its match cut is a plain cut, because who is where in the two takes is not known")
            return frames
        return matched

    def _developed(self, backbone: Backbone, shot: ShotTake, run: StepRun) -> Iterable[np.ndarray]:
        if not self.layers:
            return backbone.develop(*shot)
        anchor = run.optional_need("anchor")
        return match_scene_look(backbone, shot, shot if anchor is None else read_take(anchor / TAKE_FILE), self.layers)
