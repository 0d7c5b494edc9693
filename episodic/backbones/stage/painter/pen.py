"""The pen that draws every figure: lit two-tone shapes out of plain fills, so that a person costs a few dozen path fills.

Shading needs no clip and no blur. A rounded shape is filled three times: once whole in the rim's colour, once scaled a little
about its far side in the shade's colour, once scaled about its near side in the lit colour. A scaled copy of a shape that is
star-shaped about the pivot lies inside it: a crescent of shade remains away from the key, and a thin rim towards it.
All lengths are metres with y up; `Figure.draw` has flipped the canvas.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, TypeAlias

import skia

from episodic.backbones.stage.painter.palette import Rgb, mix, multiply, parse, screen, style_color, to_skia
from planners.plan.vocabulary import Style

__all__ = ["FigureLight", "Ink", "Pen", "Point", "Tone", "curve", "ellipse", "limb_path", "polygon", "round_box"]

Point: TypeAlias = tuple[float, float]


@dataclass(frozen=True, slots=True)
class FigureLight:
    """The light on one figure.

    `key_x` is where the key comes from, -1 the picture's left .. 1 its right; `key_color` is what white looks like in the key and
    `shadow_color` what it looks like in the shade; `ambient` fills the shade up, `contrast` deepens it and `rim` is the strength of
    the edge of light, all 0..1. `detail` is the scale of the picture in pixels per metre: far figures leave small parts out.
    """

    key_x: float = -0.6
    key_color: Rgb = (1.0, 0.98, 0.94)
    shadow_color: Rgb = (0.62, 0.58, 0.74)
    ambient: float = 0.45
    rim: float = 0.3
    contrast: float = 0.5
    detail: float = 400.0


@dataclass(frozen=True, slots=True)
class Ink:
    """Flat colours (ARGB) instead of a look's: one for the body, one for the prop in its hand. None erases the pixels it covers."""

    body: int | None
    prop: int | None


@dataclass(frozen=True, slots=True)
class Tone:
    """A colour under the light, ready for skia: in the key, in the shade, at the rim, and a darker line of the same hue."""

    lit: int
    dim: int
    rim: int
    line: int


def _fill() -> skia.Paint:
    """A paint that fills."""
    return skia.Paint(AntiAlias=True)


def _stroke() -> skia.Paint:
    """A paint that draws strokes with round ends."""
    return skia.Paint(
        AntiAlias=True, Style=skia.Paint.kStroke_Style, StrokeCap=skia.Paint.kRound_Cap, StrokeJoin=skia.Paint.kRound_Join
    )


