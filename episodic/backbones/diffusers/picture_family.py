"""The edge to one family of open picture models: what it takes, and how its pipeline is called for one picture.

They make the reference pictures that video models are shown: character sheets, place plates, the first frame of a shot. Text encoders
are loaded together with the rest, because some of them read the reference pictures too.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from jaxtyping import UInt8

from episodic.backbones.diffusers.family import Loaded

if TYPE_CHECKING:
    import torch

    from episodic.backbones.diffusers.folder.model_folder import ModelFolder

__all__ = ["PictureFamily", "PictureRules", "PictureWanted"]

Picture = UInt8[np.ndarray, "height width 3"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureRules:
    """What one picture model takes, and how it is best called."""

    references: int
    """Most pictures that it can be shown at once."""
    needs_reference: bool = False
    """Whether it only changes pictures, and makes none from text alone."""
    text_tokens: int
    """How long a prompt it reads, in its own tokens."""
    side_multiple: int
    """Both sides of a picture are multiples of this, pixels."""
    area: int
    """Of the pictures it was trained on, pixels."""
    steps: int
    guidance: float

    def size_for(self, width: float, height: float, area: int | None = None) -> tuple[int, int]:
        """The valid size nearest to the shape of `width` x `height`, about as large as the pictures it was trained on."""
        scale = math.sqrt((area or self.area) / (width * height))
        step = self.side_multiple
        sides = (max(1, round(one * scale / step)) * step for one in (width, height))
        return next(sides), next(sides)


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureWanted:
    """One call of a pipeline."""

    prompt: str
    references: tuple[Picture, ...] = ()
    """Any size, most important first, never more than the rules say."""
    width: int
    height: int
    seed: int
    steps: int
    guidance: float


class PictureFamily(ABC):
    """One family. Stateless: everything that depends on the model comes from its folder's configurations."""

    name: ClassVar[str]
    """As in `keyframes: NAME:PATH_OR_ID`."""
    version: ClassVar[str] = "1"
    """Changes whenever the same picture would be made otherwise."""
    classes: ClassVar[tuple[str, ...]]
    """Names of the diffusers pipeline classes that it draws with."""
    text_components: ClassVar[tuple[str, ...]] = ()
    """What is loaded apart for prompts: nothing."""

    @abstractmethod
    def rules(self, folder: ModelFolder) -> PictureRules:
        """Reads configurations only; must not import torch."""

    def complete(self, folder: ModelFolder) -> ModelFolder:
        """The folder with what the family needs beside the pipeline's own components. Raises BackboneError where that is missing."""
        return folder

    def load(self, folder: ModelFolder, leave_out: Collection[str], dtype: torch.dtype) -> Any:
        """The pipeline on the CPU, safetensors only, no remote code. Raises BackboneError where a component is missing or damaged.

        The autoencoder is of the same type as the rest: these pipelines hand it latents without converting them.
        """
        import torch

        from episodic.backbones.diffusers.folder.load import load_pipeline

        pipeline = load_pipeline(folder, leave_out=leave_out, dtype=dtype)
        # not diffusers' own `to`, which warns of parts that should stay in float32 even where there are none
        torch.nn.Module.to(pipeline.vae, dtype)
        return pipeline

    @abstractmethod
    def call(self, loaded: Loaded, wanted: PictureWanted, device: torch.device) -> Picture:
        """Make one picture of the wanted size. The same seed gives the same picture. torch.OutOfMemoryError is left to the caller."""
