"""Places inside living things: a leaf's sugar factory, a body's harbour. Cells, veins, machines of life."""

from __future__ import annotations

import math
from typing import Final

from episodic.backbones.stage.painter.drawings import Drawings
from episodic.backbones.stage.painter.pen import curve
from episodic.backbones.stage.painter.sets.brush import Brush, FeaturePainter, Point
from episodic.looks.place_kinds import Feature

__all__ = ["INNER"]


INNER: Final = Drawings[FeaturePainter]()


@INNER.draws("cells")
def cells(b: Brush, f: Feature) -> None:
    """A wall of plant cells, each with its nucleus and chloroplasts, the light behind them."""
    x, y, w, h = f.box
    random = b.look.random(f.seed)
    cw, ch = 4.4, 5.4
    b.rect(x - 20, y - 4, w + 40, h + 12, b.color("trim", 0.06))
    for i in range(int(w / cw) + 1):
        for j in range(int(h / ch) + 1):
            cx, cy = x + (i + 0.5 * (j % 2)) * cw, y + (j + 0.5) * ch
            r = [float(random.uniform(0.9, 1.04)) for _ in range(6)]
            pts: list[Point] = [
                (cx + cw * 0.46 * r[k] * math.cos(k * math.pi / 3 + 0.5), cy + ch * 0.47 * r[k] * math.sin(k * math.pi / 3 + 0.5))
                for k in range(6)
            ]
            b.flat(curve(pts, True, 0.8), b.shining("floor", 0.35, 0.04 + 0.1 * float(random.random())))
            inner = [(cx + (px - cx) * 0.84, cy + (py - cy) * 0.84 + 0.1) for px, py in pts]
            b.flat(curve(inner, True, 0.8), b.shining("floor", 0.4, 0.22))
            for _ in range(4):
                a, d = float(random.uniform(0, 6.28)), float(random.uniform(0.4, 0.66))
                b.oval(cx + cw * 0.42 * d * math.cos(a), cy + ch * 0.42 * d * math.sin(a), 0.42, 0.26, b.color("leaf", 0.12))
                b.oval(
                    cx + cw * 0.42 * d * math.cos(a), cy + ch * 0.42 * d * math.sin(a) + 0.06, 0.28, 0.12, b.color("leaf", 0.3)
                )


@INNER.draws("stack_machine")
def stack_machine(b: Brush, f: Feature) -> None:
    """A chloroplast as a machine: stacked green discs in a glass, a spout below."""
    x, y, w, h = f.box
    cx = x + w / 2
    b.rect(x + w * 0.1, y, w * 0.8, h * 0.16, b.color("wood", 0.0))
    b.rect(x + w * 0.1, y + h * 0.13, w * 0.8, h * 0.05, b.color("accent", 0.1))
    b.round_rect(x, y + h * 0.16, w, h * 0.84, w * 0.46, b.color("leaf", 0.34, alpha=0.75))
    for column, (dx, n) in enumerate(((-0.22, 6), (0.2, 5))):
        for k in range(n):
            yy = y + h * (0.26 + 0.1 * k) + column * h * 0.05
            b.oval(cx + dx * w, yy, w * 0.19, h * 0.052, b.color("leaf", -0.24))
            b.oval(cx + dx * w, yy + h * 0.022, w * 0.19, h * 0.045, b.color("leaf", 0.05))
            b.oval(cx + dx * w - 0.03, yy + h * 0.028, w * 0.11, h * 0.02, b.color("leaf", 0.28))
    b.round_rect(x + w * 0.08, y + h * 0.36, w * 0.08, h * 0.46, 0.06, b.color("#ffffff", alpha=0.4))
    b.line(
        [(x + w * 0.9, y + h * 0.2), (x + w * 1.2, y + h * 0.24), (x + w * 1.22, y + h * 0.1)],
        0.16,
        b.color("accent", -0.05),
        smooth=True,
    )
    b.glow(cx, y + h * 0.95, w * 0.9, b.lit("glow", alpha=0.35))


