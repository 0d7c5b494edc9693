"""One shot, encoded once: H.264 that can be cut and joined by stream copy.

Every shot of one size and rate is encoded with the same settings, so all carry the same parameter sets and their packets can
stand behind one another in one track. There are no B-frames and every GOP is closed: packets leave in display order and a cut
may fall before any keyframe and after any frame.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import BinaryIO, Final, cast

import av
import numpy as np
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc, Interpolation, VideoReformatter
from av.video.stream import VideoStream
from jaxtyping import UInt8

from episodic.cut.errors import CutError, write_faults
from episodic.errors import InputError

__all__ = [
    "ENCODER_VERSION",
    "MAX_KEYFRAME_GAP_S",
    "TICKS_PER_FRAME",
    "ShotFile",
    "check_picture",
    "encode_shot",
    "encode_yuv",
    "replacing",
]

ENCODER_VERSION: Final = "h264-veryfast-crf20-bf0@1"
"""Changes whenever the same frames would give other bytes."""
MAX_KEYFRAME_GAP_S: Final = 2
TICKS_PER_FRAME: Final = 512
"""The track's clock runs at `fps * TICKS_PER_FRAME`, so that every frame lasts a whole number of ticks at any integer rate."""

_LARGEST_PX: Final = 8192
_SWS: Final = Interpolation.BILINEAR | Interpolation.ACCURATE_RND | Interpolation.BITEXACT


@dataclass(frozen=True, slots=True, kw_only=True)
class ShotFile:
    """One encoded shot as it lies on disk. `keyframes` are the frame numbers a copy may start at."""

    path: Path
    frames: int
    width: int
    height: int
    fps: int
    keyframes: tuple[int, ...]
    size_bytes: int


def check_picture(width: int, height: int, fps: int) -> None:
    """Raise InputError where H.264 4:2:0 cannot hold the size, or the rate is not a whole number of frames a second."""
    if width % 2 or height % 2 or not 16 <= width <= _LARGEST_PX or not 16 <= height <= _LARGEST_PX:
        near = f"{_nearest_even(width)}x{_nearest_even(height)}"
        raise InputError(
            f"picture size {width}x{height}: expected an even width and height from 16 to {_LARGEST_PX} pixels "
            f"(colour is stored for every second pixel); the nearest size is {near}"
        )
    if not 1 <= fps <= 240:
        raise InputError(f"{fps} frames a second: expected a whole number from 1 to 240")


def encode_shot(
    path: Path,
    frames: Iterable[UInt8[np.ndarray, "h w 3"]],
    *,
    width: int,
    height: int,
    fps: int,
    keyframes: Collection[int] = (),
) -> ShotFile:
    """Encode RGB (sRGB values, taken as bt709) frames into `path`, an MP4 with one H.264 track and nothing else.

    There is a keyframe at 0, at each of `keyframes` and at least every `MAX_KEYFRAME_GAP_S` seconds. The same frames give the
    same bytes. One frame is held at a time. The file appears whole or not at all.
    Raises InputError for an impossible size or rate, CutError for a frame of another shape, no frame, or a failed write.
    """
    check_picture(width, height, fps)
    with replacing(path) as temporary, _open_track(str(temporary), width, height, fps) as feed:
        count, placed = feed(_to_yuv(frames, width, height), keyframes)
        if count == 0:
            raise CutError(f"{path}: the shot has no frames; at least one is expected")
    return ShotFile(
        path=path, frames=count, width=width, height=height, fps=fps, keyframes=placed, size_bytes=path.stat().st_size
    )


def encode_yuv(target: BinaryIO, frames: Iterable[UInt8[np.ndarray, "rows w"]], *, width: int, height: int, fps: int) -> int:
    """Encode yuv420p planes (Y over U over V, `rows` = 3/2 h, bt709 limited range) as `encode_shot` does; return how many."""
    with _open_track(target, width, height, fps) as feed:
        count, _ = feed((av.VideoFrame.from_ndarray(planes, format="yuv420p") for planes in frames), ())
    return count


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Lend a name in the same folder to write to; on success it is synced to the disk and takes `path`'s place at once.

    On any error the temporary file is removed and `path` is as it was. Failures to write are raised as CutError.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    with write_faults(path):
        try:
            yield temporary
            _sync(temporary)
            temporary.replace(path)
            _sync(path.parent)
        finally:
            temporary.unlink(missing_ok=True)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


