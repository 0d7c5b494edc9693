"""Which key frames show an entity as it must look now: the choice of reference pictures for a scene.

How well a key frame of an entity serves is a number from 0 to 1 (`relevance`):

    0.35 state    the share of visible attributes (wearing, hair, injury…) that had their present value there
    0.20 place    whether the scene is at the same location
    0.10 light    how near the take's measured light is to that of the latest take at the location
    0.20 quality  of the frame, times the entity's likeness to itself where it was measured
    0.15 recency  halves with every 10 of the entity's scenes in between

What is not known counts half. Frames are chosen one after the other, each time the one that adds most (maximal marginal
relevance: J. Carbonell, J. Goldstein, SIGIR 1998, with lambda = 0.7): `score` = relevance - 3/7 * the highest likeness to a frame
chosen before. Likeness is the cosine of the takes' look vectors or, without vectors, what the frames have in common.
"""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple, TypeAlias

import numpy as np
from sqlalchemy import Connection, Integer, Text, bindparam, select, type_coerce

from memory.model.facts import FactValue
from memory.queries.past_states import UNKNOWN, Past, PositionNumber
from memory.schema.tables import EmbeddingRow, KeyFrameRow, SceneRow, TakeRow

__all__ = [
    "LOW_QUALITY",
    "Frame",
    "MeasuredLight",
    "Reference",
    "ReferenceNeed",
    "kind_of_embedding",
    "rank_references",
    "read_frames",
]

LOW_QUALITY: Final = 0.3
"""A key frame below this quality is not used as a reference."""

_PROMISING: Final = 32
_COMPARED: Final = 12
_HALF_LIFE: Final = 10
_PENALTY: Final = 3 / 7
_AT_ONCE: Final = 500

_Box: TypeAlias = tuple[float, float, float, float]
_Vector: TypeAlias = np.ndarray[Any, Any]


class MeasuredLight(NamedTuple):
    """The measured light of a take. None: not measured, or not a number."""

    exposure_ev: float | None
    temperature_k: float | None


class _StoredSighting(NamedTuple):
    """Where an entity is in a frame, as stored (`memory.model.records.Sighting`)."""

    box: _Box | None
    likeness: float | None
    verified: bool


@dataclass(frozen=True, slots=True)
class Frame:
    """A key frame, as stored."""

    id: int
    scene: int
    scene_id: str
    position: PositionNumber
    take: int
    shot_id: str
    artifact: str
    file: str
    frame: int
    quality: float
    shows: str
    """The sightings of entities in it, as JSON; parsed only for the few frames that are ranked."""
    measures: str
    """The measures of its take, as JSON."""

    @property
    def sightings(self) -> Mapping[str, _StoredSighting]:
        """The sightings of entities in it, by entity."""
        shows = json.loads(self.shows)
        return {entity: _sighting(fields) for entity, fields in shows.items()} if isinstance(shows, dict) else {}

    @property
    def light(self) -> MeasuredLight | None:
        """The take's measured light; None where nothing was measured."""
        fields = json.loads(self.measures).get("light")
        if not isinstance(fields, dict) or not fields:
            return None
        return MeasuredLight(_number(fields.get("exposure_ev")), _number(fields.get("temperature_k")))


def _sighting(fields: Mapping[str, Any]) -> _StoredSighting:
    box: Any = fields.get("box")
    return _StoredSighting(
        tuple(box) if box is not None else None, fields.get("likeness"), verified=bool(fields.get("verified", True))
    )


