"""Workshops, offices, classrooms and hotels: benches and tools, blackboards, maps, keys, luggage and crates."""

from __future__ import annotations

import math
from typing import Final

from episodic.backbones.stage.painter.drawings import Drawings
from episodic.backbones.stage.painter.palette import to_skia
from episodic.backbones.stage.painter.scenery.furniture import block
from episodic.backbones.stage.painter.scenery.lamps import desk_lamp
from episodic.backbones.stage.painter.sets.brush import Brush, FeaturePainter
from episodic.looks.place_kinds import Feature

__all__ = ["TRADE"]


TRADE: Final = Drawings[FeaturePainter]()


@TRADE.draws("workbench")
def workbench(b: Brush, f: Feature) -> None:
    """A heavy bench with a vice, a box and a half dismantled machine."""
    x, y, w, h = f.box
    for px in (x + 0.1, x + w - 0.26):
        b.rect(px, y, 0.16, h, b.color("wood", -0.25))
    b.rect(x + 0.1, y + h * 0.25, w - 0.2, 0.09, b.color("wood", -0.3))
    b.rect(x + w * 0.2, y + h * 0.34, w * 0.22, h * 0.3, b.color("accent2", -0.15))
    b.rect(x - 0.04, y + h - 0.13, w + 0.08, 0.14, b.color("wood", 0.12))
    b.rect(x - 0.04, y + h - 0.17, w + 0.08, 0.04, b.color("wood", -0.4))
    b.rect(x + w * 0.08, y + h + 0.01, 0.24, 0.16, b.color("metal", -0.25))
    b.round_rect(x + w * 0.58, y + h + 0.01, 0.56, 0.34, 0.06, b.color("wood", -0.12))
    b.oval(x + w * 0.58 + 0.17, y + h + 0.18, 0.11, 0.11, b.color("accent", 0.12))
    b.rect(x + w * 0.58 + 0.32, y + h + 0.1, 0.17, 0.16, b.shining("glow", 0.35, -0.1))
    for k in range(3):
        b.rect(x + w * (0.32 + 0.06 * k), y + h + 0.01, 0.05, 0.2 - 0.04 * k, b.color(("cloth", "accent", "leaf")[k]))


@TRADE.draws("tool_wall")
def tool_wall(b: Brush, f: Feature) -> None:
    """Tools hung on a board."""
    x, y, w, h = f.box
    b.rect(x, y, w, h, b.color("wood", 0.16))
    b.rect(x, y, w, 0.05, b.color("wood", -0.2))
    random = b.look.random(f.seed)
    count = int(w / 0.3)
    for i in range(count):
        cx = x + w * (i + 0.5) / count
        long = float(random.uniform(0.35, 0.7)) * h
        top = y + h * 0.88
        kind = int(random.integers(4))
        b.line([(cx, top), (cx, top - long * 0.6)], 0.05, b.color("accent" if kind % 2 else "cloth", -0.05))
        if kind == 0:
            b.rect(cx - 0.1, top - long * 0.72, 0.2, 0.1, b.color("metal", -0.3))
        elif kind == 1:
            b.poly(
                [
                    (cx - 0.08, top - long * 0.58),
                    (cx + 0.08, top - long * 0.58),
                    (cx + 0.05, top - long),
                    (cx - 0.02, top - long),
                ],
                b.color("metal", 0.1),
            )
        elif kind == 2:
            b.oval(cx, top - long * 0.7, 0.08, 0.08, b.color("metal", -0.15))
            b.oval(cx, top - long * 0.72, 0.04, 0.05, b.color("wood", 0.16))
        else:
            b.line([(cx, top - long * 0.6), (cx, top - long)], 0.03, b.color("metal", -0.05))


@TRADE.draws("cabinet")
def cabinet(b: Brush, f: Feature) -> None:
    """Filing cabinet."""
    x, y, w, h = f.box
    block(b, x, y, w, h, "metal", -0.22)
    rows = max(3, round(h / 0.42))
    for k in range(rows):
        b.rect(x + 0.05, y + 0.05 + k * (h - 0.08) / rows, w * 0.78, (h - 0.08) / rows - 0.05, b.color("metal", -0.05))
        b.rect(x + w * 0.34, y + 0.05 + (k + 0.55) * (h - 0.08) / rows, w * 0.22, 0.04, b.color("dark", 0.15))


