"""What lets light in or people through: windows and what they show, doors, portholes, curtains."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

import numpy as np
import skia

from episodic.backbones.stage.painter.palette import Rgb, mix, multiply, parse, to_skia
from episodic.backbones.stage.painter.pen import ellipse, polygon
from episodic.backbones.stage.painter.sets.brush import Brush, Point
from episodic.looks.place_kinds import Feature

__all__ = ["OPENINGS", "outside_view", "ridge"]


def ridge(
    random: np.random.Generator, x: float, w: float, y: float, h: float, *, rough: float = 0.5, steps: int = 9
) -> list[Point]:
    """The crest of a hill from x to x + w, between y and y + h."""
    heights = random.uniform(1 - rough, 1, steps + 1) * h
    return [(x + w * i / steps, y + float(height)) for i, height in enumerate(heights)]


def outside_view(b: Brush, x: float, y: float, w: float, h: float, kind: str, *, painted: bool = False) -> None:
    """A small landscape in a window, as light as the time of day has it."""
    sky, light = b.light.sky, b.light
    b.clip(polygon([(x, y), (x + w, y), (x + w, y + h), (x, y + h)]))
    if kind in ("space", "deep"):
        _far_dark(b, x, y, w, h, kind)
        b.unclip()
        return
    shine = 0.6 if painted else 1.0
    colors = [b.part(one, shine) for one in (sky.horizon, sky.middle, sky.zenith)]
    b.fade(x, y, w, h * 1.15, colors)
    random = b.look.random(77)
    tint = light.sky.horizon
    dim: Rgb = {"day": (0.86, 0.9, 0.92), "dawn": (0.74, 0.66, 0.72), "dusk": (0.44, 0.30, 0.44), "night": (0.13, 0.18, 0.32)}[
        light.time
    ]

    def far(rgb: str, near: float) -> int:
        return b.part(mix(tint, multiply(parse(rgb), dim), 0.35 + 0.6 * near), shine)

    horizon = y + h * 0.34
    if light.time == "night" and light.weather == "clear":
        b.oval(x + w * 0.72, y + h * 0.76, h * 0.07, h * 0.07, b.lit(sky.orb))
        for _ in range(int(14 * w)):
            b.oval(
                x + float(random.uniform(0, w)),
                horizon + float(random.uniform(0.1, 1)) * h * 0.66,
                0.012,
                0.012,
                b.lit(sky.orb, alpha=0.8),
            )
    if kind == "sea":
        b.rect(x, y, w, horizon - y, far("#4f93ac", 0.55))
        b.fade(x, y, w, horizon - y, [far("#2f6f8c", 1.0), far("#6fb0c0", 0.4)])
        for i in range(12):
            yy = y + (horizon - y) * (i / 12) ** 0.8
            b.rect(
                x + float(random.uniform(0, w * 0.8)),
                yy,
                float(random.uniform(0.2, 0.6)) * w * 0.3,
                0.018,
                b.part(sky.horizon, shine, alpha=0.5),
            )
    elif kind in ("city", "street"):
        for row, (near, low, tall) in enumerate(((0.2, 0.45, 0.75), (0.75, 0.3, 0.55))):
            xx = x - 0.2
            while xx < x + w:
                ww, hh = float(random.uniform(0.25, 0.5)), h * float(random.uniform(low, tall))
                b.rect(xx, y, ww, hh, far("#6c6478", near))
                if light.dark > 0.2 and row:
                    for k in range(8):
                        if random.random() < 0.5:
                            b.rect(
                                xx + 0.05 + (k % 2) * 0.14, y + hh - 0.14 - (k // 2) * 0.2, 0.07, 0.1, b.lit("glow", alpha=0.85)
                            )
                xx += ww + 0.02
    elif kind == "mountains":
        for near, top in ((0.25, 0.72), (0.6, 0.5)):
            b.poly(
                [(x, y), *ridge(random, x - 0.2, w + 0.4, y + h * top * 0.4, h * top * 0.6, rough=0.8, steps=6), (x + w, y)],
                far("#6f86a8", near),
            )
        b.poly([(x, y), *ridge(random, x, w, y + h * 0.12, h * 0.12), (x + w, y)], far("#3f6b52", 0.9))
    else:
        greens = ("#8fae7c", "#5f8a55") if kind != "forest" else ("#5f8a6c", "#2f5f45")
        b.blob(
            [(x - 1, y - 1), *ridge(random, x - 0.5, w + 1, y + h * 0.22, h * 0.16, steps=4), (x + w + 1, y - 1)],
            far(greens[0], 0.4),
        )
        if kind in ("garden", "forest"):
            for i in range(int(3 + w * 2)):
                cx = x + w * (i + float(random.uniform(0.1, 0.9))) / (3 + w * 2)
                r = h * float(random.uniform(0.09, 0.16))
                b.oval(cx, y + h * 0.2 + r * 0.5, r * 1.1, r * 1.3, far(greens[1], 0.65))
        b.blob(
            [(x - 1, y - 1), *ridge(random, x - 0.5, w + 1, y + h * 0.08, h * 0.14, steps=4), (x + w + 1, y - 1)],
            far(greens[1], 0.95),
        )
    b.unclip()


def _far_dark(b: Brush, x: float, y: float, w: float, h: float, kind: str) -> None:
    random = b.look.random(78)
    if kind == "space":
        b.fade(x, y, w, h, [b.lit("#10142e"), b.lit("#060814")])
        b.glow(x + w * 0.2, y + h * 0.7, w * 0.4, b.lit("#40306c", alpha=0.7))
        for _ in range(int(40 * w)):
            r = float(random.choice([0.006, 0.01, 0.016]))
            b.oval(
                x + float(random.uniform(0, w)),
                y + float(random.uniform(0, h)),
                r,
                r,
                b.lit("#f4f2e6", alpha=float(random.uniform(0.4, 1))),
            )
        cx, cy, r = x + w * 0.78, y - h * 0.35, h * 1.0
        b.oval(cx, cy, r, r, b.lit("#4a86a8"))
        b.oval(cx + r * 0.12, cy - r * 0.1, r * 0.92, r * 0.92, b.lit("#2f5f86"))
        b.glow(cx - r * 0.2, cy + r * 0.3, r * 1.2, b.lit("#a8d8f0", alpha=0.35))
        return
    b.fade(x, y, w, h, [b.lit("#04202c"), b.lit("#0c4a58"), b.lit("#17707a")])
    b.poly([(x, y), *ridge(random, x, w, y, h * 0.28, rough=0.7), (x + w, y)], b.lit("#052530"))
    for _ in range(int(8 * w) + 3):
        r = float(random.uniform(0.01, 0.03))
        b.oval(x + float(random.uniform(0, w)), y + float(random.uniform(0.1, 1)) * h, r, r, b.lit("#8fe8dc", alpha=0.5))


def window(b: Brush, f: Feature) -> None:
    """A sash window with a sill; curtains or blinds where the look has them."""
    x, y, w, h = f.box
    b.glow(x + w / 2, y + h / 2, max(w, h) * 1.25, to_skia(b.light.sky.horizon, 0.0 if b.light.time == "night" else 0.28))
    b.rect(x - 0.12, y - 0.1, w + 0.24, h + 0.22, b.c("trim", 0.12))
    b.rect(x - 0.04, y - 0.03, w + 0.08, h + 0.07, b.c("trim", -0.25))
    outside_view(b, x, y, w, h, b.look.shape.outside or "sky")
    for i in (1,):
        b.rect(x + w * i / 2 - 0.035, y, 0.07, h, b.c("trim", 0.06))
    b.rect(x, y + h * 0.56, w, 0.06, b.c("trim", 0.06))
    b.poly([(x, y + h * 0.4), (x + w * 0.35, y + h), (x + w * 0.5, y + h), (x, y + h * 0.15)], to_skia((1.0, 1.0, 1.0), 0.10))
    b.rect(x - 0.2, y - 0.15, w + 0.4, 0.1, b.c("trim", 0.2))
    b.rect(x - 0.2, y - 0.2, w + 0.4, 0.05, b.c("trim", -0.3))
    if f.blinds:
        for i in range(int(h / 0.11)):
            b.rect(x - 0.02, y + h - i * 0.11 - 0.06, w + 0.04, 0.055, b.part("trim", 0.15, -0.1))
    if f.curtains:
        _drapes(b, x, y, w, h)


def _drapes(b: Brush, x: float, y: float, w: float, h: float) -> None:
    low = max(0.1, y - 0.35)
    for side in (-1, 1):
        edge = x - 0.22 if side < 0 else x + w + 0.22
        wide = w * 0.30
        b.poly(
            [(edge, y + h + 0.15), (edge - side * wide * 1.1, y + h + 0.15), (edge - side * wide * 0.55, low), (edge, low)],
            b.part("cloth", 0.12),
        )
        for k in range(1, 4):
            t = k / 4
            b.line(
                [(edge - side * wide * 1.05 * t, y + h + 0.1), (edge - side * wide * 0.52 * t, low + 0.03)],
                0.035,
                b.c("cloth", -0.25, alpha=0.7),
            )
    b.line([(x - 0.35, y + h + 0.17), (x + w + 0.35, y + h + 0.17)], 0.06, b.c("wood", -0.2))


def arched(x: float, y: float, w: float, h: float) -> skia.Path:
    """A tall opening with a round head."""
    steps = 16
    r = w / 2
    head = [(x + r - r * math.cos(math.pi * i / steps), y + h - r + r * math.sin(math.pi * i / steps)) for i in range(steps + 1)]
    return polygon([(x, y), *head, (x + w, y)])


def tall_window(b: Brush, f: Feature) -> None:
    """An arched window with leaded panes."""
    x, y, w, h = f.box
    b.glow(x + w / 2, y + h / 2, h * 0.9, to_skia(b.light.sky.horizon, 0.0 if b.light.time == "night" else 0.28))
    b.flat(arched(x - 0.14, y - 0.08, w + 0.28, h + 0.2), b.c("trim", 0.14))
    b.flat(arched(x - 0.05, y - 0.02, w + 0.1, h + 0.06), b.c("trim", -0.3))
    b.clip(arched(x, y, w, h))
    outside_view(b, x, y, w, h, b.look.shape.outside or "sky")
    b.rect(x + w / 2 - 0.03, y, 0.06, h, b.c("trim", -0.1))
    for i in range(1, int(h / 0.5) + 1):
        b.rect(x, y + i * 0.5, w, 0.04, b.c("trim", -0.1))
    b.unclip()
    b.rect(x - 0.22, y - 0.16, w + 0.44, 0.12, b.c("trim", 0.2))


def round_window(b: Brush, f: Feature) -> None:
    """An attic's round window."""
    x, y, w, h = f.box
    cx, cy, r = x + w / 2, y + h / 2, w / 2
    b.glow(cx, cy, r * 2.4, to_skia(b.light.sky.horizon, 0.0 if b.light.time == "night" else 0.32))
    b.oval(cx, cy, r + 0.13, r + 0.13, b.c("trim", 0.1))
    b.oval(cx, cy, r + 0.03, r + 0.03, b.c("trim", -0.3))
    b.clip(ellipse(cx, cy, r, r))
    outside_view(b, x, y, w, h, b.look.shape.outside or "sky")
    b.rect(cx - 0.035, y, 0.07, h, b.c("trim"))
    b.rect(x, cy - 0.035, w, 0.07, b.c("trim"))
    b.unclip()


