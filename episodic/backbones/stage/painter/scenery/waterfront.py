"""Ships, boats, and the fittings of quays and decks."""

from __future__ import annotations

import math
from typing import Final

from episodic.backbones.stage.painter.drawings import Drawings
from episodic.backbones.stage.painter.sets.brush import Brush, FeaturePainter
from episodic.looks.place_kinds import Feature

__all__ = ["WATERFRONT"]

WATERFRONT: Final = Drawings[FeaturePainter]()


@WATERFRONT.draws("crane")
def crane(b: Brush, f: Feature) -> None:
    """A dockside crane."""
    x, y, w, h = f.box
    ink = b.color("accent", -0.12)
    for px in (x + w * 0.2, x + w * 0.5):
        b.line([(px, y - 1), (px + w * 0.05, y + h * 0.6)], 0.3, ink)
    for k in range(5):
        b.line([(x + w * 0.2, y + h * 0.12 * k), (x + w * 0.53, y + h * 0.12 * (k + 1))], 0.12, ink)
    b.rect(x + w * 0.1, y + h * 0.58, w * 0.55, h * 0.14, b.color("accent", 0.05))
    b.rect(x + w * 0.45, y + h * 0.6, w * 0.16, h * 0.08, b.shining("glow", 0.2 + 0.6 * b.light.dark))
    b.line([(x + w * 0.3, y + h * 0.7), (x + w * 1.5, y + h)], 0.26, ink)
    b.line([(x + w * 1.46, y + h * 0.99), (x + w * 1.46, y + h * 0.5)], 0.06, b.color("dark"))
    b.rect(x + w * 1.34, y + h * 0.42, w * 0.24, h * 0.08, b.color("wood", -0.1))


@WATERFRONT.draws("ship")
def ship(b: Brush, f: Feature) -> None:
    """A small freighter alongside."""
    x, y, w, h = f.box
    b.blob(
        [(x, y + h * 0.36), (x + w * 0.08, y - 0.6), (x + w * 0.9, y - 0.6), (x + w, y + h * 0.46), (x + w * 0.6, y + h * 0.32)],
        b.color("cloth", -0.2),
        0.4,
    )
    b.rect(x + w * 0.06, y - 0.6, w * 0.85, 0.5, b.color("dark", 0.08))
    b.rect(x + w * 0.12, y + h * 0.3, w * 0.3, h * 0.3, b.color("#f0e8d8", 0.0))
    b.rect(x + w * 0.15, y + h * 0.6, w * 0.2, h * 0.18, b.color("#f0e8d8", -0.08))
    for k in range(4):
        b.rect(x + w * (0.16 + 0.045 * k), y + h * 0.64, w * 0.03, h * 0.08, b.shining("glow", 0.15 + 0.8 * b.light.dark))
    b.rect(x + w * 0.28, y + h * 0.76, w * 0.08, h * 0.24, b.color("accent", -0.05))
    b.rect(x + w * 0.28, y + h * 0.92, w * 0.08, h * 0.08, b.color("dark"))
    b.line([(x + w * 0.7, y + h * 0.3), (x + w * 0.7, y + h * 0.9)], 0.12, b.color("wood", -0.1))


@WATERFRONT.draws("boat")
def boat(b: Brush, f: Feature) -> None:
    """A rowing or sailing boat."""
    x, y, w, h = f.box
    b.blob(
        [(x, y + h * 0.34), (x + w * 0.14, y), (x + w * 0.86, y), (x + w, y + h * 0.4), (x + w * 0.5, y + h * 0.28)],
        b.color("accent2", -0.1),
        0.5,
    )
    b.line(
        [(x + w * 0.03, y + h * 0.33), (x + w * 0.5, y + h * 0.28), (x + w * 0.97, y + h * 0.38)],
        0.08,
        b.color("trim", 0.15),
        smooth=True,
    )
    b.line([(x + w * 0.45, y + h * 0.28), (x + w * 0.45, y + h * 1.2)], 0.08, b.color("wood", 0.0))
    b.poly([(x + w * 0.47, y + h * 0.42), (x + w * 0.47, y + h * 1.15), (x + w * 0.86, y + h * 0.46)], b.color("#f4ead4", -0.05))


