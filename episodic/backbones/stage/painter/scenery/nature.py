"""Hills, trees, rocks and water plants: big clear shapes, a light side and a shaded side."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Final

import skia

from episodic.backbones.stage.painter.palette import mix, to_skia
from episodic.backbones.stage.painter.scenery.openings import ridge
from episodic.backbones.stage.painter.sets.brush import Brush, Point
from episodic.looks.place_kinds import Feature

__all__ = ["NATURE"]


def _toward_key(b: Brush) -> float:
    return -1.0 if b.light.key_x < 0 else 1.0


def hills(b: Brush, f: Feature) -> None:
    """A soft ridge across the whole picture."""
    x, y, w, h = f.box
    random = b.look.random(f.seed)
    name = "leaf" if b.look.shape.ground not in ("snow", "sand", "dust") else "floor"
    crest = ridge(random, x, w, y, h, rough=0.62, steps=9)
    b.blob([(x - 20, y - 3), *crest, (x + w + 20, y - 3)], b.c(name, 0.06))
    low = [(px, y + (py - y) * 0.55 - 0.1 * h * math.sin(px)) for px, py in crest]
    b.blob([(x - 20, y - 3), *low, (x + w + 20, y - 3)], b.c(name, -0.06))


def dunes(b: Brush, f: Feature) -> None:
    """Dunes with a sharp lit crest."""
    x, y, w, h = f.box
    random = b.look.random(f.seed)
    side = _toward_key(b)
    count = 5
    for i in range(count):
        cx = x + w * (i + 0.5) / count + float(random.uniform(-4, 4))
        hh, ww = h * float(random.uniform(0.55, 1.0)), w / count * float(random.uniform(0.8, 1.1))
        b.blob(
            [(cx - ww, y - 1), (cx - ww * 0.4, y + hh * 0.55), (cx, y + hh), (cx + ww * 0.5, y + hh * 0.42), (cx + ww, y - 1)],
            b.c("floor", -0.02),
        )
        b.blob(
            [
                (cx, y + hh),
                (cx + side * -ww * 0.12, y + hh * 0.5),
                (cx + side * -ww * 0.3, y - 1),
                (cx + side * -ww, y - 1),
                (cx + side * -ww * 0.45, y + hh * 0.5),
            ],
            b.c("floor", -0.24),
        )


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
            b.c("wall", tone),
        )
    b.rect(x + 1.2, y + h * 0.72, w - 2.2, h * 0.05, b.c("trim", -0.15, alpha=0.6))


def peaks(b: Brush, f: Feature) -> None:
    """Mountains with faces in light and in shade and snow on top."""
    x, y, w, h = f.box
    random = b.look.random(f.seed)
    side = _toward_key(b)
    count = 6
    b.rect(x - 20, y - 3, w + 40, 3 + h * 0.12, b.c("trim", -0.1))
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
        b.poly(lit_face, b.c("trim", 0.02))
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
        b.poly([top, *fold, *away], b.c("trim", -0.24))
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
            b.poly(snow, b.c("#f6f8fa"))
            shaded = [
                top,
                (cx - side * ww * 0.2, y + hh * 0.725),
                (cx - side * ww * 0.1, y + hh * 0.70),
                (cx - side * ww * 0.04, y + hh * 0.76),
            ]
            b.poly(shaded, b.c("#aebfd8"))


def tree_line(b: Brush, f: Feature) -> None:
    """The edge of a wood, as one mass of crowns."""
    x, y, w, h = f.box
    random = b.look.random(f.seed)
    pines = b.look.place in ("mountain", "snow", "forest")
    tone = -0.12
    b.rect(x - 20, y - 1, w + 40, h * 0.38 + 1, b.c("leaf", tone))
    px = x
    while px < x + w:
        hh = h * float(random.uniform(0.62, 1.0))
        ww = hh * float(random.uniform(0.22, 0.34)) if pines else hh * float(random.uniform(0.5, 0.8))
        shade = tone + float(random.uniform(-0.05, 0.06))
        if pines:
            b.poly([(px - ww, y), (px, y + hh), (px + ww, y)], b.c("leaf", shade))
        else:
            b.oval(px, y + hh * 0.5, ww * 0.6, hh * 0.48, b.c("leaf", shade))
            b.oval(px + _toward_key(b) * ww * 0.12, y + hh * 0.6, ww * 0.42, hh * 0.33, b.c("leaf", shade + 0.07))
        px += ww * 1.1


def tree(b: Brush, f: Feature) -> None:
    """A broad-leaved tree: three masses of leaves, lit from the key."""
    x, y, w, h = f.box
    cx, side = x + w / 2, _toward_key(b)
    b.blob(
        [
            (cx - w * 0.07, y),
            (cx - w * 0.04, y + h * 0.3),
            (cx - w * 0.16, y + h * 0.55),
            (cx + w * 0.16, y + h * 0.55),
            (cx + w * 0.04, y + h * 0.3),
            (cx + w * 0.08, y),
        ],
        b.c("wood", -0.12),
        0.6,
    )
    masses = ((-0.24, 0.52, 0.27, 0.19), (0.24, 0.55, 0.27, 0.2), (-0.06, 0.66, 0.33, 0.2), (0.05, 0.82, 0.25, 0.17))
    for dx, dy, rx, ry in masses:
        b.oval(cx + dx * w, y + dy * h, rx * w, ry * h, b.c("leaf", -0.2))
    for dx, dy, rx, ry in masses:
        b.oval(cx + (dx + side * 0.03) * w, y + (dy + 0.02) * h, rx * w * 0.84, ry * h * 0.82, b.c("leaf", 0.0))
    for dx, dy, rx, ry in masses[2:]:
        b.oval(cx + (dx + side * 0.08) * w, y + (dy + 0.05) * h, rx * w * 0.52, ry * h * 0.46, b.c("leaf", 0.16))


def pine(b: Brush, f: Feature) -> None:
    """A conifer in four tiers; snow on them where there is snow."""
    x, y, w, h = f.box
    cx, side = x + w / 2, _toward_key(b)
    b.rect(cx - w * 0.05, y, w * 0.1, h * 0.2, b.c("wood", -0.25))
    snow = f.kind == "snow_pine"
    for k in range(4):
        low, top = y + h * (0.12 + 0.19 * k), y + h * (0.46 + 0.18 * k)
        half = w * (0.5 - 0.095 * k)
        b.blob(
            [
                (cx - half, low),
                (cx - half * 0.4, low + (top - low) * 0.42),
                (cx, top),
                (cx + half * 0.4, low + (top - low) * 0.42),
                (cx + half, low),
                (cx, low - h * 0.02),
            ],
            b.c("leaf", -0.18 + 0.03 * k),
            0.55,
        )
        b.blob(
            [
                (cx + side * half, low),
                (cx + side * half * 0.4, low + (top - low) * 0.42),
                (cx, top),
                (cx + side * half * 0.15, low + (top - low) * 0.2),
            ],
            b.c("leaf", 0.02 + 0.03 * k),
            0.55,
        )
        if snow:
            b.blob(
                [
                    (cx - half * 0.9, low + h * 0.01),
                    (cx - half * 0.38, low + (top - low) * 0.44),
                    (cx, top),
                    (cx + half * 0.38, low + (top - low) * 0.44),
                    (cx + half * 0.9, low + h * 0.01),
                    (cx + half * 0.4, low + h * 0.05),
                    (cx, low + h * 0.025),
                    (cx - half * 0.4, low + h * 0.055),
                ],
                b.c("#f4f8fc", -0.02),
                0.55,
            )


def trunk_big(b: Brush, f: Feature) -> None:
    """A great trunk whose crown is out of the picture."""
    x, y, w, h = f.box
    cx, side = x + w / 2, _toward_key(b)
    b.blob(
        [
            (cx - w * 0.9, y),
            (cx - w * 0.45, y + h * 0.07),
            (cx - w * 0.36, y + h * 0.5),
            (cx - w * 0.42, y + h),
            (cx + w * 0.42, y + h),
            (cx + w * 0.36, y + h * 0.5),
            (cx + w * 0.45, y + h * 0.07),
            (cx + w * 0.9, y),
        ],
        b.c("wood", -0.22),
        0.7,
    )
    b.blob(
        [
            (cx + side * w * 0.8, y),
            (cx + side * w * 0.42, y + h * 0.07),
            (cx + side * w * 0.34, y + h * 0.5),
            (cx + side * w * 0.4, y + h),
            (cx + side * w * 0.12, y + h),
            (cx + side * w * 0.1, y + h * 0.5),
            (cx + side * w * 0.2, y + h * 0.05),
        ],
        b.c("wood", 0.0),
        0.7,
    )
    for k in range(5):
        yy = y + h * (0.14 + 0.16 * k)
        b.line([(cx - w * 0.18 * (-1) ** k, yy), (cx - w * 0.12 * (-1) ** k, yy + h * 0.07)], w * 0.05, b.c("wood", -0.38))
    b.blob(
        [
            (cx - w * 3.2, y + h * 0.86),
            (cx - w, y + h * 0.78),
            (cx + w, y + h * 0.8),
            (cx + w * 3.0, y + h * 0.88),
            (cx + w * 2.4, y + h * 1.2),
            (cx - w * 2.4, y + h * 1.2),
        ],
        b.c("leaf", -0.26),
    )


def bush(b: Brush, f: Feature) -> None:
    """A low bush."""
    x, y, w, h = f.box
    side = _toward_key(b)
    for dx, r, tone in ((0.2, 0.7, -0.22), (0.8, 0.72, -0.2), (0.5, 1.0, -0.12)):
        b.oval(x + w * dx, y + h * r * 0.42, w * 0.3, h * r * 0.56, b.c("leaf", tone))
    for dx, r in ((0.22, 0.6), (0.52, 0.85), (0.78, 0.6)):
        b.oval(x + w * (dx + side * 0.03), y + h * r * 0.52, w * 0.2, h * r * 0.38, b.c("leaf", 0.06))


def hedge(b: Brush, f: Feature) -> None:
    """A clipped hedge."""
    x, y, w, h = f.box
    b.round_rect(x, y, w, h, 0.12, b.c("leaf", -0.16))
    b.round_rect(x, y + h * 0.72, w, h * 0.28, 0.12, b.c("leaf", 0.08))
    random = b.look.random(f.seed)
    for _ in range(int(w * 3)):
        b.oval(x + float(random.uniform(0.1, w - 0.1)), y + float(random.uniform(0.15, 0.7)) * h, 0.09, 0.06, b.c("leaf", -0.02))


def grass(b: Brush, f: Feature) -> None:
    """A fringe of blades."""
    x, y, w, h = f.box
    random = b.look.random(f.seed)
    path_dark, path_light = skia.Path(), skia.Path()
    for i in range(int(w * 9)):
        px, hh = x + float(random.uniform(0, w)), h * float(random.uniform(0.4, 1.0)) * (0.6 + 0.4 * math.sin(i))
        lean = float(random.uniform(-0.12, 0.16))
        path = path_dark if i % 2 else path_light
        path.moveTo(px - 0.035, y - 0.05)
        path.quadTo(px, y + hh * 0.6, px + lean, y + hh)
        path.quadTo(px + 0.02, y + hh * 0.4, px + 0.035, y - 0.05)
        path.close()
    name = "leaf" if b.look.palette.floor != "snow" else "trim"
    b.flat(path_dark, b.c(name, -0.16))
    b.flat(path_light, b.c(name, 0.06))


def flowers(b: Brush, f: Feature) -> None:
    """Flowers on stalks."""
    x, y, w, h = f.box
    random = b.look.random(f.seed)
    grass(b, replace(f, h=f.h * 0.7))
    for _ in range(int(w * 7)):
        px, hh = x + float(random.uniform(0, w)), h * float(random.uniform(0.6, 1.15))
        ink = ("cloth", "accent", "#f4efe2")[int(random.integers(3))]
        b.line([(px, y), (px, y + hh)], 0.02, b.c("leaf", -0.1))
        for k in range(5):
            b.oval(px + 0.05 * math.cos(k * 1.257), y + hh + 0.05 * math.sin(k * 1.257), 0.04, 0.04, b.c(ink, 0.05))
        b.oval(px, y + hh, 0.03, 0.03, b.c("accent", 0.2))


def fern(b: Brush, f: Feature) -> None:
    """A fern's fronds."""
    x, y, w, h = f.box
    cx = x + w / 2
    for k in range(7):
        a = math.radians(-72 + 24 * k)
        tip = (cx + w * 0.6 * math.sin(a), y + h * (0.35 + 0.65 * math.cos(a)) - 0.1)
        mid = (cx + w * 0.32 * math.sin(a), y + h * 0.7 * math.cos(a) + 0.2)
        b.blob(
            [(cx, y), (mid[0] - 0.06, mid[1] + 0.06), tip, (mid[0] + 0.06, mid[1] - 0.05)],
            b.c("leaf", (-0.2, 0.05, -0.08)[k % 3]),
        )


