"""Branches: forking, telling apart, merging. Each function is part of one transaction."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final, Literal

from sqlalchemy import Connection, delete, func, insert, select

from memory.changes.commit import entities_of, forget_strangers, known_entities, new_commit, next_ordinal
from memory.changes.derive_spans import Pair, next_id, settle, settle_branch
from memory.errors import MemoryRefusal, MergeConflict
from memory.model.facts import Evidence, StoryPosition
from memory.model.precedence import Statement
from memory.model.records import BranchSummary, Difference, Merged
from memory.queries.history import Held, origins, thread_states, timelines
from memory.schema.branch_lineage import BRANCH_NAME, MOST_FORKS, BranchTree, Lineage
from memory.schema.tables import MAIN, BranchRow, CommitRow, EntityRow, SceneRow, SpanRow, StatementRow, ThreadRow

__all__ = ["THREAD", "Rule", "Side", "common_past", "delete_branch", "differences", "fork", "merge", "summaries"]

Side = Literal["ours", "theirs"]
"""Ours: what the branch that is merged into holds. Theirs: what the branch that is merged holds."""

Rule = Literal["ask", "ours", "theirs"]
"""What settles a conflict that is not settled by hand; `ask` settles none."""

THREAD: Final = "thread"
"""Stands for the entity where a difference is about a thread."""

_NOTHING: Final = "null"
_BEGINNING: Final = StoryPosition(0, 0)
_RANKED: Final = ("since", "stated_end", "evidence", "stated_at", "ordinal")
_Stretch = tuple[StoryPosition, StoryPosition | None, str]


def fork(connection: Connection, tree: BranchTree, name: str, at: StoryPosition, parent: str) -> None:
    """Begin a branch: it shares everything before `at` with `parent`, and is on its own from there. Raises MemoryFault."""
    if not BRANCH_NAME.fullmatch(name):
        raise MemoryRefusal(
            f"{name[:80]!r} cannot be a branch; expected small letters, digits, dots, dashes and underscores, beginning with a letter or a digit"
        )
    if name in tree.names.values():
        raise MemoryRefusal(
            f"there is a branch {name!r} already; choose another name, or delete it: episodic memory branch {name} --delete"
        )
    above = tree.id_of(parent)
    if at < StoryPosition(1, 1):
        raise MemoryRefusal(
            f"{at} is before the story begins; expected 1:1 or later, for instance the scene where {name} goes its own way"
        )
    if tree.parents[above] is not None and at < tree.forks[above]:
        raise MemoryRefusal(
            f"{at} lies before the fork of {parent} ({tree.forks[above]}); fork from {tree.names[tree.parents[above] or 0]}"
        )
    if tree.depth(above) >= MOST_FORKS:
        raise MemoryRefusal(
            f"{parent} is {MOST_FORKS} forks away from {MAIN} already; fork from an earlier branch, or merge some"
        )
    row = next_id(connection, BranchRow)
    connection.execute(insert(BranchRow), [{"id": row, "name": name, "parent_id": above, "forked_at": at}])
    settle_branch(connection, BranchTree(connection).lineage_of(row))


def delete_branch(connection: Connection, tree: BranchTree, name: str) -> None:
    """Delete a branch with everything that is its own. Raises MemoryFault for `main`, and for one that others fork from."""
    row = tree.id_of(name)
    if tree.parents[row] is None:
        raise MemoryRefusal(
            f"{name} is the series itself and cannot be deleted; roll it back: episodic memory rollback --to EPISODE:SCENE"
        )
    if children := [tree.names[child] for child in tree.children(row)]:
        raise MemoryRefusal(f"{', '.join(children)} forks from {name}; delete that first")
    mentioned = entities_of(connection, row)
    connection.execute(delete(SpanRow).where(SpanRow.branch_id == row))
    connection.execute(delete(CommitRow).where(CommitRow.branch_id == row))
    connection.execute(delete(SceneRow).where(SceneRow.branch_id == row))
    connection.execute(delete(BranchRow).where(BranchRow.id == row))
    forget_strangers(connection, mentioned)


def summaries(connection: Connection, tree: BranchTree) -> tuple[BranchSummary, ...]:
    """All branches, in the order in which they were made."""
    found = []
    for row, name in tree.names.items():
        parent, lineage = tree.parents[row], tree.lineage_of(row)
        count = connection.execute(select(func.count()).select_from(SceneRow).where(SceneRow.branch_id == row)).scalar_one()
        end = connection.execute(
            select(func.max(SceneRow.position)).where(lineage.sees(SceneRow.branch_id, SceneRow.position))
        ).scalar()
        forked_at = None if parent is None else tree.forks[row]
        found.append(
            BranchSummary(
                name=name, parent=None if parent is None else tree.names[parent], forked_at=forked_at, scenes=count, end=end
            )
        )
    return tuple(found)


def common_past(one: Lineage, other: Lineage) -> StoryPosition | None:
    """Up to where (exclusive) two branches are the same by sharing it; None: they are the same branch."""
    moments = sorted({each.since for line in (one, other) for each in line.segments})
    return next((at for at in moments if one.owner(at) != other.owner(at)), None)


def differences(
    connection: Connection,
    tree: BranchTree,
    one: Lineage,
    other: Lineage,
    at: StoryPosition | None = None,
    *,
    begin: StoryPosition | None = None,
) -> tuple[Difference, ...]:
    """What `other` holds differently from `one`, with where each comes from. To know nothing and to know that it is null are the same.

    Without `at`, of each attribute where the two first part (at `begin` or later); with `at`, what differs there.
    """
    since = common_past(one, other)
    if since is None or (at is not None and at < since):
        return ()
    since = max(since, begin or since)
    left, right = timelines(connection, one, since), timelines(connection, other, since)
    found = []
    for pair in sorted(left.keys() | right.keys()):
        where = _first_difference(left.get(pair, []), right.get(pair, []), since) if at is None else at
        if where is not None:
            before, after = _at(left.get(pair, []), where), _at(right.get(pair, []), where)
            if _value(before) != _value(after):
                found.append((pair, where, before, after))
    known = origins(connection, tree, [held.statement for _, _, before, after in found for held in (before, after) if held])
    facts = [
        Difference(
            entity=entity,
            attribute=attribute,
            position=where,
            before=json.loads(before.value) if before else None,
            after=json.loads(after.value) if after else None,
            before_origin=known[before.statement] if before else None,
            after_origin=known[after.statement] if after else None,
        )
        for (entity, attribute), where, before, after in found
    ]
    return (*facts, *_thread_differences(connection, one, other, at, since))


def _thread_differences(
    connection: Connection, one: Lineage, other: Lineage, at: StoryPosition | None, since: StoryPosition
) -> list[Difference]:
    left, right = thread_states(connection, one, at), thread_states(connection, other, at)
    return [
        Difference(
            entity=THREAD,
            attribute=name,
            position=at or since,
            before=_thread_value(left.get(name)),
            after=_thread_value(right.get(name)),
        )
        for name in sorted(left.keys() | right.keys())
        if left.get(name) != right.get(name)
    ]


def _thread_value(thread: Any) -> Any:
    return None if thread is None else {"text": thread.text, "closed": thread.closed}


def _at(line: Sequence[Held], where: StoryPosition) -> Held | None:
    return next((one for one in line if one.since <= where and (one.ends is None or where < one.ends)), None)


def _value(held: Held | None) -> str:
    return _NOTHING if held is None else held.value


def _first_difference(left: Sequence[Held], right: Sequence[Held], since: StoryPosition) -> StoryPosition | None:
    moments = {since} | {one.since for one in (*left, *right)} | {one.ends for one in (*left, *right) if one.ends is not None}
    for moment in sorted(moments):
        if _value(_at(left, moment)) != _value(_at(right, moment)):
            return moment
    return None


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

    def own(self, line: Lineage, column: Any, position: Any) -> Any:
        """An SQL condition: rows of `line` since the two parted, and before `until`."""
        seen = line.sees(column, position) & (position >= self.since)
        return seen if self.until is None else seen & (position < self.until)


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

    What only one side states is taken as it is. Where both state an attribute and end up holding different things, `choose`
    (`entity.attribute` -> side), else `rule`, settles it; MergeConflict names all that neither settles, and nothing is written.
    """
    ours, theirs = tree.lineage(target), tree.lineage(source)
    since = common_past(ours, theirs)
    if since is None:
        raise MemoryRefusal(f"{source} and {target} are the same branch; name two")
    sides = _Sides(ours, theirs, since, until)
    found = [
        one for one in differences(connection, tree, ours, theirs, begin=sides.begin) if until is None or one.position < until
    ]
    stated, over = _stated(connection, sides, ours), _stated(connection, sides, theirs)
    # a thread that theirs does not know cannot be taken away from ours
    moving = [one for one in found if _key(one) in over and (one.entity != THREAD or one.after is not None)]
    contested = [one for one in moving if _key(one) in stated]
    picked: dict[str, Side | None] = {_key(one): _pick(_key(one), rule, choose or {}) for one in contested}
    if unknown := sorted((choose or {}).keys() - {_key(one) for one in found}):
        raise MemoryRefusal(f"nothing differs in {', '.join(unknown)}; differences: {', '.join(map(_key, found)) or 'none'}")
    if open_ones := [one for one in contested if picked[_key(one)] is None]:
        raise MergeConflict(source, target, tuple(open_ones))
    taken = [one for one in moving if _key(one) not in stated]
    won = [one for one in contested if picked[_key(one)] == "theirs"]
    if taken or won:
        _write(connection, tree, sides, taken, won, source)
    return Merged(taken=tuple(taken), settled=tuple(contested))


