"""Any open video model as a backbone: the family says what its pipeline takes, everything else is common to all."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from jaxtyping import UInt8

from episodic.backbones.diffusers.families.registry import GENERIC, family_of, open_family
from episodic.backbones.diffusers.folder.spec import ModelSpec, resolve
from episodic.backbones.diffusers.machine.plan import MachineSettings
from episodic.backbones.diffusers.rules import Rules
from episodic.backbones.diffusers.sampling.tokens import TokenCounter
from episodic.backbones.protocol import Backbone, Capabilities, ControlFormat, LeavesRushes, PromptReader, TakesControl
from episodic.backbones.request import ShotRequest
from episodic.backbones.take import Rushes, Sight, Take
from episodic.errors import InputError
from episodic.series.shooting_settings import DEFAULT_SHOOTING, ControlKind, Shooting

if TYPE_CHECKING:
    from episodic.backbones.diffusers.family import Family
    from episodic.backbones.diffusers.folder.model_folder import ModelFolder

__all__ = ["PINNED_FRAMES", "SHOOT_VERSION", "VideoModel"]

SHOOT_VERSION: Final = "2"
"""Changes whenever the same request would be shot otherwise by what is common to all families."""
_DEVELOP_VERSION: Final = "video-1"
_DRAFT_AREA: Final = 0.25
"""Area of a cheap take, as a share of a full one's."""
PINNED_FRAMES: Final = 5
"""How many frames of the take before are pinned while denoising, in models that have a hook and no slot for known frames."""


class VideoModel(Backbone, LeavesRushes, PromptReader, TakesControl):
    """A folder of open weights, shot with through `diffusers`. Making one reads configurations only; weights are loaded to shoot."""

    def __init__(self, spec: ModelSpec, shooting: Shooting = DEFAULT_SHOOTING, machine: MachineSettings | None = None) -> None:
        """Raises BackboneError where the model is not there or may not be loaded, InputError where `shooting` asks what it cannot do."""
        self.folder: ModelFolder = resolve(spec)
        self.family: Family = open_family(family_of(self.folder.class_name) or GENERIC)
        self.shooting, self.machine = shooting, machine or MachineSettings()
        self._spec = spec
        size = shooting.pixels()
        if size is not None:
            self.rules.check_size(*size, str(spec))

    @cached_property
    def capabilities(self) -> Capabilities:
        """The family's, as far as the series' settings let them."""
        can = self.family.capabilities(self.folder)
        return dataclasses.replace(
            can,
            name=self.family.name,
            control=self._control(can),
            continuation_frames=max(self.known_frames, default=0),
            light_guidance=self.shooting.light > 0 and self._hooked,
            heavy=True,
        )

    def _control(self, can: Capabilities) -> tuple[ControlKind, ...]:
        said = self.shooting.control
        if said is None:
            return can.control[:1]
        if said == "none":
            return ()
        if said not in can.control:
            raise InputError(f"shooting.control: {self._spec} takes no {said}. It takes: {', '.join(can.control) or 'none'}")
        return (said,)

    @cached_property
    def rules(self) -> Rules:
        """Frame counts, sizes, rate, with the series' own steps and guidance."""
        rules, said = self.family.rules(self.folder), self.shooting
        steps = rules.steps if said.steps is None else said.steps
        guidance = rules.guidance if said.guidance is None else said.guidance
        return dataclasses.replace(rules, steps=steps, guidance=guidance, draft_steps=min(rules.draft_steps, steps))

    @cached_property
    def known_frames(self) -> tuple[int, ...]:
        """How many known frames a window can begin with: in the model's slot for them, else pinned while denoising."""
        slots = self.family.known_frames(self.folder)
        return slots if slots or not self.pins else (self.rules.frames_for(PINNED_FRAMES),)

    @property
    def pins(self) -> bool:
        """Whether known frames are pinned in latents, because the model has no slot for them."""
        return not self.family.known_frames(self.folder) and self._hooked

    @property
    def _hooked(self) -> bool:
        """Whether something can be done to the latents between two steps; of one step there is no between."""
        return self.family.hooks(self.folder) and min(self.rules.steps, self.rules.draft_steps) > 1

    def size_for(self, width: int, height: int, *, draft: bool = False) -> tuple[int, int]:
        """Width and height of a take for a film of that size, pixels: the series' own, else near the trained area in the film's shape."""
        wanted = self.shooting.pixels()
        area = wanted[0] * wanted[1] if wanted else self.rules.size[0] * self.rules.size[1]
        if draft:
            return self.rules.size_for(*(wanted or (width, height)), area=area * _DRAFT_AREA)
        return wanted or self.rules.size_for(width, height)

    def control_format(self, width: int, height: int) -> ControlFormat:
        """The passes that are handed over, at the size and rate of the takes."""
        wide, high = self.size_for(width, height)
        return ControlFormat(kinds=self.capabilities.control, width=wide, height=high, fps=self.rules.fps)

    @property
    def version(self) -> str:
        """Family, weights, and how they are called."""
        return f"{self.family.name}-{self.family.version}-{self.folder.fingerprint}-{SHOOT_VERSION}"

    @property
    def develop_version(self) -> str:
        """How pixels become film frames."""
        from episodic.consistency.retime import RETIME_VERSION

        return f"{_DEVELOP_VERSION}+{RETIME_VERSION}"

    @cached_property
    def _counter(self) -> TokenCounter:
        return TokenCounter(self.folder, self.family.text_components)

    def count_tokens(self, text: str) -> int:
        """By the model's own tokenizer."""
        return self._counter.count(text)

    def encode_prompt(self, prompt: str, negative: str, folder: Path) -> None:
        """`prompt.safetensors` in `folder`: the pipeline's arguments by name. Raises BackboneError."""
        from episodic.backbones.diffusers.sampling.prompt_file import write_prompt

        write_prompt(self, prompt, negative, folder)

    def shoot(self, request: ShotRequest) -> Take:
        """A take in as many windows as it needs. Raises BackboneError where the model cannot, or the machine has no room."""
        return self.finish(self.expose(request))

    def expose(self, request: ShotRequest) -> Rushes:
        """The windows of a take as far as the next needs them, the last as it was sampled. Raises BackboneError as `shoot`."""
        from episodic.backbones.diffusers.sampling.sample_take import expose_take

        return expose_take(self, request)

    def finish(self, rushes: Rushes) -> Take:
        """The take, its last window in the colours of what it goes on from."""
        from episodic.backbones.diffusers.sampling.finish_take import finish_take

        return finish_take(rushes)

    def develop(self, request: ShotRequest, take: Take) -> Iterator[UInt8[np.ndarray, "height width 3"]]:
        """The take's frames at the film's rate and size."""
        from episodic.backbones.diffusers.sampling.develop import develop_take

        return develop_take(request, take)

    def observe(self, request: ShotRequest, take: Take, frames: Sequence[int], height_px: int) -> Iterator[Sight]:
        """Frames of the take, with who is where as the previsualisation had it."""
        from episodic.backbones.diffusers.sampling.develop import observe_take

        return observe_take(request, take, frames, height_px)
