"""Frames of a take that was sampled as pixels: in memory, or in a lossless file (FFV1 in Matroska) that is read on demand."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import av
import numpy as np
from jaxtyping import UInt8

from episodic.errors import BackboneError

__all__ = ["Footage", "write_footage"]


_SLICES: Final = 4


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
            with av.open(str(path)) as container:
                stream = container.streams.video[0]
                # the container only estimates its length; the exact number of frames is written as a tag
                count = int(container.metadata["FRAMES"])
                fps = int(container.metadata["FPS"])
                size = stream.height, stream.width
        except (av.error.FFmpegError, OSError, KeyError, ValueError, IndexError) as err:
            raise BackboneError(
                f"{path}: not readable as a take's frames ({err}); delete the artifact, and it is shot again"
            ) from err
        return cls(frames=count, height=size[0], width=size[1], fps=fps, source=path)

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
        """Decode from the first frame asked for: every frame of FFV1 stands alone."""

        if first >= last:
            return
        with av.open(str(path)) as container:
            stream = container.streams.video[0]
            stream.thread_type = "NONE"
            container.seek(round(first / self.fps / float(stream.time_base or 1)), stream=stream)
            for frame in container.decode(stream):
                number = round(float(frame.time or 0) * self.fps)
                if number >= last:
                    return
                if number >= first:
                    yield frame.to_ndarray(format="rgb24")


def write_footage(path: Path, footage: Footage) -> None:
    """Write footage losslessly, frame by frame; the same frames give the same bytes."""
    with av.open(str(path), "w", format="matroska", options={"fflags": "+bitexact"}) as container:
        stream: Any = container.add_stream(
            "ffv1", rate=Fraction(footage.fps), options={"level": "3", "slices": str(_SLICES), "slicecrc": "1"}
        )
        stream.width, stream.height, stream.pix_fmt = footage.width, footage.height, "bgr0"
        # one thread a slice: the bytes are the same whatever their number
        stream.codec_context.thread_type, stream.codec_context.thread_count = "SLICE", _SLICES
        container.metadata.update({"FRAMES": str(footage.frames), "FPS": str(footage.fps)})
        for picture in footage:
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
