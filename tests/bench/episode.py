"""Time and memory of an episode, by kind of task.

python -m tests.bench.episode [--minutes 1] [--prompt "…"]
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import av

from tests.bench.measure import run


def film_seconds(path: Path) -> float:
    """Return the duration of a film's picture."""
    with av.open(str(path)) as container:
        video = container.streams.video[0]
        assert video.average_rate is not None
        return float(video.frames / video.average_rate)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--prompt", default="A lighthouse keeper befriends a storm.")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        first = run("generate", args.prompt, "--series", "series", "--minutes", str(args.minutes), "--json", cwd=root)
        if first.code:
            raise SystemExit(first.stderr)
        length = film_seconds(root / "series/episodes/01/episode.mp4")
        print(f"film {length:.1f} s, made in {first.wall_s:.1f} s: ratio {first.wall_s / length:.2f}")
        print(f"peak memory {first.peak_pss_gib:.2f} GiB (sum of PSS), {first.peak_rss_gib:.2f} GiB (sum of RSS)")
        for kind, seconds in first.per_kind().items():
            print(f"  {kind:9} {seconds:7.2f} s of work")
        again = run("render", "series", "--json", cwd=root)
        ran = sum(event["event"] == "start" for event in again.events)
        print(f"render with nothing stale: {again.wall_s:.2f} s, {ran} tasks ran")


if __name__ == "__main__":
    main()
