"""Frames at the film's rate from frames at the model's, over the same seconds: never faster, never slower.

A film frame between two model frames is made of both, moved along the motion between them (after Jiang et al. 2018, Super SloMo, the
flows at a time between); what only one of the two sees is taken from that one, and where the motion cannot be followed, or across a
cut, the nearer frame stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import numpy as np
from jaxtyping import Float32

from episodic.consistency.flow import Motion, Picture, enlarged, motion_between, opencv, small_copy, warp

__all__ = ["RETIME_VERSION", "is_cut", "retime"]

RETIME_VERSION: Final = "1"
"""Changes whenever the same frames would give others."""
_FLOW_PX: Final = 240
_NEAR: Final = 0.02
"""Of a model frame: a film frame this close to one is that one."""
_CUT_SHARE: Final = 0.45
"""Share of pixels that cannot be followed, from which two frames are of two shots."""


def retime(frames: Iterable[Picture], from_fps: float, to_fps: float, count: int) -> Iterator[Picture]:
    """`count` frames at `to_fps`: frame k shows second k / to_fps of `frames`, which come at `from_fps`.

    Holds two frames. Past the end the last frame is held. Equal rates pass through untouched. Raises ValueError for rates that are not
    positive, or no frames at all.
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
    """Whether too little of the picture can be followed for the two frames to be of one shot."""
    return float(min(motion.seen_there.mean(), motion.seen_back.mean())) < 1 - _CUT_SHARE


def _between(first: Picture, second: Picture, share: float, motion: Motion) -> Picture:
    """The picture at `share` (0..1) of the way from one to the next; `motion` may be of smaller copies."""
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
    """At a time between two frames: the flow to each, and how far each shows what is there."""
    # the motion at a place is that of what passes it: read where it came from, and once more from there
    there = _passing(motion.there, -share)
    back = _passing(motion.back, share - 1)
    sees_first = warp(motion.seen_there.astype(np.float32), -share * there)
    sees_second = warp(motion.seen_back.astype(np.float32), (share - 1) * back)
    cv2 = opencv()
    # where both can be followed both carry the one motion; elsewhere only what sees it
    both = np.minimum(sees_first, sees_second)[..., None]
    mean = (1 - share) * there - share * back
    towards = both * mean + (1 - both) * there
    away = both * -mean + (1 - both) * back
    soft = [cv2.GaussianBlur(sight, (0, 0), 1.0) + np.float32(1e-3) for sight in (sees_first, sees_second)]
    return -share * towards, (share - 1) * away, soft[0], soft[1]


def _passing(flow: _Flow, share: float) -> _Flow:
    """The flow as it is carried `-share` of the way along itself, by fixed-point steps."""
    carried = flow
    for _ in range(2):
        carried = warp(flow, share * carried)
    return carried
