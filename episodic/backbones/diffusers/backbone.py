"""Any open video model as a backbone: the family states what its pipeline takes, everything else is common to all."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Final

import numpy as np
from jaxtyping import UInt8

from episodic.backbones.diffusers.families.family_registry import GENERIC, family_of, open_family
from episodic.backbones.diffusers.family import Family
from episodic.backbones.diffusers.folder.model_folder import ModelFolder
from episodic.backbones.diffusers.folder.spec import ModelSpec, resolve
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
from episodic.backbones.protocol import Backbone, Capabilities, ControlFormat, LeavesRushes, PromptReader, TakesControl
from episodic.backbones.request import ShotRequest
from episodic.backbones.take import Rushes, Sight, Take
from episodic.consistency.retime import RETIME_VERSION
from episodic.errors import InputError
from episodic.series.machine_settings import MachineSettings
from episodic.series.shooting_settings import DEFAULT_SHOOTING, ControlKind, Shooting

__all__ = ["VideoModel"]

_DEVELOP_VERSION: Final = "video-1"


class VideoModel(Backbone, LeavesRushes, PromptReader, TakesControl):
    """A folder of open weights, run through `diffusers`. The constructor reads configurations only; weights are loaded to shoot."""

    def __init__(self, spec: ModelSpec, shooting: Shooting = DEFAULT_SHOOTING, machine: MachineSettings | None = None) -> None:
        """Raises BackboneError where the model is missing or may not be loaded, InputError where it cannot shoot as `shooting` asks."""
        self.folder: ModelFolder = resolve(spec)
        self.family: Family = open_family(family_of(self.folder.class_name) or GENERIC)
        self._shooting, self._machine, self._spec = shooting, machine or MachineSettings(), spec
        size = shooting.pixels()
        if size is not None:
            self._rules.check_size(*size, str(spec))

    @property
    def setup(self) -> ShootingSetup:
        """The model with the settings of the series."""
        return ShootingSetup(
            folder=self.folder,
            family=self.family,
            rules=self._rules,
            capabilities=self.capabilities,
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
            control=self._control(can),
            continuation_frames=max(known_frame_counts(self.family, self.folder, self._rules), default=0),
            light_guidance=self._shooting.light > 0 and hook,
            heavy=True,
        )

    def _control(self, can: Capabilities) -> tuple[ControlKind, ...]:
        """The control video of the series: the best one, none, or the one that its settings name."""
        setting = self._shooting.control
        if setting is None:
            return can.control[:1]
        if setting == "none":
            return ()
        if setting not in can.control:
            kinds = ", ".join(can.control) or "none"
            raise InputError(f"shooting.control: {self._spec} does not take {setting}. It takes: {kinds}")
        return (setting,)

    def control_format(self, width: int, height: int) -> ControlFormat:
        """Return the passes that the model takes, at the size and rate of its takes."""
        take_width, take_height = self.setup.size_for(width, height)
        return ControlFormat(kinds=self.capabilities.control, width=take_width, height=take_height, fps=self._rules.fps)

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
