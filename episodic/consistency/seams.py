"""Repair the joins between windows or chained takes, so that they are invisible.

Two things jump at a join: surfaces are a little beside the position that their motion leads to, and a little brighter or darker. Both
jumps are measured against the motion just before and just after, and spread over the frames around, half on each side, by warping and
by exposure. Nothing is blended, so nothing appears twice.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count, islice
from typing import Final

import numpy as np
from jaxtyping import Bool, Float32, Float64

from episodic.consistency.flow import Frames, Motion, Picture, enlarged, motion_between, opencv, small_copy, warp
from episodic.consistency.retime import is_cut

__all__ = ["SPAN", "Jump", "excess_difference", "jump_at", "repair_joins"]

SPAN: Final = 4
"""Frames on either side of a join over which its jump is spread."""
_FLOW_PX: Final = 180
_SMOOTH_SHARE: Final = 1 / 12
"""Share of the picture's height. A jump of position is smooth; anything that varies faster is content."""
_STEADY_PX: Final = 0.2
"""Pixels of the small copy. A smaller jump is within the normal variation of motion."""
_DOUBT: Final = 1.5
"""A jump of the whole picture must be this many times the part that it leaves unexplained."""
_STANDS_OUT_PX: Final = 1.2
"""As `_STEADY_PX`, for a part of the picture."""
_STEADY_GAIN: Final = 0.006
"""Log gain; as `_STEADY_PX`."""
_MOST_PX: Final = 12.0
_MOST_GAIN: Final = 0.25
"""A larger change is a cut or switched light, not a seam."""
_BLACK: Final = 16.0


@dataclass(frozen=True, slots=True)
class Jump:
    """The jump at a join that motion does not explain. `place` is the excess displacement of the later side, pixels of the small copy."""

    place: Float32[np.ndarray, "height width 2"]
    gain: Float32[np.ndarray, " 3"]
    """Log gain of R, G, B by which the later side is brighter."""

    @property
    def none(self) -> bool:
        """True if there is nothing to repair."""
        return not self.place.any() and not self.gain.any()


def jump_at(around: Sequence[Picture]) -> Jump:
    """Measure the jump in the middle of four frames, two before the join and two after it. There is none across a cut."""
    before, last, first, after = (small_copy(picture, _FLOW_PX) for picture in around)
    motion = motion_between(last, first)
    nothing = Jump(np.zeros_like(motion.there), np.zeros(3, np.float32))
    # The expected motion must itself be reliable on both sides.
    earlier, later = motion_between(last, before), motion_between(first, after)
    if any(is_cut(pair_motion) for pair_motion in (motion, earlier, later)):
        return nothing
    return Jump(_displaced(motion, earlier, later), _brightened((before, last, first, after), (earlier, motion, later)))


def _displaced(motion: Motion, earlier: Motion, later: Motion) -> Float32[np.ndarray, "height width 2"]:
    """Measure the displacement that exceeds the motion on either side."""
    expected = (-earlier.there + warp(later.there, motion.there)) / 2
    excess = motion.there - expected
    follows = warp(later.there, motion.there)
    seen = motion.seen_there & earlier.seen_there & (warp(later.seen_there.astype(np.float32), motion.there) > 0.5)
    if seen.mean() < 0.2:
        return np.zeros_like(excess)
    # Normal variation of the motion from frame to frame.
    varies = np.abs(follows + earlier.there).max(-1) / 2
    whole = _affine(excess, seen)
    size = float(np.sqrt((whole**2).sum(-1).mean()))
    left = float(np.median(np.abs(excess - whole).max(-1)[seen])) + float(np.median(varies[seen]))
    if size > _MOST_PX:
        return np.zeros_like(excess)
    believed = np.float32(np.clip(size / max(_STEADY_PX, _DOUBT * left) - 1, 0, 1))
    moved: Float32[np.ndarray, "height width 2"] = believed * whole + _local(excess - believed * whole, seen, varies)
    return moved


def _affine(
    excess: Float32[np.ndarray, "height width 2"], seen: Bool[np.ndarray, "height width"]
) -> Float32[np.ndarray, "height width 2"]:
    """Fit the shift, turn and scale of the whole picture. Independently moving figures are outvoted."""
    height, width = seen.shape
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    lines = np.stack([np.ones_like(x), x, y], -1)
    rows, moved = lines[seen], excess[seen].astype(np.float64)
    parameters = np.zeros((3, 2))
    parameters[0] = np.median(moved, 0)
    for _ in range(5):
        off = np.hypot(*(moved - rows @ parameters).T)
        weight = 1 / np.maximum(off, max(0.05, float(np.median(off)))) ** 2
        parameters = np.linalg.solve((rows * weight[:, None]).T @ rows, (rows * weight[:, None]).T @ moved)
    return (lines @ parameters).astype(np.float32)


