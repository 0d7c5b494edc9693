"""Furniture and fittings, each two or three tones of one colour with the light from above and the key's side."""

from __future__ import annotations

import math
from typing import Final

import skia

from episodic.backbones.stage.painter.drawings import Drawings
from episodic.backbones.stage.painter.palette import to_skia
from episodic.backbones.stage.painter.pen import polygon
from episodic.backbones.stage.painter.scenery.lamps import desk_lamp, lamp_glow
from episodic.backbones.stage.painter.sets.brush import Brush, FeaturePainter
from episodic.looks.place_kinds import Feature

__all__ = ["FURNITURE", "block"]


FURNITURE: Final = Drawings[FeaturePainter]()


def block(b: Brush, x: float, y: float, w: float, h: float, color: str, tone: float = 0.0) -> None:
    """A block: a front, a light top edge and a shaded side away from the key."""
    b.rect(x, y, w, h, b.color(color, tone))
    side = w * 0.16
    b.rect(x + w - side if b.light.key_x < 0 else x, y, side, h, b.color(color, tone - 0.2))
    b.rect(x, y + h - min(0.05, h * 0.12), w, min(0.05, h * 0.12), b.color(color, tone + 0.2))


@FURNITURE.draws("shelves")
def shelves(b: Brush, f: Feature) -> None:
    """Shelves of books or jars."""
    x, y, w, h = f.box
    random = b.look.random(f.seed)
    b.rect(x - 0.08, y, w + 0.16, h + 0.08, b.color("wood", -0.08))
    b.rect(x, y + 0.05, w, h - 0.05, b.color("wood", -0.48))
    rows = max(2, round(h / 0.5))
    step = h / rows
    inks = ("cloth", "accent", "accent2", "leaf", "trim", "wood")
    jars = f.items == "jars"
    for j in range(rows):
        base = y + j * step + 0.06
        xx = x + 0.05
        while xx < x + w - 0.12:
            if jars:
                ww, hh = float(random.uniform(0.16, 0.26)), step * float(random.uniform(0.35, 0.62))
                if random.random() < 0.75:
                    b.round_rect(xx, base, ww, hh, 0.04, b.color(inks[int(random.integers(5))], 0.05))
                    b.rect(xx + ww * 0.15, base + hh, ww * 0.7, 0.04, b.color("metal", 0.1))
                    b.rect(xx + ww * 0.14, base + 0.03, ww * 0.16, hh * 0.8, to_skia((1, 1, 1), 0.22))
                xx += ww + 0.06
            else:
                ww, hh = float(random.uniform(0.06, 0.13)), step * float(random.uniform(0.58, 0.82))
                if random.random() < 0.86:
                    ink = inks[int(random.integers(6))]
                    b.rect(xx, base, ww - 0.008, hh, b.color(ink, float(random.uniform(-0.28, -0.02))))
                    b.rect(xx, base + hh * 0.72, ww - 0.008, 0.025, b.color(ink, 0.25))
                    xx += ww
                else:
                    xx += float(random.uniform(0.12, 0.3))
        b.rect(x, base - 0.06, w, 0.06, b.color("wood", 0.08))
        b.rect(x, base + step - 0.15, w, 0.09, to_skia((0.05, 0.02, 0.08), 0.22))
    b.rect(x - 0.12, y + h + 0.04, w + 0.24, 0.08, b.color("wood", 0.14))


