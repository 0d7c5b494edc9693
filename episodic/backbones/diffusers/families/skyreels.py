"""SkyReels-V2 with diffusion forcing (arXiv 2504.13074): any of its frames may be clean from the start.

Its three pipelines take the same weights, so a folder of any of them is shot with the one that takes the window's inputs: text, a
first and a last picture, or the end of the clip that it continues.
"""

from __future__ import annotations

from typing import ClassVar, Final

from episodic.backbones.diffusers.families.wan import wan_steps
from episodic.backbones.diffusers.family import Family
from episodic.backbones.diffusers.folder.model_folder import ModelFolder
from episodic.backbones.diffusers.rules import Rules, longest
from episodic.backbones.protocol import Capabilities

__all__ = ["IMAGE_PIPELINE", "TEXT_PIPELINE", "TEXT_ROWS", "VIDEO_PIPELINE", "SkyReels"]

TEXT_PIPELINE: Final = "SkyReelsV2DiffusionForcingPipeline"
IMAGE_PIPELINE: Final = "SkyReelsV2DiffusionForcingImageToVideoPipeline"
VIDEO_PIPELINE: Final = "SkyReelsV2DiffusionForcingVideoToVideoPipeline"
TEXT_ROWS: Final = 512
"""Rows of an encoded prompt."""
_END_TOKENS: Final = 1
"""Tokens that the tokenizer adds to a text."""


class SkyReels(Family):
    """A window is denoised all at once (synchronously); longer takes are several windows."""

    name: ClassVar[str] = "skyreels"
    classes: ClassVar[tuple[str, ...]] = (TEXT_PIPELINE, IMAGE_PIPELINE, VIDEO_PIPELINE)
    text_components: ClassVar[tuple[str, ...]] = ("tokenizer", "text_encoder")
    driver_class: ClassVar[tuple[str, str]] = ("drivers.skyreels_driver", "SkyReelsDriver")

    def capabilities(self, folder: ModelFolder) -> Capabilities:
        """The same for all three classes."""
        rules = self.rules(folder)
        return Capabilities(
            name=self.name,
            max_performers=8,
            text_tokens=TEXT_ROWS - _END_TOKENS,
            continuation_frames=max(self.known_frames(folder)),
            first_frame=True,
            last_frame=True,
            max_seconds=rules.most_frames / rules.fps,
        )

    def rules(self, folder: ModelFolder) -> Rules:
        """97 frames at 24 per second. The configurations do not distinguish the models for 540p from those for 720p."""
        side, step = wan_steps(folder)
        return Rules(
            fps=24,
            frame_step=step,
            frame_offset=1,
            most_frames=longest(97, step),
            side_multiple=side,
            size=(960, 544),
            least_frames=step + 1,
            guidance=6.0,
            draft_steps=10,
        )

    def known_frames(self, folder: ModelFolder) -> tuple[int, ...]:
        """Up to 17, the overlap that its authors recommend; they shot the longest takes with 37, which leaves few new frames."""
        del folder
        return 1, 5, 9, 13, 17

    def hooks(self, folder: ModelFolder) -> bool:
        """All three pipelines call back."""
        del folder
        return True
