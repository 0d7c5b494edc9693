"""A plain memory that the real memory must equal. It keeps every statement in lists and derives each answer directly from the rule.

The rule: of all statements about an attribute that cover a position, the statement of the highest rank holds. The rank compares, in this
order: whether the user stated it, since, weight of evidence, stated at, ordinal. A branch sees its parent's statements before the fork,
and its own from the fork on.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace

from memory.model.canon import Thread
from memory.model.entities import RELATION, entity_of, relation_facts, relations_of
from memory.model.facts import Evidence, Fact, StoryPosition
from memory.model.records import EntityRecord, SceneRecord
from memory.schema.tables import canonical_json

WEIGHT = {"planned": 0, "seen": 1, "user": 2}
BEGINNING = StoryPosition(0, 0)
BY_HAND = 1_000_000
"""The least ordinal of a user's statement, greater than that of any statement of a scene."""

Pair = tuple[str, str]


class Refused(Exception):
    """A change that the real memory must refuse with a MemoryFault."""


@dataclass(frozen=True, eq=False)
class Change:
    """A commit, compared by identity."""

    kind: str
    position: StoryPosition
    scene_id: str = ""
    note: str = ""


@dataclass(frozen=True, eq=False)
class PlainStatement:
    """A statement; `value` in canonical JSON."""

    entity: str
    attribute: str
    value: str
    since: StoryPosition
    until: StoryPosition | None
    evidence: Evidence
    stated_at: StoryPosition
    ordinal: int
    change: Change

    @property
    def pair(self) -> Pair:
        return self.entity, self.attribute

    @property
    def rank(self) -> tuple[bool, StoryPosition, int, StoryPosition, int]:
        return self.evidence == "user", self.since, WEIGHT[self.evidence], self.stated_at, self.ordinal

    def covers(self, position: StoryPosition) -> bool:
        return self.since <= position and (self.until is None or position < self.until)


@dataclass(frozen=True, eq=False)
class Event:
    """A thread is opened (with a text) or closed. `order` counts events of one position."""

    thread: str
    text: str | None
    position: StoryPosition
    order: int
    change: Change


@dataclass
class Line:
    """A branch with its own scenes, statements and events."""

    name: str
    parent: Line | None = None
    forked_at: StoryPosition = BEGINNING
    scenes: dict[StoryPosition, SceneRecord] = field(default_factory=dict)
    statements: list[PlainStatement] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)

    def owner(self, position: StoryPosition) -> Line:
        """Return the branch whose statements count at `position`: this one or an ancestor."""
        return self if self.parent is None or position >= self.forked_at else self.parent.owner(position)

    def chain(self) -> Iterator[Line]:
        yield self
        if self.parent is not None:
            yield from self.parent.chain()


