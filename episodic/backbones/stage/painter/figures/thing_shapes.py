"""The bodies of living things, by form, in units of their height."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

import skia

from episodic.backbones.stage.painter.figures.pose import BodyPose
from episodic.backbones.stage.painter.pen import Pen, curve, ellipse, polygon, round_box

__all__ = ["SHAPES", "Shape"]


_DrawShape: TypeAlias = "Callable[[Pen, BodyPose, str, str], None]"
"""Draws a body in its colour and its accent. It fills a box one unit high over the legs: x about 0, y 0.2..1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """The body of a living thing, in units of its height."""

    draw: _DrawShape
    face: tuple[float, float, float]
    """x and y of the middle of the face, and its unit."""
    shoulder: float
    """How far from the middle the arms begin."""


SHAPES: Final[dict[str, Shape]] = {}


def _shape(
    form: str, *, face: tuple[float, float, float] = (0.0, 0.56, 0.2), shoulder: float
) -> Callable[[_DrawShape], _DrawShape]:
    """Decorate the procedure that draws the body of a form."""

    def enter(draw: _DrawShape) -> _DrawShape:
        SHAPES[form] = Shape(draw=draw, face=face, shoulder=shoulder)
        return draw

    return enter


@_shape("leaf", face=(0.0, 0.56, 0.21), shoulder=0.28)
def _leaf(pen: Pen, pose: BodyPose, color: str, accent: str) -> None:
    """A leaf on its stem."""
    s = pose.sway * 0.06
    stem = curve(((0.0, 0.24), (0.01, 0.16), (0.05, 0.1)), closed=False)
    pen.line(stem, pen.tone(accent).dim, 0.03)
    path = curve(
        (
            (0, 0.2),
            (0.24, 0.28),
            (0.34, 0.5),
            (0.24, 0.76),
            (0.04 + s, 1.02),
            (0.0 + s, 0.98),
            (-0.24, 0.76),
            (-0.34, 0.5),
            (-0.24, 0.28),
        )
    )
    pen.solid(path, color, 0.16)
    veins = skia.Path()
    veins.moveTo(0, 0.22)
    veins.quadTo(0.01, 0.6, s * 0.9, 0.94)
    for y in (0.3, 0.42, 0.72, 0.82):
        reach = 0.24 * math.sin(math.pi * (y - 0.1))
        for side in (-1, 1):
            veins.moveTo(s * (y - 0.3), y)
            veins.quadTo(side * reach * 0.6, y + 0.03, side * reach, y + 0.1)
    pen.canvas.save()
    pen.canvas.clipPath(path, True)
    pen.line(veins, pen.tone(color).line & 0x6CFFFFFF, 0.012)
    pen.canvas.restore()


@_shape("flower", face=(0.0, 0.64, 0.19), shoulder=0.08)
def _flower(pen: Pen, pose: BodyPose, color: str, accent: str) -> None:
    """A flower head on a stalk with leaves."""
    pen.line(curve(((0, 0.2), (0.02 + pose.sway * 0.03, 0.34), (0, 0.5)), closed=False), pen.tone("#5c8a44").lit, 0.06)
    for side in (-1, 1):
        pen.solid(curve(((0, 0.24), (side * 0.2, 0.36), (side * 0.28, 0.3), (side * 0.14, 0.2))), "#5c8a44", 0.2)
    tone = pen.tone(color)
    for index in range(10):
        angle = index * math.pi / 5 + pose.sway * 0.08
        x, y = math.cos(angle) * 0.26, 0.64 + math.sin(angle) * 0.26
        pen.dot(x, y, 0.115, tone.dim if x * pen.light.key_x < -0.05 else tone.lit)
    pen.solid(ellipse(0, 0.64, 0.24, 0.24), accent, 0.14)


@_shape("tree", face=(0.0, 0.62, 0.2), shoulder=0.13)
def _tree(pen: Pen, pose: BodyPose, color: str, accent: str) -> None:
    """A tree with a round crown."""
    pen.solid(curve(((-0.13, 0.2), (-0.1, 0.5), (-0.14, 0.6), (0.14, 0.6), (0.1, 0.5), (0.13, 0.2)), tension=0.7), accent, 0.2)
    s = pose.sway * 0.03
    tone = pen.tone(color)
    for x, y, r, front in (
        (-0.24, 0.62, 0.18, 0),
        (0.25, 0.62, 0.18, 0),
        (0.0 + s, 0.84, 0.19, 0),
        (-0.15 + s, 0.76, 0.17, 1),
        (0.16 + s, 0.75, 0.17, 1),
    ):
        pen.dot(x, y, r, tone.lit if front else tone.dim)
    pen.solid(ellipse(0, 0.64, 0.26, 0.22), color, 0.14)


