"""Base classes of drivers: the code of one model family that loads its pipelines, encodes prompts and frames, and runs the call.

Imports torch.

A family's description (`Family`, `PictureFamily`) is read in every process; its driver is imported only where a model is loaded.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from episodic.backbones.diffusers.folder.load import load_pipeline
from episodic.backbones.diffusers.folder.model_folder import ModelFolder
from episodic.backbones.diffusers.picture_request import PictureRequest
from episodic.backbones.diffusers.window import Frames, Picture, Window, WindowResult

__all__ = ["FamilyDriver", "LoadedPipeline", "PictureDriver"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedPipeline:
    """A loaded pipeline and the folder that it was loaded from."""

    pipeline: Any
    folder: ModelFolder


class FamilyDriver(ABC):
    """Runs the pipelines of one family of video models. Stateless."""

    def load(self, folder: ModelFolder, leave_out: Collection[str], dtype: torch.dtype) -> Any:
        """Load the pipeline on the CPU without the components in `leave_out` (None in their place).

        Only safetensors are read and no remote code runs. Raises BackboneError where a component is missing or damaged.
        """
        return load_pipeline(folder, leave_out=leave_out, dtype=dtype)

    def latents_of(self, loaded: LoadedPipeline, frames: Frames, device: torch.device) -> Tensor | None:
        """Encode frames as the clean latents that `Window.on_step` gets, [1, channel, frame, height, width].

        None where the pipelines of the family do not call `on_step`.
        """
        del loaded, frames, device
        return None

    @abstractmethod
    def encode_prompt(self, loaded: LoadedPipeline, prompt: str, negative: str, device: torch.device) -> dict[str, Tensor]:
        """Encode both prompts. Return the tensors by the names of the pipeline's arguments. `loaded` has the text components only."""

    @abstractmethod
    def call(self, loaded: LoadedPipeline, window: Window, device: torch.device) -> WindowResult:
        """Run the pipeline once. `loaded` has everything but the text components.

        Raises BackboneError where the model cannot make this window; torch.OutOfMemoryError is left to the caller.
        """


class PictureDriver(ABC):
    """Runs the pipelines of one family of picture models. Stateless."""

    def load(self, folder: ModelFolder, leave_out: Collection[str], dtype: torch.dtype) -> Any:
        """Load the pipeline on the CPU without the components in `leave_out` (None in their place): safetensors only, no remote code.

        Raises BackboneError where a component is missing or damaged. The autoencoder has the same dtype as the rest, because these pipelines pass latents to it without converting them.
        """
        pipeline = load_pipeline(folder, leave_out=leave_out, dtype=dtype)
        # not diffusers' own `to`, which warns of parts that should stay in float32 even where there are none
        torch.nn.Module.to(pipeline.vae, dtype)
        return pipeline

    @abstractmethod
    def call(self, loaded: LoadedPipeline, request: PictureRequest, device: torch.device) -> Picture:
        """Make one picture of the requested size. The same seed gives the same picture. torch.OutOfMemoryError is left to the caller."""
