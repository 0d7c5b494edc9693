"""FLUX.2 and FLUX.2 Klein: pictures from text and up to six reference pictures, whose latents are attended to beside the picture's own."""

from __future__ import annotations

from typing import ClassVar, Final

from episodic.backbones.diffusers.folder.model_folder import ModelFolder
from episodic.backbones.diffusers.picture_family import PictureFamily, PictureRules

__all__ = ["DEV_PIPELINE", "Flux2"]

DEV_PIPELINE: Final = "Flux2Pipeline"
_TOKENS: Final = 512
_TEMPLATE_TOKENS: Final = 64
"""Tokens of the text that the pipelines put around a prompt."""


class Flux2(PictureFamily):
    """FLUX.2 [dev] with Mistral as its text encoder, Klein with Qwen3, both reading text only. Klein is either distilled to four steps or not."""

    name: ClassVar[str] = "flux2"
    classes: ClassVar[tuple[str, ...]] = (DEV_PIPELINE, "Flux2KleinPipeline")
    driver_class: ClassVar[tuple[str, str]] = ("drivers.flux2_driver", "Flux2Driver")

    def rules(self, folder: ModelFolder) -> PictureRules:
        """At most six references for [dev], four for Klein, as its makers advise. Steps and guidance are those of the model's examples."""
        levels = folder.entries("vae", "block_out_channels", (128, 256, 512, 512))
        side = folder.whole("vae", "sample_size", 1024)
        distilled = bool(folder.index.get("is_distilled"))
        return PictureRules(
            references=6 if folder.class_name == DEV_PIPELINE else 4,
            text_tokens=_TOKENS - _TEMPLATE_TOKENS,
            side_multiple=2 ** (len(levels) - 1) * 2,
            area=side * side,
            steps=4 if distilled else 50,
            guidance=1.0 if distilled else 4.0,
        )
