"""The contract of a merge, stated independently of its code."""

from __future__ import annotations

import json
from typing import Any, Literal

from sqlalchemy import func, select

from memory.errors import MergeConflict
from memory.model.facts import StoryPosition
from memory.schema.tables import CommitRow, EntityRow, StatementRow, ThreadRow
from memory.store import MemoryStore
from tests.bench.memory_plain import Change, Pair, PlainMemory, PlainStatement


class Merge:
    """One merge, checked against its contract. The plain memory then takes over the rows that the merge wrote."""

    def __init__(self, store: MemoryStore, plain: PlainMemory, source: str, target: str, until: StoryPosition | None) -> None:
        self.store, self.plain, self.source, self.target, self.until = store, plain, source, target, until
        self.since = plain.common_past(target, source) or StoryPosition(0)
        self.start = max(self.since, plain.lines[target].forked_at)

    def run(self, how: Literal["ask", "ours", "theirs"], chosen: list[Any]) -> None:
        differing = self.plain.differences(self.target, self.source, self.start)
        facts = {pair for pair, (at, _, _) in differing.items() if self._before_until(at)}
        stated, over = self._stated(self.target), self._stated(self.source)
        moving = (facts | self._differing_threads()) & over
        contested = sorted(moving & stated)
        choose = {".".join(pair): side for pair, side in zip(contested, chosen, strict=False)}
        sides = {pair: choose.get(".".join(pair), None if how == "ask" else how) for pair in contested}
        arguments: dict[str, Any] = {"rule": how, "choose": choose, "until": self.until}
        if unsettled := {pair for pair, side in sides.items() if side is None}:
            try:
                self.store.merge(self.source, self.target, **arguments)
            except MergeConflict as err:
                conflicting = keys(err.conflicts)
            else:
                raise AssertionError(f"expected a conflict about {unsettled}")
            if conflicting != unsettled:
                raise AssertionError(f"expected conflicts about {unsettled}, found {conflicting}")
            return
        taken = moving - set(contested)
        won = {pair for pair, side in sides.items() if side == "theirs"}
        before = [(at, self._holds(self.target, at), self._holds(self.source, at)) for at in self._moments()]
        threads = {name: self._thread(self.source, name) for kind, name in taken | won if kind == "thread"}
        merged = self.store.merge(self.source, self.target, **arguments)
        assert keys(merged.taken) == taken, (keys(merged.taken), taken)
        assert keys(merged.settled) == set(contested)
        if taken or won:
            self._take_over()
        self._check(before, taken | won)
        for name, thread in threads.items():
            assert self.plain.threads(self.target).get(name) == thread or self.until is not None, name
        if self.until is None:
            self._check_again(won, set(contested) - won)

    def _check(self, before: list[tuple[StoryPosition, dict[Pair, str], dict[Pair, str]]], moved: set[Pair]) -> None:
        """From the first difference on, the target has the source's values of moved attributes. Nothing else changes."""
        known = {at: (ours, theirs) for at, ours, theirs in before}
        ours: dict[Pair, str] = {}
        theirs: dict[Pair, str] = {}
        for at in self._moments():
            ours, theirs = known.get(at, (ours, theirs))  # nothing changes between two moments
            now = self._holds(self.target, at)
            for pair in now.keys() | ours.keys() | theirs.keys():
                if pair not in moved or at < self.start:
                    assert now.get(pair, "null") == ours.get(pair, "null"), ("changed", pair, at)
                elif self._before_until(at):
                    assert now.get(pair, "null") == theirs.get(pair, "null"), ("not theirs", pair, at)

    def _check_again(self, won: set[Pair], lost: set[Pair]) -> None:
        """The same merge again takes nothing and finds conflicts only where the target's value was kept."""
        merged = self.store.merge(self.source, self.target, rule="ours")
        assert not merged.taken, merged.taken
        assert keys(merged.settled) <= lost, (keys(merged.settled), lost)

    def _take_over(self) -> None:
        line = self.plain.lines[self.target]
        with self.store._reading() as (connection, _, _):
            last = connection.execute(select(func.max(CommitRow.id))).scalar_one()
            commit = connection.execute(
                select(CommitRow.kind, CommitRow.position, CommitRow.note).where(CommitRow.id == last)
            ).one()
            assert (commit.kind, commit.note) == ("merge", self.source)
            change = Change("merge", commit.position, note=self.source)
            rows = connection.execute(
                select(StatementRow.__table__, EntityRow.slug)
                .join(EntityRow, EntityRow.id == StatementRow.entity_id)
                .where(StatementRow.commit_id == last)
            ).all()
            events = connection.execute(
                select(ThreadRow.thread, ThreadRow.text, ThreadRow.position)
                .where(ThreadRow.commit_id == last)
                .order_by(ThreadRow.id)
            ).all()
        for row in rows:
            assert row.since >= line.forked_at, "a branch has no statements about the time before its fork"
            fields = (row.since, row.stated_end, row.evidence, row.stated_at, row.ordinal)
            line.statements.append(PlainStatement(row.slug, row.attribute, canon_json(row.value), *fields, change))
        for thread, words, at in events:
            assert at >= line.forked_at
            self.plain.add_event(line, thread, words, at, change)

    def _stated(self, branch: str) -> set[Pair]:
        pairs = {
            statement.pair
            for statement in self.plain.statements(branch)
            if self.since <= statement.since and self._before_until(statement.since)
        }
        events = self.plain.events(branch)
        return pairs | {
            ("thread", event.thread) for event in events if self.since <= event.position and self._before_until(event.position)
        }

    def _differing_threads(self) -> set[Pair]:
        if not self._before_until(self.start):  # the merge ends before the first difference
            return set()
        ours, theirs = self.plain.threads(self.target), self.plain.threads(self.source)
        return {("thread", name) for name in theirs if ours.get(name) != theirs[name]}

    def _thread(self, branch: str, name: str) -> Any:
        return self.plain.threads(branch).get(name)

    def _moments(self) -> list[StoryPosition]:
        return self.plain.moments()

    def _holds(self, branch: str, at: StoryPosition) -> dict[Pair, str]:
        return {pair: statement.value for pair, statement in self.plain.holding(self.plain.statements(branch), at).items()}

    def _before_until(self, at: StoryPosition) -> bool:
        return self.until is None or at < self.until


def keys(differences: Any) -> set[Pair]:
    return {(difference.entity, difference.attribute) for difference in differences}


def canon_json(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))
