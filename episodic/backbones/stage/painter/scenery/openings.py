"""Openings of rooms: windows, portholes, doors, hatches and curtains."""

from __future__ import annotations

import math
from typing import Final

import skia

from episodic.backbones.stage.painter.drawings import Drawings
from episodic.backbones.stage.painter.palette import to_skia
from episodic.backbones.stage.painter.pen import ellipse, polygon
from episodic.backbones.stage.painter.scenery.views import outside_view
from episodic.backbones.stage.painter.sets.brush import Brush, FeaturePainter, Point
from episodic.looks.place_kinds import Feature

__all__ = ["OPENINGS"]


OPENINGS: Final = Drawings[FeaturePainter]()


@OPENINGS.draws("window")
def window(b: Brush, f: Feature) -> None:
    """A sash window with a sill, and with curtains or blinds if the look has them."""
    x, y, w, h = f.box
    b.glow(x + w / 2, y + h / 2, max(w, h) * 1.25, to_skia(b.light.sky.horizon, 0.0 if b.light.time == "night" else 0.28))
    b.rect(x - 0.12, y - 0.1, w + 0.24, h + 0.22, b.color("trim", 0.12))
    b.rect(x - 0.04, y - 0.03, w + 0.08, h + 0.07, b.color("trim", -0.25))
    outside_view(b, x, y, w, h, b.look.shape.outside or "sky")
    for i in (1,):
        b.rect(x + w * i / 2 - 0.035, y, 0.07, h, b.color("trim", 0.06))
    b.rect(x, y + h * 0.56, w, 0.06, b.color("trim", 0.06))
    b.poly([(x, y + h * 0.4), (x + w * 0.35, y + h), (x + w * 0.5, y + h), (x, y + h * 0.15)], to_skia((1.0, 1.0, 1.0), 0.10))
    b.rect(x - 0.2, y - 0.15, w + 0.4, 0.1, b.color("trim", 0.2))
    b.rect(x - 0.2, y - 0.2, w + 0.4, 0.05, b.color("trim", -0.3))
    if f.blinds:
        for i in range(int(h / 0.11)):
            b.rect(x - 0.02, y + h - i * 0.11 - 0.06, w + 0.04, 0.055, b.shining("trim", 0.15, -0.1))
    if f.curtains:
        _drapes(b, x, y, w, h)


def _drapes(b: Brush, x: float, y: float, w: float, h: float) -> None:
    """Curtains at both sides of a window."""
    low = max(0.1, y - 0.35)
    for side in (-1, 1):
        edge = x - 0.22 if side < 0 else x + w + 0.22
        wide = w * 0.30
        b.poly(
            [(edge, y + h + 0.15), (edge - side * wide * 1.1, y + h + 0.15), (edge - side * wide * 0.55, low), (edge, low)],
            b.shining("cloth", 0.12),
        )
        for k in range(1, 4):
            t = k / 4
            b.line(
                [(edge - side * wide * 1.05 * t, y + h + 0.1), (edge - side * wide * 0.52 * t, low + 0.03)],
                0.035,
                b.color("cloth", -0.25, alpha=0.7),
            )
    b.line([(x - 0.35, y + h + 0.17), (x + w + 0.35, y + h + 0.17)], 0.06, b.color("wood", -0.2))


def arched(x: float, y: float, w: float, h: float) -> skia.Path:
    """A tall opening with a round head."""
    steps = 16
    r = w / 2
    head = [(x + r - r * math.cos(math.pi * i / steps), y + h - r + r * math.sin(math.pi * i / steps)) for i in range(steps + 1)]
    return polygon([(x, y), *head, (x + w, y)])


@OPENINGS.draws("tall_window")
def tall_window(b: Brush, f: Feature) -> None:
    """An arched window with leaded panes."""
    x, y, w, h = f.box
    b.glow(x + w / 2, y + h / 2, h * 0.9, to_skia(b.light.sky.horizon, 0.0 if b.light.time == "night" else 0.28))
    b.flat(arched(x - 0.14, y - 0.08, w + 0.28, h + 0.2), b.color("trim", 0.14))
    b.flat(arched(x - 0.05, y - 0.02, w + 0.1, h + 0.06), b.color("trim", -0.3))
    b.clip(arched(x, y, w, h))
    outside_view(b, x, y, w, h, b.look.shape.outside or "sky")
    b.rect(x + w / 2 - 0.03, y, 0.06, h, b.color("trim", -0.1))
    for i in range(1, int(h / 0.5) + 1):
        b.rect(x, y + i * 0.5, w, 0.04, b.color("trim", -0.1))
    b.unclip()
    b.rect(x - 0.22, y - 0.16, w + 0.44, 0.12, b.color("trim", 0.2))


