"""Match grain and sharpness to the scene's, so that its takes look as if they came from one camera.

Grain is measured in the smooth parts of a picture, by luminance, as the fine noise that a 3 x 3 operator blind to slopes lets through
(Immerkær 1996); sharpness is the steepness of the sharpest edges. Only the difference to the scene is added or removed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

import numpy as np
from jaxtyping import Float32, Float64, UInt8

from episodic.consistency.flow import Picture, opencv

__all__ = ["GrainMatch", "GrainProfile", "middle_profile", "noise_in", "profile_of"]

BINS: Final = 4
"""Bins of luminance, equally wide."""
_LAPLACIANS: Final = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32) / 6
"""Standard deviation 1 for white noise of standard deviation 1, and 0 for any plane."""
_BLOCK_PX: Final = 16
_QUIET_SHARE: Final = 0.25
"""Share of a bin's blocks that count, the smoothest ones: the variation left in them is grain."""
_LEAST_BLOCKS: Final = 8
_SAME_NOISE: Final = 0.4
"""Steps of 255. Grain that differs by less counts as equal."""
_SAME_SHARE: Final = 0.15
"""So does grain that differs by less than this share of it."""
_SAME_SHARPNESS: Final = 0.18
"""Log ratio that content and framing alone explain. A difference a third larger is corrected completely."""
_SHARPEST: Final = 0.98
"""Quantile of steepness from which on pixels are edges of shapes. Lower ones include fine lines, which depend on the framing."""
_MOST_SHARPENING: Final = 0.8
_PER_SHARPNESS: Final = 2.5
"""Weight of the unsharp mask for each unit of sharpness, as measured on blurred film."""
_QUIET_BIAS: Final = 0.95
"""What is measured of a noise of 1: by chance the smoothest blocks have a little less grain than the others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GrainProfile:
    """The grain and sharpness of a take.

    `noise` is the standard deviation of the grain in each bin of luminance, steps of 255. `sharpness` is the log ratio of the
    steepness of the sharpest edges to their steepness in a softened copy.
    """

    noise: tuple[float, ...]
    sharpness: float

    def to_json(self) -> dict[str, list[float] | float]:
        """Return the profile as the artifact of a scene stores it."""
        return {"noise": [round(deviation, 4) for deviation in self.noise], "sharpness": round(self.sharpness, 4)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> GrainProfile:
        """Read what `to_json` returns. Raises KeyError or ValueError if it is not a profile."""
        noise = tuple(float(deviation) for deviation in data["noise"])
        if len(noise) != BINS:
            raise ValueError(f"a grain profile of {len(noise)} bins of luminance; expected {BINS}")
        return cls(noise=noise, sharpness=float(data["sharpness"]))


def profile_of(frames: Iterable[Picture]) -> GrainProfile:
    """Measure the profile of a take on some of its frames at full size. Raises ValueError without frames."""
    return middle_profile([_profile(_luma(frame)) for frame in frames])


def middle_profile(profiles: Sequence[GrainProfile]) -> GrainProfile:
    """Return the median of several profiles. Raises ValueError without profiles."""
    if not profiles:
        raise ValueError("a grain profile of no frames; expected at least one")
    noise = np.median([profile.noise for profile in profiles], 0)
    sharpness = float(np.median([profile.sharpness for profile in profiles]))
    return GrainProfile(noise=tuple(float(deviation) for deviation in noise), sharpness=sharpness)


def _profile(luma: Float32[np.ndarray, "height width"]) -> GrainProfile:
    return GrainProfile(noise=tuple(float(deviation) for deviation in _noise(luma)), sharpness=_sharpness(luma))


def noise_in(frame: Picture) -> float:
    """Measure the standard deviation of the grain, averaged over the luminances of a picture, steps of 255."""
    return float(np.mean(_noise(_luma(frame))))


def _luma(frame: Picture) -> Float32[np.ndarray, "height width"]:
    grey: Float32[np.ndarray, "height width"] = (
        opencv().cvtColor(np.ascontiguousarray(frame), opencv().COLOR_RGB2GRAY).astype(np.float32)
    )
    return grey


def _blocks(values: Float32[np.ndarray, "height width"]) -> Float32[np.ndarray, "h w"]:
    """Average over blocks of `_BLOCK_PX` pixels."""
    height, width = (max(1, n // _BLOCK_PX) for n in values.shape)
    mean: Float32[np.ndarray, "h w"] = opencv().resize(values, (width, height), interpolation=opencv().INTER_AREA)
    return mean


def _noise(luma: Float32[np.ndarray, "height width"]) -> Float64[np.ndarray, " bin"]:
    """Measure the standard deviation of the grain in each bin. A bin with too few blocks takes the value of its neighbours."""
    cv2 = opencv()
    fine = cv2.filter2D(luma, -1, _LAPLACIANS, borderType=cv2.BORDER_REFLECT_101)
    level, power = _blocks(luma).ravel(), _blocks(fine * fine).ravel()
    # A clipped block shows less grain than there is.
    usable = (level > 6) & (level < 249)
    noise = np.full(BINS, np.nan)
    for i in range(BINS):
        powers = np.sort(power[usable & (level >= i * 256 / BINS) & (level < (i + 1) * 256 / BINS)])
        if len(powers) >= _LEAST_BLOCKS:
            noise[i] = np.sqrt(np.mean(powers[: max(2, int(len(powers) * _QUIET_SHARE))]))
    known = np.flatnonzero(~np.isnan(noise))
    return np.interp(np.arange(BINS), known, noise[known]) if len(known) else np.zeros(BINS)


def _sharpness(luma: Float32[np.ndarray, "height width"]) -> float:
    """Compare the steepness of the sharpest edges to a softened copy: a measure of the lens, hardly of the content."""
    cv2 = opencv()
    soft, softer = cv2.GaussianBlur(luma, (0, 0), 0.5), cv2.GaussianBlur(luma, (0, 0), 1.5)
    fine, coarse = (
        np.hypot(cv2.Sobel(picture, cv2.CV_32F, 1, 0), cv2.Sobel(picture, cv2.CV_32F, 0, 1)) for picture in (soft, softer)
    )
    edges = coarse >= np.quantile(coarse[::2, ::2], _SHARPEST)
    return float(np.quantile(np.log((fine[edges] + 1) / (coarse[edges] + 1)), 0.9))


class GrainMatch:
    """The change from a take's own profile to another. The same seed and frame number give the same grain."""

    def __init__(self, own: GrainProfile, profile: GrainProfile, seed: int) -> None:
        self._seed = seed
        have, want = np.array(own.noise), np.array(profile.noise)
        same = np.abs(want - have) <= np.maximum(_SAME_NOISE, _SAME_SHARE * want)
        self._add = np.where(same, 0.0, np.sqrt(np.maximum(0.0, want**2 - have**2)) / _QUIET_BIAS)
        self._keep = np.where(same | (want >= have), 1.0, want / np.maximum(have, 1e-6))
        self._have = have
        blunt = profile.sharpness - own.sharpness
        self._sharpen = float(
            np.clip(_PER_SHARPNESS * blunt, -_MOST_SHARPENING, _MOST_SHARPENING)
            * np.clip(3 * (abs(blunt) / _SAME_SHARPNESS - 1), 0, 1)
        )

    @property
    def none(self) -> bool:
        """True if there is nothing to match."""
        return self._sharpen == 0 and not self._add.any() and bool((self._keep == 1).all())

    def apply(self, frame: Picture, number: int) -> Picture:
        """Match frame `number` of the take."""
        if self.none:
            return frame
        cv2 = opencv()
        luma = cv2.cvtColor(np.ascontiguousarray(frame), cv2.COLOR_RGB2GRAY)
        change = np.zeros(luma.shape, np.float32)
        if (self._keep != 1).any():
            change += self._without_grain(luma)
        if self._sharpen:
            change += self._sharpened(luma)
        if self._add.any():
            change += self._grain(luma.shape, number) * cv2.LUT(luma, _by_level(self._add))
        # Grain is of light, not of colour: it is the same in all channels.
        matched: Picture = cv2.convertScaleAbs(cv2.max(frame.astype(np.float32) + change[..., None], 0.0))
        return matched

    def _without_grain(self, luma: UInt8[np.ndarray, "height width"]) -> Float32[np.ndarray, "height width"]:
        """Return the change that removes excess grain."""
        cv2 = opencv()
        level, reach = luma.astype(np.float32), float(self._have.max())
        # Variation stronger than grain is detail, which the bilateral filter keeps (Tomasi, Manduchi 1998).
        smooth = cv2.bilateralFilter(level, 5, 4 * reach, 1.5)
        less: Float32[np.ndarray, "height width"] = (smooth - level) * cv2.LUT(luma, _by_level(1 - self._keep))
        return less

    def _sharpened(self, luma: UInt8[np.ndarray, "height width"]) -> Float32[np.ndarray, "height width"]:
        """Return the change that sharpens or softens."""
        cv2 = opencv()
        level = luma.astype(np.float32)
        fine = level - cv2.GaussianBlur(level, (0, 0), 1.2)
        # Variation below the grain is not detail, so it is not sharpened.
        amount = np.clip(np.abs(fine) / max(1.0, 3 * float(self._have.max())) - 0.5, 0, 1) if self._sharpen > 0 else np.float32(1)
        more: Float32[np.ndarray, "height width"] = self._sharpen * amount * fine
        return more

    def _grain(self, shape: tuple[int, ...], number: int) -> Float32[np.ndarray, "height width"]:
        """Draw the grain of a frame, with a standard deviation of 1."""
        digest = sha256(f"grain|{self._seed}|{number}".encode()).digest()
        return np.random.default_rng(int.from_bytes(digest[:8], "big")).standard_normal(shape, dtype=np.float32)


def _by_level(bins: Float64[np.ndarray, " bin"]) -> Float32[np.ndarray, " 256"]:
    """Interpolate values of the bins to the 256 levels of luminance."""
    centres = (np.arange(BINS) + 0.5) * 256 / BINS
    table: Float32[np.ndarray, " 256"] = np.interp(np.arange(256), centres, bins).astype(np.float32)
    return table
