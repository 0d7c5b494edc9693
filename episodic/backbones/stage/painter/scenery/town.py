"""Streets and villages: houses, shopfronts, neon, lamps, fences and landmarks."""

from __future__ import annotations

import math
from typing import Final

import skia

from episodic.backbones.stage.painter.drawings import Drawings
from episodic.backbones.stage.painter.palette import parse, to_skia
from episodic.backbones.stage.painter.pen import polygon
from episodic.backbones.stage.painter.scenery.lamps import lamp_glow
from episodic.backbones.stage.painter.sets.brush import Brush, FeaturePainter
from episodic.looks.place_kinds import Feature

__all__ = ["NEON", "TOWN"]

NEON: Final = ("#ff4fa0", "#38dcf0", "#ffb84a", "#9a6cff", "#5cf0a0")


TOWN: Final = Drawings[FeaturePainter]()


def _windows(b: Brush, x: float, y: float, w: float, h: float, seed: int, *, lit: float, size: float = 0.5) -> None:
    """Rows of windows; in the dark a share `lit` of them has light."""
    random = b.look.random(seed)
    columns, rows = max(1, int(w / (size * 1.7))), max(1, int(h / (size * 2.0)))
    dark, bright, frames = skia.Path(), skia.Path(), skia.Path()
    for i in range(columns):
        for j in range(rows):
            px, py = x + w * (i + 0.5) / columns - size * 0.42, y + h * (j + 0.5) / rows - size * 0.6
            frames.addRect(skia.Rect.MakeXYWH(px - 0.06, py - 0.08, size * 0.84 + 0.12, size * 1.2 + 0.14))
            (bright if random.random() < lit else dark).addRect(skia.Rect.MakeXYWH(px, py, size * 0.84, size * 1.2))
    b.flat(frames, b.color("trim", -0.02))
    b.flat(dark, b.shining(b.light.sky.middle, 0.45, -0.45))
    b.flat(bright, b.shining("glow", 0.25 + 0.75 * b.light.dark, 0.0))


@TOWN.draws("skyline")
def skyline(b: Brush, f: Feature) -> None:
    """Towers against the sky."""
    x, y, w, h = f.box
    random = b.look.random(f.seed)
    bright = skia.Path()
    for row, (scale, tone) in enumerate(((1.0, 0.06), (0.66, -0.06))):
        px = x
        while px < x + w:
            ww, hh = float(random.uniform(2.4, 5.0)), h * scale * float(random.uniform(0.45, 1.0))
            b.rect(px, y - 1, ww, hh + 1, b.color("wall", tone - 0.05))
            b.rect(px + ww * 0.72 if b.light.key_x < 0 else px, y - 1, ww * 0.28, hh + 1, b.color("wall", tone - 0.18))
            if random.random() < 0.4:
                b.rect(px + ww * 0.3, y + hh, ww * 0.4, hh * 0.12, b.color("wall", tone - 0.08))
                b.rect(px + ww * 0.48, y + hh * 1.1, ww * 0.05, hh * 0.16, b.color("wall", tone - 0.1))
            for i in range(int(ww / 0.9)):
                for j in range(int(hh / 1.3)):
                    if random.random() < (0.3 if row else 0.22):
                        bright.addRect(skia.Rect.MakeXYWH(px + 0.3 + i * 0.9, y + 0.6 + j * 1.3, 0.42, 0.6))
            px += ww + float(random.uniform(-0.2, 0.5))
    b.flat(bright, b.shining("glow", b.light.dark, 0.05, alpha=0.25 + 0.6 * b.light.dark))


