"""The pieces that give a place its character: a lighthouse lamp, a judge's bench, consoles, pipes, a throne."""

from __future__ import annotations

import math
from typing import Final

from episodic.backbones.stage.painter.drawings import Drawings
from episodic.backbones.stage.painter.palette import to_skia
from episodic.backbones.stage.painter.pen import polygon
from episodic.backbones.stage.painter.scenery.furniture import block
from episodic.backbones.stage.painter.scenery.lamps import lamp_glow
from episodic.backbones.stage.painter.sets.brush import Brush, FeaturePainter
from episodic.looks.place_kinds import Feature

__all__ = ["FITTINGS"]


FITTINGS: Final = Drawings[FeaturePainter]()


@FITTINGS.draws("great_lamp")
def great_lamp(b: Brush, f: Feature) -> None:
    """A lighthouse lens: a cage of prisms around the light."""
    x, y, w, h = f.box
    cx = x + w / 2
    power = b.light.practical * (0.35 + 0.65 * b.light.dark)
    b.poly(
        [(x + w * 0.16, y), (x + w * 0.84, y), (x + w * 0.72, y + h * 0.3), (x + w * 0.28, y + h * 0.3)], b.color("metal", -0.3)
    )
    b.poly(
        [(x + w * 0.16, y), (x + w * 0.34, y), (x + w * 0.40, y + h * 0.3), (x + w * 0.28, y + h * 0.3)], b.color("metal", -0.05)
    )
    b.rect(x + w * 0.12, y + h * 0.28, w * 0.76, h * 0.06, b.color("accent", -0.05))
    low, top = y + h * 0.34, y + h * 0.92
    mid = (low + top) / 2
    b.glow(cx, mid, h * 1.2, b.lit("glow", alpha=0.15 + 0.6 * power))
    shape = [
        (x + w * 0.2, low),
        (x, mid - h * 0.08),
        (x, mid + h * 0.08),
        (x + w * 0.2, top),
        (x + w * 0.8, top),
        (x + w, mid + h * 0.08),
        (x + w, mid - h * 0.08),
        (x + w * 0.8, low),
    ]
    b.poly(shape, b.shining("accent2", 0.25 + 0.4 * power, 0.3))
    b.clip(polygon(shape))
    for k in range(12):
        t = k / 11
        b.rect(x, low + (top - low) * t, w, 0.035, b.shining("trim", 0.4 + 0.4 * power, 0.3 if k % 2 else -0.1, alpha=0.75))
    b.glow(cx, mid, w * 0.55, b.lit("glow", 0.3, alpha=0.45 + 0.55 * power))
    b.oval(cx, mid, w * 0.13, w * 0.17, b.lit("glow", 0.5))
    b.unclip()
    for px in (0.2, 0.5, 0.8):
        bend = 0.0 if px == 0.5 else (-0.2 if px < 0.5 else 0.2) * w
        b.line([(x + w * px, low), (x + w * px + bend, mid), (x + w * px, top)], 0.05, b.color("accent", -0.1))
    b.rect(x + w * 0.14, top - 0.02, w * 0.72, h * 0.04, b.color("accent", 0.0))
    b.poly(
        [(x + w * 0.2, top + 0.06), (x + w * 0.8, top + 0.06), (cx + 0.08, y + h + 0.16), (cx - 0.08, y + h + 0.16)],
        b.color("metal", -0.2),
    )


@FITTINGS.draws("judge_bench")
def judge_bench(b: Brush, f: Feature) -> None:
    """The judge's high bench and chair."""
    x, y, w, h = f.box
    cx = x + w / 2
    b.round_rect(cx - 0.42, y + h - 0.2, 0.84, 1.0, 0.2, b.color("cloth", -0.2))
    b.round_rect(cx - 0.34, y + h - 0.2, 0.68, 0.9, 0.16, b.color("cloth", 0.02))
    b.rect(x, y, w, h, b.color("wood", 0.02))
    for i in range(5):
        b.rect(x + 0.1 + i * w / 5, y + 0.22, w / 5 - 0.2, h - 0.6, b.color("wood", -0.26))
        b.rect(x + 0.13 + i * w / 5, y + 0.22, w / 5 - 0.23, h - 0.63, b.color("wood", 0.1))
    b.rect(x - 0.12, y + h - 0.14, w + 0.24, 0.16, b.color("wood", 0.22))
    b.rect(x - 0.12, y + h - 0.2, w + 0.24, 0.06, b.color("wood", -0.4))
    b.rect(x - 0.25, y, w + 0.5, 0.18, b.color("wood", -0.15))
    b.line([(cx + 0.7, y + h + 0.06), (cx + 1.0, y + h + 0.10)], 0.04, b.color("wood", -0.1))
    b.rect(cx + 0.94, y + h + 0.03, 0.14, 0.16, b.color("wood", -0.25))


