"""Reading the reference pictures and sounds of a request as memories."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file

from episodic.backbones.diffusers.window import Memory, Picture, Sound
from episodic.backbones.pictures import read_picture
from episodic.backbones.request import ReferencePicture
from episodic.errors import BackboneError

__all__ = ["read_memory", "read_reference"]

_CACHED_PICTURES: Final = 16


def read_memory(reference: ReferencePicture) -> Memory:
    """Read a reference with its sound. Raises BackboneError where a file is not readable."""
    return Memory(
        name=reference.name,
        entity=reference.entity,
        picture=read_reference(reference.path),
        sound=_read_sound(reference.sound),
    )


def read_reference(path: Path) -> Picture:
    """Read a picture, read-only. Recent ones are cached, since sheets are shown to every shot of a scene."""
    return _read_cached(path, path.stat().st_mtime_ns if path.is_file() else 0)


@lru_cache(maxsize=_CACHED_PICTURES)
def _read_cached(path: Path, _modified_ns: int) -> Picture:
    picture = read_picture(path).copy()
    picture.flags.writeable = False
    return picture


def _read_sound(path: Path | None) -> Sound | None:
    if path is None:
        return None
    try:
        sound = load_file(path).get("sound")
    except (OSError, SafetensorError, ValueError) as err:
        raise BackboneError(f"{path}: not readable as a memory's sound ({err}); delete the artifact to make it again") from err
    if sound is None or sound.dtype != np.float32 or sound.ndim != 2 or sound.shape[0] > 2:
        raise BackboneError(f"{path}: expected a sound as float32 [channel, sample]; delete the artifact to make it again")
    return sound
