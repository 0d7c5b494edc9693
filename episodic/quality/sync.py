"""Lip sync, measured from pixels as the correlation of lips and speech over lags.

A mouth changes its shape, whereas a head only turns and shifts. So every patch of the upper figure is matched with the previous frame within
a few pixels; the smallest residual, which no shift explains, is the patch's change of shape. Over time it is correlated with the expected
opening and closing of the jaw (`SpeechCue.lips`), for lags of up to half a second. The position of the mouth is unknown: the best few
patches count, at every lag alike, so that the correlation by chance (the median at far lags) is measured on the same take and subtracted.

After Chung and Zisserman, "Out of time: automated lip sync in the wild", ACCV workshops 2016, whose confidence also compares the best match
with the median over lags; there with learned features, here with residuals.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from einops import rearrange
from jaxtyping import Bool, Float32, Float64

from episodic.backbones.speech_cue import LIP_HZ, SpeechCue
from episodic.backbones.take import Sight
from episodic.consistency.flow import opencv

__all__ = ["SYNC_PX", "LipSync", "jaw_movement", "lip_sync", "speech_frames"]

SYNC_PX: Final = 360
"""Height of the frames in which lips are measured."""
_MOST_S: Final = 4.0
"""The longest part of a take that is measured."""
_LEAST_S: Final = 1.0
"""The least visible speech. In less, chance fits nearly as well: about half of the lips that follow exactly were refused."""
_MARGIN_S: Final = 0.4
"""Time measured before and after the speech."""
_REACH_S: Final = 0.5
"""The largest lag, either way."""
_NEAR_S: Final = 0.09
"""Lags below this are not visible (ITU-R BT.1359: -125 ms to +45 ms)."""
_FAR_S: Final = 0.28
"""Lags above this fit by chance only."""
_SHIFT_PX: Final = 3
_GRID: Final = (24, 20)
_BEST: Final = 8
"""The number of patches that may be the mouth."""
_MOST_PX: Final = 260
"""A larger figure is scaled down, so that its movement between two frames stays within the shift."""
_LEAST_PX: Final = 40
"""The mouth of a figure whose upper part is smaller than this is not visible."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LipSync:
    """The sync of a speaker's lips with the speech."""

    near: float
    """Correlation of the best patches without a lag, -1..1."""
    chance: float
    """Their correlation at lags that can fit by chance only."""
    offset_s: float
    """The lag that fits best; positive: the lips are late."""

    @property
    def gain(self) -> float:
        """Correlation beyond chance."""
        return self.near - self.chance

    @property
    def in_time(self) -> bool:
        """Whether the best lag is too small to be visible."""
        return abs(self.offset_s) <= _NEAR_S


def speech_frames(cues: Sequence[SpeechCue], speaker: str, frames: int, fps: float) -> range:
    """The frames to measure, of `frames` at `fps`: those with a speaker's speech and a margin around it, at most 4 s.

    Empty if less than a second of it is spoken within the shot.
    """
    own = [cue for cue in cues if cue.speaker == speaker and len(cue.lips)]
    if not own:
        return range(0)
    spans = [(cue.start_s, cue.start_s + len(cue.lips) / LIP_HZ) for cue in own]
    first = max(0, round((min(start for start, _ in spans) - _MARGIN_S) * fps))
    last = round((max(end for _, end in spans) + _MARGIN_S) * fps)
    measured = range(first, min(frames, last, first + round(_MOST_S * fps)))
    spoken_s = sum(max(0.0, min(end, measured.stop / fps) - max(start, measured.start / fps)) for start, end in spans)
    return measured if spoken_s >= _LEAST_S else range(0)


def jaw_movement(cues: Sequence[SpeechCue], speaker: str, frames: range, fps: float) -> Float64[np.ndarray, " frame"]:
    """The expected change in the opening of the jaw from the frame before to each frame, 0..1."""
    at = np.arange(frames.start - 1, frames.stop) / fps
    opening = np.zeros(len(at))
    for cue in cues:
        if cue.speaker == speaker and len(cue.lips):
            ticks = cue.start_s + np.arange(len(cue.lips)) / LIP_HZ
            opening = np.maximum(opening, np.interp(at, ticks, cue.lips[:, 0], left=0.0, right=0.0))
    movement: Float64[np.ndarray, " frame"] = np.abs(np.diff(opening))
    return movement


