"""Any open video model as a backbone: the family states what its pipeline takes, everything else is common to all."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Final

import numpy as np
from jaxtyping import UInt8

from episodic.backbones.diffusers.families.family_registry import GENERIC, family_of, open_family
from episodic.backbones.diffusers.family import Family
from episodic.backbones.diffusers.folder.model_folder import ModelFolder
from episodic.backbones.diffusers.folder.spec import ModelSpec, resolve
from episodic.backbones.diffusers.machine.host_messages import host_messages
from episodic.backbones.diffusers.rules import Rules
from episodic.backbones.diffusers.sampling.develop import develop_take, observe_take
from episodic.backbones.diffusers.sampling.finish_take import finish_take
from episodic.backbones.diffusers.sampling.tokens import TokenCounter
from episodic.backbones.diffusers.setup import (
    ShootingSetup,
    known_frame_counts,
    model_version,
    series_rules,
    step_hook_runs,
)
from episodic.backbones.protocol import (
    Backbone,
    Capabilities,
    ControlFormat,
    HeavyModel,
    LeavesRushes,
    PromptReader,
    TakesControl,
    TakesSpeech,
)
from episodic.backbones.request import ShotRequest
from episodic.backbones.take import Rushes, Sight, Take
from episodic.consistency.retime import RETIME_VERSION
from episodic.errors import InputError
from episodic.series.machine_settings import DEFAULT_MACHINE, MachineSettings
from episodic.series.shooting_settings import DEFAULT_SHOOTING, ControlKind, Shooting

__all__ = ["ControlledSpeakingVideoModel", "ControlledVideoModel", "SpeakingVideoModel", "VideoModel", "open_video_model"]

_DEVELOP_VERSION: Final = "video-1"


class VideoModel(Backbone, LeavesRushes, PromptReader, HeavyModel):
    """A folder of open weights, run through `diffusers`. Weights are loaded to shoot.

    `open_video_model` opens it as the subclass that also implements what its family takes: control video, speech, or both.
    """

    def __init__(
        self,
        family: Family,
        folder: ModelFolder,
        control: tuple[ControlKind, ...] = (),
        shooting: Shooting = DEFAULT_SHOOTING,
        machine: MachineSettings = DEFAULT_MACHINE,
    ) -> None:
        """`control`: the control video of the series, the best first."""
        self.family, self.folder = family, folder
        self._control, self._shooting, self._machine = control, shooting, machine

    @property
    def setup(self) -> ShootingSetup:
        """The model with the settings of the series."""
        return ShootingSetup(
            folder=self.folder,
            family=self.family,
            rules=self._rules,
            capabilities=self.capabilities,
            control_kinds=self._control,
            shooting=self._shooting,
            machine=self._machine,
        )

    @cached_property
    def _rules(self) -> Rules:
        """The rules with the steps and guidance of the series."""
        return series_rules(self.family, self.folder, self._shooting)

    @cached_property
    def capabilities(self) -> Capabilities:
        """The family's capabilities, limited by the settings of the series."""
        can = self.family.capabilities(self.folder)
        hook = step_hook_runs(self.family, self.folder, self._rules)
        return dataclasses.replace(
            can,
            name=self.family.name,
            continuation_frames=max(known_frame_counts(self.family, self.folder, self._rules), default=0),
            light_guidance=self._shooting.light > 0 and hook,
        )

    @property
    def version(self) -> str:
        """Family, weights, and the code that calls them."""
        return model_version(self.family, self.folder)

    @property
    def develop_version(self) -> str:
        """Changes when film frames are made differently from the model's frames."""
        return f"{_DEVELOP_VERSION}+{RETIME_VERSION}"

    @cached_property
    def _counter(self) -> TokenCounter:
        """The counter of the model's own tokens."""
        return TokenCounter(self.folder, self.family.text_components)

    def count_tokens(self, text: str) -> int:
        """Count with the model's own tokenizer."""
        return self._counter.count(text)

    def encode_prompt(self, prompt: str, negative: str, folder: Path) -> None:
        """Write `prompt.safetensors` in `folder`: the pipeline's arguments by name. Raises BackboneError."""
        from episodic.backbones.diffusers.sampling.prompt_file import write_prompt  # imports torch

        write_prompt(self.setup, prompt, negative, folder)

    def host_messages(self) -> Sequence[str]:
        """How the model was fitted to the machine, where the user was not told before."""
        return host_messages()

    def shoot(self, request: ShotRequest) -> Take:
        """Shoot a take in as many windows as it needs. Raises BackboneError where the model cannot, or memory does not suffice."""
        return self.finish(self.expose(request))

    def expose(self, request: ShotRequest) -> Rushes:
        """Sample the windows of a take; all but the last are finished, because the next one continues them. Raises as `shoot`."""
        from episodic.backbones.diffusers.sampling.sample_take import sample_take  # imports torch

        return sample_take(self.setup, request)

    def finish(self, rushes: Rushes) -> Take:
        """Match the colours of the last window to the frames that it continues."""
        return finish_take(rushes)

    def develop(self, request: ShotRequest, take: Take) -> Iterator[UInt8[np.ndarray, "height width 3"]]:
        """Yield the take's frames at the film's rate and size."""
        return develop_take(request, take)

    def observe(self, request: ShotRequest, take: Take, frames: Sequence[int], height_px: int) -> Iterator[Sight]:
        """Yield frames of the take, with the masks of the previsualisation."""
        return observe_take(request, take, frames, height_px)