def mushrooms(b: Brush, f: Feature) -> None:
    """Three toadstools."""
    x, y, w, h = f.box
    for dx, s in ((0.2, 0.7), (0.55, 1.0), (0.85, 0.55)):
        px, hh = x + w * dx, h * s
        b.round_rect(px - 0.04 * s, y, 0.08 * s, hh * 0.7, 0.03, b.c("#f0e6d2"))
        b.blob(
            [(px - 0.17 * s, y + hh * 0.6), (px, y + hh * 1.1), (px + 0.17 * s, y + hh * 0.6), (px, y + hh * 0.5)],
            b.c("cloth", 0.0),
        )
        b.oval(px - 0.05 * s, y + hh * 0.8, 0.03 * s, 0.03 * s, b.c("#f6efe0"))


def rocks(b: Brush, f: Feature) -> None:
    """Boulders with a lit top."""
    x, y, w, h = f.box
    side = _toward_key(b)
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
        b.poly(pts, b.c(name, tone - 0.26))
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
        b.poly(lit, b.c(name, tone + 0.08))
        if b.look.shape.ground == "snow":
            b.blob(
                [
                    (cx - rw * 0.7, y + rh * 0.66),
                    (cx - rw * 0.2, y + rh * 1.06),
                    (cx + rw * 0.5, y + rh * 0.92),
                    (cx + rw * 0.2, y + rh * 0.74),
                ],
                b.c("#f4f8fc"),
            )


