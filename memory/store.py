"""The series' memory: what holds at a story position, and what each finished scene adds to it."""

from __future__ import annotations

import itertools
import re
import sys
from array import array
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import TYPE_CHECKING, Final, Literal, Self, TypeVar

from sqlalchemy import Connection, delete, exists, func, literal, select
from sqlalchemy.orm import Session

from memory.canon import Canon, Character, Location, Prop, Relationship, Thread
from memory.casting import RELATION, entity_of, relation_facts, relations_of
from memory.database import Database
from memory.errors import MemoryFault
from memory.facts import Fact, FactValue, StoryPosition
from memory.record import EntityRecord, EpisodeSummary, SceneRecord, SceneSummary, VectorOwner
from memory.settling import Touched, settle
from memory.tables import (
    MAIN,
    AppearanceRow,
    BranchRow,
    EmbeddingRow,
    EntityRow,
    FactRow,
    MetaRow,
    SceneRow,
    TakeRow,
    ThreadRow,
    canonical_json,
)

if TYPE_CHECKING:
    from memory.embeddings import Vectors

__all__ = ["MemoryStore", "VectorKind"]

VectorKind = Literal["take", "text"]

_T = TypeVar("_T", Character, Location, Prop)
_TITLE: Final = "title"
_ID: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")