class PlainMemory:
    """The whole memory as a few lists."""

    def __init__(self) -> None:
        self.lines = {"main": Line("main")}
        self._count = 0

    # What a branch sees

    def statements(self, branch: str) -> list[PlainStatement]:
        line = self.lines[branch]
        return [
            statement for ancestor in line.chain() for statement in ancestor.statements if line.owner(statement.since) is ancestor
        ]

    def scenes(self, branch: str) -> dict[StoryPosition, SceneRecord]:
        line = self.lines[branch]
        scenes = {at: scene for ancestor in line.chain() for at, scene in ancestor.scenes.items() if line.owner(at) is ancestor}
        return dict(sorted(scenes.items()))

    def events(self, branch: str) -> list[Event]:
        line = self.lines[branch]
        events = [event for ancestor in line.chain() for event in ancestor.events if line.owner(event.position) is ancestor]
        return sorted(events, key=lambda event: (event.position, event.order))

    def known(self) -> set[str]:
        """Return every entity that a row names."""
        known: set[str] = set()
        for line in self.lines.values():
            for record in line.scenes.values():
                known |= {entity.id for entity in record.entities}
                known |= {embedding.entity for take in record.takes for embedding in take.embeddings}
            for statement in line.statements:
                known.add(statement.entity)
                if statement.attribute.startswith(RELATION):
                    known.add(statement.attribute.removeprefix(RELATION))
        return known

    def moments(self) -> list[StoryPosition]:
        """Return every position at which anything can change, on any branch."""
        moments = {BEGINNING}
        for line in self.lines.values():
            moments |= {line.forked_at, *line.scenes}
            for statement in line.statements:
                moments |= {statement.since} | ({statement.until} if statement.until else set())
            moments |= {event.position for event in line.events}
        return sorted(moments)

    # What holds at a position

    @staticmethod
    def holding(statements: Iterable[PlainStatement], position: StoryPosition) -> dict[Pair, PlainStatement]:
        """Return the statement that holds at `position`, by entity and attribute."""
        holding: dict[Pair, PlainStatement] = {}
        for statement in statements:
            if statement.covers(position) and (statement.pair not in holding or statement.rank > holding[statement.pair].rank):
                holding[statement.pair] = statement
        return holding

    def history(self, branch: str) -> dict[Pair, list[tuple[str, StoryPosition, StoryPosition | None, Evidence]]]:
        """Return value, since, until and evidence of every span with one value."""
        statements, moments = self.statements(branch), self.moments()
        history: dict[Pair, list[tuple[str, StoryPosition, StoryPosition | None, Evidence]]] = {}
        for number, at in enumerate(moments):
            until = moments[number + 1] if number + 1 < len(moments) else None
            for pair, statement in self.holding(statements, at).items():
                line = history.setdefault(pair, [])
                if line and line[-1][2] == at and line[-1][0] == statement.value:
                    line[-1] = (*line[-1][:2], until, line[-1][3])
                else:
                    line.append((statement.value, at, until, statement.evidence))
        return history

    def threads(self, branch: str, position: StoryPosition | None = None) -> dict[str, Thread]:
        threads: dict[str, Thread] = {}
        for event in self.events(branch):
            if position is not None and event.position > position:
                continue
            if event.text is not None:
                threads[event.thread] = Thread(id=event.thread, text=event.text)
            elif event.thread in threads:
                threads[event.thread] = replace(threads[event.thread], closed=True)
        return threads

    def overruled(self, branch: str) -> list[tuple[PlainStatement, PlainStatement]]:
        """Return each statement overruled at its beginning by stronger evidence with another value, with the stronger statement."""
        statements = self.statements(branch)
        overruled = []
        for statement in statements:
            holds = self.holding((other for other in statements if other.pair == statement.pair), statement.since)[statement.pair]
            if holds.value != statement.value and WEIGHT[holds.evidence] > WEIGHT[statement.evidence]:
                overruled.append((statement, holds))
        return overruled

    def origin(self, statement: PlainStatement) -> tuple[str, StoryPosition, str, str, str]:
        """Return the branch, position, evidence, scene and note of a statement's origin."""
        branch = next(line.name for line in self.lines.values() if statement in line.statements)
        at = statement.change.position if statement.change.kind == "scene" else statement.since
        return branch, at, statement.evidence, statement.change.scene_id, statement.change.note

    def entities(self, branch: str, position: StoryPosition, kinds: dict[str, EntityRecord]) -> tuple[set[str], set[str]]:
        """Return all entities that exist at `position`, and their relations, as text."""
        facts: dict[str, dict[str, object]] = {}
        for (entity, attribute), statement in self.holding(self.statements(branch), position).items():
            facts.setdefault(entity, {})[attribute] = json.loads(statement.value)
        present = set(facts) | {
            entity.id for at, record in self.scenes(branch).items() if at <= position for entity in record.entities
        }
        present |= {
            name.removeprefix(RELATION)
            for attributes in facts.values()
            for name, words in attributes.items()
            if name.startswith(RELATION) and words
        }
        spelled = {spell(entity_of(kinds[entity], facts.get(entity, {}))) for entity in present}  # type: ignore[arg-type]
        return spelled, {str(relation) for entity in present for relation in relations_of(entity, facts.get(entity, {}))}  # type: ignore[arg-type]

    # Branches

    def common_past(self, first: str, second: str) -> StoryPosition | None:
        left, right = self.lines[first], self.lines[second]
        return next((at for at in self.moments() if left.owner(at) is not right.owner(at)), None)

    def differences(self, first: str, second: str, start: StoryPosition) -> dict[Pair, tuple[StoryPosition, str, str]]:
        """Return where every attribute first differs from `start` on, with the values of both branches there (null: none)."""
        left, right = self.statements(first), self.statements(second)
        differences: dict[Pair, tuple[StoryPosition, str, str]] = {}
        for at in sorted({start, *(moment for moment in self.moments() if moment > start)}):
            for pair, before, after in self._differing(left, right, at):
                differences.setdefault(pair, (at, before, after))
        return differences

    def differences_at(self, first: str, second: str, at: StoryPosition) -> dict[Pair, tuple[StoryPosition, str, str]]:
        return {
            pair: (at, before, after)
            for pair, before, after in self._differing(self.statements(first), self.statements(second), at)
        }

    def _differing(
        self, left: list[PlainStatement], right: list[PlainStatement], at: StoryPosition
    ) -> Iterator[tuple[Pair, str, str]]:
        before, after = self.holding(left, at), self.holding(right, at)
        for pair in before.keys() | after.keys():
            values = [side[pair].value if pair in side else "null" for side in (before, after)]
            if values[0] != values[1]:
                yield pair, values[0], values[1]

    # Changes

    def commit(self, record: SceneRecord) -> Change | None:
        line = self._line(record.branch)
        facts = (*record.facts, *relation_facts(record.relations, record.position))
        self._check_owned(line, record.position, *(fact.since for fact in facts))
        committed = line.scenes.get(record.position)
        if committed is not None and committed.key == record.key:
            return None
        named = {fact.entity for fact in facts} | {relation.object for relation in record.relations}
        named |= {embedding.entity for take in record.takes for embedding in take.embeddings}
        if named - self.known() - {entity.id for entity in record.entities}:
            raise Refused
        change = Change("scene", record.position, record.scene_id)
        self._remove_scenes(line, [record.position])
        line.scenes[record.position] = record
        for number, fact in enumerate(facts):
            self.add_statement(line, fact, record.position, number, change)
        for thread, text in (*record.opens.items(), *((thread, None) for thread in record.closes)):
            self.add_event(line, thread, text, record.position, change)
        return change

    def add_statement(self, line: Line, fact: Fact, stated_at: StoryPosition, ordinal: int, change: Change) -> None:
        value = canonical_json(fact.value)
        fields = (fact.entity, fact.attribute, value, fact.since, fact.until, fact.evidence, stated_at, ordinal)
        line.statements.append(PlainStatement(*fields, change))

    def add_event(self, line: Line, thread: str, text: str | None, position: StoryPosition, change: Change) -> None:
        self._count += 1
        line.events.append(Event(thread, text, position, self._count, change))

    def set_fact(self, fact: Fact, branch: str, note: str) -> Change:
        line = self._line(branch)
        self._check_owned(line, fact.since)
        if fact.entity not in self.known():
            raise Refused
        pair = fact.entity, fact.attribute
        line.statements = [
            statement
            for statement in line.statements
            if not (statement.evidence == "user" and statement.pair == pair and statement.since == fact.since)
        ]
        change = Change("edit", fact.since, note=note)
        last = max((statement.ordinal for other_line in self.lines.values() for statement in other_line.statements), default=0)
        self.add_statement(line, replace(fact, evidence="user"), fact.since, max(last, BY_HAND) + 1, change)
        return change

    def unset(self, entity: str, attribute: str, branch: str) -> int:
        line = self._line(branch)
        kept = [
            statement
            for statement in line.statements
            if not (statement.evidence == "user" and statement.pair == (entity, attribute))
        ]
        removed, line.statements = len(line.statements) - len(kept), kept
        return removed

    def forget(self, episode: int, keep: Collection[int], branch: str) -> int:
        line = self._line(branch)
        forgotten = [at for at in line.scenes if at.episode == episode and at.scene not in keep]
        self._remove_scenes(line, forgotten)
        return len(forgotten)

    def rollback(self, position: StoryPosition, branch: str) -> int:
        line = self._line(branch)
        scenes = [at for at in line.scenes if at > position]
        statements = [
            statement for statement in line.statements if statement.change.kind != "scene" and statement.since > position
        ]
        events = [event for event in line.events if event.change.kind != "scene" and event.position > position]
        of_scenes = [
            statement for statement in line.statements if statement.change.kind == "scene" and statement.change.position in scenes
        ]
        removed = [*scenes, *(statement.since for statement in (*statements, *of_scenes)), *(event.position for event in events)]
        shared = [child for child in self.lines.values() if child.parent is line and removed and min(removed) < child.forked_at]
        if shared or (line.parent is not None and position < line.forked_at):
            raise Refused
        self._remove_scenes(line, scenes)
        line.statements = [statement for statement in line.statements if statement not in statements]
        line.events = [event for event in line.events if event not in events]
        return len(scenes) + len({statement.change for statement in statements} | {event.change for event in events})

    def branch(self, name: str, at: StoryPosition, parent: str) -> None:
        above = self._line(parent)
        if name in self.lines or at < StoryPosition(1, 1):
            raise Refused
        self._check_owned(above, at)
        self.lines[name] = Line(name, above, at)

    def delete_branch(self, name: str) -> None:
        line = self._line(name)
        if line.parent is None or any(child.parent is line for child in self.lines.values()):
            raise Refused
        del self.lines[name]

    def _line(self, name: str) -> Line:
        if name not in self.lines:
            raise Refused
        return self.lines[name]

    def _check_owned(self, line: Line, *positions: StoryPosition) -> None:
        if line.parent is not None and min(positions) < line.forked_at:
            raise Refused

    def _remove_scenes(self, line: Line, scenes: Collection[StoryPosition]) -> None:
        for at in scenes:
            line.scenes.pop(at, None)
        line.statements = [
            statement
            for statement in line.statements
            if not (statement.change.kind == "scene" and statement.change.position in scenes)
        ]
        line.events = [event for event in line.events if not (event.change.kind == "scene" and event.change.position in scenes)]


def spell(value: object) -> str:
    """Return a value as text in which 1, 1.0 and true differ."""
    return repr(value)