@FITTINGS.draws("witness_stand")
def witness_stand(b: Brush, f: Feature) -> None:
    """A small railed box."""
    x, y, w, h = f.box
    b.rect(x, y, w, h, b.color("wood", 0.0))
    for i in range(3):
        b.rect(x + 0.08 + i * w / 3, y + 0.14, w / 3 - 0.16, h - 0.34, b.color("wood", -0.22))
        b.rect(x + 0.1 + i * w / 3, y + 0.14, w / 3 - 0.18, h - 0.36, b.color("wood", 0.08))
    b.rect(x - 0.06, y + h - 0.08, w + 0.12, 0.1, b.color("wood", 0.2))


@FITTINGS.draws("rail")
def rail(b: Brush, f: Feature) -> None:
    """The bar of the court: balusters along the front."""
    x, y, w, h = f.box
    for i in range(int(w / 0.3)):
        px = x + i * 0.3
        b.poly(
            [(px, y), (px + 0.1, y), (px + 0.13, y + h * 0.4), (px + 0.07, y + h), (px + 0.03, y + h), (px - 0.03, y + h * 0.4)],
            b.color("wood", -0.12),
        )
    b.rect(x, y + h - 0.08, w, 0.12, b.color("wood", 0.14))
    b.rect(x, y, w, 0.12, b.color("wood", -0.2))


@FITTINGS.draws("crest")
def crest(b: Brush, f: Feature) -> None:
    """A pair of scales in a disc."""
    x, y, w, h = f.box
    cx, cy, r = x + w / 2, y + h / 2, w / 2
    b.oval(cx, cy, r, r, b.color("accent", -0.3))
    b.oval(cx, cy, r * 0.9, r * 0.9, b.color("accent", 0.02))
    ink = b.color("wood", -0.35)
    b.line([(cx, cy - r * 0.55), (cx, cy + r * 0.6)], 0.05, ink)
    b.line([(cx - r * 0.5, cy + r * 0.42), (cx + r * 0.5, cy + r * 0.42)], 0.04, ink)
    for side in (-1, 1):
        b.line(
            [
                (cx + side * r * 0.5, cy + r * 0.42),
                (cx + side * r * 0.66, cy - r * 0.1),
                (cx + side * r * 0.34, cy - r * 0.1),
                (cx + side * r * 0.5, cy + r * 0.42),
            ],
            0.025,
            ink,
        )
        b.oval(cx + side * r * 0.5, cy - r * 0.12, r * 0.2, r * 0.07, ink)


@FITTINGS.draws("flag")
def flag(b: Brush, f: Feature) -> None:
    """A flag on a pole, hanging."""
    x, y, w, h = f.box
    b.line([(x + 0.1, y), (x + 0.1, y + h)], 0.05, b.color("accent", -0.1))
    b.blob(
        [
            (x + 0.12, y + h - 0.08),
            (x + w * 0.8, y + h * 0.82),
            (x + w * 0.7, y + h * 0.5),
            (x + w * 0.4, y + h * 0.32),
            (x + 0.14, y + h * 0.4),
        ],
        b.color("cloth", -0.02),
        0.6,
    )
    b.blob(
        [(x + 0.12, y + h * 0.8), (x + w * 0.4, y + h * 0.7), (x + w * 0.4, y + h * 0.34), (x + 0.14, y + h * 0.4)],
        b.color("accent2", 0.0),
        0.6,
    )
    b.oval(x + 0.1, y + h + 0.05, 0.06, 0.06, b.color("accent", 0.2))


@FITTINGS.draws("banner")
def banner(b: Brush, f: Feature) -> None:
    """A long banner with a device."""
    x, y, w, h = f.box
    cx = x + w / 2
    b.poly([(x, y + h), (x + w, y + h), (x + w, y + 0.3), (cx, y), (x, y + 0.3)], b.color("cloth", -0.08))
    b.poly([(x, y + h), (x + w * 0.3, y + h), (x + w * 0.3, y + 0.2), (x, y + 0.3)], b.color("cloth", 0.1))
    b.rect(x - 0.08, y + h - 0.03, w + 0.16, 0.07, b.color("accent", -0.1))
    b.poly(
        [(cx, y + h * 0.4), (cx + w * 0.28, y + h * 0.6), (cx, y + h * 0.8), (cx - w * 0.28, y + h * 0.6)], b.color("accent", 0.1)
    )


