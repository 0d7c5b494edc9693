"""The series' memory: what holds at a story position, and what each finished scene adds to it."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from sqlalchemy import Connection, Text, delete, func, insert, select, type_coerce

from memory.changes import branches as branching
from memory.changes import commit as committing
from memory.changes.branches import Rule, Side
from memory.changes.derive_spans import Written, settle_all
from memory.model.canon import Canon
from memory.model.facts import Fact, FactValue, StoryPosition
from memory.model.records import (
    BranchSummary,
    Committed,
    Conflict,
    Difference,
    EmbeddingKind,
    EpisodeSummary,
    Merged,
    SceneRecord,
    SceneSummary,
    VectorOwner,
)
from memory.queries import canon_at as holding
from memory.queries import history as reading
from memory.queries import search as searching
from memory.queries.search import KINDS, Findings, FoundKind
from memory.schema.branch_lineage import BranchTree, Lineage
from memory.schema.connection import Database
from memory.schema.tables import MAIN, AppearanceRow, EmbeddingRow, EntityRow, MetaRow, SceneRow, TakeRow, canonical_json
from memory.schema.validation import check_title

if TYPE_CHECKING:
    from memory.queries.embeddings import TextEncoder, Vectors
    from memory.queries.integrity import Fault
    from memory.queries.recall import Need, Recall
    from memory.queries.scene_vectors import SceneVectors

__all__ = ["MemoryStore"]


class MemoryStore:
    """What one series knows. Every method is one transaction: it sees, or leaves behind, whole changes only."""

    def __init__(self, database: Database) -> None:
        """Use `open`."""
        self._database = database
        self._kept: SceneVectors | None = None

    @classmethod
    def open(cls, location: str | Path, *, create: bool = False, patience_s: float = 5.0) -> MemoryStore:
        """Open the memory at `location`: a file (SQLite), or an SQLAlchemy URL. Older versions are brought up to date.

        `create` allows the file to be new; `patience_s` is how long to wait for another writer.
        Raises MemoryFault, DatabaseTooNew, DatabaseLocked.
        """
        store = cls(Database(location, create=create, patience_s=patience_s))
        try:
            store._derive_what_is_missing()
        except BaseException:
            store.close()
            raise
        return store

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    @contextmanager
    def _reading(self, branch: str = MAIN) -> Iterator[tuple[Connection, BranchTree, Lineage]]:
        with self._database.reading() as connection:
            tree = BranchTree(connection, self._database.name)
            yield connection, tree, tree.lineage(branch)

    @contextmanager
    def _writing(self) -> Iterator[tuple[Connection, BranchTree]]:
        with self._database.writing() as session:
            connection = session.connection()
            yield connection, BranchTree(connection, self._database.name)

    def _derive_what_is_missing(self) -> None:
        """Spans follow from statements: a migration only carries the latter over, and says which rule the former were made by."""
        with self._database.reading() as connection:
            if _rule_is_known(connection):
                return
        with self._writing() as (connection, tree):
            if not _rule_is_known(connection):  # another process may have been quicker
                settle_all(connection, tree)
                _set(connection, reading.RULE_NAME, reading.RULE)

    # Reading

    def as_of(self, position: StoryPosition, branch: str = MAIN) -> Canon:
        """All that holds at `position`: everything stated up to and including it."""
        with self._reading(branch) as (connection, _, lineage):
            return reading.canon(connection, lineage, position)

    def committed(self, branch: str = MAIN) -> dict[StoryPosition, str]:
        """The key of every committed scene, in story order, those that the branch shares included."""
        with self._reading(branch) as (connection, _, lineage):
            query = select(SceneRow.position, SceneRow.key).where(lineage.sees(SceneRow.branch_id, SceneRow.position))
            return dict(connection.execute(query.order_by(SceneRow.position)).all())

    def episodes(self, branch: str = MAIN) -> tuple[EpisodeSummary, ...]:
        """Every episode that has a committed scene, with its scenes, in story order."""
        takes = select(func.count()).where(TakeRow.scene_id == SceneRow.id).scalar_subquery()
        query = select(SceneRow.position, SceneRow.scene_id, SceneRow.title, SceneRow.synopsis, SceneRow.key, takes)
        with self._reading(branch) as (connection, _, lineage):
            seen = lineage.sees(SceneRow.branch_id, SceneRow.position)
            scenes = [
                SceneSummary(position=at, scene_id=scene, title=title, synopsis=synopsis, key=key, takes=count)
                for at, scene, title, synopsis, key, count in connection.execute(query.where(seen).order_by(SceneRow.position))
            ]
        by_episode = itertools.groupby(scenes, key=lambda one: one.position.episode)
        return tuple(EpisodeSummary(number=number, scenes=tuple(group)) for number, group in by_episode)

    def end(self, branch: str = MAIN) -> StoryPosition | None:
        """The position of the last committed scene; None if the series has not begun."""
        with self._reading(branch) as (connection, _, lineage):
            query = select(func.max(SceneRow.position)).where(lineage.sees(SceneRow.branch_id, SceneRow.position))
            return connection.execute(query).scalar()

    def history(self, entity: str, branch: str = MAIN) -> tuple[Fact, ...]:
        """Everything that ever held about `entity`, by attribute and then in story order. Raises MemoryFault if unknown."""
        with self._reading(branch) as (connection, _, lineage):
            return reading.history(connection, lineage, entity, self._database.name)

    def facts(self, position: StoryPosition, branch: str = MAIN) -> tuple[Fact, ...]:
        """Every fact that holds at `position`, with its evidence, by entity and attribute. On a branch none begins before its fork."""
        with self._reading(branch) as (connection, _, lineage):
            return holding.facts_at(connection, lineage, position)

    def edits(self, first: StoryPosition, last: StoryPosition, branch: str = MAIN) -> tuple[Fact, ...]:
        """What the user, or a merge, says about any position from `first` to `last`, in order of rank among equal evidence."""
        with self._reading(branch) as (connection, _, lineage):
            return reading.edits(connection, lineage, first, last)

    def conflicts(
        self, branch: str = MAIN, first: StoryPosition | None = None, last: StoryPosition | None = None
    ) -> tuple[Conflict, ...]:
        """Every statement that gives way to stronger evidence where it begins, from `first` to `last`, in story order."""
        with self._reading(branch) as (connection, tree, lineage):
            return reading.conflicts(connection, tree, lineage, first, last)

    def vectors(self, kind: EmbeddingKind, encoder: str, branch: str = MAIN) -> tuple[tuple[VectorOwner, ...], Vectors]:
        """Every vector of one kind that `encoder` wrote, one row each, with what it is of, in story order.

        Those that failed verification are left out. Without any, the matrix has no rows.
        """
        import numpy as np  # opening a series and reading its canon does without

        query = (
            select(SceneRow.position, SceneRow.scene_id, TakeRow.shot_id, TakeRow.artifact, EntityRow.slug, EmbeddingRow.vector)
            .join(SceneRow, SceneRow.id == EmbeddingRow.scene_id)
            .outerjoin(TakeRow, TakeRow.id == EmbeddingRow.take_id)
            .outerjoin(EntityRow, EntityRow.id == EmbeddingRow.entity_id)
            .where(EmbeddingRow.kind == kind, EmbeddingRow.encoder == encoder, EmbeddingRow.verified.is_(True))
        )
        with self._reading(branch) as (connection, _, lineage):
            seen = lineage.sees(SceneRow.branch_id, SceneRow.position)
            rows = connection.execute(query.where(seen).order_by(SceneRow.position, EmbeddingRow.id)).all()
        owners = tuple(
            VectorOwner(position=at, scene_id=scene, shot_id=shot or "", artifact=artifact or "", entity=slug or "")
            for at, scene, shot, artifact, slug, _ in rows
        )
        if not rows:
            return (), np.zeros((0, 0), np.float32)
        return owners, np.stack([np.frombuffer(row.vector, "<f4") for row in rows]).astype(np.float32)

    def measures(
        self, entity: str, before: StoryPosition, branch: str = MAIN
    ) -> tuple[tuple[VectorOwner, Mapping[str, FactValue]], ...]:
        """What was measured (light, palette) on every take of a scene that `entity`, a character or a place, is in and that comes
        before `before`, in story order."""
        query = (
            select(SceneRow.position, SceneRow.scene_id, TakeRow.shot_id, TakeRow.artifact, TakeRow.measures)
            .join(TakeRow, TakeRow.scene_id == SceneRow.id)
            .join(AppearanceRow, AppearanceRow.scene_id == SceneRow.id)
            .join(EntityRow, EntityRow.id == AppearanceRow.entity_id)
            .where(EntityRow.slug == entity, SceneRow.position < before)
            .order_by(SceneRow.position, TakeRow.id)
        )
        with self._reading(branch) as (connection, _, lineage):
            rows = connection.execute(query.where(lineage.sees(SceneRow.branch_id, SceneRow.position))).all()
        return tuple(
            (VectorOwner(position=at, scene_id=scene, shot_id=shot, artifact=artifact, entity=entity), measured)
            for at, scene, shot, artifact, measured in rows
            if isinstance(measured, dict)
        )

    def search(
        self,
        text: str,
        *,
        encoder: TextEncoder | None = None,
        kinds: Collection[FoundKind] = KINDS,
        entity: str | None = None,
        episode: int | None = None,
        limit: int = 10,
        branch: str = MAIN,
    ) -> Findings:
        """Everything on the branch that `text` could be about, best first: by meaning (with `encoder`) and by words.

        `entity` keeps what has to do with that entity, `episode` what happens or begins in that episode.
        Raises MemoryFault if a kind or the entity is unknown.
        """
        with self._reading(branch) as (connection, _, lineage):
            return searching.search(
                connection,
                lineage,
                text,
                encoder=encoder,
                kinds=kinds,
                entity=entity,
                episode=episode,
                limit=limit,
                vectors=self._vectors(),
            )

    def recall(self, need: Need, branch: str = MAIN) -> Recall:
        """Everything memory has for a scene that is to be made, ranked, within the need's budget. Raises MemoryFault."""
        from memory.queries.recall import recall

        with self._reading(branch) as (connection, _, lineage):
            return recall(connection, lineage, need, vectors=self._vectors())

    def _vectors(self) -> SceneVectors:
        """What is kept of the scenes' vectors from one question to the next."""
        from memory.queries.scene_vectors import SceneVectors

        self._kept = self._kept or SceneVectors()
        return self._kept

    def verify(
        self, artifacts: Callable[[str], bool] | None = None, files: Callable[[str, str], bool] | None = None
    ) -> tuple[Fault, ...]:
        """Everything that is wrong with this memory. `artifacts` says whether the artifact with a key is there, `files` whether
        it has a file of that name; without them, they are not asked.
        """
        from memory.queries.integrity import verify

        with self._database.reading() as connection:
            return verify(connection, artifacts, files)

    def export_to(self, path: Path) -> None:
        """Write everything to one file, `episodic/memory@1` (docs/memory-format.md), atomically. Raises MemoryFault."""
        from memory.exchange.document import export, write

        with self._database.reading() as connection:
            write(path, export(connection))

    # Writing

    def import_from(self, path: Path) -> int:
        """Fill this memory, which must be empty, from a file that `export_to` wrote; how many scenes it has.

        All or nothing. Raises MemoryFault, naming the row, what is wrong with it, and the remedy.
        """
        from memory.exchange.document import import_, read

        document = read(path)
        with self._writing() as (connection, _):
            return import_(connection, document)

    def name_series(self, title: str) -> None:
        """Set the title of the series."""
        check_title(title)
        with self._writing() as (connection, _):
            _set(connection, reading.TITLE, title)

    def commit(self, record: SceneRecord) -> Committed:
        """Add a finished scene, all or nothing; nothing is written if it is there already with the same key.

        A scene that is there with another key is replaced: what it had stated no longer counts, what other scenes state does.
        Raises MemoryFault if the record names an entity that nobody introduced, or changes the kind of one.
        """
        with self._writing() as (connection, tree):
            return self._committed(connection, tree, record.branch, committing.commit_scene(connection, tree, record))

    def set_fact(self, fact: Fact, branch: str = MAIN, note: str = "") -> Committed:
        """Add what the user says by hand, with the evidence "user"; it replaces what they said for the same position.

        Raises MemoryFault for an unknown entity, for attributes that are part of an identity, and before the branch's fork.
        """
        with self._writing() as (connection, tree):
            written = committing.edit(connection, tree, branch, replace(fact, evidence="user"), note)
            return self._committed(connection, tree, branch, written)

    def _committed(self, connection: Connection, tree: BranchTree, branch: str, written: Written | None) -> Committed:
        if written is None:
            return Committed(written=False)
        found = reading.conflicts(connection, tree, tree.lineage(branch), written=written)
        return Committed(written=True, conflicts=found)

    def unset(self, entity: str, attribute: str, branch: str = MAIN) -> int:
        """Take back all that the user said about one attribute; how many statements that were."""
        with self._writing() as (connection, tree):
            return committing.unset(connection, tree, branch, entity, attribute)

    def forget(self, episode: int, keep: Collection[int] = (), branch: str = MAIN) -> int:
        """Take back every scene of `episode` whose number is not in `keep`, and say how many there were."""
        with self._writing() as (connection, tree):
            row = tree.id_of(branch)
            query = select(SceneRow.id, SceneRow.position).where(
                SceneRow.branch_id == row,
                SceneRow.position >= StoryPosition(episode),
                SceneRow.position < StoryPosition(episode + 1),
            )
            gone = [scene for scene, at in connection.execute(query) if at.scene not in keep]
            if gone:
                committing.retract_scenes(connection, tree, row, gone)
        return len(gone)

    def rollback(self, position: StoryPosition, branch: str = MAIN) -> int:
        """Take back every scene and every edit after `position`; how many there were.

        Raises MemoryFault where another branch shares what would go.
        """
        with self._writing() as (connection, tree):
            return committing.rollback(connection, tree, branch, position)

    # Branches

    def branches(self) -> tuple[BranchSummary, ...]:
        """All branches, `main` first."""
        with self._reading() as (connection, tree, _):
            return branching.summaries(connection, tree)

    def branch(self, name: str, at: StoryPosition, parent: str = MAIN) -> None:
        """Fork a branch: it shares everything before `at` with `parent`, also what changes there later, and is on its own from `at`.

        Raises MemoryFault for a name that exists or is none, and for a position that `parent` does not own.
        """
        with self._writing() as (connection, tree):
            branching.fork(connection, tree, name, at, parent)

    def delete_branch(self, name: str) -> None:
        """Delete a branch with everything that is its own. Raises MemoryFault for `main`, and where others fork from it."""
        with self._writing() as (connection, tree):
            branching.delete_branch(connection, tree, name)

    def diff(self, one: str, other: str, at: StoryPosition | None = None) -> tuple[Difference, ...]:
        """What branch `other` holds differently from branch `one`: where each attribute first parts, or all that differs at `at`."""
        with self._reading() as (connection, tree, _):
            return branching.differences(connection, tree, tree.lineage(one), tree.lineage(other), at)

    def merge(
        self,
        source: str,
        target: str = MAIN,
        *,
        rule: Rule = "ask",
        choose: Mapping[str, Side] | None = None,
        until: StoryPosition | None = None,
    ) -> Merged:
        """Bring what branch `source` states since the two parted (before `until`) into `target`. Scenes stay where they are.

        `choose` maps `entity.attribute` to "ours" (the target's) or "theirs"; `rule` settles the rest.
        Raises MergeConflict, naming every conflict that nothing settles; nothing is written then.
        """
        with self._writing() as (connection, tree):
            return branching.merge(connection, tree, source, target, rule=rule, choose=choose, until=until)

    @contextmanager
    def what_if(self) -> Iterator[MemoryStore]:
        """A store to try changes in: it sees what this one holds, and all that is written to it is taken back at the end."""
        with self._database.rehearsing() as database:
            yield MemoryStore(database)


def _rule_is_known(connection: Connection) -> bool:
    """Whether what is derived was made by this version's rule; asked as it is spelled, for it may be damaged."""
    spelled = select(type_coerce(MetaRow.value, Text)).where(MetaRow.name == reading.RULE_NAME)
    return connection.execute(spelled).scalar() == canonical_json(reading.RULE)


def _set(connection: Connection, name: str, value: str) -> None:
    connection.execute(delete(MetaRow).where(MetaRow.name == name))
    connection.execute(insert(MetaRow), [{"name": name, "value": value}])
