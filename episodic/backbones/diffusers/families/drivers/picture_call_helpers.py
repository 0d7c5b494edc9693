"""What the drivers of picture models share: reference pictures in, the call, and the picture out."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from jaxtyping import Float
from PIL import Image, ImageOps

from episodic.backbones.diffusers.families.drivers.call_helpers import cpu_generator
from episodic.backbones.diffusers.picture_request import PictureRequest
from episodic.backbones.diffusers.window import Picture

__all__ = ["draw", "fit_reference", "to_picture"]

_GROUND = (216, 216, 216)


def draw(pipeline: Any, request: PictureRequest, **arguments: Any) -> Picture:
    """Call a pipeline with the size, steps and seed of a request and the family's own `arguments`."""
    output = pipeline(
        prompt=request.prompt,
        width=request.width,
        height=request.height,
        num_inference_steps=request.steps,
        generator=cpu_generator(request.seed),
        output_type="np",
        **arguments,
    )
    return to_picture(output.images)


def to_picture(images: Float[np.ndarray, "1 height width 3"]) -> Picture:
    """Convert a pipeline's "np" output, 0..1, to 8 bits. Values that are not finite become black."""
    finite = np.nan_to_num(np.asarray(images)[0], nan=0.0, posinf=0.0, neginf=0.0)
    rounded: Picture = np.rint(np.clip(finite, 0, 1) * 255).astype(np.uint8)
    return rounded


def fit_reference(picture: Picture, most_area: int, least_side: int = 1, widest: float = math.inf) -> Image.Image:
    """Shrink a reference picture to at most `most_area` pixels, keeping its shape.

    A picture with a side below `least_side`, or longer than `widest` times its width, is centred on a larger grey ground.
    """
    image = Image.fromarray(np.ascontiguousarray(picture))
    scale = math.sqrt(most_area / (image.width * image.height))
    if scale < 1:
        image = image.resize((max(1, int(image.width * scale)), max(1, int(image.height * scale))), Image.Resampling.LANCZOS)
    least = max(least_side, math.ceil(max(image.size) / widest))
    padded = (max(image.width, least), max(image.height, least))
    return image if padded == image.size else ImageOps.pad(image, padded, Image.Resampling.LANCZOS, color=_GROUND)