def lip_sync(sights: Sequence[Sight], speaker: str, jaw: Float64[np.ndarray, " frame"], fps: float) -> LipSync | str:
    """Measure how the lips of a speaker follow `jaw`, or return the reason why that is not possible.

    `jaw`: one number for each of `sights`, which are consecutive frames.
    """
    masks = [sight.masks.get(speaker) for sight in sights]
    visible = [mask for mask in masks if mask is not None and mask.any()]
    if len(visible) < len(sights) or len(sights) < _LEAST_S * fps:
        return f"{speaker} is not visible while speaking"
    if float(jaw.std()) < 1e-4:
        return f"the speech of {speaker} does not move the lips"
    changes = _changes(sights, visible)
    if changes is None:
        return f"{speaker} is too small in the picture to see the mouth"
    reach = round(_REACH_S * fps)
    lags = np.arange(-reach, reach + 1)
    fits = np.sort(np.stack([_fit(changes, jaw[1:], int(lag)) for lag in lags]), axis=1)[:, -_BEST:].mean(1)
    near, far = np.abs(lags) <= round(_NEAR_S * fps), np.abs(lags) >= round(_FAR_S * fps)
    return LipSync(
        near=float(fits[near].max()), chance=float(np.median(fits[far])), offset_s=float(lags[int(fits.argmax())]) / fps
    )


def _fit(
    changes: Float64[np.ndarray, "pair patch"], jaw: Float64[np.ndarray, " pair"], lag: int
) -> Float64[np.ndarray, " patch"]:
    """The correlation of each patch with the jaw `lag` frames earlier."""
    count = len(jaw) - abs(lag)
    a = changes[max(lag, 0) :][:count]
    b = jaw[max(-lag, 0) :][:count]
    a, b = a - a.mean(0), b - b.mean()
    correlations: Float64[np.ndarray, " patch"] = (b @ a) / np.sqrt((a * a).sum(0) * (b * b).sum() + 1e-6)
    return correlations


def _changes(
    sights: Sequence[Sight], masks: Sequence[Bool[np.ndarray, "height width"]]
) -> Float64[np.ndarray, "pair patch"] | None:
    """The change of shape of each patch of the upper figure between consecutive frames; None if the figure is too small."""
    cv2 = opencv()
    boxes = np.array([_box(mask) for mask in masks], np.float64)
    tall, wide = np.median(boxes[:, 1] - boxes[:, 0]), np.median(boxes[:, 3] - boxes[:, 2])
    # the head of a standing figure is at the top; a cloud is all face
    height, width = int(max(0.45 * tall, min(tall, 1.2 * wide))), int(wide)
    if min(height, width) < _LEAST_PX:
        return None
    share = min(1.0, _MOST_PX / min(height, width))
    size = round(width * share), round(height * share)
    tops, middles = _smooth(boxes[:, 0]), _smooth((boxes[:, 2] + boxes[:, 3]) / 2)
    residuals = []
    before: Float32[np.ndarray, "height width"] | None = None
    for sight, top, middle in zip(sights, tops, middles, strict=True):
        grey = cv2.GaussianBlur(cv2.cvtColor(sight.picture, cv2.COLOR_RGB2GRAY).astype(np.float32), (0, 0), 0.7)
        place = np.array([[1, 0, round(middle) - width // 2], [0, 1, round(top)]], np.float32)
        flags = cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP
        crop = np.asarray(cv2.warpAffine(grey, place, (width, height), flags=flags, borderMode=cv2.BORDER_REPLICATE), np.float32)
        crop = crop if share == 1 else np.asarray(cv2.resize(crop, size, interpolation=cv2.INTER_AREA), np.float32)
        if before is not None:
            residuals.append(_residual(crop, before))
        before = crop
    return rearrange(np.stack(residuals), "pair row column -> pair (row column)")


def _residual(
    crop: Float32[np.ndarray, "height width"], before: Float32[np.ndarray, "height width"]
) -> Float64[np.ndarray, "row column"]:
    """The residual that no shift of a patch explains: RMS of its grey values, on a grid."""
    cv2 = opencv()
    height, width = crop.shape
    patch = max(5, (min(height, width) // 9) | 1)
    wider = cv2.copyMakeBorder(before, _SHIFT_PX, _SHIFT_PX, _SHIFT_PX, _SHIFT_PX, cv2.BORDER_REPLICATE)
    least = np.full(crop.shape, np.inf, np.float32)
    for down in range(2 * _SHIFT_PX + 1):
        for right in range(2 * _SHIFT_PX + 1):
            difference = crop - wider[down : down + height, right : right + width]
            least = np.minimum(least, cv2.boxFilter(difference * difference, -1, (patch, patch)))
    rows, columns = _GRID
    return np.asarray(cv2.resize(np.sqrt(np.maximum(least, 0)), (columns, rows), interpolation=cv2.INTER_AREA), np.float64)


def _box(mask: Bool[np.ndarray, "height width"]) -> tuple[int, int, int, int]:
    """Top, bottom, left and right of a mask, in pixels."""
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    return int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1


def _smooth(track: Float64[np.ndarray, " frame"]) -> Float64[np.ndarray, " frame"]:
    """The moving mean over seven frames: the edges of masks are ragged."""
    smooth: Float64[np.ndarray, " frame"] = np.convolve(np.pad(track, 3, mode="edge"), np.ones(7) / 7, "valid")
    return smooth
