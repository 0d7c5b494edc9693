"""Encode a shot once, as H.264 that can be cut and joined by stream copy.

Every shot of one size and rate is encoded with the same settings, so all carry the same parameter sets and their packets can follow
each other in one track. There are no B-frames and every GOP is closed: packets leave in display order, and a cut may fall before any
keyframe and after any frame.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from io import BufferedIOBase
from pathlib import Path
from typing import Final

import av
import numpy as np
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc, Interpolation, VideoReformatter
from av.video.stream import VideoStream
from jaxtyping import UInt8

from episodic.cut.errors import CutError
from episodic.cut.muxer import Muxer, muxing, replacing
from episodic.errors import InputError

__all__ = [
    "MAX_KEYFRAME_GAP_S",
    "TICKS_PER_FRAME",
    "ShotFile",
    "check_picture",
    "encode_shot",
    "encode_yuv",
    "track_clock",
]

MAX_KEYFRAME_GAP_S: Final = 2
TICKS_PER_FRAME: Final = 512
"""The track's clock runs at `fps * TICKS_PER_FRAME`, so that every frame lasts a whole number of ticks at any integer rate."""

_LARGEST_PX: Final = 8192
_SWS: Final = Interpolation.BILINEAR | Interpolation.ACCURATE_RND | Interpolation.BITEXACT
_SPC_BT709: Final = 1
"""FFmpeg's AVCOL_SPC_BT709; PyAV's `Colorspace` counts in swscale's own numbers."""


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
        raise InputError(
            f"picture size {width}x{height}: expected an even width and height from 16 to {_LARGEST_PX} pixels "
            f"(colour is stored for every second pixel); the nearest size is {_nearest_even(width)}x{_nearest_even(height)}"
        )
    if not 1 <= fps <= 240:
        raise InputError(f"{fps} frames a second: expected a whole number from 1 to 240")


def encode_shot(
    path: Path,
    frames: Iterable[np.ndarray],
    *,
    width: int,
    height: int,
    fps: int,
    keyframes: Collection[int] = (),
) -> ShotFile:
    """Encode RGB frames into `path`, an MP4 with one H.264 track (yuv420p, bt709, limited range) and nothing else.

    A frame is uint8 [height, width, 3]. There is a keyframe at 0, at each of `keyframes` and at least every `MAX_KEYFRAME_GAP_S`
    seconds. The same frames give the same bytes. One frame is in memory at a time. The file appears whole or not at all.
    Raises InputError for an impossible size or rate, CutError for a frame of another shape, no frame, or a failed write.
    """
    check_picture(width, height, fps)
    with replacing(path) as temporary:
        pictures = _to_yuv(frames, width, height)
        count, placed = _encode(temporary, path, pictures, frozenset(keyframes), (width, height, fps))
        if count == 0:
            raise CutError(f"{path}: the shot has no frames; at least one is expected")
    return ShotFile(
        path=path, frames=count, width=width, height=height, fps=fps, keyframes=placed, size_bytes=path.stat().st_size
    )


def encode_yuv(
    target: BufferedIOBase, path: Path, frames: Iterable[UInt8[np.ndarray, "rows w"]], *, width: int, height: int, fps: int
) -> int:
    """Encode yuv420p planes (Y over U over V, `rows` = 3/2 h, bt709 limited range) as `encode_shot` does; return their number.

    `target` is any seekable binary file; errors name `path`.
    """
    pictures = (av.VideoFrame.from_ndarray(planes, format="yuv420p") for planes in frames)
    return _encode(target, path, pictures, frozenset(), (width, height, fps))[0]


def track_clock(fps: int) -> dict[str, str]:
    """Return the muxer option that makes a picture track count in `TICKS_PER_FRAME`."""
    return {"video_track_timescale": str(fps * TICKS_PER_FRAME)}


