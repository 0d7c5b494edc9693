"""Kitchens, bakeries and bars: ovens, shelves of loaves and bottles, sacks and barrels."""

from __future__ import annotations

from typing import Final

import skia

from episodic.backbones.stage.painter.drawings import Drawings
from episodic.backbones.stage.painter.palette import to_skia
from episodic.backbones.stage.painter.scenery.furniture import block
from episodic.backbones.stage.painter.scenery.lamps import lamp_glow
from episodic.backbones.stage.painter.sets.brush import Brush, FeaturePainter
from episodic.looks.place_kinds import Feature

__all__ = ["KITCHEN"]

KITCHEN: Final = Drawings[FeaturePainter]()


@KITCHEN.draws("bread_shelves")
def bread_shelves(b: Brush, f: Feature) -> None:
    """Open shelves of loaves."""
    x, y, w, h = f.box
    random = b.look.random(f.seed)
    b.rect(x - 0.06, y - 0.06, w + 0.12, h + 0.12, b.color("wood", -0.12))
    b.rect(x, y, w, h, b.color("wood", -0.42))
    for j in range(3):
        base = y + j * h / 3 + 0.05
        b.rect(x, base - 0.05, w, 0.06, b.color("wood", 0.12))
        xx = x + 0.12
        while xx < x + w - 0.3:
            ww, hh = float(random.uniform(0.26, 0.42)), float(random.uniform(0.15, 0.24))
            tone = float(random.uniform(-0.1, 0.15))
            b.oval(xx + ww / 2, base + hh * 0.5, ww / 2, hh * 0.62, b.color("#c8853f", tone - 0.2))
            b.oval(xx + ww / 2, base + hh * 0.58, ww * 0.46, hh * 0.5, b.color("#d99a52", tone))
            for k in (-0.2, 0.0, 0.2):
                b.line(
                    [(xx + ww * (0.46 + k), base + hh * 0.5), (xx + ww * (0.56 + k), base + hh * 0.9)], 0.022, b.color("#f2cf94")
                )
            xx += ww + 0.07


@KITCHEN.draws("plates")
def plates(b: Brush, f: Feature) -> None:
    """Two shelves of crockery."""
    x, y, w, h = f.box
    for j in range(2):
        base = y + j * h * 0.5
        b.rect(x, base, w, 0.06, b.color("wood", 0.05))
        b.rect(x, base - 0.05, w, 0.05, to_skia((0.05, 0.02, 0.08), 0.2))
        for i in range(5):
            cx = x + w * (i + 0.5) / 5
            if (i + j) % 3 == 2:
                b.round_rect(cx - 0.08, base + 0.06, 0.17, 0.2, 0.03, b.color("cloth" if i % 2 else "accent2", 0.1))
            else:
                b.oval(cx, base + 0.21, 0.15, 0.15, b.color("trim", -0.1))
                b.oval(cx, base + 0.215, 0.12, 0.12, b.color("trim", 0.2))
                b.oval(cx, base + 0.215, 0.06, 0.06, b.color("accent2", 0.1))


@KITCHEN.draws("stove")
def stove(b: Brush, f: Feature) -> None:
    """A range with a lit oven window."""
    x, y, w, h = f.box
    block(b, x, y, w, h, "trim", -0.02)
    b.rect(x + w * 0.12, y + h * 0.14, w * 0.76, h * 0.5, b.color("dark", 0.1))
    b.rect(x + w * 0.2, y + h * 0.24, w * 0.6, h * 0.3, b.shining("accent", 0.35))
    b.line([(x + w * 0.15, y + h * 0.7), (x + w * 0.85, y + h * 0.7)], 0.04, b.color("metal", 0.2))
    for i in range(4):
        b.oval(x + w * (0.2 + 0.2 * i), y + h * 0.85, 0.04, 0.04, b.color("dark", 0.2))
    b.round_rect(x + w * 0.18, y + h, w * 0.42, 0.26, 0.06, b.color("cloth", -0.05))
    b.rect(x + w * 0.14, y + h + 0.24, w * 0.5, 0.05, b.color("cloth", 0.15))
    b.line([(x + w * 0.6, y + h + 0.16), (x + w * 0.8, y + h + 0.2)], 0.05, b.color("dark", 0.1))


