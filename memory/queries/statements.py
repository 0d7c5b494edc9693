"""Stored statements, each with what is derived for it, and rows of entities by id."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, Text, and_, select, type_coerce, union_all

from memory.model.facts import StoryPosition
from memory.model.precedence import Statement
from memory.schema.branch_lineage import Lineage
from memory.schema.tables import EntityRow, StatementRow

__all__ = ["EntityAttribute", "StoredStatement", "entity_ids", "entity_rows", "relevant_statements"]

EntityAttribute = tuple[int, str]
"""The row of an entity, and an attribute."""

_STATEMENTS: Final = StatementRow.__table__


@dataclass(frozen=True, slots=True)
class StoredStatement:
    """A stored statement, with what is derived for it so far."""

    statement: Statement
    own: bool
    """Whether it is on the branch itself, not on one of its ancestors."""
    reach: StoryPosition | None
    overruled: int | None


def relevant_statements(
    connection: Connection, lineage: Lineage, entities: Collection[int], since: StoryPosition, *, ignore_reach: bool = False
) -> dict[EntityAttribute, list[StoredStatement]]:
    """Every statement about `entities` that can matter at `since` or later on the branch. `since` is not before the fork.

    `ignore_reach`: do not rely on the derived reach of the branch's own statements.
    """
    own, *shared = lineage.segments
    on_branch = StatementRow.branch_id == own.branch
    conditions = [on_branch if ignore_reach else and_(on_branch, StatementRow.reach >= since)]
    # an ancestor's statement counts if nothing closed it before the point at which the lines part
    conditions += [
        and_(StatementRow.branch_id == segment.branch, StatementRow.since < segment.until, StatementRow.reach >= segment.until)
        for segment in shared
    ]
    query = select(
        _STATEMENTS.c.id,
        _STATEMENTS.c.branch_id,
        _STATEMENTS.c.entity_id,
        _STATEMENTS.c.attribute,
        type_coerce(_STATEMENTS.c.value, Text),
        _STATEMENTS.c.since,
        _STATEMENTS.c.stated_end,
        _STATEMENTS.c.evidence,
        _STATEMENTS.c.stated_at,
        _STATEMENTS.c.ordinal,
        _STATEMENTS.c.reach,
        _STATEMENTS.c.overruled,
    ).where(StatementRow.entity_id.in_(entities))
    # one query for each part of the lineage: SQLite answers an `or` of them by reading every statement about the entities
    union = union_all(*(query.where(condition) for condition in conditions))
    statements: defaultdict[EntityAttribute, list[StoredStatement]] = defaultdict(list)
    rows = connection.execute(union).all()
    for row, branch, entity, attribute, value, begins, end, evidence, stated_at, ordinal, reach, overruled in rows:
        statement = Statement(
            id=row, value=value, since=begins, stated_end=end, evidence=evidence, stated_at=stated_at, ordinal=ordinal
        )
        statements[entity, attribute].append(StoredStatement(statement, branch == own.branch, reach, overruled))
    return statements


def entity_ids(connection: Connection) -> list[str]:
    """The ids of all entities, sorted."""
    return list(connection.scalars(select(EntityRow.slug).order_by(EntityRow.slug)))


def entity_rows(connection: Connection, slugs: Collection[str]) -> dict[str, int]:
    """The rows of those entities that memory knows, by id."""
    rows = connection.execute(select(EntityRow.slug, EntityRow.id).where(EntityRow.slug.in_(slugs)))
    return dict(rows.all())
