"""Deflicker: remove exposure and colour that tremble from frame to frame, and keep motion and changes of light.

The brightness of the same surface in consecutive frames is compared along its motion, so that content cannot count as flicker. The sum
of these changes is a path of exposure, for every channel and for every cell of a coarse grid. A change that reverses within one or two
frames, or keeps repeating, is flicker; a step, a ramp, a flash of three frames and a single large change are light (after Pitié, Kent,
Collis, Kokaram 2006, and Delon, Desolneux 2010, who smooth the same path; here the smoothing keeps edges).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np
from jaxtyping import Bool, Float32, Float64, Shaped

from episodic.consistency.flow import Picture, consistent, flow_between, opencv, small_copy, warp

__all__ = ["ExposureTrack", "expose", "flicker_gains", "flicker_of"]

GRID: Final = 3, 4
"""Rows and columns of the cells that exposure is measured in."""
_HEIGHT_PX: Final = 90
_BLACK: Final = 16.0
"""Added to a value before its logarithm. Near black a step of one is noise, not a change of exposure."""
_LARGE: Final = 0.15
"""Log gain. A change this large (16 %) is intended, unless the film trembles that much all the time."""
_STILL: Final = 0.004
"""Log gain below which a change is invisible (one step of 255 in a bright surface) and left alone."""
_REACH: Final = 6
"""Frames on either side over which the path is smoothed."""
_NEIGHBOURHOOD: Final = 10
"""Frames on either side over which the amount of flicker is measured."""
_LEAST_SHARE: Final = 0.15
"""Share of a cell's pixels that must be followed for its measurement to count."""

_Gains = Float64[np.ndarray, "frame gain"]
_GAINS: Final = 3 + GRID[0] * GRID[1]


@dataclass(slots=True)
class ExposureTrack:
    """The path of exposure over all frames: log gain of R, G, B, then of each cell against the whole picture."""

    steps: list[Float64[np.ndarray, " gain"]] = field(default_factory=list)
    _last: Picture | None = None

    def add(self, frame: Picture) -> None:
        """Add the next frame."""
        cv2 = opencv()
        small = small_copy(frame, _HEIGHT_PX)
        if self._last is not None:
            self.steps.append(_step(self._last, small))
        self._last = small if small is not frame else cv2.copyTo(frame, None)

    @property
    def path(self) -> _Gains:
        """The sum of the changes since the first frame, which is 0."""
        return np.concatenate([np.zeros((1, _GAINS)), np.cumsum(np.array(self.steps).reshape(-1, _GAINS), 0)])