@KITCHEN.draws("hood")
def hood(b: Brush, f: Feature) -> None:
    """A copper hood over the stove."""
    x, y, w, h = f.box
    b.poly(
        [
            (x - 0.1, y),
            (x + w + 0.1, y),
            (x + w * 0.68, y + h * 0.5),
            (x + w * 0.68, y + h),
            (x + w * 0.32, y + h),
            (x + w * 0.32, y + h * 0.5),
        ],
        b.color("metal", 0.05),
    )
    b.poly(
        [
            (x - 0.1, y),
            (x + w * 0.25, y),
            (x + w * 0.4, y + h * 0.5),
            (x + w * 0.4, y + h),
            (x + w * 0.32, y + h),
            (x + w * 0.32, y + h * 0.5),
        ],
        b.color("metal", 0.28),
    )
    b.rect(x - 0.12, y - 0.07, w + 0.24, 0.1, b.color("accent", -0.05))


@KITCHEN.draws("fridge")
def fridge(b: Brush, f: Feature) -> None:
    """A rounded refrigerator."""
    x, y, w, h = f.box
    b.round_rect(x, y, w, h, 0.16, b.color("cloth", -0.18))
    b.round_rect(x, y, w * 0.88, h, 0.16, b.color("cloth", 0.12))
    b.rect(x, y + h * 0.62, w, 0.025, b.color("dark", alpha=0.5))
    b.line([(x + w * 0.74, y + h * 0.68), (x + w * 0.74, y + h * 0.8)], 0.05, b.color("metal", 0.35))
    b.line([(x + w * 0.74, y + h * 0.4), (x + w * 0.74, y + h * 0.56)], 0.05, b.color("metal", 0.35))


@KITCHEN.draws("brick_oven")
def brick_oven(b: Brush, f: Feature) -> None:
    """A domed brick oven with a fire in it."""
    x, y, w, h = f.box
    cx = x + w / 2
    b.rect(cx - w * 0.2, y + h * 0.7, w * 0.4, 2.2, b.color("cloth", -0.28))
    b.flat(
        skia.Path.RRect(skia.RRect.MakeRectXY(skia.Rect.MakeLTRB(x, y, x + w, y + h * 0.9), w * 0.34, w * 0.30)),
        b.color("cloth", -0.12),
    )
    b.rect(x, y, w, h * 0.45, b.color("cloth", -0.12))
    random = b.look.random(f.seed)
    for j in range(int(h * 0.9 / 0.2)):
        for i in range(int(w / 0.4)):
            if random.random() < 0.5:
                bx, by = x + 0.1 + i * 0.4 + (0.2 if j % 2 else 0), y + 0.05 + j * 0.2
                if bx + 0.36 < x + w - 0.06 - max(0, by - y - h * 0.5) * 0.6 and bx > x + max(0, by - y - h * 0.5) * 0.6:
                    b.round_rect(bx, by, 0.36, 0.16, 0.03, b.color("cloth", float(random.uniform(-0.3, 0.05))))
    b.glow(cx, y + h * 0.42, w * 0.75, b.lit("#ff9a3c", alpha=0.28 + 0.3 * b.light.dark))
    b.oval(cx, y + h * 0.42, w * 0.27, h * 0.20, b.color("trim", -0.2))
    b.oval(cx, y + h * 0.41, w * 0.23, h * 0.165, b.lit("#3a140c"))
    b.glow(cx, y + h * 0.33, w * 0.22, b.lit("#ffb04a", alpha=0.95), squash=0.6)
    for k, (dx, hh) in enumerate(((-0.09, 0.16), (0.0, 0.24), (0.1, 0.14))):
        b.blob(
            [
                (cx + dx * w - 0.08, y + h * 0.29),
                (cx + dx * w + 0.08, y + h * 0.29),
                (cx + dx * w + 0.01, y + h * 0.29 + hh * 1.3),
            ],
            b.lit(("#ff8a2c", "#ffcf5a", "#ff9a3c")[k]),
        )
    b.rect(x - 0.1, y + h * 0.22, w + 0.2, 0.12, b.color("trim", 0.0))
    b.rect(cx - w * 0.2, y + 0.04, w * 0.4, h * 0.16, b.color("dark", 0.05))


