"""Export of a whole memory as one document, and import: the JSON format `episodic/memory@1`.

docs/memory-format.md describes every field. Derived data (spans, reach, conflicts, row numbers) is left out and derived anew on
import. So two memories with the same statements in the same order give the same document, byte for byte, on any database. The
document has one row per line, so that it can be written and compared piece by piece. An import is not trusted: every row is
checked, by itself and against the rows that it refers to (`memory.exchange.rows`), before anything is written.
"""

from __future__ import annotations

import base64
import json
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, delete, func, insert, select

from memory.changes.derive_spans import derive_all
from memory.errors import MemoryRefusal
from memory.exchange.entries import (
    BranchEntry,
    CommitEntry,
    Document,
    EmbeddingEntry,
    EntityEntry,
    KeyFrameEntry,
    SceneEntry,
    StatementEntry,
    TakeEntry,
    ThreadEntry,
)
from memory.exchange.rows import FORMAT, parse
from memory.model.facts import FactValue
from memory.queries.history import RULE, RULE_NAME
from memory.schema import pgvector
from memory.schema.branch_lineage import BranchTree
from memory.schema.tables import (
    MAIN,
    AppearanceRow,
    BranchRow,
    CommitRow,
    EmbeddingRow,
    EntityRow,
    InsertRow,
    KeyFrameRow,
    MetaRow,
    SceneRow,
    StatementRow,
    TakeRow,
    ThreadRow,
    canonical_json,
)

__all__ = ["MOST_BYTES", "export", "import_", "read", "write"]

MOST_BYTES: Final = 512 * 1024**2
"""The size of the largest file that is read."""
_AT_ONCE: Final = 1000

_Row = dict[str, FactValue]
"""A row of the document, as JSON."""


def export(connection: Connection) -> Iterator[str]:
    """The pieces of the document, one row each, to be joined. The connection must keep one consistent state meanwhile."""
    yield f'{{"format":{json.dumps(FORMAT)}'
    for section, rows in _Export(connection).sections():
        yield f',\n"{section}":['
        separator = "\n"
        for row in rows:
            yield separator + canonical_json(row)
            separator = ",\n"
        yield "\n]"
    yield "\n}\n"


