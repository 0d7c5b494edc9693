"""Whether a film is byte-identical to that of an undisturbed run after `kill -9` at points spread over a run and the same command again.

python -m tests.bench.kill [--points 10] [--minutes 1]
"""

from __future__ import annotations

import argparse
import hashlib
import os
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from tests.bench.measure import command

FILM = "series/episodes/01/episode.mp4"


def generate(root: Path, minutes: float, kill_after: float | None = None) -> float:
    """Run the command, kill it (and no other process) after `kill_after` seconds, and return how long it ran."""
    words = command("generate", "A lighthouse keeper befriends a storm.", "--series", "series", "--minutes", str(minutes))
    started = time.monotonic()
    process = subprocess.Popen(words, cwd=root, stdout=subprocess.DEVNULL)
    if kill_after is not None:
        try:
            process.wait(kill_after)
        except subprocess.TimeoutExpired:
            os.kill(process.pid, signal.SIGKILL)
    if process.wait() not in (0, -signal.SIGKILL):
        raise SystemExit(f"generate failed with {process.returncode}")
    return time.monotonic() - started


def digest(root: Path) -> str:
    """Return the SHA-256 of the finished film."""
    return hashlib.sha256((root / FILM).read_bytes()).hexdigest()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--points", type=int, default=10)
    parser.add_argument("--minutes", type=float, default=1.0)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        baseline = Path(folder, "undisturbed")
        baseline.mkdir()
        wall = generate(baseline, args.minutes)
        undisturbed = digest(baseline)
        print(f"undisturbed: {wall:.1f} s, film {undisturbed[:12]}")
        same = 0
        for point in range(args.points):
            root = Path(folder, f"killed-{point}")
            root.mkdir()
            after = wall * (point + 0.5) / args.points
            generate(root, args.minutes, kill_after=after)
            generate(root, args.minutes)
            resumed = digest(root)
            same += resumed == undisturbed
            print(
                f"killed after {after:5.1f} s, then finished: film {resumed[:12]} {'same' if resumed == undisturbed else 'DIFFERENT'}",
                flush=True,
            )
        print(f"{same} of {args.points} byte-identical")


if __name__ == "__main__":
    main()
