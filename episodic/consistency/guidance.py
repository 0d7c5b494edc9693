"""Guidance of light and palette by memory: a gentle pull on the lowest frequencies of the picture during denoising.

The broad look of a place (brightness, colours, where the light falls) is decided in the first steps and lies in the lowest spatial
frequencies of the latents. ILVR (Choi et al. 2021) guides those towards a reference. Here the pull acts on the first coefficients of
a cosine transform, an orthonormal projection, so that all other frequencies are unchanged up to rounding. It is averaged over the
take, so that a change of light within the shot remains, and bounded, so that it cannot repaint a shot.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from einops import einsum
from jaxtyping import Float
from torch import Tensor

from episodic.consistency.step_hook import StepHook

__all__ = ["LowFrequencyGuide", "chain_hooks", "low_frequencies"]

Latents = Float[Tensor, "b c f h w"]
Strokes = Float[Tensor, "b c vertical horizontal"]


def low_frequencies(latents: Latents, bands: int) -> Strokes:
    """Return the first `bands` x `bands` cosine coefficients of latents averaged over time, in units of the latents.

    They do not depend on the size of the latents. The first, [..., 0, 0], is the mean of the channel.
    """
    still = latents.float().mean(dim=2)
    return einsum(
        _waves(still.shape[2], bands, still), _waves(still.shape[3], bands, still), still, "v h, u w, b c h w -> b c v u"
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LowFrequencyGuide:
    """A `StepHook` that pulls the low frequencies of a take's light and colour towards those of an anchor.

    The weight falls linearly from `strength` before the second step to zero at `until`. Strength 0 is exactly off; strength 1 takes
    over the anchor's low frequencies at once. No step moves a coefficient of the estimated clean latents by more than `limit`, in
    units of the latents (about one standard deviation). Deterministic; adds no noise.
    """

    target: Latents
    """Clean latents of pictures in the light to match, as `Family.latents_of` returns them; any size."""
    strength: float = 0.3
    until: float = 0.6
    """Share of the steps after which the guide is off."""
    bands: int = 1
    """1 for brightness and palette only; up to 4 for the distribution of light too, with an anchor of the same framing."""
    limit: float = 0.5

    def __post_init__(self) -> None:
        if not 0 <= self.strength <= 1 or not 0 < self.until <= 1 or not 1 <= self.bands <= 4 or self.limit <= 0:
            raise ValueError(
                "LowFrequencyGuide: expected strength 0..1, until above 0 and up to 1, bands 1..4 and a limit above 0, found "
                f"{self.strength}, {self.until}, {self.bands}, {self.limit}"
            )

    def __call__(self, step: int, steps: int, signal: float, noise: float, latents: Latents) -> Latents:
        """Return the latents with their low frequencies nearer to the anchor's."""
        del noise
        weight = self.strength * max(0.0, 1 - step / (self.until * steps))
        if not weight or not signal:
            return latents
        bands = min(self.bands, *self.target.shape[3:], *latents.shape[3:])
        target_strokes = low_frequencies(self.target.to(latents.device), bands)
        missing = target_strokes - low_frequencies(latents, bands) / signal
        change = signal * weight * missing.clamp(-self.limit, self.limit)
        return latents + _painted(change, latents).to(latents.dtype)


def chain_hooks(*hooks: StepHook) -> StepHook:
    """Combine several hooks into one that calls each on the result of the hook before."""

    def all_of_them(step: int, steps: int, signal: float, noise: float, latents: Tensor) -> Tensor:
        for hook in hooks:
            latents = hook(step, steps, signal, noise, latents)
        return latents

    return all_of_them


def _painted(strokes: Strokes, like: Latents) -> Float[Tensor, "b c 1 h w"]:
    """The inverse of `low_frequencies`: a smooth picture, the same for every frame."""
    height, width = like.shape[3:]
    down, across = _waves(height, strokes.shape[2], strokes) * height, _waves(width, strokes.shape[3], strokes) * width
    return einsum(down, across, strokes, "v h, u w, b c v u -> b c h w").unsqueeze(2)


def _waves(length: int, bands: int, like: Tensor) -> Float[Tensor, "band place"]:
    """The first cosines over `length` places: orthogonal, each with the norm 1 / sqrt(length); the first averages."""
    place = torch.arange(length, dtype=torch.float32, device=like.device)
    waves = [torch.cos(math.pi / length * band * (place + 0.5)) * (math.sqrt(2) if band else 1) for band in range(bands)]
    return torch.stack(waves) / length
