"""Colour as eyes see it: sRGB to XYZ and CIELAB (D65, 2 degree observer), and the CIEDE2000 difference."""

from __future__ import annotations

from typing import Final

import numpy as np
from jaxtyping import Float, Float64, UInt8

__all__ = ["WHITE_XYZ", "delta_e_2000", "lab_of", "linear_of", "xyz_of"]

_RGB_TO_XYZ: Final = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
"""IEC 61966-2-1."""
WHITE_XYZ: Final = _RGB_TO_XYZ.sum(1)
"""XYZ of sRGB's white, D65."""


def linear_of(rgb: UInt8[np.ndarray, "*shape 3"] | Float[np.ndarray, "*shape 3"]) -> Float64[np.ndarray, "*shape 3"]:
    """Linear light, 0..1, of sRGB values: integers 0..255 or floats 0..1."""
    value = np.asarray(rgb)
    share = value.astype(np.float64) / 255 if value.dtype.kind in "ui" else np.clip(value.astype(np.float64), 0, 1)
    linear: Float64[np.ndarray, "*shape 3"] = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    return linear


def xyz_of(rgb: UInt8[np.ndarray, "*shape 3"] | Float[np.ndarray, "*shape 3"]) -> Float64[np.ndarray, "*shape 3"]:
    """CIE XYZ, Y = 1 for white, of sRGB values."""
    xyz: Float64[np.ndarray, "*shape 3"] = linear_of(rgb) @ _RGB_TO_XYZ.T
    return xyz


def lab_of(rgb: UInt8[np.ndarray, "*shape 3"] | Float[np.ndarray, "*shape 3"]) -> Float64[np.ndarray, "*shape 3"]:
    """CIELAB of sRGB values: L* 0..100, a* to red, b* to yellow."""
    ratio = xyz_of(rgb) / WHITE_XYZ
    f = np.where(ratio > (6 / 29) ** 3, np.cbrt(ratio), ratio * (29 / 6) ** 2 / 3 + 4 / 29)
    return np.stack([116 * f[..., 1] - 16, 500 * (f[..., 0] - f[..., 1]), 200 * (f[..., 1] - f[..., 2])], -1)


def delta_e_2000(
    first: Float[np.ndarray, "*#shape 3"], second: Float[np.ndarray, "*#shape 3"]
) -> Float64[np.ndarray, ...] | np.float64:
    """CIEDE2000 between CIELAB colours, kL = kC = kH = 1; about 1 is what a trained eye just sees.

    After Sharma, Wu, Dalal: The CIEDE2000 color-difference formula: implementation notes, supplementary test data, and mathematical
    observations. Color Research and Application 30 (2005).
    """
    l1, a1, b1 = np.moveaxis(np.asarray(first, np.float64), -1, 0)
    l2, a2, b2 = np.moveaxis(np.asarray(second, np.float64), -1, 0)
    seventh = ((np.hypot(a1, b1) + np.hypot(a2, b2)) / 2) ** 7
    stretch = 1.5 - 0.5 * np.sqrt(seventh / (seventh + 25.0**7))
    a1, a2 = a1 * stretch, a2 * stretch
    c1, c2 = np.hypot(a1, b1), np.hypot(a2, b2)
    h1, h2 = (np.degrees(np.arctan2(b, a)) % 360 for a, b in ((a1, b1), (a2, b2)))
    grey = c1 * c2 == 0
    turn = np.where(grey, 0, (h2 - h1 + 180) % 360 - 180)
    # at exactly half a turn the paper keeps +180
    turn = np.where(~grey & (h2 - h1 == 180), 180, turn)
    far = np.abs(h1 - h2) > 180
    total = h1 + h2
    hue = np.where(grey, total, np.where(~far, total / 2, np.where(total < 360, total / 2 + 180, total / 2 - 180)))
    dl, dc, dh = l2 - l1, c2 - c1, 2 * np.sqrt(c1 * c2) * np.sin(np.radians(turn) / 2)
    level, chroma = (l1 + l2) / 2, (c1 + c2) / 2
    t = (
        1
        - 0.17 * np.cos(np.radians(hue - 30))
        + 0.24 * np.cos(np.radians(2 * hue))
        + 0.32 * np.cos(np.radians(3 * hue + 6))
        - 0.20 * np.cos(np.radians(4 * hue - 63))
    )
    sl = 1 + 0.015 * (level - 50) ** 2 / np.sqrt(20 + (level - 50) ** 2)
    sc, sh = 1 + 0.045 * chroma, 1 + 0.015 * chroma * t
    rc = 2 * np.sqrt(chroma**7 / (chroma**7 + 25.0**7))
    rt = -np.sin(np.radians(60 * np.exp(-(((hue - 275) / 25) ** 2)))) * rc
    squared = (dl / sl) ** 2 + (dc / sc) ** 2 + (dh / sh) ** 2 + rt * (dc / sc) * (dh / sh)
    difference: Float64[np.ndarray, "*shape"] = np.sqrt(np.maximum(squared, 0))
    return difference
