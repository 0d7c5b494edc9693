"""Writing a tiny model: random weights from a fixed seed, nothing said on the screen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from episodic.backbones.diffusers.folder.load import quiet

__all__ = ["answering", "save_tiny", "seeing"]


def answering(transformer: Any, gain: float = 20.0) -> Any:
    """A video transformer whose answer depends on what it is shown by more than 8 bits round away: random weights hardly do."""
    import torch

    with torch.no_grad():
        for part in (transformer, *getattr(transformer, "vace_blocks", ())):
            part.proj_out.weight.mul_(gain)
    return transformer.eval()


def seeing(vae: Any, gain: float = 10.0) -> Any:
    """A video autoencoder whose latents tell pictures apart by more than their last digits."""
    import torch

    with torch.no_grad():
        for name, one in vae.encoder.named_parameters():
            if name.endswith("bias"):
                one.zero_()
        vae.encoder.conv_out.weight.mul_(gain)
    return vae.eval()


def save_tiny(folder: Path, make: Callable[[], Any]) -> Path:
    """Save the pipeline that `make` builds as `save_pretrained` does. The same bytes every time; leaves global random numbers alone."""
    import torch

    with quiet(), torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        make().save_pretrained(folder, safe_serialization=True)
    return folder
