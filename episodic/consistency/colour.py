"""Colour and exposure that do not drift: over the takes of a scene, and over a chain of takes that go on from each other.

Two tools. A chained take begins with frames that are known, so how the model has changed colours since is read off pixel by pixel
(`register_overlap`), and how they go on to change is followed along the motion of the same surfaces (`correct_chain`): neither asks
what the picture shows, so somebody who walks in recolours nothing. A take that begins afresh is held against its scene's anchor
(`match_to`), and only what no change of content explains is taken away.

Everything is CIELAB. Colour transfer by affine maps is after Reinhard et al. 2001 and Pitié, Kokaram 2007; the fit here is over
pairs of pixels instead of statistics.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from einops import rearrange
from jaxtyping import Float64, Int

from episodic.consistency.flow import Frames, Picture, motion_between, opencv, small_copy, warp
from episodic.quality.colour import lab_of

__all__ = [
    "ColourAnchor",
    "ColourMap",
    "anchor_of",
    "apply",
    "correct_chain",
    "drift_within",
    "match_map",
    "match_to",
    "register_overlap",
]

_HEIGHT_PX: Final = 90
"""Of the copies colours are measured on."""
_SOFT_PX: Final = 1.5
_TRIM: Final = 0.02
"""Share of the brightest and darkest pixels that does not count in an anchor."""
_DARKEST, _BRIGHTEST = 4, 251
"""Outside these a pixel is clipped, and says nothing about a map."""
_RIDGE: Final = 0.05
"""How much variance of a colour (Lab units squared) it takes before its gain is believed."""
_ROUNDS: Final = 5
_STEP: Final = 1.0
"""Lab units. Two 8-bit steps: pixels that took one while others did not yet are no outliers."""
_BLOCKS: Final = 4
"""Rows and columns of blocks by which it is asked whether a change is the same all over the picture."""
_DOUBT: Final = 0.5
"""How many standard errors a drift must stand out by before any of it is believed."""
_OVERLAP_LIMIT: Final = 12.0
"""The most a chained take is moved to meet the frames that it was given, Lab units."""
_STRIDE: Final = 8
_DRIFT_RATE: Final = 0.2
"""Lab units per frame. What changes faster is light that somebody switched, faded or walked through, not a model's drift."""
_UNSEEN_RATE: Final = 0.005
"""Lab units per frame. Clean film seems to drift by this much, as it moves through light and shade; from twice that it is drift."""
_DRIFT_LIMIT: Final = 5.0
"""The most that is taken for drift within one take."""
_EXPLAINED_LEVEL, _EXPLAINED_HUE = 0.6, 0.5
"""By how many spreads of its scene another framing may differ in mean lightness, in mean a and b, through content alone."""
_EXPLAINED_SPREAD: Final = 0.4
"""By what share the spread of lightness may differ through content alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ColourAnchor:
    """How a scene looks: trimmed mean and spread (standard deviation) of L*, a*, b* in CIELAB."""

    mean: tuple[float, float, float]
    spread: tuple[float, float, float]

    def to_json(self) -> dict[str, list[float]]:
        """For the artifact of a scene."""
        return {"mean": [round(one, 4) for one in self.mean], "spread": [round(one, 4) for one in self.spread]}

    @classmethod
    def from_json(cls, data: Mapping[str, Sequence[float]]) -> ColourAnchor:
        """Inverse of `to_json`. Raises KeyError or ValueError for what is not one."""
        (m0, m1, m2), (s0, s1, s2) = data["mean"], data["spread"]
        return cls(mean=(float(m0), float(m1), float(m2)), spread=(float(s0), float(s1), float(s2)))


@dataclass(frozen=True, slots=True)
class ColourMap:
    """An affine map of CIELAB: `gain @ lab + offset`."""

    gain: Float64[np.ndarray, "3 3"]
    offset: Float64[np.ndarray, " 3"]

    @classmethod
    def none(cls) -> ColourMap:
        """The map that changes nothing."""
        return cls(np.eye(3), np.zeros(3))

    def of(self, lab: Float64[np.ndarray, "*shape 3"]) -> Float64[np.ndarray, "*shape 3"]:
        """Mapped colours."""
        mapped: Float64[np.ndarray, "*shape 3"] = lab @ self.gain.T + self.offset
        return mapped

    def after(self, first: ColourMap) -> ColourMap:
        """`first`, then this one."""
        return ColourMap(self.gain @ first.gain, self.gain @ first.offset + self.offset)

    def inverse(self) -> ColourMap:
        """The map back. Raises LinAlgError where colours have collapsed."""
        back = np.linalg.inv(self.gain)
        return ColourMap(back, -back @ self.offset)

    def towards(self, other: ColourMap, share: float) -> ColourMap:
        """Part of the way to another map."""
        return ColourMap(self.gain + share * (other.gain - self.gain), self.offset + share * (other.offset - self.offset))

    def shift(self, lab: Float64[np.ndarray, "pixel 3"]) -> float:
        """How far it moves these colours: root mean square, Lab units."""
        return float(np.sqrt(((self.of(lab) - lab) ** 2).sum(-1).mean()))


def anchor_of(frames: Iterable[Picture]) -> ColourAnchor:
    """The anchor of a scene, from some of its frames. Raises ValueError without any."""
    seen = [_lab_small(frame) for frame in frames]
    if not seen:
        raise ValueError("the colour anchor of no frames at all")
    return _statistics(np.concatenate(seen))


def _lab_small(frame: Picture) -> Float64[np.ndarray, "pixel 3"]:
    return lab_of(small_copy(frame, _HEIGHT_PX)).reshape(-1, 3)


def _statistics(lab: Float64[np.ndarray, "pixel 3"]) -> ColourAnchor:
    low, high = np.quantile(lab[:, 0], [_TRIM, 1 - _TRIM])
    kept = lab[(lab[:, 0] >= low) & (lab[:, 0] <= high)]
    mean, spread = kept.mean(0), kept.std(0)
    return ColourAnchor(
        mean=(float(mean[0]), float(mean[1]), float(mean[2])), spread=(float(spread[0]), float(spread[1]), float(spread[2]))
    )


def apply(colours: ColourMap, frame: Picture) -> Picture:
    """A frame with its colours mapped; untouched where the map would move nothing by half a step of 255."""
    if np.abs(colours.gain - np.eye(3)).max() < 5e-4 and np.abs(colours.offset).max() < 0.05:
        return frame
    cv2 = opencv()
    lab = cv2.cvtColor(frame.astype(np.float32) * np.float32(1 / 255), cv2.COLOR_RGB2LAB)
    change = np.concatenate([colours.gain, colours.offset[:, None]], 1).astype(np.float32)
    # OpenCV's Lab is interpolated and off by up to 0.3: the difference that the map makes is right, its absolute value is not
    moved = cv2.subtract(cv2.cvtColor(cv2.transform(lab, change), cv2.COLOR_LAB2RGB), cv2.cvtColor(lab, cv2.COLOR_LAB2RGB))
    mapped: Picture = cv2.convertScaleAbs(cv2.max(cv2.scaleAdd(moved, 255.0, frame.astype(np.float32)), 0.0))
    return mapped


def register_overlap(known: Frames, regenerated: Frames) -> ColourMap:
    """What takes the regenerated frames' colours to those of the known frames that they repeat.

    Aligned by flow, fitted over pixels that both show and neither clips; who or what differs is outvoted. Nothing where too little
    agrees. Raises ValueError for frames of two shapes.
    """
    if known.shape != regenerated.shape:
        raise ValueError(f"an overlap of {known.shape} with {regenerated.shape}")
    pairs = [one for new, old in zip(regenerated, known, strict=True) if (one := _pairs(new, old)) is not None]
    found = _fit(pairs, np.concatenate([one.target for one in pairs]).mean(0), 9) if pairs else None
    return ColourMap.none() if found is None else found.as_map()


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Colours of the same surfaces in two frames, and in which block of the picture each was seen."""

    source: Float64[np.ndarray, "pixel 3"]
    target: Float64[np.ndarray, "pixel 3"]
    block: Int[np.ndarray, " pixel"]