@dataclass(slots=True)
class Pen:
    """Draws on `canvas` under `light`. Kept by a figure for its life; `begin` sets both for a frame."""

    style: Style
    canvas: Any = None
    light: FigureLight = field(default_factory=FigureLight)
    zoom: float = 1.0
    """Metres per unit of what is being drawn: 1, or the head's size inside a head."""
    paint: Any = field(default_factory=_fill)
    gradient: Any = field(default_factory=_fill)
    stroke: Any = field(default_factory=_stroke)
    ink: Ink | None = None
    marks: dict[str, Point] | None = None
    """Joint to its place on the canvas, in pixels; None while no pass asks for joints."""
    _styled: dict[str, Rgb] = field(default_factory=dict)
    _tones: dict[str, Tone] = field(default_factory=dict)

    def begin(self, canvas: skia.Canvas, light: FigureLight) -> None:
        """Start a frame."""
        self.canvas = canvas
        if light != self.light:
            self.light = light
            self._tones.clear()

    def take_up(self, ink: Ink | None) -> None:
        """Draw in flat colours from now on; with None, in the look's own again."""
        if ink is not None:
            self.ink = ink
            self.hold(False)
        elif self.ink is not None:
            self.ink = None
            # skia cannot remove a colour filter from a paint
            self.paint, self.gradient, self.stroke = _fill(), _fill(), _stroke()

    def hold(self, in_hand: bool) -> None:
        """Begin or end drawing the prop in the body's hand."""
        if self.ink is None:
            return
        color = self.ink.prop if in_hand else self.ink.body
        for paint in (self.paint, self.gradient, self.stroke):
            paint.setBlendMode(skia.BlendMode.kDstOut if color is None else skia.BlendMode.kSrcOver)
            if color is not None:
                paint.setColorFilter(skia.ColorFilters.Blend(color, skia.BlendMode.kSrcIn))

    def mark(self, name: str, x: float, y: float) -> None:
        """Record that a joint is at (x, y) in the current units."""
        if self.marks is not None:
            at = self.canvas.getTotalMatrix().mapXY(x, y)
            self.marks[name] = (at.x(), at.y())

    def color(self, color: str) -> Rgb:
        """A look's colour in the episode's palette, before light."""
        styled = self._styled.get(color)
        if styled is None:
            styled = self._styled[color] = style_color(parse(color), self.style)
        return styled

    def tone(self, color: str) -> Tone:
        """A look's colour under this frame's light."""
        tone = self._tones.get(color)
        if tone is None:
            tone = self._tones[color] = self.tone_of(self.color(color))
        return tone

    def tone_of(self, rgb: Rgb) -> Tone:
        """A styled colour under this frame's light."""
        light = self.light
        depth = (0.35 + 0.65 * light.contrast) * (1 - 0.45 * light.ambient)
        shadow = mix(light.key_color, multiply(light.key_color, light.shadow_color), depth)
        lit = multiply(rgb, light.key_color)
        dim = multiply(rgb, shadow)
        edge = tuple(0.55 * channel for channel in light.key_color)
        rim = mix(lit, screen(lit, (edge[0], edge[1], edge[2])), light.rim)
        line = multiply(dim, (0.62, 0.52, 0.60))
        return Tone(to_skia(lit), to_skia(dim), to_skia(rim), to_skia(line))

    def flat(self, path: skia.Path, color: int) -> None:
        """Fill a path."""
        self.paint.setColor(color)
        self.canvas.drawPath(path, self.paint)

    def lit(self, path: skia.Path, color: str) -> None:
        """Fill a path in the key's colour."""
        self.flat(path, self.tone(color).lit)

    def solid(self, path: skia.Path, color: str, depth: float = 0.16, up: float = 1.0) -> None:
        """Fill a rounded shape, with a crescent of shade `depth` of its size wide away from the key, and a rim towards it.

        `up` is 1 where the light also comes from above, -1 where the lower edge must stay unshaded because the shape goes on there.
        """
        self.solid_tone(path, self.tone(color), depth, up)

    def solid_tone(self, path: skia.Path, tone: Tone, depth: float = 0.16, up: float = 1.0) -> None:
        """Fill as `solid` does, in a ready tone."""
        canvas, light = self.canvas, self.light
        box = path.getBounds()
        side = max(-1.0, min(1.0, light.key_x * 1.4))
        shrink = 1 - depth * (0.35 + 0.65 * abs(side))
        near_x = box.centerX() + side * box.width() * 0.42
        self.flat(path, tone.dim)
        canvas.save()
        # bounds are in y-up metres: skia calls the upper edge bottom
        near_y = box.bottom() - 0.12 * box.height() if up > 0 else box.top()
        canvas.translate(near_x, near_y)
        canvas.scale(shrink, 1 - 0.6 * (1 - shrink))
        canvas.translate(-near_x, -near_y)
        if light.rim > 0.02:
            self.flat(path, tone.rim)
            inset = min(0.03, 0.012 / max(box.width(), 0.05))
            far_x = box.centerX() - side * box.width() * 0.45
            canvas.translate(far_x, box.top())
            canvas.scale(1 - inset * abs(side) * 2, 1 - inset)
            canvas.translate(-far_x, -box.top())
        self.flat(path, tone.lit)
        canvas.restore()

    def wash(self, path: skia.Path, shader: skia.Shader) -> None:
        """Fill a path with a gradient."""
        self.gradient.setShader(shader)
        self.canvas.drawPath(path, self.gradient)

    def line(self, path: skia.Path, color: int, width: float) -> None:
        """Draw a stroke with round ends."""
        self.stroke.setColor(color)
        self.stroke.setStrokeWidth(width)
        self.canvas.drawPath(path, self.stroke)

    def dot(self, x: float, y: float, radius: float, color: int) -> None:
        """Fill a disc."""
        self.paint.setColor(color)
        self.canvas.drawCircle(x, y, radius, self.paint)

    def oval(self, x: float, y: float, rx: float, ry: float, color: int) -> None:
        """Fill an ellipse about (x, y)."""
        self.paint.setColor(color)
        self.canvas.drawOval(skia.Rect.MakeLTRB(x - rx, y - ry, x + rx, y + ry), self.paint)

    def limb(self, points: Sequence[Point], widths: Sequence[float], color: str) -> None:
        """Fill a rounded, tapering limb along `points` (start, middle joint, end), with its shade side."""
        tone = self.tone(color)
        self.flat(limb_path(points, widths), tone.dim)
        side = self.light.key_x
        shift = [0.13 * width * side for width in widths]
        moved = [(x + dx, y + 0.05 * w) for (x, y), dx, w in zip(points, shift, widths, strict=True)]
        self.flat(limb_path(moved, [w * (1 - 0.22 * abs(side) - 0.06) for w in widths]), tone.lit)

    def seen(self, size: float, pixels: float = 1.5) -> bool:
        """Whether a part of this size, in the current units, is worth drawing at this frame's scale."""
        return size * self.zoom * self.light.detail >= pixels


