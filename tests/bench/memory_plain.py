"""A memory that keeps every statement in lists and works each answer out by the rule as it is declared: what the real one must equal.

The rule: at a position, of all statements about an attribute that cover it, the one of the highest rank (the user's?, since, weight of
evidence, stated at, ordinal) holds. A branch sees what its parent says of the time before the fork, and its own words from there on.
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
"""What is said by hand sorts after all that a scene can say."""

Pair = tuple[str, str]


class Refused(Exception):
    """The memory must refuse this with a MemoryFault."""


@dataclass(frozen=True, eq=False)
class Change:
    """A commit. Two are the same only if they are one."""

    kind: str
    position: StoryPosition
    scene_id: str = ""
    note: str = ""


@dataclass(frozen=True, eq=False)
class Said:
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
    """A branch: what is its own."""

    name: str
    parent: Line | None = None
    forked_at: StoryPosition = BEGINNING
    scenes: dict[StoryPosition, SceneRecord] = field(default_factory=dict)
    said: list[Said] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)

    def owner(self, position: StoryPosition) -> Line:
        """Who says what is at `position`."""
        return self if self.parent is None or position >= self.forked_at else self.parent.owner(position)

    def chain(self) -> Iterator[Line]:
        yield self
        if self.parent is not None:
            yield from self.parent.chain()


class PlainMemory:
    """The whole memory: a few lists."""

    def __init__(self) -> None:
        self.lines = {"main": Line("main")}
        self._count = 0

    # What is seen

    def said(self, branch: str) -> list[Said]:
        line = self.lines[branch]
        return [one for each in line.chain() for one in each.said if line.owner(one.since) is each]

    def scenes(self, branch: str) -> dict[StoryPosition, SceneRecord]:
        line = self.lines[branch]
        found = {at: one for each in line.chain() for at, one in each.scenes.items() if line.owner(at) is each}
        return dict(sorted(found.items()))

    def events(self, branch: str) -> list[Event]:
        line = self.lines[branch]
        found = [one for each in line.chain() for one in each.events if line.owner(one.position) is each]
        return sorted(found, key=lambda one: (one.position, one.order))

    def known(self) -> set[str]:
        """Every entity that anything names."""
        found: set[str] = set()
        for line in self.lines.values():
            for record in line.scenes.values():
                found |= {one.id for one in record.entities}
                found |= {each.entity for take in record.takes for each in take.embeddings}
            for one in line.said:
                found.add(one.entity)
                if one.attribute.startswith(RELATION):
                    found.add(one.attribute.removeprefix(RELATION))
        return found

    def moments(self) -> list[StoryPosition]:
        """Every position at which anything can change, on any branch."""
        found = {BEGINNING}
        for line in self.lines.values():
            found |= {line.forked_at, *line.scenes}
            for one in line.said:
                found |= {one.since} | ({one.until} if one.until else set())
            found |= {one.position for one in line.events}
        return sorted(found)

    # What holds

    @staticmethod
    def holding(said: Iterable[Said], position: StoryPosition) -> dict[Pair, Said]:
        """Of every attribute the statement that holds at `position`."""
        found: dict[Pair, Said] = {}
        for one in said:
            if one.covers(position) and (one.pair not in found or one.rank > found[one.pair].rank):
                found[one.pair] = one
        return found

    def history(self, branch: str) -> dict[Pair, list[tuple[str, StoryPosition, StoryPosition | None, Evidence]]]:
        """Value, since, until and evidence of every stretch of one value."""
        said, moments = self.said(branch), self.moments()
        found: dict[Pair, list[tuple[str, StoryPosition, StoryPosition | None, Evidence]]] = {}
        for number, at in enumerate(moments):
            until = moments[number + 1] if number + 1 < len(moments) else None
            for pair, one in self.holding(said, at).items():
                line = found.setdefault(pair, [])
                if line and line[-1][2] == at and line[-1][0] == one.value:
                    line[-1] = (*line[-1][:2], until, line[-1][3])
                else:
                    line.append((one.value, at, until, one.evidence))
        return found

    def threads(self, branch: str, position: StoryPosition | None = None) -> dict[str, Thread]:
        found: dict[str, Thread] = {}
        for one in self.events(branch):
            if position is not None and one.position > position:
                continue
            if one.text is not None:
                found[one.thread] = Thread(id=one.thread, text=one.text)
            elif one.thread in found:
                found[one.thread] = replace(found[one.thread], closed=True)
        return found

    def overruled(self, branch: str) -> list[tuple[Said, Said]]:
        """Statements that give way where they begin to stronger evidence that says otherwise, each with that."""
        said = self.said(branch)
        found = []
        for one in said:
            holds = self.holding((each for each in said if each.pair == one.pair), one.since)[one.pair]
            if holds.value != one.value and WEIGHT[holds.evidence] > WEIGHT[one.evidence]:
                found.append((one, holds))
        return found

    def origin(self, one: Said) -> tuple[str, StoryPosition, str, str, str]:
        """The branch, position, evidence, scene and note of a statement's origin."""
        branch = next(line.name for line in self.lines.values() if one in line.said)
        at = one.change.position if one.change.kind == "scene" else one.since
        return branch, at, one.evidence, one.change.scene_id, one.change.note

    def entities(self, branch: str, position: StoryPosition, kinds: dict[str, EntityRecord]) -> tuple[set[str], set[str]]:
        """All entities there are at `position` and how they stand to each other, spelled out."""
        facts: dict[str, dict[str, object]] = {}
        for (entity, attribute), one in self.holding(self.said(branch), position).items():
            facts.setdefault(entity, {})[attribute] = json.loads(one.value)
        there = set(facts) | {one.id for at, each in self.scenes(branch).items() if at <= position for one in each.entities}
        there |= {
            name.removeprefix(RELATION)
            for each in facts.values()
            for name, words in each.items()
            if name.startswith(RELATION) and words
        }
        spelled = {spell(entity_of(kinds[one], facts.get(one, {}))) for one in there}  # type: ignore[arg-type]
        return spelled, {str(each) for one in there for each in relations_of(one, facts.get(one, {}))}  # type: ignore[arg-type]

    # Branches

    def common_past(self, one: str, other: str) -> StoryPosition | None:
        left, right = self.lines[one], self.lines[other]
        return next((at for at in self.moments() if left.owner(at) is not right.owner(at)), None)

    def differences(self, one: str, other: str, start: StoryPosition) -> dict[Pair, tuple[StoryPosition, str, str]]:
        """Where every attribute first parts from `start` on, and what either side holds there (null: nothing)."""
        left, right = self.said(one), self.said(other)
        found: dict[Pair, tuple[StoryPosition, str, str]] = {}
        for at in sorted({start, *(each for each in self.moments() if each > start)}):
            for pair, before, after in self._parted(left, right, at):
                found.setdefault(pair, (at, before, after))
        return found

    def differences_at(self, one: str, other: str, at: StoryPosition) -> dict[Pair, tuple[StoryPosition, str, str]]:
        return {pair: (at, before, after) for pair, before, after in self._parted(self.said(one), self.said(other), at)}

    def _parted(self, left: list[Said], right: list[Said], at: StoryPosition) -> Iterator[tuple[Pair, str, str]]:
        before, after = self.holding(left, at), self.holding(right, at)
        for pair in before.keys() | after.keys():
            values = [side[pair].value if pair in side else "null" for side in (before, after)]
            if values[0] != values[1]:
                yield pair, values[0], values[1]

    # Changes

    def commit(self, record: SceneRecord) -> Change | None:
        line = self._line(record.branch)
        facts = (*record.facts, *relation_facts(record.relations, record.position))
        self._own(line, record.position, *(one.since for one in facts))
        there = line.scenes.get(record.position)
        if there is not None and there.key == record.key:
            return None
        named = {one.entity for one in facts} | {one.object for one in record.relations}
        named |= {each.entity for take in record.takes for each in take.embeddings}
        if named - self.known() - {one.id for one in record.entities}:
            raise Refused
        change = Change("scene", record.position, record.scene_id)
        self._take_back(line, [record.position])
        line.scenes[record.position] = record
        for number, fact in enumerate(facts):
            self.say(line, fact, record.position, number, change)
        for thread, text in (*record.opens.items(), *((each, None) for each in record.closes)):
            self.tell(line, thread, text, record.position, change)
        return change

    def say(self, line: Line, fact: Fact, stated_at: StoryPosition, ordinal: int, change: Change) -> None:
        value = canonical_json(fact.value)
        told = (fact.entity, fact.attribute, value, fact.since, fact.until, fact.evidence, stated_at, ordinal)
        line.said.append(Said(*told, change))

    def tell(self, line: Line, thread: str, text: str | None, position: StoryPosition, change: Change) -> None:
        self._count += 1
        line.events.append(Event(thread, text, position, self._count, change))

    def set_fact(self, fact: Fact, branch: str, note: str) -> Change:
        line = self._line(branch)
        self._own(line, fact.since)
        if fact.entity not in self.known():
            raise Refused
        pair = fact.entity, fact.attribute
        line.said = [one for one in line.said if not (one.evidence == "user" and one.pair == pair and one.since == fact.since)]
        change = Change("edit", fact.since, note=note)
        last = max((one.ordinal for each in self.lines.values() for one in each.said), default=0)
        self.say(line, replace(fact, evidence="user"), fact.since, max(last, BY_HAND) + 1, change)
        return change

    def unset(self, entity: str, attribute: str, branch: str) -> int:
        line = self._line(branch)
        kept = [one for one in line.said if not (one.evidence == "user" and one.pair == (entity, attribute))]
        gone, line.said = len(line.said) - len(kept), kept
        return gone

    def forget(self, episode: int, keep: Collection[int], branch: str) -> int:
        line = self._line(branch)
        gone = [at for at in line.scenes if at.episode == episode and at.scene not in keep]
        self._take_back(line, gone)
        return len(gone)

    def rollback(self, position: StoryPosition, branch: str) -> int:
        line = self._line(branch)
        scenes = [at for at in line.scenes if at > position]
        said = [one for one in line.said if one.change.kind != "scene" and one.since > position]
        events = [one for one in line.events if one.change.kind != "scene" and one.position > position]
        of_scenes = [one for one in line.said if one.change.kind == "scene" and one.change.position in scenes]
        gone = [*scenes, *(one.since for one in (*said, *of_scenes)), *(one.position for one in events)]
        shared = [each for each in self.lines.values() if each.parent is line and gone and min(gone) < each.forked_at]
        if shared or (line.parent is not None and position < line.forked_at):
            raise Refused
        self._take_back(line, scenes)
        line.said = [one for one in line.said if one not in said]
        line.events = [one for one in line.events if one not in events]
        return len(scenes) + len({one.change for one in (*said, *events)})

    def branch(self, name: str, at: StoryPosition, parent: str) -> None:
        above = self._line(parent)
        if name in self.lines or at < StoryPosition(1, 1):
            raise Refused
        self._own(above, at)
        self.lines[name] = Line(name, above, at)

    def delete_branch(self, name: str) -> None:
        line = self._line(name)
        if line.parent is None or any(each.parent is line for each in self.lines.values()):
            raise Refused
        del self.lines[name]

    def _line(self, name: str) -> Line:
        if name not in self.lines:
            raise Refused
        return self.lines[name]

    def _own(self, line: Line, *positions: StoryPosition) -> None:
        if line.parent is not None and min(positions) < line.forked_at:
            raise Refused

    def _take_back(self, line: Line, scenes: Collection[StoryPosition]) -> None:
        for at in scenes:
            line.scenes.pop(at, None)
        line.said = [one for one in line.said if not (one.change.kind == "scene" and one.change.position in scenes)]
        line.events = [one for one in line.events if not (one.change.kind == "scene" and one.change.position in scenes)]


def spell(one: object) -> str:
    """An entity with everything about it, so that 1, 1.0 and true are not the same."""
    return repr(one)