def headland(b: Brush, f: Feature) -> None:
    """A grassy cliff running out into the sea."""
    x, y, w, h = f.box
    side = _toward_key(b)
    b.poly(
        [
            (x - 30, y - 2),
            (x - 30, y + h),
            (x + w * 0.72, y + h * 0.94),
            (x + w * 0.88, y + h * 0.6),
            (x + w * 0.95, y + h * 0.25),
            (x + w * 1.06, y - 2),
        ],
        b.c("floor", -0.14),
    )
    for k in range(6):
        px = x + w * (0.1 + 0.14 * k)
        b.poly(
            [(px, y + h * 0.86), (px + 0.5, y + h * 0.86), (px + 0.9, y - 2), (px + 0.2 + side * 0.4, y - 2)],
            b.c("floor", -0.3 if k % 2 else 0.04),
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
        b.c("leaf", 0.08),
        0.5,
    )


def snow_drift(b: Brush, f: Feature) -> None:
    """A bank of snow with a blue shade."""
    x, y, w, h = f.box
    b.blob(
        [(x, y - 0.2), (x + w * 0.25, y + h * 0.7), (x + w * 0.55, y + h), (x + w * 0.85, y + h * 0.5), (x + w, y - 0.2)],
        b.c("#dbe6f2", -0.1),
    )
    b.blob(
        [
            (x + w * 0.06, y),
            (x + w * 0.27, y + h * 0.7),
            (x + w * 0.55, y + h),
            (x + w * 0.7, y + h * 0.74),
            (x + w * 0.4, y + h * 0.4),
        ],
        b.c("#f6f9fc"),
    )


