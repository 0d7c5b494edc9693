"""The whole of a memory as one document, and back: the JSON format `episodic/memory@1`.

Every field is described in docs/memory-format.md. What is derived (spans, reach, conflicts, row numbers) is left out and made anew
on import; so two memories that were told the same in the same order give the same document, byte for byte, whatever database they are in. It is
JSON with one row per line, so that it can be written and compared piece by piece. What is imported is not trusted: every row is
checked, by itself (`memory.exchange.rows`) and against those that it names, before anything is written.
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

from memory.changes.derive_spans import settle_all
from memory.errors import MemoryRefusal
from memory.exchange.rows import FORMAT, SECTIONS, Document, parse
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
"""A larger file is not read at all."""
_AT_ONCE: Final = 1000

_Row = dict[str, Any]


def export(connection: Connection) -> Iterator[str]:
    """The document in pieces, a row each; joined they are the file. The connection must see one moment all along."""
    yield f'{{"format":{json.dumps(FORMAT)}'
    exporting = _Exporting(connection)
    for section in SECTIONS:
        yield f',\n"{section}":['
        separator = "\n"
        for row in exporting.rows(section):
            yield separator + canonical_json(row)
            separator = ",\n"
        yield "\n]"
    yield "\n}\n"


class _Exporting:
    """Rows as the document has them. Rows of the database become names, and numbers that count from 1 in the order of the file."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        tree = BranchTree(connection)
        order = sorted(tree.names, key=lambda row: (tree.depth(row), tree.names[row]))
        self._tree, self._branches = tree, {row: number for number, row in enumerate(order)}
        self._entities = dict(connection.execute(select(EntityRow.id, EntityRow.slug)).all())
        self._scenes: dict[int, tuple[str, str]] = {}
        self._commits: dict[int, int] = {}
        self._takes: dict[int, int] = {}

    def rows(self, section: str) -> Iterator[_Row]:
        """All rows of one section. Sections are asked for in the order of the file."""
        found: Iterator[_Row] = getattr(self, f"_{section}_rows")()
        return found

    def _all(self, query: Any) -> Iterator[Any]:
        """Rows piece by piece: vectors together can be larger than memory."""
        return iter(self._connection.execute(query, execution_options={"yield_per": _AT_ONCE}))

    def _series_rows(self) -> Iterator[_Row]:
        query = select(MetaRow.name, MetaRow.value).where(MetaRow.name != RULE_NAME)
        for name, value in sorted(self._connection.execute(query).all(), key=lambda one: one[0]):
            yield {"name": name, "value": value}

    def _branches_rows(self) -> Iterator[_Row]:
        for row in self._branches:
            parent = self._tree.parents[row]
            forked_at = None if parent is None else str(self._tree.forks[row])
            name = None if parent is None else self._tree.names[parent]
            yield {"name": self._tree.names[row], "parent": name, "forked_at": forked_at}

    def _entities_rows(self) -> Iterator[_Row]:
        query = select(EntityRow.slug, EntityRow.kind, EntityRow.character_kind)
        for slug, kind, character_kind in sorted(self._connection.execute(query).all(), key=lambda one: one[0]):
            yield {"id": slug, "kind": kind, "character_kind": character_kind}

    def _scenes_rows(self) -> Iterator[_Row]:
        present: dict[int, list[str]] = {}
        for scene, entity in self._connection.execute(select(AppearanceRow.scene_id, AppearanceRow.entity_id)):
            present.setdefault(scene, []).append(self._entities[entity])
        rows = self._connection.execute(select(SceneRow.__table__)).all()
        for one in sorted(rows, key=lambda row: (self._branches[row.branch_id], row.position)):
            branch, position = self._scenes[one.id] = self._tree.names[one.branch_id], str(one.position)
            yield {
                "branch": branch, "position": position, "id": one.scene_id, "title": one.title, "synopsis": one.synopsis, "key": one.key,
                "entities": sorted(present.get(one.id, [])),
            }  # fmt: skip

    def _commits_rows(self) -> Iterator[_Row]:
        for number, one in enumerate(self._all(select(CommitRow.__table__).order_by(CommitRow.id)), start=1):
            self._commits[one.id] = number
            yield {
                "number": number, "branch": self._tree.names[one.branch_id], "kind": one.kind, "position": str(one.position), "note": one.note,
            }  # fmt: skip

    def _statements_rows(self) -> Iterator[_Row]:
        query = select(StatementRow.__table__).order_by(StatementRow.commit_id, StatementRow.ordinal, StatementRow.id)
        for one in self._all(query):
            yield {
                "commit": self._commits[one.commit_id],
                "entity": self._entities[one.entity_id],
                "attribute": one.attribute,
                "value": one.value,
                "since": str(one.since),
                "until": None if one.stated_end is None else str(one.stated_end),
                "evidence": one.evidence,
                "stated_at": str(one.stated_at),
                "ordinal": one.ordinal,
            }

    def _threads_rows(self) -> Iterator[_Row]:
        for one in self._all(select(ThreadRow.__table__).order_by(ThreadRow.commit_id, ThreadRow.id)):
            yield {"commit": self._commits[one.commit_id], "thread": one.thread, "position": str(one.position), "text": one.text}

    def _takes_rows(self) -> Iterator[_Row]:
        for number, one in enumerate(self._all(select(TakeRow.__table__).order_by(TakeRow.accepted, TakeRow.id)), start=1):
            self._takes[one.id] = number
            branch, scene = self._scenes[one.scene_id]
            yield {
                "number": number, "branch": branch, "scene": scene, "shot": one.shot_id, "artifact": one.artifact, "seed": one.seed,
                "accepted": one.accepted, "measures": one.measures,
            }  # fmt: skip

    def _key_frames_rows(self) -> Iterator[_Row]:
        query = select(KeyFrameRow.__table__, TakeRow.accepted).join(TakeRow, TakeRow.id == KeyFrameRow.take_id)
        for one in self._all(query.order_by(TakeRow.accepted, TakeRow.id, KeyFrameRow.id)):
            yield {
                "take": self._takes[one.take_id], "frame": one.frame, "artifact": one.artifact, "file": one.file, "quality": one.quality,
                "novelty": one.novelty, "shows": one.shows,
            }  # fmt: skip

    def _embeddings_rows(self) -> Iterator[_Row]:
        for one in self._all(select(EmbeddingRow.__table__).order_by(EmbeddingRow.id)):
            branch, scene = self._scenes[one.scene_id]
            yield {
                "branch": branch, "scene": scene, "take": None if one.take_id is None else self._takes[one.take_id],
                "entity": None if one.entity_id is None else self._entities[one.entity_id], "kind": one.kind, "encoder": one.encoder,
                "vector": base64.b64encode(one.vector).decode(), "likeness": one.likeness, "verified": one.verified,
            }  # fmt: skip