def ellipse(x: float, y: float, rx: float, ry: float) -> skia.Path:
    """An ellipse about (x, y)."""
    path = skia.Path()
    path.addOval(skia.Rect.MakeLTRB(x - rx, y - ry, x + rx, y + ry))
    return path


def round_box(left: float, low: float, right: float, high: float, radius: float) -> skia.Path:
    """A box with round corners."""
    path = skia.Path()
    path.addRoundRect(skia.Rect.MakeLTRB(left, low, right, high), radius, radius)
    return path


def polygon(points: Sequence[Point]) -> skia.Path:
    """Straight edges through `points`, closed."""
    return skia.Path.Polygon([skia.Point(x, y) for x, y in points], True)


def curve(points: Sequence[Point], closed: bool = True, tension: float = 1.0) -> skia.Path:
    """A smooth curve through `points` (Catmull-Rom)."""
    path = skia.Path()
    count = len(points)
    path.moveTo(*points[0])
    k = tension / 6
    for i in range(count if closed else count - 1):
        x1, y1 = points[i]
        x2, y2 = points[(i + 1) % count]
        x0, y0 = points[i - 1] if closed or i else points[0]
        x3, y3 = points[(i + 2) % count] if closed or i + 2 < count else points[-1]
        path.cubicTo(x1 + (x2 - x0) * k, y1 + (y2 - y0) * k, x2 - (x3 - x1) * k, y2 - (y3 - y1) * k, x2, y2)
    if closed:
        path.close()
    return path


def limb_path(points: Sequence[Point], widths: Sequence[float]) -> skia.Path:
    """A tapering limb of three joints as one outline; `widths` are the diameters at the joints. The middle joint is rounded."""
    (ax, ay), (bx, by), (cx, cy) = points
    wa, wb, wc = widths
    soft = 0.3
    spine = (
        (ax, ay, 0.5 * wa),
        (bx + (ax - bx) * soft, by + (ay - by) * soft, 0.5 * (wb + (wa - wb) * soft)),
        (bx + (cx - bx) * soft, by + (cy - by) * soft, 0.5 * (wb + (wc - wb) * soft)),
        (cx, cy, 0.5 * wc),
    )
    path = skia.Path()
    for x, y, radius in spine:
        path.addCircle(x, y, radius, skia.PathDirection.kCW)
    for (x0, y0, r0), (x1, y1, r1) in pairwise(spine):
        dx, dy = x1 - x0, y1 - y0
        length = math.hypot(dx, dy)
        if length > 1e-6:
            # wound like the circles, so that the overlaps add instead of cancelling
            nx, ny = dy / length, -dx / length
            path.moveTo(x0 + nx * r0, y0 + ny * r0)
            path.lineTo(x1 + nx * r1, y1 + ny * r1)
            path.lineTo(x1 - nx * r1, y1 - ny * r1)
            path.lineTo(x0 - nx * r0, y0 - ny * r0)
            path.close()
    return path
