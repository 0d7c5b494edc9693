"""Blocking: where every character stands in every shot of a scene, from the plan alone.

Marks depend neither on the length of spoken lines nor on anything sampled, so an edited line leaves the other shots unchanged.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from episodic.backbones.request import Mark
from planners.plan.actions import ActionReading, read_action
from planners.plan.model import NARRATOR, Scene, Shot

__all__ = ["Move", "block_scene"]

_DEFAULT_REACH: Mapping[str, float] = {}
_OFF_STAGE_M = 4.8
_BETWEEN_M, _CLOSE_M = 0.75, 0.2
"""Distance between two characters on their home marks, and between two of whom one has walked up to the other."""
_PERSON_REACH_M = 0.4
_ROW = 4
_SHORT_STEP_M = 0.7
_WALKS = ("walk", "run", "sneak")
"""Actions that would tread on the spot if they led nowhere."""
_NEAREST_Z, _FARTHEST_Z = 1.4, 3.6
_WIDEST_M = 3.4


@dataclass(frozen=True, slots=True)
class Move:
    """What one character does with the floor in one shot."""

    start: Mark
    end: Mark
    reading: ActionReading


def block_scene(scene: Scene, names: Mapping[str, str], reach_m: Mapping[str, float] = _DEFAULT_REACH) -> list[dict[str, Move]]:
    """For every shot of `scene`, the move of each character on stage, keyed by id.

    `names`: id -> the name actions use. `reach_m`: id -> half the width that a character takes up on the floor, by default a person's.
    """
    people = scene.people()
    homes = _homes(people, reach_m)
    entering = _late_entrances(scene)
    positions: dict[str, Mark | None] = {entity: None if entity in entering else homes[entity] for entity in people}
    moves = []
    for shot in scene.shots:
        shot_moves = _block_shot(shot, people, homes, positions, names, reach_m)
        for entity, move in shot_moves.items():
            leaves = move.reading.moves == "leaves" and move.reading.action != "recoil"
            positions[entity] = None if leaves else move.end
        moves.append(shot_moves)
    return moves


def _block_shot(
    shot: Shot,
    people: Sequence[str],
    homes: Mapping[str, Mark],
    positions: Mapping[str, Mark | None],
    names: Mapping[str, str],
    reach_m: Mapping[str, float],
) -> dict[str, Move]:
    speakers = {line.speaker for line in shot.lines} - {NARRATOR}
    busy = set(shot.action) | set(shot.focus) | speakers
    moves: dict[str, Move] = {}
    for entity in people:
        position = positions[entity]
        if position is None and entity not in busy:
            continue
        reading = read_action(shot.action[entity]) if entity in shot.action else read_action("stands")
        home = homes[entity]
        start = position or (_wing(home) if reading.moves == "enters" else home)
        if reading.moves == "enters":
            end, start = home, _wing(home)
        elif reading.action == "recoil":
            end = _step(entity, start, -_SHORT_STEP_M, positions, reach_m)
        elif reading.moves == "leaves":
            end = _wing(start)
        elif reading.moves == "to":
            end = _mark_beside(entity, start, reading.target or "", positions, names, reach_m)
        elif reading.action in _WALKS:
            end = _step(entity, start, _SHORT_STEP_M, positions, reach_m)
        else:
            end = start
        moves[entity] = Move(start, end, reading)
    return moves


def _late_entrances(scene: Scene) -> set[str]:
    """Characters who are not on stage when the scene begins: their first action is to come in."""
    entering: set[str] = set()
    settled: set[str] = set()
    for shot in scene.shots:
        for entity in (*shot.action, *shot.focus, *(line.speaker for line in shot.lines)):
            if entity not in settled and entity in shot.action and read_action(shot.action[entity]).moves == "enters":
                entering.add(entity)
            settled.add(entity)
    return entering


def _homes(people: Sequence[str], reach_m: Mapping[str, float]) -> dict[str, Mark]:
    """Home marks: side by side in rows of four, each row a step further back, everybody with their own room."""
    homes: dict[str, Mark] = {}
    for row, first in enumerate(range(0, len(people), _ROW)):
        members = people[first : first + _ROW]
        at, places = 0.0, []
        for number, entity in enumerate(members):
            reach = reach_m.get(entity, _PERSON_REACH_M)
            at += reach + (_BETWEEN_M if number else 0.0)
            places.append(at)
            at += reach
        middle = (places[0] + places[-1]) / 2
        squeeze = min(1.0, 2 * _WIDEST_M / max(places[-1] - places[0], 0.1))
        for number, (entity, place) in enumerate(zip(members, places, strict=True)):
            homes[entity] = Mark(
                x=round((place - middle) * squeeze + 0.35 * row, 3), z=round(2.1 + 0.3 * (number % 2) + 0.7 * row, 3)
            )
    return homes


def _wing(mark: Mark) -> Mark:
    """The mark off stage on the nearer side."""
    side = -1.0 if mark.x < 0 or mark.x == 0.0 else 1.0
    return Mark(x=side * _OFF_STAGE_M, z=mark.z)


def _mark_beside(
    entity: str,
    start: Mark,
    target: str,
    positions: Mapping[str, Mark | None],
    names: Mapping[str, str],
    reach_m: Mapping[str, float],
) -> Mark:
    """Where a character that walks up to `target` stops: beside the character of that name, else at a mark of the words' own."""
    words = set(target.lower().replace("_", " ").split())
    for other, mark in positions.items():
        if other == entity or mark is None:
            continue
        if words & ({other} | set(names.get(other, other).lower().split())):
            side = -1.0 if start.x <= mark.x else 1.0
            distance = reach_m.get(entity, _PERSON_REACH_M) + reach_m.get(other, _PERSON_REACH_M) + _CLOSE_M
            x = min(max(mark.x + side * distance, -_WIDEST_M - 0.6), _WIDEST_M + 0.6)
            return Mark(x=round(x, 3), z=mark.z)
    # The set has no address for "the window": the same word leads to the same side every time.
    draw = hashlib.sha256(target.encode()).digest()
    side = -1.0 if draw[0] % 2 else 1.0
    z = round(min(max(start.z + (draw[2] / 255 - 0.4) * 1.2, _NEAREST_Z), _FARTHEST_Z), 3)
    steps = [side * length for length in (0.9 + draw[1] / 255 * 0.7, -1.3, 0.6, -0.6)]
    goals = [Mark(x=round(start.x + step, 3), z=z) for step in steps]
    return next((goal for goal in goals if _is_free(entity, goal, positions, reach_m)), start)


def _step(entity: str, start: Mark, length_m: float, positions: Mapping[str, Mark | None], reach_m: Mapping[str, float]) -> Mark:
    """The end of a step towards the nearest character (negative: away), or towards the middle of the set."""
    others = [mark.x for other, mark in positions.items() if other != entity and mark is not None]
    goal = min(others, key=lambda x: abs(x - start.x), default=0.0)
    ahead = 1.0 if goal > start.x else -1.0
    end = Mark(x=round(start.x + ahead * length_m, 3), z=start.z)
    return end if _is_free(entity, end, positions, reach_m) else start


def _is_free(entity: str, goal: Mark, positions: Mapping[str, Mark | None], reach_m: Mapping[str, float]) -> bool:
    """Whether there is room at `goal`, on the set and beside all others."""
    reach = reach_m.get(entity, _PERSON_REACH_M)
    return abs(goal.x) <= _WIDEST_M and all(
        abs(goal.x - mark.x) >= reach + reach_m.get(other, _PERSON_REACH_M)
        for other, mark in positions.items()
        if other != entity and mark is not None
    )
