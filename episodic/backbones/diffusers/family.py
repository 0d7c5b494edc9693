"""The edge to one family of open video models: its capabilities and rules, and the door to the driver that runs its pipelines.

A family knows its pipelines and nothing of series, canon or plans. Loading, the windows of a long take, prompts and receipts are common
to all (`episodic.backbones.diffusers`). This module imports no torch.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Final

from episodic.backbones.diffusers.folder.model_folder import ModelFolder
from episodic.backbones.diffusers.lazy_class import lazy_class
from episodic.backbones.diffusers.rules import Rules
from episodic.backbones.protocol import Capabilities
from episodic.series.shooting_settings import ControlKind

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from episodic.backbones.diffusers.driver import FamilyDriver, LoadedPipeline
    from episodic.backbones.diffusers.window import Frames, Window, WindowResult

__all__ = ["PICTURE_MAKERS", "Family", "Joint"]

PICTURE_MAKERS: Final = "a keyframe model makes it (`keyframes:` in series.yaml), or else `stage` paints it"
"""Where a generated episode gets the pictures that some models cannot do without."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Joint:
    """Parameters for denoising several windows of one long latent together (`consistency.latent_windows.windowed`)."""

    components: tuple[str, ...]
    """Names of the transformers to wrap."""
    layout: str = "b c f h w"
    """Axes of their input, in einops notation."""
    frames_per_latent: int = 4


class Family(ABC):
    """One family. Everything that depends on the model comes from its folder's configurations."""

    name: ClassVar[str]
    """As in `--backbone NAME:PATH_OR_ID`."""
    version: ClassVar[str] = "1"
    """Changes when the same window would be called differently."""
    classes: ClassVar[tuple[str, ...]]
    """The diffusers pipeline classes of the family, as `_class_name` in model_index.json (or modular_model_index.json) names them."""
    text_components: ClassVar[tuple[str, ...]]
    """The components that encode a prompt; loaded alone for that, and released before the rest is loaded."""
    driver_class: ClassVar[tuple[str, str]]
    """Module (below `families`) and name of the driver's class."""
    speech_hz: ClassVar[int | None] = None
    """The sample rate at which its models take speech as fixed sound, Hz; None: they take none."""

    @abstractmethod
    def capabilities(self, folder: ModelFolder) -> Capabilities:
        """Return the numbers and limits of this model. Reads configurations only."""

    def control_kinds(self, folder: ModelFolder) -> tuple[ControlKind, ...]:
        """Return the passes of the previsualisation that this model takes as control video, the best first; empty: it takes none."""
        del folder
        return ()

    @abstractmethod
    def rules(self, folder: ModelFolder) -> Rules:
        """Return frame counts, sizes and rate. Reads configurations only."""

    def known_frames(self, folder: ModelFolder) -> tuple[int, ...]:
        """Return how many known frames a window may begin with, in ascending order; empty where the model cannot continue a take."""
        del folder
        return ()

    def hooks(self, folder: ModelFolder) -> bool:
        """Return whether `Window.on_step` is called and `latents_of` returns latents."""
        del folder
        return False

    def joint(self, folder: ModelFolder) -> Joint | None:
        """Return how windows longer than the model's can be denoised together; None where they cannot."""
        del folder
        return None

    @cached_property
    def driver(self) -> FamilyDriver:
        """The part of the family that runs its pipelines; imported on first use, with torch and diffusers."""
        driver: FamilyDriver = lazy_class(*self.driver_class)()
        return driver

    def load(self, folder: ModelFolder, leave_out: Collection[str], dtype: torch.dtype) -> Any:
        """See `FamilyDriver.load`."""
        return self.driver.load(folder, leave_out, dtype)

    def latents_of(self, loaded: LoadedPipeline, frames: Frames, device: torch.device) -> Tensor | None:
        """See `FamilyDriver.latents_of`."""
        return self.driver.latents_of(loaded, frames, device)

    def encode_prompt(self, loaded: LoadedPipeline, prompt: str, negative: str, device: torch.device) -> dict[str, Tensor]:
        """See `FamilyDriver.encode_prompt`."""
        return self.driver.encode_prompt(loaded, prompt, negative, device)

    def call(self, loaded: LoadedPipeline, window: Window, device: torch.device) -> WindowResult:
        """See `FamilyDriver.call`."""
        return self.driver.call(loaded, window, device)
