"""The edge to OpenCV: dense optical flow between two pictures, its reliability, and warping along it.

One thread and no global state but OpenCV's thread count, so the same pictures give the same flow. Measurements use small copies:
motion, drift and flicker are of low frequency, and a full-size flow would cost twenty times as much.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import numpy as np
from jaxtyping import Bool, Float32, UInt8

__all__ = [
    "AnyFrames",
    "AnyPicture",
    "Frames",
    "Motion",
    "Picture",
    "consistent",
    "enlarged",
    "flow_between",
    "motion_between",
    "opencv",
    "small_copy",
    "warp",
]

Picture = UInt8[np.ndarray, "height width 3"]
Frames = UInt8[np.ndarray, "frame height width 3"]
AnyPicture = UInt8[np.ndarray, "_ _ 3"]
"""A picture whose size need not be that of another argument."""
AnyFrames = UInt8[np.ndarray, "_ _ _ 3"]
"""Frames whose number and size need not be those of another argument."""

_LEAST_PX: Final = 48
"""DIS matches patches of 8 px over a pyramid, so smaller pictures are enlarged for it."""


@lru_cache(maxsize=1)
def opencv() -> Any:
    """Import OpenCV, on one thread: tasks run beside each other, and sums keep their order."""
    cv2 = importlib.import_module("cv2")
    cv2.setNumThreads(1)
    return cv2


def small_copy(picture: Picture, height_px: int) -> AnyPicture:
    """Copy a picture to at most `height_px`, averaging over areas so that grain does not affect measurements."""
    height, width, _ = picture.shape
    if height <= height_px:
        return picture
    size = max(1, round(width * height_px / height)), height_px
    small: AnyPicture = opencv().resize(picture, size, interpolation=opencv().INTER_AREA)
    return small


def flow_between(picture: Picture, other: AnyPicture, *, height_px: int | None = None) -> Float32[np.ndarray, "height width 2"]:
    """Return the displacement of each pixel of `picture` in `other`: (right, down) in pixels of `picture`.

    Dense inverse search (Kroeger, Timofte, Dai, Van Gool 2016), on copies of at most `height_px`. Raises ValueError for two sizes.
    """
    if picture.shape != other.shape:
        raise ValueError(f"flow between pictures of two sizes, {picture.shape[:2]} and {other.shape[:2]}")
    height, width, _ = picture.shape
    share = 1.0 if height_px is None else min(1.0, height_px / height)
    share = max(share, _LEAST_PX / min(height, width))
    size = max(_LEAST_PX, round(width * share)), max(_LEAST_PX, round(height * share))
    flow = (
        opencv()
        .DISOpticalFlow_create(opencv().DISOPTICAL_FLOW_PRESET_MEDIUM)
        .calc(_grey(picture, size), _grey(other, size), None)
    )
    return enlarged(flow, (height, width))


def _grey(picture: Picture, size: tuple[int, int]) -> UInt8[np.ndarray, "rows columns"]:
    cv2 = opencv()
    grey = cv2.cvtColor(np.ascontiguousarray(picture), cv2.COLOR_RGB2GRAY)
    if grey.shape[::-1] == size:
        same: UInt8[np.ndarray, "rows columns"] = grey
        return same
    way = cv2.INTER_AREA if size[1] <= grey.shape[0] else cv2.INTER_LINEAR
    resized: UInt8[np.ndarray, "rows columns"] = cv2.resize(grey, size, interpolation=way)
    return resized


def enlarged(flow: Float32[np.ndarray, "h w 2"], size: tuple[int, int]) -> Float32[np.ndarray, "height width 2"]:
    """Resize a flow to pictures of another size, (height, width)."""
    height, width = flow.shape[:2]
    if (height, width) == size:
        return flow
    bigger: Float32[np.ndarray, "height width 2"] = opencv().resize(flow, size[::-1], interpolation=opencv().INTER_LINEAR)
    bigger *= np.array([size[1] / width, size[0] / height], np.float32)
    return bigger


@lru_cache(maxsize=4)
def _pixel_grid(height: int, width: int) -> tuple[Float32[np.ndarray, "height width"], Float32[np.ndarray, "height width"]]:
    across, down = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    across.flags.writeable = down.flags.writeable = False
    return across, down


def warp(picture: np.ndarray, flow: Float32[np.ndarray, "height width 2"], *, smooth: bool = False) -> np.ndarray:
    """Read `picture` at each pixel's position plus `flow`, repeating the edge. `smooth` is bicubic, which keeps detail."""
    cv2 = opencv()
    across, down = _pixel_grid(*flow.shape[:2])
    way = cv2.INTER_CUBIC if smooth else cv2.INTER_LINEAR
    warped: np.ndarray = cv2.remap(picture, across + flow[..., 0], down + flow[..., 1], way, borderMode=cv2.BORDER_REPLICATE)
    return warped


def consistent(
    there: Float32[np.ndarray, "height width 2"], back: Float32[np.ndarray, "height width 2"], px: float = 0.5
) -> Bool[np.ndarray, "height width"]:
    """Mark the pixels whose flow there and back misses by less than `px` plus a share of the distance, inside the picture.

    Source: Sundaram, Brox, Keutzer 2010.
    """
    height, width = there.shape[:2]
    missed = there + warp(back, there)
    way = (there**2).sum(-1) + (back**2).sum(-1)
    across, down = _pixel_grid(height, width)
    x, y = across + there[..., 0], down + there[..., 1]
    inside = (x >= -0.5) & (x <= width - 0.5) & (y >= -0.5) & (y <= height - 0.5)
    near: Bool[np.ndarray, "height width"] = ((missed**2).sum(-1) < 0.01 * way + px**2) & inside
    return near


@dataclass(frozen=True, slots=True)
class Motion:
    """The motion between two pictures both ways, and the pixels at which each way is reliable."""

    there: Float32[np.ndarray, "height width 2"]
    back: Float32[np.ndarray, "height width 2"]
    seen_there: Bool[np.ndarray, "height width"]
    seen_back: Bool[np.ndarray, "height width"]


def motion_between(picture: Picture, other: Picture) -> Motion:
    """Measure the flow both ways and its consistency, at the pictures' own size."""
    there, back = flow_between(picture, other), flow_between(other, picture)
    return Motion(there, back, consistent(there, back), consistent(back, there))
