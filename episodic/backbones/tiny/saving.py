"""Writing a tiny model: random weights from a fixed seed, nothing said on the screen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

__all__ = ["save_tiny"]


def save_tiny(folder: Path, make: Callable[[], Any]) -> Path:
    """Save the pipeline that `make` builds as `save_pretrained` does. The same bytes every time; leaves global random numbers alone."""
    import torch
    from diffusers.utils import logging as of_diffusers
    from transformers.utils import logging as of_transformers

    before = [(one, one.is_progress_bar_enabled(), one.get_verbosity()) for one in (of_diffusers, of_transformers)]
    for one, _, _ in before:
        one.disable_progress_bar()
        one.set_verbosity_error()
    try:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            make().save_pretrained(folder, safe_serialization=True)
    finally:
        for one, bars, verbosity in before:
            one.set_verbosity(verbosity)
            if bars:
                one.enable_progress_bar()
    return folder