@FURNITURE.draws("painting")
def painting(b: Brush, f: Feature) -> None:
    """A framed landscape."""
    x, y, w, h = f.box
    b.rect(x + 0.04, y - 0.05, w, h, to_skia((0.05, 0.02, 0.08), 0.25))
    b.rect(x, y, w, h, b.color("accent", -0.3))
    b.rect(x + 0.02, y + 0.03, w - 0.05, h - 0.05, b.color("accent", -0.05))
    b.rect(x + 0.08, y + 0.08, w - 0.16, h - 0.16, b.color("accent2", 0.45))
    b.clip(polygon([(x + 0.08, y + 0.08), (x + w - 0.08, y + 0.08), (x + w - 0.08, y + h - 0.08), (x + 0.08, y + h - 0.08)]))
    b.oval(x + w * 0.68, y + h * 0.66, h * 0.1, h * 0.1, b.color("glow", 0.2))
    b.blob(
        [(x, y), (x, y + h * 0.42), (x + w * 0.35, y + h * 0.6), (x + w * 0.7, y + h * 0.36), (x + w, y + h * 0.5), (x + w, y)],
        b.color("accent2", -0.05),
    )
    b.blob([(x, y), (x, y + h * 0.26), (x + w * 0.5, y + h * 0.2), (x + w, y + h * 0.36), (x + w, y)], b.color("leaf", 0.0))
    b.unclip()


@FURNITURE.draws("clock")
def clock(b: Brush, f: Feature) -> None:
    """A wall clock."""
    x, y, w, h = f.box
    cx, cy, r = x + w / 2, y + h / 2, min(w, h) / 2
    b.oval(cx + 0.03, cy - 0.04, r, r, to_skia((0.05, 0.02, 0.08), 0.25))
    b.oval(cx, cy, r, r, b.color("wood", -0.15))
    b.oval(cx, cy, r * 0.84, r * 0.84, b.color("#f4ead2"))
    for k in range(12):
        a = k * math.pi / 6
        b.oval(cx + r * 0.68 * math.sin(a), cy + r * 0.68 * math.cos(a), r * 0.05, r * 0.05, b.color("dark"))
    b.line([(cx, cy), (cx + r * 0.3, cy + r * 0.32)], r * 0.1, b.color("dark"))
    b.line([(cx, cy), (cx - r * 0.2, cy + r * 0.58)], r * 0.07, b.color("dark"))


@FURNITURE.draws("barometer")
def barometer(b: Brush, f: Feature) -> None:
    """A brass dial on a board."""
    x, y, w, h = f.box
    b.round_rect(x, y, w, h, w * 0.4, b.color("wood", -0.1))
    b.oval(x + w / 2, y + h * 0.62, w * 0.38, w * 0.38, b.color("accent", 0.1))
    b.oval(x + w / 2, y + h * 0.62, w * 0.3, w * 0.3, b.color("#f4ead2"))
    b.line([(x + w / 2, y + h * 0.62), (x + w * 0.68, y + h * 0.76)], 0.025, b.color("dark"))


@FURNITURE.draws("counter")
def counter(b: Brush, f: Feature) -> None:
    """A counter with cupboard fronts."""
    x, y, w, h = f.box
    front = "wood" if f.front == "panels" else "accent2"
    b.rect(x, y + 0.1, w, h - 0.1, b.color(front, -0.08))
    b.rect(x + 0.05, y, w - 0.1, 0.1, b.color("dark"))
    count = max(2, round(w / 0.72))
    for i in range(count):
        px = x + w * i / count
        b.rect(px + 0.05, y + 0.17, w / count - 0.1, h - 0.36, b.color(front, -0.26))
        b.rect(px + 0.07, y + 0.17, w / count - 0.12, h - 0.38, b.color(front, 0.04))
        b.oval(px + w / count * 0.82, y + h * 0.6, 0.025, 0.025, b.color("accent", 0.1))
    b.rect(x - 0.06, y + h - 0.09, w + 0.12, 0.1, b.color("trim" if front != "wood" else "wood", 0.14))
    b.rect(x - 0.06, y + h - 0.12, w + 0.12, 0.03, b.color("dark", alpha=0.45))


