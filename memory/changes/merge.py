"""Merging one branch into another, as one commit. Part of the caller's transaction."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Final, Literal

from sqlalchemy import ColumnElement, Connection, and_, func, insert, select

from memory.changes.commit import new_commit, next_ordinal
from memory.changes.derive_spans import next_id, update_derived
from memory.errors import MemoryRefusal, MergeConflict
from memory.model.facts import Evidence, FactValue, StoryPosition
from memory.model.precedence import Rank, Statement
from memory.model.records import Difference, Merged
from memory.queries.differences import NULL, THREAD, common_past, differences
from memory.queries.history import HeldValue, timelines
from memory.queries.statements import EntityAttribute, entity_rows
from memory.schema.branch_lineage import BranchTree, Lineage
from memory.schema.tables import EntityRow, InsertRow, SceneRow, StatementRow, ThreadRow

__all__ = ["Rule", "Side", "merge"]

Side = Literal["ours", "theirs"]
"""Ours: what the target branch holds. Theirs: what the source branch holds."""

Rule = Literal["ask", "ours", "theirs"]
"""The side that wins a conflict that `choose` does not settle; `ask`: neither."""

_BEGINNING: Final = StoryPosition(0, 0)
_Stretch = tuple[StoryPosition, StoryPosition | None, str]
"""From where until where a spelled value holds."""


@dataclass(frozen=True, slots=True)
class _Sides:
    """The two lines of one merge, and the stretch of story time it is about."""

    ours: Lineage
    theirs: Lineage
    since: StoryPosition
    until: StoryPosition | None

    @property
    def begin(self) -> StoryPosition:
        """From where on the merge can change anything: where the two part, or ours is on its own."""
        return max(self.since, self.ours.fork)

    def own(self, line: Lineage, branch: Any, position: Any) -> ColumnElement[bool]:
        """An SQL condition: rows of `line` since the two parted, and before `until`."""
        conditions = [line.sees(branch, position), position >= self.since]
        return and_(*conditions, *([] if self.until is None else [position < self.until]))


@dataclass(frozen=True, slots=True)
class _Outcome:
    """The differences that a merge brings over, by how they are settled."""

    taken: tuple[Difference, ...]
    """Only their side states these."""
    contested: tuple[Difference, ...]
    """Both sides state these."""
    won: tuple[Difference, ...]
    """Those contested ones that their side wins."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _NewStatement:
    """A statement that the merge makes on our side."""

    entity: int
    """The row of the entity."""
    attribute: str
    value: FactValue
    since: StoryPosition
    stated_end: StoryPosition | None
    evidence: Evidence
    stated_at: StoryPosition
    ordinal: int

    @property
    def rank(self) -> Rank:
        """The rank that the rule gives the statement."""
        return Statement(
            value="",
            since=self.since,
            stated_end=self.stated_end,
            evidence=self.evidence,
            stated_at=self.stated_at,
            ordinal=self.ordinal,
        ).rank


def merge(
    connection: Connection,
    tree: BranchTree,
    source: str,
    target: str,
    *,
    rule: Rule = "ask",
    choose: Mapping[str, Side] | None = None,
    until: StoryPosition | None = None,
) -> Merged:
    """Bring what `source` states since the two parted, before `until`, into `target`, as one commit.

    What only one side states is taken as it is. Where both state an attribute and end up holding different values, `choose`
    (`entity.attribute` -> side), else `rule`, settles it. MergeConflict names every conflict that neither settles; nothing is
    written then.
    """
    ours, theirs = tree.lineage(target), tree.lineage(source)
    since = common_past(ours, theirs)
    if since is None:
        raise MemoryRefusal(f"{source} and {target} are the same branch; name two")
    sides = _Sides(ours, theirs, since, until)
    changes = [
        change
        for change in differences(connection, tree, ours, theirs, begin=sides.begin)
        if until is None or change.position < until
    ]
    outcome = _settle(connection, sides, changes, rule, choose or {})
    if outcome.taken or outcome.won:
        _write(connection, tree, sides, outcome)
    return Merged(taken=outcome.taken, settled=outcome.contested)


def _settle(
    connection: Connection, sides: _Sides, changes: Sequence[Difference], rule: Rule, choose: Mapping[str, Side]
) -> _Outcome:
    """Decide which differences are brought over. Raises MergeConflict, and MemoryRefusal for choices that settle nothing."""
    ours, theirs = _stated(connection, sides, sides.ours), _stated(connection, sides, sides.theirs)
    # a thread that theirs does not know cannot be removed from ours
    moving = [change for change in changes if _key(change) in theirs and (change.entity != THREAD or change.after is not None)]
    contested = [change for change in moving if _key(change) in ours]
    picked: dict[str, Side | None] = {_key(change): _pick(_key(change), rule, choose) for change in contested}
    if unknown := sorted(choose.keys() - {_key(change) for change in changes}):
        raise MemoryRefusal(f"nothing differs in {', '.join(unknown)}; differences: {', '.join(map(_key, changes)) or 'none'}")
    if unsettled := [change for change in contested if picked[_key(change)] is None]:
        raise MergeConflict(sides.theirs.name, sides.ours.name, tuple(unsettled))
    return _Outcome(
        taken=tuple(change for change in moving if _key(change) not in ours),
        contested=tuple(contested),
        won=tuple(change for change in contested if picked[_key(change)] == "theirs"),
    )