@OPENINGS.draws("round_window")
def round_window(b: Brush, f: Feature) -> None:
    """An attic's round window."""
    x, y, w, h = f.box
    cx, cy, r = x + w / 2, y + h / 2, w / 2
    b.glow(cx, cy, r * 2.4, to_skia(b.light.sky.horizon, 0.0 if b.light.time == "night" else 0.32))
    b.oval(cx, cy, r + 0.13, r + 0.13, b.color("trim", 0.1))
    b.oval(cx, cy, r + 0.03, r + 0.03, b.color("trim", -0.3))
    b.clip(ellipse(cx, cy, r, r))
    outside_view(b, x, y, w, h, b.look.shape.outside or "sky")
    b.rect(cx - 0.035, y, 0.07, h, b.color("trim"))
    b.rect(x, cy - 0.035, w, 0.07, b.color("trim"))
    b.unclip()


@OPENINGS.draws("porthole")
def porthole(b: Brush, f: Feature) -> None:
    """A bolted round window on the deep."""
    x, y, w, h = f.box
    cx, cy, r = x + w / 2, y + h / 2, w / 2
    b.glow(cx, cy, r * 2.0, b.lit("#57b4ac", alpha=0.28))
    b.oval(cx, cy, r + 0.16, r + 0.16, b.color("metal", -0.25))
    b.oval(cx - 0.01, cy + 0.02, r + 0.13, r + 0.13, b.color("metal", 0.1))
    b.oval(cx, cy, r + 0.02, r + 0.02, b.color("dark"))
    b.clip(ellipse(cx, cy, r, r))
    outside_view(b, x, y, w, h, b.look.shape.outside or "deep")
    b.poly(
        [(cx - r, cy + r * 0.2), (cx - r * 0.2, cy + r), (cx + r * 0.1, cy + r), (cx - r, cy - r * 0.1)],
        to_skia((1.0, 1.0, 1.0), 0.10),
    )
    b.unclip()
    for k in range(10):
        a = k / 10 * 2 * math.pi
        b.oval(cx + (r + 0.08) * math.cos(a), cy + (r + 0.08) * math.sin(a), 0.03, 0.03, b.color("metal", -0.4))


@OPENINGS.draws("wide_window")
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

    b.poly(shape(0.18), b.color("trim", -0.1))
    b.poly(shape(0.06), b.color("dark"))
    b.clip(polygon(shape(0.0)))
    outside_view(b, x, y, w, h, b.look.shape.outside or "space")
    for i in (1, 2):
        b.rect(x + w * i / 3 - 0.05, y, 0.1, h, b.color("trim", -0.25))
    b.unclip()


@OPENINGS.draws("train_window")
def train_window(b: Brush, f: Feature) -> None:
    """A carriage window with round corners and a small curtain."""
    x, y, w, h = f.box
    b.round_rect(x - 0.1, y - 0.1, w + 0.2, h + 0.2, 0.16, b.color("wood", -0.3))
    b.clip(skia.Path.RRect(skia.RRect.MakeRectXY(skia.Rect.MakeLTRB(x, y, x + w, y + h), 0.1, 0.1)))
    outside_view(b, x, y, w, h, b.look.shape.outside or "hills")
    b.rect(x, y + h * 0.74, w, 0.04, b.color("trim", -0.1))
    b.unclip()
    for side in (-1, 1):
        edge = x if side < 0 else x + w
        b.poly(
            [(edge, y + h + 0.06), (edge - side * w * 0.22, y + h + 0.06), (edge - side * w * 0.1, y - 0.02), (edge, y - 0.02)],
            b.shining("cloth", 0.1),
        )


@OPENINGS.draws("door")
def door(b: Brush, f: Feature) -> None:
    """A panelled door in its frame."""
    x, y, w, h = f.box
    b.rect(x - 0.13, y, w + 0.26, h + 0.14, b.color("trim", 0.08))
    b.rect(x - 0.03, y, w + 0.06, h + 0.03, b.color("trim", -0.35))
    b.rect(x, y, w, h, b.color("wood", 0.06))
    for low, high in ((0.08, 0.46), (0.52, 0.94)):
        for i in range(2):
            px = x + w * (0.1 + 0.44 * i)
            b.rect(px, y + h * low, w * 0.36, h * (high - low), b.color("wood", -0.28))
            b.rect(px + 0.02, y + h * low, w * 0.36 - 0.02, h * (high - low) - 0.02, b.color("wood", -0.06))
    b.oval(x + w * 0.9, y + h * 0.48, 0.045, 0.045, b.color("accent2", 0.1))


