"""The back walls of rooms, by the word that a look uses for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import skia

from episodic.backbones.stage.painter.drawings import Drawings
from episodic.backbones.stage.painter.scenery.views import outside_view
from episodic.backbones.stage.painter.sets.brush import Brush

__all__ = ["WALLS", "plaster"]

WALLS: Final = Drawings[Callable[[Brush, float, float], None]]()
"""Paint a wall of half the width and the height given, on its base colour."""


@WALLS.draws("plaster")
def plaster(b: Brush, half: float, high: float) -> None:
    """Plaster with a skirting board; also any unknown wall."""
    b.rect(-half, 0, 2 * half, 0.16, b.color("trim"))
    b.rect(-half, 0.16, 2 * half, 0.03, b.color("trim", -0.3))
    b.rect(-half, high - 0.12, 2 * half, 0.12, b.color("trim", -0.05))


@WALLS.draws("paper")
def paper(b: Brush, half: float, high: float) -> None:
    """Striped paper over a wooden dado."""
    path = skia.Path()
    step = 0.36
    for i in range(int(2 * half / step) + 1):
        path.addRect(skia.Rect.MakeXYWH(-half + i * step, 0, step * 0.5, high))
    b.flat(path, b.color("wall", 0.09))
    dots = skia.Path()
    for i in range(int(2 * half / step)):
        for j in range(int((high - 1.0) / 0.5)):
            dots.addCircle(-half + i * step + step * 0.75, 1.35 + j * 0.5 + 0.25 * (i % 2), 0.035)
    b.flat(dots, b.color("wall", -0.16))
    dado(b, half, 0.95)
    b.rect(-half, high - 0.16, 2 * half, 0.16, b.color("trim", 0.08))
    b.rect(-half, high - 0.2, 2 * half, 0.04, b.color("trim", -0.25))


@WALLS.draws("panels")
def panels(b: Brush, half: float, high: float) -> None:
    """Wooden panelling up to eye height, plaster above."""
    b.rect(-half, 0, 2 * half, high, b.color("wall", 0.04))
    dado(b, half, min(1.5, high * 0.46))
    b.rect(-half, high - 0.2, 2 * half, 0.2, b.color("wood", -0.1))


def dado(b: Brush, half: float, top: float) -> None:
    """Wooden panels up to `top`."""
    b.rect(-half, 0, 2 * half, top, b.color("wood"))
    count = max(4, round(2 * half / 1.15))
    w = 2 * half / count
    for i in range(count):
        x = -half + i * w
        b.rect(x + 0.12, 0.26, w - 0.24, top - 0.44, b.color("wood", -0.22))
        b.rect(x + 0.15, 0.26, w - 0.27, top - 0.47, b.color("wood", 0.06))
    b.rect(-half, top - 0.05, 2 * half, 0.09, b.color("trim", 0.12))
    b.rect(-half, top - 0.09, 2 * half, 0.04, b.color("wood", -0.3))
    b.rect(-half, 0, 2 * half, 0.15, b.color("wood", -0.25))


@WALLS.draws("tiles")
def tiles(b: Brush, half: float, high: float) -> None:
    """Tiles to shoulder height."""
    top = 1.5
    b.rect(-half, 0, 2 * half, top, b.color("trim", 0.16))
    lines = skia.Path()
    step = 0.25
    for j in range(int(top / step)):
        lines.addRect(skia.Rect.MakeXYWH(-half, j * step, 2 * half, 0.018))
    for i in range(int(2 * half / step)):
        lines.addRect(skia.Rect.MakeXYWH(-half + i * step, 0, 0.018, top))
    b.flat(lines, b.color("trim", -0.06))
    b.rect(-half, top, 2 * half, 0.11, b.color("accent2", -0.05))
    b.rect(-half, top - 0.03, 2 * half, 0.03, b.color("trim", -0.25))
    b.rect(-half, high - 0.1, 2 * half, 0.1, b.color("trim", 0.0))


@WALLS.draws("planks")
def planks(b: Brush, half: float, high: float) -> None:
    """Upright planks."""
    random = b.look.random(3)
    step = 0.42
    for i in range(int(2 * half / step) + 1):
        x = -half + i * step
        w = min(step, half - x)
        b.rect(x, 0, w, high, b.color("wall", float(random.uniform(-0.12, 0.08))))
        b.rect(x, 0, 0.025, high, b.color("wall", -0.4))
    b.rect(-half, high * 0.62, 2 * half, 0.2, b.color("wood", -0.05))
    b.rect(-half, high * 0.62 - 0.05, 2 * half, 0.05, b.color("wood", -0.35))
    b.rect(-half, 0, 2 * half, 0.18, b.color("wood", -0.2))


@WALLS.draws("stone")
def stone(b: Brush, half: float, high: float) -> None:
    """Rough stones in courses."""
    random = b.look.random(4)
    step = 0.55
    for j in range(int(high / step) + 1):
        x = -half - float(random.uniform(0, 0.6))
        while x < half:
            w = float(random.uniform(0.7, 1.3))
            left, right = max(x, -half), min(x + w, half)
            if right - left > 0.06 and random.random() < 0.55:
                b.round_rect(
                    left + 0.02,
                    j * step + 0.02,
                    right - left - 0.04,
                    step - 0.04,
                    0.05,
                    b.color("wall", float(random.uniform(-0.13, 0.09))),
                )
            x += w
    b.rect(-half, 0, 2 * half, 0.3, b.color("wall", -0.28))


@WALLS.draws("ship")
def ship(b: Brush, half: float, high: float) -> None:
    """Panels of a space ship with lines of light."""
    b.rect(-half, 0, 2 * half, high, b.color("wall"))
    b.rect(-half, 0, 2 * half, 0.9, b.color("floor", -0.2))
    count = max(4, round(half * 2 / 1.6))
    w = 2 * half / count
    for i in range(count):
        x = -half + i * w
        b.round_rect(x + 0.05, 0.98, w - 0.1, high - 1.5, 0.16, b.color("trim", -0.08))
        b.round_rect(x + 0.09, 0.98, w - 0.14, high - 1.54, 0.14, b.color("wall", 0.12))
    b.rect(-half, 0.86, 2 * half, 0.1, b.color("trim", -0.3))
    b.rect(-half, 0.89, 2 * half, 0.035, b.lit("glow", alpha=0.5 + 0.4 * b.light.practical))
    b.rect(-half, high - 0.5, 2 * half, 0.5, b.color("wall", -0.25))


@WALLS.draws("hull")
def hull(b: Brush, half: float, high: float) -> None:
    """Riveted plates."""
    random = b.look.random(5)
    for i in range(int(2 * half / 1.5) + 1):
        x = -half + i * 1.5
        w = min(1.5, half - x)
        if w <= 0:
            break
        for j, (y, h) in enumerate(((0.0, 1.1), (1.1, 1.1), (2.2, high - 2.2))):
            b.rect(x, y, w, h, b.color("wall", float(random.uniform(-0.08, 0.07)) - 0.04 * j))
    rivets = skia.Path()
    for i in range(int(2 * half / 1.5) + 1):
        x = -half + i * 1.5
        b.rect(x - 0.05, 0, 0.1, high, b.color("wall", -0.22))
        for j in range(int(high / 0.22)):
            rivets.addCircle(x, 0.12 + j * 0.22, 0.025)
    for y in (1.1, 2.2):
        b.rect(-half, y - 0.05, 2 * half, 0.1, b.color("wall", -0.22))
    b.flat(rivets, b.color("wall", 0.22))
    b.rect(-half, 0, 2 * half, 0.25, b.color("accent2", -0.15))


@WALLS.draws("glass")
def glass(b: Brush, half: float, high: float) -> None:
    """A lantern room: panes all round, iron ribs, the world outside."""
    outside_view(b, -half, 0.85, 2 * half, high - 1.2, b.look.shape.outside or "sea")
    b.rect(-half, 0, 2 * half, 0.9, b.color("trim", -0.1))
    b.rect(-half, 0.86, 2 * half, 0.1, b.color("trim", 0.15))
    b.rect(-half, high - 0.4, 2 * half, 0.4, b.color("dark", 0.12))
    count = 5
    for i in range(count + 1):
        x = -half + i * 2 * half / count
        b.rect(x - 0.06, 0, 0.12, high, b.color("dark", 0.16))
        b.rect(x - 0.06, 0, 0.03, high, b.color("dark", 0.34))
    b.rect(-half, 2.2, 2 * half, 0.06, b.color("dark", 0.18))


@WALLS.draws("backdrop")
def backdrop(b: Brush, half: float, high: float) -> None:
    """A painted backcloth on a stage."""
    outside_view(b, -half, 0, 2 * half, high, "hills", painted=True)