@_shape("plant", face=(0.0, 0.42, 0.17), shoulder=0.22)
def _plant(pen: Pen, pose: BodyPose, color: str, accent: str) -> None:
    """A plant in a pot."""
    s = pose.sway * 0.07
    for x, y, side in ((-0.2, 0.96, -1), (0.2, 0.96, 1), (-0.3, 0.76, -1), (0.3, 0.76, 1), (0.0, 1.04, 1)):
        tip = (x + s, y)
        pen.solid(
            curve(((x * 0.2, 0.56), (x * 0.7 + 0.09 * side, (y + 0.6) / 2), tip, (x * 0.7 - 0.06 * side, (y + 0.7) / 2))),
            color,
            0.2,
        )
    pen.solid(curve(((-0.28, 0.62), (-0.2, 0.2), (0.2, 0.2), (0.28, 0.62)), tension=0.4), accent, 0.14)
    pen.solid(round_box(-0.32, 0.56, 0.32, 0.68, 0.04), accent, 0.1)


@_shape("radio", face=(0.0, 0.56, 0.19), shoulder=0.42)
def _radio(pen: Pen, pose: BodyPose, color: str, accent: str) -> None:
    """A radio."""
    s = pose.sway * 0.06
    pen.line(polygon(((0.22, 0.8), (0.36 + s, 1.06))), pen.tone("#9aa0aa").lit, 0.016)
    pen.dot(0.36 + s, 1.06, 0.02, pen.tone("#d8dce2").lit)
    pen.solid(round_box(-0.42, 0.2, 0.42, 0.84, 0.12), color, 0.1)
    pen.solid(round_box(-0.35, 0.27, 0.35, 0.77, 0.08), accent, 0.06)
    tone = pen.tone(color)
    for index in range(4):
        pen.line(polygon(((-0.28, 0.31 + index * 0.025), (0.28, 0.31 + index * 0.025))), tone.line & 0x90FFFFFF, 0.009)
    for x in (-0.29, 0.29):
        pen.solid(ellipse(x, 0.72, 0.036, 0.036), color, 0.2)
    glow = pen.tone("#ffd36a").rim
    pen.line(polygon(((-0.14, 0.735), (0.14, 0.735))), glow, 0.02 + 0.012 * pose.glow)


@_shape("heart", face=(0.0, 0.62, 0.23), shoulder=0.32)
def _heart(pen: Pen, pose: BodyPose, color: str, accent: str) -> None:
    """A heart."""
    beat = 0.015 * pose.breath
    for side, tint in ((-1, accent), (1, "#4a6ab0")):
        pen.line(curve(((side * 0.07, 0.8), (side * 0.1, 0.94), (side * 0.22, 1.02)), closed=False), pen.tone(tint).lit, 0.075)
    path = skia.Path()
    path.moveTo(0, 0.19)
    path.cubicTo(-0.2, 0.3, -0.44 - beat, 0.46, -0.42 - beat, 0.7)
    path.cubicTo(-0.4, 0.94 + beat, -0.08, 0.96 + beat, 0, 0.8)
    path.cubicTo(0.08, 0.96 + beat, 0.4, 0.94 + beat, 0.42 + beat, 0.7)
    path.cubicTo(0.44 + beat, 0.46, 0.2, 0.3, 0, 0.19)
    path.close()
    pen.solid(path, color, 0.16)
    side = -1 if pen.light.key_x <= 0 else 1
    pen.oval(side * 0.27, 0.82, 0.07, 0.04, 0x60FFFFFF)