@TRADE.draws("fan")
def fan(b: Brush, f: Feature) -> None:
    """A ceiling fan."""
    x, y, w, h = f.box
    cx = x + w / 2
    b.line([(cx, y + h * 0.4), (cx, y + 2)], 0.04, b.color("dark"))
    for side in (-1, 1):
        b.poly(
            [(cx, y + h * 0.3), (cx + side * w / 2, y + h * 0.16), (cx + side * w / 2, y + h * 0.42), (cx, y + h * 0.5)],
            b.color("wood", -0.3),
        )
    b.oval(cx, y + h * 0.3, 0.16, 0.1, b.color("accent", -0.25))


@TRADE.draws("pinboard")
def pinboard(b: Brush, f: Feature) -> None:
    """Papers, photographs and a red thread."""
    x, y, w, h = f.box
    b.rect(x - 0.05, y - 0.05, w + 0.1, h + 0.1, b.color("wood", -0.2))
    b.rect(x, y, w, h, b.color("#b58a58", 0.05))
    random = b.look.random(f.seed)
    spots = []
    for i in range(6):
        px, py = x + w * (0.12 + 0.3 * (i % 3)), y + h * (0.18 + 0.42 * (i // 3))
        b.rect(px, py, w * 0.18, h * 0.26, b.color(("#f3ead6", "#d8d2c4", "#ece0c0")[int(random.integers(3))]))
        b.rect(px + 0.03, py + h * 0.08, w * 0.18 - 0.06, h * 0.13, b.color("dark", 0.35))
        spots.append((px + w * 0.09, py + h * 0.27))
    b.line([spots[0], spots[4], spots[2], spots[5]], 0.018, b.color("#c03030"))


@TRADE.draws("blackboard")
def blackboard(b: Brush, f: Feature) -> None:
    """A blackboard with chalk drawings: a sun, a plant, arrows and lines of writing."""
    x, y, w, h = f.box
    b.rect(x - 0.1, y - 0.1, w + 0.2, h + 0.2, b.color("wood", 0.02))
    b.rect(x, y, w, h, b.color("#2f5548"))
    b.fade(x, y, w, h, [to_skia((1, 1, 1), 0.10), to_skia((1, 1, 1), 0.0)])
    chalk = b.color("#eef2e6", alpha=0.85)
    cx, cy = x + w * 0.2, y + h * 0.68
    b.line(
        [(cx + 0.16 * math.cos(a / 12 * 6.2832), cy + 0.16 * math.sin(a / 12 * 6.2832)) for a in range(13)],
        0.028,
        chalk,
        smooth=True,
    )
    for k in range(8):
        a = k * math.pi / 4
        b.line(
            [(cx + 0.22 * math.cos(a), cy + 0.22 * math.sin(a)), (cx + 0.3 * math.cos(a), cy + 0.3 * math.sin(a))], 0.024, chalk
        )
    b.line([(x + w * 0.32, y + h * 0.6), (x + w * 0.42, y + h * 0.46)], 0.028, b.color("#ffd98a", alpha=0.9))
    b.line([(x + w * 0.5, y + h * 0.15), (x + w * 0.5, y + h * 0.6)], 0.028, b.color("#a8e0a0", alpha=0.9))
    for side in (-1, 1):
        b.line(
            [
                (x + w * 0.5, y + h * 0.4),
                (x + w * (0.5 + side * 0.06), y + h * 0.56),
                (x + w * (0.5 + side * 0.08), y + h * 0.42),
                (x + w * 0.5, y + h * 0.36),
            ],
            0.026,
            b.color("#a8e0a0", alpha=0.9),
            smooth=True,
        )
    for k in range(4):
        b.line(
            [(x + w * 0.66, y + h * (0.76 - 0.15 * k)), (x + w * (0.92 - 0.05 * (k % 2)), y + h * (0.77 - 0.15 * k))],
            0.024,
            chalk,
        )
    b.rect(x - 0.05, y - 0.14, w + 0.1, 0.06, b.color("wood", 0.2))
    b.rect(x + w * 0.7, y - 0.08, 0.16, 0.05, b.color("cloth"))


@TRADE.draws("map")
def wall_map(b: Brush, f: Feature) -> None:
    """A map on rollers."""
    x, y, w, h = f.box
    b.rect(x, y, w, h, b.color("accent2", 0.35))
    b.blob(
        [
            (x + w * 0.1, y + h * 0.5),
            (x + w * 0.2, y + h * 0.82),
            (x + w * 0.42, y + h * 0.74),
            (x + w * 0.36, y + h * 0.3),
            (x + w * 0.26, y + h * 0.2),
        ],
        b.color("leaf", 0.12),
    )
    b.blob(
        [
            (x + w * 0.52, y + h * 0.6),
            (x + w * 0.66, y + h * 0.85),
            (x + w * 0.9, y + h * 0.7),
            (x + w * 0.8, y + h * 0.44),
            (x + w * 0.66, y + h * 0.2),
        ],
        b.color("accent", 0.15),
    )
    for yy in (y - 0.04, y + h - 0.02):
        b.rect(x - 0.08, yy, w + 0.16, 0.06, b.color("wood", -0.1))


@TRADE.draws("globe")
def globe(b: Brush, f: Feature) -> None:
    """A globe on a stand."""
    x, y, w, h = f.box
    cx, r = x + w / 2, w * 0.48
    cy = y + h - r
    b.line([(cx - w * 0.3, y), (cx, y + h * 0.3), (cx + w * 0.3, y)], 0.05, b.color("wood", -0.2))
    b.line([(cx, y + h * 0.28), (cx, cy - r)], 0.05, b.color("wood", -0.1))
    b.oval(cx, cy, r, r, b.color("accent2", -0.1))
    b.oval(cx - 0.02, cy + 0.02, r * 0.92, r * 0.92, b.color("accent2", 0.15))
    b.blob(
        [(cx - r * 0.6, cy + r * 0.2), (cx - r * 0.1, cy + r * 0.7), (cx + r * 0.1, cy + r * 0.1), (cx - r * 0.3, cy - r * 0.5)],
        b.color("leaf", 0.1),
    )
    b.blob([(cx + r * 0.3, cy + r * 0.3), (cx + r * 0.7, cy + r * 0.2), (cx + r * 0.4, cy - r * 0.5)], b.color("leaf", 0.05))


@TRADE.draws("reception")
def reception(b: Brush, f: Feature) -> None:
    """A hotel's desk with a bell."""
    x, y, w, h = f.box
    b.rect(x, y, w, h, b.color("wood", -0.02))
    count = 5
    for i in range(count):
        b.rect(x + 0.08 + i * w / count, y + 0.14, w / count - 0.16, h - 0.36, b.color("wood", -0.24))
        b.rect(x + 0.11 + i * w / count, y + 0.14, w / count - 0.19, h - 0.39, b.color("cloth", 0.02))
    b.rect(x - 0.1, y + h - 0.1, w + 0.2, 0.12, b.color("trim", 0.2))
    b.rect(x - 0.1, y + h - 0.14, w + 0.2, 0.04, b.color("accent", -0.05))
    b.rect(x, y, w, 0.1, b.color("accent", -0.2))
    b.oval(x + w * 0.3, y + h + 0.06, 0.09, 0.07, b.color("accent", 0.15))
    desk_lamp(b, x + w * 0.8, y + h + 0.02)


@TRADE.draws("key_rack")
def key_rack(b: Brush, f: Feature) -> None:
    """Pigeon holes with keys."""
    x, y, w, h = f.box
    b.rect(x - 0.08, y - 0.08, w + 0.16, h + 0.16, b.color("wood", 0.04))
    columns, rows = 7, 4
    for i in range(columns):
        for j in range(rows):
            px, py = x + i * w / columns, y + j * h / rows
            b.rect(px + 0.02, py + 0.02, w / columns - 0.04, h / rows - 0.04, b.color("wood", -0.5))
            if (i * 5 + j * 3) % 4:
                b.rect(px + w / columns * 0.44, py + h / rows * 0.3, 0.03, h / rows * 0.45, b.color("accent", 0.2))
                b.oval(px + w / columns * 0.5, py + h / rows * 0.28, 0.045, 0.06, b.color("cloth", 0.05))
    b.rect(x - 0.14, y + h + 0.06, w + 0.28, 0.1, b.color("accent", 0.0))


@TRADE.draws("luggage")
def luggage(b: Brush, f: Feature) -> None:
    """Three suitcases."""
    x, y, w, h = f.box
    for dx, dy, ww, hh, name in (
        (0.0, 0.0, 1.0, 0.48, "cloth"),
        (0.1, 0.48, 0.72, 0.34, "accent2"),
        (0.2, 0.82, 0.44, 0.2, "accent"),
    ):
        b.round_rect(x + w * dx, y + h * dy, w * ww, h * hh, 0.06, b.color(name, -0.12))
        b.round_rect(x + w * dx, y + h * dy, w * ww * 0.88, h * hh, 0.06, b.color(name, 0.06))
        for t in (0.2, 0.72):
            b.rect(x + w * dx + w * ww * t, y + h * dy, 0.06, h * hh, b.color("wood", -0.2))


@TRADE.draws("trunk")
def trunk(b: Brush, f: Feature) -> None:
    """A travelling trunk."""
    x, y, w, h = f.box
    b.round_rect(x, y, w, h, 0.08, b.color("cloth", -0.25))
    b.round_rect(x, y, w * 0.86, h, 0.08, b.color("cloth", -0.05))
    b.rect(x, y + h * 0.58, w, 0.05, b.color("dark", alpha=0.7))
    for px in (0.14, 0.8):
        b.rect(x + w * px, y, 0.08, h, b.color("accent", -0.15))
    b.rect(x + w * 0.46, y + h * 0.5, 0.12, 0.16, b.color("accent", 0.1))


@TRADE.draws("crate")
def crate(b: Brush, f: Feature) -> None:
    """A wooden crate."""
    x, y, w, h = f.box
    block(b, x, y, w, h, "wood", 0.1)
    for k in range(1, 4):
        b.rect(x, y + h * k / 4, w, 0.02, b.color("wood", -0.35))
    b.poly(
        [(x + 0.02, y + 0.02), (x + 0.14, y + 0.02), (x + w - 0.02, y + h - 0.02), (x + w - 0.14, y + h - 0.02)],
        b.color("wood", -0.12),
    )
    for px in (x, x + w - 0.1):
        b.rect(px, y, 0.1, h, b.color("wood", -0.05))
    b.rect(x, y + h - 0.1, w, 0.1, b.color("wood", 0.18))
    b.rect(x, y, w, 0.08, b.color("wood", -0.15))


@TRADE.draws("books_stack")
def books_stack(b: Brush, f: Feature) -> None:
    """A pile of books."""
    x, y, w, h = f.box
    for k in range(5):
        ww = w * (1.0 - 0.08 * (k * 7 % 3))
        b.rect(
            x + (w - ww) * 0.5 * (k % 2),
            y + k * h / 5,
            ww,
            h / 5 - 0.015,
            b.color(("cloth", "accent2", "accent", "leaf", "wood")[k], -0.08),
        )


@TRADE.draws("rope")
def rope(b: Brush, f: Feature) -> None:
    """A coil of rope."""
    x, y, w, h = f.box
    for k in range(4):
        b.oval(x + w / 2, y + 0.05 + k * h * 0.22, w / 2, h * 0.18, b.color("#b99a68", -0.25))
        b.oval(x + w / 2, y + 0.07 + k * h * 0.22, w / 2 - 0.02, h * 0.14, b.color("#cdb07c", 0.0))
    b.oval(x + w / 2, y + 0.09 + 3 * h * 0.22, w * 0.2, h * 0.07, b.color("dark", alpha=0.6))


@TRADE.draws("ladder")
def ladder(b: Brush, f: Feature) -> None:
    """A leaning ladder."""
    x, y, w, h = f.box
    for px in (0.0, w * 0.8):
        b.line([(x + px, y), (x + px + 0.25, y + h)], 0.06, b.color("wood", 0.1))
    for k in range(int(h / 0.34)):
        t = (k + 0.7) * 0.34 / h
        b.line([(x + 0.25 * t, y + h * t), (x + w * 0.8 + 0.25 * t, y + h * t)], 0.045, b.color("wood", -0.05))
