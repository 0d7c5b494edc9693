"""The light of a take, measured from pixels: ambient, key direction, exposure, colour temperature.

If a backbone puts a light probe on its set (`Sight.probe`: a matt grey ball, as film crews use), everything is measured on the ball: its
radiance is `ambient + key * max(0, n.l)` (Lambert), so a linear fit over the surface's normals gives the ambient term and the direction
towards the key. Without a probe the light is estimated from the frame: ambient by grey world (Buchsbaum 1980), direction by the slope of
luminance across the picture (its side only; its height is unknown).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from jaxtyping import Bool, Float64, UInt8
from pydantic import TypeAdapter

from episodic.backbones.take import Sight
from episodic.colour import WHITE_XYZ, delta_e_2000, lab_of, linear_of, xyz_of
from memory.model.facts import FactValue

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
"""Changes whenever the same pixels would give a different measurement."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredLight:
    """The light of a frame or a take."""

    ambient_lab: tuple[float, float, float]
    """A matt 50 % grey outside the key light, CIELAB."""
    ambient_xyz: tuple[float, float, float]
    key_lab: tuple[float, float, float]
    """The same grey facing the key light."""
    azimuth_deg: float
    """Direction of the key light: -90 left in the picture, 0 in front of the subject, 90 right."""
    elevation_deg: float
    """0 level, 90 overhead."""
    exposure_ev: float
    """Mean luminance of the frame in stops relative to 18 % grey."""
    temperature_k: float
    """Correlated colour temperature of the key."""
    from_probe: bool
    """Whether it was measured on a light probe; False: estimated from the frame."""

    def to_json(self) -> dict[str, FactValue]:
        """The light as JSON, as a survey stores it: colours to four decimals, other numbers to three."""
        colours = (("ambient_lab", self.ambient_lab), ("ambient_xyz", self.ambient_xyz), ("key_lab", self.key_lab))
        return {
            **{name: [round(channel, 4) for channel in colour] for name, colour in colours},
            "azimuth_deg": round(self.azimuth_deg, 3),
            "elevation_deg": round(self.elevation_deg, 3),
            "exposure_ev": round(self.exposure_ev, 3),
            "temperature_k": round(self.temperature_k, 3),
            "from_probe": self.from_probe,
        }

    @classmethod
    def from_json(cls, data: object) -> MeasuredLight:
        """Inverse of `to_json`. Raises ValueError for a value of another shape."""
        return _STORED_LIGHT.validate_python(data)


_STORED_LIGHT: Final = TypeAdapter(MeasuredLight)


def light_of_take(sights: Sequence[Sight]) -> MeasuredLight:
    """The light of a take: the median of its frames, so that lightning in one of them does not count. Raises ValueError without frames."""
    if not sights:
        raise ValueError("the light of a take was asked for with no frames; expected at least one")
    lights = [light_of(sight) for sight in sights]
    ambient = np.median([light.ambient_lab for light in lights], axis=0)
    key = np.median([light.key_lab for light in lights], axis=0)
    xyz = np.median([light.ambient_xyz for light in lights], axis=0)
    aim = np.sum([_unit_direction(light.azimuth_deg, light.elevation_deg) for light in lights], axis=0)
    azimuth, elevation = _angles(aim)
    return MeasuredLight(
        ambient_lab=(float(ambient[0]), float(ambient[1]), float(ambient[2])),
        ambient_xyz=(float(xyz[0]), float(xyz[1]), float(xyz[2])),
        key_lab=(float(key[0]), float(key[1]), float(key[2])),
        azimuth_deg=azimuth,
        elevation_deg=elevation,
        exposure_ev=float(np.median([light.exposure_ev for light in lights])),
        temperature_k=float(np.median([light.temperature_k for light in lights])),
        from_probe=all(light.from_probe for light in lights),
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
    """White in the light on the performers, sRGB 0..1, read from the probe's card; None without a probe."""
    if sight.probe is None:
        return None
    card = sight.probe[:, sight.probe.shape[1] // 2 :]
    white: Float64[np.ndarray, " 3"] = np.median(card.reshape(-1, 3), axis=0) / 255
    return white


_Rgb = Float64[np.ndarray, " 3"]


def _of_ball(probe: UInt8[np.ndarray, "height width 3"]) -> tuple[_Rgb, _Rgb, Float64[np.ndarray, " 3"]]:
    """The colour outside the key light, the colour facing it (both sRGB 0..1) and the direction towards it, from the ball on the probe's left half."""
    size = probe.shape[0]
    ball = probe[:, :size].astype(np.float64) / 255
    normals, inside = _normals(size)
    brightness = ball.sum(2)
    points, values = normals[inside], brightness[inside]
    lit = values > np.quantile(values, 0.45)
    aim = np.zeros(3)
    # the lit part depends on the direction of the key and the direction on the lit part: three rounds converge
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
    """The normals of a ball that fills a square (x right, y up, z to the camera), and the mask of its pixels without the rim."""
    y, x = (np.mgrid[0:size, 0:size] + 0.5) / size * 2 - 1
    squared = x * x + y * y
    return np.stack([x, -y, np.sqrt(np.maximum(0, 1 - squared))], -1), squared < 0.95


def _of_frame(picture: UInt8[np.ndarray, "height width 3"]) -> tuple[_Rgb, _Rgb, Float64[np.ndarray, " 3"]]:
    """Like `_of_ball`, estimated from a whole frame."""
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


def _unit_direction(azimuth_deg: float, elevation_deg: float) -> Float64[np.ndarray, " 3"]:
    azimuth, elevation = math.radians(azimuth_deg), math.radians(elevation_deg)
    return np.array([math.cos(elevation) * math.sin(azimuth), math.sin(elevation), math.cos(elevation) * math.cos(azimuth)])


def _angles(aim: Float64[np.ndarray, " 3"]) -> tuple[float, float]:
    """Azimuth and elevation of a direction, degrees."""
    length = max(float(np.linalg.norm(aim)), 1e-9)
    return math.degrees(math.atan2(aim[0], aim[2])), math.degrees(math.asin(max(-1.0, min(1.0, float(aim[1]) / length))))


def ambient_difference(first: MeasuredLight, second: MeasuredLight) -> float:
    """CIEDE2000 between two ambient colours."""
    return float(delta_e_2000(np.array(first.ambient_lab), np.array(second.ambient_lab)))


def direction_difference(first: MeasuredLight, second: MeasuredLight) -> float:
    """The angle between two key directions, degrees."""
    a, b = (_unit_direction(light.azimuth_deg, light.elevation_deg) for light in (first, second))
    # more exact than acos for small angles
    return math.degrees(math.atan2(float(np.linalg.norm(np.cross(a, b))), float(a @ b)))
