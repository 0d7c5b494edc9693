"""Props: drawn on the set with their origin at the middle of their base, or in a hand. Metres; y up inside, skia's y down outside."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Final

import skia

from episodic.backbones.stage.painter.drawings import Drawings
from episodic.backbones.stage.painter.pen import FigureLight, Pen, curve, ellipse, polygon, round_box
from memory.model.facts import FactValue
from planners.plan.vocabulary import Style

__all__ = ["draw_in_hand", "draw_prop", "prop_height"]

_PENS: Final[dict[str, Pen]] = {}


_FORMS: Final = Drawings[Callable[[Pen, str, str], None]]()


def draw_prop(canvas: skia.Canvas, look: Mapping[str, FactValue], shade: FigureLight, style: Style = "storybook") -> None:
    """Draw a prop (a look of `looks.prop_look`) standing at the canvas's origin; one unit of the canvas is a metre, y down."""
    pen = _PENS.get(style)
    if pen is None:
        pen = _PENS[style] = Pen(style)
    pen.begin(canvas, shade)
    canvas.save()
    canvas.scale(1, -1)
    _draw(pen, look)
    canvas.restore()


def draw_in_hand(pen: Pen, look: Mapping[str, FactValue], hand: tuple[float, float], angle: float, body: float) -> None:
    """A prop in a hand at `hand`; `angle` is the forearm's direction in degrees, `body` the holder's height in metres."""
    high = prop_height(look)
    form = str(look.get("form"))
    scale = min(1.0, 0.3 * body / high) if form not in ("umbrella", "tool") else min(1.0, 0.6 * body / high)
    canvas = pen.canvas
    pen.hold(True)
    canvas.save()
    canvas.translate(*hand)
    if form in _HANGING:
        canvas.translate(0, -high * scale)
    elif form in ("tool", "umbrella", "flower", "key"):
        canvas.rotate(max(-60.0, min(60.0, (angle + 90) * 0.35)))
        canvas.translate(0, -0.12 * high * scale)
    else:
        canvas.translate(0, -0.4 * high * scale)
    canvas.scale(scale, scale)
    _draw(pen, look)
    canvas.restore()
    pen.hold(False)


def _draw(pen: Pen, look: Mapping[str, FactValue]) -> None:
    """Draw the prop in its own size at the origin."""
    form = str(look.get("form"))
    high = prop_height(look)
    color, accent = str(look.get("color", "#b58a54")), str(look.get("accent", "#c8303f"))
    canvas = pen.canvas
    zoom = pen.zoom
    canvas.save()
    canvas.scale(high, high)
    pen.zoom = zoom * high
    _FORMS.get(form, _box)(pen, color, accent)
    pen.zoom = zoom
    canvas.restore()


def prop_height(look: Mapping[str, FactValue]) -> float:
    """Metres; a prop is at most about twice as wide as that."""
    value = look.get("height")
    return max(0.02, float(value)) if isinstance(value, int | float) and not isinstance(value, bool) else 0.3


# every form below fills a box one unit high: x about 0, y 0..1


@_FORMS.draws("book")
def _book(pen: Pen, color: str, accent: str) -> None:
    """A book."""
    pen.solid(round_box(-0.38, 0.0, 0.38, 1.0, 0.06), color, 0.12)
    pen.lit(round_box(0.3, 0.05, 0.36, 0.95, 0.02), accent)
    pen.line(polygon(((-0.26, 0.0), (-0.26, 1.0))), pen.tone(color).line, 0.03)
    pen.lit(round_box(-0.14, 0.56, 0.22, 0.8, 0.03), accent)
    pen.line(polygon(((-0.06, 0.68), (0.14, 0.68))), pen.tone(color).line, 0.03)


