"""Colours: reading, mixing, lighting and the palette of each style. Pure numbers, no drawing library.

A colour is (red, green, blue), each 0..1, in display (sRGB) values: a painter mixes what the eye sees, and flat shapes do not
need linear light. A style's palette is one transform over every colour of the picture, so that people, sets and sky agree.
"""

from __future__ import annotations

import colorsys
from collections.abc import Callable
from typing import Final, TypeAlias

from planners.plan.vocabulary import Style

__all__ = [
    "Rgb",
    "luminance",
    "mix",
    "multiply",
    "parse",
    "saturate",
    "screen",
    "shade",
    "style_color",
    "to_hex",
    "to_skia",
]

Rgb: TypeAlias = tuple[float, float, float]
"""Red, green, blue, each 0..1."""


def parse(text: str) -> Rgb:
    """`#rrggbb` as a colour. Raises ValueError for anything else."""
    digits = text.removeprefix("#")
    if len(digits) != 6:
        raise ValueError(f"expected a colour such as #c07a3e, found {text!r}")
    number = int(digits, 16)
    return ((number >> 16 & 255) / 255, (number >> 8 & 255) / 255, (number & 255) / 255)


def to_hex(rgb: Rgb) -> str:
    """A colour as `#rrggbb`."""
    return "#" + "".join(f"{_byte(channel):02x}" for channel in rgb)


def to_skia(rgb: Rgb, alpha: float = 1.0) -> int:
    """A colour as the ARGB integer that skia's paints and shaders take."""
    return _byte(alpha) << 24 | _byte(rgb[0]) << 16 | _byte(rgb[1]) << 8 | _byte(rgb[2])


def mix(a: Rgb, b: Rgb, t: float) -> Rgb:
    """`a` at t = 0, `b` at t = 1."""
    return (a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t, a[2] + (b[2] - a[2]) * t)


def multiply(a: Rgb, b: Rgb) -> Rgb:
    """A surface of colour `a` under light of colour `b`; clipped at 1."""
    return (min(1.0, a[0] * b[0]), min(1.0, a[1] * b[1]), min(1.0, a[2] * b[2]))


def screen(a: Rgb, b: Rgb) -> Rgb:
    """Light `b` added onto `a` without burning out."""
    return (1 - (1 - a[0]) * (1 - b[0]), 1 - (1 - a[1]) * (1 - b[1]), 1 - (1 - a[2]) * (1 - b[2]))


def luminance(rgb: Rgb) -> float:
    """How light a colour looks, 0..1."""
    return 0.299 * rgb[0] + 0.587 * rgb[1] + 0.114 * rgb[2]


def saturate(rgb: Rgb, factor: float) -> Rgb:
    """Away from (factor > 1) or towards (factor < 1) the grey of equal luminance."""
    grey = luminance(rgb)
    return _clip(tuple(grey + (channel - grey) * factor for channel in rgb))


def shade(rgb: Rgb, amount: float) -> Rgb:
    """Lighter (amount > 0) or darker (amount < 0), -1..1. Darkening leans to violet and lightening to cream, as paint does."""
    if amount >= 0:
        return mix(rgb, (1.0, 0.98, 0.92), amount)
    deep = (rgb[0] * 0.20 + 0.02, rgb[1] * 0.14 + 0.01, rgb[2] * 0.28 + 0.06)
    return mix(rgb, deep, -amount)


def style_color(rgb: Rgb, style: Style) -> Rgb:
    """A colour as the palette of `style` has it."""
    return _clip(_TRANSFORMS[style](rgb))


def _byte(channel: float) -> int:
    """A channel 0..1 as 0..255."""
    return min(255, max(0, round(channel * 255)))


def _clip(channels: tuple[float, ...]) -> Rgb:
    """Channels within 0..1."""
    red, green, blue = (min(1.0, max(0.0, channel)) for channel in channels)
    return (red, green, blue)


def _curve(rgb: Rgb, amount: float) -> Rgb:
    """More (amount > 0) or less contrast around the middle."""
    pivot = 0.46
    return _clip(tuple(pivot + (channel - pivot) * (1 + amount) for channel in rgb))


def _redness(rgb: Rgb) -> float:
    """0..1: how much a colour is a strong red; skin and wood are not."""
    hue, saturation, value = colorsys.rgb_to_hsv(*rgb)
    distance = min(hue, 1 - hue) * 360
    return max(0.0, min(1.0, (20 - distance) / 10)) * max(0.0, min(1.0, (saturation - 0.55) / 0.15)) * min(1.0, value * 2)


def _storybook(rgb: Rgb) -> Rgb:
    """Slightly muted, on warm paper."""
    return mix(saturate(rgb, 0.96), multiply(rgb, (1.0, 0.96, 0.86)), 0.5)


def _noir(rgb: Rgb) -> Rgb:
    """Silver greys; only strong reds keep their colour."""
    grey = luminance(rgb)
    # lifted before the curve: a dark face must keep its features
    silver = _curve(mix((grey * 0.98, grey * 0.97, grey * 0.99 + 0.012), (1.0, 1.0, 1.0), 0.1), 0.16)
    accent = mix(saturate(rgb, 1.05), (0.72, 0.06, 0.09), 0.35)
    return mix(silver, accent, 0.95 * _redness(rgb))


def _neon(rgb: Rgb) -> Rgb:
    """Strong colours in a violet night."""
    strong = saturate(rgb, 1.3)
    night = multiply(strong, (0.80, 0.74, 1.0))
    return mix(night, (0.20, 0.09, 0.40), 0.16)


def _pastel(rgb: Rgb) -> Rgb:
    """Soft and pale."""
    soft = saturate(rgb, 0.74)
    return mix(soft, (1.0, 0.93, 0.90), 0.27)


def _sitcom(rgb: Rgb) -> Rgb:
    """Bright and warm."""
    return multiply(shade(saturate(rgb, 1.1), 0.06), (1.03, 1.0, 0.94))


def _drama(rgb: Rgb) -> Rgb:
    """Skin stays warm, shadows turn to petrol, all other colours are muted."""
    grey = luminance(rgb)
    muted = saturate(rgb, 0.72)
    toned = mix(multiply(muted, (0.84, 0.96, 1.0)), multiply(muted, (1.05, 0.97, 0.86)), min(1.0, grey * 1.5))
    return _curve(multiply(toned, (0.95, 0.95, 0.95)), 0.1)


def _scifi(rgb: Rgb) -> Rgb:
    """Cool and slightly pale."""
    cool = multiply(saturate(rgb, 0.94), (0.95, 0.99, 1.04))
    return mix(cool, (0.55, 0.75, 0.90), 0.05)


def _classroom(rgb: Rgb) -> Rgb:
    """Bright, strong colours."""
    return shade(saturate(rgb, 1.16), 0.09)


_TRANSFORMS: Final[dict[Style, Callable[[Rgb], Rgb]]] = {
    "storybook": _storybook,
    "noir": _noir,
    "neon": _neon,
    "pastel": _pastel,
    "sitcom": _sitcom,
    "drama": _drama,
    "scifi": _scifi,
    "classroom": _classroom,
}
