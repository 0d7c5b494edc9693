"""What drivers share in calling a diffusers pipeline: pictures in and out, seeds, prompts, and the hook into the denoising steps."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import diffusers
import numpy as np
import torch
from einops import rearrange
from jaxtyping import Float
from PIL import Image, ImageOps
from torch import Tensor

from episodic.backbones.diffusers.family import PICTURE_MAKERS
from episodic.backbones.diffusers.folder.model_folder import ModelFolder
from episodic.backbones.diffusers.window import Frames, Picture, Window
from episodic.backbones.request import FrameEnd
from episodic.consistency.step_hook import StepHook
from episodic.errors import BackboneError

__all__ = [
    "StepCallback",
    "contain",
    "cover",
    "cpu_generator",
    "end_images",
    "load_reader",
    "missing_picture",
    "recast",
    "text_arguments",
    "to_frames",
    "to_images",
    "umt5_prompt",
    "without_corrector",
]


def to_images(frames: Frames) -> list[Image.Image]:
    """Convert frames to the list of pictures that pipelines take as video."""
    return [Image.fromarray(frame) for frame in frames]


def cover(picture: Picture, width: int, height: int) -> Image.Image:
    """Scale a picture to cover the frame, keeping its shape; the overhang is cut off evenly on both sides."""
    return ImageOps.fit(Image.fromarray(picture), (width, height), Image.Resampling.LANCZOS)


def contain(picture: Picture, width: int, height: int) -> Image.Image:
    """Scale a picture to fit within the frame, keeping its shape, on white."""
    return ImageOps.pad(Image.fromarray(picture), (width, height), Image.Resampling.LANCZOS, color=(255, 255, 255))


def end_images(window: Window, *, first: bool = True, last: bool = True) -> tuple[dict[str, object], set[str]]:
    """Return the arguments `image` and `last_image` where the window has them, and the names of the window's fields that they use.

    A window begins with the end of the take that it continues, else with the picture made for its beginning. `first`, `last`: whether
    the model takes a picture there.
    """
    arguments: dict[str, object] = {}
    used: set[str] = set()
    size = window.width, window.height
    if first and window.known is not None:
        arguments["image"] = cover(window.known[-1], *size)
        used.add("known")
    elif first and window.first_frame is not None:
        arguments["image"] = cover(window.first_frame, *size)
        used.add("first_frame")
    if last and window.last_frame is not None:
        arguments["last_image"] = cover(window.last_frame, *size)
        used.add("last_frame")
    return arguments, used


def to_frames(video: Float[np.ndarray, "1 frame height width 3"]) -> Frames:
    """Convert a pipeline's "np" output, 0..1, to 8 bits."""
    clip = np.asarray(video)[0]
    rounded: Frames = np.rint(np.clip(clip, 0, 1) * 255).astype(np.uint8)
    return rounded


def cpu_generator(seed: int) -> torch.Generator:
    """Return a generator on the CPU, so that every device gets the same noise."""
    return torch.Generator("cpu").manual_seed(seed)


def text_arguments(window: Window, device: torch.device) -> dict[str, Tensor]:
    """Return the encoded prompt by argument name, moved to the device, because pipelines expect it there.

    The negative prompt is left out where guidance does not use it.
    """
    guided = window.guidance > 1.0
    return {name: tensor.to(device) for name, tensor in window.encoded.items() if guided or not name.startswith("negative_")}


def missing_picture(folder: ModelFolder, end: FrameEnd) -> BackboneError:
    """Return the error for a window without the picture that a model needs. Generated episodes always have it."""
    if end == "first":
        verb, absent, alternative = "begin", "neither a `first_frame` nor a take to continue in `continues`", "begins with text"
    else:
        verb, absent, alternative = "end", "no `last_frame`", "needs no picture to end with"
    return BackboneError(
        f"{folder.root}: {folder.class_name} cannot shoot without a picture to {verb} with, and this window has none: its request has "
        f"{absent}. In a generated episode {PICTURE_MAKERS}; in a request of your own, name one, or choose a model that {alternative} "
        "(`episodic models`)"
    )


def load_reader(reader_class: Any, place: Path) -> Any:
    """Load a tokenizer or processor from its folder. Raises BackboneError where it does not load."""
    try:
        return reader_class.from_pretrained(str(place), local_files_only=True, trust_remote_code=False)
    except (OSError, ValueError, KeyError, TypeError) as err:
        raise BackboneError(f"{place}: the component {place.name} does not load ({err}); fetch the model again") from err


