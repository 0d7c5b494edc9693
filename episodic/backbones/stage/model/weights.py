"""The weights of `stage`: where they lie, their digest, and the pipeline they make."""

from __future__ import annotations

import json
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Final

from episodic.errors import BackboneError

if TYPE_CHECKING:
    from episodic.backbones.stage.model.pipeline import StagePipeline

__all__ = ["WEIGHTS", "load_pipeline", "weights_digest"]

WEIGHTS: Final = Path(__file__).parents[1] / "weights"
"""Folder of the weights that ship in the package."""
_WEIGHT_FILES: Final = ("denoiser/diffusion_pytorch_model.safetensors", "encoder/diffusion_pytorch_model.safetensors")


@lru_cache(maxsize=2)
def load_pipeline(weights: Path = WEIGHTS) -> StagePipeline:
    """Load the pipeline, in float32 on the CPU. Raises BackboneError if the weights are missing or do not load."""
    from episodic.backbones.stage.model.pipeline import StagePipeline  # torch and diffusers load with the first take

    if not (weights / "model_index.json").exists():
        raise BackboneError(
            f"{weights}: expected the weights of stage, found none; run `episodic train stage` or install the package again"
        )
    try:
        pipeline: StagePipeline = StagePipeline.open(weights)
    except (OSError, ValueError, RuntimeError, json.JSONDecodeError) as err:
        raise BackboneError(
            f"{weights}: the weights of stage do not load ({err}); run `episodic train stage` to make them again"
        ) from err
    return pipeline


@lru_cache(maxsize=2)
def weights_digest(weights: Path = WEIGHTS) -> str:
    """Return the SHA-256 over the weight files, shortened to 16 digits. Raises BackboneError if a file is missing."""
    digest = sha256()
    for name in _WEIGHT_FILES:
        if not (weights / name).exists():
            raise BackboneError(f"{weights / name}: expected the weights of stage, found none; run `episodic train stage`")
        digest.update((weights / name).read_bytes())
    return digest.hexdigest()[:16]
