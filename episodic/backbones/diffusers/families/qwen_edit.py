"""Qwen-Image-Edit-Plus: edits one picture, or makes one out of several. Its text encoder sees them as it reads the prompt."""

from __future__ import annotations

from typing import ClassVar, Final

from episodic.backbones.diffusers.folder.model_folder import ModelFolder
from episodic.backbones.diffusers.picture_family import PictureFamily, PictureRules

__all__ = ["AREA", "QwenEdit"]

AREA: Final = 1 << 20
"""Area to which the pipeline scales its references, pixels."""
_TOKENS: Final = 1024
_TEMPLATE_TOKENS: Final = 80
"""Tokens of the text that the pipeline puts around a prompt."""
_PICTURE_TOKENS: Final = 196
"""Tokens of one picture of 384 x 384 pixels, as the text encoder sees it."""
_REFERENCES: Final = 3
_PATCH: Final = 2


class QwenEdit(PictureFamily):
    """Makes no picture without a reference. The pipeline scales references of any size to a megapixel."""

    name: ClassVar[str] = "qwen-edit"
    classes: ClassVar[tuple[str, ...]] = ("QwenImageEditPlusPipeline",)
    driver_class: ClassVar[tuple[str, str]] = ("drivers.qwen_edit_driver", "QwenEditDriver")

    def rules(self, folder: ModelFolder) -> PictureRules:
        """At most three references, forty steps, and guidance 4 against an empty prompt, as in its makers' example."""
        downsampled = folder.entries("vae", "temperal_downsample", (False, True, True))
        return PictureRules(
            references=_REFERENCES,
            needs_reference=True,
            text_tokens=_TOKENS - _TEMPLATE_TOKENS - _REFERENCES * _PICTURE_TOKENS,
            side_multiple=2 ** len(downsampled) * _PATCH,
            area=AREA,
            steps=40,
            guidance=4.0,
        )
