"""The light of one shot: what the time of day, the weather, the key and the style do to every colour of the picture.

Sets and figures take their light from here, so that figures sit in the set. Surfaces are multiplied by a tint, pushed towards the
haze with depth and then put into the style's palette; sources (sky, lamps, screens) keep their own brightness.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import skia
from jaxtyping import Float

from episodic.backbones.request import Setting
from episodic.backbones.stage.painter.palette import Rgb, luminance, mix, multiply, saturate, style_color
from episodic.backbones.stage.painter.pen import FigureLight
from planners.plan.vocabulary import Style, TimeOfDay, Weather

__all__ = ["ShotLight", "Sky", "grade_image", "kelvin_color"]


@dataclass(frozen=True, slots=True)
class Sky:
    """A sky from the zenith to the horizon, and the colour of its sun or moon."""

    zenith: Rgb
    middle: Rgb
    horizon: Rgb
    orb: Rgb


_SKIES: Final[dict[TimeOfDay, Sky]] = {
    "dawn": Sky((0.47, 0.56, 0.74), (0.86, 0.70, 0.72), (0.99, 0.84, 0.68), (1.0, 0.93, 0.78)),
    "day": Sky((0.36, 0.60, 0.82), (0.60, 0.79, 0.89), (0.88, 0.93, 0.90), (1.0, 0.98, 0.86)),
    "dusk": Sky((0.25, 0.24, 0.47), (0.71, 0.40, 0.50), (0.98, 0.66, 0.42), (1.0, 0.76, 0.46)),
    "night": Sky((0.045, 0.07, 0.17), (0.085, 0.14, 0.28), (0.17, 0.25, 0.40), (0.94, 0.94, 0.84)),
}
_TINT_OUT: Final[dict[TimeOfDay, Rgb]] = {
    "dawn": (0.95, 0.87, 0.86),
    "day": (1.0, 0.99, 0.96),
    "dusk": (0.78, 0.60, 0.66),
    "night": (0.45, 0.52, 0.72),
}
_TINT_IN: Final[dict[TimeOfDay, Rgb]] = {
    "dawn": (0.88, 0.81, 0.82),
    "day": (0.99, 0.97, 0.94),
    "dusk": (0.79, 0.65, 0.64),
    "night": (0.60, 0.53, 0.58),
}
_OVERCAST: Final[dict[Weather, float]] = {"clear": 0.0, "rain": 0.65, "storm": 0.9, "snow": 0.55, "fog": 0.7, "wind": 0.15}
_DIM: Final[dict[Weather, float]] = {"clear": 1.0, "rain": 0.90, "storm": 0.80, "snow": 0.97, "fog": 0.93, "wind": 0.98}
_STYLE_LEVEL: Final[dict[Style, float]] = {
    "noir": 0.80,
    "neon": 0.98,
    "drama": 0.92,
    "scifi": 0.96,
    "sitcom": 1.06,
    "classroom": 1.05,
}
_STYLE_VIGNETTE: Final[dict[Style, float]] = {
    "storybook": 0.22,
    "noir": 0.42,
    "neon": 0.26,
    "pastel": 0.08,
    "sitcom": 0.10,
    "drama": 0.38,
    "scifi": 0.30,
    "classroom": 0.05,
}
_FACE_LIGHT: Final = 0.78
_GRAIN: Final[dict[Style, float]] = {"storybook": 0.055, "noir": 0.045, "drama": 0.02, "pastel": 0.02}


def kelvin_color(log2_temperature: float) -> Rgb:
    """The colour of white under a lamp of `5000 K * 2**log2_temperature`."""
    if log2_temperature < 0:
        return mix((1.0, 0.985, 0.95), (1.0, 0.66, 0.36), min(1.0, -log2_temperature / 1.5))
    return mix((1.0, 0.985, 0.95), (0.74, 0.86, 1.0), min(1.0, log2_temperature / 1.2))


@dataclass(frozen=True, slots=True, kw_only=True)
class ShotLight:
    """The light of one shot, from its setting and the mean of its LIGHT and SET channels."""

    style: Style
    time: TimeOfDay
    weather: Weather
    indoors: bool
    tint: Rgb
    """What a white surface near the camera looks like."""
    sky: Sky
    haze: Rgb
    haze_per_m: float
    key_color: Rgb
    key_x: float
    elevation: float
    intensity: float
    ambient: float
    contrast: float
    practical: float

    @classmethod
    def of(
        cls,
        setting: Setting,
        style: Style,
        light: Mapping[str, float],
        stage: Mapping[str, float],
        *,
        indoors: bool,
        air: Rgb | None = None,
        tint: Rgb | None = None,
    ) -> ShotLight:
        """The light of a setting. `light` and `stage` are the shot's mean LIGHT and SET channels.

        `air` and `tint` replace the haze of the sky and daylight if a place has its own: under water, in space, inside a body.
        """
        time, weather = setting.time, setting.weather
        intensity = _channel(light, "intensity", 0.0, 1.3)
        ambient = _channel(light, "ambient", 0.0, 1.0)
        level = _within(1 + 0.3 * (intensity - 0.8) + 0.4 * (ambient - 0.45), 0.62, 1.2)
        level *= (
            _STYLE_LEVEL.get(style, 1.0) * (1.0 if indoors else _DIM[weather]) * (0.93 if indoors and weather == "storm" else 1.0)
        )
        base = (_TINT_IN if indoors else _TINT_OUT)[time]
        if tint is not None:
            base = mix(tint, multiply(tint, base), 0.35)
        if indoors and time in ("dusk", "night") and tint is None:
            # lamps light a room at night
            base = mix(base, (0.86, 0.70, 0.52), 0.35 * _channel(stage, "practical", 0.0, 1.0))
        warm = kelvin_color(_channel(light, "log2_temperature", -2.0, 1.5))
        day_tint = multiply(base, mix((1.0, 1.0, 1.0), warm, 0.45 if indoors else 0.25))
        sky = _sky(time, weather)
        horizon = air if air is not None else mix(sky.horizon, sky.middle, 0.35)
        key = multiply(mix(base, (1.0, 1.0, 1.0), 0.30), mix((1.0, 1.0, 1.0), warm, 0.6))
        return cls(
            style=style,
            time=time,
            weather=weather,
            indoors=indoors,
            tint=_times(day_tint, level),
            sky=sky,
            haze=horizon,
            haze_per_m=(0.005 if indoors else 0.008) + 0.03 * _channel(light, "haze", 0.0, 1.0) * (0.5 if indoors else 1.0),
            key_color=_times(key, min(1.12, level + 0.06)),
            key_x=_channel(light, "azimuth", -1.0, 1.0),
            elevation=_channel(light, "elevation", 0.0, 1.0),
            intensity=intensity,
            ambient=ambient,
            contrast=_channel(light, "contrast", 0.0, 1.0),
            practical=_channel(stage, "practical", 0.0, 1.0),
        )

    @property
    def dark(self) -> float:
        """How much lamps show: 0 in full daylight, 1 at night."""
        dark = {"day": 0.0, "dawn": 0.3, "dusk": 0.6, "night": 1.0}[self.time]
        return max(dark, 0.45 if self.weather == "storm" else 0.0, 0.55 if self.style in ("noir", "neon") else 0.0)

    def surface(self, rgb: Rgb, z: float = 0.0, strength: float = 1.0) -> Rgb:
        """A surface of colour `rgb` at depth `z`, lit and styled. `strength` above 1 is nearer to a lamp."""
        lit = _times(multiply(rgb, self.tint), strength)
        far = 1 - math.exp(-self.haze_per_m * max(0.0, z - 2.0))
        return style_color(mix(lit, self.haze, far), self.style)

    def source(self, rgb: Rgb) -> Rgb:
        """The colour of something that shines by itself, styled."""
        return style_color(rgb, self.style)

    def figure(self, x_on_screen: float, depth: float, detail: float, flicker: float) -> FigureLight:
        """The light on a figure; `x_on_screen` -1..1, `depth` in metres behind the focus plane, `flicker` as in the LIGHT slot."""
        side = self.key_x * x_on_screen
        gain = 1 + 0.22 * flicker * (0.4 + self.dark) + 0.05 * side
        veil = 1 - math.exp(-self.haze_per_m * max(0.0, depth))
        key = mix(_times(self.key_color, gain), self.haze, veil * 0.6)
        # a face must be read even at night: cinema lights it a little more than the room
        level = max(luminance(key), 0.05)
        # and whiter than the room: under a blue lamp fair skin would turn to chalk
        key = mix(key, (level, level, level), 0.6)
        key = _within_white(_times(key, max(1.0, _FACE_LIGHT / max(0.2, level))))
        shade = mix((0.56, 0.52, 0.70), multiply(self.haze, (0.8, 0.8, 0.95)), 0.35)
        if self.style == "noir":
            key, shade = _silver(key), (0.34, 0.34, 0.38)
        return FigureLight(
            key_x=_snap(self.key_x),
            key_color=(_snap(key[0]), _snap(key[1]), _snap(key[2])),
            shadow_color=shade,
            ambient=self.ambient,
            rim=_within(0.2 + 0.35 * self.dark + 0.25 * self.contrast, 0.0, 0.85),
            contrast=self.contrast,
            detail=round(detail),
        )


def _within_white(rgb: Rgb) -> Rgb:
    """Never brighter than white in any channel: skin keeps its colour."""
    most = max(1.0, *rgb)
    return (rgb[0] / most, rgb[1] / most, rgb[2] / most)


def grade_image(light: ShotLight, width: int, height: int, seed: int) -> skia.Image:
    """The last pass over a frame, to be multiplied: vignette, fall-off away from the key, paper or film grain."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    u, v = x / width * 2 - 1, y / height * 2 - 1
    vignette = 1 - _STYLE_VIGNETTE[light.style] * np.clip((u * u + v * v) / 2, 0, 1) ** 1.6
    side = 0.05 + 0.15 * light.contrast
    fall = (
        1
        - side
        * np.clip(0.5 - 0.5 * u * np.sign(light.key_x or 1.0) * min(1.0, abs(light.key_x) * 1.6), 0, 1) ** 1.5
        * abs(light.key_x) ** 0.5
    )
    value = vignette * fall * _grain(light.style, width, height, seed)
    shade = np.array(_vignette_color(light), np.float32)
    rgb = 1 - (1 - value[..., None]) * (1 - shade)
    frame = np.full((height, width, 4), 255, np.uint8)
    frame[..., :3] = np.clip(rgb[..., ::-1] * 255 + 0.5, 0, 255).astype(np.uint8)
    picture = skia.Image.fromarray(frame, colorType=skia.ColorType.kBGRA_8888_ColorType)
    # a snapshot of a surface is premultiplied, which skia multiplies five times as quickly
    surface = skia.Surface(skia.ImageInfo.MakeN32Premul(width, height))
    surface.getCanvas().drawImage(picture, 0, 0)
    return surface.makeImageSnapshot()


