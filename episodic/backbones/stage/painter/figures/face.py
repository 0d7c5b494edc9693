"""Eyes, brows and mouths, shared by every figure with a face.

All lengths here are in the caller's units; a human or animal head draws in head units (1 = half the head's width).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import skia

from episodic.backbones.stage.painter.figures.pose import BodyPose
from episodic.backbones.stage.painter.palette import mix, multiply, to_skia
from episodic.backbones.stage.painter.pen import Pen, ellipse

__all__ = ["EyeStyle", "MouthStyle", "draw_brow", "draw_cheek", "draw_eye", "draw_mouth"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EyeStyle:
    """How eyes are built."""

    rx: float
    ry: float
    iris: str
    white: str = "#fbf7ef"
    pupil: str = "#1d1720"
    iris_size: float = 0.84
    """Radius of the iris, as a share of `rx`."""
    lash: float = 0.07
    """Width of the upper lash line."""
    lash_color: str = "#2c2028"
    flick: bool = False
    """A lash at the outer corner."""
    slit: bool = False
    """A cat's pupil."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MouthStyle:
    """How a mouth is built."""

    half_width: float
    line: str = "#7c3a3a"
    inside: str = "#5c1c2a"
    tongue: str = "#d8666a"
    teeth: str = "#fbf7ef"
    lip: str | None = None
    thickness: float = 0.055


def draw_eye(pen: Pen, pose: BodyPose, style: EyeStyle, x: float, y: float, squash: float, side: int) -> None:
    """One eye about (x, y). `squash` 0..1 is its width as the head turns away; `side` is -1 for the picture's left eye."""
    if squash < 0.3:
        return
    pen.mark("right_eye" if side < 0 else "left_eye", x, y)
    rx, ry = style.rx * (0.25 + 0.75 * squash), style.ry
    squint = max(0.0, pose.smile) * 0.5 + max(0.0, pose.brow_furrow) * 0.25
    low = -ry * (1.0 - 0.5 * squint)
    high = low * 0.5 + (ry - low * 0.5) * min(1.1, pose.lid * 0.93)
    inner_drop = pose.brow_furrow * 0.3 * ry * min(1.0, pose.lid)
    tone = pen.tone(style.white)
    lash = pen.tone(style.lash_color).lit
    if pose.lid < 0.14:
        bow = (0.5 if pose.smile > 0.35 else -0.5) * ry
        pen.line(_arch(x, y - 0.25 * ry, rx, bow), lash, style.lash * 1.25)
        return
    left_top = y + (high - (inner_drop if side > 0 else -inner_drop * 0.5)) * 1.3
    right_top = y + (high - (inner_drop if side < 0 else -inner_drop * 0.5)) * 1.3
    shape = skia.Path()
    shape.moveTo(x - rx, y)
    shape.cubicTo(x - rx * 0.92, left_top, x + rx * 0.92, right_top, x + rx, y)
    shape.cubicTo(x + rx * 0.92, y + low * 1.3, x - rx * 0.92, y + low * 1.3, x - rx, y)
    pen.flat(shape, tone.lit)
    canvas = pen.canvas
    canvas.save()
    canvas.clipPath(shape, True)
    _iris(pen, pose, style, x, y, rx)
    if pen.seen(ry, 14):
        upper = skia.Path()
        upper.moveTo(x - rx, y + ry * 1.4)
        upper.lineTo(x - rx, y - ry * 0.05)
        upper.cubicTo(x - rx * 0.9, left_top - 0.36 * ry, x + rx * 0.9, right_top - 0.36 * ry, x + rx, y - ry * 0.05)
        upper.lineTo(x + rx, y + ry * 1.4)
        upper.close()
        pen.flat(upper, 0x38241A38)
    canvas.restore()
    if style.lash > 0:
        _lashes(pen, style, (x, y, rx), (left_top, right_top), side, lash)


def _iris(pen: Pen, pose: BodyPose, style: EyeStyle, x: float, y: float, rx: float) -> None:
    """Iris, pupil and highlight."""
    radius = style.rx * style.iris_size
    fit = rx / style.rx
    ix = x + pose.gaze_x * (style.rx - 0.55 * radius) * fit
    iy = y + pose.gaze_y * (style.ry - 0.55 * radius) * 0.8
    tall = radius * min(1.25, style.ry / style.rx * 0.94)
    iris = pen.tone(style.iris)
    pen.oval(ix, iy, radius * fit, tall, iris.line)
    pen.oval(ix, iy - 0.06 * tall, radius * 0.86 * fit, tall * 0.86, iris.lit)
    wide = radius * (0.24 if style.slit else 0.56 + 0.1 * max(0.0, pose.brow_raise)) * fit
    pen.oval(ix, iy, wide, tall * (0.78 if style.slit else 0.6), pen.tone(style.pupil).lit)
    if pen.seen(radius, 3):
        spot = -0.3 if pen.light.key_x <= 0 else 0.3
        pen.oval(ix + spot * radius * fit, iy + 0.36 * tall, radius * 0.27 * fit, radius * 0.27, 0xF4FFFFFF)
        pen.oval(ix - spot * radius * 1.1 * fit, iy - 0.42 * tall, radius * 0.13 * fit, radius * 0.13, 0xA8FFFFFF)


