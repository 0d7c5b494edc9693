"""Making and deleting branches. Each function is part of one transaction."""

from __future__ import annotations

from sqlalchemy import Connection, delete, insert

from memory.changes.derive_spans import derive_branch, next_id
from memory.changes.retraction import delete_unused_entities, entities_of_branch
from memory.errors import MemoryRefusal
from memory.model.facts import StoryPosition
from memory.schema.branch_lineage import BRANCH_NAME, MOST_FORKS, BranchTree
from memory.schema.tables import MAIN, BranchRow, CommitRow, SceneRow, SpanRow

__all__ = ["delete_branch", "fork"]


def fork(connection: Connection, tree: BranchTree, name: str, at: StoryPosition, parent: str) -> None:
    """Begin a branch. It shares everything before `at` with `parent`, and is on its own from there. Raises MemoryFault."""
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
    derive_branch(connection, BranchTree(connection).lineage_of(row))


def delete_branch(connection: Connection, tree: BranchTree, name: str) -> None:
    """Delete a branch with everything that is its own. Raises MemoryFault for `main`, and for one that others fork from."""
    row = tree.id_of(name)
    if tree.parents[row] is None:
        raise MemoryRefusal(
            f"{name} is the series itself and cannot be deleted; roll it back: episodic memory rollback --to EPISODE:SCENE"
        )
    if children := [tree.names[child] for child in tree.children(row)]:
        raise MemoryRefusal(f"{', '.join(children)} forks from {name}; delete that first")
    mentioned = entities_of_branch(connection, row)
    connection.execute(delete(SpanRow).where(SpanRow.branch_id == row))
    connection.execute(delete(CommitRow).where(CommitRow.branch_id == row))
    connection.execute(delete(SceneRow).where(SceneRow.branch_id == row))
    connection.execute(delete(BranchRow).where(BranchRow.id == row))
    delete_unused_entities(connection, mentioned)