class ControlledVideoModel(VideoModel, TakesControl):
    """A video model that takes control video."""

    @property
    def control_kinds(self) -> tuple[ControlKind, ...]:
        """The control video of the series, the best first."""
        return self._control

    def control_format(self, width: int, height: int) -> ControlFormat:
        """Return the passes that the model takes, at the size and rate of its takes."""
        take_width, take_height = self.setup.size_for(width, height)
        return ControlFormat(kinds=self._control, width=take_width, height=take_height, fps=self._rules.fps)


class SpeakingVideoModel(VideoModel, TakesSpeech):
    """A video model that takes speech as fixed sound."""

    @property
    def speech_hz(self) -> int:
        """The sample rate at which its family takes speech, Hz."""
        if self.family.speech_hz is None:
            raise TypeError(f"{self.family.name} takes no speech; open its models with `open_video_model`")
        return self.family.speech_hz


class ControlledSpeakingVideoModel(ControlledVideoModel, SpeakingVideoModel):
    """A video model that takes control video and speech."""


_CLASSES: Final[Mapping[tuple[bool, bool], type[VideoModel]]] = {
    (False, False): VideoModel,
    (True, False): ControlledVideoModel,
    (False, True): SpeakingVideoModel,
    (True, True): ControlledSpeakingVideoModel,
}
"""The class of a model by whether it takes control video, and whether it takes speech."""


def open_video_model(
    spec: ModelSpec, shooting: Shooting = DEFAULT_SHOOTING, machine: MachineSettings = DEFAULT_MACHINE
) -> VideoModel:
    """Open a model as what its family, its folder and the settings of the series make it. Reads configurations only.

    Raises BackboneError where the model is missing or may not be loaded, InputError where it cannot shoot as `shooting` asks.
    """
    folder = resolve(spec)
    family = open_family(family_of(folder.class_name) or GENERIC)
    if (size := shooting.pixels()) is not None:
        series_rules(family, folder, shooting).check_size(*size, str(spec))
    control = _control_of_series(family.control_kinds(folder), shooting, spec)
    return _CLASSES[bool(control), family.speech_hz is not None](family, folder, control, shooting, machine)


def _control_of_series(kinds: tuple[ControlKind, ...], shooting: Shooting, spec: ModelSpec) -> tuple[ControlKind, ...]:
    """Return the control video of a series: the best of the `kinds` that the model takes, none, or the one that its settings name."""
    if shooting.control is None:
        return kinds[:1]
    if shooting.control == "none":
        return ()
    if shooting.control not in kinds:
        raise InputError(f"shooting.control: {spec} does not take {shooting.control}. It takes: {', '.join(kinds) or 'none'}")
    return (shooting.control,)
