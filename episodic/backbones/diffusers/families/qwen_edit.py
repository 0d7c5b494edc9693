"""Qwen-Image-Edit-Plus: changes one picture, or makes one out of several. Its text encoder sees them as it reads the prompt."""

from __future__ import annotations

import importlib
from collections.abc import Collection
from typing import TYPE_CHECKING, Any, ClassVar, Final

import numpy as np
from jaxtyping import UInt8

from episodic.backbones.diffusers.families.call_helpers import seeded
from episodic.backbones.diffusers.families.picture_call_helpers import picture_of, within
from episodic.backbones.diffusers.family import Loaded
from episodic.backbones.diffusers.picture_family import PictureFamily, PictureRules, PictureWanted
from episodic.errors import BackboneError

if TYPE_CHECKING:
    import torch

    from episodic.backbones.diffusers.folder.model_folder import ModelFolder

__all__ = ["PictureAndTextReader", "QwenEdit"]

_TOKENS: Final = 1024
_TEMPLATE_TOKENS: Final = 80
"""Of the words that the pipeline puts around a prompt."""
_PICTURE_TOKENS: Final = 196
"""Of one picture of 384 x 384 pixels, as the text encoder sees it."""
_REFERENCES: Final = 3
_AREA: Final = 1 << 20
_PATCH: Final = 2
_IMAGE_PAD: Final = "<|image_pad|>"


class QwenEdit(PictureFamily):
    """Without a picture it makes none. Whatever their size, references are scaled to a megapixel by the pipeline."""

    name: ClassVar[str] = "qwen-edit"
    classes: ClassVar[tuple[str, ...]] = ("QwenImageEditPlusPipeline",)

    def rules(self, folder: ModelFolder) -> PictureRules:
        """Three references at most, forty steps, and guidance 4 against an empty prompt, as its makers' own example has them."""
        downsampled = folder.entries("vae", "temperal_downsample", (False, True, True))
        return PictureRules(
            references=_REFERENCES,
            needs_reference=True,
            text_tokens=_TOKENS - _TEMPLATE_TOKENS - _REFERENCES * _PICTURE_TOKENS,
            side_multiple=2 ** len(downsampled) * _PATCH,
            area=_AREA,
            steps=40,
            guidance=4.0,
        )

    def load(self, folder: ModelFolder, leave_out: Collection[str], dtype: torch.dtype) -> Any:
        """As all families; of the processor what reads pictures and text, for the rest needs torchvision."""
        pipeline = super().load(folder, {*leave_out, "processor"}, dtype)
        pipeline.register_modules(processor=PictureAndTextReader(folder, pipeline.tokenizer))
        return pipeline

    def call(self, loaded: Loaded, wanted: PictureWanted, device: torch.device) -> UInt8[np.ndarray, "height width 3"]:
        """Raises BackboneError where there is no picture to begin with."""
        del device
        if not wanted.references:
            raise BackboneError(
                f"{loaded.folder.root}: this model changes pictures, and there is none to change; name another model"
            )
        made = loaded.pipeline(
            prompt=wanted.prompt,
            negative_prompt=" " if wanted.guidance > 1 else None,
            image=[within(one, _AREA) for one in wanted.references],
            width=wanted.width,
            height=wanted.height,
            num_inference_steps=wanted.steps,
            true_cfg_scale=wanted.guidance,
            generator=seeded(wanted.seed),
            output_type="np",
        )
        return picture_of(made.images)


class PictureAndTextReader:
    """What the pipeline uses of its `Qwen2VLProcessor`, which cannot be had without torchvision.

    Raises BackboneError where the folder's processor does not load.
    """

    def __init__(self, folder: ModelFolder, tokenizer: Any) -> None:
        library: Any = importlib.import_module("transformers")
        place = folder.root / "processor"
        try:
            reader: Any = library.Qwen2VLImageProcessorPil
            self._pictures: Any = reader.from_pretrained(str(place), local_files_only=True, trust_remote_code=False)
        except (OSError, ValueError, KeyError, TypeError) as err:
            raise BackboneError(f"{place}: the component processor does not load ({err}); fetch the model again") from err
        self._tokenizer = tokenizer
        self._features: Any = library.BatchFeature

    def __call__(self, text: list[str], images: list[Any] | None = None, padding: bool = True, return_tensors: str = "pt") -> Any:
        """Tokens and pixels, by the names of the text encoder's arguments. A picture takes one token for every merged patch."""
        seen: dict[str, Any] = {}
        if images:
            seen = dict(self._pictures(images, return_tensors=return_tensors))
            merged = self._pictures.merge_size**2
            counts = [int(one.prod()) // merged for one in seen["image_grid_thw"]]
            text = [_with_places(one, counts) for one in text]
        words = self._tokenizer(text, padding=padding, return_tensors=return_tensors)
        return self._features({**words, **seen})


def _with_places(text: str, counts: list[int]) -> str:
    """The text with as many places for every picture as it has tokens."""
    first, *rest = text.split(_IMAGE_PAD)
    return first + "".join(_IMAGE_PAD * count + part for count, part in zip(counts, rest, strict=True))
