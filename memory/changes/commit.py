"""Adding to memory: a finished scene, and an edit by the user. Each function is part of one transaction."""

from __future__ import annotations

import sys
from array import array
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, func, insert, select

from memory.changes.derive_spans import next_id, update_derived
from memory.changes.retraction import (
    Removed,
    delete_scenes,
    delete_statements,
    delete_unused_entities,
    merge_touched,
    user_statements,
)
from memory.errors import MemoryRefusal
from memory.model.canon import STORY
from memory.model.entities import IDENTITY, RELATION, relation_facts, relation_words
from memory.model.facts import Fact, FactValue, StoryPosition
from memory.model.limits import ENTITY_ID, LAST_NUMBER
from memory.model.records import EmbeddingKind, EntityRecord, SceneRecord, TakeRecord
from memory.queries.history import CommitOutcome
from memory.queries.statements import EntityAttribute, entity_ids, entity_rows
from memory.schema import pgvector
from memory.schema.branch_lineage import BranchTree
from memory.schema.tables import (
    AppearanceRow,
    CommitKind,
    CommitRow,
    EmbeddingRow,
    EntityRow,
    InsertRow,
    KeyFrameRow,
    SceneRow,
    StatementRow,
    TakeRow,
    ThreadRow,
)
from memory.schema.validation import check_attribute, check_note, check_record, check_value

__all__ = ["add_statements", "commit_scene", "edit", "new_commit", "next_ordinal"]

_LARGEST_SCENE: Final = 1_000_000
"""More statements than any scene makes."""


def commit_scene(connection: Connection, tree: BranchTree, record: SceneRecord) -> CommitOutcome | None:
    """Add a finished scene; None where the same scene with the same key is there already. Raises MemoryFault."""
    facts = (*record.facts, *relation_facts(record.relations, record.position))
    where = f"{record.position} ({record.scene_id})"
    _check_record(record, facts, where)
    branch = tree.id_of(record.branch)
    _check_fork(tree, branch, record.branch, (record.position, *(fact.since for fact in facts)), where)
    old = connection.execute(
        select(SceneRow.id, SceneRow.key).where(SceneRow.branch_id == branch, SceneRow.position == record.position)
    ).one_or_none()
    if old is not None and old.key == record.key:
        return None
    touched, released = delete_scenes(connection, [old.id]) if old is not None else Removed({}, set())
    scene = next_id(connection, SceneRow)
    row: InsertRow = {
        "id": scene,
        "branch_id": branch,
        "position": record.position,
        "scene_id": record.scene_id,
        "title": record.title,
        "synopsis": record.synopsis,
        "key": record.key,
    }
    connection.execute(insert(SceneRow), [row])
    commit = new_commit(connection, branch, "scene", record.position, scene=scene)
    entities = _introduce(connection, record, facts, where)
    _insert(
        connection,
        AppearanceRow,
        [
            {"scene_id": scene, "entity_id": entities[entity.id], "branch_id": branch, "position": record.position}
            for entity in record.entities
        ],
    )
    # openings before closings: a scene may open a thread and close it
    events = [*record.opens.items(), *((thread, None) for thread in record.closes)]
    _add_threads(connection, commit, branch, record.position, events)
    _add_takes(connection, scene, record, entities)
    merge_touched(touched, add_statements(connection, branch, commit, record.position, facts, entities))
    overruled = update_derived(connection, tree, branch, touched)
    delete_unused_entities(connection, released - set(entities.values()))
    return CommitOutcome(commit, overruled)


def edit(connection: Connection, tree: BranchTree, branch: str, fact: Fact, note: str) -> CommitOutcome:
    """Add a fact that the user states. Raises MemoryFault."""
    where = f"{fact.entity}.{fact.attribute}"
    if fact.attribute in IDENTITY:
        raise MemoryRefusal(
            f"{where}: {fact.attribute} is part of the identity of {fact.entity} and cannot change; "
            "change it in the plan, under `cast` or `locations`"
        )
    check_note(note)
    check_attribute(fact.attribute, fact.entity)
    _check_facts([fact])
    _check_positions([fact.since, *([fact.until] if fact.until else [])], where)
    row = tree.id_of(branch)
    _check_fork(tree, row, branch, [fact.since], where)
    entities = entity_rows(connection, [fact.entity])
    if fact.entity == STORY and not entities:  # there always is one
        entities = {STORY: next_id(connection, EntityRow)}
        _insert(connection, EntityRow, [{"id": entities[STORY], "slug": STORY, "kind": "story", "character_kind": None}])
    named = {fact.entity, *_objects([fact])}
    if strangers := sorted(named - {*entities, *entity_rows(connection, named)}):
        raise MemoryRefusal(f"{where}: no entity {strangers[0]!r}; known: {_known(connection)}")
    # a second edit for the same position replaces the first one
    same = user_statements(row, fact.entity, fact.attribute).where(StatementRow.since == fact.since)
    touched = delete_statements(connection, connection.scalars(same).all())
    commit = new_commit(connection, row, "edit", fact.since, note=note)
    touched |= add_statements(connection, row, commit, None, [fact], entities)
    return CommitOutcome(commit, update_derived(connection, tree, row, touched))


