"""The speed of encoding shots and cutting a film, and the memory that takes. Prints figures; asserts nothing.

python -m tests.bench.cut_bench [--size 1280x720] [--fps 24] [--minutes 1]
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from episodic.cut.assemble import Chapter, assemble
from episodic.cut.encode import encode_shot
from episodic.cut.timeline import SAMPLE_RATE, SceneCut, Segment, Timeline, dissolve_frames, lay_out
from planners.plan.vocabulary import Transition

SHOT_SECONDS = 5


def draw_pictures(width: int, height: int, frames: int) -> list[np.ndarray]:
    """Draw busy pictures, as of a cartoon: soft gradients, hard edges, and a moving figure."""
    y, x = np.mgrid[0:height, 0:width]
    ground = np.stack([x * 200 // width + 30, y * 180 // height + 40, (x // 40 + y // 40) % 2 * 60 + 90], axis=-1).astype(
        np.uint8
    )
    pictures = []
    for index in range(frames):
        picture = np.roll(ground, 2 * index, axis=1)
        left = (width // 8 + 6 * index) % (width - width // 5)
        picture[height // 4 : height * 3 // 4, left : left + width // 5] = (240, 200, 60)
        pictures.append(picture)
    return pictures


def sound(timeline: Timeline) -> Iterator[np.ndarray]:
    noise = np.random.default_rng(0)
    for start in range(0, timeline.samples, SAMPLE_RATE):
        yield noise.normal(0, 0.1, (min(SAMPLE_RATE, timeline.samples - start), 2)).astype(np.float32)


def main() -> None:
    """Encode one shot, then cut a film that repeats it with cuts, dissolves and fades."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", default="1280x720")
    parser.add_argument("--fps", type=int, default=24)
    parser.add_argument("--minutes", type=float, default=1)
    args = parser.parse_args()
    width, height = (int(part) for part in args.size.split("x"))
    frames = SHOT_SECONDS * args.fps
    with tempfile.TemporaryDirectory() as folder:
        pictures = draw_pictures(width, height, frames)
        start, used = time.perf_counter(), time.process_time()
        shot = encode_shot(Path(folder) / "shot.mp4", pictures, width=width, height=height, fps=args.fps, keyframes={12})
        del pictures
        print(
            f"encode    {frames / (time.process_time() - used):7.1f} frames/s of processor, {frames / (time.perf_counter() - start):.1f} by the clock"
        )
        transitions: tuple[Transition, ...] = ("cut", "cut", "dissolve", "fade")
        shots = [
            Segment(
                id=str(i),
                path=shot.path,
                frames=frames,
                transition=transitions[i % 4],
                transition_frames=dissolve_frames(args.fps),
            )
            for i in range(max(1, round(args.minutes * 60 / SHOT_SECONDS)))
        ]
        scenes = [SceneCut(id=str(i), title=f"Scene {i}", shots=tuple(shots[i : i + 3])) for i in range(0, len(shots), 3)]
        timeline = lay_out(scenes, args.fps)
        chapters = [Chapter(start_s=timeline.seconds(scene.start), title=scene.title) for scene in timeline.scenes]
        start, used = time.perf_counter(), time.process_time()
        out = Path(folder) / "film.mp4"
        assemble(out, timeline, sound(timeline), [], chapters, title="bench")
        seconds = timeline.seconds(timeline.frames)
        encoded = sum(span.frames for span in timeline.spans if span.kind != "copy")
        print(
            f"cut       {time.process_time() - used:7.2f} s of processor, {time.perf_counter() - start:.2f} s by the clock, for {seconds:.1f} s of film"
        )
        print(
            f"          {len(shots)} shots, {encoded} of {timeline.frames} frames encoded again, {out.stat().st_size / 2**20:.1f} MiB"
        )
    print(
        f"memory    {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:7.1f} MiB at most (including the {frames} frames that this bench keeps)"
    )


if __name__ == "__main__":
    main()
