"""Hills, rocks, dunes and clouds: big clear shapes, a light side and a shaded side."""

from __future__ import annotations

import math
from typing import Final

from episodic.backbones.stage.painter.drawings import Drawings
from episodic.backbones.stage.painter.palette import mix, to_skia
from episodic.backbones.stage.painter.scenery.views import ridge
from episodic.backbones.stage.painter.sets.brush import Brush, FeaturePainter, Point
from episodic.looks.place_kinds import Feature

__all__ = ["TERRAIN"]

TERRAIN: Final = Drawings[FeaturePainter]()


@TERRAIN.draws("hills")
def hills(b: Brush, f: Feature) -> None:
    """A soft ridge across the whole picture."""
    x, y, w, h = f.box
    random = b.look.random(f.seed)
    name = "leaf" if b.look.shape.ground not in ("snow", "sand", "dust") else "floor"
    crest = ridge(random, x, w, y, h, rough=0.62, steps=9)
    b.blob([(x - 20, y - 3), *crest, (x + w + 20, y - 3)], b.color(name, 0.06))
    low = [(px, y + (py - y) * 0.55 - 0.1 * h * math.sin(px)) for px, py in crest]
    b.blob([(x - 20, y - 3), *low, (x + w + 20, y - 3)], b.color(name, -0.06))


@TERRAIN.draws("dunes")
def dunes(b: Brush, f: Feature) -> None:
    """Dunes with a sharp lit crest."""
    x, y, w, h = f.box
    random = b.look.random(f.seed)
    side = b.key_side
    count = 5
    for i in range(count):
        cx = x + w * (i + 0.5) / count + float(random.uniform(-4, 4))
        hh, ww = h * float(random.uniform(0.55, 1.0)), w / count * float(random.uniform(0.8, 1.1))
        b.blob(
            [(cx - ww, y - 1), (cx - ww * 0.4, y + hh * 0.55), (cx, y + hh), (cx + ww * 0.5, y + hh * 0.42), (cx + ww, y - 1)],
            b.color("floor", -0.02),
        )
        b.blob(
            [
                (cx, y + hh),
                (cx + side * -ww * 0.12, y + hh * 0.5),
                (cx + side * -ww * 0.3, y - 1),
                (cx + side * -ww, y - 1),
                (cx + side * -ww * 0.45, y + hh * 0.5),
            ],
            b.color("floor", -0.24),
        )


@TERRAIN.draws("mesa")
def mesa(b: Brush, f: Feature) -> None:
    """A flat-topped rock."""
    x, y, w, h = f.box
    for t0, t1, tone in ((0.0, 1.0, -0.04), (0.5 if b.light.key_x < 0 else 0.0, 1.0 if b.light.key_x < 0 else 0.5, -0.24)):
        left, right = x + w * t0, x + w * t1
        b.poly(
            [
                (left - (1.6 if t0 == 0 else 0), y - 1),
                (left + (1.0 if t0 == 0 else 0), y + h * 0.55),
                (left + (1.6 if t0 == 0 else 0), y + h),
                (right - (1.4 if t1 == 1 else 0), y + h * 0.97),
                (right - (0.6 if t1 == 1 else 0), y + h * 0.5),
                (right + (2 if t1 == 1 else 0), y - 1),
            ],
            b.color("wall", tone),
        )
    b.rect(x + 1.2, y + h * 0.72, w - 2.2, h * 0.05, b.color("trim", -0.15, alpha=0.6))


@TERRAIN.draws("peaks")
def peaks(b: Brush, f: Feature) -> None:
    """Mountains with faces in light and in shade and snow on top."""
    x, y, w, h = f.box
    random = b.look.random(f.seed)
    side = b.key_side
    count = 6
    b.rect(x - 20, y - 3, w + 40, 3 + h * 0.12, b.color("trim", -0.1))
    order = random.permutation(count)
    for i in order:
        cx = x + w * (float(i) + 0.5) / count + float(random.uniform(-0.2, 0.2)) * w / count
        hh = h * float(random.uniform(0.55, 1.0))
        ww = hh * float(random.uniform(0.85, 1.15)) + w / count * 0.25
        top = (cx, y + hh)
        lit_face = [
            (cx - ww, y - 1),
            (cx - ww * 0.55, y + hh * 0.42),
            (cx - ww * 0.2, y + hh * 0.74),
            top,
            (cx + ww * 0.24, y + hh * 0.66),
            (cx + ww * 0.5, y + hh * 0.45),
            (cx + ww, y - 1),
        ]
        b.poly(lit_face, b.color("trim", 0.02))
        fold = [
            (cx - side * ww * 0.06, y + hh * 0.72),
            (cx + side * ww * 0.08, y + hh * 0.5),
            (cx - side * ww * 0.10, y + hh * 0.26),
            (cx + side * ww * 0.04, y - 1),
        ]
        away = [
            (cx - side * ww, y - 1),
            (cx - side * ww * (0.5 if side < 0 else 0.55), y + hh * 0.43),
            (cx - side * ww * 0.22, y + hh * 0.7),
        ]
        b.poly([top, *fold, *away], b.color("trim", -0.24))
        if not f.plain:
            snow: list[Point] = [
                top,
                (cx - ww * 0.2, y + hh * 0.74),
                (cx - ww * 0.11, y + hh * 0.69),
                (cx - ww * 0.03, y + hh * 0.76),
                (cx + ww * 0.06, y + hh * 0.64),
                (cx + ww * 0.13, y + hh * 0.72),
                (cx + ww * 0.2, y + hh * 0.71),
            ]
            b.poly(snow, b.color("#f6f8fa"))
            shaded = [
                top,
                (cx - side * ww * 0.2, y + hh * 0.725),
                (cx - side * ww * 0.1, y + hh * 0.70),
                (cx - side * ww * 0.04, y + hh * 0.76),
            ]
            b.poly(shaded, b.color("#aebfd8"))