@_shape("lamp", face=(0.0, 0.64, 0.21), shoulder=0.12)
def _lamp(pen: Pen, pose: BodyPose, color: str, accent: str) -> None:
    """A table lamp that glows."""
    glow = pen.tone("#ffe6a0").rim & 0x00FFFFFF
    for radius, alpha in ((0.62, 0.12), (0.46, 0.16)):
        pen.dot(0, 0.66, radius, int(255 * alpha * (0.4 + pose.glow)) << 24 | glow)
    pen.solid(
        curve(
            ((-0.2, 0.2), (-0.14, 0.26), (-0.05, 0.3), (-0.05, 0.46), (0.05, 0.46), (0.05, 0.3), (0.14, 0.26), (0.2, 0.2)),
            tension=0.7,
        ),
        accent,
        0.2,
    )
    pen.solid(curve(((-0.22, 1.0), (0.22, 1.0), (0.38, 0.44), (0, 0.4), (-0.38, 0.44)), tension=0.35), color, 0.14)
    pen.dot(0, 1.02, 0.03, pen.tone(accent).lit)


@_shape("lighthouse", face=(0.0, 0.52, 0.145), shoulder=0.2)
def _lighthouse(pen: Pen, pose: BodyPose, color: str, accent: str) -> None:
    """A lighthouse with a lamp."""
    path = curve(((-0.24, 0.2), (-0.15, 0.78), (0.15, 0.78), (0.24, 0.2)), tension=0.3)
    pen.solid(path, color, 0.14)
    canvas = pen.canvas
    canvas.save()
    canvas.clipPath(path, True)
    for y in (0.24, 0.7):
        pen.paint.setColor(pen.tone(accent).lit)
        canvas.drawRect(skia.Rect.MakeLTRB(-0.4, y, 0.4, y + 0.1), pen.paint)
    canvas.restore()
    glow = pen.tone("#fff0b8").rim & 0x00FFFFFF
    pen.dot(0, 0.86, 0.2, int(80 * (0.4 + pose.glow)) << 24 | glow)
    pen.flat(round_box(-0.1, 0.78, 0.1, 0.92, 0.02), 0xFF000000 | glow)
    pen.solid(polygon(((-0.14, 0.91), (0, 1.02), (0.14, 0.91))), accent, 0.2)
    pen.solid(round_box(-0.18, 0.75, 0.18, 0.79, 0.02), "#4a4650", 0.2)


@_shape("ship", face=(0.0, 0.41, 0.17), shoulder=0.4)
def _ship(pen: Pen, pose: BodyPose, color: str, accent: str) -> None:
    """A small ship."""
    s = pose.sway * 0.03
    pen.solid(round_box(-0.2, 0.6, 0.2, 0.82, 0.04), accent, 0.12)
    pen.solid(round_box(0.02, 0.8, 0.14, 1.0, 0.02), "#c8303a", 0.2)
    for index in range(3):
        pen.dot(0.1 + 0.06 * index + s, 1.04 + 0.03 * index, 0.035 + 0.012 * index, 0x90E8ECF0)
    for x in (-0.12, 0.0, 0.12):
        pen.dot(x, 0.72, 0.03, pen.tone("#5a8ab0").lit)
    pen.solid(curve(((-0.46, 0.64), (-0.34, 0.24), (0, 0.2), (0.34, 0.24), (0.46, 0.64), (0, 0.6)), tension=0.6), color, 0.14)
    pen.line(curve(((-0.44, 0.6), (0, 0.565), (0.44, 0.6)), closed=False), pen.tone(accent).lit, 0.022)


@_shape("book", face=(0.02, 0.58, 0.2), shoulder=0.34)
def _book(pen: Pen, _pose: BodyPose, color: str, accent: str) -> None:
    """A book."""
    pen.solid(round_box(-0.34, 0.2, 0.34, 0.98, 0.05), color, 0.1)
    pen.lit(round_box(0.27, 0.23, 0.33, 0.95, 0.02), accent)
    pen.line(polygon(((-0.25, 0.21), (-0.25, 0.97))), pen.tone(color).line, 0.016)
    pen.line(round_box(-0.18, 0.28, 0.2, 0.9, 0.04), pen.tone(accent).lit & 0xA0FFFFFF, 0.012)


@_shape("cup", face=(0.0, 0.54, 0.21), shoulder=0.32)
def _cup(pen: Pen, pose: BodyPose, color: str, accent: str) -> None:
    """A cup, steaming."""
    pen.line(ellipse(0.36, 0.54, 0.12, 0.14), pen.tone(color).dim, 0.055)
    pen.solid(
        curve(((-0.34, 0.86), (-0.3, 0.34), (-0.16, 0.2), (0.16, 0.2), (0.3, 0.34), (0.34, 0.86)), tension=0.7), color, 0.14
    )
    pen.oval(0, 0.86, 0.335, 0.07, pen.tone(accent).lit)
    pen.oval(0, 0.85, 0.28, 0.045, pen.tone("#7a4a2c").lit)
    for x in (-0.08, 0.08):
        pen.line(curve(((x, 0.92), (x + 0.03 + pose.sway * 0.04, 0.97), (x - 0.01, 1.03)), closed=False), 0x70FFFFFF, 0.02)