@FURNITURE.draws("fireplace")
def fireplace(b: Brush, f: Feature) -> None:
    """A hearth with a mantel."""
    x, y, w, h = f.box
    cx = x + w / 2
    b.rect(x + w * 0.1, y + h, w * 0.8, 3.0, b.color("wall", -0.1))
    b.rect(x, y, w, h, b.color("trim", -0.06))
    b.rect(x, y, w * 0.13, h, b.color("trim", -0.18))
    b.rect(x + w * 0.87, y, w * 0.13, h, b.color("trim", -0.18))
    b.flat(
        skia.Path.RRect(skia.RRect.MakeRectXY(skia.Rect.MakeLTRB(x + w * 0.2, y - 0.3, x + w * 0.8, y + h * 0.72), 0.2, 0.2)),
        b.lit("#24130f"),
    )
    warm = 0.35 + 0.5 * b.light.dark
    b.glow(cx, y + h * 0.25, w * 1.1, b.lit("#ff9a4a", alpha=warm * 0.5))
    b.glow(cx, y + h * 0.15, w * 0.32, b.lit("#ffb050", alpha=0.9), squash=0.8)
    for k, (dx, hh) in enumerate(((-0.1, 0.3), (0.02, 0.46), (0.12, 0.26))):
        b.blob(
            [(cx + dx * w - 0.09, y + 0.06), (cx + dx * w + 0.09, y + 0.06), (cx + dx * w + 0.02, y + 0.06 + hh)],
            b.lit(("#ff8a2c", "#ffc94f", "#ff9f40")[k]),
        )
    b.line([(cx - 0.3, y + 0.07), (cx + 0.28, y + 0.1)], 0.09, b.color("wood", -0.35))
    b.rect(x - 0.14, y + h - 0.06, w + 0.28, 0.13, b.color("wood", -0.02))
    b.rect(x - 0.14, y + h - 0.1, w + 0.28, 0.04, b.color("wood", -0.4))
    for dx, hh in ((0.12, 0.22), (0.86, 0.3)):
        b.round_rect(x + w * dx - 0.06, y + h + 0.07, 0.12, hh, 0.05, b.color("accent2", 0.05))


@FURNITURE.draws("sofa", "armchair")
def sofa(b: Brush, f: Feature) -> None:
    """An armchair or a sofa, as wide as the feature."""
    x, y, w, h = f.box
    b.rect(x + 0.08, y, 0.08, 0.14, b.color("dark"))
    b.rect(x + w - 0.16, y, 0.08, 0.14, b.color("dark"))
    b.round_rect(x + w * 0.08, y + 0.2, w * 0.84, h - 0.2, 0.2, b.color("cloth", -0.16))
    b.round_rect(x + w * 0.14, y + h * 0.42, w * 0.72, h * 0.5, 0.14, b.color("cloth", 0.04))
    b.round_rect(x + w * 0.12, y + h * 0.26, w * 0.76, h * 0.24, 0.09, b.color("cloth", 0.16))
    for side in (0, 1):
        px = x if side == 0 else x + w * 0.82
        b.round_rect(
            px, y + 0.1, w * 0.18, h * 0.52, 0.1, b.color("cloth", 0.08 if (side == 0) == (b.light.key_x < 0) else -0.12)
        )


@FURNITURE.draws("bed")
def bed(b: Brush, f: Feature) -> None:
    """A bed seen from its side."""
    x, y, w, h = f.box
    b.round_rect(x - 0.06, y, 0.14, h, 0.05, b.color("wood", 0.0))
    b.round_rect(x + w - 0.08, y, 0.14, h * 0.7, 0.05, b.color("wood", -0.12))
    b.rect(x, y + h * 0.18, w, h * 0.16, b.color("wood", -0.25))
    b.round_rect(x + 0.05, y + h * 0.32, w - 0.1, h * 0.2, 0.06, b.color("#f1e7d6"))
    b.blob(
        [
            (x + w * 0.3, y + h * 0.2),
            (x + w * 0.28, y + h * 0.58),
            (x + w * 0.5, y + h * 0.66),
            (x + w * 0.98, y + h * 0.58),
            (x + w * 0.99, y + h * 0.18),
        ],
        b.color("accent2", 0.05),
        0.5,
    )
    b.blob(
        [(x + w * 0.28, y + h * 0.5), (x + w * 0.29, y + h * 0.62), (x + w * 0.42, y + h * 0.64), (x + w * 0.41, y + h * 0.46)],
        b.color("#f6eee0"),
    )
    b.round_rect(x + 0.1, y + h * 0.5, w * 0.2, h * 0.2, 0.09, b.color("#fbf4e6"))


