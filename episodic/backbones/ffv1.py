"""Lossless frames on disk: FFV1 in Matroska. The only module of the backbones that loads PyAV."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any, Final, NamedTuple

import av
import numpy as np
from jaxtyping import UInt8

__all__ = ["VideoHeader", "decode_frames", "encode_frames", "read_header"]

_SLICES: Final = 4


class VideoHeader(NamedTuple):
    """What a file says of its frames."""

    frames: int
    height: int
    width: int
    fps: int


def read_header(path: Path) -> VideoHeader:
    """Read count, size and rate of the frames in a file. Raises OSError, ValueError, KeyError or IndexError for an unreadable file."""
    try:
        with av.open(str(path)) as container:
            stream = container.streams.video[0]
            # the container only estimates its length; the exact number of frames is written as a tag
            count, fps = int(container.metadata["FRAMES"]), int(container.metadata["FPS"])
            return VideoHeader(frames=count, height=stream.height, width=stream.width, fps=fps)
    except av.error.FFmpegError as err:
        raise ValueError(str(err)) from err


def decode_frames(path: Path, first: int, last: int, fps: int) -> Iterator[UInt8[np.ndarray, "height width 3"]]:
    """Decode frames `first` up to and without `last`, starting at the first: every frame of FFV1 stands alone."""
    if first >= last:
        return
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        stream.thread_type = "NONE"
        container.seek(round(first / fps / float(stream.time_base or 1)), stream=stream)
        for frame in container.decode(stream):
            number = round(float(frame.time or 0) * fps)
            if number >= last:
                return
            if number >= first:
                yield frame.to_ndarray(format="rgb24")


def encode_frames(path: Path, header: VideoHeader, frames: Iterable[UInt8[np.ndarray, "height width 3"]]) -> None:
    """Write frames losslessly, one by one; the same frames give the same bytes."""
    with av.open(str(path), "w", format="matroska", options={"fflags": "+bitexact"}) as container:
        stream: Any = container.add_stream(
            "ffv1", rate=Fraction(header.fps), options={"level": "3", "slices": str(_SLICES), "slicecrc": "1"}
        )
        stream.width, stream.height, stream.pix_fmt = header.width, header.height, "bgr0"
        # one thread a slice: the bytes are the same whatever their number
        stream.codec_context.thread_type, stream.codec_context.thread_count = "SLICE", _SLICES
        container.metadata.update({"FRAMES": str(header.frames), "FPS": str(header.fps)})
        for picture in frames:
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
