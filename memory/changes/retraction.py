"""Taking back scenes, edits and statements. Each function is part of one transaction."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, delete, func, literal, select

from memory.changes.derive_spans import update_derived
from memory.errors import MemoryRefusal
from memory.model.entities import RELATION
from memory.model.facts import StoryPosition
from memory.queries.statements import EntityAttribute, entity_rows
from memory.schema.branch_lineage import BranchTree
from memory.schema.tables import (
    AppearanceRow,
    BranchRow,
    CommitRow,
    EmbeddingRow,
    EntityRow,
    SceneRow,
    StatementRow,
    ThreadRow,
)

__all__ = [
    "Removed",
    "delete_scenes",
    "delete_statements",
    "delete_unused_entities",
    "entities_of_branch",
    "merge_touched",
    "retract_scenes",
    "rollback",
    "unset",
    "user_statements",
]


class Removed(NamedTuple):
    """What the removal of scenes touches."""

    touched: dict[EntityAttribute, StoryPosition]
    """The attributes whose statements were removed, and from which position on."""
    entities: set[int]
    """The rows of the entities that were in the scenes. Nothing else may mention them now."""


def user_statements(branch: int, entity: str, attribute: str) -> Select[int]:
    """A query for the rows of what the user stated about one attribute on the branch itself."""
    return (
        select(StatementRow.id)
        .join(EntityRow, EntityRow.id == StatementRow.entity_id)
        .where(
            StatementRow.branch_id == branch,
            StatementRow.evidence == "user",
            EntityRow.slug == entity,
            StatementRow.attribute == attribute,
        )
    )


def unset(connection: Connection, tree: BranchTree, branch: str, entity: str, attribute: str) -> int:
    """Take back everything the user stated about one attribute on the branch itself; returns the number of statements."""
    row = tree.id_of(branch)
    statements = connection.scalars(user_statements(row, entity, attribute)).all()
    touched = delete_statements(connection, statements)
    update_derived(connection, tree, row, touched)
    delete_unused_entities(connection, _mentioned(connection, touched))
    return len(statements)


class _Later(NamedTuple):
    """What lies after the position of a rollback on the branch itself."""

    scenes: Sequence[Any]
    """Rows: id, position."""
    statements: Sequence[Any]
    """Rows of statements that no scene made: id, since, commit_id."""
    events: Sequence[Any]
    """Rows of thread events that no scene made: id, position, commit_id."""
    earliest: StoryPosition | None
    """The earliest position that a removed row speaks of; None: nothing is removed."""


def rollback(connection: Connection, tree: BranchTree, branch: str, position: StoryPosition) -> int:
    """Take back every scene and every statement after `position`; returns the number of scenes and edits. Raises MemoryFault."""
    row = tree.id_of(branch)
    later = _read_later(connection, row, position)
    for child in tree.children(row):
        if later.earliest is not None and later.earliest < tree.forks[child]:
            name = tree.names[child]
            raise MemoryRefusal(
                f"{branch}: branch {name!r} forks at {tree.forks[child]} and shares what would be taken back; "
                f"roll back to {tree.forks[child]} or later, or delete the branch first: episodic memory branch {name} --delete"
            )
    if position < tree.forks[row] and tree.parents[row] is not None:
        raise MemoryRefusal(
            f"{branch}: forks at {tree.forks[row]}; what lies before belongs to {tree.names[tree.parents[row] or 0]}"
        )
    commits = {commit for _, _, commit in (*later.statements, *later.events)}
    connection.execute(delete(ThreadRow).where(ThreadRow.id.in_([event for event, _, _ in later.events])))
    touched = delete_statements(connection, [statement for statement, _, _ in later.statements], commits)
    mentioned = _mentioned(connection, touched)
    removed = delete_scenes(connection, [scene for scene, _ in later.scenes])
    merge_touched(touched, removed.touched)
    update_derived(connection, tree, row, touched)
    delete_unused_entities(connection, mentioned | removed.entities)
    return len(later.scenes) + len(commits)


def _read_later(connection: Connection, branch: int, position: StoryPosition) -> _Later:
    scenes = connection.execute(
        select(SceneRow.id, SceneRow.position).where(SceneRow.branch_id == branch, SceneRow.position > position)
    ).all()
    statements = connection.execute(
        select(StatementRow.id, StatementRow.since, StatementRow.commit_id)
        .join(CommitRow, CommitRow.id == StatementRow.commit_id)
        .where(StatementRow.branch_id == branch, StatementRow.since > position, CommitRow.kind != "scene")
    ).all()
    events = connection.execute(
        select(ThreadRow.id, ThreadRow.position, ThreadRow.commit_id)
        .join(CommitRow, CommitRow.id == ThreadRow.commit_id)
        .where(ThreadRow.branch_id == branch, ThreadRow.position > position, CommitRow.kind != "scene")
    ).all()
    of_scenes = select(CommitRow.id).where(CommitRow.scene_id.in_([scene for scene, _ in scenes]))
    # a scene can state something about a time before it
    earliest = connection.execute(select(func.min(StatementRow.since)).where(StatementRow.commit_id.in_(of_scenes))).scalar()
    positions = [at for _, at in scenes] + [row.since for row in statements] + [row.position for row in events]
    return _Later(scenes, statements, events, min([*positions, *([earliest] if earliest else [])], default=None))


def retract_scenes(connection: Connection, tree: BranchTree, branch: int, scenes: Collection[int]) -> None:
    """Take back scenes with everything they left."""
    removed = delete_scenes(connection, scenes)
    update_derived(connection, tree, branch, removed.touched)
    delete_unused_entities(connection, removed.entities)


def merge_touched(touched: dict[EntityAttribute, StoryPosition], more: Mapping[EntityAttribute, StoryPosition]) -> None:
    """Add `more` to `touched`; of two positions for one attribute the earlier one counts."""
    for pair, since in more.items():
        touched[pair] = min(since, touched.get(pair, since))


def delete_statements(
    connection: Connection, statements: Collection[int], commits: Collection[int] = ()
) -> dict[EntityAttribute, StoryPosition]:
    """Delete statements, and those of their commits (and of `commits`) that are empty without them.

    Returns the attributes that this touches. Derived spans are not updated.
    """
    touched: dict[EntityAttribute, StoryPosition] = {}
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
    # a scene's commit stays as long as the scene, even if it states nothing any more
    connection.execute(delete(CommitRow).where(CommitRow.id.in_(emptied - used), CommitRow.kind != "scene"))
    return touched


def delete_scenes(connection: Connection, scenes: Collection[int]) -> Removed:
    """Delete scenes with everything they left. Derived spans are not updated."""
    commits = select(CommitRow.id).where(CommitRow.scene_id.in_(scenes))
    touched: dict[EntityAttribute, StoryPosition] = {}
    for entity, attribute, since in connection.execute(
        select(StatementRow.entity_id, StatementRow.attribute, StatementRow.since).where(StatementRow.commit_id.in_(commits))
    ):
        touched[entity, attribute] = min(since, touched.get((entity, attribute), since))
    entities = _mentioned(connection, touched) | _pictured(connection, scenes)
    entities |= set(connection.scalars(select(AppearanceRow.entity_id).where(AppearanceRow.scene_id.in_(scenes))))
    connection.execute(delete(SceneRow).where(SceneRow.id.in_(scenes)))
    return Removed(touched, entities)


def _mentioned(connection: Connection, touched: Mapping[EntityAttribute, StoryPosition]) -> set[int]:
    """The rows of the entities that statements about these attributes name."""
    related = {attribute.removeprefix(RELATION) for _, attribute in touched if attribute.startswith(RELATION)}
    return {entity for entity, _ in touched} | set(entity_rows(connection, related).values())


def entities_of_branch(connection: Connection, branch: int) -> set[int]:
    """The rows of all entities that a branch itself shows or names."""
    pairs = connection.execute(
        select(StatementRow.entity_id, StatementRow.attribute).where(StatementRow.branch_id == branch).distinct()
    )
    entities = _mentioned(connection, {(entity, attribute): StoryPosition(0) for entity, attribute in pairs})
    entities |= set(connection.scalars(select(AppearanceRow.entity_id).where(AppearanceRow.branch_id == branch).distinct()))
    return entities | _pictured(connection, select(SceneRow.id).where(SceneRow.branch_id == branch))


def _pictured(connection: Connection, scenes: Collection[int] | Select[int]) -> set[int]:
    """The rows of the entities of which the scenes' takes have vectors."""
    query = select(EmbeddingRow.entity_id).where(EmbeddingRow.scene_id.in_(scenes), EmbeddingRow.entity_id.is_not(None))
    return {entity for entity in connection.scalars(query.distinct()) if entity is not None}


def delete_unused_entities(connection: Connection, candidates: Collection[int]) -> None:
    """Delete those of the candidates that no scene shows and no statement names any more."""
    if not candidates:
        return
    appearing = select(AppearanceRow.entity_id)
    # by branch: statements have an index by branch and entity
    stated = select(StatementRow.entity_id).where(StatementRow.branch_id.in_(select(BranchRow.id)))
    pictured = select(EmbeddingRow.entity_id)
    unused = [
        (row, slug)
        for row, slug in connection.execute(
            select(EntityRow.id, EntityRow.slug).where(
                EntityRow.id.in_(candidates),
                ~appearing.where(AppearanceRow.entity_id == EntityRow.id).exists(),
                ~stated.where(StatementRow.entity_id == EntityRow.id).exists(),
                ~pictured.where(EmbeddingRow.entity_id == EntityRow.id).exists(),
            )
        )
    ]
    for row, slug in unused:
        related = select(literal(1)).where(StatementRow.attribute == f"{RELATION}{slug}").limit(1)
        if connection.execute(related).scalar() is None:
            connection.execute(delete(EntityRow).where(EntityRow.id == row))
