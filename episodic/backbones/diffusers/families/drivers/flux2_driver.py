"""Runs the pipelines of FLUX.2."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

import torch
from transformers import AutoTokenizer

from episodic.backbones.diffusers.driver import LoadedPipeline, PictureDriver
from episodic.backbones.diffusers.families.drivers.call_helpers import load_reader
from episodic.backbones.diffusers.families.drivers.picture_call_helpers import draw, fit_reference
from episodic.backbones.diffusers.families.flux2 import DEV_PIPELINE
from episodic.backbones.diffusers.folder.model_folder import ModelFolder
from episodic.backbones.diffusers.picture_request import PictureRequest
from episodic.backbones.diffusers.window import Picture

__all__ = ["Flux2Driver"]

_LEAST_SIDE: Final = 64
"""Least side of a reference picture, pixels; the pipeline refuses smaller ones."""
_WIDEST: Final = 8.0
"""Greatest ratio of a reference picture's longer side to its shorter one."""


class Flux2Driver(PictureDriver):
    """Runs `Flux2Pipeline` and `Flux2KleinPipeline`."""

    def load(self, folder: ModelFolder, leave_out: Collection[str], dtype: torch.dtype) -> Any:
        """Load the pipeline. The text-and-picture processor of [dev] needs torchvision; its tokenizer alone takes its place."""
        if folder.class_name != DEV_PIPELINE:
            return super().load(folder, leave_out, dtype)
        pipeline = super().load(folder, {*leave_out, "tokenizer"}, dtype)
        pipeline.register_modules(tokenizer=load_reader(AutoTokenizer, folder.root / "tokenizer"))
        return pipeline

    def call(self, loaded: LoadedPipeline, request: PictureRequest, device: torch.device) -> Picture:
        """Make the picture. References over a megapixel are scaled down; very small or long ones get a grey ground."""
        del device
        references = [fit_reference(picture, 1 << 20, _LEAST_SIDE, _WIDEST) for picture in request.references]
        return draw(loaded.pipeline, request, image=references or None, guidance_scale=request.guidance)