def cactus(b: Brush, f: Feature) -> None:
    """A saguaro."""
    x, y, w, h = f.box
    cx, side = x + w / 2, _toward_key(b)
    r = w * 0.17
    for tone, shift in ((-0.2, 0.0), (0.04, side * r * 0.35)):
        wide = r if not shift else r * 0.55
        b.line([(cx + shift, y), (cx + shift, y + h - r)], 2 * wide, b.c("leaf", tone))
        b.line(
            [(cx + shift, y + h * 0.36), (cx - w * 0.4 + shift, y + h * 0.42), (cx - w * 0.4 + shift, y + h * 0.7)],
            1.5 * wide,
            b.c("leaf", tone),
        )
        b.line(
            [(cx + shift, y + h * 0.48), (cx + w * 0.4 + shift, y + h * 0.54), (cx + w * 0.4 + shift, y + h * 0.84)],
            1.4 * wide,
            b.c("leaf", tone),
        )


def coral(b: Brush, f: Feature) -> None:
    """Branching coral and a sponge."""
    x, y, w, h = f.box
    random = b.look.random(f.seed)
    for k, ink in enumerate(("cloth", "accent", "#c86a9a")):
        base = x + w * (0.22 + 0.28 * k)
        for _ in range(5):
            a = float(random.uniform(-0.6, 0.6))
            hh = h * float(random.uniform(0.5, 1.0))
            tip = (base + hh * 0.6 * math.sin(a), y + hh * math.cos(a))
            mid = (base + hh * 0.2 * math.sin(a), y + hh * 0.5)
            b.line([(base, y), mid, tip], w * 0.055, b.c(ink, -0.12 + 0.06 * k), smooth=True)
            b.oval(tip[0], tip[1], w * 0.042, w * 0.042, b.c(ink, 0.16))
    b.blob(
        [(x, y - 0.1), (x + w * 0.1, y + h * 0.3), (x + w * 0.34, y + h * 0.34), (x + w * 0.42, y - 0.1)], b.c("accent2", -0.1)
    )


