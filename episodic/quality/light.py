"""The light of a take, measured from pixels: ambient, key direction, exposure, colour temperature.

Where a backbone puts a light probe onto its set (`Sight.probe`: a matt grey ball, as film crews hold one up), all of it comes from
the ball: its radiance is `ambient + key * max(0, n.l)` (Lambert), so that a linear fit over the surface's normals gives the ambient
term and the direction towards the key. Otherwise it is estimated from the frame: ambient by grey world (Buchsbaum 1980), direction
by the slope of luminance over the figures and the set (the side of it only; height is not known).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from jaxtyping import Bool, Float64, UInt8

from episodic.backbones.take import Sight
from episodic.colour import WHITE_XYZ, delta_e_2000, lab_of, linear_of, xyz_of

__all__ = [
    "LIGHT_METHOD",
    "MeasuredLight",
    "ambient_difference",
    "delta_e_2000",
    "direction_difference",
    "light_of",
    "light_of_take",
    "temperature_of",
    "white_of",
]

LIGHT_METHOD: Final = "light-1"
"""Changes whenever the same pixels would give another measure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredLight:
    """The light of a frame or a take."""

    ambient_lab: tuple[float, float, float]
    """What a matt 50 % grey looks like out of the key, CIELAB."""
    ambient_xyz: tuple[float, float, float]
    key_lab: tuple[float, float, float]
    """The same grey facing the key."""
    azimuth_deg: float
    """Where the key stands: -90 the picture's left, 0 before the subject, 90 its right."""
    elevation_deg: float
    """0 level, 90 overhead."""
    exposure_ev: float
    """Mean luminance of the frame in stops about 18 % grey."""
    temperature_k: float
    """Correlated colour temperature of the key."""
    from_probe: bool

    def to_json(self) -> dict[str, Any]:
        """For a survey."""
        lists = {name: [round(one, 4) for one in getattr(self, name)] for name in ("ambient_lab", "ambient_xyz", "key_lab")}
        numbers = ("azimuth_deg", "elevation_deg", "exposure_ev", "temperature_k")
        return {**lists, **{name: round(getattr(self, name), 3) for name in numbers}, "from_probe": self.from_probe}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> MeasuredLight:
        """Inverse of `to_json`. Raises KeyError for what is not one."""
        a, x, k = (tuple(float(v) for v in data[name]) for name in ("ambient_lab", "ambient_xyz", "key_lab"))
        return cls(
            ambient_lab=(a[0], a[1], a[2]),
            ambient_xyz=(x[0], x[1], x[2]),
            key_lab=(k[0], k[1], k[2]),
            azimuth_deg=float(data["azimuth_deg"]),
            elevation_deg=float(data["elevation_deg"]),
            exposure_ev=float(data["exposure_ev"]),
            temperature_k=float(data["temperature_k"]),
            from_probe=bool(data["from_probe"]),
        )


def light_of_take(sights: Sequence[Sight]) -> MeasuredLight:
    """The light of a take: the median of its frames, so that a stroke of lightning is not the light. Raises ValueError for none."""
    if not sights:
        raise ValueError("the light of no frames at all")
    found = [light_of(one) for one in sights]
    ambient, key = (np.median([getattr(one, name) for one in found], axis=0) for name in ("ambient_lab", "key_lab"))
    xyz = np.median([one.ambient_xyz for one in found], axis=0)
    aim = np.sum([_toward(one.azimuth_deg, one.elevation_deg) for one in found], axis=0)
    azimuth, elevation = _angles(aim)
    return MeasuredLight(
        ambient_lab=(float(ambient[0]), float(ambient[1]), float(ambient[2])),
        ambient_xyz=(float(xyz[0]), float(xyz[1]), float(xyz[2])),
        key_lab=(float(key[0]), float(key[1]), float(key[2])),
        azimuth_deg=azimuth,
        elevation_deg=elevation,
        exposure_ev=float(np.median([one.exposure_ev for one in found])),
        temperature_k=float(np.median([one.temperature_k for one in found])),
        from_probe=all(one.from_probe for one in found),
    )


def light_of(sight: Sight) -> MeasuredLight:
    """The light of one frame."""
    luminance = xyz_of(sight.picture[::2, ::2])[..., 1]
    exposure = math.log2(max(float(luminance.mean()), 1e-4) / 0.18)
    dark, lit, aim = _of_ball(sight.probe) if sight.probe is not None else _of_frame(sight.picture)
    azimuth, elevation = _angles(aim)
    xyz = xyz_of(dark)
    a, k = lab_of(dark), lab_of(lit)
    return MeasuredLight(
        ambient_lab=(float(a[0]), float(a[1]), float(a[2])),
        ambient_xyz=(float(xyz[0]), float(xyz[1]), float(xyz[2])),
        key_lab=(float(k[0]), float(k[1]), float(k[2])),
        azimuth_deg=azimuth,
        elevation_deg=elevation,
        exposure_ev=exposure,
        temperature_k=temperature_of(lit),
        from_probe=sight.probe is not None,
    )


