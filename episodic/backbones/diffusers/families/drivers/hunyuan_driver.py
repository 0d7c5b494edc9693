"""Runs the pipelines of HunyuanVideo 1.5."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from episodic.backbones.diffusers.driver import FamilyDriver, LoadedPipeline
from episodic.backbones.diffusers.families.drivers.call_helpers import (
    cpu_generator,
    end_images,
    missing_picture,
    text_arguments,
    to_frames,
)
from episodic.backbones.diffusers.families.hunyuan import IMAGE_PIPELINE
from episodic.backbones.diffusers.folder.load import diffusers_class, load_component, quiet
from episodic.backbones.diffusers.folder.model_folder import ModelFolder
from episodic.backbones.diffusers.libraries import diffusers
from episodic.backbones.diffusers.window import Window, WindowResult
from episodic.errors import BackboneError

__all__ = ["HunyuanDriver"]

_ARGUMENTS: Final = ("prompt_embeds", "prompt_embeds_mask", "prompt_embeds_2", "prompt_embeds_mask_2")


class HunyuanDriver(FamilyDriver):
    """Runs the text pipeline and the image pipeline."""

    def load(self, folder: ModelFolder, leave_out: Collection[str], dtype: torch.dtype) -> Any:
        """Load the pipeline. Its constructor reads the autoencoder's channels, so that a left-out one is replaced by one without weights."""
        if "vae" not in leave_out:
            return super().load(folder, leave_out, dtype)
        names = [name for name in folder.components if name not in leave_out]
        with quiet():
            parts = dict.fromkeys(folder.components) | {name: load_component(folder, name, dtype) for name in names}
        try:
            with torch.device("meta"):
                parts["vae"] = diffusers.AutoencoderKLHunyuanVideo15.from_config(dict(folder.config("vae")))
            pipeline = diffusers_class(folder)(**parts)
        except (AttributeError, IndexError, KeyError, RuntimeError, TypeError, ValueError) as err:
            raise BackboneError(
                f"{folder.root}: its components do not make up a {folder.class_name} ({err}); fetch the model again"
            ) from err
        pipeline.register_modules(vae=None)
        pipeline.set_progress_bar_config(disable=True)
        return pipeline

    def encode_prompt(self, loaded: LoadedPipeline, prompt: str, negative: str, device: torch.device) -> dict[str, Tensor]:
        """Encode both prompts: rows of the language model and of the encoder of quoted text, and their masks."""
        encoded: dict[str, Tensor] = {}
        with torch.no_grad():
            for prefix, text in (("", prompt), ("negative_", negative)):
                tensors = loaded.pipeline.encode_prompt(text, device=device)
                encoded |= {f"{prefix}{name}": tensor for name, tensor in zip(_ARGUMENTS, tensors, strict=True)}
        return encoded

    def call(self, loaded: LoadedPipeline, window: Window, device: torch.device) -> WindowResult:
        """Raises BackboneError where an image model has no picture to begin with."""
        pipeline = loaded.pipeline
        arguments: dict[str, object] = {"height": window.height, "width": window.width}
        used: set[str] = set()
        if loaded.folder.class_name == IMAGE_PIPELINE:
            picture, used = _first_picture(loaded.folder, window)
            # an image model shoots at the size of its target's area that is nearest to the picture's shape
            arguments = {"image": picture}
            pipeline.target_size = (window.width * window.height) ** 0.5
        with quiet():
            # a new one for every window: a guider remembers at which step it stopped
            pipeline.guider = pipeline.guider.new(guidance_scale=window.guidance)
        video = pipeline(
            num_frames=window.frames,
            num_inference_steps=window.steps,
            generator=cpu_generator(window.seed),
            output_type="np",
            **text_arguments(window, device),
            **arguments,
        ).frames
        return WindowResult(frames=to_frames(video), used=frozenset({"prompt", *used}))


def _first_picture(folder: ModelFolder, window: Window) -> tuple[Image.Image, set[str]]:
    """Return the picture to begin with, a pixel wider or higher than the window, and the window's fields that it uses.

    The pipeline chooses the nearest size whose shape, rounded to five places, is not beyond the picture's. The extra pixel keeps the
    window's own size from being beyond, and is cut off again.
    """
    images, used = end_images(window, last=False)
    if not images:
        raise missing_picture(folder, "first")
    wider = window.width > window.height
    return Image.fromarray(np.pad(np.asarray(images["image"]), ((0, not wider), (0, wider), (0, 0)), "edge")), used
