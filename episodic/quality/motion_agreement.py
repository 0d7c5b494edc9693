"""Agreement of movement with the request, from the optical flow inside each performer's mask relative to the background.

Measured on moments: three consecutive frames. The flow of a pair (Kroeger et al., "Fast Optical Flow using Dense Inverse Search", ECCV
2016) minus the median flow of the background is the performer's speed across the set, whatever the camera does. The difference of two
consecutive pairs is jitter; movement inside the figure is its life. The marks state the expected movement: a performer with different
marks must cross the set, one who stays must not. A distant background moves less than the floor under a walking performer, and a close
shot may show none, so a quarter of the way is enough, or limbs as fast as those of somebody who walks. If there is a previsualisation, its
movement is the expected one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

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
"""A performer visible in a smaller share of the moments has no measured movement."""
_CROSSES_M: Final = 0.4
"""Marks farther apart than this make a performer cross the set."""
_STRAY_M: Final = 0.6
"""Limit of the apparent travel of a performer who stays; twice as much with a moving camera, which shifts near against far."""
_SHARE: Final = 0.25
"""Share of the way that shows that a performer crosses."""
_LIMBS: Final = 0.45
"""Speed of the limbs, as a share of walking speed, that shows the same."""
_UNREST_M_S: Final = 0.35
"""Limit of the speed of the limbs in a quiet action."""
_QUIET: Final[frozenset[Action]] = frozenset(("stand", "sit", "listen", "think", "sleep", "nod", "look_around"))
_JITTER: Final = 0.025
"""Limit of the change of speed from one frame to the next, picture heights per frame."""
_LIFE: Final = 0.004
"""Speed at which something inside a living figure moves, picture heights per second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """The movement of one performer over a take, relative to the background. Speeds in picture heights per second, x right, y down."""

    at: tuple[int, ...]
    """The middle frames of the moments in which the performer is visible."""
    velocity: Float64[np.ndarray, "moment 2"]
    life: float
    """Median speed inside the figure."""
    jitter: float
    """Median change of velocity from one frame to the next, picture heights per frame."""
    shake: float
    """The same for the background, which is the jitter of the camera."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """The agreement of a movement with the expected one."""

    value: float
    """0..1, 0.5 at the limit."""
    against: str
    """The expected movement in words."""
    measured: str
    """The movement in words."""


class _Moment(NamedTuple):
    """The movement of one figure in one moment, pixels per frame."""

    middle: int
    """The middle frame."""
    velocity: Float64[np.ndarray, " 2"]
    life: float
    jitter: float
    shake: float


def moments(frames: int) -> list[tuple[int, int, int]]:
    """At most 24 moments of a take, evenly spaced, three consecutive frames each. Empty for a take of fewer than three frames."""
    if frames < 3:
        return []
    middles = np.unique(np.linspace(1, frames - 2, min(_MOMENTS, frames - 2)).round().astype(int))
    return [(int(middle) - 1, int(middle), int(middle) + 1) for middle in middles]


def movements_of(sights: Mapping[int, Sight], frames: int, fps: int) -> dict[str, Movement]:
    """The movement of each visible entity. `sights`: all of `moments(frames)`, by frame."""
    flows: dict[int, Float32[np.ndarray, "height width 2"]] = {}
    by_entity: dict[str, list[_Moment]] = {}
    for before, middle, _ in moments(frames):
        for frame in (before, middle):
            if frame not in flows:
                flows[frame] = flow_between(sights[frame].picture, sights[frame + 1].picture)
        for entity, mask in sights[middle].masks.items():
            if int(mask.sum()) >= _LEAST_PIXELS:
                moment = _moment(middle, (flows[before], flows[middle]), mask, sights[middle].masks)
                by_entity.setdefault(entity, []).append(moment)
        flows.pop(before, None)
    height = next(iter(sights.values())).picture.shape[0] if sights else 1
    least = max(2, round(_LEAST_SEEN * len(moments(frames))))
    return {entity: _movement_over(seen, height, fps) for entity, seen in by_entity.items() if len(seen) >= least}


def _movement_over(seen: Sequence[_Moment], height: int, fps: int) -> Movement:
    return Movement(
        at=tuple(moment.middle for moment in seen),
        velocity=np.stack([moment.velocity for moment in seen]) * fps / height,
        life=float(np.median([moment.life for moment in seen])) * fps / height,
        jitter=float(np.median([moment.jitter for moment in seen])) / height,
        shake=float(np.median([moment.shake for moment in seen])) / height,
    )


def _moment(
    middle: int,
    pair: tuple[Float32[np.ndarray, "height width 2"], Float32[np.ndarray, "height width 2"]],
    mask: Bool[np.ndarray, "height width"],
    all_masks: Mapping[str, Bool[np.ndarray, "height width"]],
) -> _Moment:
    """One figure in one moment. `pair`: the flow to the middle frame and from it."""
    behind = ~np.any(list(all_masks.values()), axis=0)
    flows = [flow.astype(np.float64) for flow in pair]
    grounds = [np.median(flow[behind], axis=0) if behind.any() else np.zeros(2) for flow in flows]
    speeds = [flow[mask] - ground for flow, ground in zip(flows, grounds, strict=True)]
    middles = [np.median(speed, axis=0) for speed in speeds]
    life = float(np.percentile(np.linalg.norm(speeds[1], axis=1), 90))
    jitter, shake = (float(np.linalg.norm(after - before)) for before, after in (middles, grounds))
    return _Moment(middle, (middles[0] + middles[1]) / 2, life, jitter, shake)


def agreement_with_marks(movement: Movement, performer: Performer, request: ShotRequest) -> Agreement:
    """Compare with the marks.

    Performers out of focus, and travel along the line of sight, are not judged by travel: its effect on the picture depends on the path of
    the camera.
    """
    picture_m = _picture_m(request)
    way_m = performer.end.x - performer.start.x
    travel_m = float(movement.velocity[:, 0].mean()) * request.seconds * picture_m
    limbs_m_s = movement.life * picture_m
    deep = abs(performer.end.z - performer.start.z) > max(_CROSSES_M, abs(way_m))
    parts = list(_liveliness(movement))
    if deep or (request.focus and performer.id not in request.focus):
        against = f"{performer.action}, travel is not judged"
    elif abs(way_m) > _CROSSES_M:
        progress = travel_m / way_m
        share = max(progress / _SHARE, limbs_m_s / (_LIMBS * abs(way_m) / request.seconds)) if progress > -0.15 else 0.0
        parts.append(share**2 / (1 + share**2))
        against = f"{performer.action}, {way_m:+.1f} m"
    else:
        parts.append(_closeness(travel_m / (_STRAY_M * (1 if request.camera == "static" else 2))))
        parts += [_closeness(limbs_m_s / _UNREST_M_S)] if performer.action in _QUIET else []
        against = f"{performer.action}, staying where they are"
    return Agreement(
        value=min(parts), against=against, measured=f"{travel_m:+.1f} m, limbs {limbs_m_s:.2f} m/s, {_life_words(movement)}"
    )


def agreement_with_movement(movement: Movement, planned: Movement, request: ShotRequest) -> Agreement:
    """Compare with the movement in the previsualisation, moment by moment: 1 if equal, 0.5 if the difference is as large as the movement."""
    shared = [frame for frame in movement.at if frame in planned.at]
    if not shared:
        return agreement_with_life(movement)
    a = np.stack([movement.velocity[movement.at.index(frame)] for frame in shared])
    b = np.stack([planned.velocity[planned.at.index(frame)] for frame in shared])
    speed = max(float(np.linalg.norm(b, axis=1).mean()), _STRAY_M / _picture_m(request) / request.seconds)
    difference = float(np.linalg.norm(a - b, axis=1).mean())
    travel_m = float(a[:, 0].mean()) * request.seconds * _picture_m(request)
    parts = (_closeness(difference / speed), *_liveliness(movement))
    return Agreement(
        value=min(parts), against="the movement in the previsualisation", measured=f"{travel_m:+.1f} m, {_life_words(movement)}"
    )


def agreement_with_life(movement: Movement) -> Agreement:
    """Judge only that a figure lives and does not tremble."""
    return Agreement(value=min(_liveliness(movement)), against="a living figure", measured=_life_words(movement))


def _liveliness(movement: Movement) -> tuple[float, ...]:
    """The values for life, for a steady figure and for a steady camera, each 0..1."""
    life = movement.life / _LIFE
    return life / (1 + life), _closeness(movement.jitter / _JITTER), _closeness(movement.shake / _JITTER)


def _life_words(movement: Movement) -> str:
    return f"life {movement.life:.3f}/s, trembling {movement.jitter:.4f}, camera {movement.shake:.4f}"


def _closeness(ratio: float) -> float:
    """1 without a difference, 0.5 at the limit. `ratio`: difference to limit."""
    return 1 / (1 + ratio * ratio)


def _picture_m(request: ShotRequest) -> float:
    """The height of the picture in metres of the set, with the framing of the request."""
    from episodic.backbones.stage.staging.framing import frame_shot

    share = np.linspace(0, 1, 9)
    ends = [(performer.start.x, performer.end.x, performer.start.z, performer.end.z) for performer in request.performers]
    marks = np.array(ends, np.float64).reshape(len(ends), 4, 1)
    x, z = (marks[:, i] + share * (marks[:, i + 1] - marks[:, i]) for i in (0, 2))
    return float(2 ** np.median(frame_shot(request, share * request.seconds, x, z).log2_height))