def _number(value: FactValue) -> float | None:
    """A stored number; None for any other value."""
    try:
        return float(value) if isinstance(value, int | float | str) else None
    except ValueError:
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A key frame as a reference of one entity."""

    frame: Frame
    relevance: float
    score: float
    verified: bool
    box: _Box | None
    """Left, top, right, bottom of the entity as shares of the picture; None: a location, which fills the picture."""


_FRAMES: Final = (
    select(
        KeyFrameRow.id,
        SceneRow.id,
        SceneRow.scene_id,
        type_coerce(SceneRow.position, Integer),
        TakeRow.id,
        TakeRow.shot_id,
        KeyFrameRow.artifact,
        KeyFrameRow.file,
        KeyFrameRow.frame,
        KeyFrameRow.quality,
        type_coerce(KeyFrameRow.shows, Text),
        type_coerce(TakeRow.measures, Text),
    )
    .join(TakeRow, TakeRow.id == KeyFrameRow.take_id)
    .join(SceneRow, SceneRow.id == TakeRow.scene_id)
    .where(SceneRow.id.in_(bindparam("scenes", expanding=True)))
)


def read_frames(connection: Connection, scenes: Collection[int]) -> list[Frame]:
    """All key frames of some scenes, in the order of their rows."""
    frames: list[Frame] = []
    rows = sorted(scenes)
    for first in range(0, len(rows), _AT_ONCE):
        stored: Sequence[Any] = connection.execute(_FRAMES, {"scenes": rows[first : first + _AT_ONCE]}).all()
        frames += (Frame(*row) for row in stored)
    return sorted(frames, key=lambda frame: frame.id)


@dataclass(frozen=True, slots=True)
class ReferenceNeed:
    """An entity that needs references."""

    row: int
    slug: str
    past: Past
    is_location: bool


def rank_references(
    connection: Connection,
    needs: Sequence[ReferenceNeed],
    frames: Collection[Frame],
    at_location: Collection[int],
    light: MeasuredLight | None,
) -> dict[str, list[Reference]]:
    """By entity, the frames that show it: the most useful first, then those that cannot serve, with score 0.

    `at_location`: the scenes at the location of the shot. `light`: the light measured there last. A location is shown by every
    frame of a scene at it, and is verified where everybody in the picture is.
    """
    usable: dict[str, list[Reference]] = {}
    refused: dict[str, list[Reference]] = {}
    for need in needs:
        references = list(_relevant(need, frames, at_location, light))
        fit = [reference for reference in references if _is_fit(reference)]
        refused[need.slug] = [replace(reference, score=0.0) for reference in references if not _is_fit(reference)]
        usable[need.slug] = sorted(fit, key=_by_relevance)[:_COMPARED]
    takes = {reference.frame.take for references in usable.values() for reference in references}
    looks = _looks(connection, {need.row for need in needs}, takes)
    ranked: dict[str, list[Reference]] = {}
    for need in needs:
        vectors = {take: look for (entity, take), look in looks.items() if entity == need.row}
        unverified = {take for take, look in vectors.items() if not all(verified for *_, verified in look)}
        good = [reference for reference in usable[need.slug] if reference.frame.take not in unverified]
        bad = [
            replace(reference, verified=False, score=0.0) for reference in usable[need.slug] if reference.frame.take in unverified
        ]
        ranked[need.slug] = [*_diverse(good, vectors), *bad, *refused[need.slug]]
    return ranked


def _is_fit(reference: Reference) -> bool:
    return reference.verified and reference.frame.quality >= LOW_QUALITY


def _by_relevance(reference: Reference) -> tuple[float, int, int]:
    return -reference.relevance, -reference.frame.position, reference.frame.id


def _relevant(
    need: ReferenceNeed, frames: Collection[Frame], at_location: Collection[int], light: MeasuredLight | None
) -> Iterator[Reference]:
    """The most promising frames that show the entity, each with its relevance."""
    name = json.dumps(need.slug)
    showing = [frame for frame in frames if name in frame.shows or (need.is_location and frame.scene in at_location)]
    by_scene = {frame.scene: frame for frame in showing}
    age = {
        scene: number for number, scene in enumerate(dict.fromkeys(frame.scene for frame in sorted(showing, key=_latest_first)))
    }
    common = {
        scene: 0.35 * need.past.likeness(frame.position) + 0.20 * (scene in at_location) + 0.15 * 0.5 ** (age[scene] / _HALF_LIFE)
        for scene, frame in by_scene.items()
    }
    promising = sorted(showing, key=lambda frame: (-common[frame.scene] - 0.20 * frame.quality, -frame.position, frame.id))
    for frame in promising[:_PROMISING]:
        sightings = frame.sightings
        sighting = sightings.get(need.slug)
        if sighting is None and not need.is_location:
            continue
        likeness = None if sighting is None else sighting.likeness
        quality = frame.quality * (1.0 if likeness is None else max(0.0, min(1.0, likeness)))
        relevance = common[frame.scene] + 0.20 * quality + 0.10 * _light_likeness(frame.light, light)
        yield Reference(
            frame=frame,
            relevance=relevance,
            score=relevance,
            verified=all(other.verified for other in sightings.values()) if sighting is None else sighting.verified,
            box=None if sighting is None else sighting.box,
        )


def _latest_first(frame: Frame) -> tuple[int, int]:
    return -frame.position, frame.id


def _light_likeness(first: MeasuredLight | None, second: MeasuredLight | None) -> float:
    """How near two measured lights are: 1 the same, 0.37 one stop or 50 mired apart."""
    if first is None or second is None or first.exposure_ev is None or second.exposure_ev is None:
        return UNKNOWN
    if not first.temperature_k or not second.temperature_k:
        return UNKNOWN
    stops = abs(first.exposure_ev - second.exposure_ev)
    mired = abs(1e6 / first.temperature_k - 1e6 / second.temperature_k)
    return math.exp(-stops - mired / 50)


kind_of_embedding: Final = EmbeddingRow.kind.concat("")
"""The kind, spelled so that SQLite does not use the index of kinds: it is slower where takes or scenes are given."""
_LOOKS: Final = (
    select(EmbeddingRow.entity_id, EmbeddingRow.take_id, EmbeddingRow.encoder, EmbeddingRow.vector, EmbeddingRow.verified)
    .where(EmbeddingRow.take_id.in_(bindparam("takes", expanding=True)), kind_of_embedding == "look")
    .order_by(EmbeddingRow.id)
)
_Looks = Sequence[tuple[str, _Vector, bool]]
"""How an entity looks in one take: encoder, vector of length 1, whether it was verified."""


def _looks(connection: Connection, entities: Collection[int], takes: Collection[int]) -> dict[tuple[int, int], _Looks]:
    """How entities look in takes, by entity and take."""
    looks: defaultdict[tuple[int, int], list[tuple[str, _Vector, bool]]] = defaultdict(list)
    rows = sorted(takes)
    for first in range(0, len(rows), _AT_ONCE):
        for entity, take, encoder, packed, verified in connection.execute(_LOOKS, {"takes": rows[first : first + _AT_ONCE]}):
            if entity is not None and entity in entities and take is not None:
                vector = np.frombuffer(packed, "<f4") if len(packed) % 4 == 0 else np.zeros(0, np.float32)
                looks[entity, take].append((encoder, vector / (float(np.linalg.norm(vector)) or 1.0), verified))
    return dict(looks)


def _diverse(references: Sequence[Reference], vectors: Mapping[int, _Looks]) -> list[Reference]:
    """References in the order in which each adds most to those before it; ties keep their order."""
    remaining, chosen = list(references), list[Reference]()
    penalty = [0.0] * len(remaining)
    while remaining:
        best = max(range(len(remaining)), key=lambda at: (remaining[at].relevance - _PENALTY * penalty[at], -at))
        reference = remaining.pop(best)
        chosen.append(replace(reference, score=max(0.0, reference.relevance - _PENALTY * penalty.pop(best))))
        penalty = [max(known, _alike(reference, other, vectors)) for known, other in zip(penalty, remaining, strict=True)]
    return chosen


def _alike(first: Reference, second: Reference, vectors: Mapping[int, _Looks]) -> float:
    """How much two references have in common, 0 to 1. Frames of one take differ by how large the entity is in them."""
    common = 0.2 + 0.3 * (first.frame.scene == second.frame.scene) + 0.3 * (_size(first) == _size(second))
    if first.frame.take == second.frame.take:
        return 0.7 + 0.3 * (_size(first) == _size(second))
    cosines = [
        float(vector @ other_vector)
        for encoder, vector, _ in vectors.get(first.frame.take, ())
        for other_encoder, other_vector, _ in vectors.get(second.frame.take, ())
        if encoder == other_encoder and vector.shape == other_vector.shape
    ]
    return max(0.0, min(1.0, max(cosines))) if cosines else common


def _size(reference: Reference) -> str:
    """How large the entity is in the picture."""
    if reference.box is None or len(reference.box) != 4:
        return "whole"
    left, top, right, bottom = reference.box
    share = max(0.0, right - left) * max(0.0, bottom - top)
    return "wide" if share < 0.1 else "medium" if share < 0.4 else "close"
