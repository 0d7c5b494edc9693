"""Everything memory has for a scene to be made: ranked and within a budget, with what was left out and why.

Memories are of the branch and from before the scene; facts and relations are those that hold at it. Scores run from 0 to 1:

    identity   1.00   who an entity is: its name and description
    state      0.80 + 0.10 if the attribute is visible + 0.05 if the scene's text mentions it
    relation   0.85 where both are in the scene, else 0.40
    voice, motion, light   0.80 * (0.6 * likeness to itself + 0.4 * recency) + 0.15: the best verified one of each
    reference  0.90 * what it adds to those before it (`memory.queries.reference_frames`)
    scene      0.75 * (0.5 * cosine of meaning + 0.3 * share of the needed entities + 0.2 * recency)
    thread     0.55 + 0.20 * share of its words that the scene's text has + 0.05 * recency

Recency halves with every 8 scenes in between. A memory without a measured likeness counts 0.8 there. Without an embedding, the
share of the text's words that an earlier scene's synopsis has stands for the cosine. Ties: kind in the order above, entity, text.

Memories are chosen by score while their cost fits the budget. Cost is in tokens: a text costs one per four characters, a
picture 256, a vector 16.
"""

from __future__ import annotations

import math
import sys
from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal, cast

from sqlalchemy import Connection, Integer, Text, bindparam, case, func, select, type_coerce

from memory.errors import MemoryFault
from memory.model.entities import IDENTITY, RELATION, spoken_relation
from memory.model.facts import FactValue, StoryPosition
from memory.queries.past_states import VISIBLE, Past, candidate_scenes, latest_of_each, latest_scenes
from memory.queries.reference_frames import (
    LOW_QUALITY,
    Frame,
    ReferenceNeed,
    kind_of_embedding,
    rank_references,
    read_frames,
)
from memory.queries.scene_vectors import SceneVectors
from memory.queries.text_search import spoken, stems
from memory.schema.branch_lineage import Lineage
from memory.schema.interval_tree import OPEN, path_to
from memory.schema.tables import AppearanceRow, EmbeddingRow, EntityRow, SceneRow, SpanRow, TakeRow, ThreadRow, parsed

__all__ = ["LeftOut", "Memory", "MemoryKind", "Need", "Reason", "Recall", "Source", "recall"]

MemoryKind = Literal["identity", "state", "relation", "voice", "motion", "light", "reference", "scene", "thread"]
Reason = Literal["budget", "not verified", "low quality"]