@INNER.draws("vat")
def vat(b: Brush, f: Feature) -> None:
    """A glass vat of syrup with a gauge."""
    x, y, w, h = f.box
    b.round_rect(x, y + h * 0.1, w, h * 0.8, 0.4, b.color("#ffffff", alpha=0.38))
    b.round_rect(x + 0.1, y + h * 0.14, w - 0.2, h * 0.52, 0.3, b.color("accent", 0.08))
    b.oval(x + w / 2, y + h * 0.66, w / 2 - 0.1, 0.14, b.color("accent", 0.3))
    b.rect(x - 0.08, y, w + 0.16, h * 0.13, b.color("wood", 0.05))
    b.rect(x - 0.08, y + h * 0.87, w + 0.16, h * 0.1, b.color("wood", 0.12))
    b.oval(x + w / 2, y + h * 0.4, w * 0.17, w * 0.17, b.color("#fff8e0"))
    b.line([(x + w / 2, y + h * 0.4), (x + w * 0.58, y + h * 0.47)], 0.05, b.color("cloth", -0.1))
    b.round_rect(x + w * 0.1, y + h * 0.24, w * 0.07, h * 0.5, 0.06, b.color("#ffffff", alpha=0.45))


@INNER.draws("vein_pipe")
def vein_pipe(b: Brush, f: Feature) -> None:
    """A vein that carries water overhead."""
    x, y, w, h = f.box
    pts = [(x + w * t / 6, y + h * 0.5 + 0.25 * math.sin(t * 1.8)) for t in range(7)]
    b.line(pts, h, b.color("trim", -0.05), smooth=True)
    b.line([(px, py + h * 0.14) for px, py in pts], h * 0.42, b.color("accent2", 0.25), smooth=True)
    for px, py in pts[1::2]:
        b.line([(px, py), (px + 0.4, py - 1.6), (px + 0.2, py - 2.6)], h * 0.3, b.color("trim", -0.05), smooth=True)


@INNER.draws("belt")
def belt(b: Brush, f: Feature) -> None:
    """A conveyor with cubes of sugar."""
    x, y, w, h = f.box
    for i in range(int(w / 2)):
        b.rect(x + 0.5 + i * 2, y, 0.2, h * 0.7, b.color("wood", -0.1))
    b.round_rect(x, y + h * 0.56, w, h * 0.3, 0.14, b.color("dark", 0.18))
    b.rect(x + 0.1, y + h * 0.8, w - 0.2, 0.06, b.color("dark", 0.4))
    for i in range(int(w / 0.62)):
        b.oval(x + 0.2 + i * 0.62, y + h * 0.7, 0.08, 0.08, b.color("accent", 0.0))
    for i in range(int(w / 1.2)):
        px = x + 0.5 + i * 1.2
        b.rect(px, y + h * 0.86, 0.34, 0.3, b.color("#fff9ec", -0.12))
        b.rect(px, y + h * 0.86, 0.26, 0.3, b.color("#fffaf0"))


@INNER.draws("sugar")
def sugar(b: Brush, f: Feature) -> None:
    """A heap of sugar cubes."""
    x, y, w, h = f.box
    s = w / 4.2
    for row, count in enumerate((4, 3, 2)):
        for k in range(count):
            px, py = x + (k + row * 0.5) * s * 1.04, y + row * s * 0.94
            if py + s > y + h + s:
                continue
            b.round_rect(px, py, s, s * 0.92, 0.04, b.color("#f4ecd8", -0.1))
            b.round_rect(px, py, s * 0.76, s * 0.92, 0.04, b.color("#fffaf0"))


