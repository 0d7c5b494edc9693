"""Shots, sound, subtitles and chapters become one MP4."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

import av
import numpy as np
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.packet import Packet
from av.stream import Stream
from av.subtitles.stream import SubtitleStream
from av.video.stream import VideoStream
from jaxtyping import Float32

from episodic.cut.encode import check_picture, track_clock
from episodic.cut.errors import CutError
from episodic.cut.muxer import muxing, replacing
from episodic.cut.picture import opened_shot, picture_packets
from episodic.cut.subtitles import Subtitle, mov_text, mov_text_header
from episodic.cut.timeline import SAMPLE_RATE, Timeline

if TYPE_CHECKING:
    from av.container.core import Chapter as _BoxChapter

__all__ = ["AAC_BITS_PER_S", "AAC_FRAME", "Chapter", "assemble"]

AAC_BITS_PER_S: Final = 192_000
AAC_FRAME: Final = 1024
"""Samples in one AAC frame."""

_MILLISECOND: Final = Fraction(1, 1000)
_Timed: TypeAlias = "tuple[float, Packet[Stream]]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """A place a player can jump to; it lasts until the next one."""

    start_s: float
    title: str


def assemble(
    out: Path,
    timeline: Timeline,
    audio: Iterable[Float32[np.ndarray, "sample 2"]],
    subtitles: Sequence[Subtitle],
    chapters: Sequence[Chapter],
    *,
    title: str,
    comment: str = "",
    language: str = "eng",
) -> None:
    """Write the film: picture by stream copy wherever one shot stands alone, AAC stereo, soft subtitles, chapters, index in front.

    `audio` comes in blocks of any length, stereo at 48 kHz, -1..1, `timeline.samples` in all; a difference of up to one frame
    of picture is cut off or filled with silence. Nothing is held but a few seconds. The same input gives the same bytes.
    Raises CutError where a shot or the sound does not fit the timeline or the film cannot be written (DiskFull: no room).
    """
    # The film's own clock counts samples: in milliseconds, its default, the edit that skips AAC's priming could not end exactly.
    options = {**track_clock(timeline.fps), "movie_timescale": str(SAMPLE_RATE), "movflags": "+faststart"}
    with replacing(out) as temporary, muxing(temporary, out, options) as muxer:
        box = muxer.box
        picture = _add_picture(box, timeline)
        sound = _add_sound(box, language)
        words = _add_subtitles(box, language) if subtitles else None
        box.metadata.update({"title": title, "comment": comment} if comment else {"title": title})
        box.set_chapters(_chapters(chapters, timeline))
        muxer.start()
        tracks = [_picture(timeline, picture), _sound(audio, timeline, sound)]
        if words is not None:
            tracks.append(_subtitles(subtitles, words))
        for _, packet in heapq.merge(*tracks, key=lambda timed: timed[0]):
            muxer.mux(packet)


def _add_picture(box: OutputContainer, timeline: Timeline) -> VideoStream:
    with opened_shot(timeline.shots[0].segment.path) as (_, source):
        check_picture(source.codec_context.width, source.codec_context.height, timeline.fps)
        stream = box.add_stream_from_template(source)
    stream.time_base = Fraction(1, int(track_clock(timeline.fps)["video_track_timescale"]))
    return stream


def _add_sound(box: OutputContainer, language: str) -> AudioStream:
    stream = box.add_stream("aac", rate=SAMPLE_RATE, layout="stereo")
    stream.codec_context.bit_rate = AAC_BITS_PER_S
    stream.codec_context.thread_count = 1
    stream.metadata["language"] = language
    return stream


def _add_subtitles(box: OutputContainer, language: str) -> SubtitleStream:
    stream = box.add_stream("mov_text")
    stream.codec_context.subtitle_header = mov_text_header()
    stream.codec_context.time_base = _MILLISECOND
    stream.time_base = _MILLISECOND
    stream.metadata["language"] = language
    return stream


def _chapters(chapters: Sequence[Chapter], timeline: Timeline) -> list[_BoxChapter]:
    starts = [round(one.start_s * SAMPLE_RATE) for one in chapters]
    ends = [*starts, timeline.samples][1:]
    if any(end <= start for start, end in zip(starts, ends, strict=True)):
        at = ", ".join(f"{one.start_s:g} s" for one in chapters)
        raise ValueError(
            f"chapters must start one after another inside the film of {timeline.seconds(timeline.frames):g} s: {at}"
        )
    return [
        {"id": number, "start": start, "end": end, "time_base": Fraction(1, SAMPLE_RATE), "metadata": {"title": one.title}}
        for number, (start, end, one) in enumerate(zip(starts, ends, chapters, strict=True), start=1)
    ]


def _picture(timeline: Timeline, stream: VideoStream) -> Iterator[_Timed]:
    for frame, packet in picture_packets(timeline):
        packet.stream = stream
        yield frame / timeline.fps, packet


def _subtitles(subtitles: Sequence[Subtitle], stream: SubtitleStream) -> Iterator[_Timed]:
    for one in sorted(subtitles, key=lambda cue: cue.start_s):
        start, end = round(one.start_s * 1000), round(one.end_s * 1000)
        packet: Packet[Stream] = Packet(mov_text(one))
        packet.stream, packet.time_base = stream, _MILLISECOND
        packet.pts = packet.dts = start
        packet.duration = end - start
        packet.is_keyframe = True
        yield one.start_s, packet


def _sound(audio: Iterable[Float32[np.ndarray, "sample 2"]], timeline: Timeline, stream: AudioStream) -> Iterator[_Timed]:
    position = 0
    for block in _regular(_fitted(audio, timeline)):
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(block.T), format="fltp", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = SAMPLE_RATE, position, Fraction(1, SAMPLE_RATE)
        position += len(block)
        yield from _timed(stream.encode(frame))
    yield from _timed(stream.encode(None))


def _timed(packets: Iterable[Packet[Stream]]) -> Iterator[_Timed]:
    for packet in packets:
        yield float((packet.dts or 0) * packet.time_base), packet


def _regular(blocks: Iterable[Float32[np.ndarray, "sample 2"]]) -> Iterator[Float32[np.ndarray, "sample 2"]]:
    """The same samples in blocks of one AAC frame (the last may be shorter), so that the bytes do not depend on the blocks given."""
    rest = np.zeros((0, 2), np.float32)
    for block in blocks:
        rest = np.concatenate([rest, block])
        whole = len(rest) - len(rest) % AAC_FRAME
        for start in range(0, whole, AAC_FRAME):
            yield rest[start : start + AAC_FRAME]
        rest = rest[whole:]
    if len(rest):
        yield rest


def _fitted(audio: Iterable[Float32[np.ndarray, "sample 2"]], timeline: Timeline) -> Iterator[Float32[np.ndarray, "sample 2"]]:
    """Exactly the film's length: what is missing or over, up to one frame of picture, is filled or cut off."""
    wanted, slack, given = timeline.samples, -(-SAMPLE_RATE // timeline.fps), 0
    for block in audio:
        if block.ndim != 2 or block.shape[1] != 2 or block.dtype != np.float32 or not np.isfinite(block).all():
            raise CutError(
                "the film's sound: expected blocks of samples x 2 channels, float32 and finite, "
                f"found {' x '.join(map(str, block.shape))} of {block.dtype} at sample {given}"
            )
        take = min(len(block), wanted - given)
        given += len(block)
        if given > wanted + slack:
            raise CutError(f"the film's sound is longer than its picture: expected {wanted} samples, found at least {given}")
        if take > 0:
            yield block[:take]
    if given < wanted - slack:
        raise CutError(f"the film's sound is shorter than its picture: expected {wanted} samples, found {given}")
    if given < wanted:
        yield np.zeros((wanted - given, 2), np.float32)
