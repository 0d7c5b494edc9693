"""Runs the pipelines of SkyReels-V2."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from episodic.backbones.diffusers.driver import FamilyDriver, LoadedPipeline
from episodic.backbones.diffusers.families.drivers.call_helpers import (
    StepCallback,
    cpu_generator,
    end_images,
    recast,
    text_arguments,
    to_frames,
    to_images,
    umt5_prompt,
    without_corrector,
)
from episodic.backbones.diffusers.families.drivers.wan_driver import wan_latents
from episodic.backbones.diffusers.families.skyreels import IMAGE_PIPELINE, TEXT_PIPELINE, TEXT_ROWS, VIDEO_PIPELINE
from episodic.backbones.diffusers.families.wan import wan_steps
from episodic.backbones.diffusers.window import Frames, Window, WindowResult

__all__ = ["SkyReelsDriver"]


class _Inputs(NamedTuple):
    """What a window shows the model: the pipeline class, its arguments, and the names of the window's fields that they use."""

    class_name: str
    arguments: dict[str, object]
    used: set[str]


class SkyReelsDriver(FamilyDriver):
    """Runs the three pipelines on one set of weights."""

    def latents_of(self, loaded: LoadedPipeline, frames: Frames, device: torch.device) -> Tensor:
        """Encode frames with its autoencoder, which is that of Wan."""
        return wan_latents(loaded.pipeline.vae, frames, device)

    def encode_prompt(self, loaded: LoadedPipeline, prompt: str, negative: str, device: torch.device) -> dict[str, Tensor]:
        """Encode `prompt_embeds` and `negative_prompt_embeds`, [1, 512, channel]."""
        return umt5_prompt(loaded.pipeline, prompt, negative, TEXT_ROWS, device)

    def call(self, loaded: LoadedPipeline, window: Window, device: torch.device) -> WindowResult:
        """Run the pipeline that takes the window's inputs. With more than one known frame it cannot take a last picture."""
        inputs = _inputs(window)
        _, step = wan_steps(loaded.folder)
        clean = (len(window.known) - 1) // step + 1 if window.known is not None else int("image" in inputs.arguments)
        callback = None
        if window.on_step:
            # a last picture is one latent frame more than the window has
            callback = StepCallback(hook=window.on_step, frames=(window.frames - 1) // step + 1, clean=clean)
        with recast(loaded.pipeline, inputs.class_name) as called, without_corrector(called, window.on_step, window.steps):
            video = called(
                prompt=None,
                height=window.height,
                width=window.width,
                num_frames=window.frames,
                # the window is the whole video: with a larger base a short one would count as less than one part of a long video
                base_num_frames=window.frames,
                num_inference_steps=window.steps,
                guidance_scale=window.guidance,
                fps=window.fps,
                generator=cpu_generator(window.seed),
                output_type="np",
                callback_on_step_end=callback,
                **text_arguments(window, device),
                **inputs.arguments,
            ).frames
        # a known clip is returned before the new frames, which begin with it once more
        frames = to_frames(video)[-window.frames :]
        used = frozenset({"prompt", *inputs.used})
        return WindowResult(frames=frames, used=used, hook_called=bool(callback and callback.called))


def _inputs(window: Window) -> _Inputs:
    """Choose the pipeline class for a window and the arguments that show it the window's pictures."""
    if window.known is not None and len(window.known) > 1:
        return _Inputs(VIDEO_PIPELINE, {"video": to_images(window.known), "overlap_history": len(window.known)}, {"known"})
    images, used = end_images(window)
    # it ends with a picture only where it begins with one
    return _Inputs(IMAGE_PIPELINE, images, used) if "image" in images else _Inputs(TEXT_PIPELINE, {}, set())
