"""`kill -9` inside commits, at random points: never half a scene, never a lost one whose commit had returned, memory whole afterwards.

python -m tests.bench.memory_kill [--times 200] [--only sqlite|postgresql] [--seed 0]

A process commits scenes, new ones and others again, and is killed; whatever it had reported must be there, with all its rows, and
everything derived must be what a full recomputation derives.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import time
from typing import Any

from sqlalchemy import func, select, text

from memory.bench.synthetic_series import SyntheticSeries
from memory.changes.derive_spans import derive_all
from memory.model.entities import relation_facts
from memory.model.facts import StoryPosition
from memory.model.records import SceneRecord
from memory.schema.tables import AppearanceRow, CommitRow, EmbeddingRow, KeyFrameRow, SceneRow, StatementRow, TakeRow, ThreadRow
from memory.store import MemoryStore
from tests.bench.memory_model import Fresh, derived, postgresql_places, sqlite_places

SERIES = SyntheticSeries(facts=6_000, scenes=200, branches=0)
CHILD = """
import os, sys
from memory.store import MemoryStore
from tests.bench.memory_kill import step
for line in sys.stdin:  # everything is imported once; each child is one process to kill
    child = os.fork()
    if not child:
        with MemoryStore.open(sys.argv[1]) as store:
            print("ready", flush=True)
            for number in range(int(line), 1_000_000):
                store.commit(step(number))
                print(number, flush=True)
    print("pid", child, flush=True)
    os.waitpid(child, 0)
    print("dead", flush=True)
"""


def step(number: int) -> SceneRecord:
    """What step `number` commits: a new scene, or every third time an earlier one again."""
    scene = number // 2 if number % 3 == 2 else number
    return SERIES.scene(scene % 120, key=f"step-{number}")


class Victim:
    """A process that commits, and can be killed."""

    def __init__(self, location: str) -> None:
        words = [sys.executable, "-c", CHILD, location]
        self._parent = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)

    def run(self, first: int, chance: random.Random) -> int:
        """Commit from step `first` on, be killed, and say which step comes next after all that were reported."""
        assert self._parent.stdin is not None
        assert self._parent.stdout is not None
        print(first, file=self._parent.stdin, flush=True)
        child, reported, enough, ready = 0, first - 1, chance.randint(0, 2), False
        while not child or not ready or reported < first - 1 + enough:
            line = self._parent.stdout.readline()
            if line.startswith("pid"):
                child = int(line.removeprefix("pid"))
            elif line.startswith("ready"):
                ready = True
            elif line:
                reported = int(line)
            else:
                raise SystemExit("the process that commits ended by itself")
        time.sleep(chance.uniform(0, 0.04))
        os.kill(child, signal.SIGKILL)
        while (line := self._parent.stdout.readline()) != "dead\n":
            reported = int(line)
        return reported + 1

    def end(self) -> None:
        """Let the process end."""
        assert self._parent.stdin is not None
        self._parent.stdin.close()
        if self._parent.wait(60):
            raise SystemExit(f"the process that commits failed with {self._parent.returncode}")


def check(location: str, upto: int) -> bool:
    """Steps before `upto` returned, that one may have. Whether it took effect. Raises AssertionError where memory is not whole."""
    expected: dict[StoryPosition, SceneRecord] = {}
    for number in range(upto):
        expected[step(number).position] = step(number)
    unsure = step(upto)
    with MemoryStore.open(location) as store:
        committed = store.committed()
        landed = committed.get(unsure.position) == unsure.key
        if landed:
            expected[unsure.position] = unsure
        assert committed == {at: expected[at].key for at in sorted(expected)}, (
            "a scene was lost, or is there without having been told"
        )
        assert not store.verify(), store.verify()
        with store._reading() as (connection, _, _):
            for at, left in rows_left(connection).items():
                assert left == rows_of(expected[at]), f"half a scene at {at}: {left}, expected {rows_of(expected[at])}"
            if connection.dialect.name == "sqlite":
                assert not connection.execute(text("PRAGMA foreign_key_check")).all()
        with store.what_if() as trial, trial._writing() as (connection, tree):
            before = derived(connection)
            derive_all(connection, tree)
            assert derived(connection) == before
    return landed


def rows_of(record: SceneRecord) -> tuple[int, ...]:
    """How many rows a scene leaves: appearances, statements, thread events, takes, key frames, vectors."""
    return (
        len(record.entities),
        len(record.facts) + len(relation_facts(record.relations, record.position)),
        len(record.opens) + len(record.closes),
        len(record.takes),
        sum(len(take.key_frames) for take in record.takes),
        sum(len(take.embeddings) for take in record.takes) + 1,
    )


def rows_left(connection: Any) -> dict[StoryPosition, tuple[int, ...]]:
    """How many rows every scene has left."""
    counts = (
        select(func.count()).where(AppearanceRow.scene_id == SceneRow.id),
        select(func.count()).select_from(StatementRow).join(CommitRow).where(CommitRow.scene_id == SceneRow.id),
        select(func.count()).select_from(ThreadRow).join(CommitRow).where(CommitRow.scene_id == SceneRow.id),
        select(func.count()).where(TakeRow.scene_id == SceneRow.id),
        select(func.count()).select_from(KeyFrameRow).join(TakeRow).where(TakeRow.scene_id == SceneRow.id),
        select(func.count()).where(EmbeddingRow.scene_id == SceneRow.id),
    )
    columns = [count.correlate(SceneRow).scalar_subquery() for count in counts]
    return {at: tuple(rest) for at, *rest in connection.execute(select(SceneRow.position, *columns))}


def run_kills(fresh: Fresh, times: int, seed: int) -> tuple[int, int]:
    """Kill so many times; how many commits returned, and of those that were interrupted how many had taken effect."""
    chance = random.Random(seed)
    landed, upto = 0, 0
    with fresh() as location:
        victim = Victim(location)
        for _ in range(times):
            upto = victim.run(upto, chance)
            landed += check(location, upto)
        victim.end()
    return upto, landed


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=200)
    parser.add_argument("--only", choices=["sqlite", "postgresql"])
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    for kind, places in (("sqlite", sqlite_places), ("postgresql", postgresql_places)):
        if args.only in (None, kind):
            began = time.monotonic()
            with places() as fresh:
                commits, landed = run_kills(fresh, args.times, args.seed)
            print(
                f"{kind}: killed {args.times} times among {commits} commits ({landed} interrupted ones had taken effect): never half a "
                f"scene, none lost, memory whole; {time.monotonic() - began:.0f} s",
                flush=True,
            )


if __name__ == "__main__":
    main()
