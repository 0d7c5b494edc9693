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
location, and of the latest scenes of earlier times in which it was in the same state as now (as far back as its latest 1,000 spans).
"""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import Connection, Integer, Select, Text, func, select, type_coerce
from sqlalchemy.orm import aliased

from memory.facts import StoryPosition
from memory.lineage import Lineage
from memory.tables import AppearanceRow, EmbeddingRow, KeyFrameRow, SceneRow, SpanRow, TakeRow

__all__ = [
    "LOW_QUALITY",
    "VISIBLE",
    "Frame",
    "Past",
    "Reference",
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

_LATEST: Final = 24
_SAME_PLACE: Final = 12
_SAME_STATE: Final = 4
_ERAS: Final = 3
_LOOK_BACK: Final = 1_000
_COMPARED: Final = 16
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
    shows: Mapping[str, Mapping[str, Any]]
    light: Mapping[str, Any]


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
class _Era:
    """A time in which an attribute had the value that it has now."""

    attribute: str
    since: Position
    ends: Position


@dataclass(frozen=True, slots=True)
class Past:
    """In which times an entity was as it is now. Before `horizon` nothing is known."""

    eras: tuple[_Era, ...]
    attributes: frozenset[str]
    horizon: Position

    def likeness(self, position: Position) -> float:
        """The share, by weight, of the visible attributes that at `position` were what they are now."""
        if not self.attributes or position < self.horizon:
            return _UNKNOWN
        same = {era.attribute for era in self.eras if era.since <= position < era.ends}
        return sum(VISIBLE[one] for one in same) / sum(VISIBLE[one] for one in self.attributes)


def latest_scenes(
    connection: Connection,
    lineage: Lineage,
    entity: int | None,
    before: StoryPosition,
    limit: int,
    *,
    since: StoryPosition | None = None,
    together_with: int | None = None,
) -> list[tuple[int, Position]]:
    """The latest scenes before `before` with `entity` (None: whoever is in them): row and position, latest first.

    `since` bounds how far to look back; `together_with` keeps those in which that entity is, too (of the latest 1,000 scenes).
    """
    found: list[tuple[int, Position]] = []
    for segment in lineage.segments:
        first = segment.since if since is None else max(segment.since, since)
        until = before if segment.until is None else min(segment.until, before)
        if until <= first or len(found) >= limit:
            continue
        query: Select[int, int]
        if entity is None:
            query = (
                select(SceneRow.id, type_coerce(SceneRow.position, Integer))
                .where(SceneRow.branch_id == segment.branch, SceneRow.position >= first, SceneRow.position < until)
                .order_by(SceneRow.position.desc())
            )
        else:
            query = (
                select(AppearanceRow.scene_id, type_coerce(AppearanceRow.position, Integer))
                .where(
                    AppearanceRow.branch_id == segment.branch,
                    AppearanceRow.entity_id == entity,
                    AppearanceRow.position >= first,
                    AppearanceRow.position < until,
                )
                .order_by(AppearanceRow.position.desc())
            )
        if together_with is not None:
            latest = query.limit(1000).subquery()
            other = aliased(AppearanceRow)
            there = select(other.scene_id).where(other.scene_id == latest.c[0], other.entity_id == together_with).exists()
            query = select(latest.c[0], latest.c[1]).where(there).order_by(latest.c[1].desc())
        found += [(row, at) for row, at in connection.execute(query.limit(limit - len(found)))]
    return found


def worth_a_look(
    connection: Connection,
    lineage: Lineage,
    entity: int,
    before: StoryPosition,
    held: Mapping[str, str],
    location: int | None,
) -> tuple[Past, list[int]]:
    """How an entity was in the past compared with now, and the scenes that are worth a look. `held`: what holds now, spelled."""
    past = _past(connection, lineage, entity, before, {name: held[name] for name in VISIBLE if name in held})
    scenes = dict.fromkeys(row for row, _ in latest_scenes(connection, lineage, entity, before, _LATEST))
    if location is not None and location != entity:
        there = latest_scenes(connection, lineage, entity, before, _SAME_PLACE, together_with=location)
        scenes |= dict.fromkeys(row for row, _ in there)
    telling = min(past.attributes, key=lambda name: (-VISIBLE[name], name), default="")  # what changes its looks most
    over = [era for era in past.eras if era.attribute == telling and era.ends < before.number]
    for era in sorted(over, key=lambda one: -one.since)[:_ERAS]:
        since, until = StoryPosition.of_number(era.since), StoryPosition.of_number(era.ends)
        scenes |= dict.fromkeys(row for row, _ in latest_scenes(connection, lineage, entity, until, _SAME_STATE, since=since))
    return past, list(scenes)


def _past(connection: Connection, lineage: Lineage, entity: int, before: StoryPosition, now: Mapping[str, str]) -> Past:
    """When the entity's visible attributes had the values they have now (`now`: spelled), as far as its latest spans tell."""
    if not now:
        return Past((), frozenset(), 0)
    eras: list[_Era] = []
    horizon, left = before.number, _LOOK_BACK
    for segment in lineage.segments:
        until = before.number if segment.until is None else min(segment.until, before).number
        if until <= segment.since.number:
            continue
        if left <= 0:
            break
        latest = (
            select(
                SpanRow.attribute,
                type_coerce(SpanRow.value, Text).label("value"),
                type_coerce(SpanRow.since, Integer).label("since"),
                type_coerce(SpanRow.ends, Integer).label("ends"),
            )
            .where(SpanRow.branch_id == segment.branch, SpanRow.entity_id == entity, SpanRow.ends > segment.since)
            .order_by(SpanRow.ends.desc())
            .limit(left)
            .subquery()
        )
        for attribute, value, since, ends in connection.execute(select(latest).where(latest.c.attribute.in_(now))):
            if value == now[attribute] and since < until:
                eras.append(_Era(attribute, max(since, segment.since.number), min(ends, until)))
        count, first = connection.execute(select(func.count(), func.min(latest.c.ends)).select_from(latest)).one()
        horizon = segment.since.number if count < left else min(first, until)
        left -= count
    return Past(tuple(eras), frozenset(now), horizon)