@TOWN.draws("house")
def house(b: Brush, f: Feature) -> None:
    """A town house with a gable or a cornice."""
    x, y, w, h = f.box
    seed = f.seed
    ink, tone = (("wall", 0.0), ("cloth", 0.12), ("accent", 0.12), ("accent2", 0.16), ("trim", -0.05))[seed % 5]
    if f.lit:
        ink, tone = "wall", -0.1
    b.rect(x, y, w, h, b.color(ink, tone))
    b.rect(x + w * 0.86 if b.light.key_x < 0 else x, y, w * 0.14, h, b.color(ink, tone - 0.16))
    if seed % 2 or f.lit:
        b.rect(x - 0.15, y + h - 0.1, w + 0.3, 0.35, b.color("trim", 0.02))
    else:
        b.poly([(x - 0.3, y + h), (x + w * 0.5, y + h + w * 0.38), (x + w + 0.3, y + h)], b.color("wood", -0.1))
        b.rect(x + w * 0.74, y + h + w * 0.08, 0.5, w * 0.22, b.color("wall", -0.15))
    _windows(b, x + 0.3, y + 2.6, w - 0.6, h - 2.8, seed, lit=0.55 if f.lit else 0.42, size=0.75)
    b.rect(x, y + 2.4, w, 0.14, b.color("trim", -0.1))


@TOWN.draws("shopfront")
def shopfront(b: Brush, f: Feature) -> None:
    """A house with a shop at street level: awning, display window, door."""
    x, y, w, h = f.box
    seed = f.seed
    ink, tone = (("wall", 0.02), ("cloth", 0.14), ("accent2", 0.12), ("trim", -0.08))[seed % 4]
    if f.lit:
        ink, tone = "wall", -0.15
    b.rect(x, y, w, h, b.color(ink, tone))
    b.rect(x + w * 0.9 if b.light.key_x < 0 else x, y, w * 0.1, h, b.color(ink, tone - 0.14))
    _windows(b, x + 0.3, y + 2.95, w - 0.6, h - 3.05, seed, lit=0.5, size=0.7)
    b.rect(x + 0.12, y, w - 0.24, 2.7, b.color("wood", -0.14))
    glass = 0.25 + 0.7 * b.light.dark
    b.rect(x + 0.3, y + 0.7, w * 0.56, 1.5, b.shining("glow", glass, -0.05 if b.light.dark > 0.3 else 0.15))
    b.fade(x + 0.3, y + 0.7, w * 0.56, 1.5, [to_skia((0.1, 0.05, 0.1), 0.30), to_skia((0.1, 0.05, 0.1), 0.0)])
    random = b.look.random(seed + 1)
    for k in range(4):
        hh = float(random.uniform(0.25, 0.6))
        b.round_rect(
            x + 0.45 + k * w * 0.13, y + 0.72, w * 0.09, hh, 0.05, b.color(("cloth", "accent2", "accent", "leaf")[k], -0.12)
        )
    dx = x + w * 0.66
    b.rect(dx, y, w * 0.22, 2.2, b.color("cloth" if seed % 3 else "accent2", -0.1))
    b.rect(dx + 0.1, y + 0.9, w * 0.22 - 0.2, 1.1, b.shining("glow", glass * 0.9, -0.1))
    stripes = 8
    for k in range(stripes):
        left, right = x + w * k / stripes, x + w * (k + 1) / stripes
        b.poly(
            [
                (left, y + 2.72),
                (right, y + 2.72),
                (right + (right - x - w / 2) * 0.06, y + 2.22),
                (left + (left - x - w / 2) * 0.06, y + 2.22),
            ],
            b.color("cloth" if k % 2 else "trim", -0.02 if k % 2 else 0.12),
        )
    b.rect(x, y + 2.7, w, 0.36, b.color("dark", 0.14))
    b.rect(x + w * 0.25, y + 2.82, w * 0.5, 0.1, b.shining("accent", 0.3 + 0.5 * b.light.dark, 0.1))
    if b.light.dark > 0.3:
        b.glow(x + w * 0.42, y + 1.4, w * 0.62, b.lit("glow", alpha=0.30 * b.light.dark))


