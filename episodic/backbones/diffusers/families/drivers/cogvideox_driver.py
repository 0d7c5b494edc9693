"""Runs the pipelines of CogVideoX."""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import Any, Final, NamedTuple

import numpy as np
import torch
from einops import rearrange
from torch import Tensor

from episodic.backbones.diffusers.driver import FamilyDriver, LoadedPipeline
from episodic.backbones.diffusers.families.cogvideox import (
    IMAGE_PIPELINE,
    TEXT_PIPELINE,
    VIDEO_PIPELINE,
    frames_per_latent,
    joins_latent_frames,
    text_rows,
    trained_size,
)
from episodic.backbones.diffusers.families.drivers.call_helpers import (
    StepCallback,
    cover,
    cpu_generator,
    end_images,
    missing_picture,
    recast,
    text_arguments,
    to_frames,
    to_images,
)
from episodic.backbones.diffusers.folder.load import quiet
from episodic.backbones.diffusers.folder.model_folder import ModelFolder
from episodic.backbones.diffusers.window import Frames, Picture, Window, WindowResult

__all__ = ["CogVideoXDriver"]

_STRENGTH: Final = 0.8
"""Share of the rough cut that the model replaces (SDEdit, Meng et al. 2021): its composition stays, its flat colours go."""


class _Inputs(NamedTuple):
    """What a window shows the model: the pipeline class, its arguments, and the names of the window's fields that they use."""

    class_name: str
    arguments: dict[str, object]
    used: set[str]
    output_type: str = "np"
    step_share: float = 1.0
    """Share of the requested steps that run."""


class CogVideoXDriver(FamilyDriver):
    """Runs the image pipeline for image models, and the text or the video pipeline for all others."""

    def load(self, folder: ModelFolder, leave_out: Collection[str], dtype: torch.dtype) -> Any:
        """Load the autoencoder in `dtype`, too: the pipelines pass it the latents of the transformer without converting them."""
        pipeline = super().load(folder, leave_out, dtype)
        if pipeline.vae is not None:
            with quiet():
                pipeline.vae.to(dtype)
        return pipeline

    def latents_of(self, loaded: LoadedPipeline, frames: Frames, device: torch.device) -> Tensor:
        """Encode frames with the pipeline's scaling; for a model with one fixed size, frames are first scaled and padded to it."""
        vae = loaded.pipeline.vae
        placement = _Placement(loaded.folder, frames.shape[2], frames.shape[1])
        clip = np.stack([placement.inside(frame) for frame in frames])
        video = rearrange(torch.from_numpy(clip), "f h w c -> 1 c f h w").to(device, vae.dtype) / 127.5 - 1
        with torch.no_grad():
            latents: Tensor = vae.encode(video).latent_dist.mode().float() * vae.config.scaling_factor
        return latents

    def encode_prompt(self, loaded: LoadedPipeline, prompt: str, negative: str, device: torch.device) -> dict[str, Tensor]:
        """Return `prompt_embeds` and `negative_prompt_embeds` in the same shape: they go through the model side by side."""
        with torch.no_grad():
            positive_embeds, negative_embeds = loaded.pipeline.encode_prompt(
                prompt, negative, do_classifier_free_guidance=True, max_sequence_length=text_rows(loaded.folder), device=device
            )
        return {"prompt_embeds": positive_embeds, "negative_prompt_embeds": negative_embeds}

    def call(self, loaded: LoadedPipeline, window: Window, device: torch.device) -> WindowResult:
        """Choose the pipeline for the window and run it. Raises BackboneError where an image model has no picture to begin with."""
        folder, pipeline = loaded.folder, loaded.pipeline
        placement = _Placement(folder, window.width, window.height)
        latent_frames = (window.frames - 1) // frames_per_latent(folder) + 1
        spare = latent_frames % 2 if joins_latent_frames(folder) else 0
        inputs = _inputs(folder, window, placement, spare)
        slots = 0 if inputs.class_name == IMAGE_PIPELINE else spare
        callback = None
        if window.on_step:
            callback = StepCallback(hook=window.on_step, first=slots, frames=latent_frames, order="frame channel")
        texts = {name: tensor.to(pipeline.transformer.dtype) for name, tensor in text_arguments(window, device).items()}
        noise = window.noise
        if noise is not None:
            noise = rearrange(noise, "b c f h w -> b f c h w").to(texts["prompt_embeds"])
        with recast(pipeline, inputs.class_name) as called:
            video = called(
                height=placement.height,
                width=placement.width,
                num_inference_steps=math.ceil(window.steps / inputs.step_share),
                guidance_scale=window.guidance,
                # the authors' setting for this solver
                use_dynamic_cfg=type(pipeline.scheduler).__name__ == "CogVideoXDPMScheduler",
                generator=cpu_generator(window.seed),
                callback_on_step_end=callback,
                latents=noise,
                output_type=inputs.output_type,
                **texts,
                **inputs.arguments,
            ).frames
            if inputs.output_type == "latent":
                video = _decode(called, video[:, :latent_frames])
        frames = np.stack([placement.outside(frame) for frame in to_frames(video)])
        used = frozenset({"prompt", *inputs.used})
        return WindowResult(frames=frames, used=used, hook_called=bool(callback and callback.called))


