"""The edge between consistency methods and a model's denoising loop."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from jaxtyping import Float
from torch import Tensor

__all__ = ["StepHook"]


@runtime_checkable
class StepHook(Protocol):
    """Called after every denoising step but the last; returns the latents to continue with.

    `latents`: [batch, channel, frame, height, width], as noisy as the next step expects: signal * clean + noise * Gaussian. (Rectified
    flow: signal = 1 - sigma, noise = sigma; DDIM: the square roots of alpha-bar and 1 - alpha-bar.)
    """

    def __call__(
        self, step: int, steps: int, signal: float, noise: float, latents: Float[Tensor, "b c f h w"]
    ) -> Float[Tensor, "b c f h w"]: ...
