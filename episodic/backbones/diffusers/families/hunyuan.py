"""HunyuanVideo 1.5 (arXiv 2511.18870): text, or a picture to begin with. Its pipelines do not call back between steps."""

from __future__ import annotations

from typing import ClassVar, Final

from episodic.backbones.diffusers.family import Family, Joint
from episodic.backbones.diffusers.folder.model_folder import ModelFolder
from episodic.backbones.diffusers.rules import Rules, longest
from episodic.backbones.protocol import Capabilities

__all__ = ["IMAGE_PIPELINE", "Hunyuan"]

IMAGE_PIPELINE: Final = "HunyuanVideo15ImageToVideoPipeline"
_TEXT_ROWS: Final = 1000
"""Tokens that are kept after the instruction to the language model."""
_END_TOKENS: Final = 5
"""How many of those the chat template puts after a text."""


class Hunyuan(Family):
    """A call uses `HunyuanVideo15Pipeline` or `HunyuanVideo15ImageToVideoPipeline`."""

    name: ClassVar[str] = "hunyuan"
    classes: ClassVar[tuple[str, ...]] = ("HunyuanVideo15Pipeline", IMAGE_PIPELINE)
    text_components: ClassVar[tuple[str, ...]] = ("tokenizer", "text_encoder", "tokenizer_2", "text_encoder_2")
    driver_class: ClassVar[tuple[str, str]] = ("drivers.hunyuan_driver", "HunyuanDriver")

    def capabilities(self, folder: ModelFolder) -> Capabilities:
        """Image models continue from the last frame."""
        rules, image = self.rules(folder), folder.class_name == IMAGE_PIPELINE
        return Capabilities(
            name=self.name,
            max_performers=8,
            text_tokens=_TEXT_ROWS - _END_TOKENS,
            continuation_frames=int(image),
            first_frame=image,
            needs_first_frame=image,
            max_seconds=rules.most_frames / rules.fps,
        )

    def rules(self, folder: ModelFolder) -> Rules:
        """121 frames at 24 per second, 480p or 720p. Distilled models need no guidance, and those distilled in steps need fewer of them."""
        few = bool(folder.config("transformer").get("use_meanflow", False))
        step = folder.whole("vae", "temporal_compression_ratio", 4)
        return Rules(
            fps=24,
            frame_step=step,
            frame_offset=1,
            most_frames=longest(121, step),
            side_multiple=folder.whole("vae", "spatial_compression_ratio", 16) * folder.whole("transformer", "patch_size", 1),
            size=(1280, 720) if folder.whole("transformer", "target_size", 640) >= 960 else (848, 480),
            steps=12 if few else 50,
            guidance=folder.number("guider", "guidance_scale", 6.0) if "guider" in folder.components else 6.0,
            draft_steps=8 if few else 12,
        )

    def known_frames(self, folder: ModelFolder) -> tuple[int, ...]:
        """The last frame, as the picture to begin with."""
        return (1,) if folder.class_name == IMAGE_PIPELINE else ()

    def joint(self, folder: ModelFolder) -> Joint | None:
        """For text models, which cannot continue a take."""
        if self.known_frames(folder):
            return None
        return Joint(components=("transformer",), frames_per_latent=self.rules(folder).frame_step)