class _Export:
    """Rows as the document has them. Row numbers of the database become names, or numbers that count from 1 in file order."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        tree = BranchTree(connection)
        order = sorted(tree.names, key=lambda row: (tree.depth(row), tree.names[row]))
        self._tree, self._branches = tree, {row: number for number, row in enumerate(order)}
        self._entities = dict(connection.execute(select(EntityRow.id, EntityRow.slug)).all())
        self._scenes: dict[int, tuple[str, str]] = {}
        self._commits: dict[int, int] = {}
        self._takes: dict[int, int] = {}

    def sections(self) -> Iterator[tuple[str, Iterator[_Row]]]:
        """All sections with their rows. They must be read in order: later rows name earlier ones."""
        yield "series", self._series()
        yield "branches", self._branch_rows()
        yield "entities", self._entity_rows()
        yield "scenes", self._scene_rows()
        yield "commits", self._commit_rows()
        yield "statements", self._statement_rows()
        yield "threads", self._thread_rows()
        yield "takes", self._take_rows()
        yield "key_frames", self._key_frame_rows()
        yield "embeddings", self._embedding_rows()

    def _streamed(self, query: Any) -> Iterator[Any]:
        """Rows in batches: vectors together can be larger than RAM."""
        return iter(self._connection.execute(query, execution_options={"yield_per": _AT_ONCE}))

    def _series(self) -> Iterator[_Row]:
        query = select(MetaRow.name, MetaRow.value).where(MetaRow.name != RULE_NAME)
        for name, value in sorted(self._connection.execute(query).all(), key=lambda row: row[0]):
            yield {"name": name, "value": value}

    def _branch_rows(self) -> Iterator[_Row]:
        for row in self._branches:
            parent = self._tree.parents[row]
            forked_at = None if parent is None else str(self._tree.forks[row])
            name = None if parent is None else self._tree.names[parent]
            yield {"name": self._tree.names[row], "parent": name, "forked_at": forked_at}

    def _entity_rows(self) -> Iterator[_Row]:
        query = select(EntityRow.slug, EntityRow.kind, EntityRow.character_kind)
        for slug, kind, character_kind in sorted(self._connection.execute(query).all(), key=lambda row: row[0]):
            yield {"id": slug, "kind": kind, "character_kind": character_kind}

    def _scene_rows(self) -> Iterator[_Row]:
        present: dict[int, list[str]] = {}
        for scene, entity in self._connection.execute(select(AppearanceRow.scene_id, AppearanceRow.entity_id)):
            present.setdefault(scene, []).append(self._entities[entity])
        rows = self._connection.execute(select(SceneRow.__table__)).all()
        for row in sorted(rows, key=lambda row: (self._branches[row.branch_id], row.position)):
            branch, position = self._scenes[row.id] = self._tree.names[row.branch_id], str(row.position)
            yield {
                "branch": branch,
                "position": position,
                "id": row.scene_id,
                "title": row.title,
                "synopsis": row.synopsis,
                "key": row.key,
                "entities": [*sorted(present.get(row.id, []))],
            }

    def _commit_rows(self) -> Iterator[_Row]:
        for number, row in enumerate(self._streamed(select(CommitRow.__table__).order_by(CommitRow.id)), start=1):
            self._commits[row.id] = number
            yield {
                "number": number,
                "branch": self._tree.names[row.branch_id],
                "kind": row.kind,
                "position": str(row.position),
                "note": row.note,
            }

    def _statement_rows(self) -> Iterator[_Row]:
        query = select(StatementRow.__table__).order_by(StatementRow.commit_id, StatementRow.ordinal, StatementRow.id)
        for row in self._streamed(query):
            yield {
                "commit": self._commits[row.commit_id],
                "entity": self._entities[row.entity_id],
                "attribute": row.attribute,
                "value": row.value,
                "since": str(row.since),
                "until": None if row.stated_end is None else str(row.stated_end),
                "evidence": row.evidence,
                "stated_at": str(row.stated_at),
                "ordinal": row.ordinal,
            }

    def _thread_rows(self) -> Iterator[_Row]:
        for row in self._streamed(select(ThreadRow.__table__).order_by(ThreadRow.commit_id, ThreadRow.id)):
            yield {"commit": self._commits[row.commit_id], "thread": row.thread, "position": str(row.position), "text": row.text}

    def _take_rows(self) -> Iterator[_Row]:
        rows = self._streamed(select(TakeRow.__table__).order_by(TakeRow.accepted, TakeRow.id))
        for number, row in enumerate(rows, start=1):
            self._takes[row.id] = number
            branch, scene = self._scenes[row.scene_id]
            yield {
                "number": number,
                "branch": branch,
                "scene": scene,
                "shot": row.shot_id,
                "artifact": row.artifact,
                "seed": row.seed,
                "accepted": row.accepted,
                "measures": row.measures,
            }

    def _key_frame_rows(self) -> Iterator[_Row]:
        query = select(KeyFrameRow.__table__, TakeRow.accepted).join(TakeRow, TakeRow.id == KeyFrameRow.take_id)
        for row in self._streamed(query.order_by(TakeRow.accepted, TakeRow.id, KeyFrameRow.id)):
            yield {
                "take": self._takes[row.take_id],
                "frame": row.frame,
                "artifact": row.artifact,
                "file": row.file,
                "quality": row.quality,
                "novelty": row.novelty,
                "shows": row.shows,
            }

    def _embedding_rows(self) -> Iterator[_Row]:
        for row in self._streamed(select(EmbeddingRow.__table__).order_by(EmbeddingRow.id)):
            branch, scene = self._scenes[row.scene_id]
            yield {
                "branch": branch,
                "scene": scene,
                "take": None if row.take_id is None else self._takes[row.take_id],
                "entity": None if row.entity_id is None else self._entities[row.entity_id],
                "kind": row.kind,
                "encoder": row.encoder,
                "vector": base64.b64encode(row.vector).decode(),
                "likeness": row.likeness,
                "verified": row.verified,
            }


def import_(connection: Connection, document: str | Mapping[str, Any]) -> int:
    """Fill an empty memory from a document (its text, or the value that `json.loads` returns for it).

    Returns the number of scenes. Part of the caller's transaction, which must be rolled back on any error. Raises MemoryFault,
    which names the row, what is wrong with it, and the remedy.
    """
    parsed = parse(document)
    _check_empty(connection)
    connection.execute(delete(MetaRow))
    series: list[InsertRow] = [{"name": entry.name, "value": entry.value} for entry in parsed.series]
    _insert(connection, MetaRow, [*series, {"name": RULE_NAME, "value": RULE}])
    _Import(connection, parsed).write()
    derive_all(connection, BranchTree(connection))
    pgvector.fill_missing(connection)
    return len(parsed.scenes)


def _check_empty(connection: Connection) -> None:
    for table, what in ((SceneRow, "scenes"), (CommitRow, "commits"), (EntityRow, "entities")):
        if count := connection.execute(select(func.count()).select_from(table)).scalar_one():
            raise MemoryRefusal(
                f"this memory has {count} {what} already; import goes into an empty one: begin a series in a new folder"
            )
    if others := connection.scalars(select(BranchRow.name).where(BranchRow.name != MAIN).order_by(BranchRow.name)).all():
        raise MemoryRefusal(
            f"this memory has a branch {others[0]!r} already; import goes into an empty one: begin a series in a new folder"
        )


def _insert(connection: Connection, table: type[Any], rows: Iterable[InsertRow]) -> None:
    """Insert rows in batches."""
    pending = list(rows)
    for first in range(0, len(pending), _AT_ONCE):
        connection.execute(insert(table), pending[first : first + _AT_ONCE])


class _Import:
    """Writes a checked document. Rows get numbers in the order of the file."""

    def __init__(self, connection: Connection, document: Document) -> None:
        self._connection = connection
        self._document = document
        main = connection.execute(select(BranchRow.id).where(BranchRow.name == MAIN)).scalar_one()
        self._branches = {MAIN: main}
        for number, branch in enumerate(document.branches):
            self._branches.setdefault(branch.name, main + number)
        self._entities = {entity.id: number for number, entity in enumerate(document.entities, start=1)}
        self._scenes = {(scene.branch, scene.position): number for number, scene in enumerate(document.scenes, start=1)}

    def write(self) -> None:
        """Write every section, those first that others refer to."""
        document = self._document
        for branch in document.branches[1:]:  # one at a time: each refers to one before it
            _insert(self._connection, BranchRow, [self._branch(branch)])
        self._write(EntityRow, map(self._entity, document.entities))
        self._write(SceneRow, map(self._scene, document.scenes))
        self._write(CommitRow, map(self._commit, document.commits))
        self._write(StatementRow, map(self._statement, document.statements))
        self._write(ThreadRow, map(self._thread, document.threads))
        self._write(TakeRow, map(self._take, document.takes))
        self._write(KeyFrameRow, map(self._key_frame, document.key_frames))
        self._write(EmbeddingRow, map(self._embedding, document.embeddings))
        _insert(self._connection, AppearanceRow, self._appearances())

    def _write(self, table: type[Any], rows: Iterable[InsertRow]) -> None:
        """Insert rows that are numbered from 1."""
        _insert(self._connection, table, ({"id": number, **row} for number, row in enumerate(rows, start=1)))

    def _branch(self, entry: BranchEntry) -> InsertRow:
        """The row of a branch."""
        parent = None if entry.parent is None else self._branches[entry.parent]
        return {"id": self._branches[entry.name], "name": entry.name, "parent_id": parent, "forked_at": entry.forked_at}

    def _entity(self, entry: EntityEntry) -> InsertRow:
        """The row of an entity."""
        return {"slug": entry.id, "kind": entry.kind, "character_kind": entry.character_kind}

    def _scene(self, entry: SceneEntry) -> InsertRow:
        """The row of a scene."""
        return {
            "branch_id": self._branches[entry.branch],
            "scene_id": entry.id,
            "position": entry.position,
            "title": entry.title,
            "synopsis": entry.synopsis,
            "key": entry.key,
        }

    def _appearances(self) -> Iterator[InsertRow]:
        for entry in self._document.scenes:
            scene, branch = self._scenes[entry.branch, entry.position], self._branches[entry.branch]
            for entity in entry.entities:
                yield {
                    "entity_id": self._entities[entity],
                    "scene_id": scene,
                    "branch_id": branch,
                    "position": entry.position,
                }

    def _commit(self, entry: CommitEntry) -> InsertRow:
        """The row of a commit."""
        return {
            "branch_id": self._branches[entry.branch],
            "scene_id": self._scenes[entry.branch, entry.position] if entry.kind == "scene" else None,
            "kind": entry.kind,
            "position": entry.position,
            "note": entry.note,
        }

    def _statement(self, entry: StatementEntry) -> InsertRow:
        """The row of a statement."""
        return {
            "branch_id": self._branch_of(entry.commit),
            "entity_id": self._entities[entry.entity],
            "attribute": entry.attribute,
            "value": entry.value,
            "since": entry.since,
            "stated_end": entry.until,
            "evidence": entry.evidence,
            "commit_id": entry.commit,
            "stated_at": entry.stated_at,
            "ordinal": entry.ordinal,
            "reach": entry.until,
            "overruled": None,
        }

    def _thread(self, entry: ThreadEntry) -> InsertRow:
        """The row of a thread event."""
        return {
            "commit_id": entry.commit,
            "branch_id": self._branch_of(entry.commit),
            "thread": entry.thread,
            "position": entry.position,
            "text": entry.text,
        }

    def _branch_of(self, commit: int) -> int:
        """The row of the branch of a commit."""
        return self._branches[self._document.commits[commit - 1].branch]

    def _take(self, entry: TakeEntry) -> InsertRow:
        """The row of a take."""
        return {
            "scene_id": self._scenes[entry.branch, entry.scene],
            "shot_id": entry.shot,
            "artifact": entry.artifact,
            "seed": entry.seed,
            "accepted": entry.accepted,
            "measures": entry.measures,
        }

    def _key_frame(self, entry: KeyFrameEntry) -> InsertRow:
        return {
            "take_id": entry.take,
            "frame": entry.frame,
            "artifact": entry.artifact,
            "file": entry.file,
            "quality": entry.quality,
            "novelty": entry.novelty,
            "shows": entry.shows,
        }

    def _embedding(self, entry: EmbeddingEntry) -> InsertRow:
        """The row of an embedding."""
        return {
            "scene_id": self._scenes[entry.branch, entry.scene],
            "take_id": entry.take,
            "entity_id": None if entry.entity is None else self._entities[entry.entity],
            "kind": entry.kind,
            "encoder": entry.encoder,
            "vector": entry.vector,
            "likeness": entry.likeness,
            "verified": entry.verified,
        }


def write(path: Path, pieces: Iterable[str]) -> None:
    """Write the pieces of a document to `path`, all or nothing. Raises MemoryFault."""
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:100]}.", suffix=".part")
    except OSError as err:
        raise MemoryRefusal(
            f"{path}: cannot be written ({err.strerror}); choose an existing folder that you may write to"
        ) from err
    try:
        with open(handle, "w", encoding="ascii", newline="\n") as file:  # noqa: PTH123  # a handle, not a path
            file.writelines(pieces)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(0o666 & ~_umask())
        Path(temporary).replace(path)
    except OSError as err:
        raise MemoryRefusal(f"{path}: cannot be written ({err.strerror}); make room, or choose another place") from err
    finally:
        with suppress(FileNotFoundError):
            Path(temporary).unlink()


def _umask() -> int:
    """The process's umask: `mkstemp` makes files that only their owner can read."""
    umask = os.umask(0o077)
    os.umask(umask)
    return umask


def read(path: Path) -> str:
    """Read the text of a document. Raises MemoryFault for a file that cannot be read, is too large or is not text."""
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            # a pipe or a device has size 0, and need not end
            if size > MOST_BYTES or len(content := file.read(MOST_BYTES + 1)) > MOST_BYTES:
                raise MemoryRefusal(
                    f"{path}: {max(size, MOST_BYTES + 1):,} bytes or more; a memory of at most {MOST_BYTES:,} bytes can be imported"
                )
        return content.decode()
    except OSError as err:
        raise MemoryRefusal(f"{path}: cannot be read ({err.strerror}); name a file that `episodic memory export` wrote") from err
    except UnicodeDecodeError as err:
        raise MemoryRefusal(f"{path}: not text (byte {err.start}); name a file that `episodic memory export` wrote") from err
