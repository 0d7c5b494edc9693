"""The tables of a series' memory (SQLAlchemy 2, typed).

Facts are kept as the statements of scenes: each row belongs to the scene that committed it, so that a scene which is made again
can take its statements back. From the statements of one (branch, entity, attribute), in story order, the store derives the span
in which each holds (`since` to `ends`), and marks statements that begin no span of their own (`silent`), see `memory.spans`.
"""

from __future__ import annotations

import json
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

from memory.canon import CharacterKind, EntityKind
from memory.facts import Evidence, FactValue, StoryPosition

__all__ = [
    "MAIN",
    "AppearanceRow",
    "BranchRow",
    "EmbeddingRow",
    "EntityRow",
    "FactRow",
    "JsonText",
    "MetaRow",
    "SceneRow",
    "StoryEnd",
    "StoryTime",
    "Table",
    "TakeRow",
    "ThreadRow",
    "canonical_json",
]

MAIN: Final = "main"
_SCENES_PER_EPISODE: Final = 1_000_000
_NEVER: Final = 2**62

_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


def canonical_json(value: FactValue) -> str:
    """The one spelling of a JSON value: two values are the same fact exactly if their spellings are equal."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


class JsonText(TypeDecorator[Any]):
    """A JSON value in its canonical spelling. None is JSON null, never SQL NULL."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str:  # noqa: ARG002
        return canonical_json(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:  # noqa: ARG002
        return json.loads(value)


class StoryTime(TypeDecorator[StoryPosition]):
    """A story position as one number (episode · 1,000,000 + scene), which sorts and indexes in story order."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: StoryPosition | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        return None if value is None else value.episode * _SCENES_PER_EPISODE + value.scene

    def process_result_value(self, value: int | None, dialect: Dialect) -> StoryPosition | None:  # noqa: ARG002
        return None if value is None else StoryPosition(*divmod(value, _SCENES_PER_EPISODE))


class StoryEnd(StoryTime):
    """The exclusive end of a span. None (still holds) is stored as a number after all positions, so that one index serves."""

    cache_ok = True

    def process_bind_param(self, value: StoryPosition | None, dialect: Dialect) -> int | None:
        return _NEVER if value is None else super().process_bind_param(value, dialect)

    def process_result_value(self, value: int | None, dialect: Dialect) -> StoryPosition | None:
        return None if value == _NEVER else super().process_result_value(value, dialect)


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


class AppearanceRow(Table):
    """An entity takes part in a scene."""

    __tablename__ = "appearances"

    scene_id: Mapped[int] = mapped_column(ForeignKey("scenes.id", ondelete="CASCADE"), primary_key=True)
    entity_id: Mapped[int] = mapped_column(ForeignKey("entities.id"), primary_key=True, index=True)


class FactRow(Table):
    """A scene's statement that `entity.attribute = value` from `since` on, at most until `stated_end`."""

    __tablename__ = "facts"
    __table_args__ = (
        Index("ix_facts_as_of", "branch_id", "silent", "ends", "since"),
        Index("ix_facts_history", "branch_id", "entity_id", "attribute", "since"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branches.id"))
    entity_id: Mapped[int] = mapped_column(ForeignKey("entities.id"), index=True)
    attribute: Mapped[str] = mapped_column(String(160))
    value: Mapped[FactValue] = mapped_column(JsonText, nullable=False)
    since: Mapped[StoryPosition] = mapped_column(StoryTime)
    stated_end: Mapped[StoryPosition | None] = mapped_column(StoryEnd, nullable=False)
    ends: Mapped[StoryPosition | None] = mapped_column(StoryEnd, nullable=False)
    """Derived: where the statement stops holding, because of `stated_end` or of the next statement."""
    silent: Mapped[bool] = mapped_column(Boolean)
    """Derived: the value held already, or the statement is overruled, so that it begins no span of its own."""
    evidence: Mapped[Evidence] = mapped_column(String(16))
    origin_id: Mapped[int] = mapped_column(ForeignKey("scenes.id", ondelete="CASCADE"), index=True)
    """The scene that committed the statement."""
    stated_at: Mapped[StoryPosition] = mapped_column(StoryTime)
    """The position of that scene; with `ordinal` it settles which of two statements for one position comes last."""
    ordinal: Mapped[int] = mapped_column(Integer)


class ThreadRow(Table):
    """A scene opens a thread (with its text) or closes it (without)."""

    __tablename__ = "threads"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    origin_id: Mapped[int] = mapped_column(ForeignKey("scenes.id", ondelete="CASCADE"), index=True)
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
    accepted: Mapped[int] = mapped_column(Integer)


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
