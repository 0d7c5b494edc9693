"""Twelve one-minute films from twelve prompts, and their figures from the film and the plan.

python -m tests.bench.prompts [--out DIR] [--minutes 1] [--size 1280x720]
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import av
import numpy as np
import pyloudnorm

from planners.plan.model import NARRATOR
from planners.plan_file.read_write import read_plan
from tests.bench.episode import film_seconds
from tests.bench.measure import run

PROMPTS = Path(__file__).with_name("prompts.txt")


def loudness_and_silence(path: Path) -> tuple[float, float]:
    """Return the integrated loudness in LUFS, and the share of half seconds below -60 dBFS."""
    with av.open(str(path)) as container:
        sound = np.concatenate([frame.to_ndarray() for frame in container.decode(audio=0)], axis=1).T
    windows = sound[: len(sound) // 24_000 * 24_000].reshape(-1, 24_000 * 2)
    silent = float((np.sqrt((windows**2).mean(axis=1)) < 1e-3).mean())
    return float(pyloudnorm.Meter(48_000).integrated_loudness(sound)), silent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, help="Keep the films here.")
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--size", default="1280x720")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = args.out or Path(folder)
        root.mkdir(parents=True, exist_ok=True)
        for number, prompt in enumerate(PROMPTS.read_text("utf-8").splitlines(), 1):
            series = root / f"{number:02d}"
            words = ["--series", str(series), "--minutes", str(args.minutes), "--size", args.size, "--json"]
            generated = run("generate", prompt, *words, cwd=root)
            if generated.code:
                print(f"{number:2d} FAILED {generated.stderr.strip()}")
                continue
            film = series / "episodes/01/episode.mp4"
            plan = read_plan(series / "episodes/01/plan.yaml")
            lines = [line for scene in plan.scenes for shot in scene.shots for line in shot.lines]
            loud, silent = loudness_and_silence(film)
            cast = ", ".join(member.name or key for key, member in plan.cast.items())
            length = film_seconds(film)
            print(
                f"{number:2d} {length:5.1f} s in {generated.wall_s:5.1f} s  {len(plan.scenes)} scenes  {len(lines):2d} lines "
                f"({sum(line.speaker == NARRATOR for line in lines)} narrated)  {loud:6.2f} LUFS  {silent:4.0%} silent  "
                f"{plan.look.style:9}  {cast}",
                flush=True,
            )


if __name__ == "__main__":
    main()
