"""What a judge of takes is told of the entities in a shot: looks, and the light of the place, as memory held them before the episode."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
from jaxtyping import Float32

from episodic.backbones.request import Setting, ShotDraft
from episodic.looks.look import dress
from episodic.quality.judge import PlaceSurvey, Remembered
from episodic.quality.look import LOOK_ENCODER
from memory.model.facts import FactValue, StoryPosition
from memory.store import MemoryStore

__all__ = ["remembered_for"]

_EACH: Final = 3
"""Look vectors of each entity that a judge is given."""
_LATEST: Final = 24
"""The latest vectors of an entity, from which those are chosen."""
_OTHERS: Final = 12
"""Entities that one in the shot could be mistaken for: those seen last."""
_LIGHTS: Final = 3
"""Surveys of the place that a judge is given."""


def remembered_for(draft: ShotDraft, memory: MemoryStore, branch: str, position: StoryPosition) -> Remembered:
    """What memory holds of the entities in a shot, for its judge: small, and part of what the shot is made from.

    Only what was committed before `position` (the episode's beginning) counts, and only what was verified; nothing of an entity whose
    look the story has changed since.
    """
    owners, matrix = memory.vectors("look", LOOK_ENCODER, branch)
    rows: dict[str, list[int]] = {}
    for row, owner in enumerate(owners):
        if owner.entity and owner.position < position:
            rows.setdefault(owner.entity, []).append(row)
    shown = [performer.id for performer in draft.performers if performer.id in rows]
    seen_last = sorted(rows, key=lambda entity: (-rows[entity][-1], entity))
    others = [entity for entity in seen_last if entity not in shown][:_OTHERS] if shown else []
    counts = {**dict.fromkeys(shown, _EACH), **dict.fromkeys(others, 1)}
    looks = {
        entity: tuple(_rounded(vector) for vector in _diverse(matrix[rows[entity][-_LATEST:]], count))
        for entity, count in counts.items()
    }
    return Remembered(
        encoder=LOOK_ENCODER,
        looks=looks,
        changed=tuple(_changed(draft, memory, branch, position)),
        lights=tuple(_lights(draft.setting, memory, branch, position)),
    )


def _rounded(vector: Float32[np.ndarray, " dimension"]) -> tuple[float, ...]:
    """A vector to four decimals."""
    return tuple(map(float, np.round(vector.astype(np.float64), 4)))


def _diverse(rows: Float32[np.ndarray, "row dimension"], count: int) -> list[Float32[np.ndarray, " dimension"]]:
    """The latest vector, and those farthest from the ones chosen before it (Gonzalez 1985)."""
    chosen = [len(rows) - 1]
    distance = 1 - rows @ rows[-1]
    while len(chosen) < min(count, len(rows)):
        chosen.append(int(distance.argmax()))
        distance = distance.clip(max=1 - rows @ rows[chosen[-1]])
    return [rows[row] for row in chosen]


def _changed(draft: ShotDraft, memory: MemoryStore, branch: str, position: StoryPosition) -> Iterator[str]:
    """The performers who are drawn otherwise than the canon had them before the episode."""
    before = memory.as_of(position, branch)
    for performer in draft.performers:
        known = before.characters.get(performer.id)
        if known is not None and dress(known.look, known.state) != dict(performer.look):
            yield performer.id


def _lights(setting: Setting, memory: MemoryStore, branch: str, position: StoryPosition) -> Iterator[PlaceSurvey]:
    """The latest surveys of the place at this time of day and in this weather, one for each scene."""
    measured = memory.measures(setting.location, position, branch)
    history = memory.history(setting.location, branch) if measured else ()

    def stated(attribute: str, at: StoryPosition) -> FactValue:
        facts = (fact for fact in history if fact.attribute == attribute and fact.since <= at)
        return next((fact.value for fact in facts if fact.until is None or at < fact.until), None)

    surveys: dict[StoryPosition, PlaceSurvey] = {}
    for owner, values in measured:
        light, palette = values.get("light"), values.get("palette")
        if (
            stated("time", owner.position) == setting.time
            and stated("weather", owner.position) == setting.weather
            and isinstance(light, dict)
            and isinstance(palette, list)
        ):
            surveys[owner.position] = PlaceSurvey(at=f"{owner.position}, shot {owner.shot_id}", light=light, palette=palette)
    yield from [surveys[at] for at in sorted(surveys)[-_LIGHTS:]]