@FURNITURE.draws("desk")
def desk(b: Brush, f: Feature) -> None:
    """A desk with drawers, and with a lamp or a screen if the look has one."""
    x, y, w, h = f.box
    b.rect(x + 0.05, y, w * 0.3, h, b.color("wood", -0.1))
    b.rect(x + w * 0.65, y, w * 0.3, h, b.color("wood", -0.18))
    b.rect(x + w * 0.35, y + h * 0.3, w * 0.3, h * 0.62, b.color("wood", -0.42))
    for px in (x + 0.1, x + w * 0.65 + 0.05):
        for k in range(3):
            b.rect(px, y + 0.06 + k * h * 0.29, w * 0.3 - 0.1, h * 0.25, b.color("wood", 0.0))
            b.oval(px + w * 0.15 - 0.05, y + 0.06 + k * h * 0.29 + h * 0.13, 0.03, 0.02, b.color("accent", 0.0))
    b.rect(x - 0.06, y + h - 0.07, w + 0.12, 0.09, b.color("wood", 0.16))
    if f.screen:
        b.rect(x + w * 0.46, y + h, 0.08, 0.12, b.color("dark", 0.1))
        b.round_rect(x + w * 0.34, y + h + 0.1, w * 0.34, 0.42, 0.03, b.color("dark", 0.08))
        b.rect(x + w * 0.36, y + h + 0.13, w * 0.30, 0.36, b.shining("accent2", 0.7, 0.2))
    if f.lamp:
        desk_lamp(b, x + w * 0.22, y + h)
    b.rect(x + w * 0.72, y + h + 0.02, 0.3, 0.04, b.color("trim", 0.1))
    b.rect(x + w * 0.70, y + h + 0.06, 0.3, 0.05, b.color("cloth", 0.0))


@FURNITURE.draws("side_table")
def side_table(b: Brush, f: Feature) -> None:
    """A small table."""
    x, y, w, h = f.box
    b.rect(x + w * 0.1, y, 0.06, h, b.color("wood", -0.2))
    b.rect(x + w * 0.9 - 0.06, y, 0.06, h, b.color("wood", -0.3))
    b.rect(x, y + h - 0.05, w, 0.07, b.color("wood", 0.14))
    b.rect(x + w * 0.08, y + h - 0.2, w * 0.84, 0.15, b.color("wood", -0.05))
    if f.lamp:
        desk_lamp(b, x + w * 0.45, y + h)
    else:
        b.round_rect(x + w * 0.3, y + h + 0.02, 0.14, 0.24, 0.06, b.color("accent2", 0.1))
        for k in range(4):
            b.oval(
                x + w * 0.3 + 0.07 + 0.1 * math.sin(k * 2.2),
                y + h + 0.36 + 0.06 * math.cos(k * 2.2),
                0.07,
                0.07,
                b.color("cloth", 0.1 * (k % 2)),
            )


