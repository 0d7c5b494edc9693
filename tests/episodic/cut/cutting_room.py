"""Small shots to cut: each has a coloured pattern and a bright square that moves, so that no two frames are equal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import av
import numpy as np

from episodic.cut.assemble import Chapter, assemble
from episodic.cut.encode import encode_shot
from episodic.cut.subtitles import Subtitle
from episodic.cut.timeline import SAMPLE_RATE, SceneCut, Segment, Timeline, dissolve_frames, keyframes_for, lay_out
from planners.plan.vocabulary import Transition

WIDTH, HEIGHT = 192, 108


def drawn(count: int, seed: int) -> Iterator[np.ndarray]:
    """Draw the frames of a shot."""
    rng = np.random.default_rng(seed)
    ground = rng.integers(30, 200, (9, 16, 3), dtype=np.uint8).repeat(12, 0).repeat(12, 1)
    for index in range(count):
        picture = ground.copy()
        left = (index * 3) % (WIDTH - 24)
        picture[40:64, left : left + 24] = 250
        yield picture


def tone(samples: int, block: int = 4800) -> Iterator[np.ndarray]:
    """Yield a stereo tone of 330 Hz in blocks of `block` samples."""
    for start in range(0, samples, block):
        t = np.arange(start, min(start + block, samples)) / SAMPLE_RATE
        yield np.stack([0.2 * np.sin(2 * np.pi * 330 * t)] * 2, axis=1).astype(np.float32)


class CuttingRoom:
    """Encode shots into a folder and cut them to a film."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def shots(self, frames: Sequence[int], transitions: Sequence[Transition], fps: int, *, forced: bool = True) -> list[Segment]:
        """Encode shots; `forced`: with the keyframes that their transitions need."""
        segments = [
            Segment(
                id=f"s{i}",
                path=self.folder / f"s{i}.mp4",
                frames=count,
                transition=how,
                transition_frames=dissolve_frames(fps),
            )
            for i, (count, how) in enumerate(zip(frames, transitions, strict=True))
        ]
        for i, segment in enumerate(segments):
            following = segments[i + 1] if i + 1 < len(segments) else None
            keys = keyframes_for(segment, following, previous=segments[i - 1] if i else None) if forced else set()
            encode_shot(segment.path, drawn(segment.frames, i), width=WIDTH, height=HEIGHT, fps=fps, keyframes=keys)
        return segments

    def timeline(self, scenes: Sequence[Sequence[Segment]], fps: int) -> Timeline:
        """Lay out scenes of shots."""
        return lay_out([SceneCut(id=f"sc{i}", title=f"Scene {i}", shots=tuple(shots)) for i, shots in enumerate(scenes)], fps)

    def cut(self, timeline: Timeline, name: str = "film.mp4", subtitles: Sequence[Subtitle] = (), block: int = 4800) -> Path:
        """Assemble the film with a tone as its sound."""
        out = self.folder / name
        chapters = [Chapter(start_s=timeline.seconds(scene.start), title=scene.title) for scene in timeline.scenes]
        assemble(out, timeline, tone(timeline.samples, block), subtitles, chapters, title="A film", comment="made by a test")
        return out


def decode(path: Path) -> list[np.ndarray]:
    """Return the pictures of a film, YUV 4:2:0."""
    with av.open(str(path)) as box:
        return [frame.to_ndarray(format="yuv420p") for frame in box.decode(video=0)]


def packets_of(path: Path) -> list[bytes]:
    """Return the encoded pictures of a film."""
    with av.open(str(path)) as box:
        return [bytes(packet) for packet in box.demux(box.streams.video[0]) if packet.size]