def _key(one: Difference) -> str:
    return f"{one.entity}.{one.attribute}"


def _pick(key: str, rule: Rule, choose: Mapping[str, Side]) -> Side | None:
    return choose.get(key) or (None if rule == "ask" else rule)


def _stated(connection: Connection, sides: _Sides, line: Lineage) -> set[str]:
    """Which attributes and threads one side says anything about since the two parted, as `entity.attribute`."""
    said = (
        select(EntityRow.slug, StatementRow.attribute)
        .join(EntityRow, EntityRow.id == StatementRow.entity_id)
        .where(sides.own(line, StatementRow.branch_id, StatementRow.since))
        .distinct()
    )
    events = select(ThreadRow.thread).where(sides.own(line, ThreadRow.branch_id, ThreadRow.position)).distinct()
    return {f"{slug}.{attribute}" for slug, attribute in connection.execute(said)} | {
        f"{THREAD}.{thread}" for thread in connection.scalars(events)
    }


def _write(
    connection: Connection,
    tree: BranchTree,
    sides: _Sides,
    taken: Collection[Difference],
    won: Collection[Difference],
    source: str,
) -> None:
    branch = sides.ours.branch
    commit = new_commit(connection, branch, "merge", sides.since, note=source)
    rows = connection.execute(
        select(StatementRow.__table__).where(sides.own(sides.theirs, StatementRow.branch_id, StatementRow.since))
    ).mappings()
    entities = known_entities(connection, {one.entity for one in (*taken, *won)})
    wanted = {(entities[one.entity], one.attribute) for one in taken if one.entity != THREAD}
    copied = _in_own_time([row for row in rows if (row["entity_id"], row["attribute"]) in wanted], sides.ours.fork)
    for one in won:
        if one.entity != THREAD:
            copied += _enforced(connection, sides, (one.entity, entities[one.entity], one.attribute), one.position)
    _insert_statements(connection, branch, commit, copied)
    _copy_threads(connection, sides, commit, {one.attribute: one.after for one in (*taken, *won) if one.entity == THREAD})
    touched: dict[Pair, StoryPosition] = {}
    for row in copied:
        pair = row["entity_id"], row["attribute"]
        touched[pair] = min(row["since"], touched.get(pair, row["since"]))
    settle(connection, tree, branch, touched)