@OPENINGS.draws("glass_door")
def glass_door(b: Brush, f: Feature) -> None:
    """An office door with a frosted pane and a name on it."""
    x, y, w, h = f.box
    b.rect(x - 0.13, y, w + 0.26, h + 0.14, b.color("wood", -0.12))
    b.rect(x, y, w, h, b.color("wood", 0.02))
    b.rect(x + w * 0.12, y + h * 0.45, w * 0.76, h * 0.48, b.shining("glow", 0.55, -0.1))
    b.fade(x + w * 0.12, y + h * 0.45, w * 0.76, h * 0.48, [to_skia((1, 1, 1), 0.0), to_skia((1, 1, 1), 0.25)])
    b.rect(x + w * 0.28, y + h * 0.70, w * 0.44, 0.05, b.color("dark", alpha=0.8))
    b.rect(x + w * 0.34, y + h * 0.64, w * 0.32, 0.03, b.color("dark", alpha=0.6))
    b.rect(x + w * 0.12, y + h * 0.08, w * 0.76, h * 0.28, b.color("wood", -0.18))
    b.oval(x + w * 0.92, y + h * 0.44, 0.045, 0.045, b.color("accent2", 0.1))


@OPENINGS.draws("hatch")
def hatch(b: Brush, f: Feature) -> None:
    """A pressure door with a wheel."""
    x, y, w, h = f.box
    b.round_rect(x - 0.14, y - 0.05, w + 0.28, h + 0.2, 0.4, b.color("metal", -0.35))
    b.round_rect(x, y, w, h, 0.32, b.color("metal", -0.05))
    b.round_rect(x + 0.12, y + 0.12, w - 0.24, h - 0.24, 0.24, b.color("metal", 0.08))
    cx, cy = x + w / 2, y + h * 0.5
    b.line([(cx + 0.28 * math.cos(a * 0.4), cy + 0.28 * math.sin(a * 0.4)) for a in range(17)], 0.06, b.color("accent", -0.05))
    for k in range(3):
        a = k * math.pi / 3
        b.line(
            [(cx - 0.26 * math.cos(a), cy - 0.26 * math.sin(a)), (cx + 0.26 * math.cos(a), cy + 0.26 * math.sin(a))],
            0.045,
            b.color("accent", -0.15),
        )
    b.oval(cx, y + h * 0.82, 0.16, 0.16, b.color("dark"))
    b.oval(cx, y + h * 0.82, 0.13, 0.13, b.shining("glow", 0.6, -0.1))


@OPENINGS.draws("stage_curtain")
def stage_curtain(b: Brush, f: Feature) -> None:
    """Heavy drapes on both sides and a valance."""
    x, y, w, h = f.box
    for side in (-1, 1):
        edge = x if side < 0 else x + w
        for k in range(9):
            left = edge - side * w * 0.026 * k
            tone = (-0.28, 0.02, 0.12, -0.08)[k % 4]
            b.rect(min(left, left - side * w * 0.028), y, w * 0.028, h, b.color("cloth", tone))
    drop = h * 0.16
    for k in range(10):
        cx = x + w * (k + 0.5) / 10
        b.rect(cx - w / 20, y + h - drop * 0.6, w / 10, drop * 0.7, b.color("cloth", -0.05))
        b.oval(cx, y + h - drop * 0.6, w / 20, drop * 0.42, b.color("cloth", -0.05))
        b.oval(cx, y + h - drop * 0.54, w / 22, drop * 0.36, b.color("cloth", 0.08))
    b.rect(x, y + h - 0.14, w, 0.14, b.color("accent2", -0.05))


@OPENINGS.draws("railing")
def railing(b: Brush, f: Feature) -> None:
    """An iron rail on thin posts."""
    x, y, w, h = f.box
    for i in range(int(w / 0.6) + 1):
        b.rect(x + i * 0.6 - 0.02, y, 0.04, h, b.color("dark", 0.22))
    b.rect(x, y + h - 0.05, w, 0.06, b.color("dark", 0.3))
    b.rect(x, y + h * 0.5, w, 0.03, b.color("dark", 0.22))
