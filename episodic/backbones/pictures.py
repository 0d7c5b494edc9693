"""PNG pictures: reading, writing, and fitting them to a size."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
from jaxtyping import UInt8
from PIL import Image, UnidentifiedImageError

from episodic.errors import BackboneError

__all__ = ["fit_picture", "read_picture", "write_picture"]

_MOST_PIXELS: Final = 64_000_000


def read_picture(path: Path) -> UInt8[np.ndarray, "height width 3"]:
    """A PNG as RGB. Raises BackboneError for an unreadable file, or one of more than 64 million pixels."""
    try:
        with Image.open(path, formats=["PNG"]) as picture:
            if picture.width * picture.height > _MOST_PIXELS:
                raise BackboneError(f"{path}: a picture of {picture.width}x{picture.height} pixels is too large")
            return np.asarray(picture.convert("RGB"))
    except (OSError, UnidentifiedImageError, Image.DecompressionBombError) as err:
        raise BackboneError(
            f"{path}: not readable as a picture ({err}); delete its folder and render again: the picture is made anew, or a message "
            "names the episode to render first"
        ) from err


def write_picture(path: Path, picture: UInt8[np.ndarray, "height width 3"]) -> None:
    """Write a PNG; the same picture gives the same bytes."""
    Image.fromarray(np.ascontiguousarray(picture)).save(path, format="PNG", compress_level=3)


def fit_picture(picture: UInt8[np.ndarray, "rows columns 3"], width: int, height: int) -> UInt8[np.ndarray, "{height} {width} 3"]:
    """A picture scaled until it covers width x height, its shape kept, and cut around its middle."""
    rows, columns = picture.shape[:2]
    if (columns, rows) == (width, height):
        return picture
    scale = max(width / columns, height / rows)
    wide, high = width / scale, height / scale
    left, top = (columns - wide) / 2, (rows - high) / 2
    image = Image.fromarray(np.ascontiguousarray(picture))
    return np.asarray(image.resize((width, height), Image.Resampling.LANCZOS, box=(left, top, left + wide, top + high)))
