"""One call of a picture pipeline in neutral terms. Imports no torch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import UInt8

__all__ = ["Picture", "PictureRequest"]

Picture = UInt8[np.ndarray, "_ _ 3"]
"""[height, width, 3]. The axes have no names: one function may take pictures of several sizes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureRequest:
    """One call of a picture pipeline."""

    prompt: str
    references: tuple[Picture, ...] = ()
    """Any size, most important first, never more than the rules allow."""
    width: int
    height: int
    seed: int
    steps: int
    guidance: float
