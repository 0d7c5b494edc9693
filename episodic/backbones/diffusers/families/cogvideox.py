"""CogVideoX 1.0 and 1.5 (arXiv 2408.06072): text, a picture to begin with, or a rough video (the previsualisation) to refine."""

from __future__ import annotations

from typing import ClassVar, Final

from episodic.backbones.diffusers.family import Family, Joint
from episodic.backbones.diffusers.folder.model_folder import ModelFolder
from episodic.backbones.diffusers.rules import Rules, longest
from episodic.backbones.protocol import Capabilities
from episodic.series.shooting_settings import ControlKind

__all__ = [
    "IMAGE_PIPELINE",
    "TEXT_PIPELINE",
    "VIDEO_PIPELINE",
    "CogVideoX",
    "frames_per_latent",
    "joins_latent_frames",
    "text_rows",
    "trained_size",
]

TEXT_PIPELINE: Final = "CogVideoXPipeline"
IMAGE_PIPELINE: Final = "CogVideoXImageToVideoPipeline"
VIDEO_PIPELINE: Final = "CogVideoXVideoToVideoPipeline"
_END_TOKENS: Final = 1
"""Tokens that the tokenizer adds to a text."""


class CogVideoX(Family):
    """A call uses one of three pipelines; those for text and for video take the same weights."""

    name: ClassVar[str] = "cogvideox"
    classes: ClassVar[tuple[str, ...]] = (TEXT_PIPELINE, IMAGE_PIPELINE, VIDEO_PIPELINE)
    text_components: ClassVar[tuple[str, ...]] = ("tokenizer", "text_encoder")
    driver_class: ClassVar[tuple[str, str]] = ("drivers.cogvideox_driver", "CogVideoXDriver")

    def capabilities(self, folder: ModelFolder) -> Capabilities:
        """Only image models can continue a take; they begin with its last frame."""
        rules, image = self.rules(folder), folder.class_name == IMAGE_PIPELINE
        return Capabilities(
            name=self.name,
            max_performers=8,
            text_tokens=text_rows(folder) - _END_TOKENS,
            continuation_frames=int(image),
            first_frame=image,
            needs_first_frame=image,
            max_seconds=rules.most_frames / rules.fps,
        )

    def control_kinds(self, folder: ModelFolder) -> tuple[ControlKind, ...]:
        """The pipeline that takes a rough video does not support 1.5, whose transformer joins latent frames in pairs."""
        return () if folder.class_name == IMAGE_PIPELINE or joins_latent_frames(folder) else ("layout",)

    def rules(self, folder: ModelFolder) -> Rules:
        """At most 49 frames at 8 per second; in 1.5, at most 81 at 16.

        Frame counts are 8k + 1: after the first, the autoencoder decodes latent frames in pairs and returns another count for an odd one.
        """
        newer, step = joins_latent_frames(folder), 2 * frames_per_latent(folder)
        return Rules(
            fps=16 if newer else 8,
            frame_step=step,
            frame_offset=1,
            most_frames=longest(81 if newer else 49, step),
            side_multiple=_latent_pixel(folder) * folder.whole("transformer", "patch_size", 2),
            size=(1360, 768) if newer else trained_size(folder),
            least_frames=9,
            steps=50,
            guidance=6.0,
            draft_steps=15,
        )

    def known_frames(self, folder: ModelFolder) -> tuple[int, ...]:
        """(1,) for image models, which begin with the last frame of the take before; empty for all others."""
        return (1,) if folder.class_name == IMAGE_PIPELINE else ()

    def hooks(self, folder: ModelFolder) -> bool:
        """All three pipelines call `Window.on_step`."""
        del folder
        return True

    def joint(self, folder: ModelFolder) -> Joint | None:
        """How windows of a long take are denoised together by text models of 1.0, which cannot continue a take; None for all others."""
        if self.known_frames(folder) or joins_latent_frames(folder):
            return None
        return Joint(components=("transformer",), layout="b f c h w", frames_per_latent=frames_per_latent(folder))


def joins_latent_frames(folder: ModelFolder) -> bool:
    """Return whether the transformer joins two latent frames in one patch (`patch_size_t`), as in 1.5."""
    return folder.config("transformer").get("patch_size_t") is not None


def frames_per_latent(folder: ModelFolder) -> int:
    """Return the number of frames in one latent frame."""
    return folder.whole("vae", "temporal_compression_ratio", 4)


def text_rows(folder: ModelFolder) -> int:
    """Return the number of tokens to which prompts are padded."""
    return folder.whole("transformer", "max_text_seq_length", 226)


def trained_size(folder: ModelFolder) -> tuple[int, int]:
    """Return the width and height that the position embeddings were made for, in pixels."""
    side = _latent_pixel(folder)
    return folder.whole("transformer", "sample_width", 90) * side, folder.whole("transformer", "sample_height", 60) * side


def _latent_pixel(folder: ModelFolder) -> int:
    """Return the side of one latent pixel, in pixels."""
    levels: int = len(folder.entries("vae", "block_out_channels", (128, 256, 256, 512)))
    return 1 << (levels - 1)
