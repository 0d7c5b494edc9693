"""The framing that a request asks for: the picture of its shot size, carried by its camera move."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from jaxtyping import Float

from episodic.backbones.request import Performer, ShotRequest
from memory.model.canon import CharacterKind
from planners.plan.vocabulary import Action, CameraMove, ShotSize

__all__ = ["CROUCH", "Framing", "body_height", "ease", "frame_shot"]

CROUCH: Final[Mapping[Action, float]] = {"sit": 0.55, "kneel": 0.75, "sleep": 0.95, "fall": 0.9, "cry": 0.15, "eat": 0.5}
"""How low a body ends in an action, in the `crouch` of the latent."""

_HEIGHT: Final[Mapping[ShotSize, float]] = {
    "extreme_wide": 5.8,
    "wide": 3.9,
    "full": 2.6,
    "medium": 1.5,
    "medium_close": 1.05,
    "close": 0.75,
    "extreme_close": 0.45,
}
_LENS: Final[Mapping[ShotSize, float]] = {
    "extreme_wide": 1.3,
    "wide": 1.5,
    "full": 1.8,
    "medium": 2.0,
    "medium_close": 2.3,
    "close": 2.6,
    "extreme_close": 2.9,
}
_FOLLOW: Final[Mapping[ShotSize, float]] = {
    "extreme_wide": 0.1,
    "wide": 0.25,
    "full": 0.6,
    "medium": 0.9,
    "medium_close": 1.0,
    "close": 1.0,
    "extreme_close": 1.0,
}
_ZOOM: Final[Mapping[CameraMove, tuple[float, float]]] = {
    "push_in": (0.1, -0.22),
    "pull_out": (-0.14, 0.24),
    "crane_up": (0.0, 0.2),
}
_SLIDE: Final[Mapping[CameraMove, tuple[float, float]]] = {"pan_left": (0.16, -0.16), "pan_right": (-0.16, 0.16)}
_RISE: Final[Mapping[CameraMove, tuple[float, float]]] = {
    "tilt_up": (-0.2, 0.03),
    "tilt_down": (0.22, 0.0),
    "crane_up": (-0.06, 0.2),
}
_FACE_OF_KIND: Final[Mapping[CharacterKind, float]] = {"human": 1.0, "robot": 1.15, "animal": 1.55, "spirit": 2.1, "thing": 1.9}
"""Size of a face relative to its body, compared with a person's: a cloud is all face."""
_FACE_COUNTS: Final[Mapping[ShotSize, float]] = {"medium": 0.5, "medium_close": 0.85, "close": 1.0, "extreme_close": 1.0}
_HOVER_M: Final = 0.3
_FLOAT_M: Final = 0.55
"""Height above the floor of spirits, and of floating bodies."""
_SET_HALF_M: Final = 2.8
"""Half the width of the part of a set that the camera follows performers in."""
_HEIGHT_OF_KIND: Final = {"human": 1.7, "animal": 1.0, "robot": 1.5, "spirit": 1.7, "thing": 1.1}


@dataclass(frozen=True, slots=True)
class Framing:
    """The camera's channels in their units, over time."""

    x: Float[np.ndarray, " time"]
    y: Float[np.ndarray, " time"]
    log2_height: Float[np.ndarray, " time"]
    focus_z: Float[np.ndarray, " time"]
    lens: Float[np.ndarray, " time"]


def ease(t: Float[np.ndarray, " time"]) -> Float[np.ndarray, " time"]:
    """Ease in and out: 0 before 0, 1 after 1 (smootherstep)."""
    t = np.clip(t, 0.0, 1.0)
    eased: Float[np.ndarray, " time"] = t * t * t * (t * (6 * t - 15) + 10)
    return eased


def body_height(performer: Performer) -> float:
    """Return the height in metres: the look's, or the usual height of the kind."""
    height = performer.look.get("height")
    usual = _HEIGHT_OF_KIND[performer.kind]
    return float(height) if isinstance(height, int | float) and 0.05 <= height <= 12 else usual