def porthole(b: Brush, f: Feature) -> None:
    """A bolted round window on the deep."""
    x, y, w, h = f.box
    cx, cy, r = x + w / 2, y + h / 2, w / 2
    b.glow(cx, cy, r * 2.0, b.lit("#57b4ac", alpha=0.28))
    b.oval(cx, cy, r + 0.16, r + 0.16, b.c("metal", -0.25))
    b.oval(cx - 0.01, cy + 0.02, r + 0.13, r + 0.13, b.c("metal", 0.1))
    b.oval(cx, cy, r + 0.02, r + 0.02, b.c("dark"))
    b.clip(ellipse(cx, cy, r, r))
    outside_view(b, x, y, w, h, b.look.shape.outside or "deep")
    b.poly(
        [(cx - r, cy + r * 0.2), (cx - r * 0.2, cy + r), (cx + r * 0.1, cy + r), (cx - r, cy - r * 0.1)],
        to_skia((1.0, 1.0, 1.0), 0.10),
    )
    b.unclip()
    for k in range(10):
        a = k / 10 * 2 * math.pi
        b.oval(cx + (r + 0.08) * math.cos(a), cy + (r + 0.08) * math.sin(a), 0.03, 0.03, b.c("metal", -0.4))


def wide_window(b: Brush, f: Feature) -> None:
    """A ship's bridge window: one long pane with slanted ends."""
    x, y, w, h = f.box
    cut = h * 0.35

    def shape(grow: float) -> list[Point]:
        return [
            (x - grow, y - grow),
            (x + w + grow, y - grow),
            (x + w - cut + grow * 0.6, y + h + grow),
            (x + cut - grow * 0.6, y + h + grow),
        ]

    b.poly(shape(0.18), b.c("trim", -0.1))
    b.poly(shape(0.06), b.c("dark"))
    b.clip(polygon(shape(0.0)))
    outside_view(b, x, y, w, h, b.look.shape.outside or "space")
    for i in (1, 2):
        b.rect(x + w * i / 3 - 0.05, y, 0.1, h, b.c("trim", -0.25))
    b.unclip()