def read_frames(connection: Connection, scenes: Collection[int]) -> list[Frame]:
    """All key frames of some scenes, in the order of their rows."""
    found: list[Frame] = []
    wanted = sorted(scenes)
    columns = (
        KeyFrameRow.id, SceneRow.id, SceneRow.scene_id, type_coerce(SceneRow.position, Integer), TakeRow.id, TakeRow.shot_id,
        KeyFrameRow.artifact, KeyFrameRow.file, KeyFrameRow.frame, KeyFrameRow.quality, type_coerce(KeyFrameRow.shows, Text),
        type_coerce(TakeRow.measures, Text),
    )  # fmt: skip
    for first in range(0, len(wanted), 500):
        query = (
            select(*columns)
            .join(TakeRow, TakeRow.id == KeyFrameRow.take_id)
            .join(SceneRow, SceneRow.id == TakeRow.scene_id)
            .where(SceneRow.id.in_(wanted[first : first + 500]))
        )
        for *told, shows, measures in connection.execute(query):
            light = json.loads(measures).get("light")
            row: tuple[Any, ...] = (*told, json.loads(shows), light if isinstance(light, dict) else {})
            found.append(Frame(*row))
    return sorted(found, key=lambda one: one.id)


def rank_references(
    connection: Connection,
    entity: int,
    slug: str,
    past: Past,
    frames: Collection[Frame],
    there: Collection[int],
    light: Mapping[str, Any],
    *,
    is_location: bool,
) -> list[Reference]:
    """The frames that show an entity, the most useful first, then those that cannot serve, with score 0.

    `there`: the scenes at the location the shot is at; `light`: the light it had last. A location is shown by every frame of a
    scene at it, and verified there if everybody in the picture is.
    """
    seen = [one for one in frames if slug in one.shows or (is_location and one.scene in there)]
    order = {scene: age for age, scene in enumerate(dict.fromkeys(one.scene for one in sorted(seen, key=_latest_first)))}
    usable: list[Reference] = []
    refused: list[Reference] = []
    for one in seen:
        sight = one.shows.get(slug)
        verified = _verified(sight) if sight is not None else all(map(_verified, one.shows.values()))
        likeness = sight.get("likeness") if sight is not None else None
        quality = one.quality * (1.0 if likeness is None else max(0.0, min(1.0, likeness)))
        relevance = (
            0.35 * past.likeness(one.position)
            + 0.20 * (one.scene in there)
            + 0.10 * _light_likeness(one.light, light)
            + 0.20 * quality
            + 0.15 * 0.5 ** (order[one.scene] / _HALF_LIFE)
        )
        box = sight.get("box") if sight is not None else None
        reference = Reference(
            frame=one, relevance=relevance, score=relevance, verified=verified, box=tuple(box) if box is not None else None
        )
        fit = verified and one.quality >= LOW_QUALITY
        (usable if fit else refused).append(reference if fit else replace(reference, score=0.0))
    usable.sort(key=lambda one: (-one.relevance, -one.frame.position, one.frame.id))
    near = usable[:_COMPARED]
    vectors, poisoned = _looks(connection, entity, {one.frame.take for one in near})
    refused += [replace(one, verified=False, score=0.0) for one in near if one.frame.take in poisoned]
    chosen = _diverse([one for one in near if one.frame.take not in poisoned], vectors)
    return [*chosen, *refused]


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


