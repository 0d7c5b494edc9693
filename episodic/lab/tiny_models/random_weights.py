"""Random weights from a fixed seed: amplified, so that inputs matter, and saved as a pipeline."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from episodic.backbones.diffusers.folder.load import quiet

__all__ = ["amplify_decisions", "amplify_latents", "save_tiny"]


def amplify_decisions(transformer: Any, gain: float = 20.0) -> Any:
    """Scale a video transformer's output, so that its inputs change frames by more than 8-bit rounding: random weights hardly do."""
    with torch.no_grad():
        for part in (transformer, *getattr(transformer, "vace_blocks", ())):
            part.proj_out.weight.mul_(gain)
    return transformer.eval()


def amplify_latents(vae: Any, gain: float = 10.0) -> Any:
    """Scale a video autoencoder's latents, so that those of different pictures differ by more than their last digits."""
    with torch.no_grad():
        for name, parameter in vae.encoder.named_parameters():
            if name.endswith("bias"):
                parameter.zero_()
        vae.encoder.conv_out.weight.mul_(gain)
    return vae.eval()


def save_tiny(folder: Path, make: Callable[[], Any]) -> Path:
    """Save the pipeline that `make` builds with `save_pretrained`. The same bytes every time; global random numbers stay unchanged."""
    with quiet(), torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        make().save_pretrained(folder, safe_serialization=True)
    return folder
