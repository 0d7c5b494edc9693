"""The denoiser of `stage`: a diffusion transformer over entity and time.

One token is one slot over a few latent frames (four for an actor, eight for camera, light, set and sound). All tokens attend to
all others. The diffusion time, the facts of the shot and the memory of the slot modulate every layer (AdaLN, Peebles and Xie
2023); the time within the shot enters by rotary positions (Su et al. 2021). The network predicts the clean motion rather than a
velocity: motion lies on a thin manifold, noise does not (Li and He 2025).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import torch
from diffusers.configuration_utils import ConfigMixin, register_to_config
from diffusers.models.modeling_utils import ModelMixin
from einops import rearrange
from jaxtyping import Bool, Float
from torch import Tensor, nn
from torch.nn import functional as F

from episodic.backbones.stage.model.latent import CHANNELS, MEMORY, SLOTS, SlotKind, channels_of, slot_kind
from episodic.backbones.stage.staging.staging import CUES, FACTS

__all__ = ["PATCH_FRAMES", "StageDenoiser"]

PATCH_FRAMES: Final = 8
"""Latent lengths are multiples of this."""
_KINDS: Final[tuple[SlotKind, ...]] = ("actor", "camera", "light", "set", "sound")
_PATCH: Final[Mapping[SlotKind, int]] = {"actor": 4, "camera": 8, "light": 8, "set": 8, "sound": 8}
"""Latent frames in a token."""
_WIDTH: Final[Mapping[SlotKind, int]] = {"actor": CHANNELS, "camera": 8, "light": 8, "set": 8, "sound": 8}
"""Channels that the network reads and writes."""
_CUES: Final[Mapping[SlotKind, int]] = {"actor": CUES, "camera": 8, "light": 8, "set": 8, "sound": 8}
"""Cues that the network reads."""


class StageDenoiser(ModelMixin, ConfigMixin):  # type: ignore[misc]
    """Predict the clean deviation of every slot from its staging.

    `spread` is the standard deviation of that deviation per slot and channel in the training data; the network works in units
    of it.
    """

    scale: Tensor
    live: Tensor

    @register_to_config  # type: ignore[untyped-decorator]
    def __init__(
        self, width: int = 192, depth: int = 6, heads: int = 6, mlp_ratio: int = 4, spread: list[list[float]] | None = None
    ) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        table = torch.tensor(spread) if spread is not None else torch.ones(len(SLOTS), CHANNELS)
        self.register_buffer("scale", table, persistent=False)
        live = torch.zeros(len(SLOTS), CHANNELS)
        for slot, name in enumerate(SLOTS):
            live[slot, : len(channels_of(name))] = 1
        self.register_buffer("live", live, persistent=False)
        self.read = nn.ModuleDict()
        self.write = nn.ModuleDict()
        self.facts = nn.ModuleDict()
        self.memory = nn.ModuleDict()
        for kind in _KINDS:
            patch, channels = _PATCH[kind], _WIDTH[kind]
            staged = patch * (channels + _CUES[kind])
            self.read[kind] = nn.Linear(patch * (channels + 1) + staged, width)
            write = nn.Linear(width + staged, patch * channels)
            self.facts[kind] = nn.Linear(FACTS, width)
            self.memory[kind] = nn.Sequential(nn.Linear(MEMORY, width), nn.SiLU(), nn.Linear(width, width))
            nn.init.zeros_(write.weight)
            nn.init.zeros_(write.bias)
            self.write[kind] = write
        self.withheld = nn.Parameter(0.02 * torch.randn(len(SLOTS), MEMORY))
        self.place = nn.Parameter(0.02 * torch.randn(len(SLOTS), width))
        self.noise = nn.Sequential(nn.Linear(64, width), nn.SiLU(), nn.Linear(width, width))
        self.head_width = width // heads
        self.blocks = nn.ModuleList(_Block(width, heads, mlp_ratio) for _ in range(depth))
        self.last = nn.Linear(width, 2 * width)
        nn.init.zeros_(self.last.weight)
        nn.init.zeros_(self.last.bias)

    def forward(
        self,
        noisy: Float[Tensor, "batch slot time channel"],
        sigma: Float[Tensor, " batch"],
        base: Float[Tensor, "batch slot time channel"],
        cues: Float[Tensor, "batch slot time cue"],
        facts: Float[Tensor, "batch slot fact"],
        memory: Float[Tensor, "batch slot memory"],
        remembered: Bool[Tensor, "batch slot"],
        known: Float[Tensor, "batch time"],
        slots: Sequence[int],
    ) -> Float[Tensor, "batch slot time channel"]:
        """Return the clean deviation, in units of `scale`.

        `noisy` is the deviation at noise level `sigma` (0 clean..1 noise). `slots` names the slots in use, in the order of the
        tensors. `known` is 1 at frames that `noisy` holds clean. `remembered` is false where memory is withheld.
        """
        recalled = torch.where(remembered[..., None], memory, self.withheld[list(slots)].to(memory))
        level = self.noise(_sines(sigma, 64).to(noisy))
        tokens, conds, times, staged = [], [], [], []
        for index, slot in enumerate(slots):
            kind = slot_kind(SLOTS[slot])
            channels, patch = _WIDTH[kind], _PATCH[kind]
            staging_patches = _patches(torch.cat([base[:, index, :, :channels], cues[:, index, :, : _CUES[kind]]], -1), patch)
            noisy_patches = _patches(torch.cat([noisy[:, index, :, :channels], known[..., None]], -1), patch)
            tokens.append(self.read[kind](torch.cat([noisy_patches, staging_patches], -1)) + self.place[slot])
            conds.append(level + self.facts[kind](facts[:, index]) + self.memory[kind](recalled[:, index]) + self.place[slot])
            times.append(torch.arange(staging_patches.shape[1], device=noisy.device) * patch + (patch - 1) / 2)
            staged.append(staging_patches)
        lengths = [len(time) for time in times]
        rotation = _rotation(torch.cat(times), self.head_width)
        token_slots = torch.repeat_interleave(
            torch.arange(len(slots), device=noisy.device), torch.tensor(lengths, device=noisy.device)
        )
        # A product with a one-hot matrix is far quicker to differentiate on a CPU than indexing.
        owner = F.one_hot(token_slots, len(slots)).to(noisy)
        stream, cond = torch.cat(tokens, 1), F.silu(torch.stack(conds, 1))
        for block in self.blocks:
            stream = block(stream, cond, owner, rotation)
        shift, scale = (owner @ self.last(cond)).chunk(2, -1)
        stream = _norm(stream) * (1 + scale) + shift
        clean = torch.zeros_like(noisy)
        for index, (slot, part) in enumerate(zip(slots, stream.split(lengths, 1), strict=True)):
            kind = slot_kind(SLOTS[slot])
            out = self.write[kind](torch.cat([part, staged[index]], -1))
            clean[:, index, :, : _WIDTH[kind]] = rearrange(out, "b n (p c) -> b (n p) c", p=_PATCH[kind]).to(clean.dtype)
        live: Tensor = self.live[list(slots)][:, None].to(clean.dtype)
        return clean * live


class _Block(nn.Module):
    """Attention over all tokens, then a feed-forward, each modulated by its slot's condition."""

    def __init__(self, width: int, heads: int, ratio: int) -> None:
        super().__init__()
        self.heads, self.head_width = heads, width // heads
        self.modulate = nn.Linear(width, 6 * width)
        nn.init.zeros_(self.modulate.weight)
        nn.init.zeros_(self.modulate.bias)
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        self.up = nn.Linear(width, ratio * width)
        self.down = nn.Linear(ratio * width, width)

    def forward(
        self,
        stream: Float[Tensor, "batch token width"],
        cond: Float[Tensor, "batch slot width"],
        owner: Float[Tensor, "token slot"],
        rotation: tuple[Float[Tensor, "token half"], Float[Tensor, "token half"]],
    ) -> Float[Tensor, "batch token width"]:
        parts = (owner @ self.modulate(cond)).chunk(6, -1)
        seen = _norm(stream) * (1 + parts[1]) + parts[0]
        q, k, v = rearrange(self.qkv(seen), "b n (three h d) -> three b h n d", three=3, h=self.heads)
        # Spelled out: for few tokens this is several times quicker on a CPU than the fused kernel.
        likeness = _rotate(q, rotation) @ _rotate(k, rotation).mT * self.head_width**-0.5
        mixed = likeness.softmax(-1).to(v.dtype) @ v
        stream = stream + parts[2] * self.out(rearrange(mixed, "b h n d -> b n (h d)"))
        seen = _norm(stream) * (1 + parts[4]) + parts[3]
        result: Tensor = stream + parts[5] * self.down(F.gelu(self.up(seen), approximate="tanh"))
        return result


