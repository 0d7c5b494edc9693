"""The tables of a series' memory (SQLAlchemy 2, typed).

What was said and what holds are two tables. **Statements** are what scenes, the user and merges said: each belongs to the commit
that brought it, so that a scene which is made again can take its statements back. **Spans** are what follows from them by the
rule of `memory.model.precedence`: which value holds from when until when. Spans are derived; they can be made anew at any time.

A branch shares everything before its fork with its parent and has rows of its own only from there on (`memory.schema.branch_lineage`).
"""

from __future__ import annotations

import json
from typing import Any, Final, Literal

from sqlalchemy import (
    BigInteger,
    Boolean,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Text,
    UniqueConstraint,
    text,
    true,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

from memory.errors import MemoryFault
from memory.model.canon import CharacterKind, EntityKind
from memory.model.facts import Evidence, FactValue, StoryPosition

__all__ = [
    "MAIN",
    "NEVER",
    "AppearanceRow",
    "BranchRow",
    "CommitKind",
    "CommitRow",
    "EmbeddingRow",
    "EntityRow",
    "InsertRow",
    "JsonText",
    "KeyFrameRow",
    "MetaRow",
    "SceneRow",
    "SpanRow",
    "StatementRow",
    "StoryEnd",
    "StoryTime",
    "Table",
    "TakeRow",
    "ThreadRow",
    "canonical_json",
    "parsed",
]

CommitKind = Literal["scene", "edit", "merge"]

InsertRow = dict[str, object]
"""The values of a row to insert, by column: the parameters of SQLAlchemy's `insert`."""

MAIN: Final = "main"
NEVER: Final = 2**62
"""What stands for the end of a span that has none: a number after all positions."""

_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


def canonical_json(value: FactValue) -> str:
    """The one spelling of a JSON value: two values are the same fact exactly if their spellings are equal."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


def parsed(spelled: str) -> FactValue:
    """Parse a stored JSON value. Raises MemoryFault for invalid JSON: the database was changed by hand."""
    try:
        value: FactValue = json.loads(spelled)
    except (TypeError, ValueError, RecursionError) as err:
        raise MemoryFault(
            f"the memory is damaged: {str(spelled)[:60]!r} is not JSON; `episodic memory verify` names the row: "
            "restore the memory from a backup or an export"
        ) from err
    return value


class JsonText(TypeDecorator[Any]):
    """A JSON value in its canonical spelling. None is JSON null, never SQL NULL."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str:  # noqa: ARG002
        return canonical_json(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:  # noqa: ARG002
        return parsed(value)


class StoryTime(TypeDecorator[StoryPosition]):
    """A story position as one number (episode · 1,000,000 + scene), which sorts and indexes in story order."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: StoryPosition | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        return None if value is None else value.number

    def process_result_value(self, value: int | None, dialect: Dialect) -> StoryPosition | None:  # noqa: ARG002
        return None if value is None else StoryPosition.of_number(value)


class StoryEnd(StoryTime):
    """The exclusive end of a span. None (still holds) is stored as a number after all positions, so that one index serves."""

    cache_ok = True

    def process_bind_param(self, value: StoryPosition | None, dialect: Dialect) -> int | None:
        return NEVER if value is None else super().process_bind_param(value, dialect)

    def process_result_value(self, value: int | None, dialect: Dialect) -> StoryPosition | None:
        return None if value == NEVER else super().process_result_value(value, dialect)


class Table(DeclarativeBase):
    """The base of all tables of a series' memory."""

    metadata = MetaData(naming_convention=_NAMES)


class MetaRow(Table):
    """What the series as a whole says about itself: title and the like."""

    __tablename__ = "series"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[FactValue] = mapped_column(JsonText, nullable=False)


class BranchRow(Table):
    """A line of the series. `main` has no parent; a what-if line has one, and the position at which it left it."""

    __tablename__ = "branches"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("branches.id"))
    forked_at: Mapped[StoryPosition | None] = mapped_column(StoryTime)


class EntityRow(Table):
    """A character, location or prop. Its kind never changes; everything else about it is facts."""

    __tablename__ = "entities"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    slug: Mapped[str] = mapped_column(String(40), unique=True)
    kind: Mapped[EntityKind] = mapped_column(String(16))
    character_kind: Mapped[CharacterKind | None] = mapped_column(String(16))


class SceneRow(Table):
    """One committed scene."""

    __tablename__ = "scenes"
    __table_args__ = (UniqueConstraint("branch_id", "position"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branches.id"))
    position: Mapped[StoryPosition] = mapped_column(StoryTime)
    scene_id: Mapped[str] = mapped_column(String(40))
    title: Mapped[str] = mapped_column(Text)
    synopsis: Mapped[str] = mapped_column(Text)
    key: Mapped[str] = mapped_column(String(128))


class CommitRow(Table):
    """One change of memory as a whole: a finished scene, an edit by the user's hand, or a merge. Ids count up in order of commits."""

    __tablename__ = "commits"
    __table_args__ = (
        Index("ix_commits_by_hand", "branch_id", sqlite_where=text("kind <> 'scene'"), postgresql_where=text("kind <> 'scene'")),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branches.id"), index=True)
    kind: Mapped[CommitKind] = mapped_column(String(8))
    position: Mapped[StoryPosition] = mapped_column(StoryTime)
    """Where in the story: the scene's position, or since when the edit holds."""
    scene_id: Mapped[int | None] = mapped_column(ForeignKey("scenes.id", ondelete="CASCADE"), index=True)
    note: Mapped[str] = mapped_column(Text)
    """For an edit, what the user says about it; for a merge, the branch it came from."""


class AppearanceRow(Table):
    """An entity takes part in a scene. Branch and position are the scene's, so that one index answers who is there when."""

    __tablename__ = "appearances"
    __table_args__ = (Index("ix_appearances_debut", "branch_id", "entity_id", "position"),)

    scene_id: Mapped[int] = mapped_column(ForeignKey("scenes.id", ondelete="CASCADE"), primary_key=True)
    entity_id: Mapped[int] = mapped_column(ForeignKey("entities.id"), primary_key=True, index=True)
    branch_id: Mapped[int] = mapped_column(Integer, server_default="0")
    position: Mapped[StoryPosition] = mapped_column(StoryTime, server_default="0")


class StatementRow(Table):
    """Somebody says that `entity.attribute = value` from `since` on, at most until `stated_end`."""

    __tablename__ = "statements"
    __table_args__ = (
        Index("ix_statements_reach", "branch_id", "entity_id", "reach"),
        Index(
            "ix_statements_overruled",
            "branch_id",
            "since",
            sqlite_where=text("overruled IS NOT NULL"),
            postgresql_where=text("overruled IS NOT NULL"),
        ),
        Index(
            "ix_statements_edits",
            "branch_id",
            "since",
            sqlite_where=text("evidence = 'user'"),
            postgresql_where=text("evidence = 'user'"),
        ),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branches.id"))
    entity_id: Mapped[int] = mapped_column(ForeignKey("entities.id"))
    attribute: Mapped[str] = mapped_column(String(160))
    value: Mapped[FactValue] = mapped_column(JsonText, nullable=False)
    since: Mapped[StoryPosition] = mapped_column(StoryTime)
    stated_end: Mapped[StoryPosition | None] = mapped_column(StoryEnd, nullable=False)
    evidence: Mapped[Evidence] = mapped_column(String(16))
    commit_id: Mapped[int] = mapped_column(ForeignKey("commits.id", ondelete="CASCADE"), index=True)
    stated_at: Mapped[StoryPosition] = mapped_column(StoryTime)
    """The position of the commit; with `ordinal` it settles which of two statements for one position comes last."""
    ordinal: Mapped[int] = mapped_column(Integer)
    reach: Mapped[StoryPosition | None] = mapped_column(StoryEnd, nullable=False)
    """Derived: from here on another statement, or the stated end, keeps this one from holding whatever else is taken back."""
    overruled: Mapped[int | None] = mapped_column(Integer)
    """Derived: the statement of stronger evidence and another value that holds where this one would begin."""


class SpanRow(Table):
    """Derived: `entity.attribute = value` holds from `since` until `ends`. Spans of one attribute never overlap."""

    __tablename__ = "spans"
    __table_args__ = (
        # SQLite reads a canon from the index alone; PostgreSQL does not index long values
        Index(
            "ix_spans_by_since", "branch_id", "node", "since", "entity_id", "attribute", "value", info={"dialect": "sqlite"}
        ).ddl_if(dialect="sqlite"),
        Index(
            "ix_spans_by_ends", "branch_id", "node", "ends", "entity_id", "attribute", "value", info={"dialect": "sqlite"}
        ).ddl_if(dialect="sqlite"),
        Index("ix_spans_since", "branch_id", "node", "since", info={"dialect": "postgresql"}).ddl_if(dialect="postgresql"),
        Index("ix_spans_ends", "branch_id", "node", "ends", info={"dialect": "postgresql"}).ddl_if(dialect="postgresql"),
        Index("ix_spans_history", "branch_id", "entity_id", "ends"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branches.id"))
    entity_id: Mapped[int] = mapped_column(ForeignKey("entities.id"))
    attribute: Mapped[str] = mapped_column(String(160))
    value: Mapped[FactValue] = mapped_column(JsonText, nullable=False)
    since: Mapped[StoryPosition] = mapped_column(StoryTime)
    ends: Mapped[StoryPosition | None] = mapped_column(StoryEnd, nullable=False)
    node: Mapped[int] = mapped_column(BigInteger)
    """Where the span hangs in the interval tree (`memory.schema.interval_tree`)."""
    statement_id: Mapped[int] = mapped_column(Integer)
    """The statement that began it."""


class ThreadRow(Table):
    """A commit opens a thread (with its text) or closes it (without)."""

    __tablename__ = "thread_events"
    __table_args__ = (Index("ix_thread_events_story", "branch_id", "position"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    commit_id: Mapped[int] = mapped_column(ForeignKey("commits.id", ondelete="CASCADE"), index=True)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branches.id"))
    position: Mapped[StoryPosition] = mapped_column(StoryTime)
    thread: Mapped[str] = mapped_column(String(40))
    text: Mapped[str | None] = mapped_column(Text)


class TakeRow(Table):
    """An accepted take. `accepted` counts acceptances, so that order needs no clock."""

    __tablename__ = "takes"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    scene_id: Mapped[int] = mapped_column(ForeignKey("scenes.id", ondelete="CASCADE"), index=True)
    shot_id: Mapped[str] = mapped_column(String(40))
    artifact: Mapped[str] = mapped_column(String(128))
    seed: Mapped[int] = mapped_column(BigInteger)
    accepted: Mapped[int] = mapped_column(Integer, index=True)
    measures: Mapped[FactValue] = mapped_column(JsonText, nullable=False, server_default="{}")
    """What was measured on the take: light, palette (`memory.model.records.TakeRecord.measures`)."""


class KeyFrameRow(Table):
    """A frame of a take that is kept as a picture, because it shows something new, well."""

    __tablename__ = "key_frames"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    take_id: Mapped[int] = mapped_column(ForeignKey("takes.id", ondelete="CASCADE"), index=True)
    frame: Mapped[int] = mapped_column(Integer)
    artifact: Mapped[str] = mapped_column(String(128))
    file: Mapped[str] = mapped_column(String(80))
    quality: Mapped[float] = mapped_column(Float)
    novelty: Mapped[float] = mapped_column(Float)
    shows: Mapped[FactValue] = mapped_column(JsonText, nullable=False)
    """Who is where in it: entity id -> box, likeness, verified (`memory.model.records.Sighting`)."""


class EmbeddingRow(Table):
    """A vector (float32, little-endian) that a scene left: of what a take shows of an entity, or of a scene's meaning."""

    __tablename__ = "embeddings"
    __table_args__ = (Index("ix_embeddings_kind", "kind", "encoder"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    scene_id: Mapped[int] = mapped_column(ForeignKey("scenes.id", ondelete="CASCADE"), index=True)
    take_id: Mapped[int | None] = mapped_column(ForeignKey("takes.id", ondelete="CASCADE"), index=True)
    entity_id: Mapped[int | None] = mapped_column(ForeignKey("entities.id"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    encoder: Mapped[str] = mapped_column(String(80))
    vector: Mapped[bytes] = mapped_column(LargeBinary)
    likeness: Mapped[float | None] = mapped_column(Float)
    """How like it is to what memory already held of the entity, cosine; None: nothing was there to compare with."""
    verified: Mapped[bool] = mapped_column(Boolean, server_default=true())
    """Whether it may serve as a reference."""