def _pairs(source: Picture, target: Picture) -> _Pairs | None:
    """None where the two have too little in common."""
    one, other = small_copy(source, _HEIGHT_PX), small_copy(target, _HEIGHT_PX)
    motion = motion_between(one, other)
    cv2 = opencv()
    # reading between pixels softens one of the two, which would pass for a loss of contrast: both are soft already
    one, other = (cv2.GaussianBlur(each, (0, 0), _SOFT_PX) for each in (one, other))
    met = warp(other, motion.there, smooth=True)
    both = np.stack([one, met])
    seen = motion.seen_there & (both.min((0, 3)) > _DARKEST) & (both.max((0, 3)) < _BRIGHTEST)
    # an edge that is half a pixel off would pass for a change of colour
    flat = seen & (cv2.morphologyEx(cv2.cvtColor(one, cv2.COLOR_RGB2GRAY), cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)) < 24)
    kept = flat if flat.mean() >= 0.1 else seen
    if kept.mean() < 0.1:
        return None
    height, width = kept.shape
    rows, columns = np.nonzero(kept)
    return _Pairs(lab_of(one[kept]), lab_of(met[kept]), rows * _BLOCKS // height * _BLOCKS + columns * _BLOCKS // width)


@dataclass(frozen=True, slots=True)
class _Change:
    """A small affine change of colours about `centre`: its parameters, and the variance of each between blocks of the picture."""

    parameters: Float64[np.ndarray, " parameter"]
    variance: Float64[np.ndarray, " parameter"]
    centre: Float64[np.ndarray, " 3"]

    def as_map(self) -> ColourMap:
        half = np.tensordot(self.parameters[3:], _basis(len(self.parameters) - 3), 1) / 2
        gain = np.linalg.solve(np.eye(3) - half, np.eye(3) + half)
        return ColourMap(gain, self.centre - gain @ self.centre + np.linalg.solve(np.eye(3) - half, self.parameters[:3]))


def _basis(count: int) -> Float64[np.ndarray, "parameter 3 3"]:
    """All nine entries of a gain, or the three that a drifting model changes: contrast, saturation, hue."""
    if count == 9:
        return np.eye(9).reshape(9, 3, 3)
    return np.array(
        [[[1, 0, 0], [0, 0, 0], [0, 0, 0]], [[0, 0, 0], [0, 1, 0], [0, 0, 1]], [[0, 0, 0], [0, 0, -1], [0, 1, 0]]], float
    )


def _fit(pairs: Sequence[_Pairs], centre: Float64[np.ndarray, " 3"], gains: int) -> _Change | None:
    """What takes source to target, by iterated least squares with Tukey's weights, drawn to no change; None where too little counts.

    The gain is fitted to the mean of both colours: fitted to the source's, noise would pass for a loss of contrast.
    """
    if not pairs:
        return None
    source, target = np.concatenate([one.source for one in pairs]), np.concatenate([one.target for one in pairs])
    block = np.concatenate([one.block for one in pairs])
    basis = _basis(gains)
    middle, change = (source + target) / 2 - centre, target - source
    # pixel, colour, parameter
    rows = np.concatenate([np.broadcast_to(np.eye(3), (len(middle), 3, 3)), np.einsum("kij,nj->nik", basis, middle)], 2)
    found = np.concatenate([np.median(change, 0), np.zeros(gains)])
    prior = np.diag([0.0] * 3 + [_RIDGE] * gains)
    for _ in range(_ROUNDS):
        off = np.sqrt(((change - rows @ found) ** 2).sum(-1))
        weight = np.clip(1 - (off / (4.685 * max(1.4826 * float(np.median(off)), _STEP))) ** 2, 0, None) ** 2
        if weight.sum() < 30:
            return None
        gram, moment = _normal_equations(rows, change, weight)
        found = np.linalg.solve(gram + weight.sum() * prior, moment)
    return _Change(found, _variance(rows, change, weight, block, prior), centre)


def _normal_equations(
    rows: Float64[np.ndarray, "pixel 3 parameter"], change: Float64[np.ndarray, "pixel 3"], weight: Float64[np.ndarray, " pixel"]
) -> tuple[Float64[np.ndarray, "parameter parameter"], Float64[np.ndarray, " parameter"]]:
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
    """Jackknife over blocks of the picture: a drift is the same all over it, a cloud's shadow or a lamp is not."""
    total = weight.sum()
    each = [
        (_normal_equations(rows[here], change[here], weight[here]), weight[here].sum())
        for i in np.unique(block)
        for here in [block == i]
    ]
    gram, moment = sum(one[0][0] for one in each), sum(one[0][1] for one in each)
    without = np.array(
        [np.linalg.solve(gram - g + (total - w + 1e-9) * prior + 1e-9 * np.eye(len(g)), moment - m) for (g, m), w in each]
    )
    spread: Float64[np.ndarray, " parameter"] = (len(without) - 1) * without.var(0)
    return spread if len(without) > 3 else np.full(len(prior), np.inf)


def _bounded(colours: ColourMap, lab: Float64[np.ndarray, "pixel 3"], limit: float) -> ColourMap:
    moved = colours.shift(lab)
    return colours if moved <= limit else ColourMap.none().towards(colours, limit / moved)


def drift_within(frames: Frames, first: int = 0) -> list[ColourMap]:
    """For every frame, what takes its colours back to those of the frame `first`, as far as they drifted.

    Followed from key frame to key frame along the motion of the same surfaces, and believed as far as all of the picture agrees
    (shrinkage by the jackknife's variance). A change quicker than drift is a change of light: it stays, and what follows it is held
    against the new light.
    """
    count = len(frames)
    keys = [*range(first, count - 1, _STRIDE), count - 1] if count - 1 > first else [first]
    sample = _lab_small(frames[first])
    path, doubt = [np.zeros(6)], np.zeros(6)
    for before, now in pairwise(keys):
        pairs = _pairs(frames[now], frames[before])
        step = None if pairs is None else _fit([pairs], sample.mean(0), 3)
        share = 0.0 if step is None else _as_drift(step.as_map().shift(sample) / (now - before))
        path.append(path[-1] + (share * step.parameters if step is not None and share else 0.0))
        doubt = doubt + (share**2 * step.variance if step is not None and share else 0.0)
    total = path[-1]
    believed = np.clip(1 - _DOUBT**2 * doubt / np.maximum(total**2, 1e-12), 0, 1)
    pace = _Change(believed * total, doubt, sample.mean(0)).as_map().shift(sample) / max(1, count - 1 - first)
    believed = believed * np.clip(pace / _UNSEEN_RATE - 1, 0, 1)
    maps = [_bounded(_Change(believed * one, doubt, sample.mean(0)).as_map(), sample, _DRIFT_LIMIT) for one in path]
    return [_between(keys, maps, frame) for frame in range(count)]


def _as_drift(pace: float) -> float:
    """How much of a step counts as drift, by Lab units per frame: all of it up to the rate, nothing from twice the rate."""
    return float(np.clip(2 - pace / _DRIFT_RATE, 0, 1))


def _between(keys: Sequence[int], maps: Sequence[ColourMap], frame: int) -> ColourMap:
    after = int(np.searchsorted(keys, frame))
    if after == 0:
        return maps[0]
    low, high = keys[after - 1], keys[after]
    return maps[after - 1].towards(maps[after], (frame - low) / (high - low))


def correct_chain(frames: Frames, known_count: int, known_frames: Frames, anchor: ColourAnchor | None = None) -> Frames:
    """A chained take without the model's drift; to be called on every window or take before the next goes on from it.

    `frames` begins with `known_count` frames that repeat `known_frames`, the end of what it goes on from, as that was kept. The jump
    against them is undone by registration, the drift since by `drift_within`. A take that goes on from nothing is held against the
    `anchor` of its scene. Raises ValueError where the counts do not agree.
    """
    if known_count != len(known_frames) or known_count > len(frames):
        raise ValueError(f"{known_count} known frames, but {len(known_frames)} are given for a take of {len(frames)}")
    if not len(frames):
        return frames
    met = ColourMap.none()
    if known_count:
        met = _bounded(register_overlap(known_frames, frames[:known_count]), _lab_small(known_frames[-1]), _OVERLAP_LIMIT)
    elif anchor is not None:
        met = match_map([anchor_of([frame]) for frame in frames[::_STRIDE]], anchor)
    # registration is of all the known frames, so of the middle one
    maps = drift_within(frames, max(0, known_count - 1) // 2)
    return np.stack([apply(met.after(one), frame) for one, frame in zip(maps, frames, strict=True)])


def match_map(seen: Sequence[ColourAnchor], anchor: ColourAnchor, *, strength: float = 1.0, limit: float = 10.0) -> ColourMap:
    """One map for a whole take, from the statistics of its frames: it brings what no content explains to the edge of what content may.

    Held against the anchor are those frames that fit it best: where a lamp goes out half way, or somebody steps before the lens, the
    rest of the take still shows that its colours are right. `limit`: Lab units. Raises ValueError without frames.
    """
    if not seen:
        raise ValueError("a take of no frames cannot be matched")
    maps = [_match_one(one, anchor) for one in seen]
    moved = [
        float(np.hypot(np.abs(np.diag(one.gain) - 1).max() * anchor.spread[0], _moved(one, own)))
        for one, own in zip(maps, seen, strict=True)
    ]
    order = np.argsort(moved, kind="stable")
    # a quarter of the take is enough to vouch for it, one odd frame is not
    chosen = int(order[len(order) // 4])
    share = strength * min(1.0, limit / moved[chosen]) if moved[chosen] > 0 else 0.0
    return ColourMap.none().towards(maps[chosen], share)


def _moved(colours: ColourMap, own: ColourAnchor) -> float:
    mean = np.array(own.mean)
    return float(np.linalg.norm(colours.of(mean) - mean))


def _match_one(own: ColourAnchor, anchor: ColourAnchor) -> ColourMap:
    """Soft-thresholded Reinhard transfer: the spread of lightness, the mean lightness and the mean hue."""
    ratio = np.log((anchor.spread[0] + 1) / (own.spread[0] + 1))
    explained = np.log1p(_EXPLAINED_SPREAD)
    gain = np.diag([float(np.exp(np.sign(ratio) * max(0.0, abs(ratio) - explained))), 1.0, 1.0])
    apart = np.array(anchor.mean) - np.array(own.mean)
    level = np.sign(apart[0]) * max(0.0, abs(apart[0]) - 3 - _EXPLAINED_LEVEL * anchor.spread[0])
    far = float(np.hypot(apart[1], apart[2]))
    hue = apart[1:] * (max(0.0, far - 2 - _EXPLAINED_HUE * float(np.hypot(*anchor.spread[1:]))) / far if far else 0.0)
    mean = np.array(own.mean)
    return ColourMap(gain, mean - gain @ mean + np.array([level, *hue]))


def match_to(frames: Iterable[Picture], anchor: ColourAnchor, *, strength: float = 1.0, limit: float = 10.0) -> Iterator[Picture]:
    """The frames of one take, with its colours as far at the anchor as content cannot explain the difference (`match_map`)."""
    kept = list(frames)
    if not kept:
        return
    colours = match_map([anchor_of([one]) for one in kept], anchor, strength=strength, limit=limit)
    for one in kept:
        yield apply(colours, one)