class MemoryStore:
    """What one series knows. Every method is one transaction: it sees, or leaves behind, whole scenes only."""

    def __init__(self, database: Database) -> None:
        """Use `open`."""
        self._database = database

    @classmethod
    def open(cls, location: str | Path, *, create: bool = False, patience_s: float = 5.0) -> MemoryStore:
        """Open the memory at `location`: a file (SQLite), or an SQLAlchemy URL. Older versions are brought up to date.

        `create` allows the file to be new; `patience_s` is how long to wait for another writer.
        Raises MemoryFault, DatabaseTooNew, DatabaseLocked.
        """
        return cls(Database(location, create=create, patience_s=patience_s))

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    # Reading

    def as_of(self, position: StoryPosition, branch: str = MAIN) -> Canon:
        """All that holds at `position`: everything stated up to and including it."""
        with self._database.reading() as connection:
            on = self._branch(connection, branch)
            entities, relations = _entities(connection, on, position)
            threads = select(ThreadRow.thread, ThreadRow.text).join(SceneRow, SceneRow.id == ThreadRow.origin_id)
            synopses = select(SceneRow.synopsis)
            up_to = (SceneRow.branch_id == on, SceneRow.position <= position)
            return Canon(
                position=position,
                branch=branch,
                title=str(connection.execute(select(MetaRow.value).where(MetaRow.name == _TITLE)).scalar() or ""),
                characters=_of_kind(Character, entities),
                locations=_of_kind(Location, entities),
                props=_of_kind(Prop, entities),
                relationships=relations,
                threads=_threads(connection.execute(threads.where(*up_to).order_by(SceneRow.position, ThreadRow.id))),
                synopses=tuple(connection.scalars(synopses.where(*up_to, SceneRow.synopsis != "").order_by(SceneRow.position))),
            )

    def committed(self, branch: str = MAIN) -> dict[StoryPosition, str]:
        """The key of every committed scene, in story order."""
        with self._database.reading() as connection:
            query = select(SceneRow.position, SceneRow.key).where(SceneRow.branch_id == self._branch(connection, branch))
            return dict(connection.execute(query.order_by(SceneRow.position)).all())

    def episodes(self, branch: str = MAIN) -> tuple[EpisodeSummary, ...]:
        """Every episode that has a committed scene, with its scenes, in story order."""
        takes = select(func.count()).where(TakeRow.scene_id == SceneRow.id).scalar_subquery()
        query = select(SceneRow.position, SceneRow.scene_id, SceneRow.title, SceneRow.synopsis, SceneRow.key, takes)
        with self._database.reading() as connection:
            rows = connection.execute(
                query.where(SceneRow.branch_id == self._branch(connection, branch)).order_by(SceneRow.position)
            )
            scenes = [
                SceneSummary(position=at, scene_id=scene, title=title, synopsis=synopsis, key=key, takes=count)
                for at, scene, title, synopsis, key, count in rows
            ]
        by_episode = itertools.groupby(scenes, key=lambda one: one.position.episode)
        return tuple(EpisodeSummary(number=number, scenes=tuple(group)) for number, group in by_episode)

    def end(self, branch: str = MAIN) -> StoryPosition | None:
        """The position of the last committed scene; None if the series has not begun."""
        with self._database.reading() as connection:
            query = select(func.max(SceneRow.position)).where(SceneRow.branch_id == self._branch(connection, branch))
            return connection.execute(query).scalar()

    def history(self, entity: str, branch: str = MAIN) -> tuple[Fact, ...]:
        """Everything that ever held about `entity`, by attribute and then in story order. Raises MemoryFault if unknown."""
        with self._database.reading() as connection:
            on = self._branch(connection, branch)
            row = connection.execute(select(EntityRow.id).where(EntityRow.slug == entity)).scalar()
            if row is None:
                raise MemoryFault(
                    f"{self._database.name}: no entity {entity!r}; known: {', '.join(_slugs(connection)) or 'none'}"
                )
            query = (
                select(FactRow.attribute, FactRow.value, FactRow.since, FactRow.ends, FactRow.evidence)
                .where(FactRow.branch_id == on, FactRow.entity_id == row, FactRow.silent.is_(False))
                .order_by(FactRow.attribute, FactRow.since)
            )
            return tuple(
                Fact(entity=entity, attribute=attribute, value=value, since=since, until=ends, evidence=evidence)
                for attribute, value, since, ends, evidence in connection.execute(query)
            )

    def vectors(self, kind: VectorKind, encoder: str, branch: str = MAIN) -> tuple[tuple[VectorOwner, ...], Vectors]:
        """Every vector that `encoder` wrote, one row each, with what it is of, in story order.

        `take`: of what a take shows of an entity; `text`: of a scene's meaning. Without any, the matrix has no rows.
        """
        import numpy as np  # opening a series and reading its canon does without

        query = (
            select(SceneRow.position, SceneRow.scene_id, TakeRow.shot_id, TakeRow.artifact, EntityRow.slug, EmbeddingRow.vector)
            .join(SceneRow, SceneRow.id == EmbeddingRow.scene_id)
            .outerjoin(TakeRow, TakeRow.id == EmbeddingRow.take_id)
            .outerjoin(EntityRow, EntityRow.id == EmbeddingRow.entity_id)
            .where(EmbeddingRow.kind == kind, EmbeddingRow.encoder == encoder)
            .order_by(SceneRow.position, EmbeddingRow.id)
        )
        with self._database.reading() as connection:
            rows = connection.execute(query.where(SceneRow.branch_id == self._branch(connection, branch))).all()
        owners = tuple(
            VectorOwner(position=at, scene_id=scene, shot_id=shot or "", artifact=artifact or "", entity=entity or "")
            for at, scene, shot, artifact, entity, _ in rows
        )
        packed = [np.frombuffer(vector, "<f4") for *_, vector in rows]
        return owners, np.stack(packed).astype(np.float32) if packed else np.zeros((0, 0), np.float32)

    # Writing

    def name_series(self, title: str) -> None:
        """Set the title of the series."""
        with self._database.writing() as session:
            session.merge(MetaRow(name=_TITLE, value=title))

    def commit(self, record: SceneRecord) -> bool:
        """Add a finished scene, all or nothing. False if it is there already with the same key, and nothing was written.

        A scene that is there with another key is replaced: what it had stated no longer counts, what other scenes state does.
        Raises MemoryFault if the record names an entity that nobody introduced, or changes the kind of one.
        """
        facts = (*record.facts, *relation_facts(record.relations, record.position))
        _check(record, facts)
        with self._database.writing() as session:
            on = self._branch(session.connection(), record.branch)
            scene = session.scalars(
                select(SceneRow).where(SceneRow.branch_id == on, SceneRow.position == record.position)
            ).one_or_none()
            if scene is not None and scene.key == record.key:
                return False
            touched = _retract(session, [scene.id]) if scene is not None else []
            scene = SceneRow(
                branch_id=on,
                position=record.position,
                scene_id=record.scene_id,
                title=record.title,
                synopsis=record.synopsis,
                key=record.key,
            )
            session.add(scene)
            session.flush()
            entities = self._introduce(session, record, facts)
            session.add_all(AppearanceRow(scene_id=scene.id, entity_id=entities[one.id]) for one in record.entities)
            rows = [
                FactRow(
                    branch_id=on,
                    entity_id=entities[fact.entity],
                    attribute=fact.attribute,
                    value=fact.value,
                    since=fact.since,
                    stated_end=fact.until,
                    ends=fact.until,
                    silent=False,
                    evidence=fact.evidence,
                    origin_id=scene.id,
                    stated_at=record.position,
                    ordinal=ordinal,
                )
                for ordinal, fact in enumerate(facts)
            ]
            session.add_all(rows)
            session.add_all(ThreadRow(origin_id=scene.id, thread=thread, text=text) for thread, text in record.opens.items())
            session.flush()  # openings get their row ids before closings: a scene may open a thread and close it
            session.add_all(ThreadRow(origin_id=scene.id, thread=thread) for thread in record.closes)
            _add_takes(session, scene.id, record, entities)
            session.flush()
            settle(session.connection(), on, [*touched, *((row.entity_id, row.attribute, row.since) for row in rows)])
            _forget_strangers(session)
        return True

    def forget(self, episode: int, keep: Collection[int] = (), branch: str = MAIN) -> int:
        """Take back every scene of `episode` whose number is not in `keep`, and say how many there were."""
        with self._database.writing() as session:
            on = self._branch(session.connection(), branch)
            query = select(SceneRow.id, SceneRow.position).where(
                SceneRow.branch_id == on,
                SceneRow.position >= StoryPosition(episode),
                SceneRow.position < StoryPosition(episode + 1),
            )
            gone = [row for row, at in session.execute(query) if at.scene not in keep]
            if gone:
                settle(session.connection(), on, _retract(session, gone))
                _forget_strangers(session)
        return len(gone)

    def _branch(self, connection: Connection, name: str) -> int:
        found = connection.execute(select(BranchRow.id).where(BranchRow.name == name)).scalar()
        if found is None:
            names = connection.scalars(select(BranchRow.name).order_by(BranchRow.id))
            raise MemoryFault(f"{self._database.name}: no branch {name!r}; there are: {', '.join(names)}")
        return found

    def _introduce(self, session: Session, record: SceneRecord, facts: Iterable[Fact]) -> dict[str, int]:
        """Rows of all entities the record names, by id; those it brings in are added."""
        objects = {one.object for one in record.relations}
        pictured = {entity for take in record.takes for entity in take.embeddings}
        named = {one.id for one in record.entities} | {fact.entity for fact in facts} | objects | pictured
        known = {row.slug: row for row in session.scalars(select(EntityRow).where(EntityRow.slug.in_(named)))}
        for one in record.entities:
            row = known.get(one.id)
            if row is None:
                known[one.id] = row = EntityRow(slug=one.id, kind=one.kind, character_kind=one.character_kind)
                session.add(row)
            elif (row.kind, row.character_kind) != (one.kind, one.character_kind):
                raise MemoryFault(
                    f"{record.position} ({record.scene_id}): {one.id} is a {_kind(one)} here and a {_kind(row)} in the series so far; "
                    "give the new one another id"
                )
        if strangers := sorted(named - known.keys()):
            raise MemoryFault(
                f"{record.position} ({record.scene_id}): states something about {', '.join(strangers)}, whom nobody introduced; "
                f"known: {', '.join(_slugs(session.connection())) or 'none'}; list the new ones among the scene's entities"
            )
        session.flush()
        return {slug: row.id for slug, row in known.items()}