@_FORMS.draws("lantern")
def _lantern(pen: Pen, color: str, accent: str) -> None:
    """A lantern with a flame."""
    _glow(pen, accent, 0, 0.42, 0.9)
    handle = curve(((-0.22, 0.74), (-0.16, 0.98), (0.16, 0.98), (0.22, 0.74)), closed=False)
    pen.line(handle, pen.tone(color).lit, 0.05)
    pen.flat(round_box(-0.22, 0.12, 0.22, 0.66, 0.08), pen.tone(accent).rim)
    _flame(pen, 0, 0.2, 0.16)
    pen.solid(polygon(((-0.3, 0.64), (-0.14, 0.8), (0.14, 0.8), (0.3, 0.64))), color, 0.2)
    pen.solid(round_box(-0.28, 0.0, 0.28, 0.14, 0.04), color, 0.2)
    for x in (-0.22, 0.22):
        pen.line(polygon(((x, 0.1), (x, 0.68))), pen.tone(color).lit, 0.04)


@_FORMS.draws("lamp")
def _lamp(pen: Pen, color: str, accent: str) -> None:
    """A lamp with a shade."""
    _glow(pen, accent, 0, 0.66, 1.0)
    pen.solid(
        curve(
            ((-0.26, 0.0), (-0.2, 0.07), (-0.05, 0.12), (-0.04, 0.5), (0.04, 0.5), (0.05, 0.12), (0.2, 0.07), (0.26, 0.0)),
            tension=0.7,
        ),
        color,
        0.2,
    )
    pen.flat(polygon(((-0.22, 0.98), (0.22, 0.98), (0.38, 0.5), (-0.38, 0.5))), pen.tone(accent).rim)
    pen.line(polygon(((-0.38, 0.5), (0.38, 0.5))), pen.tone(color).lit, 0.04)
    pen.line(polygon(((-0.22, 0.98), (0.22, 0.98))), pen.tone(color).lit, 0.03)


@_FORMS.draws("candle")
def _candle(pen: Pen, color: str, accent: str) -> None:
    """A candle in its holder."""
    _glow(pen, accent, 0, 0.8, 0.7)
    pen.solid(round_box(-0.3, 0.0, 0.3, 0.1, 0.05), "#b9893a", 0.2)
    pen.solid(round_box(-0.13, 0.06, 0.13, 0.66, 0.05), color, 0.2)
    _flame(pen, 0, 0.68, 0.13)


def _flame(pen: Pen, x: float, y: float, size: float) -> None:
    """A flame that stands on (x, y)."""
    pen.flat(
        curve(((x - size * 0.7, y + size * 0.5), (x, y), (x + size * 0.7, y + size * 0.5), (x + size * 0.1, y + size * 2.2))),
        0xFFFFB23E,
    )
    pen.flat(
        curve(((x - size * 0.35, y + size * 0.5), (x, y + size * 0.1), (x + size * 0.35, y + size * 0.5), (x, y + size * 1.3))),
        0xFFFFF3C4,
    )


def _glow(pen: Pen, color: str, x: float, y: float, radius: float) -> None:
    """Soft light about (x, y)."""
    rgb = pen.tone(color).lit & 0x00FFFFFF
    for part, alpha in ((1.0, 0x14), (0.72, 0x1C), (0.46, 0x2C)):
        pen.dot(x, y, radius * part, alpha << 24 | rgb)


@_FORMS.draws("radio")
def _radio(pen: Pen, color: str, accent: str) -> None:
    """A radio with dials and an antenna."""
    pen.line(polygon(((0.42, 0.8), (0.72, 1.3))), pen.tone("#8d95a3").lit, 0.035)
    pen.solid(round_box(-0.78, 0.04, 0.78, 0.92, 0.2), color, 0.1)
    pen.lit(round_box(-0.64, 0.18, 0.1, 0.78, 0.1), accent)
    tone = pen.tone(color)
    for index in range(4):
        pen.line(polygon(((-0.56, 0.28 + index * 0.13), (0.02, 0.28 + index * 0.13))), tone.line, 0.04)
    pen.dot(0.42, 0.6, 0.17, pen.tone(accent).lit)
    pen.line(polygon(((0.42, 0.6), (0.5, 0.7))), tone.line, 0.04)
    for x in (0.3, 0.54):
        pen.dot(x, 0.26, 0.07, tone.line)


