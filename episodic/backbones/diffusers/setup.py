"""Everything that is fixed for all takes of one model in one series: folder, family, rules, capabilities and settings. Imports no torch."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Final

from episodic.backbones.diffusers.family import Family
from episodic.backbones.diffusers.folder.model_folder import ModelFolder
from episodic.backbones.diffusers.rules import Rules
from episodic.backbones.protocol import Capabilities
from episodic.series.machine_settings import MachineSettings
from episodic.series.shooting_settings import ControlKind, Shooting

__all__ = [
    "PINNED_FRAMES",
    "SHOOT_VERSION",
    "ShootingSetup",
    "known_frame_counts",
    "model_version",
    "series_rules",
    "step_hook_runs",
]

SHOOT_VERSION: Final = "2"
"""Changes when the code common to all families would shoot the same request differently."""
PINNED_FRAMES: Final = 5
"""Number of frames of the previous take that are pinned while denoising, in models that have a hook and no slot for known frames."""
_DRAFT_AREA: Final = 0.25
"""Area of a draft relative to a full take."""


def series_rules(family: Family, folder: ModelFolder, shooting: Shooting) -> Rules:
    """Return the model's rules with the steps and guidance of the series."""
    rules = family.rules(folder)
    steps = rules.steps if shooting.steps is None else shooting.steps
    guidance = rules.guidance if shooting.guidance is None else shooting.guidance
    return dataclasses.replace(rules, steps=steps, guidance=guidance, draft_steps=min(rules.draft_steps, steps))


def step_hook_runs(family: Family, folder: ModelFolder, rules: Rules) -> bool:
    """Return whether a hook can change the latents between two steps; with a single step there is no between."""
    return family.hooks(folder) and min(rules.steps, rules.draft_steps) > 1


def known_frame_counts(family: Family, folder: ModelFolder, rules: Rules) -> tuple[int, ...]:
    """Return how many known frames a window can begin with: in the model's slot for them, else pinned while denoising."""
    slots = family.known_frames(folder)
    if slots or not step_hook_runs(family, folder, rules):
        return slots
    return (rules.frames_for(PINNED_FRAMES),)


def model_version(family: Family, folder: ModelFolder) -> str:
    """Return the version of a model's takes: family, weights, and the code that calls them."""
    return f"{family.name}-{family.version}-{folder.fingerprint}-{SHOOT_VERSION}"


@dataclass(frozen=True, kw_only=True)
class ShootingSetup:
    """One model with the settings of one series."""

    folder: ModelFolder
    family: Family
    rules: Rules
    """With the steps and guidance of the series."""
    capabilities: Capabilities
    """Limited by the settings of the series."""
    control_kinds: tuple[ControlKind, ...]
    """The control video of the series."""
    shooting: Shooting
    machine: MachineSettings

    @property
    def takes_speech(self) -> bool:
        """Whether speech goes in as fixed sound."""
        return self.family.speech_hz is not None

    @property
    def version(self) -> str:
        """See `model_version`."""
        return model_version(self.family, self.folder)

    @property
    def known_frames(self) -> tuple[int, ...]:
        """See `known_frame_counts`."""
        return known_frame_counts(self.family, self.folder, self.rules)

    @property
    def has_hook(self) -> bool:
        """See `step_hook_runs`."""
        return step_hook_runs(self.family, self.folder, self.rules)

    @property
    def pins(self) -> bool:
        """Whether known frames are pinned in latents, because the model has no slot for them."""
        return not self.family.known_frames(self.folder) and self.has_hook

    def size_for(self, width: int, height: int, *, draft: bool = False) -> tuple[int, int]:
        """Return width and height of a take for a film of that size, pixels.

        It is the size that the series sets, else one near the trained area in the film's shape.
        """
        fixed = self.shooting.pixels()
        area = fixed[0] * fixed[1] if fixed else self.rules.size[0] * self.rules.size[1]
        if draft:
            return self.rules.size_for(*(fixed or (width, height)), area=area * _DRAFT_AREA)
        return fixed or self.rules.size_for(width, height)
