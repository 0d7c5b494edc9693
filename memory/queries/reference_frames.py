"""Which key frames show an entity as it must look now: the choice of reference pictures for a scene.

How well a key frame of an entity serves is a number from 0 to 1 (`relevance`):

    0.35 state    the share of visible attributes (wearing, hair, injury…) that held there and hold now with the same value
    0.20 place    whether the scene is at the same location
    0.10 light    how near the take's measured light is to that of the latest take at the location
    0.20 quality  of the frame, times the entity's likeness to itself where it was measured
    0.15 recency  halves with every 10 of the entity's scenes in between

What is not known counts half. Chosen one after the other are those that add most (maximal marginal relevance: J. Carbonell,
J. Goldstein, SIGIR 1998, with lambda = 0.7): `score` = relevance - 3/7 * the highest likeness to one chosen before, where likeness is
the cosine of the takes' look vectors, or where there are none, what the frames have in common.

To be quick on series of any length only some frames are looked at: of the entity's latest scenes, of its latest scenes at the
location, and of the latest scenes of earlier times in which it was in the same state as now (as far back as its latest 500 spans).
"""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import Connection, Integer, Text, bindparam, select, type_coerce
from sqlalchemy.orm import aliased

from memory.model.facts import StoryPosition
from memory.schema.branch_lineage import Lineage
from memory.schema.tables import AppearanceRow, EmbeddingRow, EntityRow, KeyFrameRow, SceneRow, SpanRow, TakeRow

__all__ = [
    "LOW_QUALITY",
    "VISIBLE",
    "Frame",
    "Past",
    "Reference",
    "Wanted",
    "kind_of_embedding",
    "latest_of_each",
    "latest_scenes",
    "rank_references",
    "read_frames",
    "worth_a_look",
]

VISIBLE: Final[Mapping[str, float]] = {
    "wearing": 3.0, "clothes": 3.0, "look": 3.0, "hair": 2.0, "injury": 2.0, "wound": 2.0, "age": 2.0, "color": 1.0, "colour": 1.0,
    "holding": 1.0, "weather": 1.0, "time": 1.0, "lighting": 1.0, "layout": 2.0,
}  # fmt: skip
"""Attributes that change what an entity looks like, and how much."""
LOW_QUALITY: Final = 0.3
"""A key frame below this quality is no reference."""

_SAME_PLACE: Final = 6
_SAME_STATE: Final = 3
_IN_ERAS: Final = 300
_TOGETHER: Final = 200
_ERAS: Final = 3
_LOOK_BACK: Final = 500
_PROMISING: Final = 32
_COMPARED: Final = 12
_HALF_LIFE: Final = 10
_PENALTY: Final = 3 / 7
_UNKNOWN: Final = 0.5

