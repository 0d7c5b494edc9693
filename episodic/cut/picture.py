"""The film's picture track, packet by packet: copied inside a shot, blended and encoded anew in transitions.

A dissolve is a plain cross-fade of the gamma-coded Y'CbCr planes, the default of editing tools. It needs no conversion, so nothing
shifts where the blend begins and ends. A fade scales towards video black in the same way.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.container import InputContainer
from av.packet import Packet
from av.stream import Stream
from av.video.stream import VideoStream
from jaxtyping import UInt8

from episodic.cut.encode import TICKS_PER_FRAME, encode_yuv
from episodic.cut.errors import CutError
from episodic.cut.timeline import PlacedShot, Span, Timeline

__all__ = ["opened_shot", "picture_packets"]

Planes = UInt8[np.ndarray, "rows w"]

_FULL = 256
"""Blend weights are counted in 256ths: 255 * 256 still fits sixteen bits."""


def picture_packets(timeline: Timeline) -> Iterator[tuple[int, Packet[Stream]]]:
    """Yield (film frame, packet) for every frame of the film in order, with times on the film's clock.

    All shots are checked before the first packet. After that one shot is open at a time, two in a dissolve. Raises CutError if a shot
    file is missing, damaged, of another length than the timeline states, or not encoded like the first one.
    """
    with opened_shot(timeline.shots[0].segment.path) as (_, stream):
        reference = _parameters(stream)
        size = (stream.codec_context.width, stream.codec_context.height)
        if stream.average_rate != timeline.fps:
            raise CutError(
                f"{timeline.shots[0].segment.path}: encoded at {stream.average_rate} frames a second, the film has {timeline.fps}. "
                "Delete it and render again"
            )
    for shot in timeline.shots:
        _check_shot(shot, reference)
    for span in timeline.spans:
        shot = timeline.shots[span.shot]
        if span.kind == "copy":
            yield from _copied(span, shot, timeline.fps, size, reference)
        else:
            yield from _encoded(span.start, _blended(span, timeline.shots), shot.segment.path, timeline.fps, size, reference)


@contextmanager
def opened_shot(path: Path) -> Iterator[tuple[InputContainer, VideoStream]]:
    """Open a shot file. Raises CutError if it cannot be read, now or inside the block."""
    with _read_faults(path), av.open(str(path)) as box:
        if not box.streams.video:
            raise CutError(f"{path}: not a shot file: there is no picture in it. Delete it and render again")
        stream = box.streams.video[0]
        stream.thread_type, stream.codec_context.thread_count = "NONE", 1
        yield box, stream


@contextmanager
def _read_faults(path: Path) -> Iterator[None]:
    """Turn errors of reading a shot file into one CutError that names it."""
    try:
        yield
    except (OSError, av.FFmpegError) as fault:
        reason = fault.strerror or str(fault)
        raise CutError(f"{path}: the encoded shot cannot be read: {reason}. Delete it and render again") from fault


def _copied(
    span: Span, shot: PlacedShot, fps: int, size: tuple[int, int], reference: bytes
) -> Iterator[tuple[int, Packet[Stream]]]:
    """Copy the packets of a span. Frames before its first keyframe are encoded anew."""
    path, end = shot.segment.path, span.first + span.frames
    entry = _first_keyframe(path, span.first, end)
    if entry > span.first:
        # The shot was encoded before this transition was requested: its frames up to the next keyframe are encoded anew.
        pictures = _pictures(path, span.first, entry - span.first)
        yield from _encoded(span.start, pictures, path, fps, size, reference)
    for index, packet in _shot_packets(path):
        if entry <= index < end:
            yield _placed(packet, span.start + index - span.first, fps)


def _placed(packet: Packet[Stream], frame: int, fps: int) -> tuple[int, Packet[Stream]]:
    """Set the times of a packet to a film frame."""
    packet.time_base = Fraction(1, fps * TICKS_PER_FRAME)
    packet.pts = packet.dts = frame * TICKS_PER_FRAME
    packet.duration = TICKS_PER_FRAME
    return frame, packet


def _shot_packets(path: Path) -> Iterator[tuple[int, Packet[Stream]]]:
    """Yield every packet of a shot with its frame number."""
    with opened_shot(path) as (box, stream):
        yield from enumerate(packet for packet in box.demux(stream) if packet.size)


def _first_keyframe(path: Path, first: int, end: int) -> int:
    """Return the first keyframe from `first` on; `end` if there is none."""
    return next((index for index, packet in _shot_packets(path) if index >= first and packet.is_keyframe), end)


def _check_shot(shot: PlacedShot, reference: bytes) -> None:
    """Raise CutError if a shot file does not fit the timeline or the film's first shot."""
    path = shot.segment.path
    with opened_shot(path) as (_, stream):
        if stream.frames != shot.segment.frames:
            raise CutError(
                f"{path}: shot {shot.segment.id} should have {shot.segment.frames} frames and has {stream.frames}. "
                "Delete it and render again"
            )
        if _parameters(stream) != reference:
            raise CutError(
                f"{path}: shot {shot.segment.id} was not encoded like the film's first shot (other size, rate or encoder). "
                "Delete it and render again"
            )


