"""`kill -9` at random points inside commits: no scene is half written, no returned commit is lost, and memory stays consistent.

python -m tests.bench.memory_kill [--times 200] [--only sqlite|postgresql] [--seed 0]

A process commits new and repeated scenes and is killed. Every commit that it reported must be there with all its rows, and all derived
rows must equal a full recomputation.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import time

from sqlalchemy import Connection, func, select, text

from memory.bench.synthetic_series import SyntheticSeries
from memory.changes.derive_spans import derive_all
from memory.model.entities import relation_facts
from memory.model.facts import StoryPosition
from memory.model.records import SceneRecord
from memory.schema.tables import AppearanceRow, CommitRow, EmbeddingRow, KeyFrameRow, SceneRow, StatementRow, TakeRow, ThreadRow
from memory.store import MemoryStore
from tests.bench.fresh_databases import Fresh, postgresql_places, sqlite_places
from tests.bench.memory_model import derived

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
    """Return the scene that step `number` commits: a new scene, or every third time an earlier scene again."""
    scene = number // 2 if number % 3 == 2 else number
    return SERIES.scene(scene % 120, key=f"step-{number}")


class Victim:
    """A process that commits and can be killed."""

    def __init__(self, location: str) -> None:
        words = [sys.executable, "-c", CHILD, location]
        self._parent = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)

    def run(self, first: int, chance: random.Random) -> int:
        """Commit from step `first` on until killed. Return the step after the last reported step."""
        assert self._parent.stdin is not None
        assert self._parent.stdout is not None
        print(first, file=self._parent.stdin, flush=True)
        child, reported, least, ready = 0, first - 1, chance.randint(0, 2), False
        while not child or not ready or reported < first - 1 + least:
            line = self._parent.stdout.readline()
            if line.startswith("pid"):
                child = int(line.removeprefix("pid"))
            elif line.startswith("ready"):
                ready = True
            elif line:
                reported = int(line)
            else:
                raise SystemExit("the committing process ended by itself")
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
            raise SystemExit(f"the committing process failed with {self._parent.returncode}")


def check(location: str, upto: int) -> bool:
    """Check memory after all steps before `upto` returned, and return whether step `upto` took effect.

    Raises AssertionError where memory is inconsistent.
    """
    expected: dict[StoryPosition, SceneRecord] = {}
    for number in range(upto):
        expected[step(number).position] = step(number)
    interrupted = step(upto)
    with MemoryStore.open(location) as store:
        committed = store.committed()
        landed = committed.get(interrupted.position) == interrupted.key
        if landed:
            expected[interrupted.position] = interrupted
        assert committed == {at: expected[at].key for at in sorted(expected)}, "a scene was lost, or is there without a commit"
        assert not store.verify(), store.verify()
        with store._reading() as (connection, _, _):
            for at, counts in row_counts(connection).items():
                assert counts == rows_of(expected[at]), f"half a scene at {at}: {counts}, expected {rows_of(expected[at])}"
            if connection.dialect.name == "sqlite":
                assert not connection.execute(text("PRAGMA foreign_key_check")).all()
        with store.what_if() as trial, trial._writing() as (connection, tree):
            before = derived(connection)
            derive_all(connection, tree)
            assert derived(connection) == before
    return landed


def rows_of(record: SceneRecord) -> tuple[int, ...]:
    """Return the number of rows of a scene: appearances, statements, thread events, takes, key frames, vectors."""
    return (
        len(record.entities),
        len(record.facts) + len(relation_facts(record.relations, record.position)),
        len(record.opens) + len(record.closes),
        len(record.takes),
        sum(len(take.key_frames) for take in record.takes),
        sum(len(take.embeddings) for take in record.takes) + 1,
    )


def row_counts(connection: Connection) -> dict[StoryPosition, tuple[int, ...]]:
    """Return the number of rows of every scene in the database."""
    counts = (
        select(func.count()).where(AppearanceRow.scene_id == SceneRow.id),
        select(func.count()).select_from(StatementRow).join(CommitRow).where(CommitRow.scene_id == SceneRow.id),
        select(func.count()).select_from(ThreadRow).join(CommitRow).where(CommitRow.scene_id == SceneRow.id),
        select(func.count()).where(TakeRow.scene_id == SceneRow.id),
        select(func.count()).select_from(KeyFrameRow).join(TakeRow).where(TakeRow.scene_id == SceneRow.id),
        select(func.count()).where(EmbeddingRow.scene_id == SceneRow.id),
    )
    columns = [count.correlate(SceneRow).scalar_subquery() for count in counts]
    return {at: tuple(numbers) for at, *numbers in connection.execute(select(SceneRow.position, *columns))}


def run_kills(fresh: Fresh, times: int, seed: int) -> tuple[int, int]:
    """Kill `times` times. Return the number of commits that returned, and of interrupted commits that took effect."""
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
                f"{kind}: killed {args.times} times among {commits} commits ({landed} interrupted commits took effect): no half "
                f"scene, none lost, memory consistent; {time.monotonic() - began:.0f} s",
                flush=True,
            )


if __name__ == "__main__":
    main()
