"""Overlapping windows of one long take, denoised together, for models that cannot continue from known frames.

At every step the model predicts each window by itself, and the predictions are blended by weight, so that the windows agree during
denoising rather than afterwards. Sources: MultiDiffusion (Bar-Tal et al. 2023), Gen-L-Video (Wang et al. 2023), and FreeNoise (Qiu
et al. 2023) for the noise.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Any

import torch
from diffusers.models.modeling_outputs import Transformer2DModelOutput
from einops import rearrange
from jaxtyping import Float
from torch import Tensor, nn

from episodic.errors import BackboneError

__all__ = ["blend_weights", "shared_noise", "window_starts", "windowed"]


def window_starts(frames: int, window: int, overlap: int) -> tuple[int, ...]:
    """Return the first latent frame of every window. The last window ends with the video and may overlap by more.

    Raises BackboneError if windows of that length and overlap do not advance.
    """
    if not 0 <= overlap < window:
        raise BackboneError(
            f"latent windows: expected an overlap of 0 to {window - 1} frames in windows of {window}, found {overlap}"
        )
    if frames <= window:
        return (0,)
    return (*range(0, frames - window, window - overlap), frames - window)


def blend_weights(frames: int, window: int, overlap: int) -> Float[Tensor, "start window"]:
    """Return the weight of each window's prediction at each of its frames: trapezoids over the overlap that sum to one.

    A window predicts its ends least reliably, because it does not see beyond them.
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
    """Draw the initial noise of a long take. Every window holds the same frames in another order (FreeNoise, section 3.1).

    Windows that start from the same noise look alike; the shuffle keeps them from repeating one movement. Every frame by itself is
    Gaussian with unit variance. Float32, on the generator's device.
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
    """Let a diffusers video transformer predict a latent of any length, `window` latent frames at a time.

    Arguments per frame are cut for each window: the latents (with anything concatenated to their channels), VACE's control, time
    steps per frame or token. Position tables restart in every window, as in training. A latent that is no longer than the window
    passes through unchanged. Feature caches are kept per window.

    Wan VACE's reference slots belong to no frame: with references, continue from known frames instead.

    `layout` names the axes of the latents, as einops does: `b f c h w` for CogVideoX.

    Raises BackboneError if window and overlap do not fit together, or if an argument does not fit the number of frames.
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
                continue  # offloading has restored its own method in the meantime
            delattr(transformer, name)
            if inner[name] is not None:
                setattr(transformer, name, inner[name])


@dataclass(slots=True)
class _Windowed:
    """The methods that replace a transformer's own while it predicts in windows."""

    transformer: nn.Module
    window: int
    overlap: int
    axis: int
    whole: Any = field(init=False)
    open_context: Any = field(init=False)
    cache: tuple[str, Mapping[str, object]] | None = None
    """Name and arguments of the cache context that the pipeline has opened."""

    def __post_init__(self) -> None:
        self.whole = self.transformer.forward
        self.open_context = getattr(self.transformer, "cache_context", None)

    @contextmanager
    def context(self, name: str, **arguments: Any) -> Iterator[None]:
        """Open a cache context, and remember it for the windows."""
        self.cache = (name, arguments)
        try:
            with self.open_context(name, **arguments):
                yield
        finally:
            self.cache = None

    def predict(self, hidden_states: Tensor, **arguments: Any) -> Any:
        """Predict a latent window by window, and blend the predictions."""
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
        """Sum the windows' predictions by weight."""
        like, axis = predictions[0], self.axis
        blended = like.new_zeros([*like.shape[:axis], frames, *like.shape[axis + 1 :]], dtype=torch.float32)
        starts, weights = window_starts(frames, self.window, self.overlap), blend_weights(frames, self.window, self.overlap)
        for start, weight, prediction in zip(starts, weights, predictions, strict=True):
            blended.narrow(axis, start, self.window).add_(prediction * _along(weight, axis, like))
        return blended.to(like.dtype)

    def _context_of(self, number: int) -> AbstractContextManager[None]:
        """Open the cache context of a window."""
        if self.cache is None or not getattr(self.transformer, "is_cache_enabled", False):
            return nullcontext()
        name, arguments = self.cache
        context: AbstractContextManager[None] = self.open_context(f"{name}/{number}", **arguments)
        return context

    def _cut(self, name: str, value: Any, start: int, frames: int) -> Any:
        """Cut an argument to the window that starts at `start`. Raises BackboneError if it does not fit the frames."""
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
    """Raise BackboneError if an argument does not have the expected length."""
    if length != expected:
        raise BackboneError(f"latent windows: `{name}` is {length} long, which does not fit {frames} latent frames")


def _along(weights: Float[Tensor, " window"], axis: int, like: Tensor) -> Tensor:
    """Give weights the rank of `like`, along `axis`."""
    return weights.to(like.device).reshape([-1 if dimension == axis else 1 for dimension in range(like.ndim)])


def _result(prediction: Tensor, as_output: bool) -> Any:
    """Wrap a prediction as diffusers' transformers do."""
    return Transformer2DModelOutput(sample=prediction) if as_output else (prediction,)