@contextmanager
def recast(pipeline: Any, class_name: str, **options: Any) -> Iterator[Any]:
    """Yield the loaded components assembled as another pipeline class of diffusers.

    Classes of one family differ in the arguments of their call, not in their weights. Offloading hooks sit on the components and keep
    working; the hooks of the pipeline itself are run when the call is over.
    """
    if type(pipeline).__name__ == class_name:
        yield pipeline
        return
    other_class = getattr(diffusers, class_name)
    parameters = inspect.signature(other_class.__init__).parameters
    other = other_class(**{name: part for name, part in pipeline.components.items() if name in parameters}, **options)
    other.set_progress_bar_config(disable=True)
    try:
        yield other
    finally:
        pipeline.maybe_free_model_hooks()


@contextmanager
def without_corrector(pipeline: Any, hook: StepHook | None, steps: int) -> Iterator[None]:
    """Run UniPC (Zhao et al. 2023) without its corrector where a hook changes latents between steps.

    The corrector recomputes a step's result from the sample before the step, and so would undo most of the change.
    """
    scheduler = pipeline.scheduler
    if hook is not None and hasattr(scheduler, "disable_corrector"):
        pipeline.scheduler = type(scheduler).from_config(scheduler.config, disable_corrector=list(range(steps)))
    try:
        yield
    finally:
        pipeline.scheduler = scheduler


def umt5_prompt(pipeline: Any, prompt: str, negative: str, rows: int, device: torch.device) -> dict[str, Tensor]:
    """Encode `prompt_embeds` and `negative_prompt_embeds`, [1, rows, channel], for a pipeline that reads text as Wan does.

    Rows past the text are zeros and are attended to. Of these pipelines only `WanPipeline` cleans a text without a further package.
    """
    with torch.no_grad(), recast(pipeline, "WanPipeline") as reader:
        positive_embeds, negative_embeds = reader.encode_prompt(
            prompt, negative, do_classifier_free_guidance=True, max_sequence_length=rows, device=device
        )
    return {"prompt_embeds": positive_embeds, "negative_prompt_embeds": negative_embeds}


def _next_noise_level(scheduler: Any, step: int, timestep: Tensor) -> tuple[float, float]:
    """Return the signal and noise factors that the next step expects: x = signal * clean + noise * Gaussian.

    `step` counts from 0; `timestep` is the one just done. Rectified flow (Liu et al. 2022): 1 - sigma, sigma. Variance preserving
    (Ho et al. 2020): the square roots of alpha-bar and 1 - alpha-bar.
    """
    if hasattr(scheduler, "sigmas"):
        sigma = float(scheduler.sigmas[step + 1])
        if type(scheduler).__name__.startswith("FlowMatch") or scheduler.config.get("use_flow_sigmas", False):
            return 1 - sigma, sigma
        signal = (1 + sigma * sigma) ** -0.5
        return signal, sigma * signal
    index = int((scheduler.timesteps == timestep).nonzero()[0, 0])
    alpha_bar = float(scheduler.alphas_cumprod[int(scheduler.timesteps[index + 1])])
    return alpha_bar**0.5, (1 - alpha_bar) ** 0.5


@dataclass(slots=True, kw_only=True)
class StepCallback:
    """A pipeline's `callback_on_step_end` that lets a `StepHook` change the latents."""

    hook: StepHook
    first: int = 0
    """The first latent frame of the window; the pipeline's own slots come before it."""
    frames: int | None = None
    """Number of latent frames of the window; None: all that follow."""
    clean: int = 0
    """How many of those are known beforehand: without noise at every step, and restored after the hook."""
    order: Literal["channel frame", "frame channel"] = "channel frame"
    """The pipeline's order of axes after the batch."""
    called: bool = False

    def __call__(self, pipeline: Any, step: int, timestep: Tensor, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
        """Return the latents to continue with, by the name of the pipeline's variable."""
        steps = int(pipeline.num_timesteps)
        if step + 1 >= steps:
            return {}
        signal, noise = _next_noise_level(pipeline.scheduler, step, timestep)
        latents = tensors["latents"]
        whole = rearrange(latents, "b f c h w -> b c f h w") if self.order == "frame channel" else latents
        end = whole.shape[2] if self.frames is None else self.first + self.frames
        changed = whole.clone()
        hooked = self.hook(step, steps, signal, noise, whole[:, :, self.first : end])
        changed[:, :, self.first + self.clean : end] = hooked[:, :, self.clean :].to(whole)
        self.called = True
        return {"latents": rearrange(changed, "b c f h w -> b f c h w") if self.order == "frame channel" else changed}
