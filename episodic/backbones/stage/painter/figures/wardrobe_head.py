"""Hats and glasses, in head units: 1 is half the head's width, the origin at the head's middle, y up."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

import skia

from episodic.backbones.stage.painter.drawings import Drawings
from episodic.backbones.stage.painter.pen import Pen, curve, ellipse, polygon
from episodic.looks.clothes import Garment

__all__ = ["draw_glasses", "draw_hat", "draw_hat_back"]


_HATS: Final = Drawings[Callable[[Pen, str, float], None]]()


def draw_glasses(pen: Pen, glasses: Garment, theta: float, gap: float, y: float) -> None:
    """Glasses on the eyes at height y; `gap` is the eyes' angle from the nose."""
    color = pen.tone(glasses.color).lit
    dark = glasses.cut == "dark"
    centres = []
    for side in (-1, 1):
        squash = math.cos(side * gap + theta)
        if squash < 0.08:
            continue
        x = math.sin(side * gap + theta) * 1.02
        centres.append(x)
        lens = ellipse(x, y - 0.02, 0.33 * (0.3 + 0.7 * squash), 0.32)
        if dark:
            pen.flat(lens, pen.tone("#211f28").lit)
        else:
            pen.flat(lens, 0x1CFFFFFF)
        pen.line(lens, color, 0.1 if glasses.cut == "goggles" else 0.055)
        edge = math.cos(theta) * side
        if side * math.sin(theta) <= 0.2:
            arm = skia.Path()
            arm.moveTo(x + side * 0.3 * squash, y + 0.06)
            arm.lineTo(edge * 0.97, y + 0.08)
            pen.line(arm, color, 0.05)
    if len(centres) == 2:
        bridge = skia.Path()
        half = 0.33 * (0.3 + 0.7 * math.cos(gap - abs(theta)))
        bridge.moveTo(centres[0] + half * 0.9, y + 0.02)
        bridge.quadTo((centres[0] + centres[1]) / 2, y + 0.12, centres[1] - half * 0.7, y + 0.02)
        pen.line(bridge, color, 0.055)


def draw_hat_back(pen: Pen, hat: Garment, theta: float) -> None:
    """The part of a hat behind the head: brims, hoods, veils, the back of a helmet."""
    sin = math.sin(theta)
    if hat.cut in ("hood", "headscarf"):
        pen.flat(ellipse(-sin * 0.16, -0.02, 1.3, 1.38), pen.tone(hat.color).dim)
    elif hat.cut == "wig":
        tone = pen.tone(hat.color)
        for side in (-1, 1):
            for index in range(4):
                pen.oval(side * (1.06 - 0.02 * index) - sin * 0.2, 0.2 - index * 0.42, 0.26, 0.25, tone.dim)
    elif hat.cut == "souwester":
        pen.flat(
            curve(
                (
                    (-1.2 - sin * 0.3, 0.1),
                    (-1.1 - sin * 0.5, -0.6),
                    (-sin * 0.5, -0.75),
                    (1.1 - sin * 0.5, -0.6),
                    (1.2 - sin * 0.3, 0.1),
                )
            ),
            pen.tone(hat.color).dim,
        )
    elif hat.cut == "helmet":
        pen.flat(ellipse(0, 0.02, 1.42, 1.42), pen.tone(hat.color).dim)


def draw_hat(pen: Pen, hat: Garment, theta: float) -> None:
    """A hat on the head, turned with it. An unknown cut is a hat with a brim."""
    _HATS.get(hat.cut, _brim)(pen, hat.color, math.sin(theta))


def _band(pen: Pen, sin: float, color: str, low: float, high: float, half: float) -> None:
    """A band round a hat between two heights."""
    path = curve(
        (
            (-half, low + 0.06),
            (sin * 0.4, low - 0.06),
            (half, low + 0.06),
            (half * 0.98, high + 0.06),
            (sin * 0.4, high - 0.06),
            (-half * 0.98, high + 0.06),
        ),
        tension=0.8,
    )
    pen.lit(path, color)