@TOWN.draws("neon_sign")
def neon_sign(b: Brush, f: Feature) -> None:
    """A neon sign: invented strokes, no writing anyone can read."""
    x, y, w, h = f.box
    seed = f.seed
    ink = parse(NEON[seed % len(NEON)])
    b.glow(x + w / 2, y + h / 2, max(w, h) * 1.25, to_skia(b.light.source(ink), 0.50))
    b.round_rect(x, y, w, h, 0.1, b.color("dark", 0.06))
    random = b.look.random(seed)
    cells = max(1, round(h / 0.55)) if f.tall else max(2, round(w / 0.5))
    for k in range(cells):
        cx, cy, cw, ch = (
            (x + 0.14, y + 0.1 + k * (h - 0.2) / cells, w - 0.28, (h - 0.2) / cells - 0.1)
            if f.tall
            else (x + 0.1 + k * (w - 0.2) / cells, y + 0.16, (w - 0.2) / cells - 0.1, h - 0.32)
        )
        for _ in range(3):
            t, u = float(random.uniform(0, 1)), float(random.uniform(0, 1))
            strokes = (
                [(cx, cy + ch * t), (cx + cw, cy + ch * t)],
                [(cx + cw * u, cy), (cx + cw * u, cy + ch)],
                [(cx, cy), (cx + cw, cy + ch * (0.5 + t / 2))],
            )
            stroke = strokes[int(random.integers(3))]
            b.line(stroke, 0.075, to_skia(b.light.source(ink), 0.55))
            b.line(stroke, 0.032, to_skia(b.light.source((0.4 + 0.6 * ink[0], 0.4 + 0.6 * ink[1], 0.4 + 0.6 * ink[2]))))
    b.line([(x, y), (x + w, y), (x + w, y + h), (x, y + h), (x, y)], 0.04, to_skia(b.light.source(ink), 0.9))


@TOWN.draws("lanterns")
def lanterns(b: Brush, f: Feature) -> None:
    """A string of paper lanterns across the street."""
    x, y, w, h = f.box
    pts = [(x + w * t / 8, y + h - 0.5 * math.sin(math.pi * t / 8)) for t in range(9)]
    b.line(pts, 0.025, b.color("dark"), smooth=True)
    for k, (px, py) in enumerate(pts[1:-1]):
        ink = ("#ff7a4a", "#ffb84a", "#ff4f7a")[k % 3]
        b.glow(px, py - 0.26, 0.8, b.lit(ink, alpha=0.4))
        b.oval(px, py - 0.26, 0.17, 0.21, b.lit(ink))
        b.rect(px - 0.08, py - 0.5, 0.16, 0.05, b.color("dark"))


@TOWN.draws("street_lamp", "harbour_lamp")
def street_lamp(b: Brush, f: Feature) -> None:
    """A street lamp and the light under it."""
    x, y, w, h = f.box
    cx = x + w / 2
    harbour = f.kind == "harbour_lamp"
    lamp_glow(b, cx, y + h - 0.2, 2.6)
    b.line([(cx, y), (cx, y + h - 0.4)], 0.09, b.color("dark", 0.12))
    b.poly([(cx - 0.16, y), (cx + 0.16, y), (cx + 0.08, y + 0.5), (cx - 0.08, y + 0.5)], b.color("dark", 0.1))
    b.poly(
        [(cx - 0.14, y + h - 0.42), (cx + 0.14, y + h - 0.42), (cx + 0.2, y + h), (cx - 0.2, y + h)],
        b.shining("glow", 0.3 + 0.7 * b.light.practical * max(0.3, b.light.dark)),
    )
    b.poly([(cx - 0.26, y + h), (cx + 0.26, y + h), (cx, y + h + 0.26)], b.color("cloth" if harbour else "dark", 0.1))


@TOWN.draws("bench")
def bench(b: Brush, f: Feature) -> None:
    """A park bench."""
    x, y, w, h = f.box
    for px in (x + 0.12, x + w - 0.2):
        b.rect(px, y, 0.08, h * 0.9, b.color("dark", 0.14))
    for t in (0.42, 0.6, 0.76, 0.92):
        b.rect(x, y + h * t, w, h * 0.11, b.color("wood", 0.1 if t != 0.42 else 0.25))