def _entities(
    connection: Connection, branch: int, position: StoryPosition
) -> tuple[list[Character | Location | Prop], tuple[Relationship, ...]]:
    """Everybody and everything there is at `position`, and how they stand to each other."""
    holding = select(FactRow.entity_id, FactRow.attribute, FactRow.value).where(
        FactRow.branch_id == branch, FactRow.silent.is_(False), FactRow.since <= position, FactRow.ends > position
    )
    facts: defaultdict[int, dict[str, FactValue]] = defaultdict(dict)
    for entity, attribute, value in connection.execute(holding):
        facts[entity][attribute] = value
    seen = select(AppearanceRow.entity_id).join(SceneRow, SceneRow.id == AppearanceRow.scene_id)
    there = facts.keys() | set(connection.scalars(seen.where(SceneRow.branch_id == branch, SceneRow.position <= position)))
    rows = connection.execute(
        select(EntityRow.id, EntityRow.slug, EntityRow.kind, EntityRow.character_kind).order_by(EntityRow.slug)
    )
    related = {name.removeprefix(RELATION) for each in facts.values() for name in each if name.startswith(RELATION)}
    entities = []
    relations: list[Relationship] = []
    for row, slug, kind, character_kind in rows:
        if row in there or slug in related:
            entities.append(entity_of(EntityRecord(id=slug, kind=kind, character_kind=character_kind), facts[row]))
            relations += relations_of(slug, facts[row])
    return entities, tuple(relations)


