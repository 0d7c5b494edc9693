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

from memory.changes.commit import commit_scene, edit
from memory.changes.derive_spans import derive_all
from memory.changes.fork import delete_branch, fork
from memory.changes.merge import Rule, Side, merge
from memory.changes.retraction import retract_scenes, rollback, unset
from memory.exchange import document
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
from memory.queries import history
from memory.queries.canon_at import facts_at
from memory.queries.differences import branch_summaries, differences
from memory.queries.history import CommitOutcome
from memory.queries.text_search import HIT_KINDS, HitKind, SearchResults, search
from memory.schema.branch_lineage import BranchTree, Lineage
from memory.schema.connection import Database
from memory.schema.tables import MAIN, AppearanceRow, EntityRow, MetaRow, SceneRow, TakeRow, canonical_json
from memory.schema.validation import check_title

if TYPE_CHECKING:
    from memory.queries.embeddings import TextEncoder, Vectors
    from memory.queries.integrity import Fault
    from memory.queries.recall import Need, Recall
    from memory.queries.vector_queries import VectorQueries

__all__ = ["MemoryStore"]


class MemoryStore:
    """What one series knows. Every method is one transaction: it reads a consistent state, and writes all of a change or nothing."""

    def __init__(self, database: Database) -> None:
        """Use `open`."""
        self._database = database
        self._vectors: VectorQueries | None = None

    @classmethod
    def open(cls, location: str | Path, *, create: bool = False, patience_s: float = 5.0) -> MemoryStore:
        """Open the memory at `location`: a file (SQLite), or an SQLAlchemy URL. Older versions are upgraded.

        `create` allows the file to be new; `patience_s` is how many seconds to wait for another writer.
        Raises MemoryFault, DatabaseTooNew, DatabaseLocked.
        """
        store = cls(Database(location, create=create, patience_s=patience_s))
        try:
            store._derive_if_outdated()
        except BaseException:
            store.close()
            raise
        return store

    def close(self) -> None:
        """Close the database."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    @contextmanager
    def _reading(self, branch: str = MAIN) -> Iterator[tuple[Connection, BranchTree, Lineage]]:
        """A read transaction, with all branches and the lineage of one."""
        with self._database.reading() as connection:
            tree = BranchTree(connection, self._database.name)
            yield connection, tree, tree.lineage(branch)

    @contextmanager
    def _writing(self) -> Iterator[tuple[Connection, BranchTree]]:
        with self._database.writing() as session:
            connection = session.connection()
            yield connection, BranchTree(connection, self._database.name)

    def _derive_if_outdated(self) -> None:
        """Derive all spans anew unless they were derived by this version's rule: a migration keeps the statements only."""
        with self._database.reading() as connection:
            if _rule_is_known(connection):
                return
        with self._writing() as (connection, tree):
            if not _rule_is_known(connection):  # another process may have been quicker
                derive_all(connection, tree)
                _set(connection, history.RULE_NAME, history.RULE)

    # Reading

    def as_of(self, position: StoryPosition, branch: str = MAIN) -> Canon:
        """Everything that holds at `position`: all that was stated up to and including it."""
        with self._reading(branch) as (connection, _, lineage):
            return history.canon(connection, lineage, position)

    def committed(self, branch: str = MAIN) -> dict[StoryPosition, str]:
        """The key of every committed scene, by position, in story order. Scenes that the branch shares are included."""
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
        by_episode = itertools.groupby(scenes, key=lambda scene: scene.position.episode)
        return tuple(EpisodeSummary(number=number, scenes=tuple(group)) for number, group in by_episode)

    def end(self, branch: str = MAIN) -> StoryPosition | None:
        """The position of the last committed scene; None if the series has not begun."""
        with self._reading(branch) as (connection, _, lineage):
            query = select(func.max(SceneRow.position)).where(lineage.sees(SceneRow.branch_id, SceneRow.position))
            return connection.execute(query).scalar()

    def history(self, entity: str, branch: str = MAIN) -> tuple[Fact, ...]:
        """Everything that ever held about `entity`, by attribute and then in story order. Raises MemoryFault if unknown."""
        with self._reading(branch) as (connection, _, lineage):
            return history.history(connection, lineage, entity, self._database.name)

    def facts(self, position: StoryPosition, branch: str = MAIN) -> tuple[Fact, ...]:
        """Every fact that holds at `position`, by entity and attribute. On a branch, spans are clipped to begin at its fork."""
        with self._reading(branch) as (connection, _, lineage):
            return facts_at(connection, lineage, position)

    def edits(self, first: StoryPosition, last: StoryPosition, branch: str = MAIN) -> tuple[Fact, ...]:
        """The facts that the user or a merge states about any position from `first` to `last`, lowest in rank first."""
        with self._reading(branch) as (connection, _, lineage):
            return history.edits(connection, lineage, first, last)

    def conflicts(
        self, branch: str = MAIN, first: StoryPosition | None = None, last: StoryPosition | None = None
    ) -> tuple[Conflict, ...]:
        """Every statement that gives way to stronger evidence where it begins, from `first` to `last`, in story order."""
        with self._reading(branch) as (connection, tree, lineage):
            return history.conflicts(connection, tree, lineage, first, last)

    def vectors(self, kind: EmbeddingKind, encoder: str, branch: str = MAIN) -> tuple[tuple[VectorOwner, ...], Vectors]:
        """The vectors of one kind that `encoder` wrote [vector, dimension], in story order, and what each is of.

        Vectors that failed verification are left out. Without any, the matrix has no rows.
        """
        with self._reading(branch) as (connection, _, lineage):
            return self._vector_queries().vectors(connection, lineage, kind, encoder)

    def measures(
        self, entity: str, before: StoryPosition, branch: str = MAIN
    ) -> tuple[tuple[VectorOwner, Mapping[str, FactValue]], ...]:
        """The measures (light, palette) of every take of the scenes before `before` that `entity` is in, in story order."""
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
            (VectorOwner(position=at, scene_id=scene, shot_id=shot, artifact=artifact, entity=entity), measures)
            for at, scene, shot, artifact, measures in rows
            if isinstance(measures, dict)
        )

    def search(
        self,
        text: str,
        *,
        encoder: TextEncoder | None = None,
        kinds: Collection[HitKind] = HIT_KINDS,
        entity: str | None = None,
        episode: int | None = None,
        limit: int = 10,
        branch: str = MAIN,
    ) -> SearchResults:
        """Everything on the branch that matches `text`, best first: by meaning (with `encoder`) and by words.

        `entity` keeps results about that entity, `episode` those that happen or begin in that episode.
        Raises MemoryFault if a kind or the entity is unknown.
        """
        with self._reading(branch) as (connection, _, lineage):
            return search(
                connection,
                lineage,
                text,
                encoder=encoder,
                kinds=kinds,
                entity=entity,
                episode=episode,
                limit=limit,
                vectors=self._vector_queries().scene_vectors,
            )

    def recall(self, need: Need, branch: str = MAIN) -> Recall:
        """Everything memory has for a scene to be made, ranked, within the need's budget. Raises MemoryFault."""
        with self._reading(branch) as (connection, _, lineage):
            return self._vector_queries().recall(connection, lineage, need)

    def _vector_queries(self) -> VectorQueries:
        """The queries that need numpy, with what they keep from one query to the next."""
        from memory.queries.vector_queries import VectorQueries

        if self._vectors is None:
            self._vectors = VectorQueries()
        return self._vectors

    def verify(
        self, artifacts: Callable[[str], bool] | None = None, files: Callable[[str, str], bool] | None = None
    ) -> tuple[Fault, ...]:
        """Everything that is wrong with this memory.

        `artifacts` says whether the artifact with a key exists, `files` whether it has a file of a name. Without them, artifacts
        and files are not checked.
        """
        with self._database.reading() as connection:
            return self._vector_queries().verify(connection, artifacts, files)

    def export_to(self, path: Path) -> None:
        """Write everything to one file, `episodic/memory@1` (docs/memory-format.md), atomically. Raises MemoryFault."""
        with self._database.reading() as connection:
            document.write(path, document.export(connection))

    # Writing

    def import_from(self, path: Path) -> int:
        """Fill this memory, which must be empty, from a file that `export_to` wrote; returns the number of scenes.

        Imports all or nothing. Raises MemoryFault, naming the row, what is wrong with it, and the remedy.
        """
        text = document.read(path)
        with self._writing() as (connection, _):
            return document.import_(connection, text)

    def name_series(self, title: str) -> None:
        """Set the title of the series."""
        check_title(title)
        with self._writing() as (connection, _):
            _set(connection, history.TITLE, title)

    def commit(self, record: SceneRecord) -> Committed:
        """Add a finished scene, all or nothing. Nothing is written if it is there already with the same key.

        A scene with another key is replaced: its own statements are removed, those of other scenes stay.
        Raises MemoryFault if the record names an entity that no scene introduced, or changes the kind of an entity.
        """
        with self._writing() as (connection, tree):
            return self._committed(connection, tree, record.branch, commit_scene(connection, tree, record))

    def set_fact(self, fact: Fact, branch: str = MAIN, note: str = "") -> Committed:
        """Add a fact that the user states, with the evidence "user". It replaces their earlier one for the same position.

        Raises MemoryFault for an unknown entity, for attributes that are part of an identity, and before the branch's fork.
        """
        with self._writing() as (connection, tree):
            outcome = edit(connection, tree, branch, replace(fact, evidence="user"), note)
            return self._committed(connection, tree, branch, outcome)

    def _committed(self, connection: Connection, tree: BranchTree, branch: str, outcome: CommitOutcome | None) -> Committed:
        if outcome is None:
            return Committed(written=False)
        conflicts = history.conflicts(connection, tree, tree.lineage(branch), outcome=outcome)
        return Committed(written=True, conflicts=conflicts)

    def unset(self, entity: str, attribute: str, branch: str = MAIN) -> int:
        """Take back everything the user stated about one attribute; returns the number of statements."""
        with self._writing() as (connection, tree):
            return unset(connection, tree, branch, entity, attribute)

    def forget(self, episode: int, keep: Collection[int] = (), branch: str = MAIN) -> int:
        """Take back every scene of `episode` whose number is not in `keep`; returns their number."""
        with self._writing() as (connection, tree):
            row = tree.id_of(branch)
            query = select(SceneRow.id, SceneRow.position).where(
                SceneRow.branch_id == row,
                SceneRow.position >= StoryPosition(episode),
                SceneRow.position < StoryPosition(episode + 1),
            )
            scenes = [scene for scene, at in connection.execute(query) if at.scene not in keep]
            if scenes:
                retract_scenes(connection, tree, row, scenes)
        return len(scenes)

    def rollback(self, position: StoryPosition, branch: str = MAIN) -> int:
        """Take back every scene and every edit after `position`; returns their number.

        Raises MemoryFault where another branch shares what would be removed.
        """
        with self._writing() as (connection, tree):
            return rollback(connection, tree, branch, position)

    # Branches

    def branches(self) -> tuple[BranchSummary, ...]:
        """All branches, `main` first."""
        with self._reading() as (connection, tree, _):
            return branch_summaries(connection, tree)

    def branch(self, name: str, at: StoryPosition, parent: str = MAIN) -> None:
        """Fork a branch. It shares everything before `at` with `parent`, later changes there included, and is on its own from `at`.

        Raises MemoryFault for a name that exists or is not valid, and for a position that `parent` does not own.
        """
        with self._writing() as (connection, tree):
            fork(connection, tree, name, at, parent)

    def delete_branch(self, name: str) -> None:
        """Delete a branch with everything that is its own. Raises MemoryFault for `main`, and where others fork from it."""
        with self._writing() as (connection, tree):
            delete_branch(connection, tree, name)

    def diff(self, first: str, second: str, at: StoryPosition | None = None) -> tuple[Difference, ...]:
        """What branch `second` holds differently from `first`: where each attribute first differs, or all that differs at `at`."""
        with self._reading() as (connection, tree, _):
            return differences(connection, tree, tree.lineage(first), tree.lineage(second), at)

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

        `choose` maps `entity.attribute` to "ours" (the target's) or "theirs"; `rule` settles all other conflicts.
        Raises MergeConflict, which names every conflict that neither settles; nothing is written then.
        """
        with self._writing() as (connection, tree):
            return merge(connection, tree, source, target, rule=rule, choose=choose, until=until)

    @contextmanager
    def what_if(self) -> Iterator[MemoryStore]:
        """A store to try changes in: it reads what this one holds, and everything written to it is rolled back at the end."""
        with self._database.trial() as database:
            yield MemoryStore(database)


def _rule_is_known(connection: Connection) -> bool:
    """Whether spans were derived by this version's rule. Compares the spelling: the value may be damaged."""
    spelled = select(type_coerce(MetaRow.value, Text)).where(MetaRow.name == history.RULE_NAME)
    return connection.execute(spelled).scalar() == canonical_json(history.RULE)


def _set(connection: Connection, name: str, value: str) -> None:
    """Set a value of the series as a whole."""
    connection.execute(delete(MetaRow).where(MetaRow.name == name))
    connection.execute(insert(MetaRow), [{"name": name, "value": value}])