def _encode(
    target: Path | BufferedIOBase,
    path: Path,
    pictures: Iterable[av.VideoFrame],
    forced: frozenset[int],
    size_and_rate: tuple[int, int, int],
) -> tuple[int, tuple[int, ...]]:
    """Encode pictures; return their number and the numbers of the keyframes."""
    width, height, fps = size_and_rate
    with muxing(target, path, {**track_clock(fps), "use_editlist": "0"}) as muxer:
        stream = muxer.box.add_stream("libx264", rate=fps, options=_x264(fps))
        _describe(stream.codec_context, width, height, fps)
        return _write(muxer, stream, pictures, forced, fps)


def _x264(fps: int) -> dict[str, str]:
    """Return the encoder's options."""
    gap = MAX_KEYFRAME_GAP_S * fps
    return {
        "preset": "veryfast",
        "crf": "20",
        "profile": "high",
        "forced-idr": "1",
        # Keyframes are counted, not detected: scenes change between shots. One thread and `cpu-independent` give the same bytes every
        # time: the assembler version of x264's macroblock tree differs about once in 100 runs.
        "x264-params": (
            f"bframes=0:keyint={gap}:min-keyint=1:scenecut=0:open-gop=0:force-cfr=1:"
            "threads=1:lookahead-threads=1:cpu-independent=1"
        ),
    }


def _describe(context: VideoCodecContext, width: int, height: int, fps: int) -> None:
    """Set size, rate and colour of the encoded picture."""
    context.width, context.height, context.pix_fmt = width, height, "yuv420p"
    context.time_base = Fraction(1, fps)
    context.thread_count = 1
    context.color_range, context.colorspace = ColorRange.MPEG, _SPC_BT709
    context.color_primaries, context.color_trc = ColorPrimaries.BT709, ColorTrc.BT709


def _write(
    muxer: Muxer, stream: VideoStream, pictures: Iterable[av.VideoFrame], forced: frozenset[int], fps: int
) -> tuple[int, tuple[int, ...]]:
    """Encode and mux pictures; return their number and the numbers of the keyframes."""
    placed: list[int] = []
    count = 0
    for index, picture in enumerate(pictures):
        opens_gop = index in forced or not placed or index - placed[-1] == MAX_KEYFRAME_GAP_S * fps
        if opens_gop:
            placed.append(index)
        picture.pict_type = PictureType.I if opens_gop else PictureType.NONE
        picture.pts, picture.time_base = index, Fraction(1, fps)
        picture.color_range, picture.colorspace = ColorRange.MPEG, _SPC_BT709
        picture.color_primaries, picture.color_trc = ColorPrimaries.BT709, ColorTrc.BT709
        _encode_picture(muxer, stream, picture)
        count = index + 1
    if count:
        _encode_picture(muxer, stream, None)
    return count, tuple(placed)


def _encode_picture(muxer: Muxer, stream: VideoStream, picture: av.VideoFrame | None) -> None:
    """Encode one picture, or flush the encoder, and mux the packets."""
    for packet in stream.encode(picture):
        packet.duration = 1  # frame; the encoder leaves it out, and the last frame would have no duration
        muxer.mux(packet)


def _to_yuv(frames: Iterable[np.ndarray], width: int, height: int) -> Iterator[av.VideoFrame]:
    """Convert RGB frames. Raises CutError for a frame of another shape or type."""
    convert = VideoReformatter()
    for index, pixels in enumerate(frames):
        if pixels.shape != (height, width, 3) or pixels.dtype != np.uint8:
            raise CutError(
                f"frame {index}: expected {height} x {width} x 3 bytes (rows, columns, RGB), "
                f"found {' x '.join(map(str, pixels.shape))} of {pixels.dtype}"
            )
        yield convert.reformat(
            av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format="rgb24"),
            format="yuv420p",
            src_color_range=ColorRange.JPEG,
            dst_color_range=ColorRange.MPEG,
            dst_colorspace=Colorspace.ITU709,
            interpolation=_SWS,
            threads=1,
        )


def _nearest_even(pixels: int) -> int:
    """Return the nearest size that the encoder accepts."""
    return min(max(pixels + pixels % 2, 16), _LARGEST_PX)
