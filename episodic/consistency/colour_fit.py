"""Fit the change of colours between two frames: the same surfaces are found along their motion, and the whole picture votes.

Surfaces that move through light fixed to the screen (a vignette, a fall-off of the key) change too. Such shading is fitted beside the
change, as a second-degree polynomial in screen coordinates, so that it does not count as drift. Even motion through an even gradient
cannot be distinguished from drift by a fit of this kind.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from einops import rearrange
from jaxtyping import Bool, Float32, Float64, Int

from episodic.colour import lab_of
from episodic.consistency.colour_maps import HEIGHT_PX, ColourMap
from episodic.consistency.flow import Motion, Picture, motion_between, opencv, small_copy, warp

__all__ = ["Change", "Pairs", "fit_change", "pairs_between"]

_SOFT_PX: Final = 1.5
_LENS_PX: Final = 0.5
"""Softness of the picture itself, pixels."""
_DARKEST, _BRIGHTEST = 4, 251
"""Outside these a pixel is clipped and does not count."""
_RIDGE: Final = 0.05
"""Variance of a colour (Lab units squared) from which on its gain counts."""
_SHADING_RIDGE: Final = 1e-3
"""The same for shading; motion of a few hundredths of the picture is enough."""
_ROUNDS: Final = 5
_STEP: Final = 1.0
"""Lab units, two 8-bit steps: a pixel that is one step ahead of others is no outlier."""
_BLOCKS: Final = 4
"""Rows and columns of the blocks that the variance of a change is measured between."""


@dataclass(frozen=True, slots=True)
class Pairs:
    """Colours of the same surfaces in two frames.

    `block` is the block of the picture that a pixel lies in, `shading` the difference of the screen-fixed shading terms between the
    two positions, `share` the share of the picture's pixels that show surfaces of both frames.
    """

    source: Float64[np.ndarray, "pixel 3"]
    target: Float64[np.ndarray, "pixel 3"]
    block: Int[np.ndarray, " pixel"]
    shading: Float64[np.ndarray, "pixel 5"]
    share: float


def pairs_between(source: Picture, target: Picture) -> Pairs | None:
    """Pair the pixels of two pictures. None if they have less than a tenth of the picture in common.

    Half of the pixels are looked up in the target, half in the source, so that interpolation and the selection of pixels affect the
    contrast of both pictures alike.
    """
    small_source, small_target = small_copy(source, HEIGHT_PX), small_copy(target, HEIGHT_PX)
    motion = motion_between(small_source, small_target)
    # Interpolation softens one of the two, and so does distance; either would count as a loss of contrast.
    first, second = (
        opencv().GaussianBlur(each.astype(np.float32), (0, 0), sigma)
        for each, sigma in zip((small_source, small_target), _softness(motion), strict=True)
    )
    there = _met(first, second, motion.there, motion.seen_there, 0)
    back = _met(second, first, motion.back, motion.seen_back, 1)
    if there is None or back is None:
        return None
    return Pairs(
        np.concatenate([there.source, back.target]),
        np.concatenate([there.target, back.source]),
        np.concatenate([there.block, back.block]),
        np.concatenate([there.shading, -back.shading]),
        min(there.share, back.share),
    )


def _met(
    picture: Float32[np.ndarray, "height width 3"],
    other: Float32[np.ndarray, "height width 3"],
    flow: Float32[np.ndarray, "height width 2"],
    seen: Bool[np.ndarray, "height width"],
    parity: int,
) -> Pairs | None:
    """Pair every other pixel of a picture with its position in the other picture."""
    cv2 = opencv()
    met = warp(other, flow, smooth=True)
    both = np.stack([picture, met])
    seen = seen & (both.min((0, 3)) > _DARKEST) & (both.max((0, 3)) < _BRIGHTEST)
    # An edge that is half a pixel off would count as a change of colour.
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    flat = seen & (cv2.morphologyEx(grey, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)) < 24)
    kept = flat if flat.mean() >= 0.1 else seen
    if kept.mean() < 0.1:
        return None
    height, width = kept.shape
    kept = kept & (np.add.outer(np.arange(height), np.arange(width)) % 2 == parity)
    rows, columns = np.nonzero(kept)
    return Pairs(
        lab_of(_unit(picture[kept])),
        lab_of(_unit(met[kept])),
        rows * _BLOCKS // height * _BLOCKS + columns * _BLOCKS // width,
        _shading_apart(flow, kept),
        float(seen.mean()),
    )


def _unit(colours: Float32[np.ndarray, "pixel 3"]) -> Float64[np.ndarray, "pixel 3"]:
    """Scale 8-bit colours to 0..1."""
    shares: Float64[np.ndarray, "pixel 3"] = np.clip(colours.astype(np.float64) / 255, 0, 1)
    return shares


def _softness(motion: Motion) -> tuple[float, float]:
    """Return the blur of each picture that makes the surfaces of both equally soft, even if the camera came nearer."""
    flow = motion.there
    across, down = np.gradient(flow[..., 0], axis=1), np.gradient(flow[..., 1], axis=0)
    inside = (across + down)[motion.seen_there]
    scale = float(np.clip(1 + np.median(inside) / 2, 0.5, 2)) if inside.size else 1.0

    def of_nearer(magnified: float) -> float:
        return float(np.sqrt(max(_SOFT_PX**2, magnified**2 * (_LENS_PX**2 + _SOFT_PX**2) - _LENS_PX**2)))

    return of_nearer(1 / scale), of_nearer(scale)


def _shading_apart(
    flow: Float32[np.ndarray, "height width 2"], kept: Bool[np.ndarray, "height width"]
) -> Float64[np.ndarray, "pixel 5"]:
    """Return the terms x, y, x², xy, y² at a surface's position in the other picture minus those in this one; the picture is 2 wide."""
    height, width = kept.shape
    rows, columns = np.nonzero(kept)
    place_before = np.stack([columns + 0.5 - width / 2, rows + 0.5 - height / 2], 1) * 2 / width
    place_after = place_before + flow[kept] * 2 / width

    def terms(place: Float64[np.ndarray, "pixel 2"]) -> Float64[np.ndarray, "pixel 5"]:
        x, y = place.T
        return np.stack([x, y, x * x, x * y, y * y], 1)

    apart: Float64[np.ndarray, "pixel 5"] = terms(place_after) - terms(place_before)
    return apart


