"""Runs the pipeline of Qwen-Image-Edit-Plus."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

import torch
from torch import Tensor
from transformers import BatchFeature, Qwen2VLImageProcessorPil

from episodic.backbones.diffusers.driver import LoadedPipeline, PictureDriver
from episodic.backbones.diffusers.families.drivers.call_helpers import load_reader
from episodic.backbones.diffusers.families.drivers.picture_call_helpers import draw, fit_reference
from episodic.backbones.diffusers.families.qwen_edit import AREA
from episodic.backbones.diffusers.folder.model_folder import ModelFolder
from episodic.backbones.diffusers.picture_request import PictureRequest
from episodic.backbones.diffusers.window import Picture
from episodic.errors import BackboneError

__all__ = ["PictureAndTextReader", "QwenEditDriver"]

_IMAGE_PAD: Final = "<|image_pad|>"


class QwenEditDriver(PictureDriver):
    """Runs `QwenImageEditPlusPipeline`."""

    def load(self, folder: ModelFolder, leave_out: Collection[str], dtype: torch.dtype) -> Any:
        """Load only the part of the processor that reads pictures and text: the rest of it needs torchvision."""
        pipeline = super().load(folder, {*leave_out, "processor"}, dtype)
        pipeline.register_modules(processor=PictureAndTextReader(folder, pipeline.tokenizer))
        return pipeline

    def call(self, loaded: LoadedPipeline, request: PictureRequest, device: torch.device) -> Picture:
        """Raises BackboneError where the request has no reference."""
        del device
        if not request.references:
            raise BackboneError(
                f"{loaded.folder.root}: this model edits pictures, and the request has none to edit; name another model"
            )
        return draw(
            loaded.pipeline,
            request,
            negative_prompt=" " if request.guidance > 1 else None,
            image=[fit_reference(picture, AREA) for picture in request.references],
            true_cfg_scale=request.guidance,
        )


class PictureAndTextReader:
    """The part of `Qwen2VLProcessor` that the pipeline uses; the whole processor needs torchvision.

    Raises BackboneError where the folder's processor does not load.
    """

    def __init__(self, folder: ModelFolder, tokenizer: Any) -> None:
        self._pictures: Any = load_reader(Qwen2VLImageProcessorPil, folder.root / "processor")
        self._tokenizer = tokenizer

    def __call__(self, text: list[str], images: list[Any] | None = None, padding: bool = True, return_tensors: str = "pt") -> Any:
        """Return tokens and pixels by the names of the text encoder's arguments. A picture takes one token for every merged patch."""
        pixels: dict[str, Tensor] = {}
        if images:
            pixels = dict(self._pictures(images, return_tensors=return_tensors))
            merged = self._pictures.merge_size**2
            counts = [int(grid.prod()) // merged for grid in pixels["image_grid_thw"]]
            text = [_with_placeholders(prompt, counts) for prompt in text]
        tokens = self._tokenizer(text, padding=padding, return_tensors=return_tensors)
        return BatchFeature({**tokens, **pixels})


def _with_placeholders(text: str, counts: list[int]) -> str:
    """Repeat the placeholder of every picture as often as the picture has tokens."""
    first, *others = text.split(_IMAGE_PAD)
    return first + "".join(_IMAGE_PAD * count + part for count, part in zip(counts, others, strict=True))