@_HATS.draws("fedora")
def _fedora(pen: Pen, color: str, sin: float) -> None:
    """A fedora."""
    crown = curve(
        (
            (-0.96, 0.5),
            (-0.88, 1.1),
            (-0.6 + sin * 0.1, 1.5),
            (-0.1 + sin * 0.2, 1.38),
            (0.1 + sin * 0.2, 1.38),
            (0.6 + sin * 0.1, 1.5),
            (0.88, 1.1),
            (0.96, 0.5),
        )
    )
    pen.solid(crown, color, 0.16)
    _band(pen, sin, "#2a2227", 0.5, 0.72, 0.97)
    _brim_disc(pen, color, sin, 0.5, 1.52, 0.2)


def _brim_disc(pen: Pen, color: str, sin: float, y: float, half: float, thick: float) -> None:
    """A flat brim at height y."""
    x = sin * 0.28
    path = curve(
        (
            (x - half, y + 0.1),
            (x - half * 0.6, y + thick * 0.4),
            (x, y + 0.02),
            (x + half * 0.6, y + thick * 0.4),
            (x + half, y + 0.1),
            (x + half * 0.6, y - thick * 0.9),
            (x, y - thick * 1.25),
            (x - half * 0.6, y - thick * 0.9),
        )
    )
    pen.solid(path, color, 0.1)


@_HATS.draws("brim")
def _brim(pen: Pen, color: str, sin: float) -> None:
    """A hat with a wide brim."""
    pen.solid(curve(((-0.94, 0.5), (-0.82, 1.15), (0, 1.4), (0.82, 1.15), (0.94, 0.5))), color, 0.16)
    _band(pen, sin, "#8a3b34", 0.52, 0.72, 0.95)
    _brim_disc(pen, color, sin, 0.5, 1.7, 0.2)


@_HATS.draws("cloche")
def _cloche(pen: Pen, color: str, sin: float) -> None:
    """A cloche."""
    pen.solid(
        curve(((-1.1, 0.18), (-1.04, 0.85), (-0.5, 1.34), (0.5, 1.34), (1.04, 0.85), (1.1, 0.18), (sin * 0.6, 0.42))), color, 0.16
    )
    _band(pen, sin, "#2a2227", 0.36, 0.58, 1.08)
    pen.dot(0.72 if sin < 0.4 else -0.5, 0.5, 0.16, pen.tone("#f1e4c8").lit)


@_HATS.draws("toque")
def _toque(pen: Pen, color: str, sin: float) -> None:
    """A chef's hat."""
    tone = pen.tone(color)
    for x, y, r, dim in (
        (-0.62, 1.6, 0.52, pen.light.key_x > 0),
        (0.62, 1.6, 0.52, pen.light.key_x <= 0),
        (0.0, 1.78, 0.66, False),
    ):
        pen.dot(x + sin * 0.1, y, r, tone.dim if dim else tone.lit)
    pen.solid(
        curve(((-0.93, 0.52), (-0.86, 1.4), (0, 1.5), (0.86, 1.4), (0.93, 0.52), (sin * 0.4, 0.42)), tension=0.7), color, 0.14
    )
    line = skia.Path()
    for x in (-0.4, 0.0, 0.4):
        line.moveTo(x + sin * 0.2, 0.95)
        line.lineTo(x * 1.1 + sin * 0.2, 1.4)
    pen.line(line, tone.line & 0x48FFFFFF, 0.04)


@_HATS.draws("crown")
def _crown(pen: Pen, color: str, sin: float) -> None:
    """A crown with jewels."""
    points = [(-0.8, 0.72)]
    for index in range(5):
        x = -0.8 + 0.4 * index
        points += [(x, 1.46 - 0.1 * abs(index - 2))]
        if index < 4:
            points += [(x + 0.2, 1.02)]
    points += [(0.8, 0.72), (sin * 0.3, 0.62)]
    pen.solid(polygon(points), color, 0.14)
    for index in range(5):
        pen.dot(-0.8 + 0.4 * index, 1.48 - 0.1 * abs(index - 2), 0.09, pen.tone(color).rim)
    for index, gem in enumerate(("#c8303f", "#2f62b5", "#c8303f")):
        pen.dot(-0.42 + 0.42 * index + sin * 0.2, 0.86, 0.09, pen.tone(gem).lit)