def _grain(style: Style, width: int, height: int, seed: int) -> Float[np.ndarray, "height width"] | float:
    """The factor of paper or film grain at each pixel."""
    amount = _GRAIN.get(style, 0.0)
    if not amount:
        return 1.0
    random = np.random.default_rng(seed)
    fine: Float[np.ndarray, "height width"] = random.standard_normal((height, width), np.float32)
    fine = (fine + np.roll(fine, 1, 0) + np.roll(fine, 1, 1) + np.roll(fine, (1, 1), (0, 1))) / 2
    cells = random.standard_normal((height // 6 + 2, width // 6 + 2), np.float32)
    coarse: Float[np.ndarray, "height width"] = np.kron(cells, np.ones((6, 6), np.float32))[:height, :width]
    noise = fine * 0.4 + (coarse + np.roll(coarse, 3, 0) + np.roll(coarse, 3, 1)) * 0.15
    grain: Float[np.ndarray, "height width"] = 1 - amount * np.clip(0.5 + 0.5 * noise, 0, 1.6)
    return grain


def _vignette_color(light: ShotLight) -> Rgb:
    """The colour of white in the darkest corner: vignettes lean to the hue of the shade, never to grey."""
    if light.style == "noir":
        return (0.0, 0.0, 0.01)
    return (0.10, 0.04, 0.16) if light.time in ("dusk", "night") else (0.20, 0.12, 0.14)


def _sky(time: TimeOfDay, weather: Weather) -> Sky:
    """The sky at a time of day under this weather."""
    clear, cover = _SKIES[time], _OVERCAST[weather]
    dim = 0.55 if weather == "storm" else 0.86 if weather == "rain" else 1.0

    def under(rgb: Rgb, lift: float) -> Rgb:
        grey = luminance(rgb)
        cloud = mix((grey, grey, grey * 1.05), (0.72, 0.75, 0.80), 0.35 if time in ("day", "dawn") else 0.06)
        return _times(mix(rgb, cloud, cover), 1 - (1 - dim) * lift)

    return Sky(under(clear.zenith, 1.0), under(clear.middle, 1.0), under(clear.horizon, 0.8), clear.orb)


def _silver(rgb: Rgb) -> Rgb:
    """A colour with little saturation left, as on noir film."""
    return saturate(rgb, 0.12)


def _times(rgb: Rgb, factor: float) -> Rgb:
    """A colour times a factor, no brighter than 1."""
    return (min(1.0, rgb[0] * factor), min(1.0, rgb[1] * factor), min(1.0, rgb[2] * factor))


def _channel(channels: Mapping[str, float], name: str, low: float, high: float) -> float:
    """The value of a channel within `low`..`high`."""
    return _within(channels[name], low, high)


def _within(value: float, low: float, high: float) -> float:
    """The value within `low`..`high`; `low` if it is not a number."""
    return low if not value >= low else high if value > high else value


def _snap(value: float) -> float:
    """The value rounded to 1/32, so that a figure keeps its mixed colours while the light only trembles."""
    return round(value * 32) / 32
