"""The camera: from metres on the set to pixels of a frame, by the convention of `latent.CAMERA`.

The picture is `height` metres high at the focus plane `focus_z`; the lens stands `lens * height` metres in front of it. A point
(x, y, z) lands at `x_px = (x - camera.x) * scale(z) + width / 2`, `y_px = height / 2 - (y - camera.y) * scale(z)` with
`scale(z) = height_px * lens / (z - camera.z)`: what is nearer moves more, which is all that parallax is.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import skia
from jaxtyping import Float

from episodic.backbones.stage.model.latent import SlotMotion

__all__ = ["NEAR_M", "CameraPath", "View", "parallax_error"]

NEAR_M = 0.35
"""The nearest depth that is drawn, metres from the lens."""

_LIMITS = {
    "log2_height": (-2.3, 4.0),
    "lens": (0.8, 6.0),
    "focus_z": (-1.0, 9.0),
    "y": (-1.0, 9.0),
    "x": (-9.0, 9.0),
    "roll": (-0.3, 0.3),
}
_TRIPOD = {"static": 0.03}
_DEAD_BAND = 0.004


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One camera position. Lengths in metres; `zoom` is `height_px * lens`; `center_x`, `center_y` and sizes in pixels."""

    x: float
    y: float
    z: float
    zoom: float
    center_x: float
    center_y: float
    width: int
    height: int
    roll: float = 0.0
    focus_z: float = 2.5
    unit: float = 720.0
    """Pixels of one picture height."""

    def scale(self, z: float) -> float:
        """Pixels per metre at depth `z`."""
        return self.zoom / max(z - self.z, NEAR_M * 0.5)

    def sees(self, z: float) -> bool:
        """Whether depth `z` lies in front of the lens."""
        return z - self.z > NEAR_M

    def point(self, x: float, y: float, z: float) -> tuple[float, float]:
        """Pixels of a point, before roll."""
        scale = self.scale(z)
        return (x - self.x) * scale + self.center_x, self.center_y - (y - self.y) * scale

    def bounds(self, z: float) -> tuple[float, float, float, float]:
        """(left, bottom, right, top) in metres of what the picture shows at depth `z`."""
        scale = self.scale(z)
        left = self.x - self.center_x / scale
        top = self.y + self.center_y / scale
        return left, top - self.height / scale, left + self.width / scale, top

    def card(self, z: float) -> skia.Matrix:
        """Metres (x right, y up) on a plane facing the camera at depth `z`, to pixels."""
        s = self.scale(z)
        return skia.Matrix.MakeAll(s, 0, self.center_x - self.x * s, 0, -s, self.center_y + self.y * s, 0, 0, 1)

    def floor(self, y: float = 0.0) -> skia.Matrix:
        """Metres (x, z) on a level plane at height `y`, to pixels."""
        k, cx, cy = self.zoom, self.center_x, self.center_y
        rise = (self.y - y) * k
        return skia.Matrix.MakeAll(k, cx, -k * self.x - cx * self.z, 0, cy, rise - cy * self.z, 0, 1, -self.z)

    def wall(self, x: float) -> skia.Matrix:
        """Metres (z, y) on an upright plane that runs away from the camera at `x`, to pixels."""
        k, cx, cy = self.zoom, self.center_x, self.center_y
        run = (x - self.x) * k
        return skia.Matrix.MakeAll(cx, 0, run - cx * self.z, cy, -k, k * self.y - cy * self.z, 1, 0, -self.z)

    def enlarged(self, factor: float, left: float, top: float, width: int, height: int) -> View:
        """The same view at `factor` times the resolution, of the window at (left, top) in this view's pixels."""
        return replace(
            self,
            zoom=self.zoom * factor,
            center_x=(self.center_x - left) * factor,
            center_y=(self.center_y - top) * factor,
            width=width,
            height=height,
            unit=self.unit * factor,
        )


def parallax_error(view: View, reference: View, plane_z: float, z: float) -> float:
    """The error in pixels at depth `z` in `view` if the picture from `reference` is moved as if everything stood at `plane_z`."""
    z = max(z, view.z + NEAR_M, reference.z + NEAR_M)
    plane_z = max(plane_z, view.z + NEAR_M, reference.z + NEAR_M)
    a = view.scale(plane_z) / reference.scale(plane_z)
    worst = 0.0
    for center, size, own, other in (
        (view.center_x, view.width, view.x, reference.x),
        (view.center_y, view.height, view.y, reference.y),
    ):
        for u in (0.0, size / 2, float(size)):
            world = (u - center) / view.scale(z) + own
            seen = (world - other) * reference.scale(z)
            moved = a * seen + (other - own) * view.scale(plane_z) + center
            worst = max(worst, abs(moved - u))
    return worst