def _key(change: Difference) -> str:
    """The name of a difference in `choose` and in messages."""
    return f"{change.entity}.{change.attribute}"


def _pick(key: str, rule: Rule, choose: Mapping[str, Side]) -> Side | None:
    return choose.get(key) or (None if rule == "ask" else rule)


def _stated(connection: Connection, sides: _Sides, line: Lineage) -> set[str]:
    """The attributes and threads that one side states anything about since the two parted, as `entity.attribute`."""
    statements = (
        select(EntityRow.slug, StatementRow.attribute)
        .join(EntityRow, EntityRow.id == StatementRow.entity_id)
        .where(sides.own(line, StatementRow.branch_id, StatementRow.since))
        .distinct()
    )
    events = select(ThreadRow.thread).where(sides.own(line, ThreadRow.branch_id, ThreadRow.position)).distinct()
    return {f"{slug}.{attribute}" for slug, attribute in connection.execute(statements)} | {
        f"{THREAD}.{thread}" for thread in connection.scalars(events)
    }


def _write(connection: Connection, tree: BranchTree, sides: _Sides, outcome: _Outcome) -> None:
    """Write the statements and thread events that the merge brings over."""
    branch, both = sides.ours.branch, (*outcome.taken, *outcome.won)
    commit = new_commit(connection, branch, "merge", sides.since, note=sides.theirs.name)
    rows = connection.execute(
        select(StatementRow.__table__).where(sides.own(sides.theirs, StatementRow.branch_id, StatementRow.since))
    ).all()
    entities = entity_rows(connection, {change.entity for change in both})
    taken = {(entities[change.entity], change.attribute) for change in outcome.taken if change.entity != THREAD}
    statements = _in_own_time([_copy(row) for row in rows if (row.entity_id, row.attribute) in taken], sides.ours.fork)
    for change in outcome.won:
        if change.entity != THREAD:
            statements += _Enforcement(connection, sides, entities[change.entity], change).statements()
    _insert_statements(connection, branch, commit, statements)
    _copy_threads(connection, sides, commit, {change.attribute: change.after for change in both if change.entity == THREAD})
    touched: dict[EntityAttribute, StoryPosition] = {}
    for statement in statements:
        pair = statement.entity, statement.attribute
        touched[pair] = min(statement.since, touched.get(pair, statement.since))
    update_derived(connection, tree, branch, touched)


def _copy(row: Any) -> _NewStatement:
    """A stored statement, to be copied."""
    return _NewStatement(
        entity=row.entity_id,
        attribute=row.attribute,
        value=row.value,
        since=row.since,
        stated_end=row.stated_end,
        evidence=row.evidence,
        stated_at=row.stated_at,
        ordinal=row.ordinal,
    )


def _in_own_time(statements: Sequence[_NewStatement], fork: StoryPosition) -> list[_NewStatement]:
    """Statements as a branch that is on its own from `fork` on can make them: those from before `fork` begin there.

    The early ones rank among each other as before, and below everything that is stated of `fork` itself.
    """
    early = [
        statement
        for statement in statements
        if statement.since < fork and (statement.stated_end is None or statement.stated_end > fork)
    ]
    early.sort(key=lambda statement: statement.rank)
    moved = [statement for statement in statements if statement.since >= fork]
    for number, statement in enumerate(early):
        evidence: Evidence = "user" if statement.evidence == "user" else "planned"
        moved.append(replace(statement, since=fork, evidence=evidence, stated_at=_BEGINNING, ordinal=number))
    return moved


def _insert_statements(connection: Connection, branch: int, commit: int, statements: Sequence[_NewStatement]) -> None:
    first = next_id(connection, StatementRow)
    rows: list[InsertRow] = [
        {
            "id": first + number,
            "branch_id": branch,
            "entity_id": statement.entity,
            "attribute": statement.attribute,
            "value": statement.value,
            "since": statement.since,
            "stated_end": statement.stated_end,
            "evidence": statement.evidence,
            "commit_id": commit,
            "stated_at": statement.stated_at,
            "ordinal": statement.ordinal,
            "reach": statement.stated_end,
            "overruled": None,
        }
        for number, statement in enumerate(statements)
    ]
    if rows:
        connection.execute(insert(StatementRow), rows)


