"""FLUX.2 and FLUX.2 Klein: pictures from text and up to six reference pictures, whose latents lie beside the picture's own."""

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

__all__ = ["Flux2"]

_DEV: Final = "Flux2Pipeline"
_TOKENS: Final = 512
_TEMPLATE_TOKENS: Final = 64
"""Of the words that the pipelines put around a prompt."""
_LEAST_SIDE: Final = 64
"""Of a reference picture, pixels; the pipeline refuses smaller ones."""
_WIDEST: Final = 8.0
"""The longer side of a reference picture over its shorter one, at most."""


class Flux2(PictureFamily):
    """FLUX.2 [dev] with Mistral as its text encoder, Klein with Qwen3, both reading text only. Klein is distilled to four steps or not."""

    name: ClassVar[str] = "flux2"
    classes: ClassVar[tuple[str, ...]] = (_DEV, "Flux2KleinPipeline")

    def rules(self, folder: ModelFolder) -> PictureRules:
        """Its makers advise at most six references for [dev], four for Klein. Steps and guidance are those of the model's own examples."""
        levels = folder.entries("vae", "block_out_channels", (128, 256, 512, 512))
        side = folder.whole("vae", "sample_size", 1024)
        dev = folder.class_name == _DEV
        distilled = bool(folder.index.get("is_distilled"))
        return PictureRules(
            references=6 if dev else 4,
            text_tokens=_TOKENS - _TEMPLATE_TOKENS,
            side_multiple=2 ** (len(levels) - 1) * 2,
            area=side * side,
            steps=4 if distilled else 50,
            guidance=1.0 if distilled else 4.0,
        )

    def load(self, folder: ModelFolder, leave_out: Collection[str], dtype: torch.dtype) -> Any:
        """As all families; of [dev]'s processor for text and pictures only the tokenizer, for the rest needs torchvision."""
        if folder.class_name != _DEV:
            return super().load(folder, leave_out, dtype)
        pipeline = super().load(folder, {*leave_out, "tokenizer"}, dtype)
        pipeline.register_modules(tokenizer=_tokenizer(folder))
        return pipeline

    def call(self, loaded: Loaded, wanted: PictureWanted, device: torch.device) -> UInt8[np.ndarray, "height width 3"]:
        """References larger than a megapixel are scaled down."""
        del device
        shown = [within(one, 1 << 20, _LEAST_SIDE, _WIDEST) for one in wanted.references]
        made = loaded.pipeline(
            prompt=wanted.prompt,
            image=shown or None,
            width=wanted.width,
            height=wanted.height,
            num_inference_steps=wanted.steps,
            guidance_scale=wanted.guidance,
            generator=seeded(wanted.seed),
            output_type="np",
        )
        return picture_of(made.images)


def _tokenizer(folder: ModelFolder) -> Any:
    library: Any = importlib.import_module("transformers")
    place = folder.root / "tokenizer"
    try:
        return library.AutoTokenizer.from_pretrained(str(place), local_files_only=True, trust_remote_code=False)
    except (OSError, ValueError, KeyError, TypeError) as err:
        raise BackboneError(f"{place}: the component tokenizer does not load ({err}); fetch the model again") from err
