"""Everything memory has for a scene that is to be made: ranked, within a budget, and what was left out and why.

Everything is of the branch and from before the scene; facts and relations are those that hold at it. Scores run from 0 to 1:

    identity   1.00   who an entity is: its name and description
    state      0.80 + 0.10 if the attribute can be seen + 0.05 if the scene's text speaks of it
    relation   0.85 where both are in the scene, else 0.40
    voice, motion, light   0.80 * (0.6 * likeness to itself + 0.4 * recency) + 0.15: the best verified one of each
    reference  0.90 * what it adds to those before it (`memory.queries.reference_frames`)
    scene      0.75 * (0.5 * cosine of meaning + 0.3 * share of the needed entities + 0.2 * recency)
    thread     0.55 + 0.20 * share of its words that the scene's text has + 0.05 * recency

Recency halves with every 8 scenes in between. A memory without a measured likeness counts 0.8 there. Without an embedding, the
share of the text's words that an earlier scene's synopsis has stands for the cosine. Ties: kind in the order above, entity, text.

Memories are chosen by score as long as their cost fits the budget. Cost is in tokens: a text costs one per four characters, a
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
from memory.queries.reference_frames import (
    LOW_QUALITY,
    VISIBLE,
    Frame,
    Past,
    Wanted,
    kind_of_embedding,
    latest_of_each,
    latest_scenes,
    rank_references,
    read_frames,
    worth_a_look,
)
from memory.queries.scene_vectors import SceneVectors
from memory.queries.search import spoken, stems
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
# built once: putting a query together costs more than running it
_FACT: Final = select(
    SpanRow.entity_id, SpanRow.attribute, type_coerce(SpanRow.value, Text), type_coerce(SpanRow.since, Integer)
).where(SpanRow.branch_id == bindparam("branch"), SpanRow.node.in_(bindparam("nodes", expanding=True)))
# two queries: of an `or` of them SQLite makes a walk through all spans of the branch
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
        EmbeddingRow.entity_id, EmbeddingRow.kind, EmbeddingRow.encoder, EmbeddingRow.likeness, EmbeddingRow.verified, EmbeddingRow.id,
        EmbeddingRow.scene_id, SceneRow.scene_id, type_coerce(SceneRow.position, Integer), TakeRow.shot_id, TakeRow.artifact,
    )
    .join(SceneRow, SceneRow.id == EmbeddingRow.scene_id)
    .join(TakeRow, TakeRow.id == EmbeddingRow.take_id)
    .where(EmbeddingRow.scene_id.in_(bindparam("scenes", expanding=True)), kind_of_embedding.in_(("voice", "motion", "light")))
    .order_by(EmbeddingRow.id)
)  # fmt: skip
_VECTORS: Final = select(EmbeddingRow.id, EmbeddingRow.vector).where(EmbeddingRow.id.in_(bindparam("rows", expanding=True)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """What a scene that is to be made asks memory for."""

    position: StoryPosition
    entities: tuple[str, ...] = ()
    """The ids of characters and props in it."""
    location: str = ""
    """The id of the place; empty: none is known."""
    text: str = ""
    """What happens: synopsis, goal, lines."""
    embedding: tuple[float, ...] = ()
    """The meaning of `text`; empty: earlier scenes are compared by words."""
    encoder: str = ""
    """Which encoder wrote `embedding`."""
    budget: int = 8192
    """In tokens (see the module)."""
    references: int = 4
    """At most so many key frames of each entity."""
    scenes: int = 8
    """At most so many earlier scenes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The take, or the key frame of it, that carries a memory. `file` and `frame` are of a key frame only."""

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
    """One thing memory has for the scene."""

    kind: MemoryKind
    entity: str = ""
    """Whose memory it is; empty: nobody's in particular."""
    text: str
    score: float
    cost: int
    position: StoryPosition | None = None
    """Since when it holds, or the scene it comes from."""
    attribute: str = ""
    value: FactValue = None
    """Of a state or relation, with `attribute`."""
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
    """What was chosen, best first, and what was left out, by reason and score."""

    chosen: tuple[Memory, ...]
    left_out: tuple[LeftOut, ...]

    @property
    def cost(self) -> int:
        """Of everything chosen, tokens."""
        return sum(one.cost for one in self.chosen)