def _in_own_time(rows: Sequence[Mapping[Any, Any]], fork: StoryPosition) -> list[dict[str, Any]]:
    """Statements as a branch that is on its own from `fork` on can make them: what was said earlier begins there.

    Among each other they rank as before, and below all that is said of `fork` itself.
    """
    early = [row for row in rows if row["since"] < fork and (row["stated_end"] is None or row["stated_end"] > fork)]
    early.sort(key=lambda row: Statement(value="", **{name: row[name] for name in _RANKED}).rank)
    found = [dict(row) for row in rows if row["since"] >= fork]
    for number, row in enumerate(early):
        evidence: Evidence = "user" if row["evidence"] == "user" else "planned"
        found.append({**row, "since": fork, "evidence": evidence, "stated_at": _BEGINNING, "ordinal": number})
    return found


def _insert_statements(connection: Connection, branch: int, commit: int, rows: Sequence[Mapping[str, Any]]) -> None:
    first = next_id(connection, StatementRow)
    anew = {"branch_id": branch, "commit_id": commit, "overruled": None}
    found = [{**row, **anew, "id": first + number, "reach": row["stated_end"]} for number, row in enumerate(rows)]
    if found:
        connection.execute(insert(StatementRow), found)


def _enforced(connection: Connection, sides: _Sides, pair: tuple[str, int, str], since: StoryPosition) -> list[dict[str, Any]]:
    """What their side holds of one attribute, said so that it outranks all that ours has told until its end.

    Up to the end of what ours has told (or `until`) it is the user's word; after that it stands as what the story says, open to
    change.
    """
    slug, entity, attribute = pair
    told = select(func.max(SceneRow.position)).where(sides.ours.sees(SceneRow.branch_id, SceneRow.position))
    seen = sides.ours.sees(StatementRow.branch_id, StatementRow.since)
    mine = (StatementRow.entity_id == entity, StatementRow.attribute == attribute, seen)
    said = connection.execute(
        select(StatementRow.since, StatementRow.stated_end, StatementRow.evidence, StatementRow.stated_at).where(*mine)
    ).all()
    by_user = [one for one in said if one.evidence == "user"]
    latest = max([since, *(one.stated_at for one in said)])
    last = max([since, *(one.since for one in said), *filter(None, [connection.execute(told).scalar()])])
    after = max([StoryPosition(last.episode, last.scene + 1), *(one.stated_end for one in by_user if one.stated_end is not None)])
    after = after if sides.until is None else min(after, sides.until)
    later: Evidence = "user" if any(one.stated_end is None for one in by_user) else "planned"
    ordinal = next_ordinal(connection)
    found: list[dict[str, Any]] = []

    def say(value: str, begins: StoryPosition, ends: StoryPosition | None, evidence: Evidence) -> None:
        # what only stands until the story goes on gives way to the scene that does
        rank = {"stated_at": max(begins, latest) if evidence == "user" else _BEGINNING, "ordinal": ordinal + len(found)}
        told = {"value": json.loads(value), "since": begins, "stated_end": ends, "evidence": evidence}
        found.append({"entity_id": entity, "attribute": attribute, **told, **rank})

    line = _without_gaps(timelines(connection, sides.theirs, since, entity=entity).get((slug, attribute), []), since)
    for begins, ends, value in _before(line, sides.until):
        if begins < after:
            stops = after if ends is None else min(ends, after)
            cuts = [begins, *sorted({one.since for one in by_user if begins < one.since < stops}), stops]
            for start, stop in pairwise(cuts):
                say(value, start, stop, "user")
        if ends is None or ends > after:
            say(value, max(begins, after), ends, later)
    return found


