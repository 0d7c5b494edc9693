"""MiniMax-H3 (modular only): picture and sound from text, from a first and last picture, or from references.

A folder may contain one transformer or both: `transformer` takes text and pictures to begin and end with, `transformer_ref` takes
references. The capabilities follow from those it has; both together need twice the memory.
"""

from __future__ import annotations

import math
from typing import ClassVar, Final

from episodic.backbones.diffusers.family import Family
from episodic.backbones.diffusers.folder.model_folder import ModelFolder
from episodic.backbones.diffusers.rules import Rules
from episodic.backbones.protocol import Capabilities

__all__ = ["PICTURES", "MiniMaxH3"]

PICTURES: Final = 9
"""Most reference pictures."""
_TEXT_TOKENS: Final = 1024
_LEAST_S, _MOST_S = 5.0, 15.0


class MiniMaxH3(Family):
    """Takes up to nine reference pictures, three of them with their sound; or one known frame or first picture, and a last one.

    Its conditioner, a vision-language model, reads the references and keyframes together with the prompt. So the prompt is stored as
    text, and the conditioner stays loaded for shooting. Its result for the same content is cached and reused for other seeds and windows.

    From a reference video it would take motion and camera and begin anew. That is no continuation, and reading one needs torchvision, so
    none is shown. A window with known or given frames is shot without references: the model has a transformer for either. Guidance is
    distilled into the weights. There is no step callback; a block around the last of the loop calls the hook.
    """

    name: ClassVar[str] = "minimax-h3"
    classes: ClassVar[tuple[str, ...]] = ("MiniMaxH3ModularPipeline",)
    text_components: ClassVar[tuple[str, ...]] = ("tokenizer",)
    driver_class: ClassVar[tuple[str, str]] = ("drivers.minimax_h3_driver", "MiniMaxH3Driver")

    def capabilities(self, folder: ModelFolder) -> Capabilities:
        """They depend on which transformers the folder contains."""
        rules = self.rules(folder)
        begins, refers = "transformer" in folder.components, "transformer_ref" in folder.components
        return Capabilities(
            name=self.name,
            max_performers=8,
            text_tokens=_TEXT_TOKENS,
            reference_pictures=PICTURES if refers else 0,
            continuation_frames=max(self.known_frames(folder), default=0),
            frames_or_pictures=True,
            first_frame=begins,
            last_frame=begins,
            memory_sounds=refers,
            own_sound=True,
            max_seconds=rules.most_frames / rules.fps,
        )

    def rules(self, folder: ModelFolder) -> Rules:
        """17 n + 5 frames between 5 and 15 seconds at 24 frames per second."""
        chunk = folder.whole("vae", "clip_length", 17)
        offset, fps = 5, 24
        return Rules(
            fps=fps,
            frame_step=chunk,
            frame_offset=offset,
            least_frames=math.ceil((_LEAST_S * fps - offset) / chunk) * chunk + offset,
            most_frames=math.floor((_MOST_S * fps - offset) / chunk) * chunk + offset,
            side_multiple=32,
            size=(1344, 768),
            steps=49,
            guidance=1.0,
            draft_steps=12,
        )

    def known_frames(self, folder: ModelFolder) -> tuple[int, ...]:
        """The last frame, as the picture to begin with."""
        return (1,) if "transformer" in folder.components else ()

    def hooks(self, folder: ModelFolder) -> bool:
        """Yes; keyframes and references have rows of their own, which the hook does not see."""
        del folder
        return True