@FITTINGS.draws("throne")
def throne(b: Brush, f: Feature) -> None:
    """A throne on two steps."""
    x, y, w, h = f.box
    cx = x + w / 2
    for k in range(2):
        b.rect(x - 0.7 + 0.35 * k, y + 0.2 * k, w + 1.4 - 0.7 * k, 0.2, b.color("wall", 0.12 - 0.06 * k))
        b.rect(x - 0.7 + 0.35 * k, y + 0.2 * k + 0.16, w + 1.4 - 0.7 * k, 0.04, b.color("wall", 0.3))
    base = y + 0.4
    b.poly(
        [
            (x + w * 0.12, base),
            (x + w * 0.88, base),
            (x + w * 0.86, base + h * 0.72),
            (cx, base + h * 0.98),
            (x + w * 0.14, base + h * 0.72),
        ],
        b.color("accent", -0.22),
    )
    b.poly(
        [
            (x + w * 0.22, base),
            (x + w * 0.78, base),
            (x + w * 0.76, base + h * 0.66),
            (cx, base + h * 0.86),
            (x + w * 0.24, base + h * 0.66),
        ],
        b.color("cloth", -0.05),
    )
    b.rect(x + w * 0.06, base + 0.42, w * 0.88, 0.16, b.color("cloth", 0.15))
    for side in (0.0, 0.82):
        b.rect(x + w * side, base, w * 0.18, 0.85, b.color("accent", -0.05))
        b.oval(x + w * (side + 0.09), base + 0.88, w * 0.11, 0.1, b.color("accent", 0.15))
    b.oval(cx, base + h * 0.92, 0.12, 0.12, b.color("accent", 0.2))


@FITTINGS.draws("console")
def console(b: Brush, f: Feature) -> None:
    """A control desk with screens and rows of lights."""
    x, y, w, h = f.box
    b.poly([(x, y), (x + w, y), (x + w - 0.1, y + h * 0.7), (x + 0.1, y + h * 0.7)], b.color("metal", -0.32))
    b.poly(
        [(x + 0.02, y + h * 0.66), (x + w - 0.02, y + h * 0.66), (x + w - 0.28, y + h), (x + 0.28, y + h)],
        b.color("metal", -0.08),
    )
    b.rect(x + 0.1, y + h * 0.63, w - 0.2, 0.05, b.color("metal", 0.25))
    random = b.look.random(f.seed)
    shine = 0.4 + 0.6 * b.light.practical
    count = max(3, round(w / 0.9))
    for i in range(count):
        px = x + 0.3 + (w - 0.6) * i / count
        ww = (w - 0.6) / count - 0.1
        b.rect(px, y + h * 0.74, ww, h * 0.18, b.shining(("accent2", "glow", "leaf")[i % 3], shine * 0.8, -0.15))
        b.rect(px + 0.03, y + h * 0.78, ww * 0.5, 0.02, b.shining("glow", shine, 0.4))
        b.rect(px, y + 0.12, ww, h * 0.42, b.color("metal", -0.42))
        for k in range(5):
            ink = ("accent", "cloth", "glow", "leaf")[int(random.integers(4))]
            b.oval(px + ww * (k + 0.5) / 5, y + h * 0.44, 0.03, 0.03, b.shining(ink, shine, 0.1))
    b.glow(x + w / 2, y + h * 0.85, w * 0.5, b.lit("glow", alpha=0.12 * shine + 0.12 * b.light.dark), squash=0.35)


@FITTINGS.draws("wall_screen")
def wall_screen(b: Brush, f: Feature) -> None:
    """A screen with a curve on it."""
    x, y, w, h = f.box
    shine = 0.45 + 0.5 * b.light.practical
    b.round_rect(x - 0.07, y - 0.07, w + 0.14, h + 0.14, 0.06, b.color("dark", 0.15))
    b.rect(x, y, w, h, b.shining("accent2", shine * 0.7, -0.35))
    b.line(
        [(x + w * t / 8, y + h * (0.5 + 0.28 * math.sin(t * 1.9))) for t in range(9)],
        0.03,
        b.shining("glow", shine, 0.1),
        smooth=True,
    )
    for k in range(3):
        b.rect(x + 0.06, y + h * (0.12 + 0.08 * k), w * (0.3 + 0.12 * k), 0.025, b.shining("glow", shine, alpha=0.6))


