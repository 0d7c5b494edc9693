"""Surveys: what a take shows and sounds like, measured for memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Final

import numpy as np
from jaxtyping import Float32
from safetensors.numpy import save_file

from episodic.production.blueprint import ShotBlueprint
from episodic.production.files.names import TAKE_FILE, sound_beside
from episodic.production.files.speech_file import read_speech
from episodic.production.files.take_file import read_take
from episodic.production.graph.needs import Needs, Slot
from episodic.production.graph.step import Cost, Step, Task, register, task_id
from episodic.production.graph.step_run import StepRun
from episodic.production.steps.parts.backbones import machine_of, open_developer
from episodic.production.steps.parts.shot_inputs import NeedsByName, speech_ids
from episodic.quality.survey import survey_take, survey_version, write_survey
from episodic.sound.audio import SAMPLE_RATE

__all__ = ["Survey"]

_REMEMBERED_S: Final = 4.0
"""Seconds of sound that go into memory with a key frame."""


@register
@dataclass(frozen=True, kw_only=True)
class Survey(Step):
    """Measure a take's picture and sound, and keep its key frames as pictures."""

    kind: ClassVar = "survey"
    flow: ClassVar = 110
    label: ClassVar = "surveys"
    cost: ClassVar = Cost(seconds=0.4)
    slots: ClassVar = {"take": Slot.single("shoot"), "speech": Slot.ordered("speech")}

    backbone: str

    @classmethod
    def for_shot(cls, shot: ShotBlueprint) -> Iterator[Task]:
        """One task for every shot."""
        backbone = shot.episode.backbone
        needs: NeedsByName = {"take": task_id("shoot", shot.id)}
        if shot.shot.lines:
            needs["speech"] = speech_ids(shot.shot)
        version = f"{survey_version()}+{backbone.develop_version}"
        step = cls(backbone=backbone.capabilities.name)
        yield Task.of_shot(step, shot, version, Needs(needs), machine=machine_of(shot.episode))

    def perform(self, run: StepRun) -> None:
        """Write the survey, its key frames, and beside each the sound around it where the backbone makes sound."""
        request, take = read_take(run.need("take") / TAKE_FILE)
        lines = zip(request.speech, run.needs("speech"), strict=True)
        spoken = [(cue.speaker, read_speech(folder).samples) for cue, folder in lines]
        survey = survey_take(open_developer(self.backbone, run), request, take, spoken, run.folder)
        write_survey(run.folder, survey)
        if "sound" in take.arrays:
            for frame in survey.key_frames:
                sound = _around(take.arrays["sound"], frame.frame / request.fps)
                save_file({"sound": sound}, sound_beside(run.folder / frame.file))


def _around(sound: Float32[np.ndarray, "channel sample"], second: float) -> Float32[np.ndarray, "channel sample"]:
    """The part of a take's sound around a key frame."""
    length = min(sound.shape[1], round(_REMEMBERED_S * SAMPLE_RATE))
    first = int(np.clip(round(second * SAMPLE_RATE) - length // 2, 0, sound.shape[1] - length))
    return np.ascontiguousarray(sound[:, first : first + length])