Position = int
"""A story position as its number: candidates are many, and objects cost."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A key frame, as stored."""

    id: int
    scene: int
    scene_id: str
    position: Position
    take: int
    shot_id: str
    artifact: str
    file: str
    frame: int
    quality: float
    shows: str
    """Who is where in it, as JSON: only the few frames that come into question are worth the parsing."""
    measures: str
    """Of the take, as JSON."""

    @property
    def sightings(self) -> Mapping[str, Mapping[str, Any]]:
        """Who is where in it, by entity."""
        found = json.loads(self.shows)
        return found if isinstance(found, dict) else {}

    @property
    def light(self) -> Mapping[str, Any]:
        """The take's measured light; empty where nothing was measured."""
        found = json.loads(self.measures).get("light")
        return found if isinstance(found, dict) else {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A key frame as a reference of one entity."""

    frame: Frame
    relevance: float
    score: float
    verified: bool
    box: tuple[float, float, float, float] | None
    """Where the entity is in the picture, as shares; None: a location, which is all around."""


@dataclass(frozen=True, slots=True)
class Era:
    """A time in which an attribute had the value that it has now."""

    attribute: str
    since: Position
    ends: Position


@dataclass(frozen=True, slots=True)
class Past:
    """In which times an entity was as it is now. Before `horizon` nothing is known."""

    eras: tuple[Era, ...]
    attributes: frozenset[str]
    horizon: Position

    def likeness(self, position: Position) -> float:
        """The share, by weight, of the visible attributes that at `position` were what they are now."""
        if not self.attributes or position < self.horizon:
            return _UNKNOWN
        same = {era.attribute for era in self.eras if era.since <= position < era.ends}
        return sum(VISIBLE[one] for one in same) / sum(VISIBLE[one] for one in self.attributes)


_AT: Final = type_coerce(SceneRow.position, Integer)
_OF_ANYBODY: Final = (
    select(SceneRow.id, _AT)
    .where(SceneRow.branch_id == bindparam("branch"), bindparam("first") <= _AT, bindparam("until") > _AT)
    .order_by(_AT.desc())
    .limit(bindparam("most", type_=Integer))
)
_APPEARS: Final = type_coerce(AppearanceRow.position, Integer)
_OF_ENTITY: Final = (
    select(AppearanceRow.scene_id, _APPEARS.label("at"))
    .where(
        AppearanceRow.branch_id == bindparam("branch"),
        AppearanceRow.entity_id == bindparam("entity"),
        bindparam("first") <= _APPEARS,
        bindparam("until") > _APPEARS,
    )
    .order_by(_APPEARS.desc())
    .limit(bindparam("most", type_=Integer))
)
_OTHER: Final = aliased(AppearanceRow)
_NEWEST: Final = (
    select(_OTHER.scene_id)
    .where(
        _OTHER.branch_id == bindparam("branch"),
        _OTHER.entity_id == EntityRow.id,
        type_coerce(_OTHER.position, Integer) >= bindparam("first"),
        type_coerce(_OTHER.position, Integer) < bindparam("until"),
    )
    .order_by(_OTHER.position.desc())
    .limit(bindparam("most", type_=Integer))
)
_OF_EACH: Final = (
    select(AppearanceRow.entity_id, AppearanceRow.scene_id, _APPEARS)
    .join(EntityRow, EntityRow.id == AppearanceRow.entity_id)
    .where(EntityRow.id.in_(bindparam("entities", expanding=True)), AppearanceRow.scene_id.in_(_NEWEST))
    .order_by(_APPEARS.desc())
)
_PLACED: Final = aliased(AppearanceRow)
_OF_BOTH: Final = _OF_EACH.where(
    select(_PLACED.scene_id).where(_PLACED.scene_id == AppearanceRow.scene_id, _PLACED.entity_id == bindparam("place")).exists()
)
# built once: putting an expression together costs more than running it


def latest_scenes(
    connection: Connection,
    lineage: Lineage,
    entity: int | None,
    before: StoryPosition,
    limit: int,
    *,
    since: StoryPosition | None = None,
) -> list[tuple[int, Position]]:
    """The latest scenes before `before` with `entity` (None: whoever is in them): row and position, latest first.

    `since` bounds how far to look back.
    """
    query: Any = _OF_ANYBODY if entity is None else _OF_ENTITY
    found: list[tuple[int, Position]] = []
    for branch, first, until in _stretches(lineage, before):
        first = first if since is None else max(first, since.number)
        if first < until and len(found) < limit:
            asked = {"branch": branch, "first": first, "until": until, "most": limit - len(found)}
            found += connection.execute(query, asked if entity is None else {**asked, "entity": entity}).all()
    return found


def latest_of_each(
    connection: Connection,
    lineage: Lineage,
    entities: Collection[int],
    before: StoryPosition,
    limit: int,
    *,
    place: int | None = None,
) -> dict[int, list[tuple[int, Position]]]:
    """The latest scenes before `before` of each entity, row and position, latest first.

    `place` keeps those in which that location is, too (of the latest 200 of each entity).
    """
    found: dict[int, list[tuple[int, Position]]] = {one: [] for one in entities}
    for branch, first, until in _stretches(lineage, before):
        short = [one for one in found if len(found[one]) < limit]
        asked = {"branch": branch, "first": first, "until": until, "most": limit, "entities": short}
        if place is not None:
            asked |= {"place": place, "most": _TOGETHER}
        if short:
            for entity, scene, at in connection.execute(_OF_EACH if place is None else _OF_BOTH, asked).all():
                if len(found[entity]) < limit:
                    found[entity].append((scene, at))
    return found


def _stretches(lineage: Lineage, before: StoryPosition) -> list[tuple[int, Position, Position]]:
    """The branches that the past before `before` lies on: row, and from where until where; latest first."""
    return [
        (one.branch, one.since.number, before.number if one.until is None else min(one.until, before).number)
        for one in lineage.segments
        if one.since < before
    ]


def worth_a_look(
    connection: Connection,
    lineage: Lineage,
    held: Mapping[int, Mapping[str, tuple[str, Position]]],
    before: StoryPosition,
    location: int | None,
) -> tuple[dict[int, Past], list[int]]:
    """How each entity was in the past compared with now, and which scenes besides its latest may show it as it is now.

    `held`: by entity and attribute the value that holds now, spelled, and since when.
    """
    now = {entity: {name: facts[name] for name in VISIBLE if name in facts} for entity, facts in held.items()}
    pasts = _pasts(connection, lineage, before, now)
    scenes: dict[int, None] = {}
    if location is not None:
        others = [entity for entity in held if entity != location]
        for there in latest_of_each(connection, lineage, others, before, _SAME_PLACE, place=location).values():
            scenes |= dict.fromkeys(row for row, _ in there)
    for entity, past in pasts.items():
        telling = min(past.attributes, key=lambda name: (-VISIBLE[name], name), default="")  # what changes its looks most
        over = [era for era in past.eras if era.attribute == telling and era.ends < before.number]
        eras = sorted(over, key=lambda one: -one.since)[:_ERAS]
        if eras:
            since, until = StoryPosition.of_number(eras[-1].since), StoryPosition.of_number(max(era.ends for era in eras))
            then = latest_scenes(connection, lineage, entity, until, _IN_ERAS, since=since)
            for era in eras:
                scenes |= dict.fromkeys([row for row, at in then if era.since <= at < era.ends][:_SAME_STATE])
    return pasts, list(scenes)


_ENDS: Final = type_coerce(SpanRow.ends, Integer)
_SINCE: Final = type_coerce(SpanRow.since, Integer)
_ANY: Final = aliased(SpanRow)
_OVER: Final = (
    select(_ANY.id)
    .where(
        _ANY.branch_id == bindparam("branch"),
        _ANY.entity_id == EntityRow.id,
        type_coerce(_ANY.ends, Integer) > bindparam("first"),
        type_coerce(_ANY.ends, Integer) <= bindparam("until"),
    )
    .order_by(_ANY.ends.desc())
)
_SPELLED: Final = type_coerce(SpanRow.value, Text)
_SAME: Final = (
    select(SpanRow.entity_id, SpanRow.attribute, _SPELLED, _SINCE, _ENDS)
    .join(EntityRow, EntityRow.id == SpanRow.entity_id)
    .where(
        EntityRow.id.in_(bindparam("entities", expanding=True)),
        SpanRow.id.in_(_OVER.limit(_LOOK_BACK)),
        SpanRow.attribute.in_(bindparam("names", expanding=True)),
    )
)
_HORIZON: Final = select(
    EntityRow.id, _OVER.with_only_columns(type_coerce(_ANY.ends, Integer)).limit(1).offset(_LOOK_BACK - 1).scalar_subquery()
).where(EntityRow.id.in_(bindparam("entities", expanding=True)))
_CROSSING: Final = select(SpanRow.entity_id, SpanRow.attribute, _SPELLED, _SINCE).where(
    SpanRow.branch_id == bindparam("branch"),
    SpanRow.entity_id.in_(bindparam("entities", expanding=True)),
    bindparam("until") < _ENDS,
    bindparam("until") > _SINCE,
    SpanRow.attribute.in_(bindparam("names", expanding=True)),
)


def _pasts(
    connection: Connection, lineage: Lineage, before: StoryPosition, now: Mapping[int, Mapping[str, tuple[str, Position]]]
) -> dict[int, Past]:
    """When the entities' visible attributes had the values they have now, as far as their latest spans tell."""
    eras = {
        entity: [Era(name, since, before.number) for name, (_, since) in facts.items() if since < before.number]
        for entity, facts in now.items()
    }
    horizons = dict.fromkeys(now, 0)
    left = [entity for entity, facts in now.items() if facts]
    for branch, first, until in _stretches(lineage, before):
        names = sorted({name for entity in left for name in now[entity]})
        asked: dict[str, Any] = {"branch": branch, "until": until, "names": names, "entities": left}
        if left and until < before.number:  # what held at the fork goes on past it, here or on the branch
            for entity, name, value, since in connection.execute(_CROSSING, asked).all():
                if now[entity].get(name, ("",))[0] == value:
                    eras[entity].append(Era(name, max(since, first), until))
        if left:
            asked["first"] = first
            for entity, name, value, since, ends in connection.execute(_SAME, asked).all():
                if now[entity].get(name, ("",))[0] == value:
                    eras[entity].append(Era(name, max(since, first), ends))
            del asked["names"]
            for entity, horizon in connection.execute(_HORIZON, asked).all():
                if horizon is not None:
                    horizons[entity] = horizon
                    left.remove(entity)
    return {entity: Past(tuple(eras[entity]), frozenset(facts), horizons[entity]) for entity, facts in now.items()}


_FRAMES: Final = (
    select(
        KeyFrameRow.id, SceneRow.id, SceneRow.scene_id, _AT, TakeRow.id, TakeRow.shot_id, KeyFrameRow.artifact, KeyFrameRow.file,
        KeyFrameRow.frame, KeyFrameRow.quality, type_coerce(KeyFrameRow.shows, Text), type_coerce(TakeRow.measures, Text),
    )
    .join(TakeRow, TakeRow.id == KeyFrameRow.take_id)
    .join(SceneRow, SceneRow.id == TakeRow.scene_id)
    .where(SceneRow.id.in_(bindparam("scenes", expanding=True)))
)  # fmt: skip


def read_frames(connection: Connection, scenes: Collection[int]) -> list[Frame]:
    """All key frames of some scenes, in the order of their rows."""
    found: list[Frame] = []
    wanted = sorted(scenes)
    for first in range(0, len(wanted), 500):
        rows: Sequence[Any] = connection.execute(_FRAMES, {"scenes": wanted[first : first + 500]}).all()
        found += (Frame(*row) for row in rows)
    return sorted(found, key=lambda one: one.id)


@dataclass(frozen=True, slots=True)
class Wanted:
    """An entity that references are looked for: its row and id, how it was in the past, and whether it is the place."""

    row: int
    slug: str
    past: Past
    is_location: bool


def rank_references(
    connection: Connection,
    wanted: Sequence[Wanted],
    frames: Collection[Frame],
    there: Collection[int],
    light: Mapping[str, Any],
) -> dict[str, list[Reference]]:
    """By entity, the frames that show it: the most useful first, then those that cannot serve, with score 0.

    `there`: the scenes at the location the shot is at; `light`: the light it had last. A location is shown by every frame of a
    scene at it, and verified there if everybody in the picture is.
    """
    usable: dict[str, list[Reference]] = {}
    refused: dict[str, list[Reference]] = {}
    for one in wanted:
        every = list(_relevant(one, frames, there, light))
        fit = [each for each in every if each.verified and each.frame.quality >= LOW_QUALITY]
        refused[one.slug] = [replace(each, score=0.0) for each in every if not each.verified or each.frame.quality < LOW_QUALITY]
        usable[one.slug] = sorted(fit, key=lambda each: (-each.relevance, -each.frame.position, each.frame.id))[:_COMPARED]
    looks = _looks(connection, {one.row for one in wanted}, {each.frame.take for few in usable.values() for each in few})
    found: dict[str, list[Reference]] = {}
    for one in wanted:
        mine = {take: vectors for (entity, take), vectors in looks.items() if entity == one.row}
        poisoned = {take for take, vectors in mine.items() if not all(verified for *_, verified in vectors)}
        good = [each for each in usable[one.slug] if each.frame.take not in poisoned]
        bad = [replace(each, verified=False, score=0.0) for each in usable[one.slug] if each.frame.take in poisoned]
        found[one.slug] = [*_diverse(good, mine), *bad, *refused[one.slug]]
    return found


def _relevant(one: Wanted, frames: Collection[Frame], there: Collection[int], light: Mapping[str, Any]) -> Iterator[Reference]:
    """The frames that show the entity and come into question, with how well each would serve."""
    name = json.dumps(one.slug)
    seen = [each for each in frames if name in each.shows or (one.is_location and each.scene in there)]
    age = {scene: number for number, scene in enumerate(dict.fromkeys(each.scene for each in sorted(seen, key=_latest_first)))}
    common = {
        each.scene: 0.35 * one.past.likeness(each.position)
        + 0.20 * (each.scene in there)
        + 0.15 * 0.5 ** (age[each.scene] / _HALF_LIFE)
        for each in {each.scene: each for each in seen}.values()
    }
    promising = sorted(seen, key=lambda each: (-common[each.scene] - 0.20 * each.quality, -each.position, each.id))
    for each in promising[:_PROMISING]:
        sightings = each.sightings
        sight = sightings.get(one.slug)
        if sight is None and not one.is_location:
            continue
        likeness, box = (None, None) if sight is None else (sight.get("likeness"), sight.get("box"))
        quality = each.quality * (1.0 if likeness is None else max(0.0, min(1.0, likeness)))
        relevance = common[each.scene] + 0.20 * quality + 0.10 * _light_likeness(each.light, light)
        yield Reference(
            frame=each,
            relevance=relevance,
            score=relevance,
            verified=_verified(sight) if sight is not None else all(map(_verified, sightings.values())),
            box=tuple(box) if box is not None else None,
        )


def _latest_first(frame: Frame) -> tuple[int, int]:
    return -frame.position, frame.id


def _verified(sight: Mapping[str, Any]) -> bool:
    return bool(sight.get("verified", True))


def _light_likeness(one: Mapping[str, Any], other: Mapping[str, Any]) -> float:
    """How near two measured lights are: 1 the same, 0.37 one stop or 50 mired apart."""
    try:
        stops = abs(float(one["exposure_ev"]) - float(other["exposure_ev"]))
        mired = abs(1e6 / float(one["temperature_k"]) - 1e6 / float(other["temperature_k"]))
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return _UNKNOWN
    return math.exp(-stops - mired / 50)


kind_of_embedding: Final = EmbeddingRow.kind.concat("")
"""The kind, in a way that keeps SQLite from walking the index of kinds, which is the longer way when takes or scenes are given."""
_LOOKS: Final = (
    select(EmbeddingRow.entity_id, EmbeddingRow.take_id, EmbeddingRow.encoder, EmbeddingRow.vector, EmbeddingRow.verified)
    .where(EmbeddingRow.take_id.in_(bindparam("takes", expanding=True)), kind_of_embedding == "look")
    .order_by(EmbeddingRow.id)
)
_Looks = Sequence[tuple[str, Any, bool]]


def _looks(connection: Connection, entities: Collection[int], takes: Collection[int]) -> dict[tuple[int, int], _Looks]:
    """How entities look in takes, by entity and take: encoder, vector of length 1, whether it was verified."""
    import numpy as np  # reading the canon does without

    found: defaultdict[tuple[int, int], list[tuple[str, Any, bool]]] = defaultdict(list)
    wanted = sorted(takes)
    for first in range(0, len(wanted), 500):
        for entity, take, encoder, packed, verified in connection.execute(_LOOKS, {"takes": wanted[first : first + 500]}):
            if entity is not None and entity in entities and take is not None:
                vector = np.frombuffer(packed, "<f4") if len(packed) % 4 == 0 else np.zeros(0, np.float32)
                found[entity, take].append((encoder, vector / (float(np.linalg.norm(vector)) or 1.0), verified))
    return dict(found)


def _diverse(references: Sequence[Reference], vectors: Mapping[int, _Looks]) -> list[Reference]:
    """The order in which each adds most to those before it; ties as they come."""
    left, chosen = list(references), list[Reference]()
    penalty = [0.0] * len(left)
    while left:
        best = max(range(len(left)), key=lambda at: (left[at].relevance - _PENALTY * penalty[at], -at))
        one = left.pop(best)
        chosen.append(replace(one, score=max(0.0, one.relevance - _PENALTY * penalty.pop(best))))
        penalty = [max(known, _alike(one, each, vectors)) for known, each in zip(penalty, left, strict=True)]
    return chosen


def _alike(one: Reference, other: Reference, vectors: Mapping[int, _Looks]) -> float:
    """How much two references have in common, 0 to 1. Frames of one take are told apart by how large the entity is in them."""
    common = 0.2 + 0.3 * (one.frame.scene == other.frame.scene) + 0.3 * (_size(one) == _size(other))
    if one.frame.take == other.frame.take:
        return 0.7 + 0.3 * (_size(one) == _size(other))
    cosines = [
        float(first @ second)
        for encoder, first, _ in vectors.get(one.frame.take, ())
        for other_encoder, second, _ in vectors.get(other.frame.take, ())
        if encoder == other_encoder and first.shape == second.shape
    ]
    return max(0.0, min(1.0, max(cosines))) if cosines else common


def _size(one: Reference) -> str:
    """How large the entity is in the picture."""
    if one.box is None or len(one.box) != 4:
        return "whole"
    share = max(0.0, one.box[2] - one.box[0]) * max(0.0, one.box[3] - one.box[1])
    return "wide" if share < 0.1 else "medium" if share < 0.4 else "close"