def train_window(b: Brush, f: Feature) -> None:
    """A carriage window with round corners and a small curtain."""
    x, y, w, h = f.box
    b.round_rect(x - 0.1, y - 0.1, w + 0.2, h + 0.2, 0.16, b.c("wood", -0.3))
    b.clip(skia.Path.RRect(skia.RRect.MakeRectXY(skia.Rect.MakeLTRB(x, y, x + w, y + h), 0.1, 0.1)))
    outside_view(b, x, y, w, h, b.look.shape.outside or "hills")
    b.rect(x, y + h * 0.74, w, 0.04, b.c("trim", -0.1))
    b.unclip()
    for side in (-1, 1):
        edge = x if side < 0 else x + w
        b.poly(
            [(edge, y + h + 0.06), (edge - side * w * 0.22, y + h + 0.06), (edge - side * w * 0.1, y - 0.02), (edge, y - 0.02)],
            b.part("cloth", 0.1),
        )


def door(b: Brush, f: Feature) -> None:
    """A panelled door in its frame."""
    x, y, w, h = f.box
    b.rect(x - 0.13, y, w + 0.26, h + 0.14, b.c("trim", 0.08))
    b.rect(x - 0.03, y, w + 0.06, h + 0.03, b.c("trim", -0.35))
    b.rect(x, y, w, h, b.c("wood", 0.06))
    for low, high in ((0.08, 0.46), (0.52, 0.94)):
        for i in range(2):
            px = x + w * (0.1 + 0.44 * i)
            b.rect(px, y + h * low, w * 0.36, h * (high - low), b.c("wood", -0.28))
            b.rect(px + 0.02, y + h * low, w * 0.36 - 0.02, h * (high - low) - 0.02, b.c("wood", -0.06))
    b.oval(x + w * 0.9, y + h * 0.48, 0.045, 0.045, b.c("accent2", 0.1))