def kelp(b: Brush, f: Feature) -> None:
    """Tall ribbons of weed."""
    x, y, w, h = f.box
    for k in range(4):
        px = x + w * (k + 0.5) / 4
        hh = h * (0.7 + 0.3 * ((k * 7) % 4) / 3)
        sway = 0.35 * w * math.sin(k * 1.7)
        left = [(px + sway * t * math.sin(t * 4 + k) - 0.1 * (1 - t), y + hh * t) for t in (0, 0.25, 0.5, 0.75, 1.0)]
        right = [(px + sway * t * math.sin(t * 4 + k) + 0.14 * (1.1 - t), y + hh * t) for t in (1.0, 0.75, 0.5, 0.25, 0)]
        b.blob([*left, *right], b.c("leaf", (-0.15, 0.05)[k % 2]))


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
    b.rect(x - 20, y - 4, w + 40, 4 + h * 0.15, b.c("trim", 0.1))


def leaf_frame(b: Brush, f: Feature) -> None:
    """Dark ferns at both edges, very near the lens."""
    del f
    for side in (-1, 1):
        root = (side * 2.35, -0.3)
        for k, (dx, dy) in enumerate(((-0.95, 0.75), (-0.55, 1.15), (-0.1, 1.35), (0.35, 1.1))):
            tip = (root[0] + side * dx, root[1] + dy)
            mid = (root[0] + side * dx * 0.4, root[1] + dy * 0.72)
            b.blob(
                [root, (mid[0] - 0.09, mid[1] + 0.05), tip, (mid[0] + 0.09, mid[1] - 0.05)], b.c("leaf", -0.48 - 0.04 * (k % 2))
            )


NATURE: Final[dict[str, Callable[[Brush, Feature], None]]] = {
    "bush": bush, "cactus": cactus, "cloud_bank": cloud_bank, "coral": coral, "dunes": dunes, "fern": fern, "flowers": flowers,
    "grass": grass, "headland": headland, "hedge": hedge, "hills": hills, "kelp": kelp, "leaf_frame": leaf_frame, "mesa": mesa,
    "mushrooms": mushrooms, "peaks": peaks, "pine": pine, "rocks": rocks, "snow_drift": snow_drift, "snow_pine": pine, "tree": tree,
    "tree_line": tree_line, "trunk_big": trunk_big,
}  # fmt: skip