@dataclass(frozen=True, slots=True)
class Change:
    """A small affine change of colours about `centre`: its parameters and their variances between blocks of the picture."""

    parameters: Float64[np.ndarray, " parameter"]
    variance: Float64[np.ndarray, " parameter"]
    centre: Float64[np.ndarray, " 3"]

    def as_map(self) -> ColourMap:
        """Return the map that makes this change."""
        half = np.tensordot(self.parameters[3:], _basis(len(self.parameters) - 3), 1) / 2
        gain = np.linalg.solve(np.eye(3) - half, np.eye(3) + half)
        return ColourMap(gain, self.centre - gain @ self.centre + np.linalg.solve(np.eye(3) - half, self.parameters[:3]))


def _basis(count: int) -> Float64[np.ndarray, "parameter 3 3"]:
    """Return all nine entries of a gain, or the three that a drifting model changes: contrast, saturation, hue."""
    if count == 9:
        return np.eye(9).reshape(9, 3, 3)
    return np.array(
        [[[1, 0, 0], [0, 0, 0], [0, 0, 0]], [[0, 0, 0], [0, 1, 0], [0, 0, 1]], [[0, 0, 0], [0, 0, -1], [0, 1, 0]]], float
    )


def fit_change(pairs: Sequence[Pairs], centre: Float64[np.ndarray, " 3"], gains: int, *, shading: bool = False) -> Change | None:
    """Fit the change from source to target by iterated least squares with Tukey's weights, shrunk to none; None for too few pixels.

    The gain is fitted to the mean of both colours; fitted to the source alone, noise would count as a loss of contrast. `gains`: 9
    for all entries, 3 for contrast, saturation and hue. `shading`: a difference that screen-fixed light explains is no change.
    """
    if not pairs:
        return None
    source, target = np.concatenate([pair.source for pair in pairs]), np.concatenate([pair.target for pair in pairs])
    block = np.concatenate([pair.block for pair in pairs])
    middle, change = (source + target) / 2, target - source
    # pixel, colour, parameter
    rows = [np.broadcast_to(np.eye(3), (len(middle), 3, 3)), np.einsum("kij,nj->nik", _basis(gains), middle - centre)]
    ridge = [0.0] * 3 + [_RIDGE] * gains
    if shading:
        # A relative change of light scales L* + 16, a* and b* alike, CIELAB being a cube root; 50 brings the term near one.
        lit = (middle + np.array([16.0, 0.0, 0.0])) / 50
        rows.append(lit[:, :, None] * np.concatenate([pair.shading for pair in pairs])[:, None, :])
        ridge += [_SHADING_RIDGE] * 5
    fit = _robust(np.concatenate(rows, 2), change, block, np.diag(ridge))
    return None if fit is None else Change(fit[0][: 3 + gains], fit[1][: 3 + gains], centre)