def _of_kind(kind: type[_T], entities: Iterable[object]) -> Mapping[str, _T]:
    return MappingProxyType({one.id: one for one in entities if isinstance(one, kind)})


def _threads(events: Iterable[tuple[str, str | None]]) -> tuple[Thread, ...]:
    """Threads in the order in which they were opened. `events` are (thread, text); a closing has no text."""
    found: dict[str, Thread] = {}
    for thread, text in events:
        if text is not None:
            found[thread] = Thread(id=thread, text=text)
        elif thread in found:  # its opening scene may have been made again without it
            found[thread] = Thread(id=thread, text=found[thread].text, closed=True)
    return tuple(found.values())


def _check(record: SceneRecord, facts: Collection[Fact]) -> None:
    """What a record must fulfil whatever is in memory. Raises MemoryFault."""
    where = f"{record.position} ({record.scene_id})"
    for fact in facts:
        try:
            canonical_json(fact.value)
        except (TypeError, ValueError) as err:
            raise MemoryFault(
                f"{where}: {fact.entity}.{fact.attribute}: expected a JSON value, found {fact.value!r} ({err})"
            ) from err
        if not 0 < len(fact.attribute) <= 160:
            raise MemoryFault(
                f"{where}: {fact.entity}: expected an attribute of 1 to 160 characters, found {fact.attribute[:60]!r}"
            )
    for one in record.entities:
        if not _ID.fullmatch(one.id):
            raise MemoryFault(f"{where}: {one.id[:60]!r} is not an id; expected small letters, digits and _, at most 40")
    times = (record.position, *(each for fact in facts for each in (fact.since, fact.until) if each))
    if max(time.scene for time in times) >= 1_000_000 or max(time.episode for time in times) >= 1_000_000:
        raise MemoryFault(f"{where}: episodes and scenes count up to 999,999, found {max(times)}")
    ids = [one.id for one in record.entities]
    if len(ids) != len(set(ids)):
        raise MemoryFault(f"{where}: lists an entity twice among {', '.join(ids)}")


def _kind(one: EntityRecord | EntityRow) -> str:
    return f"{one.kind} ({one.character_kind})" if one.character_kind else one.kind


def _slugs(connection: Connection) -> list[str]:
    return list(connection.scalars(select(EntityRow.slug).order_by(EntityRow.slug)))


def _retract(session: Session, scenes: Collection[int]) -> Touched:
    """Delete scenes with all they left, and say which histories must be settled again."""
    query = select(FactRow.entity_id, FactRow.attribute, FactRow.since).where(FactRow.origin_id.in_(scenes))
    touched = [(entity, attribute, since) for entity, attribute, since in session.execute(query)]
    session.execute(delete(SceneRow).where(SceneRow.id.in_(scenes)).execution_options(synchronize_session=False))
    session.expunge_all()
    return touched


def _forget_strangers(session: Session) -> None:
    """Delete entities that no scene shows and no statement names any more."""
    seen, named = select(AppearanceRow.entity_id), select(FactRow.entity_id)
    pictured = select(EmbeddingRow.entity_id).where(EmbeddingRow.entity_id.is_not(None))
    related = exists().where(FactRow.attribute == literal(RELATION) + EntityRow.slug)
    session.execute(
        delete(EntityRow)
        .where(EntityRow.id.not_in(seen), EntityRow.id.not_in(named), EntityRow.id.not_in(pictured), ~related)
        .execution_options(synchronize_session=False)
    )


def _add_takes(session: Session, scene: int, record: SceneRecord, entities: Mapping[str, int]) -> None:
    accepted = session.execute(select(func.coalesce(func.max(TakeRow.accepted), 0))).scalar_one()
    for number, take in enumerate(record.takes, start=accepted + 1):
        row = TakeRow(scene_id=scene, shot_id=take.shot_id, artifact=take.artifact, seed=take.seed, accepted=number)
        session.add(row)
        session.flush()
        session.add_all(
            EmbeddingRow(
                scene_id=scene,
                take_id=row.id,
                entity_id=entities[entity],
                kind="take",
                encoder=take.encoder,
                vector=_packed(vector),
            )
            for entity, vector in take.embeddings.items()
        )
    if record.text_embedding:
        session.add(EmbeddingRow(scene_id=scene, kind="text", encoder=record.text_encoder, vector=_packed(record.text_embedding)))


def _packed(vector: Iterable[float]) -> bytes:
    """Little-endian float32, whatever the machine."""
    numbers = array("f", vector)
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers.tobytes()
