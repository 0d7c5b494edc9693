"""Assemble shots, sound, subtitles and chapters to one MP4."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Final, TypeAlias, TypedDict

import av
import numpy as np
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.packet import Packet
from av.stream import Stream
from av.subtitles.stream import SubtitleStream
from av.video.stream import VideoStream
from jaxtyping import Float32

from episodic.cut.encode import TICKS_PER_FRAME, check_picture, track_clock
from episodic.cut.errors import CutError
from episodic.cut.muxer import muxing, replacing
from episodic.cut.picture import opened_shot, picture_packets
from episodic.cut.subtitles import Subtitle, mov_text, mov_text_header
from episodic.cut.timeline import SAMPLE_RATE, Timeline

__all__ = ["AAC_BITS_PER_S", "AAC_FRAME", "Chapter", "assemble"]

AAC_BITS_PER_S: Final = 192_000
AAC_FRAME: Final = 1024
"""Samples in one AAC frame."""

_MILLISECOND: Final = Fraction(1, 1000)
_Timed: TypeAlias = "tuple[float, Packet[Stream]]"


class _BoxChapter(TypedDict):
    """A chapter as PyAV takes it."""

    id: int
    start: int
    end: int
    time_base: Fraction | None
    metadata: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """A place a player can jump to; it lasts until the next one."""

    start_s: float
    title: str


def assemble(
    out: Path,
    timeline: Timeline,
    audio: Iterable[np.ndarray],
    subtitles: Sequence[Subtitle],
    chapters: Sequence[Chapter],
    *,
    title: str,
    comment: str = "",
    language: str = "eng",
) -> None:
    """Write the film: picture by stream copy outside transitions, AAC stereo, soft subtitles, chapters, index in front.

    `audio` comes in blocks of any length, float32 [sample, 2] at 48 kHz, -1..1, `timeline.samples` in all. A difference of up to one
    frame of picture is cut off or filled with silence. Only a few seconds are in memory. The same input gives the same bytes.
    Raises CutError if a shot or the sound does not fit the timeline or the film cannot be written (DiskFull: no room).
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
    """Add a picture track like the first shot's."""
    with opened_shot(timeline.shots[0].segment.path) as (_, source):
        check_picture(source.codec_context.width, source.codec_context.height, timeline.fps)
        stream = box.add_stream_from_template(source)
    stream.time_base = Fraction(1, timeline.fps * TICKS_PER_FRAME)
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
    """Return the chapters on the film's clock. Raises ValueError if they do not follow each other inside the film."""
    starts = [round(chapter.start_s * SAMPLE_RATE) for chapter in chapters]
    ends = [*starts, timeline.samples][1:]
    if any(end <= start for start, end in zip(starts, ends, strict=True)):
        at = ", ".join(f"{chapter.start_s:g} s" for chapter in chapters)
        raise ValueError(
            f"chapters must start one after another inside the film of {timeline.seconds(timeline.frames):g} s: {at}"
        )
    return [
        {"id": number, "start": start, "end": end, "time_base": Fraction(1, SAMPLE_RATE), "metadata": {"title": chapter.title}}
        for number, (start, end, chapter) in enumerate(zip(starts, ends, chapters, strict=True), start=1)
    ]


def _picture(timeline: Timeline, stream: VideoStream) -> Iterator[_Timed]:
    """Yield the picture's packets with their times in seconds."""
    for frame, packet in picture_packets(timeline):
        packet.stream = stream
        yield frame / timeline.fps, packet


def _subtitles(subtitles: Sequence[Subtitle], stream: SubtitleStream) -> Iterator[_Timed]:
    """Yield the subtitles' packets with their times in seconds."""
    for subtitle in sorted(subtitles, key=lambda cue: cue.start_s):
        start, end = round(subtitle.start_s * 1000), round(subtitle.end_s * 1000)
        packet: Packet[Stream] = Packet(mov_text(subtitle))
        packet.stream, packet.time_base = stream, _MILLISECOND
        packet.pts = packet.dts = start
        packet.duration = end - start
        packet.is_keyframe = True
        yield subtitle.start_s, packet


def _sound(audio: Iterable[np.ndarray], timeline: Timeline, stream: AudioStream) -> Iterator[_Timed]:
    """Encode the sound; yield its packets with their times in seconds."""
    position = 0
    for block in _regular(_fitted(audio, timeline)):
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(block.T), format="fltp", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = SAMPLE_RATE, position, Fraction(1, SAMPLE_RATE)
        position += len(block)
        yield from _timed(stream.encode(frame))
    yield from _timed(stream.encode(None))


def _timed(packets: Iterable[Packet[Stream]]) -> Iterator[_Timed]:
    """Yield encoded packets with their times in seconds."""
    for packet in packets:
        yield float((packet.dts or 0) * packet.time_base), packet


def _regular(blocks: Iterable[Float32[np.ndarray, "sample 2"]]) -> Iterator[Float32[np.ndarray, "sample 2"]]:
    """Regroup samples to blocks of one AAC frame (the last may be shorter), so that the bytes do not depend on the given blocks."""
    pending = np.zeros((0, 2), np.float32)
    for block in blocks:
        pending = np.concatenate([pending, block])
        whole = len(pending) - len(pending) % AAC_FRAME
        for start in range(0, whole, AAC_FRAME):
            yield pending[start : start + AAC_FRAME]
        pending = pending[whole:]
    if len(pending):
        yield pending


def _fitted(audio: Iterable[np.ndarray], timeline: Timeline) -> Iterator[Float32[np.ndarray, "sample 2"]]:
    """Fit the sound to the film's length: fill or cut off up to one frame of picture. Raises CutError for more, or a bad block."""
    expected, slack, received = timeline.samples, -(-SAMPLE_RATE // timeline.fps), 0
    for block in audio:
        if block.ndim != 2 or block.shape[1] != 2 or block.dtype != np.float32 or not np.isfinite(block).all():
            raise CutError(
                "the film's sound: expected blocks of samples x 2 channels, float32 and finite, "
                f"found {' x '.join(map(str, block.shape))} of {block.dtype} at sample {received}"
            )
        take = min(len(block), expected - received)
        received += len(block)
        if received > expected + slack:
            raise CutError(f"the film's sound is longer than its picture: expected {expected} samples, found at least {received}")
        if take > 0:
            yield block[:take]
    if received < expected - slack:
        raise CutError(f"the film's sound is shorter than its picture: expected {expected} samples, found {received}")
    if received < expected:
        yield np.zeros((expected - received, 2), np.float32)
