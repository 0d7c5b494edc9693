"""Rain, snow, fog, lightning and particles in the air.

Positions are closed formulas of time and a seed, so that a frame can be painted without the frames before it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

import numpy as np
import skia
from jaxtyping import Float

from episodic.backbones.request import Setting
from episodic.backbones.stage.painter.camera import View
from episodic.backbones.stage.painter.light import ShotLight
from episodic.backbones.stage.painter.palette import Rgb, mix, parse, to_skia
from episodic.backbones.stage.painter.sets.brush import Live, Moment, level
from episodic.looks.places import SetLook

__all__ = ["weather_items"]

_IN_FRONT: Final = -5.0
_BEHIND: Final = 14.0
_WINDOW_ORDER: Final = 99.5


def weather_items(look: SetLook, light: ShotLight, setting: Setting, salt: int) -> list[Live]:
    """The live items of the weather, seeded by `salt`."""
    random = np.random.default_rng([salt, 5])
    weather = setting.weather
    sealed = look.shape.outside in ("space", "deep") or look.shape.sky in ("space", "deep", "tissue")
    items: list[Live] = []
    if weather in ("rain", "storm", "snow") and not sealed:
        fall = _Fall(light, random, snow=weather == "snow")
        if look.indoors:
            items.append(Live(order=_WINDOW_ORDER, draw=_in_windows(look, fall)))
        else:
            items += [Live(order=_BEHIND, draw=fall.far), Live(order=_IN_FRONT, draw=fall.near)]
    if weather == "fog" and not look.indoors:
        items += [
            Live(order=_BEHIND + 0.5, draw=_fog(light, random, 0.42)),
            Live(order=_IN_FRONT - 0.5, draw=_fog(light, random, 0.7)),
        ]
    if weather == "storm" and not sealed:
        items.append(Live(order=_IN_FRONT - 1, draw=_lightning(look, salt)))
    items.append(Live(order=_IN_FRONT + 1, draw=_motes(look, light, setting, random)))
    return items


class _Fall:
    """Rain or snow in a unit square that wraps around; near drops are longer, quicker and fewer."""

    def __init__(self, light: ShotLight, random: np.random.Generator, *, snow: bool) -> None:
        self._seeds = random.random((4, 260)).astype(np.float64)
        self._snow = snow
        ink = mix(light.haze, (0.92, 0.95, 1.0), 0.75 if snow else 0.5)
        self._ink = light.source(ink)

    def far(self, canvas: Any, view: View, moment: Moment) -> None:
        """Draw behind the figures."""
        self._draw(canvas, view.width, view.height, view.unit, moment, count=1.0, size=0.55, alpha=0.34)

    def near(self, canvas: Any, view: View, moment: Moment) -> None:
        """Draw before the figures."""
        self._draw(canvas, view.width, view.height, view.unit, moment, count=0.42, size=1.0, alpha=0.42)

    def inside(self, canvas: Any, box: tuple[float, float, float, float], unit: float, moment: Moment) -> None:
        """Draw in a window, given as (left, top, width, height) in pixels."""
        canvas.save()
        canvas.translate(box[0], box[1])
        canvas.clipRect(skia.Rect.MakeWH(box[2], box[3]))
        self._draw(canvas, box[2], box[3], unit, moment, count=0.25, size=0.5, alpha=0.5)
        canvas.restore()

    def _draw(
        self, canvas: Any, width: float, height: float, unit: float, moment: Moment, *, count: float, size: float, alpha: float
    ) -> None:
        """Draw a share `count` of the drops in a box of this size, in pixels."""
        amount = level(moment.stage, "precipitation", 0.0)
        number = int(self._seeds.shape[1] * count * amount)
        if number < 1:
            return
        wind = level(moment.stage, "wind")
        u, v, speed, phase = self._seeds[:, :number]
        t = moment.seconds
        paint = skia.Paint(AntiAlias=True, Color=to_skia(self._ink, alpha), StrokeCap=skia.Paint.kRound_Cap)
        if self._snow:
            y = (v + t * (0.10 + 0.10 * speed) * (0.6 + size)) % 1.06 - 0.03
            x = (u + 0.03 * np.sin(t * (0.8 + speed) + phase * 6.3) + wind * 0.18 * t * (0.5 + speed)) % 1.06 - 0.03
            for low, thick in ((0.0, 0.0045), (0.5, 0.0075)):
                chosen = (speed >= low) & (speed < low + 0.5)
                paint.setStrokeWidth(max(1.0, unit * thick * (0.5 + size)))
                paint.setColor(to_skia(self._ink, min(1.0, alpha * 2)))
                canvas.drawPoints(skia.Canvas.PointMode.kPoints_PointMode, _points(x[chosen] * width, y[chosen] * height), paint)
            return
        y = (v + t * (1.5 + 0.7 * speed) * (0.7 + 0.5 * size)) % 1.2 - 0.1
        slant = 0.05 + 0.22 * wind
        x = (u + slant * y + 0.05 * phase) % 1.2 - 0.1
        long = unit * (0.045 + 0.05 * speed) * size
        ends = np.empty((2 * number, 2))
        ends[0::2] = np.stack([x * width, y * height], 1)
        ends[1::2] = np.stack([x * width + slant * long, y * height + long], 1)
        paint.setStrokeWidth(max(0.8, unit * 0.0017 * (0.6 + size)))
        canvas.drawPoints(skia.Canvas.PointMode.kLines_PointMode, _points(ends[:, 0], ends[:, 1]), paint)


def _points(x: Float[np.ndarray, " point"], y: Float[np.ndarray, " point"]) -> list[Any]:
    """Coordinates as skia points."""
    return [skia.Point(a, b) for a, b in zip(x.tolist(), y.tolist(), strict=True)]


def _in_windows(look: SetLook, fall: _Fall) -> Callable[[Any, View, Moment], None]:
    """Rain behind every pane of the back wall."""
    panes = [feature for feature in look.features if "window" in feature.kind and feature.on_back_wall]
    half, high = (look.shape.half_width or 4.8), (look.shape.height or 3.1)
    boxes = [(pane.left, pane.y, pane.w, pane.h) for pane in panes]
    if look.shape.wall == "glass":
        boxes.append((-half, 0.95, 2 * half, high - 1.4))

    def draw(canvas: Any, view: View, moment: Moment) -> None:
        scale = view.scale(6.6)
        for x, y, w, h in boxes:
            left, top = view.point(x, y + h, 6.6)
            fall.inside(canvas, (left, top, w * scale, h * scale), min(view.unit, 3.2 * scale), moment)

    return draw


def _fog(light: ShotLight, random: np.random.Generator, height: float) -> Callable[[Any, View, Moment], None]:
    """A bank of fog that slides across the lower part of the picture."""
    image = _fog_image(light.source(light.haze), random)
    phase = float(random.random())

    def draw(canvas: Any, view: View, moment: Moment) -> None:
        amount = 0.35 + 0.65 * level(moment.light, "haze", 0.0)
        shift = ((moment.seconds * 0.016 + phase) % 1.0) * 2 - 1.0
        top = view.height * (0.98 - height)
        paint = skia.Paint(Alphaf=0.62 * amount)
        for k in (-1, 0, 1):
            left = (shift + 2 * k) * view.width - view.width * 0.5
            if left < view.width and left + 2 * view.width > 0:
                rect = skia.Rect.MakeXYWH(left, top, 2 * view.width, view.height * height)
                canvas.drawImageRect(image, rect, skia.SamplingOptions(skia.FilterMode.kLinear), paint)

    return draw


def _fog_image(color: Rgb, random: np.random.Generator) -> Any:
    """Soft lumps that wrap around, 256 x 64."""
    surface = skia.Surface(256, 64)
    canvas = surface.getCanvas()
    canvas.clear(0)
    for _ in range(26):
        x, y, r = float(random.uniform(0, 256)), float(random.uniform(14, 52)), float(random.uniform(12, 30))
        for wrap in (-256, 0, 256):
            shader = skia.GradientShader.MakeRadial(skia.Point(0, 0), r, [to_skia(color, 0.5), to_skia(color, 0.0)])
            canvas.save()
            canvas.translate(x + wrap, y)
            canvas.scale(2.2, 0.8)
            canvas.drawCircle(0, 0, r, skia.Paint(Shader=shader))
            canvas.restore()
    return surface.makeImageSnapshot()


def _lightning(look: SetLook, salt: int) -> Callable[[Any, View, Moment], None]:
    """Lightning where the light flickers, and now and then of its own."""
    first = 1.2 + (salt % 97) / 40
    strength = 0.24 if look.indoors else 0.42

    def draw(canvas: Any, view: View, moment: Moment) -> None:
        flicker = level(moment.light, "flicker", -math.inf, math.inf)
        since = (moment.seconds - first) % 6.3
        own = math.exp(-since * 7) * (0.55 + 0.45 * math.cos(since * 40)) if since < 0.5 else 0.0
        power = max(own, 1.4 * (flicker - 0.3)) * strength
        if power > 0.02:
            canvas.drawRect(
                skia.Rect.MakeWH(view.width, view.height), skia.Paint(Color=to_skia((0.86, 0.9, 1.0), min(0.6, power)))
            )

    return draw


def _motes(look: SetLook, light: ShotLight, setting: Setting, random: np.random.Generator) -> Callable[[Any, View, Moment], None]:
    """Dust, leaves on the wind, bubbles or fireflies, to suit the place."""
    seeds = random.random((4, 44))
    sky, ground = look.shape.sky, look.shape.ground
    rise = 0.012
    ink, size, alpha = light.source(mix(light.key_color, (1.0, 0.96, 0.85), 0.6)), 0.0022, 0.55
    if look.shape.outside == "deep" or sky == "deep":
        ink, size, rise = light.source(parse("#c8fff4")), 0.0042, 0.09
    elif sky == "tissue":
        ink, size, rise = light.source(parse("#fff6c8")), 0.0050, 0.05
    elif not look.indoors and ground in ("grass", "lawn", "forest"):
        night = setting.time in ("night", "dusk")
        ink = (
            light.source(parse("#ffe88a"))
            if night
            else light.surface(mix(parse(look.palette.leaf), parse(look.palette.accent), 0.45))
        )
        size, rise, alpha = 0.0038, (0.01 if night else -0.05), 0.85
    elif not look.indoors and ground in ("snow", "planks", "cobble", "wet"):
        alpha = 0.3

    def draw(canvas: Any, view: View, moment: Moment) -> None:
        amount = level(moment.stage, "particles", 0.0)
        number = int(44 * amount)
        if number < 1 or (setting.weather in ("rain", "storm", "snow") and not look.indoors):
            return
        u, v, speed, phase = seeds[:, :number]
        t, wind = moment.seconds, level(moment.stage, "wind", -math.inf, math.inf)
        drift = 0.02 + 0.10 * wind * (0 if look.indoors else 1)
        x = (u + t * drift * (0.4 + speed) + 0.015 * np.sin(t * (0.5 + speed) + phase * 6.3)) % 1.0
        y = (v - t * rise * (0.5 + speed) + 0.02 * np.sin(t * 0.7 + phase * 6.3)) % 1.0
        twinkle = 0.45 + 0.55 * math.sin(t * 1.3 + 1.0)
        for part, share in ((slice(0, None, 2), twinkle), (slice(1, None, 2), 1.45 - twinkle)):
            paint = skia.Paint(
                AntiAlias=True, Color=to_skia(ink, alpha * max(0.15, min(1.0, share))), StrokeCap=skia.Paint.kRound_Cap
            )
            paint.setStrokeWidth(max(1.2, view.unit * size))
            canvas.drawPoints(
                skia.Canvas.PointMode.kPoints_PointMode, _points(x[part] * view.width, y[part] * view.height), paint
            )

    return draw