_Feed = Callable[[Iterable[av.VideoFrame], Collection[int]], tuple[int, tuple[int, ...]]]


@contextmanager
def _open_track(target: str | BinaryIO, width: int, height: int, fps: int) -> Iterator[_Feed]:
    muxer = {"video_track_timescale": str(fps * TICKS_PER_FRAME), "fflags": "+bitexact", "use_editlist": "0"}
    with av.open(target, "w", format="mp4", container_options=muxer) as box:
        stream = box.add_stream("libx264", rate=fps, options=_x264(fps))
        _describe(stream.codec_context, width, height, fps)

        def feed(frames: Iterable[av.VideoFrame], forced: Collection[int]) -> tuple[int, tuple[int, ...]]:
            return _write(box, stream, frames, frozenset(forced), fps)

        yield feed


def _x264(fps: int) -> dict[str, str]:
    gap = MAX_KEYFRAME_GAP_S * fps
    return {
        "preset": "veryfast",
        "crf": "20",
        "profile": "high",
        "forced-idr": "1",
        # A frame count per GOP and never a guess: scene cuts fall between shots, and the same frames give the same bytes.
        "x264-params": f"bframes=0:keyint={gap}:min-keyint=1:scenecut=0:open-gop=0:threads=1:lookahead-threads=1:force-cfr=1",
    }


def _describe(context: VideoCodecContext, width: int, height: int, fps: int) -> None:
    context.width, context.height, context.pix_fmt = width, height, "yuv420p"
    context.time_base = Fraction(1, fps)
    context.thread_count = 1
    context.color_range = ColorRange.MPEG
    context.colorspace = _BT709
    context.color_primaries = ColorPrimaries.BT709
    context.color_trc = ColorTrc.BT709


_BT709: Final = 1
"""AVCOL_SPC_BT709; PyAV's `Colorspace` counts in swscale's numbers, which match here only by luck."""


def _write(
    box: av.container.OutputContainer, stream: VideoStream, frames: Iterable[av.VideoFrame], forced: frozenset[int], fps: int
) -> tuple[int, tuple[int, ...]]:
    count, gap, placed = 0, 0, []
    for index, frame in enumerate(frames):
        gap = 0 if index in forced or gap == MAX_KEYFRAME_GAP_S * fps else gap
        if gap == 0:
            placed.append(index)
        frame.pict_type = PictureType.I if gap == 0 else PictureType.NONE
        frame.pts, frame.time_base = index, Fraction(1, fps)
        frame.color_range, frame.colorspace = ColorRange.MPEG, _BT709
        frame.color_primaries, frame.color_trc = ColorPrimaries.BT709, ColorTrc.BT709
        for packet in stream.encode(frame):
            packet.duration = 1
            box.mux(packet)
        count, gap = index + 1, gap + 1
    if count:
        for packet in stream.encode(None):
            packet.duration = 1
            box.mux(packet)
    return count, tuple(placed)


def _to_yuv(frames: Iterable[UInt8[np.ndarray, "h w 3"]], width: int, height: int) -> Iterator[av.VideoFrame]:
    convert = VideoReformatter()
    for index, pixels in enumerate(frames):
        if pixels.shape != (height, width, 3) or pixels.dtype != np.uint8:
            raise CutError(
                f"frame {index}: expected {height} x {width} x 3 bytes (rows, columns, RGB), "
                f"found {' x '.join(map(str, pixels.shape))} of {pixels.dtype}"
            )
        rgb = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format="rgb24")
        yuv = convert.reformat(
            rgb,
            format="yuv420p",
            src_color_range=ColorRange.JPEG,
            dst_color_range=ColorRange.MPEG,
            dst_colorspace=Colorspace.ITU709,
            interpolation=_SWS,
            threads=1,
        )
        yield cast(av.VideoFrame, yuv)


def _nearest_even(pixels: int) -> int:
    return min(max(pixels + pixels % 2, 16), _LARGEST_PX)
