"""The floors of rooms, by the word that a look uses for them."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

import skia

from episodic.backbones.stage.painter.drawings import Drawings
from episodic.backbones.stage.painter.pen import polygon
from episodic.backbones.stage.painter.sets.brush import Brush

__all__ = ["BACK_Z", "FLOORS", "FRONT_Z", "boards"]

BACK_Z: Final = 6.6
"""The depth of the back wall, metres."""
FRONT_Z: Final = -7.0
"""Where floors and side walls begin, behind the camera."""
FLOORS: Final = Drawings[Callable[[Brush, float], None]]()
"""Paint a floor of half the width given, on its base colour."""


@FLOORS.draws("boards")
def boards(b: Brush, half: float) -> None:
    """Wooden boards that run away from the camera."""
    random = b.look.random(1)
    step = 0.55
    light, dark, gaps = skia.Path(), skia.Path(), skia.Path()
    for i in range(int(2 * half / step) + 1):
        x = -half + i * step
        z = FRONT_Z + float(random.uniform(0, 2))
        while z < BACK_Z:
            long = float(random.uniform(1.8, 3.4))
            end = min(z + long, BACK_Z)
            lot = random.random()
            if lot < 0.36:
                (light if lot < 0.18 else dark).addRect(skia.Rect.MakeLTRB(x, z, min(x + step, half), end))
            gaps.addRect(skia.Rect.MakeLTRB(x, end - 0.03, min(x + step, half), end))
            z += long
        gaps.addRect(skia.Rect.MakeXYWH(x, FRONT_Z, 0.028, BACK_Z - FRONT_Z))
    b.flat(light, b.color("floor", 0.10, alpha=0.5))
    b.flat(dark, b.color("floor", -0.22, alpha=0.5))
    b.flat(gaps, b.color("floor", -0.45, alpha=0.55))


@FLOORS.draws("checker")
def checker(b: Brush, half: float) -> None:
    """A checkered floor."""
    step, path = 0.62, skia.Path()
    for i in range(math.ceil(2 * half / step)):
        for j in range(math.ceil((BACK_Z - FRONT_Z) / step)):
            if (i + j) % 2:
                z = BACK_Z - (j + 1) * step
                path.addRect(skia.Rect.MakeLTRB(-half + i * step, z, min(-half + (i + 1) * step, half), z + step))
    b.flat(path, b.color("trim", 0.1, alpha=0.55))


@FLOORS.draws("tiles")
def tiled(b: Brush, half: float) -> None:
    """Square tiles."""
    step, path = 0.9, skia.Path()
    for i in range(int(2 * half / step) + 1):
        path.addRect(skia.Rect.MakeXYWH(-half + i * step, FRONT_Z, 0.03, BACK_Z - FRONT_Z))
    for j in range(int((BACK_Z - FRONT_Z) / step) + 1):
        path.addRect(skia.Rect.MakeXYWH(-half, BACK_Z - j * step, 2 * half, 0.035))
    b.flat(path, b.color("floor", -0.32, alpha=0.6))


@FLOORS.draws("marble")
def marble(b: Brush, half: float) -> None:
    """Tiles with small dark squares at the corners."""
    tiled(b, half)
    path = skia.Path()
    for i in range(-6, 7):
        for j in range(8):
            path.addPath(
                polygon(
                    [
                        (i * 0.9, BACK_Z - j * 1.8 - 0.2),
                        (i * 0.9 + 0.2, BACK_Z - j * 1.8),
                        (i * 0.9, BACK_Z - j * 1.8 + 0.2),
                        (i * 0.9 - 0.2, BACK_Z - j * 1.8),
                    ]
                )
            )
    b.clip(polygon([(-half, FRONT_Z), (half, FRONT_Z), (half, BACK_Z), (-half, BACK_Z)]))
    b.flat(path, b.color("accent", -0.1, alpha=0.6))
    b.unclip()


@FLOORS.draws("grating")
def grating(b: Brush, half: float) -> None:
    """A metal grating between painted edges."""
    path = skia.Path()
    for j in range(int((BACK_Z - FRONT_Z) / 0.45)):
        path.addRect(skia.Rect.MakeXYWH(-half * 0.45, BACK_Z - j * 0.45, half * 0.9, 0.09))
    b.rect(-half * 0.45, FRONT_Z, half * 0.9, BACK_Z - FRONT_Z, b.color("floor", 0.08, alpha=0.7))
    b.flat(path, b.color("floor", -0.35, alpha=0.55))
    for x in (-half * 0.45, half * 0.45):
        b.rect(x - 0.06, FRONT_Z, 0.12, BACK_Z - FRONT_Z, b.color("accent2", -0.05))
    tiled(b, half)


@FLOORS.draws("carpet")
def carpet(b: Brush, half: float) -> None:
    """A carpet that leaves a border free."""
    b.rect(-half + 0.7, FRONT_Z, 2 * half - 1.4, BACK_Z - FRONT_Z - 0.6, b.color("cloth", -0.15, alpha=0.35))
