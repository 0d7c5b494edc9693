"""Blocking: who stands where in every shot of a scene, from the plan alone.

Marks do not depend on how long a line turned out or on what was sampled, so an edited line leaves the other shots as they are.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from episodic.backbones.request import Mark
from planners.plan.actions import ActionReading, read_action
from planners.plan.model import NARRATOR, Scene, Shot

__all__ = ["Move", "block_scene"]

_NOBODY: Mapping[str, float] = {}
_OFF_STAGE_M = 4.8
_BETWEEN_M, _CLOSE_M = 0.75, 0.2
"""Air between two people at home, and between two of whom one went to the other."""
_A_PERSON_M = 0.4
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


def block_scene(scene: Scene, names: Mapping[str, str], reach_m: Mapping[str, float] = _NOBODY) -> list[dict[str, Move]]:
    """For every shot of `scene`, the move of everybody who is on stage, keyed by id.

    `names`: id -> the name actions use. `reach_m`: id -> half the room somebody takes up on the floor, by default a person's.
    """
    people = scene.people()
    homes = _homes(people, reach_m)
    entering = _enter_later(scene)
    where: dict[str, Mark | None] = {one: None if one in entering else homes[one] for one in people}
    moves = []
    for shot in scene.shots:
        shot_moves = _block_shot(shot, people, homes, where, names, reach_m)
        for one, move in shot_moves.items():
            gone = move.reading.moves == "leaves" and move.reading.action != "recoil"
            where[one] = None if gone else move.end
        moves.append(shot_moves)
    return moves


def _block_shot(
    shot: Shot,
    people: Sequence[str],
    homes: Mapping[str, Mark],
    where: Mapping[str, Mark | None],
    names: Mapping[str, str],
    reach_m: Mapping[str, float],
) -> dict[str, Move]:
    speakers = {line.speaker for line in shot.lines} - {NARRATOR}
    busy = set(shot.action) | set(shot.focus) | speakers
    moves: dict[str, Move] = {}
    for one in people:
        here = where[one]
        if here is None and one not in busy:
            continue
        reading = read_action(shot.action[one]) if one in shot.action else read_action("stands")
        home = homes[one]
        start = here or (_wing(home) if reading.moves == "enters" else home)
        if reading.moves == "enters":
            end, start = home, _wing(home)
        elif reading.action == "recoil":
            end = _step(one, start, -_SHORT_STEP_M, where, reach_m)
        elif reading.moves == "leaves":
            end = _wing(start)
        elif reading.moves == "to":
            end = _beside(one, start, reading.target or "", where, names, reach_m)
        elif reading.action in _WALKS:
            end = _step(one, start, _SHORT_STEP_M, where, reach_m)
        else:
            end = start
        moves[one] = Move(start, end, reading)
    return moves


def _enter_later(scene: Scene) -> set[str]:
    """Who is not on stage when the scene begins: the first thing they do is come in."""
    found: set[str] = set()
    settled: set[str] = set()
    for shot in scene.shots:
        for one in (*shot.action, *shot.focus, *(line.speaker for line in shot.lines)):
            enters = one in shot.action and read_action(shot.action[one]).moves == "enters"
            if one not in settled and enters:
                found.add(one)
            settled.add(one)
    return found


def _homes(people: Sequence[str], reach_m: Mapping[str, float]) -> dict[str, Mark]:
    """Side by side, in rows of four, each row a step further back; everybody with their own room."""
    homes: dict[str, Mark] = {}
    for row, first in enumerate(range(0, len(people), _ROW)):
        members = people[first : first + _ROW]
        at, places = 0.0, []
        for number, one in enumerate(members):
            reach = reach_m.get(one, _A_PERSON_M)
            at += reach + (_BETWEEN_M if number else 0.0)
            places.append(at)
            at += reach
        middle = (places[0] + places[-1]) / 2
        squeeze = min(1.0, 2 * _WIDEST_M / max(places[-1] - places[0], 0.1))
        for number, (one, place) in enumerate(zip(members, places, strict=True)):
            homes[one] = Mark(
                x=round((place - middle) * squeeze + 0.35 * row, 3), z=round(2.1 + 0.3 * (number % 2) + 0.7 * row, 3)
            )
    return homes


def _wing(mark: Mark) -> Mark:
    side = -1.0 if mark.x < 0 or mark.x == 0.0 else 1.0
    return Mark(x=side * _OFF_STAGE_M, z=mark.z)


def _beside(
    one: str,
    start: Mark,
    target: str,
    where: Mapping[str, Mark | None],
    names: Mapping[str, str],
    reach_m: Mapping[str, float],
) -> Mark:
    words = set(target.lower().replace("_", " ").split())
    for other, mark in where.items():
        if other == one or mark is None:
            continue
        if words & ({other} | set(names.get(other, other).lower().split())):
            side = -1.0 if start.x <= mark.x else 1.0
            apart = reach_m.get(one, _A_PERSON_M) + reach_m.get(other, _A_PERSON_M) + _CLOSE_M
            x = min(max(mark.x + side * apart, -_WIDEST_M - 0.6), _WIDEST_M + 0.6)
            return Mark(x=round(x, 3), z=mark.z)
    # The set has no address for "the window": the same word leads to the same side every time.
    draw = hashlib.sha256(target.encode()).digest()
    side = -1.0 if draw[0] % 2 else 1.0
    z = round(min(max(start.z + (draw[2] / 255 - 0.4) * 1.2, _NEAREST_Z), _FARTHEST_Z), 3)
    steps = [side * length for length in (0.9 + draw[1] / 255 * 0.7, -1.3, 0.6, -0.6)]
    goals = [Mark(x=round(start.x + step, 3), z=z) for step in steps]
    return next((goal for goal in goals if _free(one, goal, where, reach_m)), start)


def _step(one: str, start: Mark, length: float, where: Mapping[str, Mark | None], reach_m: Mapping[str, float]) -> Mark:
    """A short step towards whoever is nearest (negative: away from them), or towards the middle of the set."""
    others = [mark.x for other, mark in where.items() if other != one and mark is not None]
    goal = min(others, key=lambda x: abs(x - start.x), default=0.0)
    ahead = 1.0 if goal > start.x else -1.0
    end = Mark(x=round(start.x + ahead * length, 3), z=start.z)
    return end if _free(one, end, where, reach_m) else start


def _free(one: str, goal: Mark, where: Mapping[str, Mark | None], reach_m: Mapping[str, float]) -> bool:
    """Whether there is room at `goal`, on the set and beside everybody else."""
    mine = reach_m.get(one, _A_PERSON_M)
    return abs(goal.x) <= _WIDEST_M and all(
        abs(goal.x - mark.x) >= mine + reach_m.get(other, _A_PERSON_M)
        for other, mark in where.items()
        if other != one and mark is not None
    )