@TERRAIN.draws("rocks")
def rocks(b: Brush, f: Feature) -> None:
    """Boulders with a lit top."""
    x, y, w, h = f.box
    side = b.key_side
    name = "floor" if b.look.shape.ground in ("dust", "sand", "rock") else "metal"
    for dx, s, tone in ((0.78, 0.55, -0.1), (0.3, 1.0, 0.0), (0.6, 0.7, -0.04)):
        cx, rw, rh = x + w * dx, w * 0.3 * (0.6 + 0.4 * s), h * s
        pts = [
            (cx - rw, y - 0.04),
            (cx - rw * 0.8, y + rh * 0.55),
            (cx - rw * 0.2, y + rh),
            (cx + rw * 0.45, y + rh * 0.86),
            (cx + rw * 0.95, y + rh * 0.35),
            (cx + rw, y - 0.04),
        ]
        b.poly(pts, b.color(name, tone - 0.26))
        lit = [
            (cx - rw * 0.8, y + rh * 0.55),
            (cx - rw * 0.2, y + rh),
            (cx + rw * 0.45, y + rh * 0.86),
            (cx + rw * 0.1, y + rh * 0.55),
            (cx + side * rw * 0.45, y + rh * 0.1),
        ]
        if side > 0:
            lit = [
                (cx - rw * 0.2, y + rh),
                (cx + rw * 0.45, y + rh * 0.86),
                (cx + rw * 0.95, y + rh * 0.35),
                (cx + rw * 0.6, y + rh * 0.1),
                (cx + rw * 0.1, y + rh * 0.55),
            ]
        else:
            lit = [
                (cx + rw * 0.45, y + rh * 0.86),
                (cx - rw * 0.2, y + rh),
                (cx - rw * 0.8, y + rh * 0.55),
                (cx - rw * 0.7, y + rh * 0.12),
                (cx - rw * 0.1, y + rh * 0.6),
            ]
        b.poly(lit, b.color(name, tone + 0.08))
        if b.look.shape.ground == "snow":
            b.blob(
                [
                    (cx - rw * 0.7, y + rh * 0.66),
                    (cx - rw * 0.2, y + rh * 1.06),
                    (cx + rw * 0.5, y + rh * 0.92),
                    (cx + rw * 0.2, y + rh * 0.74),
                ],
                b.color("#f4f8fc"),
            )


@TERRAIN.draws("headland")
def headland(b: Brush, f: Feature) -> None:
    """A grassy cliff running out into the sea."""
    x, y, w, h = f.box
    side = b.key_side
    b.poly(
        [
            (x - 30, y - 2),
            (x - 30, y + h),
            (x + w * 0.72, y + h * 0.94),
            (x + w * 0.88, y + h * 0.6),
            (x + w * 0.95, y + h * 0.25),
            (x + w * 1.06, y - 2),
        ],
        b.color("floor", -0.14),
    )
    for k in range(6):
        px = x + w * (0.1 + 0.14 * k)
        b.poly(
            [(px, y + h * 0.86), (px + 0.5, y + h * 0.86), (px + 0.9, y - 2), (px + 0.2 + side * 0.4, y - 2)],
            b.color("floor", -0.3 if k % 2 else 0.04),
        )
    b.blob(
        [
            (x - 30, y + h * 0.8),
            (x - 30, y + h * 1.1),
            (x + w * 0.2, y + h * 1.04),
            (x + w * 0.6, y + h * 1.02),
            (x + w * 0.78, y + h * 0.9),
            (x + w * 0.5, y + h * 0.82),
        ],
        b.color("leaf", 0.08),
        0.5,
    )


@TERRAIN.draws("snow_drift")
def snow_drift(b: Brush, f: Feature) -> None:
    """A bank of snow with a blue shade."""
    x, y, w, h = f.box
    b.blob(
        [(x, y - 0.2), (x + w * 0.25, y + h * 0.7), (x + w * 0.55, y + h), (x + w * 0.85, y + h * 0.5), (x + w, y - 0.2)],
        b.color("#dbe6f2", -0.1),
    )
    b.blob(
        [
            (x + w * 0.06, y),
            (x + w * 0.27, y + h * 0.7),
            (x + w * 0.55, y + h),
            (x + w * 0.7, y + h * 0.74),
            (x + w * 0.4, y + h * 0.4),
        ],
        b.color("#f6f9fc"),
    )


@TERRAIN.draws("cloud_bank")
def cloud_bank(b: Brush, f: Feature) -> None:
    """A floor of clouds."""
    x, y, w, h = f.box
    random = b.look.random(f.seed)
    count = max(6, int(w / 1.6))
    for tone, lift, scale in ((-0.12, 0.0, 1.0), (0.2, 0.12, 0.8)):
        for i in range(count):
            r = h * float(random.uniform(0.4, 0.75)) * scale
            b.oval(
                x + w * (i + 0.5) / count,
                y + r * 0.4 + lift * h,
                r * 1.7,
                r,
                to_skia(mix(b.light.surface(b.rgb("trim", tone + 0.3), b.z), b.light.haze, 0.15)),
            )
    b.rect(x - 20, y - 4, w + 40, 4 + h * 0.15, b.color("trim", 0.1))