def _lashes(pen: Pen, style: EyeStyle, at: tuple[float, float, float], tops: tuple[float, float], side: int, color: int) -> None:
    """The upper lid's line with its lashes."""
    x, y, rx = at
    line = skia.Path()
    line.moveTo(x - rx, y)
    line.cubicTo(x - rx * 0.92, tops[0], x + rx * 0.92, tops[1], x + rx, y)
    if style.flick and rx > style.rx * 0.55:
        outer = x + side * rx
        line.moveTo(outer, y)
        line.quadTo(outer + side * 0.1 * rx, y + 0.1 * style.ry, outer + side * 0.42 * rx, y + 0.42 * style.ry)
    pen.line(line, color, style.lash)


def draw_brow(pen: Pen, pose: BodyPose, color: str, at: tuple[float, float], size: tuple[float, float], side: int) -> None:
    """One tapered brow about `at`; `size` is its half length and its thickness, `side` -1 for the picture's left."""
    x, y = at
    half, thick = size
    y += pose.brow_raise * 0.95 * half * 0.6
    inner_y = y - pose.brow_furrow * 0.62 * half
    outer_y = y - 0.18 * half + pose.brow_furrow * 0.22 * half
    inner_x, outer_x = x - side * half * (0.95 + 0.15 * max(0.0, pose.brow_furrow)), x + side * half
    middle_y = 0.5 * (inner_y + outer_y) + 0.32 * half
    path = skia.Path()
    path.moveTo(inner_x, inner_y - 0.5 * thick)
    path.cubicTo(inner_x - side * 0.2 * thick, inner_y + 0.7 * thick, x, middle_y + 0.75 * thick, outer_x, outer_y)
    path.cubicTo(
        x + side * 0.3 * half,
        middle_y - 0.35 * thick,
        x - side * 0.3 * half,
        middle_y - 0.7 * thick,
        inner_x,
        inner_y - 0.5 * thick,
    )
    pen.flat(path, pen.tone(color).lit)


def draw_mouth(pen: Pen, pose: BodyPose, style: MouthStyle, x: float, y: float, squash: float) -> None:
    """A mouth about (x, y): a line when closed; teeth, tongue and dark when open. `squash` 0..1 as the head turns away."""
    pen.mark("mouth", x, y)
    smile, wide, opened = pose.smile, pose.mouth_wide, pose.mouth_open
    half = style.half_width * (1 + 0.24 * wide + 0.26 * max(0.0, smile) - 0.1 * max(0.0, -smile)) * (0.3 + 0.7 * squash)
    corner = smile * 0.42 * style.half_width
    tone = pen.tone(style.line)
    if opened < 0.05:
        line = _arch(x, y + corner * 0.7, half, -corner * 1.9)
        if style.lip is not None:
            lips = skia.Path()
            lips.moveTo(x - half * 0.8, y + corner * 0.35)
            lips.quadTo(x - half * 0.3, y + 0.22 * style.half_width - corner * 0.4, x, y + 0.12 * style.half_width - corner * 0.5)
            lips.quadTo(x + half * 0.3, y + 0.22 * style.half_width - corner * 0.4, x + half * 0.8, y + corner * 0.35)
            lips.quadTo(x, y - 0.46 * style.half_width - corner * 1.2, x - half * 0.8, y + corner * 0.35)
            pen.lit(lips, style.lip)
        pen.line(line, tone.lit, style.thickness)
        return
    up = 0.12 * style.half_width + opened * 0.42 * style.half_width - corner * 0.55
    down = -(0.1 + opened * 1.55) * style.half_width - max(0.0, corner) * 0.9
    shape = skia.Path()
    shape.moveTo(x - half, y + corner)
    shape.cubicTo(x - half * 0.62, y + up * 1.2, x + half * 0.62, y + up * 1.2, x + half, y + corner)
    shape.cubicTo(x + half * 0.86, y + down * 1.25, x - half * 0.86, y + down * 1.25, x - half, y + corner)
    pen.flat(shape, pen.tone(style.inside).lit)
    canvas: Any = pen.canvas
    if pen.seen(style.half_width * opened, 2.0):
        canvas.save()
        canvas.clipPath(shape, True)
        pen.oval(x, y + down * 0.98, half * 0.7, -down * 0.42, pen.tone(style.tongue).lit)
        show = max(0.0, 0.34 + 0.5 * max(0.0, wide) + 0.3 * max(0.0, smile) + 0.35 * max(0.0, pose.brow_furrow))
        teeth = ellipse(
            x, y + 0.9 * up + 0.25 * corner, half * 0.86, (up - down) * 0.3 * min(1.0, show) + 0.08 * style.half_width
        )
        pen.flat(teeth, pen.tone(style.teeth).lit)
        canvas.restore()
    pen.line(shape, pen.tone(style.lip).lit if style.lip else tone.lit, style.thickness * (1.15 if style.lip else 0.8))


def draw_cheek(pen: Pen, color: str, x: float, y: float, size: tuple[float, float], strength: float) -> None:
    """A soft blush."""
    if strength <= 0.02:
        return
    rgb = multiply(mix(pen.color(color), pen.color("#e8606a"), 0.5), pen.light.key_color)
    pen.oval(x, y, size[0], size[1], to_skia(rgb, 0.4 * strength))
    pen.oval(x, y, size[0] * 0.66, size[1] * 0.66, to_skia(rgb, 0.4 * strength))


def _arch(x: float, y: float, half: float, bow: float) -> skia.Path:
    """A line from left to right whose middle is `bow` above its ends."""
    path = skia.Path()
    path.moveTo(x - half, y)
    path.cubicTo(x - half * 0.5, y + bow * 1.25, x + half * 0.5, y + bow * 1.25, x + half, y)
    return path
