"""Writing a tiny model: random weights from a fixed seed, nothing said on the screen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from episodic.backbones.families.calling import quiet

__all__ = ["save_tiny"]


def save_tiny(folder: Path, make: Callable[[], Any]) -> Path:
    """Save the pipeline that `make` builds as `save_pretrained` does. The same bytes every time; leaves global random numbers alone."""
    import torch

    with quiet(), torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        make().save_pretrained(folder, safe_serialization=True)
    return folder