def _decode(pipeline: Any, latents: Tensor) -> np.ndarray:
    """Decode latents as the pipeline does for its "np" output."""
    with torch.no_grad():
        video: np.ndarray = pipeline.video_processor.postprocess_video(pipeline.decode_latents(latents), output_type="np")
    return video


def _inputs(folder: ModelFolder, window: Window, placement: _Placement, spare: int) -> _Inputs:
    """Choose the pipeline class for a window and the arguments that show it the window's pictures."""
    if folder.class_name == IMAGE_PIPELINE:
        images, used = end_images(window, last=False)
        if not images:
            raise missing_picture(folder, "first")
        picture = placement.inside(np.asarray(images["image"]))
        # For an odd count of latent frames the pipeline of 1.5 drops the first one, and the picture with it. A window one latent frame
        # longer avoids that; the surplus at the end is not decoded.
        frames = window.frames + spare * frames_per_latent(folder)
        arguments = {"image": to_images(picture[None])[0], "num_frames": frames}
        return _Inputs(IMAGE_PIPELINE, arguments, used, "latent" if spare else "np")
    rough = window.control.get("layout")
    if rough is not None and not joins_latent_frames(folder):
        clip = [placement.inside(frame) for frame in rough]
        arguments = {"video": to_images(np.stack(clip)), "strength": _STRENGTH}
        return _Inputs(VIDEO_PIPELINE, arguments, {"control:layout"}, step_share=_STRENGTH)
    return _Inputs(TEXT_PIPELINE, {"num_frames": window.frames}, set())


class _Placement:
    """The position of a window in the picture that the model shoots.

    The window is the whole picture, except for the one model of a single size (CogVideoX-5b-I2V): there it is scaled to fit and centred.
    The margin repeats the window's edges and is cut off again.
    """

    def __init__(self, folder: ModelFolder, width: int, height: int) -> None:
        self._window = width, height
        fixed = bool(folder.config("transformer").get("use_learned_positional_embeddings", False))
        self.width, self.height = trained_size(folder) if fixed else (width, height)
        scale = min(self.width / width, self.height / height)
        self._inner = round(width * scale), round(height * scale)
        self._left, self._top = (self.width - self._inner[0]) // 2, (self.height - self._inner[1]) // 2

    def inside(self, picture: Picture) -> Picture:
        """Place a picture of the window's size in the picture that the model shoots."""
        if self._inner == self._window == (self.width, self.height):
            return picture
        small = np.asarray(cover(picture, *self._inner))
        right, bottom = self.width - self._left - self._inner[0], self.height - self._top - self._inner[1]
        return np.pad(small, ((self._top, bottom), (self._left, right), (0, 0)), "edge")

    def outside(self, picture: Picture) -> Picture:
        """Cut the window out of the picture that the model shot, at the window's size."""
        (width, height), (left, top) = self._inner, (self._left, self._top)
        cut = picture[top : top + height, left : left + width]
        return cut if self._inner == self._window else np.asarray(cover(cut, *self._window))
