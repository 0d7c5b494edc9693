"""LTX-2 (arXiv 2601.03233): picture and sound in one pass.

The weights are the same for all four pipeline classes that a folder may name. Windows are shot with the class that takes most:
`LTX2InContextPipeline` where the folder has an IC-LoRA, else `LTX2ConditionPipeline`.
"""

from __future__ import annotations

from typing import ClassVar, Final

import numpy as np

from episodic.backbones.diffusers.families.ltx2_control import find_ic_lora
from episodic.backbones.diffusers.family import Family
from episodic.backbones.diffusers.folder.model_folder import ModelFolder
from episodic.backbones.diffusers.rules import SOUND_HZ, Rules, longest
from episodic.backbones.protocol import Capabilities
from episodic.series.shooting_settings import ControlKind

__all__ = ["TEXT_ROWS", "Ltx2", "distilled_sigmas", "is_distilled"]

TEXT_ROWS: Final = 1024
"""Rows of an encoded prompt as the connectors take it; they fill unused rows with learnt registers by position."""
_KNOWN: Final = (1, 9, 17, 25)
_DISTILLED: Final = (1.0, 0.99375, 0.9875, 0.98125, 0.975, 0.909375, 0.725, 0.421875)
"""The noise levels that the distilled models were trained on, as in `diffusers.pipelines.ltx2.utils`, which imports torch."""


class Ltx2(Family):
    """Continues up to 25 frames and their sound, begins and ends with pictures, and follows control video where it has an IC-LoRA.

    Distilled models are recognised by a scheduler without dynamic shifting, or by `distilled` in the name of the folder or repository;
    they are sampled in eight noise levels without guidance.
    """

    name: ClassVar[str] = "ltx2"
    classes: ClassVar[tuple[str, ...]] = (
        "LTX2Pipeline",
        "LTX2ImageToVideoPipeline",
        "LTX2ConditionPipeline",
        "LTX2InContextPipeline",
    )
    text_components: ClassVar[tuple[str, ...]] = ("tokenizer", "text_encoder")
    driver_class: ClassVar[tuple[str, str]] = ("drivers.ltx2_driver", "Ltx2Driver")
    speech_hz: ClassVar[int | None] = SOUND_HZ

    def capabilities(self, folder: ModelFolder) -> Capabilities:
        """The same for all four classes."""
        rules = self.rules(folder)
        return Capabilities(
            name=self.name,
            max_performers=8,
            text_tokens=TEXT_ROWS - 1,
            continuation_frames=max(_KNOWN),
            first_frame=True,
            last_frame=True,
            own_sound=True,
            max_seconds=rules.most_frames / rules.fps,
        )

    def control_kinds(self, folder: ModelFolder) -> tuple[ControlKind, ...]:
        """Only with an IC-LoRA."""
        control = find_ic_lora(folder.root)
        return control.kinds if control else ()

    def rules(self, folder: ModelFolder) -> Rules:
        """Up to ten seconds at 24 frames per second: half the reach of its position embedding."""
        control = find_ic_lora(folder.root)
        step = folder.whole("vae", "temporal_compression_ratio", 8)
        side = folder.whole("vae", "spatial_compression_ratio", 32)
        distilled = is_distilled(folder)
        return Rules(
            fps=24,
            frame_step=step,
            frame_offset=1,
            most_frames=longest(241, step),
            side_multiple=side * (control.downscale if control else 1),
            # its autoencoder mirrors the edges of what it decodes, which takes two latent pixels
            least_side=2 * side,
            size=(768, 512),
            steps=len(_DISTILLED) if distilled else 30,
            guidance=1.0 if distilled else 3.0,
            draft_steps=len(_DISTILLED) // 2 if distilled else 10,
        )

    def known_frames(self, folder: ModelFolder) -> tuple[int, ...]:
        """Whole latent frames, up to a second."""
        del folder
        return _KNOWN

    def hooks(self, folder: ModelFolder) -> bool:
        """Yes; the hook does not change what the pipeline itself fixes (known frames, pictures, control)."""
        del folder
        return True


def distilled_sigmas(steps: int) -> list[float]:
    """Return the noise levels of the distilled models, or `steps` of them spread over all, including the first and the last."""
    count = max(1, min(steps, len(_DISTILLED)))
    chosen = np.rint(np.linspace(0, len(_DISTILLED) - 1, count)).astype(int)
    return [_DISTILLED[level] for level in chosen]


def is_distilled(folder: ModelFolder) -> bool:
    """Return whether a model is distilled. In the hub's cache the repository's name is two folders above its snapshots."""
    root = folder.root.parents[1] if folder.root.parent.name == "snapshots" else folder.root
    return "distilled" in root.name.lower() or folder.configs.get("scheduler", {}).get("use_dynamic_shifting") is False