def _local(
    excess: Float32[np.ndarray, "height width 2"],
    seen: Bool[np.ndarray, "height width"],
    varies: Float32[np.ndarray, "height width"],
) -> Float32[np.ndarray, "height width 2"]:
    """Return local jumps: smooth, and only where they stand out from the normal variation of motion."""
    cv2 = opencv()
    sigma, mask = excess.shape[0] * _SMOOTH_SHARE, seen.astype(np.float32)
    weight = np.maximum(cv2.GaussianBlur(mask, (0, 0), sigma), 0.05)
    smooth = cv2.GaussianBlur(excess * mask[..., None], (0, 0), sigma) / weight[..., None]
    usual = cv2.GaussianBlur(varies * mask, (0, 0), sigma) / weight
    share = np.clip(np.hypot(smooth[..., 0], smooth[..., 1]) / (_STANDS_OUT_PX + 3 * usual) - 1, 0, 1)
    placed: Float32[np.ndarray, "height width 2"] = smooth * share[..., None]
    return placed


def _brightened(frames: Sequence[Picture], motions: Sequence[Motion]) -> Float32[np.ndarray, " 3"]:
    """Measure the change of exposure that exceeds the changes on either side, log gain."""
    before, last, first, after = frames
    earlier, motion, later = motions
    across, until, since = _gain(last, first, motion), -_gain(last, before, earlier), _gain(first, after, later)
    # The light may be rising or falling.
    excess = across - (until + since) / 2
    size = float(np.abs(excess).max())
    if size > _MOST_GAIN:
        return np.zeros(3, np.float32)
    # Light that also changes on either side is lightning or fire, which may change at a join too.
    usual = max(_STEADY_GAIN, float(np.abs(until - since).max()))
    jumped: Float32[np.ndarray, " 3"] = (excess * np.clip(size / usual - 1, 0, 1)).astype(np.float32)
    return jumped


def _gain(picture: Picture, other: Picture, motion: Motion) -> Float64[np.ndarray, " 3"]:
    """Measure by how much (log) the same surfaces are brighter in `other`."""
    cv2 = opencv()
    soft, met = cv2.GaussianBlur(picture, (0, 0), 1.5), warp(cv2.GaussianBlur(other, (0, 0), 1.5), motion.there, smooth=True)
    seen = motion.seen_there & (np.maximum(soft, met).max(-1) < 250)
    if seen.mean() < 0.1:
        return np.zeros(3)
    change = np.log(met[seen].astype(np.float64) + _BLACK) - np.log(soft[seen].astype(np.float64) + _BLACK)
    low, high = np.quantile(change, [0.25, 0.75], axis=0)
    inner = (change >= low) & (change <= high)
    gain: Float64[np.ndarray, " 3"] = (change * inner).sum(0) / np.maximum(inner.sum(0), 1)
    return gain


def _spread(frame: Picture, jump: Jump, share: float) -> Picture:
    """Apply a share of the jump to a frame: positive before the join, negative after it."""
    if jump.none or share == 0:
        return frame
    moved = frame
    if jump.place.any():
        moved = warp(frame, enlarged(jump.place, frame.shape[:2]) * np.float32(-share), smooth=True)
    if jump.gain.any():
        gain = np.exp(share * jump.gain)
        table = np.clip(np.rint((np.arange(256)[:, None] + _BLACK) * gain - _BLACK), 0, 255).astype(np.uint8)
        moved = opencv().LUT(np.ascontiguousarray(moved), table.reshape(1, 256, 3))
    return moved


def _share(offset: int, span: int) -> float:
    """Return the share of the jump that a frame takes. `offset` -1 is the last before the join, 0 the first after it."""
    if offset < 0:
        return 0.5 * max(0.0, 1 + (offset + 1) / span)
    return -0.5 * max(0.0, 1 - offset / span)


def repair_joins(frames: Iterable[Picture], joins: Sequence[int], span: int = SPAN) -> Iterator[Picture]:
    """Spread the jump at each join of a take over `span` frames on either side. Keeps `span` + 2 frames in memory.

    `joins` is the first frame after each join. A join with fewer than two frames on either side, or across a cut, is left alone.
    Raises ValueError for a span below 2.
    """
    if span < 2:
        raise ValueError(f"a join spread over {span} frames on either side; 2 at least")
    source, window, jumps = iter(frames), deque[Picture](), dict[int, Jump]()
    for number in count():
        window.extend(islice(source, span + 2 - len(window)))
        if not window:
            return
        frame = window[0]
        for at in joins:
            first = at - 2 - number
            if at not in jumps and at - span <= number and 0 <= first <= len(window) - 4:
                jumps[at] = jump_at(list(islice(window, first, first + 4)))
            if at in jumps:
                frame = _spread(frame, jumps[at], _share(number - at, span))
        yield frame
        window.popleft()


def excess_difference(frames: Frames, at: int) -> float:
    """Measure how much more changes across a join than between the frames around it: mean absolute difference, steps of 255."""
    change = np.abs(np.diff(frames[at - 3 : at + 3].astype(np.float64), axis=0)).mean((1, 2, 3))
    return float(change[2] - change[[0, 1, 3, 4]].mean())
