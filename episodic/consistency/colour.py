"""Keep colour and exposure from drifting: over the takes of a scene, and over a chain of takes that continue each other.

Two tools. A chained take begins with known frames, so the change of colours is measured pixel by pixel (`register_overlap`), and its
further drift is followed along the motion of the same surfaces (`correct_chain`). Neither depends on the content, so a person who
walks in recolours nothing. A take that starts afresh is compared with its scene's anchor (`match_map`); only a difference that no
change of content explains is corrected.

Everything is CIELAB. Colour transfer by affine maps is after Reinhard et al. 2001 and Pitié, Kokaram 2007; the fit here is over
pairs of pixels instead of statistics.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from jaxtyping import Float64, UInt8

from episodic.consistency.colour_fit import Change, Pairs, fit_change, pairs_between
from episodic.consistency.colour_maps import HEIGHT_PX, ColourMap, apply, lab_small
from episodic.consistency.flow import AnyFrames, AnyPicture, Frames, Picture, small_copy

__all__ = [
    "ColourAnchor",
    "ColourMap",
    "anchor_of",
    "apply",
    "correct_chain",
    "drift_within",
    "match_map",
    "register_overlap",
    "seen_in_chain",
]

_TRIM: Final = 0.02
"""Share of the brightest and of the darkest pixels that an anchor leaves out."""
_DOUBT: Final = 0.5
"""Standard errors by which a drift must stand out before any of it counts."""
_OVERLAP_LIMIT: Final = 12.0
"""The largest correction that moves a chained take to its known frames, Lab units."""
_STRIDE: Final = 8
_DRIFT_RATE: Final = 0.2
"""Lab units per frame. A faster change is intended light (switched, faded or walked through), not a model's drift."""
_UNSEEN_RATE: Final = 0.008
"""Lab units per frame. Clean film appears to drift this much as it moves through light and shade. Twice as much is drift; less is
enough if the model is known to drift."""
_JUMP: Final = 0.1
"""Lab units. A jump against the known frames this large may be grain; twice as much is the model's."""
_DRIFT_LIMIT: Final = 5.0
"""The largest change within one take that counts as drift, Lab units."""
_SAME: Final = 0.35
"""Share of the picture that two distant pictures must have in common before they are compared."""
_SEEN: Final = 8
_WITNESSES: Final = 2
"""Earlier pictures of the chain that a take is compared with."""
_LEFT_DOUBT: Final = 0.5
"""Standard errors of the remaining difference that are left uncorrected."""
_OTHER_LIGHT: Final = 2.5
"""Lab units. A picture this different was taken in another light on purpose."""
_LEFT_LEVEL: Final = 0.1
"""Lab units of mean colour by which content alone may change a chain."""
_LEFT_GAIN: Final = 0.002
"""The same for every entry of a gain."""
_MADE_GOOD: Final = 0.5
"""The largest correction of a take towards the beginning of its chain, Lab units."""
_EXPLAINED_LEVEL, _EXPLAINED_HUE = 0.6, 0.5
"""Spreads of the scene by which content alone may change the mean lightness, and the mean a and b."""
_EXPLAINED_SPREAD: Final = 0.4
"""Share by which content alone may change the spread of lightness."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ColourAnchor:
    """The colours of a scene: trimmed mean and spread (standard deviation) of L*, a*, b* in CIELAB."""

    mean: tuple[float, float, float]
    spread: tuple[float, float, float]

    def to_json(self) -> dict[str, list[float]]:
        """Return the anchor as the artifact of a scene stores it."""
        return {"mean": [round(value, 4) for value in self.mean], "spread": [round(value, 4) for value in self.spread]}

    @classmethod
    def from_json(cls, data: Mapping[str, Sequence[float]]) -> ColourAnchor:
        """Read what `to_json` returns. Raises KeyError or ValueError if it is not an anchor."""
        (m0, m1, m2), (s0, s1, s2) = data["mean"], data["spread"]
        return cls(mean=(float(m0), float(m1), float(m2)), spread=(float(s0), float(s1), float(s2)))


def anchor_of(frames: Iterable[Picture]) -> ColourAnchor:
    """Measure the anchor of a scene on some of its frames. Raises ValueError without frames."""
    colours = [lab_small(frame) for frame in frames]
    if not colours:
        raise ValueError("a colour anchor of no frames; expected at least one")
    return _statistics(np.concatenate(colours))


def _statistics(lab: Float64[np.ndarray, "pixel 3"]) -> ColourAnchor:
    """Return trimmed mean and spread."""
    low, high = np.quantile(lab[:, 0], [_TRIM, 1 - _TRIM])
    kept = lab[(lab[:, 0] >= low) & (lab[:, 0] <= high)]
    mean, spread = kept.mean(0), kept.std(0)
    return ColourAnchor(
        mean=(float(mean[0]), float(mean[1]), float(mean[2])), spread=(float(spread[0]), float(spread[1]), float(spread[2]))
    )


def register_overlap(known: Frames, regenerated: AnyFrames) -> ColourMap:
    """Return the map from the colours of regenerated frames to those of the known frames that they repeat.

    The frames are aligned by flow; the fit is over pixels that both show and neither clips, and outvotes content that differs. The
    map changes nothing if too little agrees. Raises ValueError for frames of two shapes.
    """
    if known.shape != regenerated.shape:
        raise ValueError(f"an overlap of {known.shape} with {regenerated.shape}; expected frames of one shape")
    pairs = [pair for new, old in zip(regenerated, known, strict=True) if (pair := pairs_between(new, old)) is not None]
    change = fit_change(pairs, np.concatenate([pair.target for pair in pairs]).mean(0), 9) if pairs else None
    return ColourMap.none() if change is None else change.as_map()


def _bounded(colours: ColourMap, lab: Float64[np.ndarray, "pixel 3"], limit: float) -> ColourMap:
    """Weaken a map so that it moves these colours by at most `limit`, Lab units."""
    moved = colours.shift(lab)
    return colours if moved <= limit else ColourMap.none().towards(colours, limit / moved)


def drift_within(frames: Frames, first: int = 0, *, known: float = 0.0) -> list[ColourMap]:
    """Return, for every frame, the map that takes its colours back to those of frame `first`, to the extent that they drifted.

    The drift is followed from key frame to key frame along the motion of the same surfaces, tied to the direct comparison of the last
    key frame with the first, and shrunk by its variance between parts of the picture (jackknife). A change faster than drift is a
    change of light: it remains, and later frames are compared with the new light. `known` is the confidence, 0..1, that the model
    drifts at all; the higher it is, the smaller a drift is corrected, down to the apparent drift of clean film.
    """
    count, gains = len(frames), _entries(known)
    keys = [*range(first, count - 1, _STRIDE), count - 1] if count - 1 > first else [first]
    sample = lab_small(frames[first])
    path, doubt, all_drift = [np.zeros(3 + gains)], np.zeros(3 + gains), True
    for before, now in pairwise(keys):
        pairs = pairs_between(frames[now], frames[before])
        step = None if pairs is None else fit_change([pairs], sample.mean(0), gains, shading=True)
        share = 0.0 if step is None else _as_drift(step.as_map().shift(sample) / (now - before))
        path.append(path[-1] + (share * step.parameters if step is not None and share else 0.0))
        doubt = doubt + (share**2 * step.variance if step is not None and share else 0.0)
        all_drift = all_drift and share == 1
    if all_drift and len(keys) > 2:
        path, doubt = _held_by_ends(frames, keys, path, doubt, gains)
    total = path[-1]
    believed = np.clip(1 - _DOUBT**2 * doubt / np.maximum(total**2, 1e-12), 0, 1)
    pace = Change(believed * total, doubt, sample.mean(0)).as_map().shift(sample) / max(1, count - 1 - first)
    believed = believed * max(known, float(np.clip(pace / _UNSEEN_RATE - 1, 0, 1)))
    maps = [_bounded(Change(believed * parameters, doubt, sample.mean(0)).as_map(), sample, _DRIFT_LIMIT) for parameters in path]
    return [_between(keys, maps, frame) for frame in range(count)]


def _held_by_ends(
    frames: Frames,
    keys: Sequence[int],
    path: list[Float64[np.ndarray, " parameter"]],
    doubt: Float64[np.ndarray, " parameter"],
    gains: int,
) -> tuple[list[Float64[np.ndarray, " parameter"]], Float64[np.ndarray, " parameter"]]:
    """Bend the path evenly to end where the direct comparison of its last frame with its first says. Errors of steps add up."""
    pairs = pairs_between(frames[keys[-1]], frames[keys[0]])
    if pairs is None or pairs.share < _SAME:
        return path, doubt
    whole = fit_change([pairs], lab_small(frames[keys[0]]).mean(0), gains, shading=True)
    if whole is None:
        return path, doubt
    missed = whole.parameters - path[-1]
    progress = [(key - keys[0]) / (keys[-1] - keys[0]) for key in keys]
    return [parameters + share * missed for parameters, share in zip(path, progress, strict=True)], whole.variance


def _entries(known: float) -> int:
    """Return how many entries of a gain to fit: all for a model known to drift, else the three that clean film does not disturb."""
    return 9 if known > 0 else 3


def _as_drift(pace: float) -> float:
    """Return the share of a step that counts as drift, by its Lab units per frame: all up to the rate, nothing from twice the rate."""
    return float(np.clip(2 - pace / _DRIFT_RATE, 0, 1))


def _between(keys: Sequence[int], maps: Sequence[ColourMap], frame: int) -> ColourMap:
    """Interpolate the maps of the key frames."""
    after = int(np.searchsorted(keys, frame))
    if after == 0:
        return maps[0]
    low, high = keys[after - 1], keys[after]
    return maps[after - 1].towards(maps[after], (frame - low) / (high - low))


def correct_chain(
    frames: Frames,
    known_count: int,
    known_frames: UInt8[np.ndarray, "known height width 3"],
    anchor: ColourAnchor | None = None,
    seen: Sequence[AnyPicture] = (),
) -> Frames:
    """Remove the model's drift from a chained take. Call it on every window or take before the next continues from it.

    `frames` begins with `known_count` frames that repeat `known_frames`, the end of the take before as it was kept. Registration
    undoes the jump against them, `drift_within` the drift since. The remaining difference is measured on `seen`, pictures of the chain
    so far (`seen_in_chain`), so that errors do not add up from take to take. A take that continues none is compared with the `anchor`
    of its scene. Raises ValueError if the counts do not agree.
    """
    if known_count != len(known_frames) or known_count > len(frames):
        raise ValueError(f"{known_count} known frames, but {len(known_frames)} are given for a take of {len(frames)}")
    if not len(frames):
        return frames
    met, known = ColourMap.none(), 0.0
    if known_count:
        met = _bounded(register_overlap(known_frames, frames[:known_count]), lab_small(known_frames[-1]), _OVERLAP_LIMIT)
        # A model that changes the colours of its known frames is one that drifts.
        known = float(np.clip(met.shift(lab_small(known_frames[-1])) / _JUMP - 1, 0, 1))
    elif anchor is not None:
        met = match_map([anchor_of([frame]) for frame in frames[::_STRIDE]], anchor)
    # Registration averages over all the known frames, so it holds for the middle one.
    maps = [met.after(colours) for colours in drift_within(frames, max(0, known_count - 1) // 2, known=known)]
    if known_count and len(seen):
        left_over = _left_over(apply(maps[-1], small_copy(frames[-1], HEIGHT_PX)), seen, known)
        progress = np.clip((np.arange(len(frames)) - known_count + 1) / max(1, len(frames) - known_count), 0, 1)
        maps = [
            ColourMap.none().towards(left_over, float(share)).after(colours)
            for share, colours in zip(progress, maps, strict=True)
        ]
    return np.stack([apply(colours, frame) for colours, frame in zip(maps, frames, strict=True)])


def seen_in_chain(frames: Frames, seen: Sequence[AnyPicture] = ()) -> list[AnyPicture]:
    """Return small pictures to compare the next takes of a chain with: `seen`, of the chain so far, and this take's last frame.

    At most `_SEEN`: beyond that every other picture between the oldest and the newest is dropped.
    """
    kept = [*seen, small_copy(frames[-1], HEIGHT_PX)]
    return kept if len(kept) <= _SEEN else [*kept[:1], *kept[1 : _SEEN // 2 + 1 : 2], *kept[_SEEN // 2 + 1 :]]


def _left_over(last: Picture, seen: Sequence[AnyPicture], known: float) -> ColourMap:
    """Return the map from a corrected take's last frame to the colours that its surfaces had when the chain began.

    It is measured against the oldest pictures that show enough of the same surfaces in the same light. A difference that content may
    explain is left, and the correction is bounded.
    """
    sample, gains = lab_small(last), _entries(known)
    witnesses: list[Pairs] = []
    for picture in seen:
        pairs = pairs_between(last, picture) if picture.shape == last.shape else None
        alone = fit_change([pairs], sample.mean(0), gains, shading=True) if pairs is not None and pairs.share >= _SAME else None
        if pairs is not None and alone is not None and alone.as_map().shift(sample) < _OTHER_LIGHT:
            witnesses.append(pairs)
        if len(witnesses) == _WITNESSES:
            break
    change = fit_change(witnesses, sample.mean(0), gains, shading=True)
    if change is None:
        return ColourMap.none()
    off, changed = change.parameters[:3], change.parameters[3:]
    doubt = _LEFT_DOUBT * np.sqrt(change.variance)
    far = float(np.linalg.norm(off))
    level = off * max(0.0, far - (1 - known) * _LEFT_LEVEL - float(np.linalg.norm(doubt[:3]))) / max(far, 1e-12)
    gain = np.sign(changed) * np.maximum(0, np.abs(changed) - (1 - known) * _LEFT_GAIN - doubt[3:])
    return _bounded(Change(np.concatenate([level, gain]), change.variance, change.centre).as_map(), sample, _MADE_GOOD)


def match_map(seen: Sequence[ColourAnchor], anchor: ColourAnchor, *, limit: float = 10.0) -> ColourMap:
    """Return one map for a whole take, from the statistics of its frames.

    It corrects the part of the difference to the anchor that content cannot explain. The frames that fit the anchor best decide: if a
    lamp goes out half way, or a person steps before the lens, the other frames still show that the colours are right. `limit` is in
    Lab units. Raises ValueError without frames.
    """
    if not seen:
        raise ValueError("a match for a take of no frames; expected at least one")
    maps = [_transfer(statistics, anchor) for statistics in seen]
    moved = [
        float(np.hypot(np.abs(np.diag(colours.gain) - 1).max() * anchor.spread[0], _moved(colours, statistics)))
        for colours, statistics in zip(maps, seen, strict=True)
    ]
    order = np.argsort(moved, kind="stable")
    # A quarter of the take is enough to decide; a single odd frame is not.
    chosen = int(order[len(order) // 4])
    share = min(1.0, limit / moved[chosen]) if moved[chosen] > 0 else 0.0
    return ColourMap.none().towards(maps[chosen], share)


def _moved(colours: ColourMap, own: ColourAnchor) -> float:
    """Return how far a map moves the mean colour, Lab units."""
    mean = np.array(own.mean)
    return float(np.linalg.norm(colours.of(mean) - mean))


def _transfer(own: ColourAnchor, anchor: ColourAnchor) -> ColourMap:
    """Transfer the spread of lightness, the mean lightness and the mean hue (Reinhard), soft-thresholded."""
    ratio = np.log((anchor.spread[0] + 1) / (own.spread[0] + 1))
    explained = np.log1p(_EXPLAINED_SPREAD)
    gain = np.diag([float(np.exp(np.sign(ratio) * max(0.0, abs(ratio) - explained))), 1.0, 1.0])
    apart = np.array(anchor.mean) - np.array(own.mean)
    level = np.sign(apart[0]) * max(0.0, abs(apart[0]) - 3 - _EXPLAINED_LEVEL * anchor.spread[0])
    far = float(np.hypot(apart[1], apart[2]))
    hue = apart[1:] * (max(0.0, far - 2 - _EXPLAINED_HUE * float(np.hypot(*anchor.spread[1:]))) / far if far else 0.0)
    mean = np.array(own.mean)
    return ColourMap(gain, mean - gain @ mean + np.array([level, *hue]))