@_shape("clock", face=(0.0, 0.58, 0.21), shoulder=0.36)
def _clock(pen: Pen, pose: BodyPose, color: str, accent: str) -> None:
    """An alarm clock."""
    for x in (-0.24, 0.24):
        pen.solid(ellipse(x, 0.94, 0.1, 0.07), "#dca832", 0.2)
    pen.solid(ellipse(0, 0.58, 0.39, 0.39), color, 0.14)
    pen.lit(ellipse(0, 0.58, 0.32, 0.32), accent)
    for index in range(12):
        angle = index * math.pi / 6
        pen.dot(math.cos(angle) * 0.28, 0.58 + math.sin(angle) * 0.28, 0.013, pen.tone(color).line)
    hand = 0.6 + pose.sway * 0.2
    pen.line(
        polygon(((0, 0.58), (math.sin(hand) * 0.24, 0.58 + math.cos(hand) * 0.24))), pen.tone("#3a2c2a").lit & 0x90FFFFFF, 0.014
    )


@_shape("car", face=(0.0, 0.46, 0.19), shoulder=0.44)
def _car(pen: Pen, _pose: BodyPose, color: str, accent: str) -> None:
    """A car from the front."""
    pen.solid(curve(((-0.3, 0.6), (-0.22, 0.9), (0.22, 0.9), (0.3, 0.6)), tension=0.6), color, 0.14)
    pen.lit(curve(((-0.22, 0.64), (-0.17, 0.84), (0.17, 0.84), (0.22, 0.64)), tension=0.5), accent)
    pen.solid(round_box(-0.44, 0.24, 0.44, 0.66, 0.14), color, 0.12)
    for x in (-0.34, 0.34):
        pen.dot(x, 0.24, 0.09, pen.tone("#2b2830").lit)
        pen.dot(x, 0.54, 0.05, pen.tone("#fff0c0").rim)


@_shape("stone", face=(0.0, 0.54, 0.23), shoulder=0.42)
def _stone(pen: Pen, _pose: BodyPose, color: str, accent: str) -> None:
    """A stone."""
    pen.solid(
        curve(
            ((-0.38, 0.22), (-0.42, 0.52), (-0.26, 0.84), (0.06, 0.96), (0.34, 0.78), (0.43, 0.46), (0.36, 0.22), (0, 0.19)),
            tension=0.8,
        ),
        color,
        0.18,
    )
    pen.flat(curve(((-0.28, 0.84), (0.04, 0.98), (0.22, 0.88), (0.06, 0.85), (-0.06, 0.8))), pen.tone(accent).lit)


@_shape("bread", face=(0.0, 0.56, 0.22), shoulder=0.34)
def _bread(pen: Pen, _pose: BodyPose, color: str, accent: str) -> None:
    """A loaf."""
    pen.solid(
        curve(
            ((-0.32, 0.2), (-0.33, 0.6), (-0.4, 0.78), (-0.2, 0.95), (0.2, 0.95), (0.4, 0.78), (0.33, 0.6), (0.32, 0.2)),
            tension=0.8,
        ),
        color,
        0.1,
    )
    pen.lit(
        curve(
            ((-0.27, 0.25), (-0.27, 0.62), (-0.32, 0.77), (-0.16, 0.89), (0.16, 0.89), (0.32, 0.77), (0.27, 0.62), (0.27, 0.25)),
            tension=0.8,
        ),
        accent,
    )


@_shape("box", face=(0.0, 0.52, 0.22), shoulder=0.37)
def _box(pen: Pen, _pose: BodyPose, color: str, accent: str) -> None:
    """A box."""
    pen.solid(round_box(-0.36, 0.2, 0.36, 0.86, 0.04), color, 0.1)
    pen.solid(round_box(-0.4, 0.8, 0.4, 0.96, 0.04), accent, 0.1)