@WATERFRONT.draws("sail")
def sail(b: Brush, f: Feature) -> None:
    """A far sail on the horizon."""
    x, y, w, h = f.box
    b.poly([(x, y + 0.1), (x + w, y + 0.1), (x + w * 0.8, y - 0.6), (x + w * 0.15, y - 0.6)], b.color("wood", -0.1))
    b.poly([(x + w * 0.5, y + 0.3), (x + w * 0.5, y + h), (x + w * 1.0, y + 0.4)], b.color("#f6ecd8"))
    b.poly([(x + w * 0.44, y + 0.3), (x + w * 0.44, y + h * 0.86), (x + w * 0.1, y + 0.4)], b.color("#f6ecd8", -0.12))


@WATERFRONT.draws("bollard")
def bollard(b: Brush, f: Feature) -> None:
    """An iron bollard with a loop of rope."""
    x, y, w, h = f.box
    b.round_rect(x + w * 0.18, y, w * 0.64, h, 0.08, b.color("dark", 0.14))
    b.round_rect(x + w * 0.26, y, w * 0.14, h, 0.04, b.color("dark", 0.34))
    b.round_rect(x, y + h * 0.78, w, h * 0.24, 0.09, b.color("dark", 0.2))
    for k in range(3):
        b.line(
            [(x + w * 0.1, y + h * (0.3 + 0.1 * k)), (x + w * 0.9, y + h * (0.33 + 0.1 * k))], 0.06, b.color("#cdb07c", -0.08 * k)
        )


@WATERFRONT.draws("ship_rail")
def ship_rail(b: Brush, f: Feature) -> None:
    """A ship's rail."""
    x, y, w, h = f.box
    b.rect(x, y, w, h * 0.25, b.color("trim", 0.05))
    for i in range(int(w / 0.55) + 1):
        b.rect(x + i * 0.55, y, 0.09, h, b.color("trim", 0.0))
    b.rect(x, y + h - 0.1, w, 0.14, b.color("wood", 0.1))


@WATERFRONT.draws("mast")
def mast(b: Brush, f: Feature) -> None:
    """A mast with its shrouds and a furled sail."""
    x, y, w, h = f.box
    cx = x + w / 2
    b.rect(x, y, w, h, b.color("wood", -0.06))
    b.rect(x + w * 0.6 if b.light.key_x < 0 else x, y, w * 0.4, h, b.color("wood", -0.24))
    for side in (-1, 1):
        b.line([(cx, y + h), (cx + side * 3.4, y + 0.9)], 0.03, b.color("dark", 0.15))
    b.round_rect(cx - 3.0, y + 3.1, 6.0, 0.36, 0.18, b.color("#efe2c8", -0.05))
    for k in range(6):
        b.rect(cx - 2.7 + k * 1.0, y + 3.06, 0.07, 0.44, b.color("#b99a68", -0.1))


@WATERFRONT.draws("wheel")
def wheel(b: Brush, f: Feature) -> None:
    """A ship's wheel."""
    x, y, w, h = f.box
    cx, cy, r = x + w / 2, y + h * 0.62, w * 0.4
    b.poly([(cx - 0.24, y), (cx + 0.24, y), (cx + 0.12, cy), (cx - 0.12, cy)], b.color("wood", -0.2))
    for k in range(8):
        a = k * math.pi / 4
        b.line([(cx, cy), (cx + r * 1.28 * math.cos(a), cy + r * 1.28 * math.sin(a))], 0.06, b.color("wood", 0.05))
    ring = [(cx + r * math.cos(k / 24 * 6.2832), cy + r * math.sin(k / 24 * 6.2832)) for k in range(25)]
    b.line(ring, 0.11, b.color("wood", 0.12))
    b.oval(cx, cy, 0.12, 0.12, b.color("accent", 0.1))
