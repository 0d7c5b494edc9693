"""HunyuanVideo 1.5 (arXiv 2511.18870): text, or a picture to begin with. Its pipelines do not call back between steps."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any, ClassVar, Final

import numpy as np

from episodic.backbones.diffusers.families.call_helpers import ends, frames_of, lacks_picture, seeded, text_arguments
from episodic.backbones.diffusers.family import Family, Joint, Loaded, Shown, Window
from episodic.backbones.diffusers.folder.load import quiet
from episodic.backbones.diffusers.rules import Rules, longest
from episodic.backbones.protocol import Capabilities
from episodic.errors import BackboneError

if TYPE_CHECKING:
    import torch
    from PIL.Image import Image

    from episodic.backbones.diffusers.folder.model_folder import ModelFolder

__all__ = ["Hunyuan"]

_IMAGE: Final = "HunyuanVideo15ImageToVideoPipeline"
_TEXT_ROWS: Final = 1000
"""Tokens that are kept after the instruction to the language model."""
_AFTER: Final = 5
"""Tokens of those that its chat template puts after a text."""
_ARGUMENTS: Final = ("prompt_embeds", "prompt_embeds_mask", "prompt_embeds_2", "prompt_embeds_mask_2")


class Hunyuan(Family):
    """One call is one of `HunyuanVideo15Pipeline` and `HunyuanVideo15ImageToVideoPipeline`."""

    name: ClassVar[str] = "hunyuan"
    classes: ClassVar[tuple[str, ...]] = ("HunyuanVideo15Pipeline", _IMAGE)
    text_components: ClassVar[tuple[str, ...]] = ("tokenizer", "text_encoder", "tokenizer_2", "text_encoder_2")

    def capabilities(self, folder: ModelFolder) -> Capabilities:
        """Image models go on from the last frame."""
        rules, image = self.rules(folder), folder.class_name == _IMAGE
        return Capabilities(
            name=self.name,
            max_performers=8,
            text_tokens=_TEXT_ROWS - _AFTER,
            continuation_frames=int(image),
            first_frame=image,
            needs_first_frame=image,
            max_seconds=rules.most_frames / rules.fps,
            heavy=True,
        )

    def rules(self, folder: ModelFolder) -> Rules:
        """121 frames at 24 per second, 480p or 720p; distilled models need no guidance, and those distilled in steps few of them."""
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
        return (1,) if folder.class_name == _IMAGE else ()

    def joint(self, folder: ModelFolder) -> Joint | None:
        """Text models, which go on from nothing."""
        return (
            None
            if self.known_frames(folder)
            else Joint(components=("transformer",), frames_per_latent=self.rules(folder).frame_step)
        )

    def load(self, folder: ModelFolder, leave_out: Collection[str], dtype: torch.dtype) -> Any:
        """Its pipelines ask the autoencoder for its channels when they are made: without one, they are shown one without weights."""
        if "vae" not in leave_out:
            return super().load(folder, leave_out, dtype)
        import diffusers
        import torch

        from episodic.backbones.diffusers.folder.load import diffusers_class, load_component

        library: Any = diffusers
        kept = [name for name in folder.components if name not in leave_out]
        with quiet():
            parts = dict.fromkeys(folder.components) | {name: load_component(folder, name, dtype) for name in kept}
        try:
            with torch.device("meta"):
                parts["vae"] = library.AutoencoderKLHunyuanVideo15.from_config(dict(folder.config("vae")))
            pipeline = diffusers_class(folder)(**parts)
        except (AttributeError, IndexError, KeyError, RuntimeError, TypeError, ValueError) as err:
            raise BackboneError(
                f"{folder.root}: its components do not make up a {folder.class_name} ({err}); fetch the model again"
            ) from err
        pipeline.register_modules(vae=None)
        pipeline.set_progress_bar_config(disable=True)
        return pipeline

    def encode_prompt(self, loaded: Loaded, prompt: str, negative: str, device: torch.device) -> dict[str, torch.Tensor]:
        """For prompt and negative prompt: rows of the language model and of the encoder of what is written in quotes, and their masks."""
        import torch

        encoded: dict[str, torch.Tensor] = {}
        with torch.no_grad():
            for before, text in (("", prompt), ("negative_", negative)):
                found = loaded.pipeline.encode_prompt(text, device=device)
                encoded |= {f"{before}{name}": one for name, one in zip(_ARGUMENTS, found, strict=True)}
        return encoded

    def call(self, loaded: Loaded, window: Window, device: torch.device) -> Shown:
        """Raises BackboneError where an image model has no picture to begin with."""
        pipeline = loaded.pipeline
        arguments: dict[str, Any] = {"height": window.height, "width": window.width}
        taken: set[str] = set()
        if loaded.folder.class_name == _IMAGE:
            picture, taken = _begin(loaded.folder, window)
            # a model for pictures shoots at the size of its target's area that is nearest to the picture's shape
            arguments = {"image": picture}
            pipeline.target_size = (window.width * window.height) ** 0.5
        with quiet():
            # anew for every window: a guider remembers at which step it stopped
            pipeline.guider = pipeline.guider.new(guidance_scale=window.guidance)
        video = pipeline(
            num_frames=window.frames,
            num_inference_steps=window.steps,
            generator=seeded(window.seed),
            output_type="np",
            **text_arguments(window, device),
            **arguments,
        ).frames
        return Shown(frames=frames_of(video), taken=frozenset({"prompt", *taken}))


def _begin(folder: ModelFolder, window: Window) -> tuple[Image, set[str]]:
    """The picture to begin with, a pixel wider or higher than the window.

    The pipeline chooses the nearest size whose shape, rounded to five places, is not beyond the picture's; the pixel too many keeps
    the window's own size from being beyond, and is cut off again.
    """
    from PIL import Image

    shown, taken = ends(window, last=False)
    if not shown:
        raise lacks_picture(folder, "first")
    wider = window.width > window.height
    return Image.fromarray(np.pad(np.asarray(shown["image"]), ((0, not wider), (0, wider), (0, 0)), "edge")), taken
