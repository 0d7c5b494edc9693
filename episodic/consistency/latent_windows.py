"""Overlapping windows of one long take, denoised together: for models that cannot go on from known frames.

At every step the model predicts each window by itself, and the predictions are blended by weight, so that the windows agree while
they are being made rather than afterwards. Sources: MultiDiffusion (Bar-Tal et al. 2023), Gen-L-Video (Wang et al. 2023), and for the
noise FreeNoise (Qiu et al. 2023).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Any

import torch
from einops import rearrange
from jaxtyping import Float
from torch import Tensor, nn

from episodic.errors import BackboneError

__all__ = ["blend_weights", "shared_noise", "window_starts", "windowed"]


def window_starts(frames: int, window: int, overlap: int) -> tuple[int, ...]:
    """First latent frame of every window; the last one ends with the video, and may overlap by more.

    Raises BackboneError where windows of that length and overlap do not go forward.
    """
    if not 0 <= overlap < window:
        raise BackboneError(
            f"latent windows: expected an overlap of 0 to {window - 1} frames in windows of {window}, found {overlap}"
        )
    if frames <= window:
        return (0,)
    return (*range(0, frames - window, window - overlap), frames - window)


def blend_weights(frames: int, window: int, overlap: int) -> Float[Tensor, "start window"]:
    """How much each window's prediction counts at each of its frames: trapezoids that rise over the overlap; they sum to one.

    A window knows least about its ends, beyond which it does not see.
    """
    starts = window_starts(frames, window, overlap)
    window = min(window, frames)
    place = torch.arange(window, dtype=torch.float64)
    trapezoid = torch.minimum(place + 1, window - place).clamp(max=overlap + 1)
    total = torch.zeros(frames, dtype=torch.float64)
    for start in starts:
        total[start : start + window] += trapezoid
    return torch.stack([trapezoid / total[start : start + window] for start in starts]).float()


def shared_noise(
    generator: torch.Generator, shape: tuple[int, int, int, int, int], window: int, overlap: int
) -> Float[Tensor, "b c f h w"]:
    """Noise to start a long take from, of which every window holds the same frames in another order (FreeNoise, section 3.1).

    Windows that start from the same noise come out alike, and the shuffle keeps them from repeating the same movement. Every frame
    by itself is Gaussian with unit variance. Float32, on the generator's device.
    """
    frames = shape[2]
    window_starts(frames, window, overlap)
    noise = torch.randn(shape, generator=generator, device=generator.device)
    stride = window - overlap
    for first in range(window, frames, stride):
        count = min(stride, frames - first)
        order = torch.randperm(stride, generator=generator, device=generator.device)[:count]
        noise[:, :, first : first + count] = noise[:, :, first - window + order]
    return noise


@contextmanager
def windowed(transformer: nn.Module, window: int, overlap: int, layout: str = "b c f h w") -> Iterator[None]:
    """Within this context a diffusers video transformer predicts a latent of any length, `window` latent frames at a time.

    What it is given per frame goes along with each window: the latents (with whatever is concatenated to their channels), VACE's
    control, time steps per frame or token. Position tables begin anew for every window, as the model was trained. A latent that is
    no longer than the window goes through untouched. Feature caches keep each window apart.

    Wan VACE's reference slots belong to no frame: with references, let it go on from known frames instead.

    `layout` of the latents, as einops has it: `b f c h w` for CogVideoX.

    Raises BackboneError where window and overlap do not fit together, or an argument does not fit to the frames.
    """
    window_starts(window, window, overlap)
    wrapped = _Windowed(transformer, window, overlap, layout.split().index("f"))
    outer = {"forward": wrapped.predict} | ({"cache_context": wrapped.context} if hasattr(transformer, "cache_context") else {})
    inner = {name: vars(transformer).get(name) for name in outer}
    for name, method in outer.items():
        setattr(transformer, name, method)
    try:
        yield
    finally:
        for name, method in outer.items():
            if vars(transformer).get(name) != method:
                continue  # offloading has put its own back meanwhile
            delattr(transformer, name)
            if inner[name] is not None:
                setattr(transformer, name, inner[name])


@dataclass(slots=True)
class _Windowed:
    transformer: nn.Module
    window: int
    overlap: int
    axis: int
    whole: Any = field(init=False)
    open_context: Any = field(init=False)
    named: tuple[str, dict[str, Any]] | None = None
    """The cache context the pipeline is in."""

    def __post_init__(self) -> None:
        self.whole = self.transformer.forward
        self.open_context = getattr(self.transformer, "cache_context", None)

    @contextmanager
    def context(self, name: str, **more: Any) -> Iterator[None]:
        self.named = (name, more)
        try:
            with self.open_context(name, **more):
                yield
        finally:
            self.named = None

    def predict(self, hidden_states: Tensor, **arguments: Any) -> Any:
        frames = hidden_states.shape[self.axis]
        if frames <= self.window:
            return self.whole(hidden_states=hidden_states, **arguments)
        predictions = []
        starts = window_starts(frames, self.window, self.overlap)
        for number, start in enumerate(starts):
            part = {name: self._cut(name, value, start, frames) for name, value in arguments.items()} | {"return_dict": False}
            with self._context_of(number):
                predictions += self.whole(hidden_states=hidden_states.narrow(self.axis, start, self.window), **part)
        return _result(self._blended(predictions, frames), arguments.get("return_dict", True))

    def _blended(self, predictions: Sequence[Tensor], frames: int) -> Tensor:
        like, axis = predictions[0], self.axis
        blended = like.new_zeros([*like.shape[:axis], frames, *like.shape[axis + 1 :]], dtype=torch.float32)
        starts, weights = window_starts(frames, self.window, self.overlap), blend_weights(frames, self.window, self.overlap)
        for start, weight, prediction in zip(starts, weights, predictions, strict=True):
            blended.narrow(axis, start, self.window).add_(prediction * _along(weight, axis, like))
        return blended.to(like.dtype)

    def _context_of(self, number: int) -> AbstractContextManager[None]:
        if self.named is None or not getattr(self.transformer, "is_cache_enabled", False):
            return nullcontext()
        name, more = self.named
        context: AbstractContextManager[None] = self.open_context(f"{name}/{number}", **more)
        return context

    def _cut(self, name: str, value: Any, start: int, frames: int) -> Any:
        if name == "control_hidden_states" and value is not None:
            _check(name, value.shape[2], frames, frames)
            return value.narrow(2, start, self.window)
        if name == "timestep" and value.ndim == 2:
            _check(name, value.shape[1], frames, value.shape[1] // frames * frames)
            per_frame = rearrange(value, "b (f token) -> b f token", f=frames)
            return rearrange(per_frame.narrow(1, start, self.window), "b f token -> b (f token)")
        if name == "image_rotary_emb" and value is not None:
            rows = value[0].shape[0]
            _check(name, rows * self.window, frames, rows * self.window // frames * frames)
            return tuple(table[: rows * self.window // frames] for table in value)
        return value


def _check(name: str, length: int, frames: int, expected: int) -> None:
    if length != expected:
        raise BackboneError(f"latent windows: `{name}` is {length} long, which does not go with {frames} latent frames")


def _along(weights: Float[Tensor, " window"], axis: int, like: Tensor) -> Tensor:
    return weights.to(like.device).reshape([-1 if dimension == axis else 1 for dimension in range(like.ndim)])


def _result(prediction: Tensor, as_output: bool) -> Any:
    if not as_output:
        return (prediction,)
    from diffusers.models.modeling_outputs import Transformer2DModelOutput

    return Transformer2DModelOutput(sample=prediction)
