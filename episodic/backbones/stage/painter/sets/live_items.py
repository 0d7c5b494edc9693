"""Moving items of a set: water, clouds, fire, lamps, birds, fish, people far off."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

import numpy as np
import skia

from episodic.backbones.request import Setting
from episodic.backbones.stage.painter.camera import View
from episodic.backbones.stage.painter.light import ShotLight
from episodic.backbones.stage.painter.palette import Rgb, mix, parse, to_skia
from episodic.backbones.stage.painter.scenery.town import NEON
from episodic.backbones.stage.painter.sets.brush import Live, Moment, level
from episodic.backbones.stage.painter.sets.land import FAR_ORDER, SEA_Y
from episodic.looks.place_kinds import Feature
from episodic.looks.places import SetLook

__all__ = ["live_items"]

_LINEAR = skia.SamplingOptions(skia.FilterMode.kLinear)
_FIRES: Final = {"fireplace": (0.25, 0.75), "brick_oven": (0.36, 0.45), "candelabra": (0.95, 0.5), "stove": (0.4, 0.3)}
"""Height of the fire as a share of the feature's, and the radius of its glow as a share of the feature's width."""
_LAMPS: Final = frozenset(
    {"neon_sign", "street_lamp", "harbour_lamp", "pendant", "lamp_standing", "great_lamp", "console", "tank", "chandelier"}
)


def live_items(look: SetLook, light: ShotLight, setting: Setting) -> list[Live]:
    """The live items of a location."""
    items: list[Live] = []
    shape = look.shape
    if not look.indoors and shape.sky is None and setting.weather in ("clear", "wind", "snow"):
        items.append(Live(order=FAR_ORDER + 1.5, draw=_drifting_clouds(look, light)))
    if shape.shore_z is not None:
        items.append(Live(order=FAR_ORDER - 1, draw=_glints(look, light)))
    fires = [feature for feature in look.features if feature.kind in _FIRES]
    lamps = [feature for feature in look.features if feature.kind in _LAMPS]
    if fires or lamps:
        items.append(Live(order=6.15, draw=_glows(fires, lamps, light)))
    if look.place in ("coast", "harbour", "deck") and setting.weather in ("clear", "wind") and setting.time != "night":
        items.append(Live(order=90.0, draw=_gulls(look, light)))
    if look.place in ("street", "alley"):
        items.append(Live(order=10.6, draw=_passers(look, light)))
    if look.place == "underwater":
        items.append(Live(order=15.0, draw=_fish(look, light)))
    if look.place == "body":
        items.append(Live(order=25.0, draw=_drifting_cells(look, light)))
    return items


def _drifting_clouds(look: SetLook, light: ShotLight) -> Callable[[Any, View, Moment], None]:
    """A few clouds that cross the sky, painted once."""
    random = look.random(51)
    day = {"day": 0.78, "dawn": 0.45, "dusk": 0.18, "night": 0.08}[light.time]
    base = mix(light.sky.middle, (1.0, 1.0, 1.0), day)
    if light.time in ("dawn", "dusk"):
        base = mix(light.sky.horizon, light.sky.orb, 0.35)
    under = mix(base, mix(light.sky.zenith, light.sky.middle, 0.5), 0.5)
    images = [_cloud(random, light.source(base), light.source(under)) for _ in range(3)]
    places = [(float(random.random()), 0.10 + 0.13 * k + float(random.uniform(0, 0.04)), 0.34 + 0.15 * k) for k in range(3)]

    def draw(canvas: Any, view: View, moment: Moment) -> None:
        drift = level(moment.stage, "drift")
        horizon = view.center_y
        for image, (x, up, wide) in zip(images, places, strict=True):
            w = wide * view.unit
            span = view.width + w
            left = (x * span + (moment.seconds * (2.0 + 14.0 * drift) * wide * view.unit / 720)) % span - w
            top = horizon - (up + 0.12) * view.unit
            canvas.drawImageRect(image, skia.Rect.MakeXYWH(left, top, w, w * 0.3), _LINEAR)

    return draw


def _cloud(random: np.random.Generator, base: Rgb, under: Rgb) -> Any:
    """A flat-bottomed cloud, 400 x 120."""
    surface = skia.Surface(400, 120)
    canvas = surface.getCanvas()
    canvas.clear(0)
    path = skia.Path()
    path.addRoundRect(skia.Rect.MakeLTRB(20, 84, 380, 112), 14, 14)
    for k in range(6):
        u = (k + 0.5) / 6
        r = (22 + 34 * math.sin(math.pi * u)) * float(random.uniform(0.8, 1.1))
        path.addOval(skia.Rect.MakeLTRB(40 + u * 320 - r * 1.3, 100 - r * 1.5, 40 + u * 320 + r * 1.3, 104 + r * 0.05))
    shader = skia.GradientShader.MakeLinear(
        [skia.Point(0, 20), skia.Point(0, 112)], [to_skia(base, 0.95), to_skia(mix(base, under, 0.4), 0.9), to_skia(under, 0.8)]
    )
    canvas.drawPath(path, skia.Paint(AntiAlias=True, Shader=shader))
    return surface.makeImageSnapshot()


def _glints(look: SetLook, light: ShotLight) -> Callable[[Any, View, Moment], None]:
    """Waves: dashes of light that swell and slide, smaller and closer towards the horizon."""
    random = look.random(52)
    rows = 9
    start = (look.shape.shore_z or 8.0) + 0.6
    depths = [start * (1.42**k) for k in range(rows)]
    seeds = random.random((rows, 12, 3))
    ink = light.source(mix(light.sky.horizon, (1.0, 1.0, 1.0), 0.35)) if look.place != "body" else light.source(parse("#ff9a8c"))

    def draw(canvas: Any, view: View, moment: Moment) -> None:
        swell = 0.25 + 0.75 * max(0.0, level(moment.stage, "water"))
        t = moment.seconds
        for k, z in enumerate(depths):
            scale = view.scale(z)
            left, _, right, _ = view.bounds(z)
            points = []
            for u, phase, size in seeds[k]:
                x = left - 1 + ((u * 40 + t * 0.25 * (1 + phase)) % 1.0 + 12 * u) / 13 * (right - left + 2)
                half = (0.25 + 0.6 * size) * (0.6 + 0.4 * math.sin(t * 1.1 + phase * 6.3)) * (1 + 0.12 * k)
                y = SEA_Y + 0.10 * swell * math.sin(t * 1.4 + phase * 6.3 + k)
                ax, ay = view.point(x - half, y, z)
                bx, _ = view.point(x + half, y, z)
                points += [skia.Point(ax, ay), skia.Point(bx, ay)]
            paint = skia.Paint(AntiAlias=True, Color=to_skia(ink, 0.16 + 0.22 * swell), StrokeCap=skia.Paint.kRound_Cap)
            paint.setStrokeWidth(max(0.8, scale * 0.035 * (0.6 + swell)))
            canvas.drawPoints(skia.Canvas.PointMode.kLines_PointMode, points, paint)

    return draw


def _glows(fires: list[Feature], lamps: list[Feature], light: ShotLight) -> Callable[[Any, View, Moment], None]:
    """Fire that flickers by itself, lamps that flicker with the light."""
    warm = _glow_image(light.source((1.0, 0.66, 0.30)))
    colored = {ink: _glow_image(light.source(parse(ink))) for ink in NEON}

    def draw(canvas: Any, view: View, moment: Moment) -> None:
        t = moment.seconds
        for k, feature in enumerate(fires):
            beat = 0.6 + 0.25 * math.sin(t * 7.3 + k) + 0.15 * math.sin(t * 17.1 + 2 * k)
            up, wide = _FIRES[feature.kind]
            _put(canvas, view, warm, feature, up, wide, (0.16 + 0.20 * light.dark) * beat)
        flicker = level(moment.light, "flicker")
        if abs(flicker) < 0.04:
            return
        for k, feature in enumerate(lamps):
            seed = feature.seed
            shake = flicker * (1.0 if k % 2 else -0.6)
            image = colored[NEON[seed % len(NEON)]] if feature.kind == "neon_sign" else warm
            if shake > 0:
                _put(canvas, view, image, feature, 0.6, 1.0, min(0.5, shake * 0.8 * light.dark))

    return draw


def _put(canvas: Any, view: View, image: Any, feature: Feature, up: float, wide: float, alpha: float) -> None:
    """Draw a glow on a feature: `up` of its height above its foot, `wide` of its width in radius."""
    z = 6.55 if feature.z is None else feature.z
    if not view.sees(z) or alpha <= 0.01:
        return
    x, y = view.point(feature.x, feature.y + up * feature.h, z)
    r = wide * feature.w * view.scale(z)
    canvas.drawImageRect(image, skia.Rect.MakeLTRB(x - r, y - r, x + r, y + r), _LINEAR, skia.Paint(Alphaf=alpha))


def _glow_image(color: Rgb) -> Any:
    """A soft disc of light."""
    surface = skia.Surface(96, 96)
    surface.getCanvas().clear(0)
    shader = skia.GradientShader.MakeRadial(
        skia.Point(48, 48), 48, [to_skia(color, 1.0), to_skia(color, 0.42), to_skia(color, 0.0)], [0.0, 0.4, 1.0]
    )
    surface.getCanvas().drawPaint(skia.Paint(Shader=shader))
    return surface.makeImageSnapshot()


def _gulls(look: SetLook, light: ShotLight) -> Callable[[Any, View, Moment], None]:
    """Gulls far off over the water."""
    seeds = look.random(53).random((6, 4))
    ink = to_skia(light.surface((0.95, 0.95, 0.93), 30.0), 0.95)

    def draw(canvas: Any, view: View, moment: Moment) -> None:
        number = round(6 * (0.3 + 0.7 * max(0.0, level(moment.stage, "activity"))))
        for u, v, speed, phase in seeds[:number]:
            z = 24 + 30 * v
            x = ((u + moment.seconds * 0.012 * (0.6 + speed)) % 1.0 - 0.5) * 44
            y = 4 + 6 * phase + 0.6 * math.sin(moment.seconds * 0.7 + phase * 6)
            flap = math.sin(moment.seconds * (5 + 2 * speed) + phase * 6.3)
            px, py = view.point(x, y, z)
            s = view.scale(z) * 0.7
            path = skia.Path()
            path.moveTo(px - s, py - s * 0.35 * flap - s * 0.1)
            path.quadTo(px - s * 0.4, py - s * 0.4, px, py)
            path.quadTo(px + s * 0.4, py - s * 0.4, px + s, py - s * 0.35 * flap - s * 0.1)
            canvas.drawPath(
                path,
                skia.Paint(
                    AntiAlias=True,
                    Color=ink,
                    Style=skia.Paint.kStroke_Style,
                    StrokeWidth=max(1.0, s * 0.16),
                    StrokeCap=skia.Paint.kRound_Cap,
                ),
            )

    return draw


def _passers(look: SetLook, light: ShotLight) -> Callable[[Any, View, Moment], None]:
    """People who pass far behind, as soft silhouettes."""
    seeds = look.random(54).random((6, 4))
    palette = look.palette
    inks = [
        to_skia(light.surface(mix(parse(ink), parse(palette.wall), 0.45), 16.0))
        for ink in (palette.accent2, palette.cloth, palette.wood, palette.accent, palette.dark, palette.metal)
    ]

    def draw(canvas: Any, view: View, moment: Moment) -> None:
        number = round(6 * max(0.0, level(moment.stage, "activity")))
        t = moment.seconds
        for k in range(number):
            u, v, speed, phase = (float(number) for number in seeds[k])
            z = 10.7 + 2.6 * v
            way = 1 if k % 2 else -1
            x = (((u + way * t * 0.05 * (0.6 + speed)) % 1.0) - 0.5) * 17
            high = 1.55 + 0.25 * phase
            px, py = view.point(x, 0.0, z)
            s = view.scale(z)
            step = math.sin(t * (4 + speed) + phase * 6.3)
            paint = skia.Paint(AntiAlias=True, Color=inks[k])
            for side in (-1, 1):
                foot = px + side * step * 0.2 * s
                canvas.drawLine(
                    px,
                    py - 0.75 * s,
                    foot,
                    py,
                    skia.Paint(AntiAlias=True, Color=inks[k], StrokeWidth=0.15 * s, StrokeCap=skia.Paint.kRound_Cap),
                )
            canvas.drawRoundRect(
                skia.Rect.MakeLTRB(px - 0.21 * s, py - (high - 0.28) * s, px + 0.21 * s, py - 0.6 * s), 0.16 * s, 0.16 * s, paint
            )
            canvas.drawCircle(px + way * 0.03 * s, py - (high - 0.13) * s, 0.13 * s, paint)

    return draw


def _fish(look: SetLook, light: ShotLight) -> Callable[[Any, View, Moment], None]:
    """A shoal."""
    seeds = look.random(55).random((14, 4))
    palette = look.palette
    inks = [to_skia(light.surface(parse(ink), 12.0)) for ink in (palette.accent, palette.cloth, palette.trim)]

    def draw(canvas: Any, view: View, moment: Moment) -> None:
        number = round(14 * (0.3 + 0.7 * max(0.0, level(moment.stage, "activity"))))
        for k in range(number):
            u, v, speed, phase = (float(number) for number in seeds[k])
            z = 12 + 8 * v
            x = (((u + moment.seconds * 0.03 * (0.5 + speed)) % 1.0) - 0.5) * 24
            y = 2.2 + 3.2 * phase + 0.3 * math.sin(moment.seconds + u * 6)
            px, py = view.point(x, y, z)
            s = view.scale(z) * (0.22 + 0.16 * speed)
            wag = 0.35 * math.sin(moment.seconds * 8 + phase * 6)
            path = skia.Path()
            path.addOval(skia.Rect.MakeLTRB(px - s, py - s * 0.45, px + s, py + s * 0.45))
            path.moveTo(px - s * 0.8, py)
            path.lineTo(px - s * 1.6, py - s * (0.45 + wag))
            path.lineTo(px - s * 1.6, py + s * (0.45 - wag))
            path.close()
            canvas.drawPath(path, skia.Paint(AntiAlias=True, Color=inks[k % 3]))

    return draw


def _drifting_cells(look: SetLook, light: ShotLight) -> Callable[[Any, View, Moment], None]:
    """Red cells in the stream of a vessel, pushed by the beat."""
    seeds = look.random(56).random((16, 4))
    dark, pale = (
        to_skia(light.surface(parse(look.palette.cloth), 16.0)),
        to_skia(light.surface(mix(parse(look.palette.cloth), (1.0, 0.8, 0.7), 0.3), 16.0)),
    )

    def draw(canvas: Any, view: View, moment: Moment) -> None:
        number = round(16 * (0.3 + 0.7 * max(0.0, level(moment.stage, "activity"))))
        beat = moment.seconds + 0.25 * math.sin(moment.seconds * 7.0)
        for k in range(number):
            u, v, speed, phase = (float(number) for number in seeds[k])
            z = 11 + 12 * v
            x = (((u + beat * 0.035 * (0.6 + speed)) % 1.0) - 0.5) * 30
            y = SEA_Y + 0.2 + 0.5 * phase + 0.12 * math.sin(moment.seconds * 1.5 + u * 6)
            px, py = view.point(x, y, z)
            s = view.scale(z) * 0.5
            canvas.drawOval(
                skia.Rect.MakeLTRB(px - s, py - s * 0.5, px + s, py + s * 0.5), skia.Paint(AntiAlias=True, Color=dark)
            )
            canvas.drawOval(
                skia.Rect.MakeLTRB(px - s * 0.8, py - s * 0.42, px + s * 0.8, py + s * 0.3),
                skia.Paint(AntiAlias=True, Color=pale),
            )

    return draw