@TOWN.draws("fence")
def fence(b: Brush, f: Feature) -> None:
    """A wooden fence."""
    x, y, w, h = f.box
    for t in (0.36, 0.74):
        b.rect(x, y + h * t, w, h * 0.1, b.color("wood", 0.12))
        b.rect(x, y + h * t - 0.02, w, 0.03, b.color("wood", -0.3))
    for i in range(int(w / 0.9) + 1):
        px = x + i * 0.9
        b.poly(
            [(px - 0.07, y - 0.05), (px + 0.07, y - 0.05), (px + 0.07, y + h * 0.94), (px, y + h), (px - 0.07, y + h * 0.94)],
            b.color("wood", 0.05),
        )


@TOWN.draws("gate")
def gate(b: Brush, f: Feature) -> None:
    """A garden arch with climbing leaves."""
    x, y, w, h = f.box
    for px in (x, x + w - 0.14):
        b.rect(px, y, 0.14, h * 0.8, b.color("trim", 0.1))
    arch = [(x + w * t / 8, y + h * 0.78 + h * 0.22 * math.sin(math.pi * t / 8)) for t in range(9)]
    b.line(arch, 0.14, b.color("trim", 0.1), smooth=True)
    random = b.look.random(f.seed)
    for k, (px, py) in enumerate(arch):
        b.oval(px, py + 0.04, 0.2, 0.14, b.color("leaf", (-0.1, 0.08)[k % 2]))
        if random.random() < 0.6:
            b.oval(px + 0.08, py + 0.05, 0.06, 0.06, b.color("cloth", 0.15))
    for i in range(1, 7):
        b.rect(x + w * i / 7 - 0.02, y, 0.05, h * 0.42, b.color("trim", 0.0))
    b.rect(x, y + h * 0.36, w, 0.06, b.color("trim", 0.05))


@TOWN.draws("cottage")
def cottage(b: Brush, f: Feature) -> None:
    """A cottage with a thatched roof."""
    x, y, w, h = f.box
    wall = h * 0.5
    b.rect(x, y, w, wall, b.color("#efe2c6", 0.0))
    b.rect(x + w * 0.8 if b.light.key_x < 0 else x, y, w * 0.2, wall, b.color("#efe2c6", -0.14))
    b.blob(
        [
            (x - w * 0.08, y + wall * 0.9),
            (x + w * 0.1, y + h * 0.94),
            (x + w * 0.5, y + h),
            (x + w * 0.9, y + h * 0.94),
            (x + w * 1.08, y + wall * 0.9),
            (x + w * 0.5, y + wall * 0.98),
        ],
        b.color("cloth", -0.12),
        0.5,
    )
    b.rect(x + w * 0.7, y + h * 0.85, w * 0.1, h * 0.3, b.color("wall", -0.2))
    b.rect(x + w * 0.42, y, w * 0.15, wall * 0.74, b.color("accent2", -0.1))
    for t in (0.14, 0.7):
        b.rect(x + w * t, y + wall * 0.34, w * 0.16, wall * 0.4, b.color("trim", 0.1))
        b.rect(
            x + w * t + 0.05,
            y + wall * 0.38,
            w * 0.16 - 0.1,
            wall * 0.32,
            b.shining("glow", 0.15 + 0.85 * b.light.dark, -0.3 + 0.3 * b.light.dark),
        )


@TOWN.draws("tree_pot")
def tree_pot(b: Brush, f: Feature) -> None:
    """A clipped tree in a tub."""
    x, y, w, h = f.box
    cx = x + w / 2
    b.rect(cx - 0.04, y + h * 0.2, 0.08, h * 0.4, b.color("wood", -0.1))
    b.oval(cx, y + h * 0.72, w * 0.45, h * 0.27, b.color("leaf", -0.18))
    b.oval(cx + (0.06 if b.light.key_x > 0 else -0.06), y + h * 0.75, w * 0.35, h * 0.21, b.color("leaf", 0.04))
    b.poly(
        [(cx - w * 0.3, y + h * 0.24), (cx + w * 0.3, y + h * 0.24), (cx + w * 0.23, y), (cx - w * 0.23, y)],
        b.color("cloth", -0.1),
    )


