"""A plain standing figure: a body and a head in the character's colour. What a set is tried out with."""

from __future__ import annotations

from collections.abc import Mapping

import skia

from episodic.backbones.stage.painter.figure_pen import FigureLight
from episodic.backbones.stage.painter.palette import multiply, parse, style_color, to_skia
from memory.facts import FactValue
from planners.vocabulary import Style

__all__ = ["Figure", "draw_prop"]


class Figure:
    """As `figure.Figure`, in three shapes."""

    def __init__(self, look: Mapping[str, FactValue], *, style: Style, holding: Mapping[str, FactValue] | None = None) -> None:
        del holding
        color = str(look.get("color", "#c0603c"))
        self._color = style_color(parse(color if len(color) == 7 else "#c0603c"), style)
        self._height = float(str(look.get("height", 1.7)))

    def draw(self, canvas: skia.Canvas, pose: Mapping[str, float], light: FigureLight) -> None:
        """Paint it in metres, feet at the origin, y down."""
        high, up = self._height, -pose["lift"]
        paint = skia.Paint(AntiAlias=True, Color=to_skia(multiply(self._color, light.key_color)))
        canvas.drawRoundRect(skia.Rect.MakeLTRB(-0.24, up - high * 0.8, 0.24, up), 0.2, 0.2, paint)
        paint.setColor(to_skia(multiply((0.93, 0.76, 0.62), light.key_color)))
        canvas.drawCircle(0, up - high * 0.88, high * 0.11, paint)


def draw_prop(canvas: skia.Canvas, look: Mapping[str, FactValue], light: FigureLight) -> None:
    """A box in the prop's colour."""
    color = str(look.get("color", "#8a6a4a"))
    paint = skia.Paint(AntiAlias=True, Color=to_skia(multiply(parse(color if len(color) == 7 else "#8a6a4a"), light.key_color)))
    canvas.drawRect(skia.Rect.MakeLTRB(-0.2, -0.4, 0.2, 0), paint)