@_shape("candle", face=(0.0, 0.52, 0.16), shoulder=0.2)
def _candle(pen: Pen, pose: BodyPose, color: str, accent: str) -> None:
    """A candle with a flame."""
    s = pose.sway * 0.04
    pen.solid(round_box(-0.2, 0.2, 0.2, 0.8, 0.07), color, 0.16)
    pen.dot(s, 0.92, 0.2, int(70 * (0.5 + pose.glow)) << 24 | pen.tone(accent).rim & 0x00FFFFFF)
    pen.flat(curve(((-0.07, 0.86), (0, 0.8), (0.07, 0.86), (s, 1.06))), pen.tone(accent).rim)
    pen.flat(curve(((-0.035, 0.86), (0, 0.82), (0.035, 0.86), (s * 0.7, 0.96))), 0xFFFFF6D0)


@_shape("starfish", face=(0.0, 0.58, 0.21), shoulder=0.3)
def _starfish(pen: Pen, pose: BodyPose, color: str, accent: str) -> None:
    """A star with round arms."""
    points = []
    for index in range(16):
        angle = math.pi / 2 + index * math.pi / 8 + pose.sway * 0.05
        radius = 0.44 if index % 2 == 0 else 0.33
        points.append((math.cos(angle) * radius, 0.58 + math.sin(angle) * radius))
    pen.flat(curve(points, tension=0.5), pen.tone(accent).lit)
    pen.solid(ellipse(0, 0.58, 0.32, 0.32), color, 0.14)


@_shape("drop", face=(0.0, 0.46, 0.2), shoulder=0.3)
def _drop(pen: Pen, pose: BodyPose, color: str, accent: str) -> None:
    """A drop of water."""
    s = pose.sway * 0.05
    pen.solid(
        curve(((s, 1.04), (0.1, 0.8), (0.3, 0.5), (0.22, 0.26), (0, 0.19), (-0.22, 0.26), (-0.3, 0.5), (-0.1, 0.8)), tension=0.9),
        color,
        0.16,
    )
    pen.oval(-0.14, 0.66, 0.035, 0.08, pen.tone(accent).lit & 0xA0FFFFFF)


@_shape("mushroom", face=(0.0, 0.4, 0.14), shoulder=0.18)
def _mushroom(pen: Pen, _pose: BodyPose, color: str, accent: str) -> None:
    """A mushroom."""
    pen.solid(curve(((-0.2, 0.2), (-0.17, 0.6), (0.17, 0.6), (0.2, 0.2)), tension=0.6), accent, 0.16)
    pen.solid(curve(((-0.44, 0.62), (-0.36, 0.86), (0, 1.02), (0.36, 0.86), (0.44, 0.62), (0, 0.56))), color, 0.16)
    for x, y, r in ((-0.22, 0.8, 0.055), (0.1, 0.88, 0.06), (0.26, 0.72, 0.045), (-0.04, 0.7, 0.04)):
        pen.oval(x, y, r, r * 0.85, pen.tone(accent).lit)


@_shape("bean", face=(0.0, 0.52, 0.19), shoulder=0.3)
def _bean(pen: Pen, _pose: BodyPose, color: str, accent: str) -> None:
    """A bean."""
    pen.solid(
        curve(((0, 0.19), (0.26, 0.3), (0.3, 0.58), (0.16, 0.84), (0, 0.96), (-0.16, 0.84), (-0.3, 0.58), (-0.26, 0.3))),
        color,
        0.16,
    )
    pen.solid(curve(((-0.3, 0.72), (-0.2, 0.9), (0, 0.98), (0.2, 0.9), (0.3, 0.72), (0, 0.78))), accent, 0.16)


@_shape("blob", shoulder=0.37)
def _blob(pen: Pen, pose: BodyPose, color: str, accent: str) -> None:
    """A soft round thing; also any unknown form."""
    s = pose.sway * 0.02
    pen.solid(
        curve(
            ((s, 0.98), (0.28 + s, 0.86), (0.38, 0.54), (0.28, 0.26), (0, 0.19), (-0.28, 0.26), (-0.38, 0.54), (-0.28 + s, 0.86))
        ),
        color,
        0.16,
    )
    side = -1 if pen.light.key_x <= 0 else 1
    pen.oval(side * 0.2, 0.86, 0.06, 0.035, pen.tone(accent).lit & 0xB0FFFFFF)
