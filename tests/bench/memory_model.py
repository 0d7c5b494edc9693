"""The memory against a plain memory that answers by brute force, after random commits, edits, rollbacks, forks, merges and restarts.

python -m tests.bench.memory_model [--steps 10000] [--only sqlite|postgresql] [--seed 0]

After every step both must give the same answers on every branch. A merge is checked against its contract (`memory_merge`).
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any, Literal

import hypothesis
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test
from sqlalchemy import select, text

from memory.changes.derive_spans import derive_all
from memory.errors import MemoryFault
from memory.model.canon import Relationship
from memory.model.facts import Fact, FactValue, StoryPosition
from memory.model.records import EmbeddingRecord, EntityRecord, SceneRecord, TakeRecord
from memory.schema.tables import EntityRow, SpanRow, StatementRow
from memory.store import MemoryStore
from tests.bench.fresh_databases import Fresh, postgresql_places, sqlite_places
from tests.bench.memory_merge import Merge, canon_json
from tests.bench.memory_plain import Change, Pair, PlainMemory, Refused, spell

KINDS = {
    "ada": EntityRecord(id="ada", kind="character", character_kind="human"),
    "bo": EntityRecord(id="bo", kind="character", character_kind="spirit"),
    "cave": EntityRecord(id="cave", kind="location"),
    "lamp": EntityRecord(id="lamp", kind="prop"),
}
ATTRIBUTES = ("wearing", "wearing", "mood", "look")
NAMES = ("a", "b", "c")
THREADS = ("rain", "debt")

ENTITIES = st.sampled_from(sorted(KINDS))
POSITIONS = st.builds(StoryPosition, st.integers(1, 2), st.integers(0, 3))
VALUES: st.SearchStrategy[FactValue] = st.sampled_from(["red", "blue", "green", 1, 1.0, True, None, {"hue": 0.5}])
LENGTHS = st.sampled_from([None, None, None, 1, 2, 4])
BRANCHES = st.integers(0, len(NAMES))
"""A branch by its number, modulo the number of branches."""
FACTS = st.lists(
    st.tuples(
        ENTITIES,
        st.sampled_from(ATTRIBUTES),
        VALUES,
        st.none() | POSITIONS,
        LENGTHS,
        st.sampled_from(["planned", "seen", "user"]),
    ),
    max_size=4,
)
RELATIONS = st.lists(st.tuples(ENTITIES, st.sampled_from(["fears", "trusts"]), ENTITIES), max_size=2)
SOME_THREADS = st.lists(st.sampled_from(THREADS), unique=True, max_size=2)
SIDES = st.sampled_from(["ours", "theirs"])


def fact_of(entity: str, attribute: str, value: FactValue, since: StoryPosition, length: int | None, evidence: Any) -> Fact:
    until = None if length is None else StoryPosition(since.episode, since.scene + length)
    return Fact(entity=entity, attribute=attribute, value=value, since=since, until=until, evidence=evidence)


class MemoryMachine(RuleBasedStateMachine):
    """The real memory and the plain memory, changed in the same way."""

    steps = 0

    def __init__(self, fresh: Fresh, thorough_every: int) -> None:
        super().__init__()
        self._stack = ExitStack()
        self.location = self._stack.enter_context(fresh())
        self.store = MemoryStore.open(self.location)
        self.plain = PlainMemory()
        self._thorough_every = thorough_every
        self._mine = 0

    def teardown(self) -> None:
        try:
            self.check_derived()
            self.compare([*self.plain.moments(), StoryPosition(9, 9)])
        finally:
            self.store.close()
            self._stack.close()

    @initialize()
    def begin(self) -> None:
        """Introduce every entity, so that most later changes are valid."""
        self._commit(SceneRecord(position=StoryPosition(1, 1), scene_id="first", key="0", entities=tuple(KINDS.values())))

    # Rules

    @rule(
        number=BRANCHES,
        at=POSITIONS,
        key=st.sampled_from("abcd"),
        who=st.sets(ENTITIES),
        facts=FACTS,
        relations=RELATIONS,
        opens=SOME_THREADS,
        closes=SOME_THREADS,
        stray=st.integers(0, 9),
        vectors=st.lists(ENTITIES, max_size=1),
    )
    def commit(
        self,
        number: int,
        at: StoryPosition,
        key: str,
        who: set[str],
        facts: list[Any],
        relations: list[Any],
        opens: list[str],
        closes: list[str],
        stray: int,
        vectors: list[str],
    ) -> None:
        branch = self.name(number)
        fork = StoryPosition(0) if stray == 0 else self.plain.lines[branch].forked_at
        at = max(at, fork)
        stated = [fact_of(fact[0], fact[1], fact[2], max(fact[3] or at, fork), fact[4], fact[5]) for fact in facts]
        takes = [
            TakeRecord(
                shot_id="s1",
                artifact="f" * 64,
                embeddings=(EmbeddingRecord(kind="look", entity=entity, vector=(1.0, 0.5), encoder="e"),),
            )
            for entity in vectors
        ]
        record = SceneRecord(
            position=at,
            scene_id=f"s{at.scene}{key}",
            key=key,
            branch=branch,
            synopsis=f"{branch} {key}" if stray % 2 else "",
            entities=tuple(KINDS[entity] for entity in sorted(who)),
            facts=tuple(stated),
            relations=tuple(Relationship(subject=subject, relation=word, object=other) for subject, word, other in relations),
            opens={thread: f"{thread} in {branch}?" for thread in opens},
            closes=tuple(closes),
            takes=tuple(takes),
        )
        self._commit(record)
        self.after()

    def _commit(self, record: SceneRecord) -> None:
        try:
            change = self.plain.commit(record)
        except Refused:
            refuses(lambda: self.store.commit(record))
            return
        outcome = self.store.commit(record)
        assert outcome.written == (change is not None)
        if change is not None:
            self.same_conflicts(outcome.conflicts, record.branch, change)

    @rule(
        number=BRANCHES, who=ENTITIES, attribute=st.sampled_from(ATTRIBUTES[:-1]), value=VALUES, since=POSITIONS, length=LENGTHS
    )
    def set_fact(self, number: int, who: str, attribute: str, value: FactValue, since: StoryPosition, length: int | None) -> None:
        branch, fact = self.name(number), fact_of(who, attribute, value, since, length, "planned")
        try:
            change = self.plain.set_fact(fact, branch, "by hand")
        except Refused:
            refuses(lambda: self.store.set_fact(fact, branch, "by hand"))
        else:
            self.same_conflicts(self.store.set_fact(fact, branch, "by hand").conflicts, branch, change)
        self.after()

    @rule(number=BRANCHES, who=ENTITIES, attribute=st.sampled_from(ATTRIBUTES))
    def unset(self, number: int, who: str, attribute: str) -> None:
        branch = self.name(number)
        assert self.store.unset(who, attribute, branch) == self.plain.unset(who, attribute, branch)
        self.after()

    @rule(number=BRANCHES, episode=st.integers(1, 2), keep=st.sets(st.integers(0, 3), min_size=2))
    def forget(self, number: int, episode: int, keep: set[int]) -> None:
        branch = self.name(number)
        assert self.store.forget(episode, keep, branch) == self.plain.forget(episode, keep, branch)
        self.after()

    @rule(number=BRANCHES, at=POSITIONS)
    def rollback(self, number: int, at: StoryPosition) -> None:
        branch = self.name(number)
        try:
            count = self.plain.rollback(at, branch)
        except Refused:
            refuses(lambda: self.store.rollback(at, branch))
        else:
            assert self.store.rollback(at, branch) == count
        self.after()

    @rule(name=st.sampled_from(NAMES), number=BRANCHES, at=POSITIONS)
    def fork(self, name: str, number: int, at: StoryPosition) -> None:
        parent = self.name(number)
        try:
            self.plain.branch(name, at, parent)
        except Refused:
            refuses(lambda: self.store.branch(name, at, parent))
        else:
            self.store.branch(name, at, parent)
        self.after()

    @precondition(lambda self: len(self.plain.lines) > 3)
    @rule(name=st.sampled_from(("main", *NAMES)))
    def delete_branch(self, name: str) -> None:
        try:
            self.plain.delete_branch(name)
        except Refused:
            refuses(lambda: self.store.delete_branch(name))
        else:
            self.store.delete_branch(name)
        self.after()

    @precondition(lambda self: len(self.plain.lines) > 1)
    @rule(
        number=BRANCHES,
        other=st.integers(1, len(NAMES)),
        how=st.sampled_from(["ask", "ours", "theirs", "theirs"]),
        until=st.none() | POSITIONS,
        chosen=st.lists(SIDES, max_size=3),
    )
    def merge(
        self, number: int, other: int, how: Literal["ask", "ours", "theirs"], until: StoryPosition | None, chosen: list[Any]
    ) -> None:
        target = self.name(number)
        source = self.name(number + 1 + other % (len(self.plain.lines) - 1))
        Merge(self.store, self.plain, source, target, until).run(how, chosen)
        self.after()

    @rule(number=BRANCHES, at=POSITIONS, who=ENTITIES, value=VALUES)
    def what_if(self, number: int, at: StoryPosition, who: str, value: FactValue) -> None:
        """Change a trial, which must leave no trace even after failures."""
        branch = self.name(number)
        with self.store.what_if() as store:
            for attempt in (
                lambda: store.set_fact(fact_of(who, "mood", value, at, None, "user"), branch),
                lambda: store.branch("dream", at, branch),
                lambda: store.commit(SceneRecord(position=at, scene_id="x", key="dreamt", branch=branch, opens={"dream": "?"})),
                lambda: store.rollback(at, branch),
            ):
                try:
                    attempt()
                except MemoryFault:
                    continue
        self.after()

    @rule()
    def restart(self) -> None:
        self.store.close()
        self.store = MemoryStore.open(self.location)
        self.after()

    # Comparing

    def name(self, number: int) -> str:
        names = list(self.plain.lines)
        return names[number % len(names)]

    def after(self) -> None:
        """Compare at two positions after every step; every `thorough_every` steps at all positions, with all derived rows."""
        type(self).steps += 1
        self._mine += 1
        moments = self.plain.moments()
        if self._mine % self._thorough_every == 0:
            self.check_derived()
            self.compare([*moments, StoryPosition(9, 9)])
        else:
            chance = random.Random(self._mine)
            self.compare([chance.choice(moments), StoryPosition(9, 9)])

    def compare(self, positions: list[StoryPosition]) -> None:
        names = list(self.plain.lines)
        with self.store.what_if() as store:  # one transaction reads everything at one moment, and fast
            self.same_branches(store)
            for name in names:
                for at in positions:
                    self.same_canon(store, name, at)
                self.same_history(store, name)
                self.same_conflicts(store.conflicts(name), name)
                self.same_edits(store, name, min(positions), positions[0])
            first, second = names[self._mine % len(names)], names[(self._mine // 2) % len(names)]
            self.same_differences(store, first, second, positions[0])

    def same_branches(self, store: MemoryStore) -> None:
        lines = self.plain.lines.values()
        expected = [
            (
                line.name,
                line.parent and line.parent.name,
                line.forked_at if line.parent else None,
                len(line.scenes),
                max(self.plain.scenes(line.name), default=None),
            )
            for line in lines
        ]
        summaries = [(branch.name, branch.parent, branch.forked_at, branch.scenes, branch.end) for branch in store.branches()]
        assert sorted(summaries) == sorted(expected), (summaries, expected)
        with store._reading() as (connection, _, _):
            assert set(connection.scalars(select(EntityRow.slug))) == self.plain.known()

    def same_canon(self, store: MemoryStore, name: str, at: StoryPosition) -> None:
        canon = store.as_of(at, name)
        entities, relations = self.plain.entities(name, at, KINDS)
        spelled = {spell(entity) for group in (canon.characters, canon.locations, canon.props) for entity in group.values()}
        assert spelled == entities, (name, at, spelled ^ entities)
        assert {str(relationship) for relationship in canon.relationships} == relations
        assert len(canon.relationships) == len(relations)
        assert canon.threads == tuple(self.plain.threads(name, at).values()), (name, at)
        scenes = self.plain.scenes(name)
        assert canon.synopses == tuple(scene.synopsis for position, scene in scenes.items() if position <= at and scene.synopsis)
        assert store.committed(name) == {position: scene.key for position, scene in scenes.items()}

    def same_history(self, store: MemoryStore, name: str) -> None:
        expected = self.plain.history(name)
        for entity in sorted(self.plain.known()):
            histories: dict[Pair, list[Any]] = {}
            for fact in store.history(entity, name):
                span = (canon_json(fact.value), fact.since, fact.until, fact.evidence)
                histories.setdefault((fact.entity, fact.attribute), []).append(span)
            assert histories == {pair: line for pair, line in expected.items() if pair[0] == entity}, (name, entity)

    def same_conflicts(self, conflicts: Any, name: str, change: Change | None = None) -> None:
        expected = [
            (*weak.pair, weak.since, strong.value, weak.value, self.plain.origin(strong), self.plain.origin(weak))
            for weak, strong in self.plain.overruled(name)
            if change is None or change in (weak.change, strong.change)
        ]
        seen = [
            (
                conflict.entity,
                conflict.attribute,
                conflict.position,
                canon_json(conflict.holds),
                canon_json(conflict.overruled),
                *map(origin, (conflict.holds_origin, conflict.overruled_origin)),
            )
            for conflict in conflicts
        ]
        assert sorted(seen) == sorted(expected), (name, seen, expected)

    def same_edits(self, store: MemoryStore, name: str, first: StoryPosition, last: StoryPosition) -> None:
        expected = [
            (*statement.pair, statement.value, statement.since, str(statement.until), statement.evidence)
            for statement in self.plain.statements(name)
            if statement.change.kind != "scene"
            and statement.since <= last
            and (statement.until is None or statement.until > first)
        ]
        edits = [
            (fact.entity, fact.attribute, canon_json(fact.value), fact.since, str(fact.until), fact.evidence)
            for fact in store.edits(first, last, name)
        ]
        assert sorted(edits) == sorted(expected)

    def same_differences(self, store: MemoryStore, first: str, second: str, at: StoryPosition) -> None:
        since = self.plain.common_past(first, second)
        expected = {} if since is None else self.plain.differences(first, second, since)
        assert facts_of(store.diff(first, second)) == expected, (first, second)
        expected = {} if since is None or at < since else self.plain.differences_at(first, second, at)
        assert facts_of(store.diff(first, second, at)) == expected, (first, second, at)
        before, after = self.plain.threads(first), self.plain.threads(second)
        threads = {difference.attribute for difference in store.diff(first, second) if difference.entity == "thread"}
        assert threads == {thread for thread in before.keys() | after.keys() if before.get(thread) != after.get(thread)}

    def check_derived(self) -> None:
        """Check that all derived rows equal a full recomputation."""
        with self.store.what_if() as store, store._writing() as (connection, tree):
            before = derived(connection)
            derive_all(connection, tree)
            again = derived(connection)
            assert again == before, [
                (set(map(repr, earlier)) ^ set(map(repr, later))) for earlier, later in zip(before, again, strict=True)
            ]
            if connection.dialect.name == "sqlite":
                assert not connection.execute(text("PRAGMA foreign_key_check")).all()


def facts_of(differences: Any) -> dict[Pair, tuple[StoryPosition, str, str]]:
    facts = [difference for difference in differences if difference.entity != "thread"]
    assert len({(difference.entity, difference.attribute) for difference in facts}) == len(facts)
    return {
        (difference.entity, difference.attribute): (
            difference.position,
            canon_json(difference.before),
            canon_json(difference.after),
        )
        for difference in facts
    }


def origin(source: Any) -> tuple[Any, ...]:
    return source.branch, source.position, source.evidence, source.scene_id, source.note


def refuses(attempt: Callable[[], Any]) -> None:
    try:
        attempt()
    except MemoryFault:
        return
    raise AssertionError("expected a refusal")


def derived(connection: Any) -> tuple[list[Any], list[Any]]:
    """Return all spans without their ids, and the derived columns of statements."""
    spans = [column for column in SpanRow.__table__.c if column.name != "id"]
    stored = connection.execute(select(*spans)).all()
    rows = connection.execute(select(StatementRow.id, StatementRow.reach, StatementRow.overruled).order_by(StatementRow.id)).all()
    return sorted(map(repr, stored)), rows


def run_model(fresh: Fresh, *, examples: int, steps_each: int, seed: int = 0, thorough_every: int = 10) -> int:
    """Run the machine and return its number of steps. Raises AssertionError with the steps that lead to a difference."""
    MemoryMachine.steps = 0
    config = settings(
        max_examples=examples,
        stateful_step_count=steps_each,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink],
    )
    machine: Any = hypothesis.seed(seed)(lambda: MemoryMachine(fresh, thorough_every))
    run_state_machine_as_test(machine, settings=config)
    return MemoryMachine.steps


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=10_000)
    parser.add_argument("--only", choices=["sqlite", "postgresql"])
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    for kind, places in (("sqlite", sqlite_places), ("postgresql", postgresql_places)):
        if args.only in (None, kind):
            began, steps, seed = time.monotonic(), 0, args.seed
            with places() as fresh:
                while steps < args.steps:
                    steps += run_model(fresh, examples=5, steps_each=50, seed=seed)
                    seed += 1
            print(f"{kind}: {steps:,} steps, no difference, {time.monotonic() - began:.0f} s", flush=True)


if __name__ == "__main__":
    main()
