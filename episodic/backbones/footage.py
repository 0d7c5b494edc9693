"""Frames of a take that was sampled as pixels: in memory, or in a lossless file (FFV1 in Matroska) that is read on demand."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import UInt8

from episodic.errors import BackboneError

__all__ = ["Footage", "write_footage"]


class Footage:
    """Frames at the model's own size and rate. Made with `of` or `open`."""

    def __init__(
        self, *, frames: int, height: int, width: int, fps: int, source: UInt8[np.ndarray, "frame height width 3"] | Path
    ):
        self.frames, self.height, self.width, self.fps = frames, height, width, fps
        self._source = source

    @classmethod
    def of(cls, frames: UInt8[np.ndarray, "frame height width 3"], fps: int) -> Footage:
        """Footage in memory."""
        count, height, width, _ = frames.shape
        return cls(frames=count, height=height, width=width, fps=fps, source=frames)

    @classmethod
    def open(cls, path: Path) -> Footage:
        """Footage in a file of `write_footage`. Raises BackboneError for an unreadable file."""
        try:
            header = _ffv1().read_header(path)
        except (OSError, KeyError, ValueError, IndexError) as err:
            raise BackboneError(
                f"{path}: not readable as a take's frames ({err}); delete the artifact, and it is shot again"
            ) from err
        return cls(frames=header.frames, height=header.height, width=header.width, fps=header.fps, source=path)

    def __len__(self) -> int:
        return self.frames

    def __iter__(self) -> Iterator[UInt8[np.ndarray, "height width 3"]]:
        """Every frame in order; memory flat where they come from a file."""
        if not isinstance(self._source, Path):
            yield from self._source
            return
        yield from self._decoded(self._source, 0, self.frames)

    def read(self, first: int = 0, last: int | None = None) -> UInt8[np.ndarray, "frame height width 3"]:
        """Frames `first` (from 0; negative from the end) up to and without `last`."""
        first, last, _ = slice(first, last).indices(self.frames)
        if not isinstance(self._source, Path):
            return self._source[first:last]
        frames = list(self._decoded(self._source, first, last))
        return np.stack(frames) if frames else np.zeros((0, self.height, self.width, 3), np.uint8)

    def _decoded(self, path: Path, first: int, last: int) -> Iterator[UInt8[np.ndarray, "height width 3"]]:
        """Decode frames of the file."""
        yield from _ffv1().decode_frames(path, first, last, self.fps)


def write_footage(path: Path, footage: Footage) -> None:
    """Write footage losslessly, frame by frame; the same frames give the same bytes."""
    ffv1 = _ffv1()
    header = ffv1.VideoHeader(frames=footage.frames, height=footage.height, width=footage.width, fps=footage.fps)
    ffv1.encode_frames(path, header, footage)


def _ffv1() -> Any:
    """The codec module, imported on first use: planning an episode reads no frames and loads no PyAV."""
    return import_module("episodic.backbones.ffv1")