@_HATS.draws("souwester")
def _souwester(pen: Pen, color: str, sin: float) -> None:
    """A sou'wester."""
    pen.solid(curve(((-1.02, 0.42), (-0.9, 1.05), (-0.4, 1.38), (0.4, 1.38), (0.9, 1.05), (1.02, 0.42))), color, 0.16)
    line = skia.Path()
    line.moveTo(sin * 0.5, 1.38)
    line.quadTo(sin * 0.7, 1.0, sin * 0.75, 0.5)
    pen.line(line, pen.tone(color).line & 0x70FFFFFF, 0.04)
    _brim_disc(pen, color, sin, 0.42, 1.36, 0.18)


@_HATS.draws("cap")
def _cap(pen: Pen, color: str, sin: float) -> None:
    """A cap with a peak."""
    pen.solid(
        curve(((-1.04, 0.4), (-0.98, 0.92), (-0.45, 1.34), (0.45, 1.34), (0.98, 0.92), (1.04, 0.4), (sin * 0.4, 0.5))),
        color,
        0.16,
    )
    x = sin * 0.85
    half = 0.74 - 0.1 * abs(sin)
    peak = curve(
        (
            (x - half, 0.5),
            (x, 0.62),
            (x + half, 0.5),
            (x + half * 0.7 + sin * 0.3, 0.26),
            (x + sin * 0.3, 0.2),
            (x - half * 0.7 + sin * 0.3, 0.26),
        )
    )
    pen.solid(peak, color, 0.3)
    pen.line(peak, pen.tone(color).line & 0x60FFFFFF, 0.03)


@_HATS.draws("captain")
def _captain(pen: Pen, color: str, sin: float) -> None:
    """A captain's cap."""
    pen.solid(curve(((-0.98, 0.62), (-1.28, 1.0), (-0.9, 1.32), (0.9, 1.32), (1.28, 1.0), (0.98, 0.62))), color, 0.14)
    _band(pen, sin, "#24304e", 0.46, 0.7, 1.0)
    x = sin * 0.8
    peak = curve(
        (
            (x - 0.74, 0.48),
            (x, 0.56),
            (x + 0.74, 0.48),
            (x + 0.5 + sin * 0.2, 0.24),
            (x + sin * 0.2, 0.18),
            (x - 0.5 + sin * 0.2, 0.24),
        )
    )
    pen.lit(peak, "#2a2730")
    pen.dot(x * 1.02, 0.76, 0.15, pen.tone("#e0b548").lit)


@_HATS.draws("pillbox")
def _pillbox(pen: Pen, color: str, sin: float) -> None:
    """A bellboy's pillbox with its strap."""
    pen.solid(
        curve(((-0.7, 0.76), (-0.66, 1.26), (0, 1.34), (0.66, 1.26), (0.7, 0.76), (sin * 0.3, 0.68)), tension=0.6), color, 0.16
    )
    _band(pen, sin, "#e0b548", 0.72, 0.8, 0.7)
    pen.dot(sin * 0.5, 1.04, 0.09, pen.tone("#e0b548").lit)


@_HATS.draws("beret")
def _beret(pen: Pen, color: str, sin: float) -> None:
    """A beret."""
    pen.solid(
        curve(((-1.0, 0.56), (-1.2, 0.9), (-0.7, 1.3), (0.3, 1.36), (1.32, 1.0), (1.02, 0.56), (sin * 0.4, 0.66))), color, 0.16
    )
    pen.dot(0.1, 1.38, 0.08, pen.tone(color).dim)


@_HATS.draws("beanie")
def _beanie(pen: Pen, color: str, sin: float) -> None:
    """A woollen cap."""
    pen.solid(
        curve(((-1.03, 0.4), (-0.96, 1.0), (-0.4, 1.44), (0.4, 1.44), (0.96, 1.0), (1.03, 0.4), (sin * 0.3, 0.4))), color, 0.16
    )
    path = curve(((-1.08, 0.36), (0, 0.24), (1.08, 0.36), (1.06, 0.7), (0, 0.6), (-1.06, 0.7)), tension=0.8)
    pen.solid(path, color, 0.2)
    pen.line(path, pen.tone(color).line & 0x60FFFFFF, 0.03)
    pen.dot(0, 1.54, 0.2, pen.tone("#f1e4c8").lit)


