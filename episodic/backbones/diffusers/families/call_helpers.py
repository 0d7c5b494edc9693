"""What the families share in calling a pipeline of diffusers: pictures in and out, seeds, and the hook into its denoising steps."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
from einops import rearrange
from jaxtyping import Float, UInt8

from episodic.backbones.diffusers.family import StepHook, Window
from episodic.errors import BackboneError

if TYPE_CHECKING:
    import torch
    from PIL.Image import Image

    from episodic.backbones.diffusers.folder.model_folder import ModelFolder

__all__ = [
    "FRAMES_MADE",
    "StepCallback",
    "contained",
    "ends",
    "filled",
    "frames_of",
    "lacks_picture",
    "next_level",
    "pictures",
    "same_parts",
    "seeded",
    "text_arguments",
    "umt5_prompt",
]

FRAMES_MADE: Final = "a keyframe model makes it (`keyframes:` in series.yaml), or else `stage` paints it"
"""Where the pictures come from that a model begins or ends with always, in an episode that is generated."""

Picture = UInt8[np.ndarray, "height width 3"]
Frames = UInt8[np.ndarray, "frame height width 3"]


def pictures(frames: Frames) -> list[Image]:
    """Frames as the list of pictures that pipelines take as video."""
    from PIL import Image

    return [Image.fromarray(frame) for frame in frames]


def filled(picture: Picture, width: int, height: int) -> Image:
    """A picture that fills the frame, its shape kept: what stands over is cut off on both sides."""
    from PIL import Image, ImageOps

    return ImageOps.fit(Image.fromarray(picture), (width, height), Image.Resampling.LANCZOS)


def ends(window: Window, *, first: bool = True, last: bool = True) -> tuple[dict[str, Any], set[str]]:
    """`image` and `last_image`, as far as there are any, and which of the window's fields they are.

    It begins with the end of what it goes on from, else with the picture made for its beginning. `first`, `last`: whether the model
    takes one there.
    """
    begins = ("known", window.known[-1]) if window.known is not None else ("first_frame", window.first_frame)
    given = {"image": begins if first else ("", None), "last_image": ("last_frame", window.last_frame if last else None)}
    shown = {argument: filled(one, window.width, window.height) for argument, (_, one) in given.items() if one is not None}
    return shown, {given[argument][0] for argument in shown}


def contained(picture: Picture, width: int, height: int) -> Image:
    """The whole of a picture, its shape kept, on white."""
    from PIL import Image, ImageOps

    return ImageOps.pad(Image.fromarray(picture), (width, height), Image.Resampling.LANCZOS, color=(255, 255, 255))


def frames_of(video: Float[np.ndarray, "1 frame height width 3"]) -> Frames:
    """What a pipeline gives as "np", 0..1, in 8 bits."""
    clip = np.asarray(video)[0]
    rounded: Frames = np.rint(np.clip(clip, 0, 1) * 255).astype(np.uint8)
    return rounded


def seeded(seed: int) -> torch.Generator:
    """A generator on the CPU: the same noise on every device."""
    import torch

    return torch.Generator("cpu").manual_seed(seed)


def text_arguments(window: Window, device: torch.device) -> dict[str, Any]:
    """The encoded prompt by the name of its argument, on the device: it was read from disk, and pipelines take it to be there.

    Without the negative one where nothing is guided away from it.
    """
    guided = window.guidance > 1.0
    return {name: one.to(device) for name, one in window.encoded.items() if guided or not name.startswith("negative_")}


def lacks_picture(folder: ModelFolder, which: Literal["first", "last"]) -> BackboneError:
    """For a window without the picture that a model needs: only of a request that no episode made, for there it always has one."""
    if which == "first":
        does, without, other = "begin", "neither a `first_frame` nor a take to go on from in `continues`", "begins with text"
    else:
        does, without, other = "end", "no `last_frame`", "needs no picture to end with"
    return BackboneError(
        f"{folder.root}: {folder.class_name} shoots nothing without a picture to {does} with, and this window has none: its request has "
        f"{without}. In a generated episode {FRAMES_MADE}; in a request of your own, name one, or choose a model that {other} "
        "(`episodic models`)"
    )


@contextmanager
def same_parts(pipeline: Any, wanted: str, **options: Any) -> Iterator[Any]:
    """The same loaded components as another pipeline class of diffusers takes them.

    Classes of one family differ in what their call takes, not in their weights. Offloading hooks sit on the components and go on
    working; those that the pipeline itself holds are seen to when the call is over.
    """
    import diffusers

    if type(pipeline).__name__ == wanted:
        yield pipeline
        return
    other_class = getattr(diffusers, wanted)
    parameters = inspect.signature(other_class.__init__).parameters
    other = other_class(**{name: part for name, part in pipeline.components.items() if name in parameters}, **options)
    other.set_progress_bar_config(disable=True)
    try:
        yield other
    finally:
        pipeline.maybe_free_model_hooks()


@contextmanager
def uncorrected(pipeline: Any, hook: StepHook | None, steps: int) -> Iterator[None]:
    """Where a hook changes latents between steps, UniPC (Zhao et al. 2023) runs without its corrector.

    The corrector computes a step's result anew from the sample before the step, and so would undo most of the change.
    """
    scheduler = pipeline.scheduler
    if hook is not None and hasattr(scheduler, "disable_corrector"):
        pipeline.scheduler = type(scheduler).from_config(scheduler.config, disable_corrector=list(range(steps)))
    try:
        yield
    finally:
        pipeline.scheduler = scheduler


def umt5_prompt(pipeline: Any, prompt: str, negative: str, rows: int, device: torch.device) -> dict[str, torch.Tensor]:
    """`prompt_embeds` and `negative_prompt_embeds`, [1, rows, channel], of a pipeline that reads text as Wan does.

    Rows past the text are zeros, and are attended to. `WanPipeline` is the one of them that cleans a text without a further package.
    """
    import torch

    with torch.no_grad(), same_parts(pipeline, "WanPipeline") as reader:
        embeds, unwanted = reader.encode_prompt(
            prompt, negative, do_classifier_free_guidance=True, max_sequence_length=rows, device=device
        )
    return {"prompt_embeds": embeds, "negative_prompt_embeds": unwanted}


def next_level(scheduler: Any, step: int, timestep: torch.Tensor) -> tuple[float, float]:
    """How much of the clean latents and how much noise the next step expects: x = signal * clean + noise * Gaussian.

    `step` counts from 0, `timestep` is what was just done. Rectified flow (Liu et al. 2022): 1 - sigma, sigma. Variance preserving
    (Ho et al. 2020): the roots of alpha-bar and 1 - alpha-bar.
    """
    if hasattr(scheduler, "sigmas"):
        sigma = float(scheduler.sigmas[step + 1])
        if type(scheduler).__name__.startswith("FlowMatch") or scheduler.config.get("use_flow_sigmas", False):
            return 1 - sigma, sigma
        signal = (1 + sigma * sigma) ** -0.5
        return signal, sigma * signal
    done = int((scheduler.timesteps == timestep).nonzero()[0, 0])
    kept = float(scheduler.alphas_cumprod[int(scheduler.timesteps[done + 1])])
    return kept**0.5, (1 - kept) ** 0.5


@dataclass(slots=True, kw_only=True)
class StepCallback:
    """A pipeline's `callback_on_step_end` that has a `StepHook` change the latents."""

    hook: StepHook
    first: int = 0
    """The first latent frame of the window: what comes before are a pipeline's own slots."""
    frames: int | None = None
    """How many latent frames the window has; None: all that follow."""
    clean: int = 0
    """How many of those are known beforehand: without noise at every step, and put back after the hook."""
    order: Literal["channel frame", "frame channel"] = "channel frame"
    """How the pipeline lays its latents out, after the batch."""
    called: bool = False

    def __call__(
        self, pipeline: Any, step: int, timestep: torch.Tensor, tensors: dict[str, torch.Tensor]
    ) -> dict[str, torch.Tensor]:
        """Latents to go on with, by the name of the pipeline's variable."""
        steps = int(pipeline.num_timesteps)
        if step + 1 >= steps:
            return {}
        signal, noise = next_level(pipeline.scheduler, step, timestep)
        latents = tensors["latents"]
        whole = rearrange(latents, "b f c h w -> b c f h w") if self.order == "frame channel" else latents
        end = whole.shape[2] if self.frames is None else self.first + self.frames
        changed = whole.clone()
        made = self.first + self.clean
        changed[:, :, made:end] = self.hook(step, steps, signal, noise, whole[:, :, self.first : end])[:, :, self.clean :].to(
            whole
        )
        self.called = True
        return {"latents": rearrange(changed, "b c f h w -> b f c h w") if self.order == "frame channel" else changed}
