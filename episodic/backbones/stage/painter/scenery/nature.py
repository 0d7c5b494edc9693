"""Trees, grass, flowers and water plants: big clear shapes, a light side and a shaded side."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Final

import skia

from episodic.backbones.stage.painter.drawings import Drawings
from episodic.backbones.stage.painter.sets.brush import Brush, FeaturePainter
from episodic.looks.place_kinds import Feature

__all__ = ["NATURE"]


NATURE: Final = Drawings[FeaturePainter]()


@NATURE.draws("tree_line")
def tree_line(b: Brush, f: Feature) -> None:
    """The edge of a wood, as one mass of crowns."""
    x, y, w, h = f.box
    random = b.look.random(f.seed)
    pines = b.look.place in ("mountain", "snow", "forest")
    tone = -0.12
    b.rect(x - 20, y - 1, w + 40, h * 0.38 + 1, b.color("leaf", tone))
    px = x
    while px < x + w:
        hh = h * float(random.uniform(0.62, 1.0))
        ww = hh * float(random.uniform(0.22, 0.34)) if pines else hh * float(random.uniform(0.5, 0.8))
        shade = tone + float(random.uniform(-0.05, 0.06))
        if pines:
            b.poly([(px - ww, y), (px, y + hh), (px + ww, y)], b.color("leaf", shade))
        else:
            b.oval(px, y + hh * 0.5, ww * 0.6, hh * 0.48, b.color("leaf", shade))
            b.oval(px + b.key_side * ww * 0.12, y + hh * 0.6, ww * 0.42, hh * 0.33, b.color("leaf", shade + 0.07))
        px += ww * 1.1


@NATURE.draws("tree")
def tree(b: Brush, f: Feature) -> None:
    """A broad-leaved tree: three masses of leaves, lit from the key."""
    x, y, w, h = f.box
    cx, side = x + w / 2, b.key_side
    b.blob(
        [
            (cx - w * 0.07, y),
            (cx - w * 0.04, y + h * 0.3),
            (cx - w * 0.16, y + h * 0.55),
            (cx + w * 0.16, y + h * 0.55),
            (cx + w * 0.04, y + h * 0.3),
            (cx + w * 0.08, y),
        ],
        b.color("wood", -0.12),
        0.6,
    )
    masses = ((-0.24, 0.52, 0.27, 0.19), (0.24, 0.55, 0.27, 0.2), (-0.06, 0.66, 0.33, 0.2), (0.05, 0.82, 0.25, 0.17))
    for dx, dy, rx, ry in masses:
        b.oval(cx + dx * w, y + dy * h, rx * w, ry * h, b.color("leaf", -0.2))
    for dx, dy, rx, ry in masses:
        b.oval(cx + (dx + side * 0.03) * w, y + (dy + 0.02) * h, rx * w * 0.84, ry * h * 0.82, b.color("leaf", 0.0))
    for dx, dy, rx, ry in masses[2:]:
        b.oval(cx + (dx + side * 0.08) * w, y + (dy + 0.05) * h, rx * w * 0.52, ry * h * 0.46, b.color("leaf", 0.16))


@NATURE.draws("pine", "snow_pine")
def pine(b: Brush, f: Feature) -> None:
    """A conifer in four tiers; a `snow_pine` has snow on them."""
    x, y, w, h = f.box
    cx, side = x + w / 2, b.key_side
    b.rect(cx - w * 0.05, y, w * 0.1, h * 0.2, b.color("wood", -0.25))
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
            b.color("leaf", -0.18 + 0.03 * k),
            0.55,
        )
        b.blob(
            [
                (cx + side * half, low),
                (cx + side * half * 0.4, low + (top - low) * 0.42),
                (cx, top),
                (cx + side * half * 0.15, low + (top - low) * 0.2),
            ],
            b.color("leaf", 0.02 + 0.03 * k),
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
                b.color("#f4f8fc", -0.02),
                0.55,
            )


@NATURE.draws("trunk_big")
def trunk_big(b: Brush, f: Feature) -> None:
    """A great trunk whose crown is out of the picture."""
    x, y, w, h = f.box
    cx, side = x + w / 2, b.key_side
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
        b.color("wood", -0.22),
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
        b.color("wood", 0.0),
        0.7,
    )
    for k in range(5):
        yy = y + h * (0.14 + 0.16 * k)
        b.line([(cx - w * 0.18 * (-1) ** k, yy), (cx - w * 0.12 * (-1) ** k, yy + h * 0.07)], w * 0.05, b.color("wood", -0.38))
    b.blob(
        [
            (cx - w * 3.2, y + h * 0.86),
            (cx - w, y + h * 0.78),
            (cx + w, y + h * 0.8),
            (cx + w * 3.0, y + h * 0.88),
            (cx + w * 2.4, y + h * 1.2),
            (cx - w * 2.4, y + h * 1.2),
        ],
        b.color("leaf", -0.26),
    )


@NATURE.draws("bush")
def bush(b: Brush, f: Feature) -> None:
    """A low bush."""
    x, y, w, h = f.box
    side = b.key_side
    for dx, r, tone in ((0.2, 0.7, -0.22), (0.8, 0.72, -0.2), (0.5, 1.0, -0.12)):
        b.oval(x + w * dx, y + h * r * 0.42, w * 0.3, h * r * 0.56, b.color("leaf", tone))
    for dx, r in ((0.22, 0.6), (0.52, 0.85), (0.78, 0.6)):
        b.oval(x + w * (dx + side * 0.03), y + h * r * 0.52, w * 0.2, h * r * 0.38, b.color("leaf", 0.06))


@NATURE.draws("hedge")
def hedge(b: Brush, f: Feature) -> None:
    """A clipped hedge."""
    x, y, w, h = f.box
    b.round_rect(x, y, w, h, 0.12, b.color("leaf", -0.16))
    b.round_rect(x, y + h * 0.72, w, h * 0.28, 0.12, b.color("leaf", 0.08))
    random = b.look.random(f.seed)
    for _ in range(int(w * 3)):
        b.oval(
            x + float(random.uniform(0.1, w - 0.1)), y + float(random.uniform(0.15, 0.7)) * h, 0.09, 0.06, b.color("leaf", -0.02)
        )


@NATURE.draws("grass")
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
    b.flat(path_dark, b.color(name, -0.16))
    b.flat(path_light, b.color(name, 0.06))


@NATURE.draws("flowers")
def flowers(b: Brush, f: Feature) -> None:
    """Flowers on stalks."""
    x, y, w, h = f.box
    random = b.look.random(f.seed)
    grass(b, replace(f, h=f.h * 0.7))
    for _ in range(int(w * 7)):
        px, hh = x + float(random.uniform(0, w)), h * float(random.uniform(0.6, 1.15))
        ink = ("cloth", "accent", "#f4efe2")[int(random.integers(3))]
        b.line([(px, y), (px, y + hh)], 0.02, b.color("leaf", -0.1))
        for k in range(5):
            b.oval(px + 0.05 * math.cos(k * 1.257), y + hh + 0.05 * math.sin(k * 1.257), 0.04, 0.04, b.color(ink, 0.05))
        b.oval(px, y + hh, 0.03, 0.03, b.color("accent", 0.2))


@NATURE.draws("fern")
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
            b.color("leaf", (-0.2, 0.05, -0.08)[k % 3]),
        )


@NATURE.draws("mushrooms")
def mushrooms(b: Brush, f: Feature) -> None:
    """Three toadstools."""
    x, y, w, h = f.box
    for dx, s in ((0.2, 0.7), (0.55, 1.0), (0.85, 0.55)):
        px, hh = x + w * dx, h * s
        b.round_rect(px - 0.04 * s, y, 0.08 * s, hh * 0.7, 0.03, b.color("#f0e6d2"))
        b.blob(
            [(px - 0.17 * s, y + hh * 0.6), (px, y + hh * 1.1), (px + 0.17 * s, y + hh * 0.6), (px, y + hh * 0.5)],
            b.color("cloth", 0.0),
        )
        b.oval(px - 0.05 * s, y + hh * 0.8, 0.03 * s, 0.03 * s, b.color("#f6efe0"))


@NATURE.draws("cactus")
def cactus(b: Brush, f: Feature) -> None:
    """A saguaro."""
    x, y, w, h = f.box
    cx, side = x + w / 2, b.key_side
    r = w * 0.17
    for tone, shift in ((-0.2, 0.0), (0.04, side * r * 0.35)):
        wide = r if not shift else r * 0.55
        b.line([(cx + shift, y), (cx + shift, y + h - r)], 2 * wide, b.color("leaf", tone))
        b.line(
            [(cx + shift, y + h * 0.36), (cx - w * 0.4 + shift, y + h * 0.42), (cx - w * 0.4 + shift, y + h * 0.7)],
            1.5 * wide,
            b.color("leaf", tone),
        )
        b.line(
            [(cx + shift, y + h * 0.48), (cx + w * 0.4 + shift, y + h * 0.54), (cx + w * 0.4 + shift, y + h * 0.84)],
            1.4 * wide,
            b.color("leaf", tone),
        )


@NATURE.draws("coral")
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
            b.line([(base, y), mid, tip], w * 0.055, b.color(ink, -0.12 + 0.06 * k), smooth=True)
            b.oval(tip[0], tip[1], w * 0.042, w * 0.042, b.color(ink, 0.16))
    b.blob(
        [(x, y - 0.1), (x + w * 0.1, y + h * 0.3), (x + w * 0.34, y + h * 0.34), (x + w * 0.42, y - 0.1)],
        b.color("accent2", -0.1),
    )


@NATURE.draws("kelp")
def kelp(b: Brush, f: Feature) -> None:
    """Tall ribbons of weed."""
    x, y, w, h = f.box
    for k in range(4):
        px = x + w * (k + 0.5) / 4
        hh = h * (0.7 + 0.3 * ((k * 7) % 4) / 3)
        sway = 0.35 * w * math.sin(k * 1.7)
        left = [(px + sway * t * math.sin(t * 4 + k) - 0.1 * (1 - t), y + hh * t) for t in (0, 0.25, 0.5, 0.75, 1.0)]
        right = [(px + sway * t * math.sin(t * 4 + k) + 0.14 * (1.1 - t), y + hh * t) for t in (1.0, 0.75, 0.5, 0.25, 0)]
        b.blob([*left, *right], b.color("leaf", (-0.15, 0.05)[k % 2]))


@NATURE.draws("leaf_frame")
def leaf_frame(b: Brush, f: Feature) -> None:
    """Dark ferns at both edges, very near the lens."""
    del f
    for side in (-1, 1):
        root = (side * 2.35, -0.3)
        for k, (dx, dy) in enumerate(((-0.95, 0.75), (-0.55, 1.15), (-0.1, 1.35), (0.35, 1.1))):
            tip = (root[0] + side * dx, root[1] + dy)
            mid = (root[0] + side * dx * 0.4, root[1] + dy * 0.72)
            b.blob(
                [root, (mid[0] - 0.09, mid[1] + 0.05), tip, (mid[0] + 0.09, mid[1] - 0.05)],
                b.color("leaf", -0.48 - 0.04 * (k % 2)),
            )
