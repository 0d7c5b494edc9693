"""What the families of picture models share: pictures into a pipeline, and out of it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float, UInt8

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["picture_of", "within"]

_GROUND = (216, 216, 216)


def picture_of(images: Float[np.ndarray, "1 height width 3"]) -> UInt8[np.ndarray, "height width 3"]:
    """What a pipeline gives as "np", 0..1, in 8 bits; what is not a number is black."""
    finite = np.nan_to_num(np.asarray(images)[0], nan=0.0, posinf=0.0, neginf=0.0)
    rounded: UInt8[np.ndarray, "height width 3"] = np.rint(np.clip(finite, 0, 1) * 255).astype(np.uint8)
    return rounded


def within(picture: UInt8[np.ndarray, "height width 3"], most_area: int, least_side: int = 1, widest: float = math.inf) -> Image:
    """A reference picture, its shape kept, no larger than an area; on a wider ground of grey where it is too small or too narrow, pixels."""
    from PIL import Image, ImageOps

    image = Image.fromarray(np.ascontiguousarray(picture))
    scale = math.sqrt(most_area / (image.width * image.height))
    if scale < 1:
        image = image.resize((max(1, int(image.width * scale)), max(1, int(image.height * scale))), Image.Resampling.LANCZOS)
    least = max(least_side, math.ceil(max(image.size) / widest))
    padded = (max(image.width, least), max(image.height, least))
    return image if padded == image.size else ImageOps.pad(image, padded, Image.Resampling.LANCZOS, color=_GROUND)
