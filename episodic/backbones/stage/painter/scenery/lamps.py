"""Lamps and candles, and the glow they throw."""

from __future__ import annotations

from typing import Final

from episodic.backbones.stage.painter.drawings import Drawings
from episodic.backbones.stage.painter.pen import polygon
from episodic.backbones.stage.painter.sets.brush import Brush, FeaturePainter
from episodic.looks.place_kinds import Feature

__all__ = ["LAMPS", "desk_lamp", "lamp_glow"]

LAMPS: Final = Drawings[FeaturePainter]()


def lamp_glow(b: Brush, x: float, y: float, radius: float, power: float = 1.0) -> None:
    """The light around a lamp: brighter with the practicals and with the dark."""
    strength = power * (0.10 + 0.62 * b.light.dark) * (0.25 + 0.75 * b.light.practical)
    b.glow(x, y, radius, b.lit("glow", alpha=min(0.8, strength)))


@LAMPS.draws("pendant")
def pendant(b: Brush, f: Feature) -> None:
    """A lamp hanging from the ceiling."""
    x, y, w, h = f.box
    cx = x + w / 2
    high = b.look.shape.height or 3.1
    b.line([(cx, y + h), (cx, high)], 0.022, b.color("dark"))
    lamp_glow(b, cx, y, 2.3)
    b.poly([(x, y + 0.04), (x + w, y + 0.04), (cx + w * 0.16, y + h), (cx - w * 0.16, y + h)], b.color("accent2", -0.1))
    b.poly([(x, y + 0.04), (cx - w * 0.1, y + 0.04), (cx - w * 0.05, y + h), (cx - w * 0.16, y + h)], b.color("accent2", 0.15))
    b.oval(cx, y + 0.04, w / 2, 0.045, b.shining("glow", 0.3 + 0.7 * b.light.practical))


@LAMPS.draws("lamp_standing")
def lamp_standing(b: Brush, f: Feature) -> None:
    """A floor lamp with a shade."""
    x, y, w, h = f.box
    cx = x + w / 2
    lamp_glow(b, cx, y + h * 0.85, 2.4)
    b.oval(cx, y + 0.03, w * 0.35, 0.05, b.color("dark", 0.1))
    b.line([(cx, y + 0.03), (cx, y + h * 0.75)], 0.05, b.color("dark", 0.16))
    top, low = y + h, y + h * 0.74
    shine = 0.25 + 0.7 * b.light.practical * (0.35 + 0.65 * b.light.dark)
    b.fade_path(
        polygon([(x, low), (x + w, low), (x + w * 0.78, top), (x + w * 0.22, top)]),
        (cx, low),
        (cx, top),
        [b.shining("glow", shine, 0.1), b.shining("accent", shine * 0.8)],
    )


@LAMPS.draws("wall_lamp")
def wall_lamp(b: Brush, f: Feature) -> None:
    """A small bracket lamp."""
    x, y, w, h = f.box
    lamp_glow(b, x + w / 2, y + h * 0.6, 1.2)
    b.rect(x + w * 0.4, y, w * 0.2, h * 0.4, b.color("accent", -0.1))
    b.poly(
        [(x, y + h * 0.35), (x + w, y + h * 0.35), (x + w * 0.8, y + h), (x + w * 0.2, y + h)],
        b.shining("glow", 0.4 + 0.5 * b.light.practical),
    )


@LAMPS.draws("chandelier")
def chandelier(b: Brush, f: Feature) -> None:
    """A ring of candles on a chain."""
    x, y, w, h = f.box
    cx = x + w / 2
    b.line([(cx, y + h * 0.5), (cx, y + h + 2)], 0.03, b.color("accent", -0.3))
    lamp_glow(b, cx, y + h * 0.4, 2.6, 1.1)
    b.oval(cx, y + h * 0.3, w / 2, h * 0.14, b.color("accent", -0.25))
    b.oval(cx, y + h * 0.34, w * 0.46, h * 0.1, b.color("accent", 0.1))
    b.line([(x + w * 0.06, y + h * 0.34), (cx, y + h * 0.8), (x + w * 0.94, y + h * 0.34)], 0.025, b.color("accent", -0.1))
    for i in range(7):
        px = x + w * (i + 0.5) / 7
        b.rect(px - 0.025, y + h * 0.36, 0.05, h * 0.2, b.color("#f6efe0"))
        b.oval(px, y + h * 0.62, 0.035, 0.06, b.lit("glow", 0.2))


@LAMPS.draws("candelabra")
def candelabra(b: Brush, f: Feature) -> None:
    """A tall stand of candles."""
    x, y, w, h = f.box
    cx = x + w / 2
    lamp_glow(b, cx, y + h, 1.7)
    b.poly([(cx - w * 0.3, y), (cx + w * 0.3, y), (cx, y + h * 0.12)], b.color("accent", -0.3))
    b.line([(cx, y), (cx, y + h * 0.8)], 0.06, b.color("accent", -0.15))
    b.line(
        [(x, y + h * 0.8), (x + w * 0.2, y + h * 0.66), (cx, y + h * 0.6), (x + w * 0.8, y + h * 0.66), (x + w, y + h * 0.8)],
        0.05,
        b.color("accent", -0.1),
        smooth=True,
    )
    for px in (x, cx, x + w):
        b.rect(px - 0.03, y + h * 0.8, 0.06, h * 0.12, b.color("#f6efe0"))
        b.oval(px, y + h * 0.96, 0.04, 0.075, b.lit("glow", 0.2))


def desk_lamp(b: Brush, x: float, y: float) -> None:
    """A lamp with its foot at (x, y)."""
    lamp_glow(b, x + 0.1, y + 0.36, 1.5)
    b.oval(x, y + 0.03, 0.12, 0.03, b.color("accent", -0.3))
    b.line([(x, y + 0.03), (x - 0.02, y + 0.36)], 0.03, b.color("accent", -0.1))
    b.poly(
        [(x - 0.1, y + 0.36), (x + 0.24, y + 0.36), (x + 0.16, y + 0.5), (x - 0.04, y + 0.5)],
        b.shining("leaf", 0.15 + 0.35 * b.light.practical, -0.1),
    )
    b.rect(x - 0.09, y + 0.34, 0.32, 0.03, b.lit("glow", 0.1))
