"""The weights of `stage`: their folder and their digest. `model.pipeline` loads them."""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Final

from episodic.errors import BackboneError

__all__ = ["WEIGHTS", "weights_digest"]

WEIGHTS: Final = Path(__file__).parents[1] / "weights"
"""Folder of the weights that ship in the package."""
_WEIGHT_FILES: Final = ("denoiser/diffusion_pytorch_model.safetensors", "encoder/diffusion_pytorch_model.safetensors")


@lru_cache(maxsize=2)
def weights_digest(weights: Path = WEIGHTS) -> str:
    """Return the SHA-256 over the weight files, shortened to 16 digits. Raises BackboneError if a file is missing."""
    digest = sha256()
    for name in _WEIGHT_FILES:
        if not (weights / name).exists():
            raise BackboneError(f"{weights / name}: expected the weights of stage, found none; run `episodic train stage`")
        digest.update((weights / name).read_bytes())
    return digest.hexdigest()[:16]
