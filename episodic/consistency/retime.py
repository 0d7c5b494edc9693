"""Convert frames from the model's rate to the film's rate, without changing the speed of motion.

A film frame between two model frames blends both, warped along the motion between them (after Jiang et al. 2018, Super SloMo: flows
at an intermediate time). Surfaces that only one of the two shows come from that one. Where the motion cannot be followed, and across
a cut, the nearer frame is used.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import numpy as np
from jaxtyping import Float32

from episodic.consistency.flow import Motion, Picture, enlarged, motion_between, opencv, small_copy, warp

__all__ = ["RETIME_VERSION", "is_cut", "retime"]

RETIME_VERSION: Final = "1"
"""Changes whenever the same frames would give different output."""
_FLOW_PX: Final = 240
_NEAR: Final = 0.02
"""Share of a model frame. A film frame this close to a model frame is that model frame."""
_CUT_SHARE: Final = 0.45
"""Share of pixels that cannot be followed from which on two frames belong to two shots."""


def retime(frames: Iterable[Picture], from_fps: float, to_fps: float, count: int) -> Iterator[Picture]:
    """Yield `count` frames at `to_fps`: frame k shows second k / to_fps of `frames`, which come at `from_fps`.

    Keeps two frames in memory. Repeats the last frame past the end. Equal rates pass through unchanged. Raises ValueError for rates
    that are not positive, or without frames.
    """
    if from_fps <= 0 or to_fps <= 0:
        raise ValueError(f"frames at {from_fps} a second to {to_fps} a second")
    source = iter(frames)
    first = next(source, None)
    if first is None:
        raise ValueError("no frames to retime")
    second, at, motion = next(source, None), 0, None
    for k in range(count):
        place = k * from_fps / to_fps
        while second is not None and place >= at + 1 - 1e-9:
            first, second, at, motion = second, next(source, None), at + 1, None
        share = place - at
        if second is None or share < _NEAR:
            yield first
        elif share > 1 - _NEAR:
            yield second
        else:
            motion = motion or motion_between(small_copy(first, _FLOW_PX), small_copy(second, _FLOW_PX))
            yield _between(first, second, share, motion)


def is_cut(motion: Motion) -> bool:
    """Tell whether too little of the picture can be followed for the two frames to belong to one shot."""
    return float(min(motion.seen_there.mean(), motion.seen_back.mean())) < 1 - _CUT_SHARE


def _between(first: Picture, second: Picture, share: float, motion: Motion) -> Picture:
    """Make the picture at `share` (0..1) of the way from `first` to `second`. `motion` may be of smaller copies."""
    if is_cut(motion):
        return first if share < 0.5 else second
    there, back, sees_first, sees_second = _meanwhile(motion, share)
    cv2 = opencv()
    size = first.shape[:2]
    from_first, from_second = warp(first, enlarged(there, size), smooth=True), warp(second, enlarged(back, size), smooth=True)
    weights = [
        cv2.resize(sight, size[::-1], interpolation=cv2.INTER_LINEAR) for sight in ((1 - share) * sees_first, share * sees_second)
    ]
    met: Picture = cv2.blendLinear(from_first, from_second, *weights)
    lost = cv2.resize(((sees_first + sees_second) < 0.02).astype(np.float32), size[::-1], interpolation=cv2.INTER_LINEAR)
    if lost.max() > 0:
        met = cv2.blendLinear(met, first if share < 0.5 else second, 1 - lost, lost)
    return met


_Flow = Float32[np.ndarray, "height width 2"]
_Weight = Float32[np.ndarray, "height width"]


def _meanwhile(motion: Motion, share: float) -> tuple[_Flow, _Flow, _Weight, _Weight]:
    """Return, for a time between two frames, the flow to each and the weight of each at every pixel."""
    # The motion at a pixel is that of the surface passing it, so it is read where that surface came from.
    there = _passing(motion.there, -share)
    back = _passing(motion.back, share - 1)
    sees_first = warp(motion.seen_there.astype(np.float32), -share * there)
    sees_second = warp(motion.seen_back.astype(np.float32), (share - 1) * back)
    cv2 = opencv()
    # Where both frames can be followed, both carry the mean motion; elsewhere each carries its own.
    both = np.minimum(sees_first, sees_second)[..., None]
    mean = (1 - share) * there - share * back
    towards = both * mean + (1 - both) * there
    away = both * -mean + (1 - both) * back
    soft = [cv2.GaussianBlur(sight, (0, 0), 1.0) + np.float32(1e-3) for sight in (sees_first, sees_second)]
    return -share * towards, (share - 1) * away, soft[0], soft[1]


def _passing(flow: _Flow, share: float) -> _Flow:
    """Carry a flow `-share` of the way along itself, by fixed-point steps."""
    carried = flow
    for _ in range(2):
        carried = warp(flow, share * carried)
    return carried