@FITTINGS.draws("suit_rack")
def suit_rack(b: Brush, f: Feature) -> None:
    """A locker with one space suit in it; its neighbours are empty."""
    x, y, w, h = f.box
    b.round_rect(x - 0.5, y, w + 1.0, h + 0.1, 0.12, b.color("metal", -0.3))
    for dx in (-0.42, w - 0.2):
        b.round_rect(x + dx, y + 0.1, 0.62 if dx > 0 else 0.5, h - 0.16, 0.1, b.color("dark", 0.05))
    b.round_rect(x + 0.16, y + 0.1, w - 0.44, h - 0.16, 0.12, b.shining("glow", 0.25, -0.25))
    cx = x + 0.16 + (w - 0.44) / 2
    b.round_rect(cx - 0.24, y + h * 0.36, 0.48, h * 0.36, 0.14, b.color("#eeeae0", -0.05))
    for side in (-1, 1):
        b.round_rect(cx + side * 0.12 - 0.1, y + 0.14, 0.2, h * 0.3, 0.08, b.color("#eeeae0", -0.12))
        b.round_rect(cx + side * 0.28 - 0.07, y + h * 0.34, 0.14, h * 0.32, 0.07, b.color("#eeeae0", -0.16))
    b.oval(cx, y + h * 0.8, 0.2, 0.2, b.color("#eeeae0", 0.02))
    b.oval(cx, y + h * 0.79, 0.14, 0.12, b.color("accent", -0.05))
    b.rect(cx - 0.1, y + h * 0.52, 0.2, 0.12, b.color("cloth", 0.0))


@FITTINGS.draws("pipes")
def pipes(b: Brush, f: Feature) -> None:
    """Pipes along the wall."""
    x, y, w, h = f.box
    for k, (t, name) in enumerate(((0.0, "metal"), (0.42, "accent"), (0.75, "metal"))):
        yy, hh = y + h * t, h * 0.3
        b.rect(x, yy, w, hh, b.color(name, -0.2 - 0.04 * k))
        b.rect(x, yy + hh * 0.5, w, hh * 0.3, b.color(name, 0.1))
    for i in range(int(w / 1.6)):
        b.rect(x + 0.5 + i * 1.6, y - 0.03, 0.12, h + 0.1, b.color("dark", 0.18))


@FITTINGS.draws("pipes_up")
def pipes_up(b: Brush, f: Feature) -> None:
    """Upright pipes with a valve."""
    x, y, w, h = f.box
    for t, name in ((0.0, "metal"), (0.5, "accent2")):
        b.rect(x + w * t, y, w * 0.36, h, b.color(name, -0.22))
        b.rect(x + w * t + w * 0.08, y, w * 0.10, h, b.color(name, 0.12))
    for k in range(int(h / 1.3)):
        b.rect(x - 0.04, y + 0.5 + k * 1.3, w + 0.08, 0.1, b.color("dark", 0.16))
    b.oval(x + w * 0.2, y + 1.3, 0.17, 0.17, b.color("cloth", -0.05))
    b.oval(x + w * 0.2, y + 1.3, 0.09, 0.09, b.color("metal", -0.3))


@FITTINGS.draws("seat")
def seat(b: Brush, f: Feature) -> None:
    """A pilot's seat from behind."""
    x, y, w, h = f.box
    b.rect(x + w * 0.42, y, w * 0.16, h * 0.4, b.color("dark", 0.12))
    b.round_rect(x, y + h * 0.3, w, h * 0.7, 0.2, b.color("trim", -0.25))
    b.round_rect(x + w * 0.1, y + h * 0.36, w * 0.8, h * 0.58, 0.16, b.color("cloth", -0.05))
    b.round_rect(x + w * 0.24, y + h * 0.92, w * 0.52, h * 0.2, 0.1, b.color("trim", -0.1))


@FITTINGS.draws("tank")
def tank(b: Brush, f: Feature) -> None:
    """A glass tank of glowing water."""
    x, y, w, h = f.box
    shine = 0.35 + 0.45 * b.light.practical
    b.glow(x + w / 2, y + h * 0.55, h * 0.8, b.lit("glow", alpha=0.15 + 0.25 * b.light.dark))
    b.round_rect(x, y + 0.2, w, h - 0.4, 0.12, b.shining("accent2", shine, 0.05))
    b.fade(x, y + 0.25, w, h - 0.5, [b.shining("accent2", shine, -0.3, alpha=0.8), b.shining("glow", shine, 0.1, alpha=0.5)])
    random = b.look.random(f.seed)
    for _ in range(10):
        r = float(random.uniform(0.02, 0.05))
        b.oval(
            x + w * float(random.uniform(0.15, 0.85)),
            y + h * float(random.uniform(0.2, 0.8)),
            r,
            r,
            b.shining("glow", shine, 0.3, alpha=0.7),
        )
    b.rect(x + w * 0.12, y + 0.25, w * 0.09, h - 0.55, to_skia((1, 1, 1), 0.22))
    for yy in (y, y + h - 0.24):
        b.rect(x - 0.06, yy, w + 0.12, 0.24, b.color("metal", -0.2))
        b.rect(x - 0.06, yy + 0.16, w + 0.12, 0.05, b.color("metal", 0.15))


