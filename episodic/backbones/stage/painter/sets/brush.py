"""What a set is made of: items at depths, painted in metres, and the brush they are painted with.

A set is a list of `Item`s. A `Card` is a flat painting that faces the camera at one depth; a `Plane` (floor, side wall, ceiling)
runs away from it; the `Sky` is infinitely far; a `Live` item moves and is painted anew for each frame. Static items know nothing of
the frame: `sets_plates` decides which of them are painted once and how they are moved.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

import skia

from episodic.backbones.stage.painter.camera import View
from episodic.backbones.stage.painter.light import ShotLight
from episodic.backbones.stage.painter.palette import Rgb, mix, parse, shade, to_skia
from episodic.backbones.stage.painter.pen import curve, polygon
from episodic.looks.places import SetLook

__all__ = ["Brush", "Card", "Item", "Live", "Moment", "Plane", "Point", "Sky", "breathe"]

Point: TypeAlias = tuple[float, float]
Paint: TypeAlias = "Callable[[Brush], None]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One frame: seconds since the shot began plus the shot's own start, and the SET and LIGHT channels now."""

    seconds: float
    frame: int
    stage: Mapping[str, float]
    light: Mapping[str, float]
    glow: float
    """How bright lamps are now, about 0..1.3."""


@dataclass(slots=True)
class Brush:
    """Paints in metres, y up, under the light of the shot at depth `z`."""

    canvas: Any
    light: ShotLight
    look: SetLook
    z: float = 2.0
    pixels_per_m: float = 100.0
    paint: Any = field(default_factory=lambda: skia.Paint(AntiAlias=True))

    def at(self, z: float) -> Brush:
        """The same brush with the air of another depth."""
        return replace(self, z=z)

    def rgb(self, name: str | Rgb, tone: float = 0.0) -> Rgb:
        """A palette name, `#rrggbb` or colour, lighter or darker by `tone` -1..1, before light."""
        if isinstance(name, str):
            name = parse(name if name.startswith("#") else self.look.palette.get(name) or "#b8a98f")
        return shade(name, tone) if tone else name

    def c(self, name: str | Rgb, tone: float = 0.0, *, alpha: float = 1.0, strength: float = 1.0) -> int:
        """A surface's colour under the light, for skia."""
        return to_skia(self.light.surface(self.rgb(name, tone), self.z, strength), alpha)

    def lit(self, name: str | Rgb, tone: float = 0.0, *, alpha: float = 1.0) -> int:
        """The colour of something that shines by itself."""
        return to_skia(self.light.source(self.rgb(name, tone)), alpha)

    def part(self, name: str | Rgb, shine: float, tone: float = 0.0, *, alpha: float = 1.0) -> int:
        """Between surface (shine 0) and source (shine 1): a window pane, a lampshade."""
        rgb = self.rgb(name, tone)
        return to_skia(mix(self.light.surface(rgb, self.z), self.light.source(rgb), shine), alpha)

    def flat(self, path: skia.Path, color: int) -> None:
        """One fill."""
        self.paint.setColor(color)
        self.canvas.drawPath(path, self.paint)

    def rect(self, x: float, y: float, w: float, h: float, color: int) -> None:
        """A box with its lower left corner at (x, y)."""
        self.paint.setColor(color)
        self.canvas.drawRect(skia.Rect.MakeLTRB(x, y, x + w, y + h), self.paint)

    def round_rect(self, x: float, y: float, w: float, h: float, radius: float, color: int) -> None:
        """A box with round corners."""
        self.paint.setColor(color)
        self.canvas.drawRoundRect(skia.Rect.MakeLTRB(x, y, x + w, y + h), radius, radius, self.paint)

    def oval(self, x: float, y: float, rx: float, ry: float, color: int) -> None:
        """An ellipse about (x, y)."""
        self.paint.setColor(color)
        self.canvas.drawOval(skia.Rect.MakeLTRB(x - rx, y - ry, x + rx, y + ry), self.paint)

    def poly(self, points: Sequence[Point], color: int) -> None:
        """A polygon."""
        self.flat(polygon(points), color)

    def blob(self, points: Sequence[Point], color: int, tension: float = 1.0) -> None:
        """A closed smooth curve."""
        self.flat(curve(points, True, tension), color)

    def line(self, points: Sequence[Point], width: float, color: int, *, smooth: bool = False) -> None:
        """A stroke `width` metres wide with round ends."""
        stroke = skia.Paint(AntiAlias=True, Color=color, Style=skia.Paint.kStroke_Style, StrokeWidth=width)
        stroke.setStrokeCap(skia.Paint.kRound_Cap)
        stroke.setStrokeJoin(skia.Paint.kRound_Join)
        path = curve(points, False) if smooth else skia.Path.Polygon([skia.Point(x, y) for x, y in points], False)
        self.canvas.drawPath(path, stroke)

    def fade(self, x: float, y: float, w: float, h: float, colors: Sequence[int], *, across: bool = False) -> None:
        """A box with a gradient from bottom to top, or from left to right."""
        ends = [(x, y), (x + w, y)] if across else [(x, y), (x, y + h)]
        self.canvas.drawRect(skia.Rect.MakeLTRB(x, y, x + w, y + h), _linear(ends, colors))

    def fade_path(self, path: skia.Path, start: Point, end: Point, colors: Sequence[int]) -> None:
        """A shape with a gradient between two points."""
        self.canvas.drawPath(path, _linear([start, end], colors))

    def glow(self, x: float, y: float, radius: float, color: int, *, squash: float = 1.0, add: bool = True) -> None:
        """A soft round light (or, with `add=False`, a soft patch) that fades to nothing at `radius`."""
        paint = skia.Paint(AntiAlias=True)
        clear = color & 0x00FFFFFF
        half = (color >> 24) * 45 // 100 << 24 | clear
        paint.setShader(skia.GradientShader.MakeRadial(skia.Point(0, 0), radius, [color, half, clear], [0.0, 0.4, 1.0]))
        if add:
            paint.setBlendMode(skia.BlendMode.kScreen)
        self.canvas.save()
        self.canvas.translate(x, y)
        self.canvas.scale(1, squash)
        self.canvas.drawCircle(0, 0, radius, paint)
        self.canvas.restore()

    def shadow(self, x: float, y: float, rx: float, ry: float, alpha: float) -> None:
        """A soft dark patch."""
        self.glow(x, y, rx, to_skia((0.07, 0.04, 0.12), alpha), squash=ry / rx, add=False)

    def text(self, x: float, y: float, size: float, words: str, color: int) -> None:
        """Words centred on x with their base line at y."""
        font = skia.Font(skia.Typeface("DejaVu Sans", skia.FontStyle.Bold()), size)
        self.canvas.save()
        self.canvas.translate(x - font.measureText(words) / 2, y)
        self.canvas.scale(1, -1)
        self.canvas.drawString(words, 0, 0, font, skia.Paint(AntiAlias=True, Color=color))
        self.canvas.restore()

    def clip(self, path: skia.Path) -> None:
        """Paint only inside, until `unclip`."""
        self.canvas.save()
        self.canvas.clipPath(path, True)

    def unclip(self) -> None:
        """End of `clip`."""
        self.canvas.restore()