def new_commit(
    connection: Connection, branch: int, kind: CommitKind, position: StoryPosition, *, scene: int | None = None, note: str = ""
) -> int:
    """Begin a change; returns its id."""
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
) -> dict[EntityAttribute, StoryPosition]:
    """Add the statements of a commit; returns the attributes that this touches.

    `stated_at` None: edits by the user. Each is stated where it begins, and the latest one ranks last.
    """
    first_ordinal = 0 if stated_at is not None else next_ordinal(connection)
    first, touched = next_id(connection, StatementRow), dict[EntityAttribute, StoryPosition]()
    rows: list[InsertRow] = []
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
                "ordinal": first_ordinal + number,
                "reach": fact.until,
                "overruled": None,
            }
        )
    _insert(connection, StatementRow, rows)
    return touched


def next_ordinal(connection: Connection) -> int:
    """The ordinal that ranks a user's statement after all that were made before it, and after all that a scene can state."""
    last = select(func.coalesce(func.max(StatementRow.ordinal), 0)).where(StatementRow.evidence == "user")
    return max(int(connection.execute(last).scalar_one()), _LARGEST_SCENE) + 1


def _insert(connection: Connection, table: type[Any], rows: Sequence[InsertRow]) -> None:
    """Insert rows, if there are any."""
    if rows:
        connection.execute(insert(table), rows)


def _objects(facts: Iterable[Fact]) -> set[str]:
    """The ids of the entities that are objects of relations."""
    return {fact.attribute.removeprefix(RELATION) for fact in facts if fact.attribute.startswith(RELATION)}


def _known(connection: Connection) -> str:
    """The ids of all entities, for messages."""
    return ", ".join(entity_ids(connection)) or "none"


def _introduce(connection: Connection, record: SceneRecord, facts: Iterable[Fact], where: str) -> dict[str, int]:
    """Add the entities that the record introduces; returns the rows of all that it names, by id. Raises MemoryFault."""
    pictured = {embedding.entity for take in record.takes for embedding in take.embeddings}
    pictured |= {entity for take in record.takes for frame in take.key_frames for entity in frame.shows}
    named = {entity.id for entity in record.entities} | {fact.entity for fact in facts} | _objects(facts) | pictured
    rows = connection.execute(select(EntityRow.__table__).where(EntityRow.slug.in_(named)))
    known = {row.slug: row for row in rows}
    entities = {slug: row.id for slug, row in known.items()}
    new: list[InsertRow] = []
    free = next_id(connection, EntityRow) if any(entity.id not in known for entity in record.entities) else 0
    for entity in record.entities:
        old = known.get(entity.id)
        if old is None:
            entities[entity.id] = free + len(new)
            new.append(
                {
                    "id": entities[entity.id],
                    "slug": entity.id,
                    "kind": entity.kind,
                    "character_kind": entity.character_kind,
                }
            )
        elif (old.kind, old.character_kind) != (entity.kind, entity.character_kind):
            raise MemoryRefusal(
                f"{where}: {entity.id} is a {_kind(entity)} here and a {_kind(old)} in the series so far; "
                "give the new one another id"
            )
    if strangers := sorted(named - entities.keys()):
        raise MemoryRefusal(
            f"{where}: states something about {', '.join(strangers)}, which no scene has introduced; "
            f"known: {_known(connection)}; list the new ones among the scene's entities"
        )
    _insert(connection, EntityRow, new)
    return entities


def _kind(entity: EntityRecord | Any) -> str:
    """The kind of a record or a row, as messages name it."""
    return f"{entity.kind} ({entity.character_kind})" if entity.character_kind else str(entity.kind)


def _add_threads(
    connection: Connection, commit: int, branch: int, position: StoryPosition, events: Sequence[tuple[str, str | None]]
) -> None:
    first = next_id(connection, ThreadRow) if events else 0
    rows: list[InsertRow] = [
        {"id": first + number, "commit_id": commit, "branch_id": branch, "position": position, "thread": thread, "text": text}
        for number, (thread, text) in enumerate(events)
    ]
    _insert(connection, ThreadRow, rows)


