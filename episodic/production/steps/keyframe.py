"""First and last frames: the pictures that a shot begins or ends with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from episodic.backbones.keyframes.keyframer import PAINTER
from episodic.backbones.keyframes.wishes import FramesWanted
from episodic.backbones.registry import open_backbone
from episodic.backbones.request import ReferencePicture
from episodic.production.blueprint import ShotBlueprint
from episodic.production.graph.needs import Needs
from episodic.production.graph.step import Cost, Step, Task, register
from episodic.production.graph.step_run import StepRun
from episodic.production.steps.parts.backbones import keyframer_of, machine_of_keyframer, notes_of_host
from episodic.production.steps.parts.shot_inputs import TIMED_SLOTS, NeedsByName, TimedShot, needs_of_timed
from episodic.production.steps.parts.take_inputs import PICTURES, located, picture_needs

__all__ = ["Keyframe", "ModelFrames", "PaintedFrames"]

VERSION = "1"
"""Changes whenever this step makes other pictures of what models and the painter give it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFrames:
    """Frames that a picture model makes from a prompt and pictures of everybody in the shot."""

    maker: str
    """What identifies the model's weights."""
    prompt: str
    last_prompt: str = ""
    """Of the last frame, which is shown the first one too; empty: as of the first."""
    references: tuple[ReferencePicture, ...]
    size: tuple[int, int]
    """The film's width and height in pixels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PaintedFrames:
    """Frames that the painter makes of the shot as `stage` plays it."""

    timed: TimedShot


@register
@dataclass(frozen=True, kw_only=True)
class Keyframe(Step):
    """Make the pictures that a shot begins or ends with."""

    kind: ClassVar = "keyframe"
    flow: ClassVar = 50
    label: ClassVar = "first frames"
    cost: ClassVar = Cost(seconds=20.0)
    slots: ClassVar = {**TIMED_SLOTS, "pictures": PICTURES}

    shot: str
    first: bool
    last: bool
    seed: int
    source: ModelFrames | PaintedFrames

    @classmethod
    def for_shot(cls, shot: ShotBlueprint) -> Iterator[Task]:
        """One task where pictures are made for the shot to begin or end with."""
        frame, episode = shot.frame, shot.episode
        if frame is None:
            return
        version = f"{VERSION}+{episode.keyframer.version}"
        timed = TimedShot.of(shot).played()
        if episode.book.model:
            references = frame.references
            source: ModelFrames | PaintedFrames = ModelFrames(
                maker=episode.keyframer.maker,
                prompt=frame.prompt,
                last_prompt=frame.last_prompt,
                references=references,
                size=episode.settings.size,
            )
            pictures = picture_needs(references, shot.id)
            needs: NeedsByName = {"pictures": pictures} if pictures else {}
        else:
            source, needs = PaintedFrames(timed=timed), needs_of_timed(shot)
            version = f"{version}+{open_backbone('stage').version}"
        step = cls(shot=shot.id, first=frame.first, last=frame.last, seed=timed.draft.seed, source=source)
        device, machine = episode.picture_device, machine_of_keyframer(episode)
        yield Task.of_shot(step, shot, version, Needs(needs), still=True, device=device, machine=machine)

    def perform(self, run: StepRun) -> None:
        """Write `first.png`, `last.png` and `keyframe.json`."""
        match self.source:
            case ModelFrames() as by_model:
                keyframer = keyframer_of(by_model.maker, run)
                wish = FramesWanted(
                    shot_id=self.shot,
                    prompt=by_model.prompt,
                    last_prompt=by_model.last_prompt,
                    references=located(by_model.references, run),
                    size=by_model.size,
                    seed=self.seed,
                    first=self.first,
                    last=self.last,
                )
            case PaintedFrames() as painted:
                keyframer, request = keyframer_of(PAINTER, run), painted.timed.request(run)
                wish = FramesWanted(
                    shot_id=self.shot,
                    prompt="",
                    references=(),
                    size=(request.width, request.height),
                    seed=self.seed,
                    first=self.first,
                    last=self.last,
                    played=request,
                )
        keyframer.frames(wish, run.folder)
        run.tell(*notes_of_host(keyframer))