def frame_shot(
    request: ShotRequest,
    seconds: Float[np.ndarray, " time"],
    x: Float[np.ndarray, "performer time"],
    z: Float[np.ndarray, "performer time"],
) -> Framing:
    """Frame the performers in focus, at their positions `x`, `z` (metres) at the times `seconds`."""
    chosen = [
        i
        for i, performer in enumerate(request.performers)
        if performer.in_frame and (not request.focus or performer.id in request.focus)
    ]
    chosen = chosen or [i for i, performer in enumerate(request.performers) if performer.in_frame]
    if not chosen:
        return _frame_nobody(request, seconds)
    in_focus = [request.performers[i] for i in chosen]
    # A performer from the wings walks into the picture; the camera does not move there to meet them.
    px, pz = np.clip(x[chosen], -_SET_HALF_M, _SET_HALF_M), z[chosen]
    middle = (px.max(0) + px.min(0)) / 2
    follow = 1.0 if request.camera == "track" else _FOLLOW[request.size]
    centre = follow * _smooth(middle) + (1 - follow) * (px.max() + px.min()) / 2
    tall = np.array([body_height(performer) * (1 - 0.42 * CROUCH.get(performer.action, 0.0)) for performer in in_focus])
    tall += np.array(
        [_HOVER_M * (performer.kind == "spirit") + _FLOAT_M * (performer.action == "float") for performer in in_focus]
    )
    height = _picture_height(request, tall, [performer.kind for performer in in_focus], float(np.abs(px - centre).max()))
    level = _level(request.size, height, tall)
    move = ease(seconds / max(request.seconds, 0.5))
    size = height * (1 + _swing(_ZOOM, request.camera, move))
    if request.camera == "track":
        centre = centre + 0.06 * height * (move - 0.5)
    return Framing(
        x=centre + height * _swing(_SLIDE, request.camera, move),
        y=np.full_like(centre, level) + height * _swing(_RISE, request.camera, move),
        log2_height=np.log2(size),
        focus_z=_smooth(pz.mean(0)),
        lens=np.full_like(centre, _LENS[request.size]),
    )


def _frame_nobody(request: ShotRequest, seconds: Float[np.ndarray, " time"]) -> Framing:
    """Frame an empty set."""
    height = max(_HEIGHT[request.size], 1.6)
    move = ease(seconds / max(request.seconds, 0.5))
    still = np.ones_like(seconds)
    return Framing(
        x=height * _swing(_SLIDE, request.camera, move) * still,
        y=(0.36 * height + 0.25) * still + height * _swing(_RISE, request.camera, move),
        log2_height=np.log2(height * (1 + _swing(_ZOOM, request.camera, move))) * still,
        focus_z=2.5 * still,
        lens=_LENS[request.size] * still,
    )


def _swing(
    table: Mapping[CameraMove, tuple[float, float]], move: CameraMove, t: Float[np.ndarray, " time"]
) -> Float[np.ndarray, " time"]:
    """Interpolate what a camera move adds, from its first to its last value."""
    first, last = table.get(move, (0.0, 0.0))
    return first + (last - first) * t


def _room_for_faces(size: ShotSize, kinds: Iterable[CharacterKind]) -> float:
    """Return how much higher a near picture must be so that the largest face among `kinds` fits as well as a person's."""
    return float(max(_FACE_OF_KIND[kind] for kind in kinds) ** _FACE_COUNTS.get(size, 0.0))


def _picture_height(
    request: ShotRequest, tall: Float[np.ndarray, " person"], kinds: Sequence[CharacterKind], reach: float
) -> float:
    """Return the picture's height in metres: that of the shot size, enlarged until every performer in focus fits."""
    top, low = float(tall.max()), float(tall.min())
    usual = _HEIGHT[request.size]
    if request.size in ("extreme_wide", "wide"):
        height = max(usual, 1.5 * top)
    else:
        height = max(usual * top / 1.7 * _room_for_faces(request.size, kinds), 0.12)
        if len(tall) > 1:
            height = max(height, 1.12 * top - 0.62 * low)
    aspect = request.width / request.height
    margin = 0.36 * min(top, height) if len(tall) > 1 else 0.2 * min(top, height)
    return max(height, 2 * (reach + margin) / aspect)


def _level(size: ShotSize, height: float, tall: Float[np.ndarray, " person"]) -> float:
    """Return the height of the picture's centre above the floor: headroom for near sizes, floor for far ones."""
    top = float(tall.max())
    if size in ("extreme_wide", "wide"):
        return 0.37 * height
    if size == "extreme_close" and len(tall) == 1:
        return 0.9 * top
    return max(top + 0.1 * height - 0.5 * height, 0.40 * height)


def _smooth(track: Float[np.ndarray, " time"]) -> Float[np.ndarray, " time"]:
    """Smooth as an operator's hands do: a moving average over 0.9 s, constant at the ends."""
    width = 15
    padded = np.concatenate([np.full(width // 2, track[0]), track, np.full(width // 2, track[-1])])
    smooth: Float[np.ndarray, " time"] = np.convolve(
        padded, np.hanning(width + 2)[1:-1] / np.hanning(width + 2).sum(), mode="valid"
    )
    return smooth