@TOWN.draws("tower")
def tower(b: Brush, f: Feature) -> None:
    """A lighthouse; its lamp shines when it is dark."""
    x, y, w, h = f.box
    cx = x + w / 2
    bands = 5
    for k in range(bands):
        t0, t1 = k / bands * 0.78, (k + 1) / bands * 0.78
        h0, h1 = w * (0.5 - 0.22 * t0), w * (0.5 - 0.22 * t1)
        quad = [(cx - h0, y + h * t0), (cx + h0, y + h * t0), (cx + h1, y + h * t1), (cx - h1, y + h * t1)]
        b.poly(quad, b.color("#f2ead8" if k % 2 else "cloth", 0.0))
        edge = [(cx + h0 * 0.4, y + h * t0), (cx + h0, y + h * t0), (cx + h1, y + h * t1), (cx + h1 * 0.4, y + h * t1)]
        b.poly(edge if b.light.key_x < 0 else [(2 * cx - px, py) for px, py in edge], to_skia((0.1, 0.05, 0.2), 0.18))
    b.rect(cx - w * 0.44, y + h * 0.78, w * 0.88, h * 0.03, b.color("dark", 0.12))
    b.glow(cx, y + h * 0.86, h * 0.8, b.lit("glow", alpha=0.7 * b.light.dark * b.light.practical))
    if b.light.dark > 0.4:
        for side in (-1, 1):
            beam = polygon([(cx, y + h * 0.87), (cx + side * 26, y + h * 0.87 + 3.4), (cx + side * 26, y + h * 0.87 - 1.8)])
            b.fade_path(
                beam,
                (cx, y + h * 0.86),
                (cx + side * 24, y + h * 0.9),
                [b.lit("glow", alpha=0.5 * b.light.dark * b.light.practical), b.lit("glow", alpha=0.0)],
            )
    b.rect(cx - w * 0.24, y + h * 0.81, w * 0.48, h * 0.1, b.shining("glow", 0.35 + 0.65 * b.light.dark))
    for px in (-0.24, 0.0, 0.21):
        b.rect(cx + w * px, y + h * 0.81, w * 0.035, h * 0.1, b.color("dark", 0.1))
    b.poly([(cx - w * 0.32, y + h * 0.91), (cx + w * 0.32, y + h * 0.91), (cx, y + h)], b.color("cloth", -0.1))


@TOWN.draws("town")
def town(b: Brush, f: Feature) -> None:
    """A row of small houses across the water."""
    x, y, w, h = f.box
    random = b.look.random(f.seed)
    b.blob(
        [
            (x - 20, y - 2),
            (x, y + h * 0.5),
            (x + w * 0.3, y + h * 0.9),
            (x + w * 0.7, y + h * 0.7),
            (x + w, y + h * 0.4),
            (x + w + 20, y - 2),
        ],
        b.color("leaf", -0.08),
    )
    px, k = x, 0
    while px < x + w:
        ww, hh = float(random.uniform(1.6, 2.8)), h * float(random.uniform(0.3, 0.55))
        ink = ("#efe0c4", "cloth", "accent", "accent2", "trim")[int(random.integers(5))]
        b.rect(px, y - 1, ww, hh + 1, b.color(ink, 0.1))
        b.poly(
            [(px - 0.15, y + hh), (px + ww / 2, y + hh + ww * 0.4), (px + ww + 0.15, y + hh)],
            b.color("wood", -0.05 - 0.1 * (k % 2)),
        )
        for i in range(2):
            b.rect(
                px + ww * (0.22 + 0.36 * i),
                y + hh * 0.5,
                ww * 0.18,
                ww * 0.24,
                b.shining("glow", 0.1 + 0.9 * b.light.dark, -0.4 + 0.4 * b.light.dark),
            )
        px += ww
        k += 1