@KITCHEN.draws("sacks")
def sacks(b: Brush, f: Feature) -> None:
    """Two sacks of flour."""
    x, y, w, h = f.box
    for dx, s, tone in ((0.1, 0.9, -0.12), (0.5, 1.0, 0.0)):
        px = x + w * dx
        b.blob(
            [
                (px, y),
                (px - 0.03, y + h * 0.4 * s),
                (px + w * 0.14, y + h * 0.85 * s),
                (px + w * 0.34, y + h * 0.85 * s),
                (px + w * 0.5, y + h * 0.4 * s),
                (px + w * 0.46, y),
            ],
            b.color("#d9c59c", tone),
        )
        b.oval(px + w * 0.24, y + h * 0.88 * s, w * 0.14, 0.05, b.color("#c2ab80", tone))


@KITCHEN.draws("bar_shelf")
def bar_shelf(b: Brush, f: Feature) -> None:
    """A mirrored back bar with bottles."""
    x, y, w, h = f.box
    b.rect(x - 0.14, y - 0.1, w + 0.28, h + 0.3, b.color("wood", -0.12))
    b.rect(x, y, w, h, b.shining("accent2", 0.15 + 0.3 * b.light.practical, -0.3))
    b.fade(x, y, w, h, [b.lit("glow", alpha=0.45 * b.light.practical), b.lit("glow", alpha=0.0)])
    random = b.look.random(f.seed)
    inks = ("leaf", "accent", "cloth", "accent2", "trim", "#7a4a2a")
    for j in range(3):
        base = y + j * h / 3
        b.rect(x, base, w, 0.06, b.color("wood", 0.1))
        xx = x + 0.08
        while xx < x + w - 0.16:
            ww, hh = float(random.uniform(0.10, 0.16)), float(random.uniform(0.26, 0.4)) * h / 1.6
            ink = inks[int(random.integers(len(inks)))]
            b.round_rect(xx, base + 0.06, ww, hh * 0.62, 0.03, b.shining(ink, 0.3 * b.light.practical, -0.05))
            b.rect(xx + ww * 0.34, base + 0.06 + hh * 0.55, ww * 0.32, hh * 0.42, b.shining(ink, 0.3 * b.light.practical, -0.12))
            b.rect(xx + ww * 0.16, base + 0.1, ww * 0.16, hh * 0.45, to_skia((1, 1, 1), 0.28))
            xx += ww + float(random.uniform(0.04, 0.12))
    lamp_glow(b, x + w / 2, y + h * 0.5, w * 0.55, 0.6)


@KITCHEN.draws("barrel")
def barrel(b: Brush, f: Feature) -> None:
    """A barrel."""
    x, y, w, h = f.box
    b.blob(
        [
            (x + w * 0.12, y),
            (x, y + h * 0.5),
            (x + w * 0.12, y + h),
            (x + w * 0.88, y + h),
            (x + w, y + h * 0.5),
            (x + w * 0.88, y),
        ],
        b.color("wood", -0.05),
        0.6,
    )
    b.blob(
        [
            (x + w * 0.62, y),
            (x + w * 0.7, y + h * 0.5),
            (x + w * 0.62, y + h),
            (x + w * 0.88, y + h),
            (x + w, y + h * 0.5),
            (x + w * 0.88, y),
        ],
        b.color("wood", -0.25),
        0.6,
    )
    for t in (0.2, 0.78):
        b.rect(x + w * 0.03, y + h * t, w * 0.94, 0.06, b.color("metal", -0.3))
    b.oval(x + w / 2, y + h, w * 0.38, 0.06, b.color("wood", 0.15))
