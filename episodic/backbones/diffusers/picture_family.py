"""The edge to one family of open picture models: its rules, and the door to the driver that runs its pipelines. Imports no torch.

Picture models make the reference pictures that video models are shown: character sheets, place plates, the first frame of a shot. Their
text encoders are loaded together with the rest, because some of them read the reference pictures too.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from episodic.backbones.diffusers.folder.model_folder import ModelFolder
from episodic.backbones.diffusers.lazy_class import lazy_class

if TYPE_CHECKING:
    import torch

    from episodic.backbones.diffusers.driver import LoadedPipeline, PictureDriver
    from episodic.backbones.diffusers.picture_request import Picture, PictureRequest

__all__ = ["PictureFamily", "PictureRules"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureRules:
    """What one picture model takes, and the settings it works best with."""

    references: int
    """The most pictures that it can be shown at once."""
    needs_reference: bool = False
    """Whether it only edits pictures and makes none from text alone."""
    text_tokens: int
    """The longest prompt it reads, in its own tokens."""
    side_multiple: int
    """Both sides of a picture are multiples of this, pixels."""
    area: int
    """Area of the pictures it was trained on, pixels."""
    steps: int
    guidance: float

    def size_for(self, width: float, height: float, area: int | None = None) -> tuple[int, int]:
        """Return the valid size nearest to the shape of `width` x `height`, about as large as the pictures it was trained on."""
        scale = math.sqrt((area or self.area) / (width * height))
        step = self.side_multiple
        sides = (max(1, round(side * scale / step)) * step for side in (width, height))
        return next(sides), next(sides)


class PictureFamily(ABC):
    """One family. Everything that depends on the model comes from its folder's configurations."""

    name: ClassVar[str]
    """As in `keyframes: NAME:PATH_OR_ID`."""
    version: ClassVar[str] = "1"
    """Changes when the same picture would be made differently."""
    classes: ClassVar[tuple[str, ...]]
    """The diffusers pipeline classes of the family."""
    text_components: ClassVar[tuple[str, ...]] = ()
    """Components that are loaded separately for prompts: none."""
    driver_class: ClassVar[tuple[str, str]]
    """Module (below `families`) and name of the driver's class."""

    @abstractmethod
    def rules(self, folder: ModelFolder) -> PictureRules:
        """Return the model's rules. Reads configurations only."""

    def complete(self, folder: ModelFolder) -> ModelFolder:
        """Add what the family needs beside the pipeline's own components. Raises BackboneError where that is missing."""
        return folder

    @cached_property
    def driver(self) -> PictureDriver:
        """The part of the family that runs its pipelines; imported on first use, with torch and diffusers."""
        driver: PictureDriver = lazy_class(*self.driver_class)()
        return driver

    def load(self, folder: ModelFolder, leave_out: Collection[str], dtype: torch.dtype) -> Any:
        """See `PictureDriver.load`."""
        return self.driver.load(folder, leave_out, dtype)

    def call(self, loaded: LoadedPipeline, request: PictureRequest, device: torch.device) -> Picture:
        """See `PictureDriver.call`."""
        return self.driver.call(loaded, request, device)