def _norm(stream: Float[Tensor, "batch token width"]) -> Float[Tensor, "batch token width"]:
    """Layer norm without scale and shift, which the condition provides."""
    return F.layer_norm(stream, stream.shape[-1:])


def _patches(track: Float[Tensor, "batch time channel"], patch: int) -> Float[Tensor, "batch token wide"]:
    """Join `patch` latent frames to one token."""
    return rearrange(track, "b (n p) c -> b n (p c)", p=patch)


def _sines(value: Float[Tensor, " batch"], width: int) -> Float[Tensor, "batch embedding"]:
    """Embed noise levels as sines and cosines."""
    rates = torch.exp(torch.linspace(0, 5.5, width // 2, device=value.device))
    angle = value[:, None].float() * rates
    return torch.cat([angle.sin(), angle.cos()], -1)


def _rotation(times: Float[Tensor, " token"], width: int) -> tuple[Float[Tensor, "token half"], Float[Tensor, "token half"]]:
    """Return the cosines and sines of the rotary position of every token."""
    rates = torch.exp(-torch.linspace(0, 5.0, width // 2, device=times.device))
    angle = times[:, None] * rates
    return angle.cos(), angle.sin()


def _rotate(
    x: Float[Tensor, "batch head token width"], rotation: tuple[Float[Tensor, "token half"], Float[Tensor, "token half"]]
) -> Float[Tensor, "batch head token width"]:
    """Turn queries or keys by their rotary position."""
    cos, sin = (part.to(x.dtype) for part in rotation)
    a, b = x.chunk(2, -1)
    return torch.cat([a * cos - b * sin, a * sin + b * cos], -1)
