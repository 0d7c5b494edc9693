"""Runs the pipelines of Wan."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import torch
from einops import rearrange
from torch import Tensor

from episodic.backbones.diffusers.driver import FamilyDriver, LoadedPipeline
from episodic.backbones.diffusers.families.drivers.call_helpers import (
    StepCallback,
    contain,
    cover,
    cpu_generator,
    end_images,
    missing_picture,
    recast,
    text_arguments,
    to_frames,
    to_images,
    umt5_prompt,
    without_corrector,
)
from episodic.backbones.diffusers.families.wan import (
    CONTROL,
    IMAGE_PIPELINE,
    REFERENCES,
    TEXT_PIPELINE,
    TEXT_ROWS,
    Wan,
    is_vace,
    needs_last_picture,
    takes_first_picture,
    takes_last_picture,
)
from episodic.backbones.diffusers.folder.model_folder import ModelFolder
from episodic.backbones.diffusers.window import Frames, Memory, Window, WindowResult

__all__ = ["WanDriver", "wan_latents"]

_GREY: Final = 128
"""Grey level that tells VACE to make a frame from nothing."""


class WanDriver(FamilyDriver):
    """Runs the text, image and VACE pipelines."""

    def latents_of(self, loaded: LoadedPipeline, frames: Frames, device: torch.device) -> Tensor:
        """Encode frames with the pipeline's normalisation."""
        return wan_latents(loaded.pipeline.vae, frames, device)

    def encode_prompt(self, loaded: LoadedPipeline, prompt: str, negative: str, device: torch.device) -> dict[str, Tensor]:
        """Encode `prompt_embeds` and `negative_prompt_embeds`, [1, 512, channel]; rows past the text are zeros and are attended to."""
        return umt5_prompt(loaded.pipeline, prompt, negative, TEXT_ROWS, device)

    def call(self, loaded: LoadedPipeline, window: Window, device: torch.device) -> WindowResult:
        """Raises BackboneError where an image model has no picture to begin with, or lacks the last picture that it needs."""
        folder = loaded.folder
        arguments: dict[str, object] = {
            "height": window.height,
            "width": window.width,
            "num_frames": window.frames,
            "num_inference_steps": window.steps,
            "guidance_scale": window.guidance,
            "generator": cpu_generator(window.seed),
            "output_type": "np",
            **text_arguments(window, device),
        }
        if window.noise is not None:
            arguments["latents"] = window.noise
        class_name, slots = folder.class_name, 0
        if is_vace(folder):
            references = _vace_references(window, Wan().rules(folder).frame_step)
            inputs, used = _vace_arguments(window, references)
            slots = len(references)
        else:
            inputs, used = _image_arguments(window, folder)
            if inputs:
                class_name = IMAGE_PIPELINE
        if class_name == TEXT_PIPELINE and folder.index.get("boundary_ratio") is not None:
            # the second stage of the text model of 2.2 is guided less: 4 and 3 (arXiv 2503.20314, code of 2.2)
            arguments["guidance_scale_2"] = 1 + (window.guidance - 1) * 2 / 3
        callback = StepCallback(hook=window.on_step, first=slots) if window.on_step else None
        options = {"expand_timesteps": True} if class_name != folder.class_name else {}
        with (
            recast(loaded.pipeline, class_name, **options) as called,
            without_corrector(called, window.on_step, window.steps),
        ):
            video = called(**arguments, **inputs, callback_on_step_end=callback).frames
        used = {"prompt", *used}
        return WindowResult(frames=to_frames(video), used=frozenset(used), hook_called=bool(callback and callback.called))


def wan_latents(vae: Any, frames: Frames, device: torch.device) -> Tensor:
    """Encode frames as clean latents of `AutoencoderKLWan`, [1, channel, frame, height, width], normalised as its pipelines have them."""
    video = rearrange(torch.from_numpy(frames.copy()), "f h w c -> 1 c f h w").to(device, vae.dtype) / 127.5 - 1
    with torch.no_grad():
        latents = vae.encode(video).latent_dist.mode().float()
    mean, std = (
        rearrange(torch.tensor(moment), "c -> 1 c 1 1 1").to(latents)
        for moment in (vae.config.latents_mean, vae.config.latents_std)
    )
    normal: Tensor = (latents - mean) / std
    return normal


def _image_arguments(window: Window, folder: ModelFolder) -> tuple[dict[str, object], set[str]]:
    """Return the arguments for first and last picture, and the window's fields that they use; nothing for a text model."""
    if not takes_first_picture(folder):
        return {}, set()
    images, used = end_images(window, last=takes_last_picture(folder))
    if "image" not in images and folder.class_name == IMAGE_PIPELINE:
        raise missing_picture(folder, "first")
    if "last_image" not in images and needs_last_picture(folder):
        raise missing_picture(folder, "last")
    return images, used


def _vace_references(window: Window, frame_step: int) -> tuple[Memory, ...]:
    """Return the references that fit: each takes a latent frame of the window's own."""
    return window.references[: min(REFERENCES, (window.frames - 1) // frame_step + 1)]


def _vace_arguments(window: Window, references: tuple[Memory, ...]) -> tuple[dict[str, object], set[str]]:
    """Return the arguments for video, mask (black: keep) and reference pictures, and the window's fields that they use."""
    used: set[str] = set()
    arguments: dict[str, object] = {}
    video = np.full((window.frames, window.height, window.width, 3), _GREY, np.uint8)
    generated = np.ones(window.frames, bool)
    kind = next((kind for kind in CONTROL if kind in window.control), None)
    if kind:
        video[:] = window.control[kind]
        used.add(f"control:{kind}")
    if window.known is not None:
        video[: len(window.known)] = window.known
        generated[: len(window.known)] = False
        used.add("known")
    elif window.first_frame is not None:
        video[0] = np.asarray(cover(window.first_frame, window.width, window.height))
        generated[0] = False
        used.add("first_frame")
    if window.last_frame is not None:
        video[-1] = np.asarray(cover(window.last_frame, window.width, window.height))
        generated[-1] = False
        used.add("last_frame")
    if used:
        masks = np.broadcast_to(np.where(generated, 255, 0).astype(np.uint8)[:, None, None, None], video.shape)
        arguments |= {"video": to_images(video), "mask": to_images(np.ascontiguousarray(masks))}
    if references:
        # the pipeline puts them before the window in the reverse of the order given
        arguments["reference_images"] = [contain(memory.picture, window.width, window.height) for memory in reversed(references)]
        used.update(f"reference:{memory.name}" for memory in references)
    return arguments, used