def _parameters(stream: VideoStream) -> bytes:
    """Return the parameter sets of an encoded picture."""
    return bytes(stream.codec_context.extradata or b"")


def _encoded(
    start: int, pictures: Iterable[Planes], path: Path, fps: int, size: tuple[int, int], reference: bytes
) -> Iterator[tuple[int, Packet[Stream]]]:
    """Encode a few frames as a shot of their own, in memory."""
    small = io.BytesIO()
    encode_yuv(small, path, pictures, width=size[0], height=size[1], fps=fps)
    small.seek(0)
    for index, packet in _packets_of(small, path, reference):
        yield _placed(packet, start + index, fps)


def _packets_of(small: io.BufferedIOBase, path: Path, reference: bytes) -> Iterator[tuple[int, Packet[Stream]]]:
    """Yield the packets of an encoded file in memory. Raises CutError if another encoder wrote the shots."""
    with av.open(small, "r", format="mp4") as box:
        stream = box.streams.video[0]
        if _parameters(stream) != reference:
            raise CutError(
                f"{path}: the shots were encoded by another version of the encoder than this one; delete them and render again"
            )
        yield from enumerate(packet for packet in box.demux(stream) if packet.size)


def _blended(span: Span, shots: tuple[PlacedShot, ...]) -> Iterator[Planes]:
    """Yield the pictures of a dissolve or a fade."""
    count = span.frames
    above = _pictures(shots[span.shot].segment.path, span.first, count)
    if span.kind == "dissolve":
        below = _pictures(shots[span.under].segment.path, span.under_first, count)
        for index, (new, old) in enumerate(zip(above, below, strict=True)):
            yield _mix(new, old, _FULL * (index + 1) // (count + 1))
        return
    for index, picture in enumerate(above):
        step = index if span.kind == "fade_in" else count - 1 - index
        yield _mix(picture, _black(picture), _FULL * step // count)


def _mix(new: Planes, old: Planes, weight: int) -> Planes:
    """Blend two pictures; `weight` of `new` in 256ths."""
    blend = new.astype(np.uint16) * weight + old.astype(np.uint16) * (_FULL - weight) + _FULL // 2
    return (blend >> 8).astype(np.uint8)


def _black(like: Planes) -> Planes:
    """Return a video-black picture of the same size."""
    black = np.full_like(like, 128)
    black[: like.shape[0] * 2 // 3] = 16
    return black


def _pictures(path: Path, first: int, count: int) -> Iterator[Planes]:
    """Decode `count` frames from frame `first` on."""
    with opened_shot(path) as (box, stream):
        ticks = stream.time_base or Fraction(1)
        per_frame = round(1 / (ticks * (stream.average_rate or 1)))
        box.seek(first * per_frame, stream=stream)
        decoded = 0
        for picture in box.decode(stream):
            index = (picture.pts or 0) // per_frame
            if first <= index < first + count:
                decoded += 1
                yield picture.to_ndarray(format="yuv420p")
            if decoded == count:
                return
    raise CutError(f"{path}: frames {first} to {first + count - 1} are needed, found only {decoded} of them. Render it again")