def _add_takes(connection: Connection, scene: int, record: SceneRecord, entities: Mapping[str, int]) -> None:
    """Add a scene's takes with their key frames and vectors."""
    accepted, *latest = connection.execute(_LATEST_ROWS).one()
    first, first_frame, first_vector = (row + 1 for row in latest)
    takes: list[InsertRow] = []
    frames: list[InsertRow] = []
    vectors: list[_NewVector] = []
    for number, take in enumerate(record.takes):
        takes.append(
            {
                "id": first + number,
                "scene_id": scene,
                "shot_id": take.shot_id,
                "artifact": take.artifact,
                "seed": take.seed,
                "measures": dict(take.measures),
                "accepted": accepted + number + 1,
            }
        )
        frames += _frame_rows(take, first + number)
        vectors += _vectors(take, first + number, entities)
    if record.text_embedding:
        packed = _packed(record.text_embedding)
        vectors.append(_NewVector(None, None, "text", record.text_encoder, packed, likeness=None, verified=True))
    _insert(connection, TakeRow, takes)
    _insert(connection, KeyFrameRow, [{"id": first_frame + number, **row} for number, row in enumerate(frames)])
    rows: list[InsertRow] = [
        {"id": first_vector + number, "scene_id": scene, **vector._asdict()} for number, vector in enumerate(vectors)
    ]
    _insert(connection, EmbeddingRow, rows)
    pgvector.store_vectors(connection, enumerate((vector.vector for vector in vectors), start=first_vector))


def _frame_rows(take: TakeRecord, row: int) -> list[InsertRow]:
    """The rows of a take's key frames, without their ids."""
    return [
        {
            "take_id": row,
            "frame": frame.frame,
            "artifact": frame.artifact,
            "file": frame.file,
            "quality": frame.quality,
            "novelty": frame.novelty,
            "shows": {
                entity: {"box": list(sighting.box), "likeness": sighting.likeness, "verified": sighting.verified}
                for entity, sighting in frame.shows.items()
            },
        }
        for frame in take.key_frames
    ]


class _NewVector(NamedTuple):
    """An embedding to insert, but for its id and scene."""

    take_id: int | None
    entity_id: int | None
    kind: EmbeddingKind
    encoder: str
    vector: bytes
    likeness: float | None
    verified: bool


def _vectors(take: TakeRecord, row: int, entities: Mapping[str, int]) -> list[_NewVector]:
    """The embeddings of a take."""
    return [
        _NewVector(
            take_id=row,
            entity_id=entities[embedding.entity],
            kind=embedding.kind,
            encoder=embedding.encoder,
            vector=_packed(embedding.vector),
            likeness=embedding.likeness,
            verified=embedding.verified,
        )
        for embedding in take.embeddings
    ]


def _largest(column: Any) -> Any:
    return select(func.coalesce(func.max(column), 0)).scalar_subquery()


_LATEST_ROWS: Final = select(_largest(TakeRow.accepted), *(_largest(table.id) for table in (TakeRow, KeyFrameRow, EmbeddingRow)))


def _packed(vector: Iterable[float]) -> bytes:
    """Little-endian float32, whatever the machine."""
    numbers = array("f", vector)
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers.tobytes()


def _check_record(record: SceneRecord, facts: Collection[Fact], where: str) -> None:
    """Check what every record must fulfil, whatever is in memory. Raises MemoryFault."""
    check_record(record, where)
    _check_facts(facts, where)
    for entity in record.entities:
        if not ENTITY_ID.fullmatch(entity.id):
            raise MemoryRefusal(f"{where}: {entity.id[:60]!r} is not an id; expected small letters, digits and _, at most 40")
    positions = [record.position, *(at for fact in facts for at in (fact.since, fact.until) if at)]
    _check_positions(positions, where)
    ids = [entity.id for entity in record.entities]
    if len(ids) != len(set(ids)):
        raise MemoryRefusal(f"{where}: lists an entity twice among {', '.join(ids)}")


def _check_facts(facts: Collection[Fact], where: str = "") -> None:
    """Check attributes and values of facts. Raises MemoryRefusal."""
    prefix = f"{where}: " if where else ""
    for fact in facts:
        if not 0 < len(fact.attribute) <= 160:
            raise MemoryRefusal(
                f"{prefix}{fact.entity}: expected an attribute of 1 to 160 characters, found {fact.attribute[:60]!r}"
            )
        check_value(fact.value, f"{prefix}{fact.entity}.{fact.attribute}")
        if fact.attribute.startswith(RELATION) and not _is_relation(fact.value):
            raise MemoryRefusal(
                f"{prefix}{fact.entity}.{fact.attribute}: {str(fact.value)[:60]!r} is not a relation; expected words with their "
                'strengths from 0 to 1, such as {"fears": 1.0}, or a list of words'
            )


def _is_relation(value: FactValue) -> bool:
    return value is None or (isinstance(value, list | dict) and len(relation_words(value)) == len(value))


def _check_positions(positions: Collection[StoryPosition], where: str) -> None:
    if max(at.scene for at in positions) > LAST_NUMBER or max(at.episode for at in positions) > LAST_NUMBER:
        raise MemoryRefusal(f"{where}: episodes and scenes count up to {LAST_NUMBER:,}, found {max(positions)}")


def _check_fork(tree: BranchTree, branch: int, name: str, positions: Collection[StoryPosition], where: str) -> None:
    if tree.parents[branch] is not None and min(positions) < tree.forks[branch]:
        raise MemoryRefusal(
            f"{where}: {min(positions)} lies before the fork of branch {name} ({tree.forks[branch]}) and belongs to "
            f"{tree.names[tree.parents[branch] or 0]}; change it there, or fork earlier"
        )
