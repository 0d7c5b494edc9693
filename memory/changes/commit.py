"""Writing to memory: a finished scene, an edit by hand, and taking either back. Each function is part of one transaction."""

from __future__ import annotations

import re
import sys
from array import array
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection, delete, func, insert, literal, select

from memory.changes.derive_spans import Pair, Written, next_id, settle
from memory.errors import MemoryRefusal
from memory.model.canon import STORY
from memory.model.entities import IDENTITY, RELATION, relation_facts, relation_words
from memory.model.facts import Fact, FactValue, StoryPosition
from memory.model.records import SceneRecord
from memory.schema import pgvector
from memory.schema.branch_lineage import BranchTree
from memory.schema.tables import (
    AppearanceRow,
    BranchRow,
    CommitKind,
    CommitRow,
    EmbeddingRow,
    EntityRow,
    KeyFrameRow,
    SceneRow,
    StatementRow,
    TakeRow,
    ThreadRow,
)
from memory.schema.validation import check_attribute, check_note, check_record, check_value

__all__ = [
    "add_statements",
    "commit_scene",
    "edit",
    "entities_of",
    "forget_strangers",
    "known_entities",
    "new_commit",
    "next_ordinal",
    "retract_scenes",
    "rollback",
    "unset",
]

_ID: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
_LAST: Final = 999_999
_LARGEST_SCENE: Final = 1_000_000


def commit_scene(connection: Connection, tree: BranchTree, record: SceneRecord) -> Written | None:
    """Add a finished scene; None where it is there already with the same key.

    Raises MemoryFault.
    """
    facts = (*record.facts, *relation_facts(record.relations, record.position))
    where = f"{record.position} ({record.scene_id})"
    _check_record(record, facts, where)
    branch = tree.id_of(record.branch)
    _check_fork(tree, branch, record.branch, (record.position, *(fact.since for fact in facts)), where)
    there = connection.execute(
        select(SceneRow.id, SceneRow.key).where(SceneRow.branch_id == branch, SceneRow.position == record.position)
    ).one_or_none()
    if there is not None and there.key == record.key:
        return None
    touched, released = _retract(connection, [there.id]) if there is not None else ({}, set())
    scene = next_id(connection, SceneRow)
    told = {one: getattr(record, one) for one in ("position", "scene_id", "title", "synopsis", "key")}
    connection.execute(insert(SceneRow), [{"id": scene, "branch_id": branch, **told}])
    commit = new_commit(connection, branch, "scene", record.position, scene=scene)
    entities = _introduce(connection, record, facts, where)
    _insert(
        connection,
        AppearanceRow,
        [
            {"scene_id": scene, "entity_id": entities[one.id], "branch_id": branch, "position": record.position}
            for one in record.entities
        ],
    )
    # openings before closings: a scene may open a thread and close it
    events = [*record.opens.items(), *((thread, None) for thread in record.closes)]
    _add_threads(connection, commit, branch, record.position, events)
    _add_takes(connection, scene, record, entities)
    for pair, since in add_statements(connection, branch, commit, record.position, facts, entities).items():
        touched[pair] = min(since, touched.get(pair, since))
    overruled = settle(connection, tree, branch, touched)
    forget_strangers(connection, released - set(entities.values()))
    return Written(commit, overruled)


def edit(connection: Connection, tree: BranchTree, branch: str, fact: Fact, note: str) -> Written:
    """Add what the user says by hand. Raises MemoryFault."""
    where = f"{fact.entity}.{fact.attribute}"
    if fact.attribute in IDENTITY:
        raise MemoryRefusal(
            f"{where}: {fact.attribute} is part of who {fact.entity} is, which lasts; change it in the plan, under `cast` or `locations`"
        )
    check_note(note)
    check_attribute(fact.attribute, fact.entity)
    _check_facts([fact])
    _check_positions([fact.since, *([fact.until] if fact.until else [])], where)
    row = tree.id_of(branch)
    _check_fork(tree, row, branch, [fact.since], where)
    entities = known_entities(connection, [fact.entity])
    if fact.entity == STORY and not entities:  # there always is one
        entities = {STORY: next_id(connection, EntityRow)}
        _insert(connection, EntityRow, [{"id": entities[STORY], "slug": STORY, "kind": "story", "character_kind": None}])
    named = {fact.entity, *_objects([fact])}
    if strangers := sorted(named - {*entities, *known_entities(connection, named)}):
        raise MemoryRefusal(f"{where}: no entity {strangers[0]!r}; known: {_known(connection)}")
    said = select(StatementRow.id).join(EntityRow, EntityRow.id == StatementRow.entity_id)
    mine = (StatementRow.branch_id == row, StatementRow.evidence == "user", EntityRow.slug == fact.entity)
    same = connection.scalars(said.where(*mine, StatementRow.attribute == fact.attribute, StatementRow.since == fact.since)).all()
    # saying it again for the same position replaces what was said
    touched = dict(_take_back(connection, same))
    commit = new_commit(connection, row, "edit", fact.since, note=note)
    touched |= add_statements(connection, row, commit, None, [fact], entities)
    return Written(commit, settle(connection, tree, row, touched))


