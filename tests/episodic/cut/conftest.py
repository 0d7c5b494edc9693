"""Small shots to cut: a coloured pattern per shot, with a bright square that moves, so that no two frames are alike."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import av
import numpy as np
import pytest

from episodic.cut.assemble import Chapter, assemble
from episodic.cut.encode import encode_shot
from episodic.cut.subtitles import Subtitle
from episodic.cut.timeline import SAMPLE_RATE, SceneCut, Segment, Timeline, dissolve_frames, keyframes_for, lay_out

WIDTH, HEIGHT = 192, 108


def drawn(count: int, seed: int) -> Iterator[np.ndarray]:
    rng = np.random.default_rng(seed)
    ground = rng.integers(30, 200, (9, 16, 3), dtype=np.uint8).repeat(12, 0).repeat(12, 1)
    for index in range(count):
        picture = ground.copy()
        left = (index * 3) % (WIDTH - 24)
        picture[40:64, left : left + 24] = 250
        yield picture


def tone(samples: int, block: int = 4800) -> Iterator[np.ndarray]:
    for start in range(0, samples, block):
        t = np.arange(start, min(start + block, samples)) / SAMPLE_RATE
        yield np.stack([0.2 * np.sin(2 * np.pi * 330 * t)] * 2, axis=1).astype(np.float32)


class Studio:
    """Encodes shots into a folder and cuts them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def shots(self, frames: Sequence[int], transitions: Sequence[str], fps: int, *, forced: bool = True) -> list[Segment]:
        segments = [
            Segment(
                id=f"s{i}",
                path=self.folder / f"s{i}.mp4",
                frames=count,
                transition=how,  # type: ignore[arg-type]
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
        return lay_out([SceneCut(id=f"sc{i}", title=f"Scene {i}", shots=tuple(shots)) for i, shots in enumerate(scenes)], fps)

    def cut(self, timeline: Timeline, name: str = "film.mp4", subtitles: Sequence[Subtitle] = (), block: int = 4800) -> Path:
        out = self.folder / name
        chapters = [Chapter(start_s=timeline.seconds(scene.start), title=scene.title) for scene in timeline.scenes]
        assemble(out, timeline, tone(timeline.samples, block), subtitles, chapters, title="A film", comment="made by a test")
        return out


def decoded(path: Path) -> list[np.ndarray]:
    with av.open(str(path)) as box:
        return [frame.to_ndarray(format="yuv420p") for frame in box.decode(video=0)]


def packets(path: Path) -> list[bytes]:
    with av.open(str(path)) as box:
        return [bytes(packet) for packet in box.demux(box.streams.video[0]) if packet.size]


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return Studio(tmp_path)


@pytest.fixture
def decode() -> Callable[[Path], list[np.ndarray]]:
    return decoded


@pytest.fixture
def packets_of() -> Callable[[Path], list[bytes]]:
    return packets