def _robust(
    rows: Float64[np.ndarray, "pixel 3 parameter"],
    change: Float64[np.ndarray, "pixel 3"],
    block: Int[np.ndarray, " pixel"],
    prior: Float64[np.ndarray, "parameter parameter"],
) -> tuple[Float64[np.ndarray, " parameter"], Float64[np.ndarray, " parameter"]] | None:
    """Return the parameters and their variances; None for too few pixels."""
    parameters = np.concatenate([np.median(change, 0), np.zeros(len(prior) - 3)])
    for _ in range(_ROUNDS):
        off = np.sqrt(((change - rows @ parameters) ** 2).sum(-1))
        weight = np.clip(1 - (off / (4.685 * max(1.4826 * float(np.median(off)), _STEP))) ** 2, 0, None) ** 2
        if weight.sum() < 30:
            return None
        gram, moment = _normal_equations(rows, change, weight)
        parameters = np.linalg.solve(gram + weight.sum() * prior, moment)
    return parameters, _variance(rows, change, weight, block, prior)


def _normal_equations(
    rows: Float64[np.ndarray, "pixel 3 parameter"], change: Float64[np.ndarray, "pixel 3"], weight: Float64[np.ndarray, " pixel"]
) -> tuple[Float64[np.ndarray, "parameter parameter"], Float64[np.ndarray, " parameter"]]:
    """Return the Gram matrix and the moment of weighted least squares."""
    flat = rearrange(rows, "pixel colour parameter -> (pixel colour) parameter")
    weighted = flat * np.repeat(weight, 3)[:, None]
    return weighted.T @ flat, weighted.T @ change.ravel()


def _variance(
    rows: Float64[np.ndarray, "pixel 3 parameter"],
    change: Float64[np.ndarray, "pixel 3"],
    weight: Float64[np.ndarray, " pixel"],
    block: Int[np.ndarray, " pixel"],
    prior: Float64[np.ndarray, "parameter parameter"],
) -> Float64[np.ndarray, " parameter"]:
    """Estimate variances by the jackknife over blocks: a drift is equal all over the picture, a cloud's shadow or a lamp is not."""
    total = weight.sum()
    each = [
        (_normal_equations(rows[members], change[members], weight[members]), weight[members].sum())
        for i in np.unique(block)
        for members in [block == i]
    ]
    gram, moment = sum(equations[0][0] for equations in each), sum(equations[0][1] for equations in each)
    without = np.array(
        [np.linalg.solve(gram - g + (total - w + 1e-9) * prior + 1e-9 * np.eye(len(g)), moment - m) for (g, m), w in each]
    )
    spread: Float64[np.ndarray, " parameter"] = (len(without) - 1) * without.var(0)
    return spread if len(without) > 3 else np.full(len(prior), np.inf)