@TOWN.draws("lander")
def lander(b: Brush, f: Feature) -> None:
    """A landing craft on three legs."""
    x, y, w, h = f.box
    cx = x + w / 2
    for side in (-1, 1):
        b.line([(cx + side * w * 0.22, y + h * 0.42), (cx + side * w * 0.42, y + 0.1)], 0.16, b.color("metal", -0.2))
        b.oval(cx + side * w * 0.42, y + 0.08, 0.34, 0.1, b.color("metal", -0.3))
    b.poly(
        [(cx - w * 0.3, y + h * 0.3), (cx + w * 0.3, y + h * 0.3), (cx + w * 0.36, y + h * 0.5), (cx - w * 0.36, y + h * 0.5)],
        b.color("accent", -0.15),
    )
    b.blob(
        [
            (cx - w * 0.3, y + h * 0.48),
            (cx - w * 0.24, y + h * 0.86),
            (cx, y + h),
            (cx + w * 0.24, y + h * 0.86),
            (cx + w * 0.3, y + h * 0.48),
        ],
        b.color("cloth", -0.1),
        0.7,
    )
    b.blob(
        [(cx - w * 0.28, y + h * 0.5), (cx - w * 0.22, y + h * 0.85), (cx, y + h * 0.98), (cx + w * 0.04, y + h * 0.5)],
        b.color("cloth", 0.1),
        0.7,
    )
    b.oval(cx, y + h * 0.72, 0.42, 0.42, b.color("metal", -0.3))
    b.oval(cx, y + h * 0.72, 0.33, 0.33, b.shining("glow", 0.5, -0.1))
    b.line([(cx, y + h), (cx, y + h * 1.25)], 0.06, b.color("metal", 0.1))


@TOWN.draws("crater")
def crater(b: Brush, f: Feature) -> None:
    """A crater on the ground: x, z in place of x, y."""
    x, z, rx, rz = f.x, f.y, f.w, f.h
    b.oval(x, z, rx, rz, b.color("floor", 0.16))
    b.oval(x, z - rz * 0.06, rx * 0.88, rz * 0.84, b.color("floor", -0.28))
    b.oval(x + 0.1 * rx, z - rz * 0.2, rx * 0.7, rz * 0.6, b.color("floor", -0.12))


@TOWN.draws("big_planet")
def big_planet(b: Brush, f: Feature) -> None:
    """A planet in the sky, with rings unless it is plain."""
    x, y, w, h = f.box
    cx, cy, r = x + w / 2, y + h / 2, w / 2
    ink = "accent2" if not f.plain else "accent"
    b.glow(cx, cy, r * 1.7, b.lit(ink, alpha=0.3))
    b.oval(cx, cy, r, r, b.lit(ink, -0.35))
    side = -1 if b.light.key_x < 0 else 1
    b.oval(cx + side * r * 0.08, cy + r * 0.05, r * 0.91, r * 0.92, b.lit(ink, 0.05))
    b.clip(skia.Path.Circle(cx, cy, r))
    for k, t in enumerate((-0.4, 0.05, 0.42)):
        b.oval(cx + side * r * 0.1, cy + t * r, r * 1.1, r * (0.08 + 0.03 * k), b.lit(ink, 0.18 - 0.16 * (k % 2)))
    b.unclip()
    if not f.plain:
        for k, rr in enumerate((1.75, 1.5)):
            path = skia.Path()
            path.addArc(skia.Rect.MakeLTRB(cx - r * rr, cy - r * rr * 0.22, cx + r * rr, cy + r * rr * 0.22), -200, 220)
            stroke = skia.Paint(
                AntiAlias=True,
                Style=skia.Paint.kStroke_Style,
                StrokeWidth=r * 0.1,
                Color=b.lit("accent", 0.1 - 0.2 * k, alpha=0.85),
            )
            b.canvas.drawPath(path, stroke)