@_FORMS.draws("letter")
def _letter(pen: Pen, color: str, accent: str) -> None:
    """An envelope with a seal."""
    pen.solid(round_box(-0.7, 0.02, 0.7, 0.98, 0.03), color, 0.06)
    flap = polygon(((-0.7, 0.96), (0.0, 0.42), (0.7, 0.96)))
    pen.line(flap, pen.tone(color).line & 0x90FFFFFF, 0.035)
    pen.dot(0, 0.46, 0.13, pen.tone(accent).lit)


@_FORMS.draws("key")
def _key(pen: Pen, color: str, accent: str) -> None:
    """A key."""
    tone = pen.tone(color)
    pen.line(ellipse(0, 0.76, 0.18, 0.18), tone.lit, 0.1)
    pen.line(polygon(((0, 0.58), (0, 0.06))), tone.lit, 0.1)
    pen.line(polygon(((0, 0.1), (0.18, 0.1))), tone.lit, 0.09)
    pen.line(polygon(((0, 0.26), (0.14, 0.26))), pen.tone(accent).lit, 0.09)


@_FORMS.draws("bread")
def _bread(pen: Pen, color: str, accent: str) -> None:
    """A loaf."""
    pen.solid(curve(((-0.95, 0.1), (-1.0, 0.5), (-0.6, 0.92), (0.6, 0.92), (1.0, 0.5), (0.95, 0.1), (0, 0.0))), color, 0.16)
    for x in (-0.5, 0.0, 0.5):
        pen.line(curve(((x - 0.14, 0.5), (x, 0.72), (x + 0.16, 0.8)), closed=False), pen.tone(accent).lit, 0.1)


@_FORMS.draws("cake")
def _cake(pen: Pen, color: str, accent: str) -> None:
    """A cake in layers."""
    pen.solid(round_box(-0.7, 0.0, 0.7, 0.4, 0.08), accent, 0.12)
    pen.solid(round_box(-0.5, 0.36, 0.5, 0.72, 0.08), color, 0.12)
    pen.solid(curve(((-0.54, 0.56), (-0.3, 0.48), (0, 0.58), (0.3, 0.46), (0.54, 0.56), (0.5, 0.78), (-0.5, 0.78))), accent, 0.1)
    pen.dot(0, 0.88, 0.11, pen.tone("#c8303f").lit)


@_FORMS.draws("cup")
def _cup(pen: Pen, color: str, accent: str) -> None:
    """A cup with a handle."""
    pen.line(ellipse(0.5, 0.52, 0.24, 0.26), pen.tone(color).dim, 0.11)
    pen.solid(curve(((-0.5, 0.9), (-0.44, 0.2), (-0.2, 0.0), (0.2, 0.0), (0.44, 0.2), (0.5, 0.9)), tension=0.8), color, 0.16)
    pen.oval(0, 0.9, 0.49, 0.12, pen.tone(accent).lit)
    pen.oval(0, 0.88, 0.4, 0.08, pen.tone("#7a4a2c").lit)


@_FORMS.draws("bottle")
def _bottle(pen: Pen, color: str, accent: str) -> None:
    """A bottle with a label."""
    pen.solid(
        curve(
            ((-0.2, 0.02), (-0.2, 0.55), (-0.07, 0.72), (-0.07, 0.96), (0.07, 0.96), (0.07, 0.72), (0.2, 0.55), (0.2, 0.02)),
            tension=0.6,
        ),
        color,
        0.18,
    )
    pen.lit(round_box(-0.19, 0.18, 0.19, 0.44, 0.02), accent)


@_FORMS.draws("suit")
def _suit(pen: Pen, color: str, accent: str) -> None:
    """An empty space suit standing on its own."""
    for side in (-1, 1):
        pen.limb(((side * 0.09, 0.42), (side * 0.1, 0.22), (side * 0.1, 0.07)), (0.16, 0.14, 0.13), color)
        pen.solid(ellipse(side * 0.12, 0.035, 0.09, 0.04), accent, 0.2)
        pen.limb(((side * 0.19, 0.7), (side * 0.25, 0.56), (side * 0.25, 0.42)), (0.12, 0.11, 0.1), color)
        pen.dot(side * 0.25, 0.39, 0.05, pen.tone(accent).lit)
    pen.solid(round_box(-0.2, 0.38, 0.2, 0.76, 0.09), color, 0.14)
    pen.lit(round_box(-0.09, 0.52, 0.09, 0.64, 0.02), "#55606e")
    pen.solid(ellipse(0, 0.86, 0.16, 0.14), color, 0.14)
    pen.solid(ellipse(0, 0.86, 0.115, 0.095), "#33445a", 0.2)
    pen.oval(-0.05, 0.9, 0.03, 0.02, 0x90FFFFFF)


