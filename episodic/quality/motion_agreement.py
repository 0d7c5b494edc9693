"""Does everybody move as asked? Optical flow inside each performer's mask, against what the background does behind them.

Measured on moments: three frames in a row. The flow of a pair (Kroeger et al., "Fast Optical Flow using Dense Inverse Search", ECCV
2016) less the background's median gives how fast somebody crosses the set, whatever the camera does; the difference of two pairs in a
row is what trembles; what moves within the figure is its life. What is wanted follows from the marks: somebody sent from one to
another must cross the set, somebody who stands must not. A background far behind moves less than the floor somebody walks on, and in a
close shot there may be none to see; so a quarter of the way is enough, or limbs that move as those of somebody who walks. Where there
is a previsualisation, its movement is what is wanted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from jaxtyping import Bool, Float32, Float64

from episodic.backbones.request import Performer, ShotRequest
from episodic.backbones.take import Sight
from episodic.consistency.flow import flow_between
from planners.plan.vocabulary import Action

__all__ = [
    "MOTION_PX",
    "Agreement",
    "Movement",
    "agreement_with_life",
    "agreement_with_marks",
    "agreement_with_movement",
    "moments",
    "movements_of",
]

MOTION_PX: Final = 180
"""Height of the frames that flow is measured on."""
_MOMENTS: Final = 24
_LEAST_PIXELS: Final = 60
_LEAST_SEEN: Final = 0.5
"""Who is there in fewer of the moments has no movement to speak of."""
_CROSSES_M: Final = 0.4
"""Marks farther apart than this send somebody across the set."""
_STRAY_M: Final = 0.6
"""How far somebody who stays may seem to travel; twice as far where the camera moves, which shifts near against far."""
_SHARE: Final = 0.25
"""Of the way, and 0.45 of the speed in the limbs: what says that somebody crosses."""
_LIMBS: Final = 0.45
_UNREST_M_S: Final = 0.35
"""Speed in the limbs of somebody who is quiet."""
_QUIET: Final[frozenset[Action]] = frozenset(("stand", "sit", "listen", "think", "sleep", "nod", "look_around"))
_JITTER: Final = 0.025
"""Picture heights per frame by which speed may change from one frame to the next."""
_LIFE: Final = 0.004
"""Picture heights a second at which something within a living figure moves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """How one performer moves over a take. Speeds in picture heights a second, x right, y down, against the background."""

    at: tuple[int, ...]
    """The middle frames of the moments in which the performer can be seen."""
    velocity: Float64[np.ndarray, "moment 2"]
    life: float
    """Median speed of what moves within the figure."""
    jitter: float
    """Median change of velocity from one frame to the next, picture heights per frame."""
    shake: float
    """The same of the background: the camera's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """How well a movement agrees with what was wanted, 0..1, 0.5 where it just may pass, and a word on what it was held against."""

    value: float
    against: str
    found: str


_Row = tuple[int, Float64[np.ndarray, " 2"], float, float, float]
"""Middle frame, velocity, life, jitter, shake: pixels per frame."""


def moments(frames: int) -> list[tuple[int, int, int]]:
    """At most 24 moments of a take, evenly spread: three frames in a row each. Empty for a take of fewer than three frames."""
    if frames < 3:
        return []
    middles = np.unique(np.linspace(1, frames - 2, min(_MOMENTS, frames - 2)).round().astype(int))
    return [(int(one) - 1, int(one), int(one) + 1) for one in middles]


def movements_of(sights: Mapping[int, Sight], frames: int, fps: int) -> dict[str, Movement]:
    """The movement of everybody who can be seen. `sights`: by frame, all of `moments(frames)`."""
    flows: dict[int, Float32[np.ndarray, "height width 2"]] = {}
    rows: dict[str, list[_Row]] = {}
    for before, middle, _ in moments(frames):
        for one in (before, middle):
            if one not in flows:
                flows[one] = flow_between(sights[one].picture, sights[one + 1].picture)
        for who, mask in sights[middle].masks.items():
            if int(mask.sum()) >= _LEAST_PIXELS:
                rows.setdefault(who, []).append((middle, *_moment(flows[before], flows[middle], mask, sights[middle].masks)))
        flows.pop(before, None)
    height = next(iter(sights.values())).picture.shape[0] if sights else 1
    least = max(2, round(_LEAST_SEEN * len(moments(frames))))
    return {who: _movement(found, height, fps) for who, found in rows.items() if len(found) >= least}


def _movement(rows: Sequence[_Row], height: int, fps: int) -> Movement:
    return Movement(
        at=tuple(row[0] for row in rows),
        velocity=np.stack([row[1] for row in rows]) * fps / height,
        life=float(np.median([row[2] for row in rows])) * fps / height,
        jitter=float(np.median([row[3] for row in rows])) / height,
        shake=float(np.median([row[4] for row in rows])) / height,
    )


def _moment(
    first: Float32[np.ndarray, "height width 2"],
    second: Float32[np.ndarray, "height width 2"],
    mask: Bool[np.ndarray, "height width"],
    everybody: Mapping[str, Bool[np.ndarray, "height width"]],
) -> tuple[Float64[np.ndarray, " 2"], float, float, float]:
    """Velocity, life, jitter and shake of one figure in one moment, pixels per frame."""
    behind = ~np.any(list(everybody.values()), axis=0)
    flows = [one.astype(np.float64) for one in (first, second)]
    grounds = [np.median(one[behind], axis=0) if behind.any() else np.zeros(2) for one in flows]
    speeds = [one[mask] - ground for one, ground in zip(flows, grounds, strict=True)]
    middles = [np.median(one, axis=0) for one in speeds]
    life = float(np.percentile(np.linalg.norm(speeds[1], axis=1), 90))
    jitter, shake = (float(np.linalg.norm(pair[1] - pair[0])) for pair in (middles, grounds))
    return (middles[0] + middles[1]) / 2, life, jitter, shake


def agreement_with_marks(movement: Movement, performer: Performer, request: ShotRequest) -> Agreement:
    """Held against the marks. Whoever the shot is not about, and travel along the line of sight, is not judged by travel: what it
    does to the picture depends on where the camera goes.
    """
    picture_m = _picture_m(request)
    wanted_m = performer.end.x - performer.start.x
    found_m = float(movement.velocity[:, 0].mean()) * request.seconds * picture_m
    limbs_m_s = movement.life * picture_m
    deep = abs(performer.end.z - performer.start.z) > max(_CROSSES_M, abs(wanted_m))
    parts = list(_alive(movement))
    if deep or (request.focus and performer.id not in request.focus):
        against = f"{performer.action}, its way is not judged"
    elif abs(wanted_m) > _CROSSES_M:
        way = found_m / wanted_m
        share = max(way / _SHARE, limbs_m_s / (_LIMBS * abs(wanted_m) / request.seconds)) if way > -0.15 else 0.0
        parts.append(share**2 / (1 + share**2))
        against = f"{performer.action}, {wanted_m:+.1f} m"
    else:
        parts.append(_soft(found_m / (_STRAY_M * (1 if request.camera == "static" else 2))))
        parts += [_soft(limbs_m_s / _UNREST_M_S)] if performer.action in _QUIET else []
        against = f"{performer.action}, staying where they are"
    return Agreement(value=min(parts), against=against, found=f"{found_m:+.1f} m, limbs {limbs_m_s:.2f} m/s, {_told(movement)}")


def agreement_with_movement(movement: Movement, wanted: Movement, request: ShotRequest) -> Agreement:
    """Held against the movement that the previsualisation has, moment by moment: 1 for the same, 0.5 where as much differs as moves."""
    shared = [one for one in movement.at if one in wanted.at]
    if not shared:
        return agreement_with_life(movement)
    a = np.stack([movement.velocity[movement.at.index(one)] for one in shared])
    b = np.stack([wanted.velocity[wanted.at.index(one)] for one in shared])
    moves = max(float(np.linalg.norm(b, axis=1).mean()), _STRAY_M / _picture_m(request) / request.seconds)
    apart = float(np.linalg.norm(a - b, axis=1).mean())
    travel = float(a[:, 0].mean()) * request.seconds * _picture_m(request)
    parts = (_soft(apart / moves), *_alive(movement))
    return Agreement(value=min(parts), against="the previsualisation's movement", found=f"{travel:+.1f} m, {_told(movement)}")


def agreement_with_life(movement: Movement) -> Agreement:
    """Held against nothing but that a figure lives and does not tremble."""
    return Agreement(value=min(_alive(movement)), against="a living figure", found=_told(movement))


def _alive(movement: Movement) -> tuple[float, ...]:
    """How alive it is, and how free of trembling it and the camera are."""
    life = movement.life / _LIFE
    return life / (1 + life), _soft(movement.jitter / _JITTER), _soft(movement.shake / _JITTER)


def _told(movement: Movement) -> str:
    return f"life {movement.life:.3f}/s, trembling {movement.jitter:.4f}, camera {movement.shake:.4f}"


def _soft(ratio: float) -> float:
    """1 at no difference, 0.5 at the limit."""
    return 1 / (1 + ratio * ratio)


def _picture_m(request: ShotRequest) -> float:
    """How many metres of the set the picture is high, as the shot is asked to be framed."""
    from episodic.backbones.stage.staging.framing import frame_shot

    share = np.linspace(0, 1, 9)
    ends = [(one.start.x, one.end.x, one.start.z, one.end.z) for one in request.performers]
    marks = np.array(ends, np.float64).reshape(len(ends), 4, 1)
    x, z = (marks[:, i] + share * (marks[:, i + 1] - marks[:, i]) for i in (0, 2))
    return float(2 ** np.median(frame_shot(request, share * request.seconds, x, z).log2_height))