def _linear(ends: Sequence[Point], colors: Sequence[int]) -> skia.Paint:
    points = [skia.Point(*end) for end in ends]
    return skia.Paint(AntiAlias=True, Dither=True, Shader=skia.GradientShader.MakeLinear(points, list(colors)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One piece of a set. Higher `order` is painted first; figures have their z as order."""

    order: float
    z_near: float
    z_far: float
    paint: Callable[[Brush], None]

    def begin(self, canvas: skia.Canvas, view: View) -> bool:
        """Put the item's own metres onto the canvas; False where it is not in sight."""
        raise NotImplementedError

    def draw(self, brush: Brush, view: View) -> None:
        """Paint the item as `view` sees it."""
        brush.canvas.save()
        if self.begin(brush.canvas, view):
            self.paint(replace(brush, z=self.z_near, pixels_per_m=view.scale(self.z_near)))
        brush.canvas.restore()


@dataclass(frozen=True, slots=True, kw_only=True)
class Card(Item):
    """A flat painting that faces the camera at `z_near`. `sway` is how much of the wind it follows, bending from its foot."""

    sway: float = 0.0

    def begin(self, canvas: skia.Canvas, view: View) -> bool:
        """As `Item.begin`."""
        canvas.concat(view.card(self.z_near))
        return view.sees(self.z_near)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plane(Item):
    """A floor (`axis` y: painted in x, z) or a side wall (`axis` x: painted in z, y) at coordinate `at`."""

    axis: str = "y"
    at: float = 0.0

    def begin(self, canvas: skia.Canvas, view: View) -> bool:
        """As `Item.begin`."""
        canvas.concat(view.floor(self.at) if self.axis == "y" else view.wall(self.at))
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Sky(Item):
    """Infinitely far: painted in units of the picture's height, (0, 0) its centre, y up."""

    def begin(self, canvas: skia.Canvas, view: View) -> bool:
        """As `Item.begin`."""
        canvas.translate(view.center_x, view.center_y)
        canvas.scale(view.unit, -view.unit)
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Live:
    """Something that moves: painted each frame in pixels through `view`."""

    order: float
    draw: Callable[[Any, View, Moment], None]


def breathe(seconds: float, period: float, phase: float = 0.0) -> float:
    """A slow wave, -1..1."""
    return math.sin(2 * math.pi * (seconds / period + phase))