def glass_door(b: Brush, f: Feature) -> None:
    """An office door with a frosted pane and a name on it."""
    x, y, w, h = f.box
    b.rect(x - 0.13, y, w + 0.26, h + 0.14, b.c("wood", -0.12))
    b.rect(x, y, w, h, b.c("wood", 0.02))
    b.rect(x + w * 0.12, y + h * 0.45, w * 0.76, h * 0.48, b.part("glow", 0.55, -0.1))
    b.fade(x + w * 0.12, y + h * 0.45, w * 0.76, h * 0.48, [to_skia((1, 1, 1), 0.0), to_skia((1, 1, 1), 0.25)])
    b.rect(x + w * 0.28, y + h * 0.70, w * 0.44, 0.05, b.c("dark", alpha=0.8))
    b.rect(x + w * 0.34, y + h * 0.64, w * 0.32, 0.03, b.c("dark", alpha=0.6))
    b.rect(x + w * 0.12, y + h * 0.08, w * 0.76, h * 0.28, b.c("wood", -0.18))
    b.oval(x + w * 0.92, y + h * 0.44, 0.045, 0.045, b.c("accent2", 0.1))


def hatch(b: Brush, f: Feature) -> None:
    """A pressure door with a wheel."""
    x, y, w, h = f.box
    b.round_rect(x - 0.14, y - 0.05, w + 0.28, h + 0.2, 0.4, b.c("metal", -0.35))
    b.round_rect(x, y, w, h, 0.32, b.c("metal", -0.05))
    b.round_rect(x + 0.12, y + 0.12, w - 0.24, h - 0.24, 0.24, b.c("metal", 0.08))
    cx, cy = x + w / 2, y + h * 0.5
    b.line([(cx + 0.28 * math.cos(a * 0.4), cy + 0.28 * math.sin(a * 0.4)) for a in range(17)], 0.06, b.c("accent", -0.05))
    for k in range(3):
        a = k * math.pi / 3
        b.line(
            [(cx - 0.26 * math.cos(a), cy - 0.26 * math.sin(a)), (cx + 0.26 * math.cos(a), cy + 0.26 * math.sin(a))],
            0.045,
            b.c("accent", -0.15),
        )
    b.oval(cx, y + h * 0.82, 0.16, 0.16, b.c("dark"))
    b.oval(cx, y + h * 0.82, 0.13, 0.13, b.part("glow", 0.6, -0.1))