@_FORMS.draws("helmet")
def _helmet(pen: Pen, color: str, accent: str) -> None:
    """A space helmet."""
    pen.solid(ellipse(0, 0.52, 0.5, 0.48), color, 0.16)
    pen.solid(ellipse(0.04, 0.54, 0.37, 0.32), accent, 0.16)
    pen.oval(-0.12, 0.68, 0.1, 0.06, 0x80FFFFFF)
    pen.solid(round_box(-0.38, 0.0, 0.38, 0.12, 0.05), color, 0.2)


@_FORMS.draws("flower")
def _flower(pen: Pen, color: str, accent: str) -> None:
    """A cut flower."""
    pen.line(curve(((0, 0.0), (0.03, 0.35), (0, 0.7)), closed=False), pen.tone("#5c8a44").lit, 0.06)
    pen.solid(curve(((0.02, 0.25), (0.22, 0.42), (0.3, 0.36), (0.16, 0.22))), "#5c8a44", 0.2)
    tone = pen.tone(color)
    for index in range(6):
        angle = index * math.pi / 3 + 0.3
        pen.dot(math.cos(angle) * 0.15, 0.78 + math.sin(angle) * 0.15, 0.12, tone.dim if index in (4, 5) else tone.lit)
    pen.dot(0, 0.78, 0.1, pen.tone(accent).lit)


@_FORMS.draws("umbrella")
def _umbrella(pen: Pen, color: str, accent: str) -> None:
    """An open umbrella."""
    pen.line(curve(((0, 0.95), (0, 0.12), (0.05, 0.03), (0.12, 0.08)), closed=False), pen.tone(accent).lit, 0.035)
    canopy = skia.Path()
    canopy.moveTo(-0.6, 0.6)
    canopy.cubicTo(-0.56, 1.1, 0.56, 1.1, 0.6, 0.6)
    for x in (0.4, 0.2, 0.0, -0.2, -0.4, -0.6):
        canopy.quadTo(x + 0.1, 0.67, x, 0.6)
    canopy.close()
    pen.solid(canopy, color, 0.14)
    ribs = skia.Path()
    for x in (-0.2, 0.2):
        ribs.moveTo(0, 0.97)
        ribs.quadTo(x * 0.9, 0.85, x, 0.6)
    pen.line(ribs, pen.tone(color).line & 0x70FFFFFF, 0.012)


@_FORMS.draws("tool")
def _tool(pen: Pen, color: str, accent: str) -> None:
    """A hammer."""
    pen.solid(round_box(-0.06, 0.0, 0.06, 0.78, 0.05), color, 0.2)
    pen.solid(round_box(-0.24, 0.72, 0.24, 0.96, 0.06), accent, 0.2)


@_FORMS.draws("phone")
def _phone(pen: Pen, color: str, accent: str) -> None:
    """A telephone."""
    pen.solid(round_box(-0.28, 0.0, 0.28, 1.0, 0.1), color, 0.1)
    pen.flat(round_box(-0.22, 0.1, 0.22, 0.88, 0.04), pen.tone(accent).rim)


@_FORMS.draws("crown")
def _crown(pen: Pen, color: str, accent: str) -> None:
    """A crown with jewels."""
    points = [(-0.7, 0.1)]
    for index in range(5):
        x = -0.7 + 0.35 * index
        points += [(x * 1.1, 0.98 - 0.06 * abs(index - 2))]
        if index < 4:
            points += [(x + 0.175, 0.5)]
    pen.solid(polygon([*points, (0.7, 0.1), (0, 0.0)]), color, 0.14)
    for index in range(3):
        pen.dot(-0.35 + 0.35 * index, 0.26, 0.08, pen.tone(accent).lit)


