"""JoyAI-Echo on the LTX-2 transformer (modular only): picture and sound in eight steps, with slots for memories."""

from __future__ import annotations

from typing import ClassVar, Final

from episodic.backbones.diffusers.families.ltx2 import TEXT_ROWS
from episodic.backbones.diffusers.family import Family
from episodic.backbones.diffusers.folder.model_folder import ModelFolder
from episodic.backbones.diffusers.rules import Rules, longest
from episodic.backbones.protocol import Capabilities

__all__ = ["MEMORY_SLOTS", "Echo"]

MEMORY_SLOTS: Final = 7
_STEPS: Final = 8


class Echo(Family):
    """Takes up to seven pictures of memories, each with its sound where one is known, the most important in the first slot.

    It begins with one given frame: a picture made for the shot, or the last frame of the take that it continues. The sound's latents can
    only be given as noise, so speech cannot be fixed. There is no step callback; a block around the last of the loop calls the hook.
    """

    name: ClassVar[str] = "echo"
    classes: ClassVar[tuple[str, ...]] = ("EchoModularPipeline",)
    text_components: ClassVar[tuple[str, ...]] = ("tokenizer", "text_encoder")
    driver_class: ClassVar[tuple[str, str]] = ("drivers.echo_driver", "EchoDriver")

    def capabilities(self, folder: ModelFolder) -> Capabilities:
        """The same for every folder of this class."""
        rules = self.rules(folder)
        return Capabilities(
            name=self.name,
            max_performers=8,
            text_tokens=TEXT_ROWS - 1,
            reference_pictures=MEMORY_SLOTS,
            continuation_frames=1,
            first_frame=True,
            memory_sounds=True,
            own_sound=True,
            max_seconds=rules.most_frames / rules.fps,
        )

    def rules(self, folder: ModelFolder) -> Rules:
        """About ten seconds at 25 frames per second, eight steps without guidance."""
        step = folder.whole("vae", "temporal_compression_ratio", 8)
        side = folder.whole("vae", "spatial_compression_ratio", 32)
        return Rules(
            fps=25,
            frame_step=step,
            frame_offset=1,
            most_frames=longest(241, step),
            side_multiple=side,
            least_side=2 * side,
            size=(704, 512),
            steps=_STEPS,
            guidance=1.0,
            draft_steps=_STEPS // 2,
        )

    def known_frames(self, folder: ModelFolder) -> tuple[int, ...]:
        """The last frame."""
        del folder
        return (1,)

    def hooks(self, folder: ModelFolder) -> bool:
        """Yes; the hook does not change a given first frame."""
        del folder
        return True