def _before(line: Iterable[_Stretch], until: StoryPosition | None) -> Iterator[_Stretch]:
    """What begins before `until`; the last of it goes on."""
    for begins, ends, value in line:
        if until is None or begins < until:
            yield begins, ends if until is None or (ends is not None and ends < until) else None, value


def _without_gaps(line: Sequence[Held], since: StoryPosition) -> Iterator[_Stretch]:
    """A timeline from `since` on, with null where nothing is known."""
    at: StoryPosition | None = since
    for one in line:
        if at is not None and at < one.since:
            yield at, one.since, _NOTHING
        yield one.since, one.ends, one.value
        at = one.ends
    if at is not None:
        yield at, None, _NOTHING


def _copy_threads(connection: Connection, sides: _Sides, commit: int, threads: Mapping[str, Any]) -> None:
    """Bring their events of some threads (with what becomes of each there) over, after all that ours says about them."""
    if not threads:
        return
    ours = select(ThreadRow.thread, func.max(ThreadRow.position)).where(
        sides.ours.sees(ThreadRow.branch_id, ThreadRow.position), ThreadRow.thread.in_(threads)
    )
    if sides.until is not None:
        ours = ours.where(ThreadRow.position < sides.until)
    last = dict(connection.execute(ours.group_by(ThreadRow.thread)).all())
    events = connection.execute(
        select(ThreadRow.thread, ThreadRow.text, ThreadRow.position)
        .where(sides.own(sides.theirs, ThreadRow.branch_id, ThreadRow.position), ThreadRow.thread.in_(threads))
        .order_by(ThreadRow.position, ThreadRow.id)
    ).all()
    told: list[tuple[str, str | None, StoryPosition]] = []
    for thread, text, position in events:
        if text is None and thread not in {one for one, _, _ in told}:  # what they close is what they opened, not ours
            told.append((thread, threads[thread]["text"], position))
        told.append((thread, text, position))
    first = next_id(connection, ThreadRow)
    rows = [
        {
            "id": first + number,
            "commit_id": commit,
            "branch_id": sides.ours.branch,
            "position": max(position, last.get(thread, position), sides.ours.fork),
            "thread": thread,
            "text": text,
        }
        for number, (thread, text, position) in enumerate(told)
    ]
    if rows:
        connection.execute(insert(ThreadRow), rows)