@_FORMS.draws("ball")
def _ball(pen: Pen, color: str, accent: str) -> None:
    """A ball."""
    pen.solid(ellipse(0, 0.5, 0.5, 0.5), color, 0.2)
    pen.line(curve(((-0.46, 0.42), (0, 0.3), (0.46, 0.42)), closed=False), pen.tone(accent).lit, 0.08)


@_FORMS.draws("box")
def _box(pen: Pen, color: str, accent: str) -> None:
    """A box with a lid; also any unknown form."""
    pen.solid(round_box(-0.56, 0.0, 0.56, 0.92, 0.05), color, 0.1)
    pen.lit(round_box(-0.09, 0.0, 0.09, 0.92, 0.0), accent)
    pen.solid(round_box(-0.6, 0.74, 0.6, 0.98, 0.05), color, 0.08)
    pen.line(polygon(((-0.58, 0.74), (0.58, 0.74))), pen.tone(color).line & 0x70FFFFFF, 0.025)


@_FORMS.draws("stone")
def _stone(pen: Pen, color: str, accent: str) -> None:
    """A stone."""
    pen.solid(curve(((-0.6, 0.02), (-0.66, 0.5), (-0.2, 0.94), (0.4, 0.88), (0.68, 0.4), (0.58, 0.02)), tension=0.7), color, 0.24)
    pen.oval(-0.2, 0.62, 0.12, 0.07, pen.tone(accent).lit)


@_FORMS.draws("gem")
def _gem(pen: Pen, color: str, accent: str) -> None:
    """A cut gem."""
    _glow(pen, color, 0, 0.5, 0.9)
    pen.solid(polygon(((-0.5, 0.66), (-0.3, 0.98), (0.3, 0.98), (0.5, 0.66), (0, 0.0))), color, 0.24)
    pen.line(
        polygon(((-0.5, 0.66), (0.5, 0.66), (0, 0.0), (-0.16, 0.66), (0, 0.98), (0.16, 0.66), (0, 0.0))),
        pen.tone(accent).lit & 0xB0FFFFFF,
        0.025,
    )


@_FORMS.draws("clock")
def _clock(pen: Pen, color: str, accent: str) -> None:
    """A clock face."""
    pen.solid(ellipse(0, 0.5, 0.5, 0.5), color, 0.16)
    pen.lit(ellipse(0, 0.5, 0.39, 0.39), accent)
    pen.line(polygon(((0, 0.5), (0, 0.78))), pen.tone("#3a2c2a").lit, 0.05)
    pen.line(polygon(((0, 0.5), (0.18, 0.42))), pen.tone("#3a2c2a").lit, 0.06)


@_FORMS.draws("bell")
def _bell(pen: Pen, color: str, accent: str) -> None:
    """A bell."""
    pen.dot(0, 0.1, 0.1, pen.tone(accent).lit)
    pen.solid(
        curve(((-0.5, 0.14), (-0.34, 0.36), (-0.28, 0.74), (0, 0.94), (0.28, 0.74), (0.34, 0.36), (0.5, 0.14)), tension=0.8),
        color,
        0.18,
    )


@_FORMS.draws("oven")
def _oven(pen: Pen, color: str, accent: str) -> None:
    """An oven with a glowing door."""
    pen.solid(round_box(-0.5, 0.0, 0.5, 1.0, 0.06), color, 0.08)
    pen.lit(round_box(-0.4, 0.16, 0.4, 0.64, 0.06), "#2a2430")
    _glow(pen, accent, 0, 0.36, 0.44)
    pen.flat(round_box(-0.34, 0.2, 0.34, 0.5, 0.05), pen.tone(accent).rim & 0xB0FFFFFF)
    pen.line(polygon(((-0.34, 0.7), (0.34, 0.7))), pen.tone("#c8ccd4").lit, 0.035)
    for x in (-0.3, -0.1, 0.1, 0.3):
        pen.dot(x, 0.86, 0.05, pen.tone("#c8ccd4").lit)


_HANGING: Final = ("lantern", "box", "bell")