@FURNITURE.draws("round_table")
def round_table(b: Brush, f: Feature) -> None:
    """A round table with a candle."""
    x, y, w, h = f.box
    cx = x + w / 2
    b.oval(cx, y + 0.04, w * 0.26, 0.05, b.color("dark"))
    b.rect(cx - 0.05, y, 0.1, h, b.color("dark", 0.1))
    b.oval(cx, y + h - 0.04, w / 2, 0.10, b.color("wood", -0.3))
    b.oval(cx, y + h, w / 2, 0.10, b.color("wood", 0.12))
    lamp_glow(b, cx, y + h + 0.22, 0.9)
    b.rect(cx - 0.035, y + h, 0.07, 0.15, b.color("#f6efe0"))
    b.oval(cx, y + h + 0.21, 0.03, 0.055, b.lit("glow", 0.2))


@FURNITURE.draws("stool")
def stool(b: Brush, f: Feature) -> None:
    """A stool."""
    x, y, w, h = f.box
    b.line([(x + w * 0.3, y + h), (x + w * 0.12, y + 0.02)], 0.05, b.color("wood", -0.3))
    b.line([(x + w * 0.7, y + h), (x + w * 0.88, y + 0.02)], 0.05, b.color("wood", -0.3))
    b.line([(x + w * 0.2, y + h * 0.4), (x + w * 0.8, y + h * 0.4)], 0.035, b.color("wood", -0.2))
    b.round_rect(x, y + h - 0.07, w, 0.1, 0.04, b.color("cloth", 0.02))


@FURNITURE.draws("wardrobe")
def wardrobe(b: Brush, f: Feature) -> None:
    """A wardrobe with two doors."""
    x, y, w, h = f.box
    block(b, x, y + 0.08, w, h - 0.08, "wood", 0.02)
    for i in range(2):
        b.rect(x + 0.08 + i * w / 2, y + 0.2, w / 2 - 0.16, h - 0.42, b.color("wood", -0.22))
        b.rect(x + 0.1 + i * w / 2, y + 0.2, w / 2 - 0.18, h - 0.44, b.color("wood", 0.1))
    b.rect(x - 0.08, y + h - 0.06, w + 0.16, 0.1, b.color("wood", 0.18))
    for i in (-1, 1):
        b.oval(x + w / 2 + i * 0.06, y + h * 0.5, 0.03, 0.03, b.color("accent", 0.1))


@FURNITURE.draws("hat_stand")
def hat_stand(b: Brush, f: Feature) -> None:
    """A stand with a coat and a hat."""
    x, y, w, h = f.box
    cx = x + w / 2
    b.line([(cx, y), (cx, y + h)], 0.06, b.color("wood", -0.3))
    b.line([(cx - 0.22, y), (cx, y + 0.22), (cx + 0.22, y)], 0.05, b.color("wood", -0.3))
    b.line([(cx - 0.2, y + h), (cx, y + h - 0.16), (cx + 0.2, y + h)], 0.04, b.color("wood", -0.2))
    b.blob(
        [(cx - 0.1, y + h - 0.1), (cx + 0.2, y + h - 0.08), (cx + 0.3, y + h * 0.36), (cx - 0.12, y + h * 0.34)],
        b.color("#a58a62", -0.15),
        0.5,
    )
    b.oval(cx - 0.18, y + h + 0.02, 0.2, 0.05, b.color("dark", 0.12))
    b.round_rect(cx - 0.29, y + h + 0.02, 0.22, 0.14, 0.05, b.color("dark", 0.18))


@FURNITURE.draws("plant")
def plant(b: Brush, f: Feature) -> None:
    """A house plant in a pot."""
    x, y, w, h = f.box
    cx = x + w / 2
    pot = h * 0.28
    for k in range(7):
        a = math.radians(-66 + 22 * k)
        long = h * (0.66 - 0.10 * abs(k - 3) / 3)
        tip = (cx + long * math.sin(a) * 0.85, y + pot + long * math.cos(a))
        mid = (cx + long * 0.5 * math.sin(a) * 0.7, y + pot + long * 0.62 * math.cos(a) + 0.06)
        b.blob(
            [(cx, y + pot - 0.02), (mid[0] - 0.07, mid[1]), tip, (mid[0] + 0.07, mid[1] - 0.05)],
            b.color("leaf", (-0.2, 0.06, -0.08)[k % 3]),
        )
    b.poly([(cx - w * 0.26, y + pot), (cx + w * 0.26, y + pot), (cx + w * 0.19, y), (cx - w * 0.19, y)], b.color("cloth", -0.02))
    b.poly([(cx + w * 0.08, y + pot), (cx + w * 0.26, y + pot), (cx + w * 0.19, y), (cx + w * 0.06, y)], b.color("cloth", -0.2))
    b.rect(cx - w * 0.29, y + pot - 0.05, w * 0.58, 0.08, b.color("cloth", 0.12))