def _step(before: Picture, now: Picture) -> Float64[np.ndarray, " gain"]:
    """Measure by how much (log) the same surfaces are brighter than in the frame before. All 0 across a cut."""
    there, back = flow_between(now, before), flow_between(before, now)
    cv2 = opencv()
    soft, met = cv2.GaussianBlur(now, (0, 0), 1.5), warp(cv2.GaussianBlur(before, (0, 0), 1.5), there, smooth=True)
    seen = consistent(there, back) & (np.maximum(soft, met).max(-1) < 250)
    if seen.mean() < _LEAST_SHARE:
        return np.zeros(_GAINS)
    change = np.log(soft.astype(np.float64) + _BLACK) - np.log(met.astype(np.float64) + _BLACK)
    whole = np.array([_middle(change[..., i][seen]) for i in range(3)])
    mean = change.mean(-1) - whole.mean()
    height, width = seen.shape
    cells = np.zeros(GRID)
    for i in range(GRID[0]):
        for j in range(GRID[1]):
            cell = (
                slice(i * height // GRID[0], (i + 1) * height // GRID[0]),
                slice(j * width // GRID[1], (j + 1) * width // GRID[1]),
            )
            if seen[cell].mean() >= _LEAST_SHARE:
                cells[i, j] = _middle(mean[cell][seen[cell]])
    return np.concatenate([whole, cells.ravel()])


def _middle(values: Float64[np.ndarray, " value"]) -> float:
    """Return the mean of the middle half: as robust as the median, but not quantised by 8-bit pictures."""
    low, high = np.quantile(values, [0.25, 0.75])
    return float(values[(values >= low) & (values <= high)].mean())


def flicker_of(path: _Gains) -> _Gains:
    """Separate the flicker from a path, frame by frame. Subtracting it stills the film."""
    count = len(path)
    if count < 3:
        return np.zeros_like(path)
    # A flash of three frames, a step and a ramp pass a median over five frames.
    quick = path - _median(path, 2)
    still = path - quick
    residual = still - _edge_kept(still)
    flicker = quick + residual
    # Flicker persists: a change that stands out from the flicker around it is an event.
    flicker = np.where(np.abs(residual) > 3 * _neighbouring(np.abs(flicker)), quick, flicker)
    flicker[_meant(path)] = 0.0
    seen: _Gains = np.sign(flicker) * np.maximum(0.0, np.abs(flicker) - _soft(flicker))
    return seen


def _meant(path: _Gains) -> Bool[np.ndarray, " frame"]:
    """Mark the frames near a flash, which is far brighter or darker than the film around it. Lightning trembles as well."""
    whole = path[:, :3].mean(1, keepdims=True)
    reach = min(_NEIGHBOURHOOD, max(1, len(path) // 2))
    out = np.abs(whole - _median(whole, reach))
    flash = out > np.maximum(_LARGE, 5 * _median(out, reach))
    near: Bool[np.ndarray, " frame"] = np.asarray(_windows(flash, _NEIGHBOURHOOD).any(-1))[:, 0]
    return near


def _soft(flicker: _Gains) -> _Gains:
    """Return how much of the flicker to leave: all that is invisible, falling to none at twice that."""
    soft: _Gains = np.clip(2 * _STILL - np.abs(flicker), 0, _STILL)
    return soft


def _windows(path: Shaped[np.ndarray, "frame gain"], reach: int) -> Shaped[np.ndarray, "frame gain window"]:
    """Return the values within `reach` frames on either side of each frame; the ends are repeated."""
    padded = np.concatenate([np.repeat(path[:1], reach, 0), path, np.repeat(path[-1:], reach, 0)])
    return np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1, axis=0)


def _median(path: _Gains, reach: int) -> _Gains:
    """Return the median over `reach` frames on either side."""
    middle: _Gains = np.median(_windows(path, reach), -1)
    return middle


def _neighbouring(size: _Gains) -> _Gains:
    """Return the typical size of the flicker around each frame."""
    return _median(size, min(_NEIGHBOURHOOD, max(1, len(size) // 2)))


def _edge_kept(path: _Gains) -> _Gains:
    """Smooth a path but keep steps and ramps (Nagao, Matsuyama 1979, in time).

    Each frame takes the best-fitting straight line among those over the frames before, after and around it.
    """
    count, best = len(path), np.full(path.shape, np.inf)
    smooth = path.copy()
    for low, high in ((-_REACH, _REACH), (-2 * _REACH, 0), (0, 2 * _REACH)):
        for frame in range(count):
            first, last = max(0, frame + low), min(count, frame + high + 1)
            if last - first < 5:
                continue
            time = np.arange(first, last) - frame
            lines = np.stack([np.ones(len(time)), time], 1)
            fitted, *_ = np.linalg.lstsq(lines, path[first:last], rcond=None)
            off = ((path[first:last] - lines @ fitted) ** 2).sum(0) / (len(time) - 2)
            better = off < best[frame] * (1.0 if low == -_REACH else 0.8) - 1e-12
            smooth[frame][better], best[frame][better] = fitted[0][better], off[better]
    return smooth


def flicker_gains(track: ExposureTrack) -> Float32[np.ndarray, "frame gain"]:
    """Return the log gains to apply to each frame (`expose`), from the track of the whole take."""
    gains: Float32[np.ndarray, "frame gain"] = (-flicker_of(track.path)).astype(np.float32)
    return gains


def expose(frame: Picture, gains: Float32[np.ndarray, " gain"]) -> Picture:
    """Change the exposure of a frame by log gains: three for the channels, then one for each cell, interpolated over the picture."""
    if not np.abs(gains).max() > 0:
        return frame
    cv2 = opencv()
    height, width, _ = frame.shape
    if np.abs(gains[3:]).max() > 0:
        cells = gains[3:].reshape(GRID)
        # Cells are measured at their centres.
        y = np.clip((np.arange(height, dtype=np.float32) + 0.5) * GRID[0] / height - 0.5, 0, GRID[0] - 1)
        x = np.clip((np.arange(width, dtype=np.float32) + 0.5) * GRID[1] / width - 0.5, 0, GRID[1] - 1)
        field_ = cv2.remap(cells, np.tile(x, (height, 1)), np.tile(y[:, None], (1, width)), cv2.INTER_LINEAR)
        gain = cv2.exp(cv2.merge([field_ + gains[i] for i in range(3)]))
    else:
        gain = np.broadcast_to(np.exp(gains[:3]), frame.shape)
    lifted = cv2.multiply(frame.astype(np.float32) + np.float32(_BLACK), np.ascontiguousarray(gain))
    exposed: Picture = cv2.convertScaleAbs(cv2.max(lifted - np.float32(_BLACK), 0.0))
    return exposed