class _Enforcement:
    """States what their side holds of one attribute so that it outranks everything that ours states, up to its end.

    Up to the end of our story (or `until`) it is a user's statement. After that it is planned, so that the story can change it.
    """

    def __init__(self, connection: Connection, sides: _Sides, entity: int, change: Difference) -> None:
        self._entity, self._attribute, self._since = entity, change.attribute, change.position
        seen = sides.ours.sees(StatementRow.branch_id, StatementRow.since)
        ours = connection.execute(
            select(StatementRow.since, StatementRow.stated_end, StatementRow.evidence, StatementRow.stated_at).where(
                StatementRow.entity_id == entity, StatementRow.attribute == change.attribute, seen
            )
        ).all()
        end = connection.execute(
            select(func.max(SceneRow.position)).where(sides.ours.sees(SceneRow.branch_id, SceneRow.position))
        ).scalar()
        self._by_user = [row for row in ours if row.evidence == "user"]
        self._latest = max([self._since, *(row.stated_at for row in ours)])
        last = max([self._since, *(row.since for row in ours), *filter(None, [end])])
        user_ends = [row.stated_end for row in self._by_user if row.stated_end is not None]
        after = max([StoryPosition(last.episode, last.scene + 1), *user_ends])
        self._after = after if sides.until is None else min(after, sides.until)
        """Where our story is over."""
        self._evidence_after: Evidence = "user" if any(row.stated_end is None for row in self._by_user) else "planned"
        line = timelines(connection, sides.theirs, self._since, entity=entity).get((change.entity, change.attribute), [])
        self._line = list(_before(_without_gaps(line, self._since), sides.until))
        self._ordinal = next_ordinal(connection)
        self._statements: list[_NewStatement] = []

    def statements(self) -> list[_NewStatement]:
        """The statements to add to our side."""
        for begins, ends, value in self._line:
            if begins < self._after:
                stops = self._after if ends is None else min(ends, self._after)
                cuts = [begins, *sorted({row.since for row in self._by_user if begins < row.since < stops}), stops]
                for start, stop in pairwise(cuts):
                    self._state(value, start, stop, "user")
            if ends is None or ends > self._after:
                self._state(value, max(begins, self._after), ends, self._evidence_after)
        return self._statements

    def _state(self, value: str, begins: StoryPosition, ends: StoryPosition | None, evidence: Evidence) -> None:
        """Add a statement of their value."""
        self._statements.append(
            _NewStatement(
                entity=self._entity,
                attribute=self._attribute,
                value=json.loads(value),
                since=begins,
                stated_end=ends,
                evidence=evidence,
                # a planned statement gives way to the scene that goes on with the story
                stated_at=max(begins, self._latest) if evidence == "user" else _BEGINNING,
                ordinal=self._ordinal + len(self._statements),
            )
        )


def _before(line: Iterable[_Stretch], until: StoryPosition | None) -> Iterator[_Stretch]:
    """The stretches that begin before `until`; the last of them stays open."""
    for begins, ends, value in line:
        if until is None or begins < until:
            yield begins, ends if until is None or (ends is not None and ends < until) else None, value


def _without_gaps(line: Sequence[HeldValue], since: StoryPosition) -> Iterator[_Stretch]:
    """A timeline from `since` on, with null where nothing is known."""
    at: StoryPosition | None = since
    for value in line:
        if at is not None and at < value.since:
            yield at, value.since, NULL
        yield value.since, value.ends, value.value
        at = value.ends
    if at is not None:
        yield at, None, NULL


def _copy_threads(connection: Connection, sides: _Sides, commit: int, threads: Mapping[str, FactValue]) -> None:
    """Copy their events of some threads, placed after everything that ours states about them.

    `threads` maps the name of each to its state on their side, `{"text": …, "closed": …}`.
    """
    if not threads:
        return
    ours = select(ThreadRow.thread, func.max(ThreadRow.position)).where(
        sides.ours.sees(ThreadRow.branch_id, ThreadRow.position), ThreadRow.thread.in_(threads)
    )
    if sides.until is not None:
        ours = ours.where(ThreadRow.position < sides.until)
    last = dict(connection.execute(ours.group_by(ThreadRow.thread)).all())
    rows = connection.execute(
        select(ThreadRow.thread, ThreadRow.text, ThreadRow.position)
        .where(sides.own(sides.theirs, ThreadRow.branch_id, ThreadRow.position), ThreadRow.thread.in_(threads))
        .order_by(ThreadRow.position, ThreadRow.id)
    ).all()
    events: list[tuple[str, str | None, StoryPosition]] = []
    for thread, text, position in rows:
        if text is None and thread not in {known for known, _, _ in events}:  # they close what they opened, not ours
            events.append((thread, _text(threads[thread]), position))
        events.append((thread, text, position))
    first = next_id(connection, ThreadRow)
    new: list[InsertRow] = [
        {
            "id": first + number,
            "commit_id": commit,
            "branch_id": sides.ours.branch,
            "position": max(position, last.get(thread, position), sides.ours.fork),
            "thread": thread,
            "text": text,
        }
        for number, (thread, text, position) in enumerate(events)
    ]
    if new:
        connection.execute(insert(ThreadRow), new)


def _text(thread: FactValue) -> str | None:
    """The text of a thread's state."""
    text = thread.get("text") if isinstance(thread, dict) else None
    return text if isinstance(text, str) else None