def unset(connection: Connection, tree: BranchTree, branch: str, entity: str, attribute: str) -> int:
    """Take back everything the user said about one attribute on the branch itself; how many statements that were."""
    row = tree.id_of(branch)
    said = select(StatementRow.id).join(EntityRow, EntityRow.id == StatementRow.entity_id)
    mine = (StatementRow.branch_id == row, StatementRow.evidence == "user", EntityRow.slug == entity)
    found = connection.scalars(said.where(*mine, StatementRow.attribute == attribute)).all()
    touched = _take_back(connection, found)
    settle(connection, tree, row, touched)
    forget_strangers(connection, _mentioned(connection, touched))
    return len(found)


def rollback(connection: Connection, tree: BranchTree, branch: str, position: StoryPosition) -> int:
    """Take back every scene and every statement after `position`; how many scenes and edits that were. Raises MemoryFault."""
    row = tree.id_of(branch)
    scenes = connection.execute(
        select(SceneRow.id, SceneRow.position).where(SceneRow.branch_id == row, SceneRow.position > position)
    ).all()
    later = connection.execute(
        select(StatementRow.id, StatementRow.since, StatementRow.commit_id)
        .join(CommitRow, CommitRow.id == StatementRow.commit_id)
        .where(StatementRow.branch_id == row, StatementRow.since > position, CommitRow.kind != "scene")
    ).all()
    events = connection.execute(
        select(ThreadRow.id, ThreadRow.position, ThreadRow.commit_id)
        .join(CommitRow, CommitRow.id == ThreadRow.commit_id)
        .where(ThreadRow.branch_id == row, ThreadRow.position > position, CommitRow.kind != "scene")
    ).all()
    of_scenes = select(CommitRow.id).where(CommitRow.scene_id.in_([scene for scene, _ in scenes]))
    # a scene can speak of what was before it
    earliest = connection.execute(select(func.min(StatementRow.since)).where(StatementRow.commit_id.in_(of_scenes))).scalar()
    gone = (
        [at for _, at in scenes]
        + [row.since for row in later]
        + [row.position for row in events]
        + ([earliest] if earliest else [])
    )
    for child in tree.children(row):
        if gone and min(gone) < tree.forks[child]:
            name = tree.names[child]
            raise MemoryRefusal(
                f"{branch}: branch {name!r} forks at {tree.forks[child]} and shares what would be taken back; "
                f"roll back to {tree.forks[child]} or later, or delete the branch first: episodic memory branch {name} --delete"
            )
    if position < tree.forks[row] and tree.parents[row] is not None:
        raise MemoryRefusal(
            f"{branch}: forks at {tree.forks[row]}; what lies before belongs to {tree.names[tree.parents[row] or 0]}"
        )
    commits = {commit for _, _, commit in (*later, *events)}
    connection.execute(delete(ThreadRow).where(ThreadRow.id.in_([one for one, _, _ in events])))
    touched = _take_back(connection, [one for one, _, _ in later], commits)
    released = _mentioned(connection, touched)
    more, also = _retract(connection, [one for one, _ in scenes])
    for pair, since in more.items():
        touched[pair] = min(since, touched.get(pair, since))
    settle(connection, tree, row, touched)
    forget_strangers(connection, released | also)
    return len(scenes) + len(commits)


def retract_scenes(connection: Connection, tree: BranchTree, branch: int, scenes: Collection[int]) -> None:
    """Take back scenes with all they left."""
    touched, released = _retract(connection, scenes)
    settle(connection, tree, branch, touched)
    forget_strangers(connection, released)


def new_commit(
    connection: Connection, branch: int, kind: CommitKind, position: StoryPosition, *, scene: int | None = None, note: str = ""
) -> int:
    """Begin a change; its id."""
    commit = next_id(connection, CommitRow)
    row = {"id": commit, "branch_id": branch, "kind": kind, "position": position, "scene_id": scene, "note": note}
    connection.execute(insert(CommitRow), [row])
    return commit