def recall(connection: Connection, lineage: Lineage, need: Need, *, vectors: SceneVectors | None = None) -> Recall:
    """Everything for `need`, ranked, within its budget. `vectors` keeps the scenes' vectors from one call to the next.

    Entities that memory does not know yet have no memories. Raises MemoryFault if the budget is no positive number.
    """
    if need.budget <= 0:
        raise MemoryFault(f"a recall for {need.position} has a budget of {need.budget} tokens; expected a positive number")
    recalling = _Recalling(connection, lineage, need, vectors or SceneVectors())
    return _within(need, list(recalling.memories()))


def _within(need: Need, found: Sequence[Memory]) -> Recall:
    """Choose by score what fits."""
    chosen: list[Memory] = []
    left_out: list[LeftOut] = []
    left = need.budget
    pictures: defaultdict[str, int] = defaultdict(int)
    scenes = 0
    for one in sorted(found, key=_rank):
        if (reason := _unfit(one)) is not None:
            left_out.append(LeftOut(one, reason))
            continue
        is_picture, is_scene = one.kind == "reference", one.kind == "scene"
        enough = (is_picture and pictures[one.entity] >= need.references) or (is_scene and scenes >= need.scenes)
        if enough or one.cost > left:
            left_out.append(LeftOut(one, "budget"))
            continue
        left -= one.cost
        pictures[one.entity] += is_picture
        scenes += is_scene
        chosen.append(one)
    return Recall(tuple(chosen), tuple(sorted(left_out, key=lambda each: (each.reason, _rank(each.memory)))))


def _unfit(one: Memory) -> Reason | None:
    if not one.verified:
        return "not verified"
    return "low quality" if one.take is not None and one.take.quality < LOW_QUALITY else None


def _rank(one: Memory) -> tuple[Any, ...]:
    place = one.take
    where = (place.artifact, place.file, place.frame or 0) if place is not None else ("", "", 0)
    return -one.score, _ORDER[one.kind], one.entity, one.attribute, one.text, -(one.position or StoryPosition(0)).number, where


@dataclass(frozen=True, slots=True)
class _Held:
    """A fact that holds at the scene; `value` is spelled."""

    value: str
    since: StoryPosition


