"""How entities looked in the past compared with now, and which past scenes may show them as they look now.

To be quick on series of any length only some scenes are considered: an entity's latest scenes, its latest scenes at the location,
and the latest scenes of earlier times in which it looked as it does now (as far back as its latest 500 spans).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Integer, Text, bindparam, select, type_coerce
from sqlalchemy.orm import aliased

from memory.model.facts import StoryPosition
from memory.schema.branch_lineage import Lineage
from memory.schema.tables import AppearanceRow, EntityRow, SceneRow, SpanRow

__all__ = ["UNKNOWN", "VISIBLE", "Era", "Past", "PositionNumber", "candidate_scenes", "latest_of_each", "latest_scenes"]

VISIBLE: Final[Mapping[str, float]] = {
    **dict.fromkeys(("wearing", "clothes", "look"), 3.0),
    **dict.fromkeys(("hair", "injury", "wound", "age"), 2.0),
    **dict.fromkeys(("color", "colour", "holding", "weather", "time", "lighting"), 1.0),
    "layout": 2.0,
}
"""Attributes that change what an entity looks like, each with its weight."""
UNKNOWN: Final = 0.5
"""The likeness of what is not known."""

_SAME_PLACE: Final = 6
_SAME_STATE: Final = 3
_IN_ERAS: Final = 300
_TOGETHER: Final = 200
_ERAS: Final = 3
_LOOK_BACK: Final = 500

PositionNumber = int
"""A story position as its number: candidates are many, and objects cost time."""


@dataclass(frozen=True, slots=True)
class Era:
    """A time in which an attribute had its present value."""

    attribute: str
    since: PositionNumber
    ends: PositionNumber


@dataclass(frozen=True, slots=True)
class Past:
    """The times in which an entity was as it is now. Before `horizon` nothing is known."""

    eras: tuple[Era, ...]
    attributes: frozenset[str]
    horizon: PositionNumber

    def likeness(self, position: PositionNumber) -> float:
        """The weighted share of the visible attributes that had their present value at `position`."""
        if not self.attributes or position < self.horizon:
            return UNKNOWN
        same = {era.attribute for era in self.eras if era.since <= position < era.ends}
        return sum(VISIBLE[attribute] for attribute in same) / sum(VISIBLE[attribute] for attribute in self.attributes)


_AT: Final = type_coerce(SceneRow.position, Integer)
_OF_ANY: Final = (
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
# built once: building an expression costs more than running it


def latest_scenes(
    connection: Connection,
    lineage: Lineage,
    entity: int | None,
    before: StoryPosition,
    limit: int,
    *,
    since: StoryPosition | None = None,
) -> list[tuple[int, PositionNumber]]:
    """The latest scenes before `before` with `entity` (None: with any): row and position, latest first.

    Scenes before `since` are not considered.
    """
    query: Any = _OF_ANY if entity is None else _OF_ENTITY
    scenes: list[tuple[int, PositionNumber]] = []
    for branch, first, until in _stretches(lineage, before):
        first = first if since is None else max(first, since.number)
        if first < until and len(scenes) < limit:
            bounds = {"branch": branch, "first": first, "until": until, "most": limit - len(scenes)}
            scenes += connection.execute(query, bounds if entity is None else {**bounds, "entity": entity}).all()
    return scenes


def latest_of_each(
    connection: Connection,
    lineage: Lineage,
    entities: Collection[int],
    before: StoryPosition,
    limit: int,
    *,
    place: int | None = None,
) -> dict[int, list[tuple[int, PositionNumber]]]:
    """The latest scenes of each entity before `before`: row and position, latest first.

    `place` keeps the scenes at that location (among the latest 200 of each entity).
    """
    latest: dict[int, list[tuple[int, PositionNumber]]] = {entity: [] for entity in entities}
    for branch, first, until in _stretches(lineage, before):
        short = [entity for entity in latest if len(latest[entity]) < limit]
        bounds = {"branch": branch, "first": first, "until": until, "most": limit, "entities": short}
        if place is not None:
            bounds |= {"place": place, "most": _TOGETHER}
        if short:
            for entity, scene, at in connection.execute(_OF_EACH if place is None else _OF_BOTH, bounds).all():
                if len(latest[entity]) < limit:
                    latest[entity].append((scene, at))
    return latest


def _stretches(lineage: Lineage, before: StoryPosition) -> list[tuple[int, PositionNumber, PositionNumber]]:
    """The parts of the past before `before`: the row of the branch, and from where until where; latest first."""
    return [
        (segment.branch, segment.since.number, before.number if segment.until is None else min(segment.until, before).number)
        for segment in lineage.segments
        if segment.since < before
    ]


def candidate_scenes(
    connection: Connection,
    lineage: Lineage,
    facts_now: Mapping[int, Mapping[str, tuple[str, PositionNumber]]],
    before: StoryPosition,
    location: int | None,
) -> tuple[dict[int, Past], list[int]]:
    """The past of each entity compared with now, and the scenes besides its latest that may show it as it looks now.

    `facts_now`: by entity and attribute the value that holds now, spelled, and since when.
    """
    now = {entity: {name: facts[name] for name in VISIBLE if name in facts} for entity, facts in facts_now.items()}
    pasts = _pasts(connection, lineage, before, now)
    scenes: dict[int, None] = {}
    if location is not None:
        others = [entity for entity in facts_now if entity != location]
        for shared in latest_of_each(connection, lineage, others, before, _SAME_PLACE, place=location).values():
            scenes |= dict.fromkeys(row for row, _ in shared)
    for entity, past in pasts.items():
        main = min(past.attributes, key=lambda name: (-VISIBLE[name], name), default="")  # it changes the looks most
        ended = [era for era in past.eras if era.attribute == main and era.ends < before.number]
        eras = sorted(ended, key=lambda era: -era.since)[:_ERAS]
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
    connection: Connection, lineage: Lineage, before: StoryPosition, now: Mapping[int, Mapping[str, tuple[str, PositionNumber]]]
) -> dict[int, Past]:
    """The times in which the entities' visible attributes had their present values, from their latest spans."""
    eras = {
        entity: [Era(name, since, before.number) for name, (_, since) in facts.items() if since < before.number]
        for entity, facts in now.items()
    }
    horizons = dict.fromkeys(now, 0)
    open_entities = [entity for entity, facts in now.items() if facts]
    for branch, first, until in _stretches(lineage, before):
        names = sorted({name for entity in open_entities for name in now[entity]})
        bounds: dict[str, object] = {"branch": branch, "until": until, "names": names, "entities": open_entities}
        if open_entities and until < before.number:  # what holds at the fork goes on past it, on the parent or on the branch
            for entity, name, value, since in connection.execute(_CROSSING, bounds).all():
                if now[entity].get(name, ("",))[0] == value:
                    eras[entity].append(Era(name, max(since, first), until))
        if open_entities:
            bounds["first"] = first
            for entity, name, value, since, ends in connection.execute(_SAME, bounds).all():
                if now[entity].get(name, ("",))[0] == value:
                    eras[entity].append(Era(name, max(since, first), ends))
            del bounds["names"]
            for entity, horizon in connection.execute(_HORIZON, bounds).all():
                if horizon is not None:
                    horizons[entity] = horizon
                    open_entities.remove(entity)
    return {entity: Past(tuple(eras[entity]), frozenset(facts), horizons[entity]) for entity, facts in now.items()}