def import_(connection: Connection, document: str | Mapping[str, Any]) -> int:
    """Fill an empty memory from a document (its text, or what `json.loads` makes of it); how many scenes it has.

    Part of the caller's transaction: on any error nothing must be kept. Raises MemoryFault, which names the row, what is wrong
    with it, and what helps.
    """
    parsed = parse(document)
    _check_empty(connection)
    connection.execute(delete(MetaRow))
    _insert(connection, MetaRow, [*parsed.sections["series"], {"name": RULE_NAME, "value": RULE}])
    _Importing(connection, parsed).write()
    settle_all(connection, BranchTree(connection))
    pgvector.fill_missing(connection)
    return len(parsed.sections["scenes"])


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


def _insert(connection: Connection, table: type[Any], rows: Iterable[Mapping[str, Any]]) -> None:
    pending = list(rows)
    for first in range(0, len(pending), _AT_ONCE):
        connection.execute(insert(table), pending[first : first + _AT_ONCE])


class _Importing:
    """Writes a checked document. Rows get numbers in the order of the file."""

    def __init__(self, connection: Connection, document: Document) -> None:
        self._connection = connection
        self._sections = document.sections
        main = connection.execute(select(BranchRow.id).where(BranchRow.name == MAIN)).scalar_one()
        self._branches = {MAIN: main}
        for number, one in enumerate(self._sections["branches"]):
            self._branches.setdefault(one["name"], main + number)
        self._entities = {one["id"]: number for number, one in enumerate(self._sections["entities"], start=1)}
        self._scenes = {(one["branch"], one["position"]): number for number, one in enumerate(self._sections["scenes"], start=1)}

    def write(self) -> None:
        """Write every section, those first that others point to."""
        for one in self._sections["branches"][1:]:  # one by one: each points to one before it
            _insert(self._connection, BranchRow, [self._branch(one)])
        for section, table, row in (
            ("entities", EntityRow, self._entity),
            ("scenes", SceneRow, self._scene),
            ("commits", CommitRow, self._commit),
            ("statements", StatementRow, self._statement),
            ("threads", ThreadRow, self._thread),
            ("takes", TakeRow, self._take),
            ("key_frames", KeyFrameRow, self._key_frame),
            ("embeddings", EmbeddingRow, self._embedding),
        ):
            rows = enumerate(self._sections[section], start=1)
            _insert(self._connection, table, ({"id": number, **row(one)} for number, one in rows))
        _insert(self._connection, AppearanceRow, self._appearances())

    def _branch(self, one: _Row) -> _Row:
        name, parent = one["name"], self._branches[one["parent"]]
        return {"id": self._branches[name], "name": name, "parent_id": parent, "forked_at": one["forked_at"]}

    def _entity(self, one: _Row) -> _Row:
        return {"slug": one["id"], "kind": one["kind"], "character_kind": one["character_kind"]}

    def _scene(self, one: _Row) -> _Row:
        told = {name: one[name] for name in ("position", "title", "synopsis", "key")}
        return {"branch_id": self._branches[one["branch"]], "scene_id": one["id"], **told}

    def _appearances(self) -> Iterator[_Row]:
        for one in self._sections["scenes"]:
            branch, position = one["branch"], one["position"]
            scene = {"scene_id": self._scenes[branch, position], "branch_id": self._branches[branch], "position": position}
            yield from ({"entity_id": self._entities[entity], **scene} for entity in one["entities"])

    def _commit(self, one: _Row) -> _Row:
        scene = self._scenes[one["branch"], one["position"]] if one["kind"] == "scene" else None
        told = {name: one[name] for name in ("kind", "position", "note")}
        return {"branch_id": self._branches[one["branch"]], "scene_id": scene, **told}

    def _statement(self, one: _Row) -> _Row:
        told = {name: one[name] for name in ("attribute", "value", "since", "evidence", "stated_at", "ordinal")}
        return {
            "branch_id": self._branch_of(one),
            "entity_id": self._entities[one["entity"]],
            "stated_end": one["until"],
            "commit_id": one["commit"],
            "reach": one["until"],
            "overruled": None,
            **told,
        }

    def _thread(self, one: _Row) -> _Row:
        told = {name: one[name] for name in ("thread", "position", "text")}
        return {"commit_id": one["commit"], "branch_id": self._branch_of(one), **told}

    def _branch_of(self, one: _Row) -> int:
        return self._branches[self._sections["commits"][one["commit"] - 1]["branch"]]

    def _take(self, one: _Row) -> _Row:
        told = {name: one[name] for name in ("artifact", "seed", "accepted", "measures")}
        return {"scene_id": self._scenes[one["branch"], one["scene"]], "shot_id": one["shot"], **told}

    def _key_frame(self, one: _Row) -> _Row:
        told = {name: one[name] for name in ("frame", "artifact", "file", "quality", "novelty", "shows")}
        return {"take_id": one["take"], **told}

    def _embedding(self, one: _Row) -> _Row:
        told = {name: one[name] for name in ("kind", "encoder", "vector", "likeness", "verified")}
        entity = None if one["entity"] is None else self._entities[one["entity"]]
        return {"scene_id": self._scenes[one["branch"], one["scene"]], "take_id": one["take"], "entity_id": entity, **told}