@INNER.draws("membrane")
def membrane(b: Brush, f: Feature) -> None:
    """Soft living edges near the lens."""
    del f
    for side in (-1, 1):
        b.blob(
            [
                (side * 3.6, -1.2),
                (side * 2.5, -0.3),
                (side * 2.75, 0.9),
                (side * 2.45, 2.0),
                (side * 2.9, 3.4),
                (side * 4.4, 3.6),
                (side * 4.4, -1.2),
            ],
            b.color("wall", -0.34),
        )
        b.blob(
            [
                (side * 3.9, -1.2),
                (side * 2.8, -0.2),
                (side * 3.0, 0.9),
                (side * 2.75, 2.0),
                (side * 3.2, 3.4),
                (side * 4.6, 3.6),
                (side * 4.6, -1.2),
            ],
            b.color("wall", -0.2),
        )


@INNER.draws("arches")
def arches(b: Brush, f: Feature) -> None:
    """A vaulted vessel: ring after ring of soft muscle."""
    x, y, w, h = f.box
    cx = x + w / 2
    outer: list[Point] = [(x - 30, y - 4), (x - 30, y + h + 30), (x + w + 30, y + h + 30), (x + w + 30, y - 4)]
    inner = [(cx + w * 0.5 * math.cos(a / 14 * math.pi), y + h * 0.92 * math.sin(a / 14 * math.pi)) for a in range(15)]
    path = curve(inner, False)
    path.lineTo(x, y - 4)
    path.lineTo(x - 30, y - 4)
    for px, py in outer[1:]:
        path.lineTo(px, py)
    path.lineTo(x + w, y - 4)
    path.close()
    b.flat(path, b.color("wall", -0.06))
    for k, tone in ((1.0, 0.14), (1.05, -0.16)):
        rim = [(cx + (px - cx) * k, y + (py - y) * k) for px, py in inner]
        b.line(rim, w * 0.028, b.color("wall", tone), smooth=True)
    for k in range(5):
        a = (k + 0.7) / 5.4 * math.pi
        px, py = cx + w * 0.5 * math.cos(a), y + h * 0.92 * math.sin(a)
        b.line(
            [(px * 1.02, py * 1.03), (px * 1.2 + 1.0, py * 1.3 + 1), (px * 1.3, py * 1.6 + 2)],
            0.35,
            b.color("accent2" if k % 2 else "cloth", -0.1, alpha=0.5),
            smooth=True,
        )


@INNER.draws("valve_gate")
def valve_gate(b: Brush, f: Feature) -> None:
    """The valve of the heart, as a harbour's gate with light behind it."""
    x, y, w, h = f.box
    cx = x + w / 2
    b.glow(cx, y + h * 0.4, h * 1.5, b.lit("glow", alpha=0.6))
    b.oval(cx, y + h * 0.3, w * 0.46, h * 0.58, b.lit("glow", 0.1))
    for side in (-1, 1):
        b.blob(
            [
                (cx + side * w * 0.04, y + h * 0.02),
                (cx + side * w * 0.10, y + h * 0.5),
                (cx + side * w * 0.3, y + h * 0.86),
                (cx + side * w * 0.6, y + h * 0.7),
                (cx + side * w * 0.62, y - 1),
            ],
            b.color("cloth", -0.05),
        )
        b.blob(
            [
                (cx + side * w * 0.14, y),
                (cx + side * w * 0.2, y + h * 0.48),
                (cx + side * w * 0.34, y + h * 0.7),
                (cx + side * w * 0.5, y - 0.6),
            ],
            b.color("cloth", 0.16),
        )


@INNER.draws("cell_boat")
def cell_boat(b: Brush, f: Feature) -> None:
    """A red blood cell laden like a barge."""
    x, y, w, h = f.box
    cx = x + w / 2
    b.oval(cx, y + h * 0.36, w / 2, h * 0.4, b.color("cloth", -0.2))
    b.oval(cx, y + h * 0.46, w / 2, h * 0.36, b.color("cloth", 0.08))
    b.oval(cx, y + h * 0.5, w * 0.3, h * 0.17, b.color("cloth", -0.12))
    for k in range(3):
        b.oval(cx + (k - 1) * w * 0.17, y + h * (0.66 + 0.06 * (k % 2)), w * 0.08, w * 0.08, b.color("accent2", 0.2))