_LEVEL_RAD = 0.02
"""A camera with less roll than this is level: such a roll is invisible, and a turned picture takes five times as long to blit."""


@dataclass(frozen=True, slots=True)
class CameraPath:
    """The camera over one shot."""

    views: tuple[View, ...]
    locked: bool
    """True if the camera stands still: every view is the same."""

    @classmethod
    def of(cls, motion: SlotMotion, move: str, width: int, height: int) -> CameraPath:
        """The view of every frame. A camera whose travel stays within a dead band (wider for `static`) stands on its tripod."""
        tracks = _Tracks.of(motion)
        if np.abs(tracks.roll).max() < _LEVEL_RAD:
            tracks = tracks._replace(roll=np.zeros_like(tracks.roll))
        views = tuple(_view(tracks, i, width, height) for i in range(len(tracks.x)))
        mean = _view(_Tracks(*(np.array([track.mean()]) for track in tracks)), 0, width, height)
        band = height * _TRIPOD.get(move, _DEAD_BAND)
        probes = views[:: max(1, len(views) // 24)]
        if all(_travel(view, mean) <= band for view in probes):
            return cls((mean,) * len(views), True)
        return cls(views, False)

    def at(self, motion: SlotMotion, width: int, height: int) -> CameraPath:
        """The same camera at other moments; on its tripod it stays there."""
        if self.locked:
            return CameraPath(self.views[:1] * len(_Tracks.of(motion).x), True)
        return replace(CameraPath.of(motion, "", width, height), locked=False)

    def probes(self, count: int = 9) -> tuple[View, ...]:
        """Views spread over the shot, the first and the last among them."""
        if self.locked:
            return self.views[:1]
        last = len(self.views) - 1
        return tuple(self.views[i] for i in sorted({round(last * k / (count - 1)) for k in range(count)}))


class _Tracks(NamedTuple):
    """The camera's channels over the shot, without holes and within their limits."""

    x: Float[np.ndarray, " frame"]
    y: Float[np.ndarray, " frame"]
    log2_height: Float[np.ndarray, " frame"]
    lens: Float[np.ndarray, " frame"]
    focus_z: Float[np.ndarray, " frame"]
    roll: Float[np.ndarray, " frame"]
    shake_x: Float[np.ndarray, " frame"]
    shake_y: Float[np.ndarray, " frame"]

    @classmethod
    def of(cls, motion: SlotMotion) -> _Tracks:
        """Take the camera's channels out of a slot's motion."""
        return cls(*(_clean(name, motion.values[name]) for name in cls._fields))


def _clean(name: str, track: Float[np.ndarray, " frame"]) -> Float[np.ndarray, " frame"]:
    """A track without holes, within the limits of its channel."""
    low, high = _LIMITS.get(name, (-50.0, 50.0))
    return np.clip(np.nan_to_num(track.astype(np.float64)), low, high)


def _view(tracks: _Tracks, i: int, width: int, height: int) -> View:
    """The view at frame `i`."""
    high = float(2.0 ** tracks.log2_height[i])
    lens, focus = float(tracks.lens[i]), float(tracks.focus_z[i])
    return View(
        x=float(tracks.x[i] + tracks.shake_x[i]),
        y=float(tracks.y[i] + tracks.shake_y[i]),
        z=focus - lens * high,
        zoom=height * lens,
        center_x=width / 2,
        center_y=height / 2,
        width=width,
        height=height,
        roll=float(tracks.roll[i]),
        focus_z=focus,
        unit=float(height),
    )


def _travel(view: View, mean: View) -> float:
    """The largest movement between two views of anything near the focus plane, pixels."""
    turn = abs(view.roll - mean.roll) * view.width / 2
    worst = 0.0
    for z in (mean.focus_z, mean.focus_z + 4):
        left, bottom, right, top = mean.bounds(z)
        for x, y in ((left, bottom), (right, top), (mean.x, mean.y)):
            (ax, ay), (bx, by) = view.point(x, y, z), mean.point(x, y, z)
            worst = max(worst, abs(ax - bx), abs(ay - by))
    return worst + turn