@FITTINGS.draws("train_seat")
def train_seat(b: Brush, f: Feature) -> None:
    """An upholstered bench with a head rest."""
    x, y, w, h = f.box
    b.rect(x + 0.06, y, w - 0.12, 0.3, b.color("wood", -0.3))
    b.round_rect(x, y + 0.25, w, h - 0.25, 0.12, b.color("cloth", -0.15))
    b.round_rect(x + 0.07, y + h * 0.46, w - 0.14, h * 0.5, 0.1, b.color("cloth", 0.05))
    b.round_rect(x + 0.02, y + h * 0.26, w - 0.04, h * 0.2, 0.07, b.color("cloth", 0.16))
    b.rect(x + w * 0.2, y + h * 0.78, w * 0.6, h * 0.16, b.color("#f2e8d4"))
    b.line([(x + w / 2, y + h * 0.46), (x + w / 2, y + h * 0.94)], 0.02, b.color("cloth", -0.25))


@FITTINGS.draws("luggage_rack")
def luggage_rack(b: Brush, f: Feature) -> None:
    """A net over the windows with cases in it."""
    x, y, w, h = f.box
    for i, (t, ww, name) in enumerate(((0.12, 0.9, "accent2"), (0.30, 0.6, "wood"), (0.62, 1.0, "cloth"), (0.80, 0.5, "accent"))):
        b.round_rect(x + w * t, y + 0.06, ww, h * (0.8 + 0.1 * (i % 2)), 0.05, b.color(name, -0.1))
    b.rect(x, y, w, 0.06, b.color("accent", -0.05))
    for i in range(int(w / 0.9) + 1):
        b.rect(x + i * 0.9, y - 0.05, 0.05, h * 0.55, b.color("accent", -0.2))


@FITTINGS.draws("spot")
def spot(b: Brush, f: Feature) -> None:
    """A spotlight and its cone."""
    x, y, w, h = f.box
    cx = x + w / 2
    lean = -0.35 * cx
    alpha = 0.12 + 0.22 * b.light.practical
    warm, clear = b.lit("glow", alpha=alpha), b.lit("glow", alpha=0.0)
    cone = polygon([(cx - 0.15, y), (cx + 0.15, y), (cx + lean + 1.3, 0.0), (cx + lean - 1.3, 0.0)])
    b.fade_path(cone, (cx, y), (cx + lean, 0.2), [warm, clear])
    b.round_rect(cx - w / 2, y, w, h, 0.1, b.color("dark", 0.12))
    b.oval(cx, y + 0.02, w * 0.4, 0.06, b.lit("glow", 0.2))
    lamp_glow(b, cx, y, 0.8)


@FITTINGS.draws("footlights")
def footlights(b: Brush, f: Feature) -> None:
    """Shells along the stage's edge."""
    x, y, w, h = f.box
    count = int(w / 0.8)
    for i in range(count):
        cx = x + w * (i + 0.5) / count
        b.glow(cx, y + h, 0.7, b.lit("glow", alpha=0.10 + 0.25 * b.light.practical))
        b.poly([(cx - 0.16, y), (cx + 0.16, y), (cx + 0.1, y + h), (cx - 0.1, y + h)], b.color("accent", -0.2))


@FITTINGS.draws("vending")
def vending(b: Brush, f: Feature) -> None:
    """A vending machine."""
    x, y, w, h = f.box
    b.glow(x + w / 2, y + h * 0.6, h * 0.8, b.lit("accent", alpha=0.35))
    block(b, x, y, w, h, "accent2", -0.2)
    b.rect(x + w * 0.08, y + h * 0.36, w * 0.72, h * 0.56, b.lit("#d8f4ff", alpha=0.95))
    for j in range(3):
        for i in range(4):
            b.round_rect(
                x + w * (0.13 + 0.165 * i),
                y + h * (0.42 + 0.17 * j),
                w * 0.1,
                h * 0.11,
                0.02,
                b.lit(("#e0507a", "#48b8d8", "#f0b848", "#62b870")[(i + j * 3) % 4]),
            )
    b.rect(x + w * 0.1, y + h * 0.12, w * 0.5, h * 0.1, b.color("dark"))