_ORDER: Final[Mapping[str, int]] = {
    kind: order
    for order, kind in enumerate(("identity", "state", "relation", "voice", "motion", "light", "reference", "scene", "thread"))
}
_PICTURE_COST: Final = 256
_VECTOR_COST: Final = 16
_HALF_LIFE: Final = 8
_UNMEASURED: Final = 0.8
_LATEST: Final = 64
_LATEST_EACH: Final = 12
_BY_MEANING: Final = 24
# built once: building a query costs more than running it
_FACT: Final = select(
    SpanRow.entity_id, SpanRow.attribute, type_coerce(SpanRow.value, Text), type_coerce(SpanRow.since, Integer)
).where(SpanRow.branch_id == bindparam("branch"), SpanRow.node.in_(bindparam("nodes", expanding=True)))
# two queries: SQLite answers an `or` of them by reading all spans of the branch
_BEGUN: Final = _FACT.where(type_coerce(SpanRow.since, Integer) <= bindparam("at"))
_LASTING: Final = _FACT.where(type_coerce(SpanRow.ends, Integer) > bindparam("at"))
_SCENES: Final = select(SceneRow.id, SceneRow.scene_id, SceneRow.position, SceneRow.title, SceneRow.synopsis).where(
    SceneRow.id.in_(bindparam("scenes", expanding=True))
)
_PRESENT: Final = (
    select(AppearanceRow.scene_id, func.count())
    .where(
        AppearanceRow.scene_id.in_(bindparam("scenes", expanding=True)),
        AppearanceRow.entity_id.in_(bindparam("entities", expanding=True)),
    )
    .group_by(AppearanceRow.scene_id)
)
_TAKEN: Final = (
    select(
        EmbeddingRow.entity_id,
        EmbeddingRow.kind,
        EmbeddingRow.encoder,
        EmbeddingRow.likeness,
        EmbeddingRow.verified,
        EmbeddingRow.id,
        EmbeddingRow.scene_id,
        SceneRow.scene_id,
        type_coerce(SceneRow.position, Integer),
        TakeRow.shot_id,
        TakeRow.artifact,
    )
    .join(SceneRow, SceneRow.id == EmbeddingRow.scene_id)
    .join(TakeRow, TakeRow.id == EmbeddingRow.take_id)
    .where(EmbeddingRow.scene_id.in_(bindparam("scenes", expanding=True)), kind_of_embedding.in_(("voice", "motion", "light")))
    .order_by(EmbeddingRow.id)
)
_VECTORS: Final = select(EmbeddingRow.id, EmbeddingRow.vector).where(EmbeddingRow.id.in_(bindparam("rows", expanding=True)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """What a scene to be made needs from memory."""

    position: StoryPosition
    entities: tuple[str, ...] = ()
    """The ids of characters and props in it."""
    location: str = ""
    """The id of the location; empty: unknown."""
    text: str = ""
    """What happens: synopsis, goal, lines."""
    embedding: tuple[float, ...] = ()
    """The meaning of `text`; empty: earlier scenes are compared by words."""
    encoder: str = ""
    """The encoder that wrote `embedding`."""
    budget: int = 8192
    """In tokens (see the module)."""
    references: int = 4
    """The largest number of key frames of each entity."""
    scenes: int = 8
    """The largest number of earlier scenes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The take, or its key frame, that a memory comes from. Only a key frame has `file` and `frame`."""

    scene_id: str
    shot_id: str
    artifact: str
    file: str = ""
    frame: int | None = None
    box: tuple[float, float, float, float] | None = None
    """Left, top, right, bottom of the entity as shares of the picture."""
    quality: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """One memory for the scene."""

    kind: MemoryKind
    entity: str = ""
    """The id of the entity it is about; empty: no entity in particular."""
    text: str
    score: float
    cost: int
    position: StoryPosition | None = None
    """The position since when it holds, or of the scene it comes from."""
    attribute: str = ""
    value: FactValue = None
    """The value of a state or relation, with `attribute`."""
    take: Source | None = None
    vector: tuple[float, ...] = ()
    encoder: str = ""
    verified: bool = True


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A memory that was not chosen, and why."""

    memory: Memory
    reason: Reason


@dataclass(frozen=True, slots=True)
class Recall:
    """The chosen memories, best first, and those left out, by reason and score."""

    chosen: tuple[Memory, ...]
    left_out: tuple[LeftOut, ...]

    @property
    def cost(self) -> int:
        """The cost of the chosen memories, in tokens."""
        return sum(memory.cost for memory in self.chosen)


def recall(connection: Connection, lineage: Lineage, need: Need, *, vectors: SceneVectors | None = None) -> Recall:
    """Everything memory has for `need`, ranked, within its budget. `vectors` caches the scenes' vectors between calls.

    Entities that memory does not know yet have no memories. Raises MemoryFault if the budget is not a positive number.
    """
    if need.budget <= 0:
        raise MemoryFault(f"a recall for {need.position} has a budget of {need.budget} tokens; expected a positive number")
    query = _RecallQuery(connection, lineage, need, vectors or SceneVectors())
    return _choose(need, list(query.memories()))


def _choose(need: Need, memories: Sequence[Memory]) -> Recall:
    """Choose by score what fits the budget."""
    chosen: list[Memory] = []
    left_out: list[LeftOut] = []
    remaining = need.budget
    pictures: defaultdict[str, int] = defaultdict(int)
    scenes = 0
    for memory in sorted(memories, key=_rank):
        if (reason := _unfit(memory)) is not None:
            left_out.append(LeftOut(memory, reason))
            continue
        is_picture, is_scene = memory.kind == "reference", memory.kind == "scene"
        enough = (is_picture and pictures[memory.entity] >= need.references) or (is_scene and scenes >= need.scenes)
        if enough or memory.cost > remaining:
            left_out.append(LeftOut(memory, "budget"))
            continue
        remaining -= memory.cost
        pictures[memory.entity] += is_picture
        scenes += is_scene
        chosen.append(memory)
    return Recall(tuple(chosen), tuple(sorted(left_out, key=lambda omitted: (omitted.reason, _rank(omitted.memory)))))


def _unfit(memory: Memory) -> Reason | None:
    if not memory.verified:
        return "not verified"
    return "low quality" if memory.take is not None and memory.take.quality < LOW_QUALITY else None


def _rank(memory: Memory) -> tuple[Any, ...]:
    """The order of memories: by score, then kind, entity and text."""
    source = memory.take
    where = (source.artifact, source.file, source.frame or 0) if source is not None else ("", "", 0)
    return (
        -memory.score,
        _ORDER[memory.kind],
        memory.entity,
        memory.attribute,
        memory.text,
        -(memory.position or StoryPosition(0)).number,
        where,
    )


@dataclass(frozen=True, slots=True)
class _HeldFact:
    """A fact that holds at the scene; `value` is its spelling."""

    value: str
    since: StoryPosition


class _RecallQuery:
    """One recall: reads once what several kinds of memories need."""

    def __init__(self, connection: Connection, lineage: Lineage, need: Need, vectors: SceneVectors) -> None:
        self._connection, self._lineage, self._need, self._vectors = connection, lineage, need, vectors
        slugs = list(dict.fromkeys([*need.entities, *([need.location] if need.location else [])]))
        rows = connection.execute(select(EntityRow.slug, EntityRow.id).where(EntityRow.slug.in_(slugs)))
        known = dict(rows.all())
        self._entities = {slug: known[slug] for slug in slugs if slug in known}
        self._location = known.get(need.location)
        self._words = set(stems(need.text))
        self._facts = self._facts_at_scene()
        latest = latest_of_each(connection, lineage, self._entities.values(), need.position, _LATEST_EACH)
        self._latest = {slug: [scene for scene, _ in latest[row]] for slug, row in self._entities.items()}

    def memories(self) -> Iterator[Memory]:
        """All memories, including those that must not be chosen."""
        yield from self._facts_memories()
        facts_now = {
            row: {attribute: (fact.value, fact.since.number) for attribute, fact in self._facts.get(slug, {}).items()}
            for slug, row in self._entities.items()
        }
        pasts, scenes = candidate_scenes(self._connection, self._lineage, facts_now, self._need.position, self._location)
        scenes_read = dict.fromkeys([*(row for latest in self._latest.values() for row in latest), *scenes])
        yield from self._takes()
        yield from self._references(pasts, read_frames(self._connection, scenes_read))
        yield from self._scenes()
        yield from self._threads()

    def _facts_at_scene(self) -> dict[str, dict[str, _HeldFact]]:
        """The facts that hold at the scene about the needed entities, by the interval tree (`memory.schema.interval_tree`)."""
        at = self._need.position.number
        after, before = path_to(at + 1)
        branch = self._lineage.owner(self._need.position)
        slugs = {row: slug for slug, row in self._entities.items()}
        facts: defaultdict[str, dict[str, _HeldFact]] = defaultdict(dict)
        for query, nodes in ((_BEGUN, [OPEN, *after]), (_LASTING, before)):
            for row, attribute, value, begins in self._connection.execute(
                query, {"branch": branch, "nodes": nodes, "at": at}
            ).all():
                if row in slugs:
                    facts[slugs[row]][attribute] = _HeldFact(value, StoryPosition.of_number(begins))
        return facts

    def _facts_memories(self) -> Iterator[Memory]:
        """Memories of identity, state and relations."""
        for slug in self._entities:
            facts = self._facts.get(slug, {})
            name, description = (
                spoken(_parsed(facts[attribute])) if attribute in facts else "" for attribute in ("name", "description")
            )
            name = name or slug.replace("_", " ").capitalize()
            since = min((facts[attribute].since for attribute in ("name", "description") if attribute in facts), default=None)
            text = f"{name}: {description}" if description else name
            yield Memory(kind="identity", entity=slug, text=text, score=1.0, cost=_text_cost(text), position=since)
            for attribute, fact in facts.items():
                if attribute.startswith(RELATION):
                    yield self._relation(slug, attribute, fact)
                elif attribute not in IDENTITY:
                    yield self._state(slug, name, attribute, fact)

    def _state(self, slug: str, name: str, attribute: str, fact: _HeldFact) -> Memory:
        """The memory of a state."""
        value = _parsed(fact)
        text = f"{name}: {attribute.replace('_', ' ')} {spoken(value)}"
        mentioned = not self._words.isdisjoint([*stems(attribute), *stems(spoken(value))])
        score = 0.80 + 0.10 * (attribute in VISIBLE) + 0.05 * mentioned
        return Memory(
            kind="state",
            entity=slug,
            text=text,
            score=score,
            cost=_text_cost(text),
            position=fact.since,
            attribute=attribute,
            value=value,
        )

    def _relation(self, slug: str, attribute: str, fact: _HeldFact) -> Memory:
        """The memory of a relation."""
        other, value = attribute.removeprefix(RELATION), _parsed(fact)
        text = f"{slug} {spoken_relation(value)} {other}"
        score = 0.85 if other in self._entities else 0.40
        return Memory(
            kind="relation",
            entity=slug,
            text=text,
            score=score,
            cost=_text_cost(text),
            position=fact.since,
            attribute=attribute,
            value=value,
        )

    def _takes(self) -> Iterator[Memory]:
        """Voices, movements and lights of entities: the best verified take of each, and those that were not verified."""
        slugs = {row: slug for slug, row in self._entities.items()}
        ages = {slug: {row: age for age, row in enumerate(latest)} for slug, latest in self._latest.items()}
        scenes = sorted({row for latest in self._latest.values() for row in latest})
        best: dict[tuple[str, str, str], tuple[Memory, int]] = {}
        for entity, kind, encoder, likeness, verified, row, scene, scene_id, at, shot, artifact in self._connection.execute(
            _TAKEN, {"scenes": scenes}
        ):
            slug = slugs.get(entity or 0, "")
            if scene not in ages.get(slug, {}):
                continue
            like = _UNMEASURED if likeness is None else max(0.0, min(1.0, likeness))
            memory = Memory(
                kind=cast(MemoryKind, kind),
                entity=slug,
                text=f"{slug}: {kind} of {scene_id} {shot}",
                score=0.80 * (0.6 * like + 0.4 * _recency(ages[slug][scene])) + 0.15,
                cost=_VECTOR_COST,
                position=StoryPosition.of_number(at),
                take=Source(scene_id=scene_id, shot_id=shot, artifact=artifact),
                encoder=encoder,
                verified=verified,
            )
            group = slug, kind, encoder
            if not verified:
                yield memory
            elif group not in best or _rank(memory) < _rank(best[group][0]):
                best[group] = memory, row
        vectors = dict(self._connection.execute(_VECTORS, {"rows": [row for _, row in best.values()]}).all())
        yield from (replace(memory, vector=_unpacked(vectors[row])) for memory, row in best.values())

    def _references(self, pasts: Mapping[int, Past], frames: Sequence[Frame]) -> Iterator[Memory]:
        """Key frames of the needed entities."""
        at_location: set[int] = set()
        if self._location is not None:
            scenes = sorted({frame.scene for frame in frames})
            query = select(AppearanceRow.scene_id).where(
                AppearanceRow.entity_id == self._location, AppearanceRow.scene_id.in_(scenes)
            )
            at_location = set(self._connection.scalars(query))
        frames_there = sorted(
            (frame for frame in frames if frame.scene in at_location), key=lambda frame: (-frame.position, -frame.id)
        )
        light = next((light for frame in frames_there if (light := frame.light) is not None), None)
        needs = [ReferenceNeed(row, slug, pasts[row], row == self._location) for slug, row in self._entities.items()]
        for slug, ranked in rank_references(self._connection, needs, frames, at_location, light).items():
            for reference in ranked:
                frame = reference.frame
                yield Memory(
                    kind="reference",
                    entity=slug,
                    text=f"{slug} in {frame.scene_id} {frame.shot_id}, frame {frame.frame}",
                    score=0.90 * reference.score,
                    cost=_PICTURE_COST,
                    position=StoryPosition.of_number(frame.position),
                    take=Source(
                        scene_id=frame.scene_id,
                        shot_id=frame.shot_id,
                        artifact=frame.artifact,
                        file=frame.file,
                        frame=frame.frame,
                        box=reference.box,
                        quality=frame.quality,
                    ),
                    verified=reference.verified,
                )

    def _scenes(self) -> Iterator[Memory]:
        """Earlier scenes: similar in meaning, with the same entities, or just before."""
        need, before = self._need, self._need.position
        cosines: dict[int, float] = {}
        if need.embedding and need.encoder:
            cosines = dict(
                self._vectors.most_like(
                    self._connection, self._lineage, need.encoder, need.embedding, before=before, count=_BY_MEANING
                )
            )
        latest = [row for row, _ in latest_scenes(self._connection, self._lineage, None, before, _LATEST)]
        age = {row: number for number, row in enumerate(latest)}
        shared = (row for rows in self._latest.values() for row in rows[: _BY_MEANING // 2])
        candidates = list(dict.fromkeys([*cosines, *latest[: _BY_MEANING // 2], *shared]))
        present = self._present(candidates)
        for row, scene_id, position, title, synopsis in self._connection.execute(_SCENES, {"scenes": candidates}).all():
            words = set(stems(f"{title} {synopsis}")) if not need.embedding else set()
            meaning = cosines.get(row, 0.0) if need.embedding else _share(self._words, words)
            shared_entities = present.get(row, 0) / len(self._entities) if self._entities else 0.0
            recency = _recency(age[row]) if row in age else 0.0
            text = f"{position} {title}: {synopsis}" if title and synopsis else f"{position} {title or synopsis or scene_id}"
            yield Memory(
                kind="scene",
                text=text,
                score=0.75 * (0.5 * max(0.0, meaning) + 0.3 * shared_entities + 0.2 * recency),
                cost=_text_cost(text),
                position=position,
                attribute=scene_id,
            )

    def _present(self, scenes: Sequence[int]) -> dict[int, int]:
        """The number of needed entities in each scene."""
        parameters = {"scenes": scenes, "entities": list(self._entities.values())}
        return dict(self._connection.execute(_PRESENT, parameters).all())

    def _threads(self) -> Iterator[Memory]:
        """Open threads: those whose last event before the scene opened them."""
        seen = (self._lineage.sees(ThreadRow.branch_id, ThreadRow.position), ThreadRow.position < self._need.position)
        at = type_coerce(ThreadRow.position, Integer)
        opened = func.max(case((ThreadRow.text.is_not(None), at)))
        closed = func.max(case((ThreadRow.text.is_(None), at)))
        last = select(ThreadRow.thread, opened).where(*seen).group_by(ThreadRow.thread)
        opened_at: dict[str, int] = dict(self._connection.execute(last.having((closed.is_(None)) | (opened >= closed))).all())
        events = select(ThreadRow.thread, ThreadRow.text, ThreadRow.position).where(
            *seen, at.in_(sorted(set(opened_at.values())))
        )
        # opened and closed at one position: then the order of the rows decides
        latest = {
            thread: (text, position)
            for thread, text, position in self._connection.execute(events.order_by(ThreadRow.id)).all()
            if opened_at.get(thread) == position.number
        }
        rows = sorted(
            ((thread, text, position) for thread, (text, position) in latest.items() if text is not None),
            key=lambda row: (-row[2].number, row[0]),
        )
        for number, (thread, text, position) in enumerate(rows):
            score = 0.55 + 0.20 * _share(set(stems(text)), self._words) + 0.05 * _recency(number)
            yield Memory(kind="thread", text=text, score=score, cost=_text_cost(text), position=position, attribute=thread)


def _parsed(fact: _HeldFact) -> FactValue:
    """The value of a fact."""
    return parsed(fact.value)


def _recency(age: int) -> float:
    return float(0.5 ** (age / _HALF_LIFE))


def _share(words: set[str], text_words: Iterable[str]) -> float:
    """The share of `words` that are among `text_words`."""
    return len(words.intersection(text_words)) / len(words) if words else 0.0


def _text_cost(text: str) -> int:
    return max(1, math.ceil(len(text) / 4))


def _unpacked(vector: bytes) -> tuple[float, ...]:
    """Little-endian float32, whatever the machine."""
    numbers = array("f")
    numbers.frombytes(vector[: len(vector) // 4 * 4])
    if sys.byteorder == "big":
        numbers.byteswap()
    return tuple(numbers)