def _looks(connection: Connection, entity: int, takes: Collection[int]) -> tuple[dict[int, list[tuple[str, Any]]], set[int]]:
    """How the entity looks in those takes: (encoder, vector of length 1); and the takes whose look was not verified."""
    import numpy as np  # reading the canon does without

    rows = connection.execute(
        select(EmbeddingRow.take_id, EmbeddingRow.encoder, EmbeddingRow.vector, EmbeddingRow.verified)
        .where(EmbeddingRow.take_id.in_(sorted(takes)), EmbeddingRow.entity_id == entity, EmbeddingRow.kind == "look")
        .order_by(EmbeddingRow.id)
    ).all()
    found: defaultdict[int, list[tuple[str, Any]]] = defaultdict(list)
    for take, encoder, packed, _ in rows:
        vector = np.frombuffer(packed, "<f4") if len(packed) % 4 == 0 else np.zeros(0, np.float32)
        found[int(take or 0)].append((encoder, vector / (float(np.linalg.norm(vector)) or 1.0)))
    return found, {int(take or 0) for take, *_, verified in rows if not verified}


def _diverse(references: Sequence[Reference], vectors: Mapping[int, Sequence[tuple[str, Any]]]) -> list[Reference]:
    """The order in which each adds most to those before it; ties as they come."""
    left, chosen = list(references), list[Reference]()
    penalty = [0.0] * len(left)
    while left:
        best = max(range(len(left)), key=lambda at: (left[at].relevance - _PENALTY * penalty[at], -at))
        one = left.pop(best)
        chosen.append(replace(one, score=max(0.0, one.relevance - _PENALTY * penalty.pop(best))))
        penalty = [max(known, _alike(one, each, vectors)) for known, each in zip(penalty, left, strict=True)]
    return chosen


def _alike(one: Reference, other: Reference, vectors: Mapping[int, Sequence[tuple[str, Any]]]) -> float:
    """How much two references have in common, 0 to 1. Frames of one take are told apart by how large the entity is in them."""
    common = 0.2 + 0.3 * (one.frame.scene == other.frame.scene) + 0.3 * (_size(one) == _size(other))
    if one.frame.take == other.frame.take:
        return 0.7 + 0.3 * (_size(one) == _size(other))
    cosines = [
        float(first @ second)
        for encoder, first in vectors.get(one.frame.take, ())
        for other_encoder, second in vectors.get(other.frame.take, ())
        if encoder == other_encoder and first.shape == second.shape
    ]
    return max(0.0, min(1.0, max(cosines))) if cosines else common


def _size(one: Reference) -> str:
    """How large the entity is in the picture."""
    if one.box is None or len(one.box) != 4:
        return "whole"
    share = max(0.0, one.box[2] - one.box[0]) * max(0.0, one.box[3] - one.box[1])
    return "wide" if share < 0.1 else "medium" if share < 0.4 else "close"
