"""Run `episodic` as a user does and measure it from outside: wall time and peak memory of all its processes."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

GIB = 1024**3


@dataclass
class MeasuredRun:
    """One run of a command. Memory is the sum over all its processes, sampled five times a second."""

    wall_s: float
    code: int
    peak_pss_gib: float
    peak_rss_gib: float
    events: list[dict[str, Any]] = field(default_factory=list)
    stderr: str = ""

    def per_kind(self) -> dict[str, float]:
        """Seconds of work by kind of task, summed over all workers."""
        seconds: dict[str, float] = {}
        for event in self.events:
            if event["event"] == "done":
                seconds[event["kind"]] = seconds.get(event["kind"], 0.0) + event["seconds"]
        return seconds


class _Memory(threading.Thread):
    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.pid, self.pss, self.rss, self.ended = pid, 0, 0, threading.Event()

    def run(self) -> None:
        while not self.ended.wait(0.2):
            pss = rss = 0
            try:
                family = [psutil.Process(self.pid), *psutil.Process(self.pid).children(recursive=True)]
            except psutil.NoSuchProcess:
                return
            for process in family:
                try:
                    info = process.memory_full_info()
                except (psutil.NoSuchProcess, psutil.AccessDenied):
                    continue
                pss, rss = pss + info.pss, rss + info.rss
            self.pss, self.rss = max(self.pss, pss), max(self.rss, rss)


def command(*words: str) -> list[str]:
    """Return the command line of `episodic` with these words, run by this Python."""
    return [sys.executable, "-m", "cli.main", *words]


def run(*words: str, cwd: Path) -> MeasuredRun:
    """Run one command to its end. Its lines of JSON become events."""
    started = time.monotonic()
    process = subprocess.Popen(command(*words), cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    memory = _Memory(process.pid)
    memory.start()
    out, err = process.communicate()
    wall = time.monotonic() - started
    memory.ended.set()
    memory.join()
    events = [json.loads(line) for line in out.splitlines() if line.startswith("{")]
    return MeasuredRun(wall, process.returncode, memory.pss / GIB, memory.rss / GIB, events, err)
