"""What a set is made of: items at depths, painted in metres, and the brush that paints them.

A set is a list of `Item`s. A `Card` is a flat painting that faces the camera at one depth. A `Plane` (floor, side wall, ceiling) runs away
from the camera. The `Sky` is infinitely far. A `Live` item moves and is painted anew for each frame. Static items know nothing of the
frame: `plates` decides which of them are painted once and how they are moved.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

import numpy as np
import skia

from episodic.backbones.stage.painter.camera import View
from episodic.backbones.stage.painter.light import ShotLight
from episodic.backbones.stage.painter.palette import Rgb, mix, parse, shade, to_skia
from episodic.backbones.stage.painter.pen import curve, polygon
from episodic.looks.place_kinds import Feature
from episodic.looks.places import SetLook

__all__ = ["Brush", "Card", "FeaturePainter", "Item", "Live", "Moment", "Plane", "Point", "Sky", "breathe", "level"]

Point: TypeAlias = tuple[float, float]
FeaturePainter: TypeAlias = "Callable[[Brush, Feature], None]"
"""Paints a feature in the metres of the card or wall it is on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One frame: the SET and LIGHT channels, and the seconds since the shot began plus the shot's own start."""

    seconds: float
    frame: int
    stage: Mapping[str, float]
    light: Mapping[str, float]
    glow: float
    """How bright lamps are, about 0..1.3."""


@dataclass(slots=True)
class Brush:
    """Paints in metres, y up, under the light of the shot at depth `z`.

    Colours are named by a material of the place's palette, or given as `#rrggbb` or `Rgb`; `tone` -1..1 makes them darker or lighter.
    `color`, `lit` and `shining` turn them into skia colours, which the drawing methods take.
    """

    canvas: Any
    light: ShotLight
    look: SetLook
    z: float = 2.0
    pixels_per_m: float = 100.0
    paint: Any = field(default_factory=lambda: skia.Paint(AntiAlias=True))

    def at(self, z: float) -> Brush:
        """The same brush at another depth: more haze farther away."""
        return replace(self, z=z)

    @property
    def key_side(self) -> float:
        """The side from which the key light comes: -1 left, 1 right."""
        return -1.0 if self.light.key_x < 0 else 1.0

    def rgb(self, name: str | Rgb, tone: float = 0.0) -> Rgb:
        """A colour lighter or darker by `tone`, before light falls on it."""
        if isinstance(name, str):
            name = parse(name if name.startswith("#") else self.look.palette.get(name) or "#b8a98f")
        return shade(name, tone) if tone else name

    def color(self, name: str | Rgb, tone: float = 0.0, *, alpha: float = 1.0, strength: float = 1.0) -> int:
        """The skia colour of a surface under the light. `strength` above 1 is nearer to a lamp."""
        return to_skia(self.light.surface(self.rgb(name, tone), self.z, strength), alpha)

    def lit(self, name: str | Rgb, tone: float = 0.0, *, alpha: float = 1.0) -> int:
        """The skia colour of something that shines by itself."""
        return to_skia(self.light.source(self.rgb(name, tone)), alpha)

    def shining(self, name: str | Rgb, shine: float, tone: float = 0.0, *, alpha: float = 1.0) -> int:
        """A skia colour between surface (`shine` 0) and light source (`shine` 1): a window pane, a lampshade."""
        rgb = self.rgb(name, tone)
        return to_skia(mix(self.light.surface(rgb, self.z), self.light.source(rgb), shine), alpha)

    def flat(self, path: skia.Path, color: int) -> None:
        """Fill a path."""
        self.paint.setColor(color)
        self.canvas.drawPath(path, self.paint)

    def rect(self, x: float, y: float, w: float, h: float, color: int) -> None:
        """Fill a box with its lower left corner at (x, y)."""
        self.paint.setColor(color)
        self.canvas.drawRect(skia.Rect.MakeLTRB(x, y, x + w, y + h), self.paint)

    def round_rect(self, x: float, y: float, w: float, h: float, radius: float, color: int) -> None:
        """Fill a box with round corners."""
        self.paint.setColor(color)
        self.canvas.drawRoundRect(skia.Rect.MakeLTRB(x, y, x + w, y + h), radius, radius, self.paint)

    def oval(self, x: float, y: float, rx: float, ry: float, color: int) -> None:
        """Fill an ellipse about (x, y)."""
        self.paint.setColor(color)
        self.canvas.drawOval(skia.Rect.MakeLTRB(x - rx, y - ry, x + rx, y + ry), self.paint)

    def poly(self, points: Sequence[Point], color: int) -> None:
        """Fill a polygon."""
        self.flat(polygon(points), color)

    def blob(self, points: Sequence[Point], color: int, tension: float = 1.0) -> None:
        """Fill a smooth closed curve."""
        self.flat(curve(points, True, tension), color)

    def line(self, points: Sequence[Point], width: float, color: int, *, smooth: bool = False) -> None:
        """Draw a stroke `width` metres wide with round ends."""
        stroke = skia.Paint(AntiAlias=True, Color=color, Style=skia.Paint.kStroke_Style, StrokeWidth=width)
        stroke.setStrokeCap(skia.Paint.kRound_Cap)
        stroke.setStrokeJoin(skia.Paint.kRound_Join)
        path = curve(points, False) if smooth else skia.Path.Polygon([skia.Point(x, y) for x, y in points], False)
        self.canvas.drawPath(path, stroke)

    def fade(self, x: float, y: float, w: float, h: float, colors: Sequence[int], *, across: bool = False) -> None:
        """Fill a box with a gradient from bottom to top, or from left to right."""
        ends = [(x, y), (x + w, y)] if across else [(x, y), (x, y + h)]
        self.canvas.drawRect(skia.Rect.MakeLTRB(x, y, x + w, y + h), _linear(ends, colors))

    def fade_path(self, path: skia.Path, start: Point, end: Point, colors: Sequence[int]) -> None:
        """Fill a path with a gradient between two points."""
        self.canvas.drawPath(path, _linear([start, end], colors))

    def glow(self, x: float, y: float, radius: float, color: int, *, squash: float = 1.0, add: bool = True) -> None:
        """Paint a soft round light, or with `add=False` a soft patch, that fades to nothing at `radius`."""
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
        """Paint a soft dark patch."""
        self.glow(x, y, rx, to_skia((0.07, 0.04, 0.12), alpha), squash=ry / rx, add=False)

    def text(self, x: float, y: float, size: float, words: str, color: int) -> None:
        """Write words centred on x with their base line at y."""
        font = skia.Font(skia.Typeface("DejaVu Sans", skia.FontStyle.Bold()), size)
        self.canvas.save()
        self.canvas.translate(x - font.measureText(words) / 2, y)
        self.canvas.scale(1, -1)
        self.canvas.drawString(words, 0, 0, font, skia.Paint(AntiAlias=True, Color=color))
        self.canvas.restore()

    def clip(self, path: skia.Path) -> None:
        """Paint only inside the path until `unclip`."""
        self.canvas.save()
        self.canvas.clipPath(path, True)

    def unclip(self) -> None:
        """End `clip`."""
        self.canvas.restore()


