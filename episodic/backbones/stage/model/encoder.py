"""The encoder of memory: 64 numbers for how a character moves, 64 for how a place is lit.

Two small convolutional towers, trained before the denoiser so that two takes of one character (or place) agree and takes of
others do not (InfoNCE), then frozen. The canon stores their embeddings in `Character.motion` and `Location.light`.
"""

from __future__ import annotations

from typing import Final

import torch
from diffusers.configuration_utils import ConfigMixin, register_to_config
from diffusers.models.modeling_utils import ModelMixin
from einops import rearrange
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from episodic.backbones.stage.model.latent import MEMORY

__all__ = ["MemoryEncoder", "agreement_loss"]

_LIGHT_CHANNELS: Final = 16


class MemoryEncoder(ModelMixin, ConfigMixin):  # type: ignore[misc]
    """Embed the motion of an actor, or of a place's light and set, as a unit vector."""

    @register_to_config  # type: ignore[untyped-decorator]
    def __init__(self, channels: int = 32, width: int = 128) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.actor = _Tower(channels, width)
        self.place = _Tower(_LIGHT_CHANNELS, width // 2)

    def motion(self, latent: Float[Tensor, "batch time channel"]) -> Float[Tensor, "batch memory=64"]:
        """Embed actors' stored latents. The position does not matter; its changes do."""
        place, body = latent[..., :2], latent[..., 2:]
        steps = F.pad(place[:, 1:] - place[:, :-1], (0, 0, 1, 0)) * 4
        embedding: Tensor = self.actor(torch.cat([steps, body], -1))
        return embedding

    def light(
        self, light: Float[Tensor, "batch time channel"], scenery: Float[Tensor, "batch time channel"]
    ) -> Float[Tensor, "batch memory=64"]:
        """Embed the deviation of the light and set slots from their staging (stored units)."""
        embedding: Tensor = self.place(torch.cat([light[..., :8], scenery[..., :8]], -1))
        return embedding


class _Tower(nn.Module):
    """Four convolutions over time; mean and spread over time; a projection."""

    def __init__(self, channels: int, width: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv1d(channels, width, 5, padding=2),
            nn.GELU(),
            nn.Conv1d(width, width, 5, stride=2, padding=2),
            nn.GELU(),
            nn.Conv1d(width, width, 3, padding=1),
            nn.GELU(),
            nn.Conv1d(width, width, 3, padding=1),
        )
        self.head = nn.Sequential(nn.Linear(4 * width, 2 * width), nn.GELU(), nn.Linear(2 * width, MEMORY))

    def forward(self, motion: Float[Tensor, "batch time channel"]) -> Float[Tensor, "batch memory=64"]:
        deep = self.layers(rearrange(motion, "batch time channel -> batch channel time"))
        pooled = [deep.mean(-1), (deep.var(-1) + 1e-4).sqrt(), deep.amax(-1), deep.amin(-1)]
        return F.normalize(self.head(torch.cat(pooled, -1)).float(), dim=-1)


def agreement_loss(
    first: Float[Tensor, "batch memory=64"], second: Float[Tensor, "batch memory=64"], temperature: float = 0.07
) -> Float[Tensor, ""]:
    """InfoNCE (van den Oord et al. 2018), both ways: row i of `first` belongs to row i of `second` and to no other row."""
    likeness = first @ second.T / temperature
    pairs = torch.arange(len(first), device=first.device)
    return (F.cross_entropy(likeness, pairs) + F.cross_entropy(likeness.T, pairs)) / 2