def write(path: Path, pieces: Iterable[str]) -> None:
    """Write the pieces of a document to `path`: all of it, or the file that was there stays. Raises MemoryFault."""
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:100]}.", suffix=".part")
    except OSError as err:
        raise MemoryRefusal(f"{path}: cannot be written ({err.strerror}); choose a folder that exists and is yours") from err
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
    """What new files may be, which `mkstemp` is stricter about than needed here."""
    now = os.umask(0o077)
    os.umask(now)
    return now


def read(path: Path) -> str:
    """The text of a document. Raises MemoryFault for a file that cannot be read, is too large or is no text."""
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            # a pipe or a device says 0, and need not have an end
            if size > MOST_BYTES or len(said := file.read(MOST_BYTES + 1)) > MOST_BYTES:
                raise MemoryRefusal(
                    f"{path}: {max(size, MOST_BYTES + 1):,} bytes or more; a memory of at most {MOST_BYTES:,} bytes can be imported"
                )
        return said.decode()
    except OSError as err:
        raise MemoryRefusal(f"{path}: cannot be read ({err.strerror}); name a file that `episodic memory export` wrote") from err
    except UnicodeDecodeError as err:
        raise MemoryRefusal(f"{path}: no text (byte {err.start}); name a file that `episodic memory export` wrote") from err