def _linear(ends: Sequence[Point], colors: Sequence[int]) -> skia.Paint:
    """A gradient between two points."""
    points = [skia.Point(*end) for end in ends]
    return skia.Paint(AntiAlias=True, Dither=True, Shader=skia.GradientShader.MakeLinear(points, list(colors)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Item(ABC):
    """One piece of a set. Higher `order` is painted first; figures have their z as order."""

    order: float
    z_near: float
    z_far: float
    paint: Callable[[Brush], None]

    @abstractmethod
    def begin(self, canvas: skia.Canvas, view: View) -> bool:
        """Put the item's own metres onto the canvas. Return False if the item is out of sight."""

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
        """Implement `Item.begin`."""
        canvas.concat(view.card(self.z_near))
        return view.sees(self.z_near)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plane(Item):
    """A floor (`axis` y: painted in x, z) or a side wall (`axis` x: painted in z, y) at coordinate `at`."""

    axis: str = "y"
    at: float = 0.0

    def begin(self, canvas: skia.Canvas, view: View) -> bool:
        """Implement `Item.begin`."""
        canvas.concat(view.floor(self.at) if self.axis == "y" else view.wall(self.at))
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Sky(Item):
    """Infinitely far: painted in units of the picture's height, (0, 0) its centre, y up."""

    def begin(self, canvas: skia.Canvas, view: View) -> bool:
        """Implement `Item.begin`."""
        canvas.translate(view.center_x, view.center_y)
        canvas.scale(view.unit, -view.unit)
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Live:
    """A moving item: painted for each frame in pixels through `view`."""

    order: float
    draw: Callable[[Any, View, Moment], None]


def level(channels: Mapping[str, float], name: str, low: float = -1.0, high: float = 1.0) -> float:
    """The value of a channel within `low`..`high`; 0 if it is not a number."""
    return max(low, min(high, float(np.nan_to_num(channels[name]))))


def breathe(seconds: float, period: float, phase: float = 0.0) -> float:
    """A slow wave of `period` seconds, -1..1."""
    return math.sin(2 * math.pi * (seconds / period + phase))