@_HATS.draws("tophat")
def _tophat(pen: Pen, color: str, sin: float) -> None:
    """A top hat."""
    pen.solid(curve(((-0.84, 0.56), (-0.84, 1.9), (0, 1.98), (0.84, 1.9), (0.84, 0.56)), tension=0.4), color, 0.16)
    _band(pen, sin, "#8a2334", 0.6, 0.84, 0.85)
    _brim_disc(pen, color, sin, 0.54, 1.36, 0.16)


@_HATS.draws("bowler")
def _bowler(pen: Pen, color: str, sin: float) -> None:
    """A bowler hat."""
    pen.solid(ellipse(0, 0.78, 0.92, 0.68), color, 0.16)
    _brim_disc(pen, color, sin, 0.52, 1.28, 0.17)


@_HATS.draws("pointed")
def _pointed(pen: Pen, color: str, sin: float) -> None:
    """A witch's or wizard's hat."""
    pen.solid(curve(((-0.92, 0.52), (-0.4, 1.6), (0.3 - sin * 0.6, 2.5), (0.25, 1.6), (0.92, 0.52)), tension=0.6), color, 0.18)
    _band(pen, sin, "#d29d2b", 0.56, 0.76, 0.9)
    _brim_disc(pen, color, sin, 0.5, 1.62, 0.2)


@_HATS.draws("wig")
def _wig(pen: Pen, color: str, sin: float) -> None:
    """A judge's wig."""
    tone = pen.tone(color)
    pen.solid(
        curve(
            (
                (-1.08, 0.3),
                (-1.04, 0.95),
                (-0.4, 1.34),
                (0.4, 1.34),
                (1.04, 0.95),
                (1.08, 0.3),
                (0.72 + sin * 0.4, 0.46),
                (sin * 0.6, 0.72),
                (-0.72 + sin * 0.4, 0.46),
            )
        ),
        color,
        0.14,
    )
    for side in (-1, 1):
        if side * sin > 0.55:
            continue
        for index in range(4):
            x = side * (1.02 - abs(sin) * 0.2)
            pen.oval(x, 0.18 - index * 0.36, 0.2, 0.19, tone.lit)
            pen.oval(x, 0.18 - index * 0.36, 0.09, 0.09, tone.dim)


@_HATS.draws("headscarf", "hood")
def _headscarf(pen: Pen, color: str, sin: float) -> None:
    """A headscarf or hood round the face."""
    pen.solid(
        curve(
            (
                (-1.12, -0.5),
                (-1.16, 0.5),
                (-0.7, 1.2),
                (0, 1.34),
                (0.7, 1.2),
                (1.16, 0.5),
                (1.12, -0.5),
                (0.88 + sin * 0.16, -0.3),
                (0.8 + sin * 0.3, 0.4),
                (sin * 0.5, 0.7),
                (-0.8 + sin * 0.3, 0.4),
                (-0.88 + sin * 0.16, -0.3),
            )
        ),
        color,
        0.12,
    )
    pen.solid(curve(((-0.9, -0.7), (sin * 0.3, -1.0), (0.9, -0.7), (0.5, -1.36), (-0.5, -1.36))), color, 0.2)


@_HATS.draws("helmet")
def _helmet(pen: Pen, color: str, sin: float) -> None:
    """A bubble helmet: a ring, glass and its shine over the face."""
    pen.line(ellipse(0, 0.02, 1.38, 1.38), pen.tone(color).lit, 0.15)
    pen.flat(ellipse(0, 0.02, 1.32, 1.32), 0x1AD8F0FF)
    shine = curve(((-0.95, 0.5), (-0.7, 0.95), (-0.25, 1.14), (-0.55, 0.8), (-0.78, 0.42)))
    pen.flat(shine, 0x80FFFFFF)
    pen.dot(1.3 if sin < 0.3 else -1.3, 0.2, 0.2, pen.tone("#e2603f").lit)


@_HATS.draws("hardhat")
def _hardhat(pen: Pen, color: str, sin: float) -> None:
    """A hard hat."""
    pen.solid(ellipse(0, 0.62, 1.06, 0.82), color, 0.16)
    pen.oval(sin * 0.6, 1.1, 0.16, 0.34, pen.tone(color).rim)
    _brim_disc(pen, color, sin, 0.46, 1.24, 0.14)