def white_of(sight: Sight) -> Float64[np.ndarray, " 3"] | None:
    """What white looks like in the light on the performers, sRGB 0..1: the probe's card; None without a probe."""
    if sight.probe is None:
        return None
    card = sight.probe[:, sight.probe.shape[1] // 2 :]
    white: Float64[np.ndarray, " 3"] = np.median(card.reshape(-1, 3), axis=0) / 255
    return white


_Rgb = Float64[np.ndarray, " 3"]


def _of_ball(probe: UInt8[np.ndarray, "height width 3"]) -> tuple[_Rgb, _Rgb, Float64[np.ndarray, " 3"]]:
    """(colour out of the key, colour facing it, direction towards it) of the ball on the left half of a probe; sRGB 0..1."""
    size = probe.shape[0]
    ball = probe[:, :size].astype(np.float64) / 255
    normals, inside = _normals(size)
    brightness = ball.sum(2)
    points, values = normals[inside], brightness[inside]
    lit = values > np.quantile(values, 0.45)
    aim = np.zeros(3)
    # which part is in the key follows from where the key is, and the other way round: three rounds settle it
    for _ in range(3):
        design = np.concatenate([points[lit], np.ones((int(lit.sum()), 1))], 1)
        solution = np.linalg.lstsq(design, values[lit], rcond=None)[0]
        aim = solution[:3] / max(float(np.linalg.norm(solution[:3])), 1e-9)
        facing = points @ aim
        if (facing > 0.08).sum() < 12:
            break
        lit = facing > 0.08
    facing = points @ aim
    pixels = ball[inside]
    shaded = pixels[facing <= min(0.0, float(np.quantile(facing, 0.05)) + 1e-9)]
    share = np.clip(facing, 0, None)[:, None]
    design = np.concatenate([share, np.ones_like(share)], 1)
    slope, level = np.linalg.lstsq(design, pixels, rcond=None)[0]
    dark = np.median(shaded, axis=0) if len(shaded) >= 12 else level
    return np.clip(dark, 0, 1), np.clip(level + slope, 0, 1), aim


def _normals(size: int) -> tuple[Float64[np.ndarray, "height width 3"], Bool[np.ndarray, "height width"]]:
    """The normals of a ball that fills a square, x right, y up, z to the camera, and where it is, its very edge left out."""
    y, x = (np.mgrid[0:size, 0:size] + 0.5) / size * 2 - 1
    squared = x * x + y * y
    return np.stack([x, -y, np.sqrt(np.maximum(0, 1 - squared))], -1), squared < 0.95


def _of_frame(picture: UInt8[np.ndarray, "height width 3"]) -> tuple[_Rgb, _Rgb, Float64[np.ndarray, " 3"]]:
    """As `_of_ball`, estimated from a whole frame."""
    small = picture[::4, ::4]
    pixels = small.reshape(-1, 3).astype(np.float64) / 255
    level = pixels.sum(1)
    dark = pixels[level <= np.quantile(level, 0.5)].mean(0)
    lit = pixels[level >= np.quantile(level, 0.75)].mean(0)
    light = linear_of(small).mean(2)
    x = np.linspace(-1, 1, light.shape[1])
    slope = float((light.mean(0) * x).sum() / max(float((x * x).sum()) * float(light.mean()), 1e-9))
    side = math.tanh(3 * slope)
    return dark, lit, np.array([side, 0.0, math.sqrt(max(0.0, 1 - side * side))])


def temperature_of(rgb: Float64[np.ndarray, " 3"]) -> float:
    """Correlated colour temperature in kelvin, 1500..20000, of an sRGB colour (McCamy 1992). Black counts as white."""
    x, y, z = xyz_of(rgb) if float(np.sum(rgb)) > 0 else WHITE_XYZ
    total = x + y + z
    n = (x / total - 0.3320) / (0.1858 - y / total)
    return float(np.clip(449 * n**3 + 3525 * n**2 + 6823.3 * n + 5520.33, 1500, 20000))


def _toward(azimuth_deg: float, elevation_deg: float) -> Float64[np.ndarray, " 3"]:
    azimuth, elevation = math.radians(azimuth_deg), math.radians(elevation_deg)
    return np.array([math.cos(elevation) * math.sin(azimuth), math.sin(elevation), math.cos(elevation) * math.cos(azimuth)])


def _angles(aim: Float64[np.ndarray, " 3"]) -> tuple[float, float]:
    length = max(float(np.linalg.norm(aim)), 1e-9)
    return math.degrees(math.atan2(aim[0], aim[2])), math.degrees(math.asin(max(-1.0, min(1.0, float(aim[1]) / length))))


def ambient_difference(one: MeasuredLight, other: MeasuredLight) -> float:
    """CIEDE2000 between two ambient colours."""
    return float(delta_e_2000(np.array(one.ambient_lab), np.array(other.ambient_lab)))


def direction_difference(one: MeasuredLight, other: MeasuredLight) -> float:
    """The angle between two key directions, degrees."""
    a, b = (_toward(light.azimuth_deg, light.elevation_deg) for light in (one, other))
    # better than acos for small angles
    return math.degrees(math.atan2(float(np.linalg.norm(np.cross(a, b))), float(a @ b)))
