"""Known latent frames, pinned during denoising: continuation for models that have no input for known frames.

Source: RePaint (Lugmayr et al. 2022), in time instead of in the picture: every step puts the known frames back, as noisy as the step
expects. The new frames then fit the known ones closely, not exactly (Ho et al. 2022, section 3.1). The transition follows
Differential Diffusion (Levin and Fried 2023): the last known frames are released earlier than the others, so that no frame is ever a
mixture with noise that the model does not expect.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from jaxtyping import Float
from torch import Tensor

__all__ = ["PinnedFrames"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PinnedFrames:
    """A `StepHook` that puts the first latent frames back after every step: signal * known + noise * eps, eps fixed by the seed.

    Deterministic in `seed`, on the CPU whatever the device.
    """

    known: Float[Tensor, "1 c f h w"]
    """Clean latents of the known frames, as `Family.latents_of` gives them."""
    seed: int
    seam: int = 1
    """How many of the last known latent frames are released before the end, one by one, so that the model can join on. The first
    frame is never released."""
    _eps: Float[Tensor, "1 c f h w"] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if self.seam < 0:
            raise ValueError(f"PinnedFrames: expected a seam of 0 frames or more, found {self.seam}")
        generator = torch.Generator().manual_seed(self.seed)
        object.__setattr__(self, "_eps", torch.randn(self.known.shape, generator=generator))

    def __call__(
        self, step: int, steps: int, signal: float, noise: float, latents: Float[Tensor, "b c frame h w"]
    ) -> Float[Tensor, "b c frame h w"]:
        """Return the latents with the known frames at their beginning."""
        pinned_count = self._pinned_count(step, steps)
        noisy = signal * self.known[:, :, :pinned_count].float().cpu() + noise * self._eps[:, :, :pinned_count]
        pinned = latents.clone()
        pinned[:, :, :pinned_count] = noisy.to(latents)
        return pinned

    def _pinned_count(self, step: int, steps: int) -> int:
        """Count the frames that are put back after `step`: all but the released frames of the seam."""
        seam = min(self.seam, self.known.shape[2] - 1)
        done = (step + 1) / steps
        return self.known.shape[2] - seam + sum(done <= 1 - (place + 1) / (seam + 1) for place in range(seam))