class _Recalling:
    """One recall: what several kinds of memory have to know is read once."""

    def __init__(self, connection: Connection, lineage: Lineage, need: Need, vectors: SceneVectors) -> None:
        self._connection, self._lineage, self._need, self._vectors = connection, lineage, need, vectors
        asked = list(dict.fromkeys([*need.entities, *([need.location] if need.location else [])]))
        rows = connection.execute(select(EntityRow.slug, EntityRow.id).where(EntityRow.slug.in_(asked)))
        known = dict(rows.all())
        self._entities = {slug: known[slug] for slug in asked if slug in known}
        self._location = known.get(need.location)
        self._words = set(stems(need.text))
        self._facts = self._holding()
        latest = latest_of_each(connection, lineage, self._entities.values(), need.position, _LATEST_EACH)
        self._latest = {slug: [scene for scene, _ in latest[row]] for slug, row in self._entities.items()}

    def memories(self) -> Iterator[Memory]:
        """Everything that could be chosen, and what must not be."""
        yield from self._said()
        held = {
            row: {attribute: (one.value, one.since.number) for attribute, one in self._facts.get(slug, {}).items()}
            for slug, row in self._entities.items()
        }
        pasts, scenes = worth_a_look(self._connection, self._lineage, held, self._need.position, self._location)
        every = dict.fromkeys([*(row for latest in self._latest.values() for row in latest), *scenes])
        yield from self._takes()
        yield from self._references(pasts, read_frames(self._connection, every))
        yield from self._scenes()
        yield from self._threads()

    def _holding(self) -> dict[str, dict[str, _Held]]:
        """What holds at the scene about the entities in need, by the interval tree (`memory.schema.interval_tree`)."""
        at = self._need.position.number
        after, before = path_to(at + 1)
        branch = self._lineage.owner(self._need.position)
        slugs = {row: slug for slug, row in self._entities.items()}
        found: defaultdict[str, dict[str, _Held]] = defaultdict(dict)
        for query, nodes in ((_BEGUN, [OPEN, *after]), (_LASTING, before)):
            for row, attribute, value, begins in self._connection.execute(
                query, {"branch": branch, "nodes": nodes, "at": at}
            ).all():
                if row in slugs:
                    found[slugs[row]][attribute] = _Held(value, StoryPosition.of_number(begins))
        return found

    def _said(self) -> Iterator[Memory]:
        """Identity, state and relations."""
        for slug in self._entities:
            facts = self._facts.get(slug, {})
            name, description = (spoken(_parsed(facts[each])) if each in facts else "" for each in ("name", "description"))
            name = name or slug.replace("_", " ").capitalize()
            since = min((facts[each].since for each in ("name", "description") if each in facts), default=None)
            text = f"{name}: {description}" if description else name
            yield Memory(kind="identity", entity=slug, text=text, score=1.0, cost=_text_cost(text), position=since)
            for attribute, held in facts.items():
                if attribute.startswith(RELATION):
                    yield self._relation(slug, attribute, held)
                elif attribute not in IDENTITY:
                    yield self._state(slug, name, attribute, held)

    def _state(self, slug: str, name: str, attribute: str, held: _Held) -> Memory:
        value = _parsed(held)
        text = f"{name}: {attribute.replace('_', ' ')} {spoken(value)}"
        spoken_of = not self._words.isdisjoint([*stems(attribute), *stems(spoken(value))])
        score = 0.80 + 0.10 * (attribute in VISIBLE) + 0.05 * spoken_of
        return Memory(
            kind="state", entity=slug, text=text, score=score, cost=_text_cost(text), position=held.since, attribute=attribute, value=value
        )  # fmt: skip

    def _relation(self, slug: str, attribute: str, held: _Held) -> Memory:
        other, value = attribute.removeprefix(RELATION), _parsed(held)
        text = f"{slug} {spoken_relation(value)} {other}"
        score = 0.85 if other in self._entities else 0.40
        return Memory(
            kind="relation", entity=slug, text=text, score=score, cost=_text_cost(text), position=held.since, attribute=attribute, value=value
        )  # fmt: skip

    def _takes(self) -> Iterator[Memory]:
        """How entities sound, move or are lit: the best verified take of each, and those that were not verified."""
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
            one = Memory(
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
            which = slug, kind, encoder
            if not verified:
                yield one
            elif which not in best or _rank(one) < _rank(best[which][0]):
                best[which] = one, row
        vectors = dict(self._connection.execute(_VECTORS, {"rows": [row for _, row in best.values()]}).all())
        yield from (replace(one, vector=_unpacked(vectors[row])) for one, row in best.values())

    def _references(self, pasts: Mapping[int, Past], frames: Sequence[Frame]) -> Iterator[Memory]:
        there: set[int] = set()
        if self._location is not None:
            scenes = sorted({one.scene for one in frames})
            query = select(AppearanceRow.scene_id).where(
                AppearanceRow.entity_id == self._location, AppearanceRow.scene_id.in_(scenes)
            )
            there = set(self._connection.scalars(query))
        here = sorted((one for one in frames if one.scene in there), key=lambda one: (-one.position, -one.id))
        light = next((light for one in here if (light := one.light)), {})
        wanted = [Wanted(row, slug, pasts[row], row == self._location) for slug, row in self._entities.items()]
        for slug, ranked in rank_references(self._connection, wanted, frames, there, light).items():
            for one in ranked:
                frame = one.frame
                yield Memory(
                    kind="reference",
                    entity=slug,
                    text=f"{slug} in {frame.scene_id} {frame.shot_id}, frame {frame.frame}",
                    score=0.90 * one.score,
                    cost=_PICTURE_COST,
                    position=StoryPosition.of_number(frame.position),
                    take=Source(
                        scene_id=frame.scene_id,
                        shot_id=frame.shot_id,
                        artifact=frame.artifact,
                        file=frame.file,
                        frame=frame.frame,
                        box=one.box,
                        quality=frame.quality,
                    ),
                    verified=one.verified,
                )

    def _scenes(self) -> Iterator[Memory]:
        """Earlier scenes: like this one in meaning, with the same people, or just before."""
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
        shared = (row for each in self._latest.values() for row in each[: _BY_MEANING // 2])
        wanted = list(dict.fromkeys([*cosines, *latest[: _BY_MEANING // 2], *shared]))
        present = self._present(wanted)
        for row, scene_id, position, title, synopsis in self._connection.execute(_SCENES, {"scenes": wanted}).all():
            words = set(stems(f"{title} {synopsis}")) if not need.embedding else set()
            meaning = cosines.get(row, 0.0) if need.embedding else _share(self._words, words)
            company = present.get(row, 0) / len(self._entities) if self._entities else 0.0
            recency = _recency(age[row]) if row in age else 0.0
            text = f"{position} {title}: {synopsis}" if title and synopsis else f"{position} {title or synopsis or scene_id}"
            yield Memory(
                kind="scene",
                text=text,
                score=0.75 * (0.5 * max(0.0, meaning) + 0.3 * company + 0.2 * recency),
                cost=_text_cost(text),
                position=position,
                attribute=scene_id,
            )

    def _present(self, scenes: Sequence[int]) -> dict[int, int]:
        """How many of the needed entities are in each scene."""
        asked = {"scenes": scenes, "entities": list(self._entities.values())}
        return dict(self._connection.execute(_PRESENT, asked).all())

    def _threads(self) -> Iterator[Memory]:
        """Threads whose last event before the scene opened them."""
        seen = (self._lineage.sees(ThreadRow.branch_id, ThreadRow.position), ThreadRow.position < self._need.position)
        at = type_coerce(ThreadRow.position, Integer)
        opened = func.max(case((ThreadRow.text.is_not(None), at)))
        closed = func.max(case((ThreadRow.text.is_(None), at)))
        last = select(ThreadRow.thread, opened).where(*seen).group_by(ThreadRow.thread)
        perhaps: dict[str, int] = dict(self._connection.execute(last.having((closed.is_(None)) | (opened >= closed))).all())
        events = select(ThreadRow.thread, ThreadRow.text, ThreadRow.position).where(*seen, at.in_(sorted(set(perhaps.values()))))
        # opened and closed at one position: then the order in which it was said decides
        latest = {
            thread: (text, position)
            for thread, text, position in self._connection.execute(events.order_by(ThreadRow.id)).all()
            if perhaps.get(thread) == position.number
        }
        rows = sorted(
            ((thread, text, position) for thread, (text, position) in latest.items() if text is not None),
            key=lambda one: (-one[2].number, one[0]),
        )
        for number, (thread, text, position) in enumerate(rows):
            score = 0.55 + 0.20 * _share(set(stems(text)), self._words) + 0.05 * _recency(number)
            yield Memory(kind="thread", text=text, score=score, cost=_text_cost(text), position=position, attribute=thread)


def _parsed(held: _Held) -> FactValue:
    value: FactValue = parsed(held.value)
    return value


def _recency(age: int) -> float:
    return float(0.5 ** (age / _HALF_LIFE))


def _share(of: set[str], there: Iterable[str]) -> float:
    return len(of.intersection(there)) / len(of) if of else 0.0


def _text_cost(text: str) -> int:
    return max(1, math.ceil(len(text) / 4))


def _unpacked(vector: bytes) -> tuple[float, ...]:
    """Little-endian float32, whatever the machine."""
    numbers = array("f")
    numbers.frombytes(vector[: len(vector) // 4 * 4])
    if sys.byteorder == "big":
        numbers.byteswap()
    return tuple(numbers)