def stage_curtain(b: Brush, f: Feature) -> None:
    """Heavy drapes on both sides and a valance."""
    x, y, w, h = f.box
    for side in (-1, 1):
        edge = x if side < 0 else x + w
        for k in range(9):
            left = edge - side * w * 0.026 * k
            tone = (-0.28, 0.02, 0.12, -0.08)[k % 4]
            b.rect(min(left, left - side * w * 0.028), y, w * 0.028, h, b.c("cloth", tone))
    drop = h * 0.16
    for k in range(10):
        cx = x + w * (k + 0.5) / 10
        b.rect(cx - w / 20, y + h - drop * 0.6, w / 10, drop * 0.7, b.c("cloth", -0.05))
        b.oval(cx, y + h - drop * 0.6, w / 20, drop * 0.42, b.c("cloth", -0.05))
        b.oval(cx, y + h - drop * 0.54, w / 22, drop * 0.36, b.c("cloth", 0.08))
    b.rect(x, y + h - 0.14, w, 0.14, b.c("accent2", -0.05))


def railing(b: Brush, f: Feature) -> None:
    """An iron rail on thin posts."""
    x, y, w, h = f.box
    for i in range(int(w / 0.6) + 1):
        b.rect(x + i * 0.6 - 0.02, y, 0.04, h, b.c("dark", 0.22))
    b.rect(x, y + h - 0.05, w, 0.06, b.c("dark", 0.3))
    b.rect(x, y + h * 0.5, w, 0.03, b.c("dark", 0.22))


OPENINGS: Final[dict[str, Callable[[Brush, Feature], None]]] = {
    "window": window,
    "tall_window": tall_window,
    "round_window": round_window,
    "porthole": porthole,
    "wide_window": wide_window,
    "train_window": train_window,
    "door": door,
    "glass_door": glass_door,
    "hatch": hatch,
    "stage_curtain": stage_curtain,
    "railing": railing,
}