def add_statements(
    connection: Connection,
    branch: int,
    commit: int,
    stated_at: StoryPosition | None,
    facts: Sequence[Fact],
    entities: Mapping[str, int],
) -> dict[Pair, StoryPosition]:
    """Add what a commit says; which attributes that touches. `stated_at` None: by hand, each fact where it begins, the latest last."""
    by_hand = 0 if stated_at is not None else next_ordinal(connection)
    first, touched = next_id(connection, StatementRow), dict[Pair, StoryPosition]()
    rows: list[dict[str, Any]] = []
    for number, fact in enumerate(facts):
        pair = entities[fact.entity], fact.attribute
        touched[pair] = min(fact.since, touched.get(pair, fact.since))
        rows.append(
            {
                "id": first + number,
                "branch_id": branch,
                "entity_id": pair[0],
                "attribute": fact.attribute,
                "value": fact.value,
                "since": fact.since,
                "stated_end": fact.until,
                "evidence": fact.evidence,
                "commit_id": commit,
                "stated_at": stated_at or fact.since,
                "ordinal": by_hand + number,
                "reach": fact.until,
                "overruled": None,
            }
        )
    _insert(connection, StatementRow, rows)
    return touched


def next_ordinal(connection: Connection) -> int:
    """What sorts a statement by hand after all that were made before it, and after all that a scene can state."""
    last = select(func.coalesce(func.max(StatementRow.ordinal), 0)).where(StatementRow.evidence == "user")
    return max(int(connection.execute(last).scalar_one()), _LARGEST_SCENE) + 1


