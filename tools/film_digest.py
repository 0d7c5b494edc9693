"""Print one digest of every decoded video frame and one of every decoded audio sample of MP4 files.

    python tools/film_digest.py FILM.mp4 [FILM.mp4 ...]

Two films with equal lines show the same pixels and play the same samples, whatever their containers say.
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import av

__all__ = ["digest_film"]


def digest_film(path: Path) -> tuple[int, str, int, str]:
    """Frames, SHA-256 of the frames (RGB24), samples, and SHA-256 of the samples of a film. Raises av.error.FFmpegError."""
    pictures, sound = hashlib.sha256(), hashlib.sha256()
    frames = samples = 0
    with av.open(str(path)) as container:
        for frame in container.decode(container.streams.video[0]):
            pictures.update(frame.to_ndarray(format="rgb24").tobytes())
            frames += 1
    with av.open(str(path)) as container:
        for block in container.decode(container.streams.audio[0]):
            sound.update(block.to_ndarray().tobytes())
            samples += block.samples
    return frames, pictures.hexdigest(), samples, sound.hexdigest()


def main(names: list[str]) -> int:
    for name in names:
        frames, pictures, samples, sound = digest_film(Path(name))
        print(f"{Path(name)}: {frames} frames {pictures[:16]}, {samples} samples {sound[:16]}")
    return 0 if names else 2


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