@FURNITURE.draws("rug")
def rug(b: Brush, f: Feature) -> None:
    """A rug on the floor: x, z in place of x, y; w and h are its radii."""
    x, z, rx, rz = f.x, f.y, f.w, f.h
    b.oval(x, z, rx, rz, b.color("cloth", -0.18))
    b.oval(x, z, rx * 0.93, rz * 0.92, b.color("accent", 0.1))
    b.oval(x, z, rx * 0.84, rz * 0.82, b.color("cloth", 0.0))
    b.oval(x, z, rx * 0.5, rz * 0.48, b.color("accent2", 0.12))
    b.oval(x, z, rx * 0.42, rz * 0.40, b.color("cloth", -0.06))


@FURNITURE.draws("carpet_runner")
def carpet_runner(b: Brush, f: Feature) -> None:
    """A long carpet that leads to the back."""
    x, z, w, d = f.x, f.y, f.w, f.h
    b.rect(x - w, z - d - 6, 2 * w, 2 * d + 6, b.color("cloth", -0.06))
    for side in (-1, 1):
        b.rect(x + side * w * 0.9 - 0.05, z - d - 6, 0.1, 2 * d + 6, b.color("accent", 0.05))


@FURNITURE.draws("column")
def column(b: Brush, f: Feature) -> None:
    """A column with base and capital, round by its shading."""
    x, y, w, h = f.box
    light, mid, dark = b.color("trim", 0.22), b.color("trim", 0.02), b.color("trim", -0.28)
    shades = [light, mid, dark] if b.light.key_x < 0 else [dark, mid, light]
    b.fade(x, y, w, h, shades, across=True)
    for yy, hh in ((y, 0.28), (y + h - 0.34, 0.34)):
        b.fade(x - w * 0.2, yy, w * 1.4, hh, shades, across=True)
        b.rect(x - w * 0.28, yy if yy == y else yy + hh - 0.1, w * 1.56, 0.1, b.color("trim", 0.1))


@FURNITURE.draws("palm")
def palm(b: Brush, f: Feature) -> None:
    """A potted palm."""
    x, y, w, h = f.box
    cx = x + w / 2
    b.line([(cx, y + h * 0.2), (cx + 0.03, y + h * 0.55)], 0.07, b.color("wood", -0.1))
    for k in range(9):
        a = math.radians(-100 + 25 * k)
        long = w * 0.85
        tip = (cx + long * math.sin(a), y + h * 0.58 + long * math.cos(a) * 0.75 - 0.08)
        mid = (cx + long * 0.55 * math.sin(a), y + h * 0.62 + long * 0.62 * math.cos(a))
        b.blob(
            [(cx, y + h * 0.55), (mid[0], mid[1] + 0.08), tip, (mid[0], mid[1] - 0.04)],
            b.color("leaf", (-0.22, 0.04, -0.1)[k % 3]),
        )
    b.poly(
        [(cx - w * 0.28, y + h * 0.24), (cx + w * 0.28, y + h * 0.24), (cx + w * 0.2, y), (cx - w * 0.2, y)],
        b.color("accent2", -0.05),
    )
    b.rect(cx - w * 0.3, y + h * 0.21, w * 0.6, 0.07, b.color("accent", 0.0))