def _insert(connection: Connection, table: type[Any], rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        connection.execute(insert(table), rows)


def known_entities(connection: Connection, slugs: Collection[str]) -> dict[str, int]:
    """The rows of those entities that memory knows, by id."""
    rows = connection.execute(select(EntityRow.slug, EntityRow.id).where(EntityRow.slug.in_(slugs)))
    return dict(rows.all())


def _objects(facts: Iterable[Fact]) -> set[str]:
    """Whom facts say something about besides their entities."""
    return {fact.attribute.removeprefix(RELATION) for fact in facts if fact.attribute.startswith(RELATION)}


def _known(connection: Connection) -> str:
    return ", ".join(connection.scalars(select(EntityRow.slug).order_by(EntityRow.slug))) or "none"


def _introduce(connection: Connection, record: SceneRecord, facts: Iterable[Fact], where: str) -> dict[str, int]:
    """Rows of all entities the record names, by id; those it brings in are added."""
    pictured = {each.entity for take in record.takes for each in take.embeddings}
    pictured |= {entity for take in record.takes for frame in take.key_frames for entity in frame.shows}
    named = {one.id for one in record.entities} | {fact.entity for fact in facts} | _objects(facts) | pictured
    rows = connection.execute(select(EntityRow.__table__).where(EntityRow.slug.in_(named)))
    known = {row.slug: row for row in rows}
    found = {slug: row.id for slug, row in known.items()}
    new: list[dict[str, Any]] = []
    free = next_id(connection, EntityRow) if any(one.id not in known for one in record.entities) else 0
    for one in record.entities:
        there = known.get(one.id)
        if there is None:
            found[one.id] = free + len(new)
            new.append({"id": found[one.id], "slug": one.id, "kind": one.kind, "character_kind": one.character_kind})
        elif (there.kind, there.character_kind) != (one.kind, one.character_kind):
            raise MemoryRefusal(
                f"{where}: {one.id} is a {_kind(one)} here and a {_kind(there)} in the series so far; give the new one another id"
            )
    if strangers := sorted(named - found.keys()):
        raise MemoryRefusal(
            f"{where}: states something about {', '.join(strangers)}, whom nobody introduced; "
            f"known: {_known(connection)}; list the new ones among the scene's entities"
        )
    _insert(connection, EntityRow, new)
    return found


def _kind(one: Any) -> str:
    return f"{one.kind} ({one.character_kind})" if one.character_kind else str(one.kind)


def _add_threads(
    connection: Connection, commit: int, branch: int, position: StoryPosition, events: Iterable[tuple[str, str | None]]
) -> None:
    told = list(events)
    first = next_id(connection, ThreadRow) if told else 0
    rows = [
        {"id": first + number, "commit_id": commit, "branch_id": branch, "position": position, "thread": thread, "text": text}
        for number, (thread, text) in enumerate(told)
    ]
    _insert(connection, ThreadRow, rows)


def _add_takes(connection: Connection, scene: int, record: SceneRecord, entities: Mapping[str, int]) -> None:
    accepted, *last = connection.execute(_LAST_TAKES).one()
    first, first_frame, vector = (one + 1 for one in last)
    takes: list[dict[str, Any]] = []
    frames: list[dict[str, Any]] = []
    vectors: list[dict[str, Any]] = []
    for number, take in enumerate(record.takes):
        told = {one: getattr(take, one) for one in ("shot_id", "artifact", "seed")}
        measures = {"measures": dict(take.measures), "accepted": accepted + number + 1}
        takes.append({"id": first + number, "scene_id": scene, **told, **measures})
        for frame in take.key_frames:
            shows = {
                entity: {"box": list(one.box), "likeness": one.likeness, "verified": one.verified}
                for entity, one in frame.shows.items()
            }
            told = {one: getattr(frame, one) for one in ("frame", "artifact", "file", "quality", "novelty")}
            frames.append({"id": first_frame + len(frames), "take_id": first + number, **told, "shows": shows})
        vectors += [
            {
                "take_id": first + number,
                "entity_id": entities[one.entity],
                "kind": one.kind,
                "encoder": one.encoder,
                "vector": packed(one.vector),
                "likeness": one.likeness,
                "verified": one.verified,
            }
            for one in take.embeddings
        ]
    if record.text_embedding:
        text = {"take_id": None, "entity_id": None, "kind": "text", "encoder": record.text_encoder, "likeness": None}
        vectors.append({**text, "vector": packed(record.text_embedding), "verified": True})
    _insert(connection, TakeRow, takes)
    _insert(connection, KeyFrameRow, frames)
    rows = [{"id": vector + number, "scene_id": scene, **one} for number, one in enumerate(vectors)]
    _insert(connection, EmbeddingRow, rows)
    pgvector.store_vectors(connection, [(row["id"], row["vector"]) for row in rows])


def _largest(column: Any) -> Any:
    return select(func.coalesce(func.max(column), 0)).scalar_subquery()


_LAST_TAKES: Final = select(_largest(TakeRow.accepted), *(_largest(table.id) for table in (TakeRow, KeyFrameRow, EmbeddingRow)))


def packed(vector: Iterable[float]) -> bytes:
    """Little-endian float32, whatever the machine."""
    numbers = array("f", vector)
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers.tobytes()


def _take_back(connection: Connection, statements: Collection[int], commits: Collection[int] = ()) -> dict[Pair, StoryPosition]:
    """Delete statements, and those of their commits (and `commits`) that are empty without them; which attributes that touches."""
    touched: dict[Pair, StoryPosition] = {}
    rows = connection.execute(
        select(StatementRow.entity_id, StatementRow.attribute, StatementRow.since, StatementRow.commit_id).where(
            StatementRow.id.in_(statements)
        )
    ).all()
    for entity, attribute, since, _ in rows:
        touched[entity, attribute] = min(since, touched.get((entity, attribute), since))
    connection.execute(delete(StatementRow).where(StatementRow.id.in_(statements)))
    emptied = {row.commit_id for row in rows} | set(commits)
    used = set(connection.scalars(select(StatementRow.commit_id).where(StatementRow.commit_id.in_(emptied)).distinct()))
    used |= set(connection.scalars(select(ThreadRow.commit_id).where(ThreadRow.commit_id.in_(emptied)).distinct()))
    # a scene's commit stays as long as the scene, even if it says nothing any more
    connection.execute(delete(CommitRow).where(CommitRow.id.in_(emptied - used), CommitRow.kind != "scene"))
    return touched


def _mentioned(connection: Connection, touched: Mapping[Pair, StoryPosition]) -> set[int]:
    """Whom statements about these attributes name."""
    related = {attribute.removeprefix(RELATION) for _, attribute in touched if attribute.startswith(RELATION)}
    return {entity for entity, _ in touched} | set(known_entities(connection, related).values())


def entities_of(connection: Connection, branch: int) -> set[int]:
    """Everybody whom a branch itself shows or names."""
    pairs = connection.execute(
        select(StatementRow.entity_id, StatementRow.attribute).where(StatementRow.branch_id == branch).distinct()
    )
    found = _mentioned(connection, {(entity, attribute): StoryPosition(0) for entity, attribute in pairs})
    found |= set(connection.scalars(select(AppearanceRow.entity_id).where(AppearanceRow.branch_id == branch).distinct()))
    return found | _pictured(connection, select(SceneRow.id).where(SceneRow.branch_id == branch))


def _pictured(connection: Connection, scenes: Any) -> set[int]:
    seen = select(EmbeddingRow.entity_id).where(EmbeddingRow.scene_id.in_(scenes), EmbeddingRow.entity_id.is_not(None))
    return set(connection.scalars(seen.distinct()))


def _retract(connection: Connection, scenes: Collection[int]) -> tuple[dict[Pair, StoryPosition], set[int]]:
    """Delete scenes with all they left; which attributes that touches, and who was in them."""
    commits = select(CommitRow.id).where(CommitRow.scene_id.in_(scenes))
    touched: dict[Pair, StoryPosition] = {}
    for entity, attribute, since in connection.execute(
        select(StatementRow.entity_id, StatementRow.attribute, StatementRow.since).where(StatementRow.commit_id.in_(commits))
    ):
        touched[entity, attribute] = min(since, touched.get((entity, attribute), since))
    released = _mentioned(connection, touched) | _pictured(connection, scenes)
    released |= set(connection.scalars(select(AppearanceRow.entity_id).where(AppearanceRow.scene_id.in_(scenes))))
    connection.execute(delete(SceneRow).where(SceneRow.id.in_(scenes)))
    return touched, released


def forget_strangers(connection: Connection, candidates: Collection[int]) -> None:
    """Delete those of the candidates that no scene shows and no statement names any more."""
    if not candidates:
        return
    seen = select(AppearanceRow.entity_id)
    # by branch: statements have an index for what a branch says of an entity
    named = select(StatementRow.entity_id).where(StatementRow.branch_id.in_(select(BranchRow.id)))
    pictured = select(EmbeddingRow.entity_id)
    unused = [
        (row, slug)
        for row, slug in connection.execute(
            select(EntityRow.id, EntityRow.slug).where(
                EntityRow.id.in_(candidates),
                ~seen.where(AppearanceRow.entity_id == EntityRow.id).exists(),
                ~named.where(StatementRow.entity_id == EntityRow.id).exists(),
                ~pictured.where(EmbeddingRow.entity_id == EntityRow.id).exists(),
            )
        )
    ]
    for row, slug in unused:
        related = select(literal(1)).where(StatementRow.attribute == f"{RELATION}{slug}").limit(1)
        if connection.execute(related).scalar() is None:
            connection.execute(delete(EntityRow).where(EntityRow.id == row))


def _check_record(record: SceneRecord, facts: Collection[Fact], where: str) -> None:
    """What a record must fulfil whatever is in memory. Raises MemoryFault."""
    check_record(record, where)
    _check_facts(facts, where)
    for one in record.entities:
        if not _ID.fullmatch(one.id):
            raise MemoryRefusal(f"{where}: {one.id[:60]!r} is not an id; expected small letters, digits and _, at most 40")
    _check_positions([record.position, *(each for fact in facts for each in (fact.since, fact.until) if each)], where)
    ids = [one.id for one in record.entities]
    if len(ids) != len(set(ids)):
        raise MemoryRefusal(f"{where}: lists an entity twice among {', '.join(ids)}")


def _check_facts(facts: Collection[Fact], where: str = "") -> None:
    before = f"{where}: " if where else ""
    for fact in facts:
        if not 0 < len(fact.attribute) <= 160:
            raise MemoryRefusal(
                f"{before}{fact.entity}: expected an attribute of 1 to 160 characters, found {fact.attribute[:60]!r}"
            )
        check_value(fact.value, f"{before}{fact.entity}.{fact.attribute}")
        if fact.attribute.startswith(RELATION) and not _is_relation(fact.value):
            raise MemoryRefusal(
                f"{before}{fact.entity}.{fact.attribute}: {str(fact.value)[:60]!r} is no relation; expected words with their strengths "
                'from 0 to 1, such as {"fears": 1.0}, or a list of words'
            )


def _is_relation(value: FactValue) -> bool:
    return value is None or (isinstance(value, list | dict) and len(relation_words(value)) == len(value))


def _check_positions(positions: Collection[StoryPosition], where: str) -> None:
    if max(one.scene for one in positions) > _LAST or max(one.episode for one in positions) > _LAST:
        raise MemoryRefusal(f"{where}: episodes and scenes count up to {_LAST:,}, found {max(positions)}")


def _check_fork(tree: BranchTree, branch: int, name: str, positions: Collection[StoryPosition], where: str) -> None:
    if tree.parents[branch] is not None and min(positions) < tree.forks[branch]:
        raise MemoryRefusal(
            f"{where}: {min(positions)} lies before the fork of branch {name} ({tree.forks[branch]}) and belongs to "
            f"{tree.names[tree.parents[branch] or 0]}; change it there, or fork earlier"
        )
