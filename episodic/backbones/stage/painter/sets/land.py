"""Landscapes: a sky, the ground, water, and features at many depths."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise
from typing import Final

import numpy as np
import skia

from episodic.backbones.stage.painter.palette import Rgb, mix, multiply, parse, to_skia
from episodic.backbones.stage.painter.pen import curve, polygon
from episodic.backbones.stage.painter.scenery.features import paint_feature
from episodic.backbones.stage.painter.scenery.town import NEON
from episodic.backbones.stage.painter.sets.brush import Brush, Card, Item, Plane, Sky
from episodic.looks.place_kinds import Feature
from episodic.looks.places import SetLook

__all__ = ["FAR_ORDER", "SEA_Y", "land_items", "sea_color"]

FRONT_Z: Final = -9.0
FAR_Z: Final = 600.0
FAR_ORDER: Final = 9000.0
SEA_Y: Final = -0.9
_GROUNDS: Final[dict[str, tuple[str, float]]] = {
    "grass": ("leaf", 0.22),
    "lawn": ("leaf", 0.26),
    "forest": ("leaf", -0.12),
    "rock": ("floor", -0.05),
    "sand": ("floor", 0.08),
    "dust": ("floor", 0.0),
    "snow": ("floor", 0.1),
    "planks": ("wood", 0.12),
    "cobble": ("floor", -0.1),
    "wet": ("floor", -0.38),
    "tissue": ("floor", 0.1),
    "cloud": ("trim", 0.2),
}


def land_items(look: SetLook) -> list[Item]:
    """The static items of a landscape."""
    shape = look.shape
    items: list[Item] = [
        Sky(order=FAR_ORDER + 2, z_near=1e6, z_far=1e6, paint=_sky_painter(shape.sky or "sky")),
    ]
    shore = shape.shore_z
    ground = shape.ground or "grass"
    if shore is not None:
        items.append(Plane(order=FAR_ORDER + 1, z_near=shore, z_far=FAR_Z, at=SEA_Y, paint=_sea))
        items.append(Card(order=20.0, z_near=shore, z_far=shore, paint=_shore_edge(ground)))
        items.append(Plane(order=19.9, z_near=0.0, z_far=shore, paint=_ground(ground, shore)))
    else:
        items.append(Plane(order=FAR_ORDER, z_near=0.0, z_far=FAR_Z, paint=_ground(ground, FAR_Z)))
    for feature in look.features:
        if feature.z is None:
            continue
        z = feature.z
        # features beyond the shore stand in the water, behind the ground's edge
        order = z if shore is None or z < shore else 100 + z
        items.append(
            Card(order=order, z_near=z, z_far=z, paint=_standing(feature), sway=_SWAY.get(feature.kind, 0.0) if z < 15 else 0.0)
        )
    return items


def _standing(feature: Feature) -> Callable[[Brush], None]:
    """Paint a feature, with a shadow on the ground if it is near and heavy."""

    def paint(b: Brush) -> None:
        if b.z < 14 and feature.y == 0.0 and feature.kind in _HEAVY:
            w = feature.w
            b.shadow(feature.x - b.light.key_x * 0.2 * w, 0.0, w * 0.6, 0.12 + 0.03 * w, 0.36)
        paint_feature(b, feature)

    return paint


_SWAY: Final = {"grass": 1.0, "flowers": 1.1, "tree": 0.3, "pine": 0.22, "kelp": 1.3, "fern": 0.6, "bush": 0.15, "snow_pine": 0.1}
"""How much of the wind a plant follows."""
_HEAVY: Final = frozenset(
    {
        "tree",
        "pine",
        "snow_pine",
        "trunk_big",
        "bush",
        "rocks",
        "crate",
        "barrel",
        "bench",
        "shopfront",
        "house",
        "cottage",
        "cactus",
        "lander",
        "bollard",
        "street_lamp",
        "harbour_lamp",
        "vending",
        "tree_pot",
        "stack_machine",
        "vat",
        "coral",
        "hedge",
        "wheel",
        "mast",
        "mushrooms",
    }
)


def _sky_painter(kind: str) -> Callable[[Brush], None]:
    """The painter of a kind of sky."""
    return {"space": _space_sky, "deep": _deep_sky, "tissue": _tissue_sky}.get(kind, _day_sky)


def _day_sky(b: Brush) -> None:
    """The sky of the time of day, with sun or moon, stars and cloud."""
    sky, light = b.light.sky, b.light
    b.rect(-3, -1, 6, 1.001, b.lit(sky.horizon))
    b.fade(
        -3, -0.02, 6, 0.62, [b.lit(sky.horizon), b.lit(mix(sky.horizon, sky.middle, 0.7)), b.lit(sky.middle), b.lit(sky.zenith)]
    )
    random = b.look.random(11)
    x = max(-0.62, min(0.62, light.key_x * 0.55 + 0.1))
    clear = light.weather in ("clear", "wind", "snow")
    if light.time == "night":
        if clear:
            for _ in range(150):
                u, v, r = (
                    float(random.uniform(-1, 1)),
                    float(random.uniform(0.02, 0.55)),
                    float(random.choice([0.0009, 0.0013, 0.002])),
                )
                b.oval(u, v, r, r, b.lit(sky.orb, alpha=float(random.uniform(0.3, 1.0)) * min(1.0, v * 5)))
            b.glow(x, 0.30, 0.28, b.lit(sky.orb, alpha=0.28))
            b.oval(x, 0.30, 0.042, 0.042, b.lit(sky.orb))
            b.oval(x + 0.012, 0.308, 0.012, 0.011, b.lit(sky.orb, -0.12))
            b.oval(x - 0.014, 0.290, 0.008, 0.007, b.lit(sky.orb, -0.1))
    elif clear:
        low = light.time != "day"
        y = 0.06 if low else 0.34
        b.glow(x, y, 0.75 if low else 0.5, b.lit(sky.orb, alpha=0.55 if low else 0.4))
        b.oval(x, y, 0.055 if low else 0.036, 0.055 if low else 0.036, b.lit(sky.orb))
    _clouds(b, random)


def _clouds(b: Brush, random: np.random.Generator) -> None:
    """Flat-bottomed clouds in perspective: small and many at the horizon, few and large above."""
    light = b.light
    thick = {"clear": 4, "wind": 6, "snow": 8, "rain": 15, "storm": 18, "fog": 4}[light.weather]
    sky = light.sky
    heavy = light.weather in ("rain", "storm")
    base = mix(sky.middle, (1.0, 1.0, 1.0), {"day": 0.72, "dawn": 0.40, "dusk": 0.12, "night": 0.06}[light.time])
    under = mix(base, mix(sky.zenith, sky.horizon, 0.4), 0.55)
    if heavy:
        base, under = mix(sky.middle, sky.zenith, 0.3), mix(sky.zenith, (0.1, 0.11, 0.16), 0.35)
    if light.time in ("dusk", "dawn") and not heavy:
        base, under = mix(sky.horizon, sky.orb, 0.3), mix(sky.middle, sky.zenith, 0.45)
    for i in range(thick):
        t = (i + 0.5) / thick
        y = 0.05 + 0.46 * t**1.25
        w = (0.14 + 0.5 * t) * float(random.uniform(0.7, 1.3)) * (1.5 if heavy else 1.0)
        x = float(random.uniform(-1.1, 1.1))
        h = w * (0.16 if not heavy else 0.24)
        puffs = int(4 + 3 * random.random())
        top = skia.Path()
        for k in range(puffs):
            u = (k + 0.5) / puffs
            r = h * (0.5 + 0.6 * math.sin(math.pi * u)) * float(random.uniform(0.8, 1.15))
            top.addOval(skia.Rect.MakeLTRB(x + (u - 0.5) * w - r * 1.25, y - r * 0.2, x + (u - 0.5) * w + r * 1.25, y + r * 1.3))
        top.addRoundRect(skia.Rect.MakeLTRB(x - w / 2, y - h * 0.22, x + w / 2, y + h * 0.4), h * 0.3, h * 0.3)
        alpha = (0.55 + 0.3 * t) if not heavy else 0.8
        b.fade_path(
            top,
            (x, y - h * 0.3),
            (x, y + h * 1.3),
            [b.lit(under, alpha=alpha), b.lit(base, alpha=alpha), b.lit(base, 0.1, alpha=alpha)],
        )


def _space_sky(b: Brush) -> None:
    """Stars and a nebula."""
    random = b.look.random(12)
    b.rect(-3, -1, 6, 2, b.lit("#0a0d20"))
    b.fade(-3, -0.05, 6, 0.7, [b.lit("#2c2f5c"), b.lit("#151a3a"), b.lit("#0a0d20")])
    for _ in range(5):
        b.glow(
            float(random.uniform(-0.9, 0.9)),
            float(random.uniform(0, 0.5)),
            float(random.uniform(0.2, 0.5)),
            b.lit(("#4a3a86", "#2f5f86", "#7a3f6c")[int(random.integers(3))], alpha=0.4),
        )
    for _ in range(320):
        r = float(random.choice([0.0008, 0.0012, 0.002, 0.003], p=[0.5, 0.3, 0.15, 0.05]))
        b.oval(
            float(random.uniform(-1.2, 1.2)),
            float(random.uniform(-0.5, 0.55)),
            r,
            r,
            b.lit("#f4f0e2", alpha=float(random.uniform(0.35, 1.0))),
        )


def _deep_sky(b: Brush) -> None:
    """Water that darkens with depth."""
    dim: Rgb = {"day": (1, 1, 1), "dawn": (0.8, 0.85, 0.95), "dusk": (0.62, 0.66, 0.85), "night": (0.34, 0.42, 0.62)}[
        b.light.time
    ]
    colors = [b.lit(multiply(parse(ink), dim)) for ink in ("#14505f", "#1f7a8a", "#58b4b4", "#b8ecd8")]
    b.fade(-3, -0.6, 6, 1.2, colors)
    for i in range(7):
        x = -0.9 + i * 0.3
        b.fade_path(
            polygon([(x, 0.6), (x + 0.09, 0.6), (x + 0.30, -0.4), (x + 0.02, -0.4)]),
            (x, 0.6),
            (x + 0.1, -0.3),
            [b.lit("#e8fff0", alpha=0.16), b.lit("#e8fff0", alpha=0.0)],
        )


def _tissue_sky(b: Brush) -> None:
    """Light through living tissue: the air colour of the place, brightest behind the middle."""
    base = b.light.haze
    night = {"day": 1.0, "dawn": 0.92, "dusk": 0.78, "night": 0.5}[b.light.time]
    dim = (base[0] * night, base[1] * night, base[2] * night)
    b.rect(-3, -1, 6, 2, b.lit(mix(dim, parse(b.look.palette.trim), 0.35)))
    b.glow(0.1, 0.12, 1.1, b.lit(mix(dim, (1.0, 0.98, 0.85), 0.55), alpha=0.9), add=False)


def sea_color(b: Brush, nearness: float) -> Rgb:
    """Water: the sky's colour far away, its own near by."""
    sky = b.light.sky
    own = parse("#2f6f88") if b.look.place != "body" else parse("#b02f3c")
    deep = multiply(own, mix(b.light.tint, (1.0, 1.0, 1.0), 0.1))
    far = mix(sky.horizon, sky.middle, 0.5) if b.look.place != "body" else b.light.haze
    return mix(mix(far, deep, 0.30), deep, nearness)


def _sea(b: Brush) -> None:
    """Water out to the horizon."""
    edges = [7.0, 9.0, 11, 14, 18, 24, 32, 44, 62, 90, 140, 240, FAR_Z]
    for i, (z0, z1) in enumerate(pairwise(edges)):
        near = 1 - i / (len(edges) - 2)
        b.rect(-z1 * 2 - 40, z0, z1 * 4 + 80, (z1 - z0) * 1.12, to_skia(b.light.source(sea_color(b, near))))
    b.rect(-60, -2.0, 120, 9.1, to_skia(b.light.source(sea_color(b, 1.0))))


def _shore_edge(ground: str) -> Callable[[Brush], None]:
    """The edge of the ground where the water begins."""

    def paint(b: Brush) -> None:
        name, tone = _GROUNDS.get(ground, ("floor", 0.0))
        if ground == "planks":
            b.rect(-60, -1.6, 120, 1.6, b.color(name, -0.45))
            for i in range(-20, 21):
                b.rect(i * 1.6, -1.6, 0.3, 1.6, b.color(name, -0.6))
            return
        random = b.look.random(21)
        crest = [(x * 2.0, float(random.uniform(-0.05, 0.14))) for x in range(-24, 25)]
        b.poly([(-50, -2.5), *crest, (50, -2.5)], b.color("floor", -0.35))
        b.poly([(-50, -0.12), *crest, (50, -0.12)], b.color(name, tone - 0.15))

    return paint


def _ground(kind: str, far: float) -> Callable[[Brush], None]:
    """The ground up to depth `far`."""
    name, tone = _GROUNDS.get(kind, ("leaf", 0.1))

    def paint(b: Brush) -> None:
        edges = [FRONT_Z, 0.5, 1.8, 3, 4.2, 5.4, 7, 9, 12, 16, 22, 32, 50, 90, 200, far]
        edges = [edge for edge in edges if edge < far] + [far]
        for i, (z0, z1) in enumerate(pairwise(edges)):
            shade = tone - max(0.0, 0.10 - 0.025 * i)
            b.rect(
                -z1 * 2 - 50,
                z0,
                z1 * 4 + 100,
                (z1 - z0) * (1.1 if z1 < far else 1.0),
                b.at(z1 * 0.7 + z0 * 0.3).color(name, shade),
            )
        _DETAILS.get(kind, _tufts)(b, name, tone)

    return paint


def _patches(b: Brush, color: int, count: int, salt: int, size: tuple[float, float] = (0.5, 1.6), reach: float = 16.0) -> None:
    """Soft-edged islands of another tone on the ground, flat in perspective."""
    random = b.look.random(salt)
    path = skia.Path()
    for _ in range(count):
        z = 0.2 + reach * float(random.random()) ** 1.5
        x = float(random.uniform(-1, 1)) * (5 + z)
        w, d = float(random.uniform(*size)) * (1 + z * 0.05), float(random.uniform(0.12, 0.35)) * (1 + z * 0.12)
        path.addPath(
            curve(
                [
                    (x - w, z),
                    (x - w * 0.4, z + d),
                    (x + w * 0.5, z + d * 0.8),
                    (x + w, z + d * 0.1),
                    (x + w * 0.3, z - d * 0.7),
                    (x - w * 0.6, z - d * 0.6),
                ]
            )
        )
    b.flat(path, color)


def _tufts(b: Brush, name: str, tone: float) -> None:
    """Tufts of grass."""
    _patches(b, b.color(name, tone - 0.14, alpha=0.5), 16, 31)
    _patches(b, b.color(name, tone + 0.12, alpha=0.5), 14, 32)


def _forest_floor(b: Brush, name: str, tone: float) -> None:
    """Grass and a path through the wood."""
    _tufts(b, name, tone)
    path_color = b.color("wood", 0.28, alpha=0.75)
    b.blob(
        [
            (-1.8, FRONT_Z),
            (1.2, FRONT_Z),
            (1.0, 1.0),
            (0.5, 5.0),
            (1.4, 9.0),
            (0.4, 15),
            (-0.2, 15),
            (0.4, 9.5),
            (-0.9, 5.5),
            (-1.2, 1.0),
        ],
        path_color,
    )


def _snow_field(b: Brush, name: str, tone: float) -> None:
    """Soft patches of light and shade on snow."""
    _patches(b, b.color("trim", 0.1, alpha=0.35), 14, 33, (0.8, 2.4))
    _patches(b, b.color(name, tone + 0.3, alpha=0.6), 10, 34, (0.8, 2.0))


def _sandy(b: Brush, name: str, tone: float) -> None:
    """Sand or dust with the features that lie on it."""
    _patches(b, b.color(name, tone - 0.12, alpha=0.45), 14, 35, (0.8, 2.6))
    _patches(b, b.color(name, tone + 0.14, alpha=0.45), 10, 36, (0.8, 2.6))
    for feature in b.look.features:
        if feature.on == "floor":
            paint_feature(b, feature)


def _plank_deck(b: Brush, name: str, tone: float) -> None:
    """Planks of a quay or a deck."""
    far = b.look.shape.shore_z or 7.0
    random = b.look.random(37)
    gaps, pale = skia.Path(), skia.Path()
    step = 0.6
    for i in range(-26, 27):
        gaps.addRect(skia.Rect.MakeLTRB(i * step, FRONT_Z, i * step + 0.04, far))
        if random.random() < 0.4:
            pale.addRect(skia.Rect.MakeLTRB(i * step + 0.04, FRONT_Z, (i + 1) * step, far))
    b.flat(pale, b.color(name, tone + 0.1, alpha=0.4))
    b.flat(gaps, b.color(name, -0.45, alpha=0.7))
    b.rect(-60, far - 0.3, 120, 0.3, b.color(name, tone + 0.18))


def _cobbles(b: Brush, name: str, tone: float) -> None:
    """Cobbles between two pavements, wet in the rain."""
    random = b.look.random(38)
    light, dark = skia.Path(), skia.Path()
    for j in range(30):
        z = -2.0 + j * 0.42
        for i in range(-18, 19):
            lot = random.random()
            if lot < 0.3:
                x = i * 0.62 + (0.31 if j % 2 else 0)
                (light if lot < 0.15 else dark).addRoundRect(skia.Rect.MakeLTRB(x + 0.03, z + 0.03, x + 0.59, z + 0.39), 0.1, 0.1)
    b.flat(light, b.color(name, tone + 0.12, alpha=0.55))
    b.flat(dark, b.color(name, tone - 0.18, alpha=0.55))
    for side in (-1, 1):
        b.rect(min(side * 5.0, side * 40), -9, 35, 60, b.color("trim", -0.22))
        b.rect(side * 5.0 - 0.12, -9, 0.24, 60, b.color("trim", -0.05))
    if b.light.weather in ("rain", "storm"):
        _wet(b, name, tone)


def _wet(b: Brush, name: str, tone: float) -> None:
    """A wet street: long streaks of the lights above, puddles of the sky."""
    del name, tone
    random = b.look.random(39)
    for feature in b.look.features:
        if feature.kind in ("neon_sign", "street_lamp", "vending", "shopfront", "lanterns"):
            x, z = feature.x, min((8.0 if feature.z is None else feature.z), 9.0)
            glow = NEON[feature.seed % len(NEON)] if feature.kind in ("neon_sign", "vending") else b.look.palette.glow
            if feature.kind == "shopfront" and not feature.lit:
                continue
            for k in range(3):
                w = 0.5 - 0.13 * k
                b.blob(
                    [(x - w, z - 0.2), (x + w, z - 0.2), (x + w * 0.8, z - 3.4 + 0.5 * k), (x - w * 0.8, z - 3.4 + 0.5 * k)],
                    b.lit(glow, alpha=0.10),
                    0.5,
                )
    sky = b.light.sky
    for _ in range(7):
        z, x = float(random.uniform(0.8, 8)), float(random.uniform(-4.5, 4.5))
        w, d = float(random.uniform(0.5, 1.3)), float(random.uniform(0.12, 0.3))
        b.blob(
            [(x - w, z), (x, z + d), (x + w, z + 0.02), (x + 0.2, z - d)],
            b.lit(mix(sky.horizon, (0.8, 0.5, 0.9), 0.2 if b.light.style == "neon" else 0.0), alpha=0.22),
        )


def _tissue(b: Brush, name: str, tone: float) -> None:
    """Living tissue; in a leaf, its veins."""
    _patches(b, b.color(name, tone + 0.18, alpha=0.5), 18, 40, (0.6, 1.8))
    _patches(b, b.color(name, tone - 0.16, alpha=0.4), 12, 41, (0.6, 1.8))
    if b.look.place == "leaf":
        vein = b.color("trim", 0.1, alpha=0.6)
        b.line([(-1.5, -4), (-0.8, 2), (0.6, 8), (0.2, 20)], 0.35, vein, smooth=True)
        for z in (2.0, 5.0, 8.5):
            b.line([(-0.3, z), (3.4, z + 2.4), (9, z + 3.4)], 0.16, vein, smooth=True)
            b.line([(-0.3, z + 0.6), (-3.4, z + 2.4), (-9, z + 3.4)], 0.16, vein, smooth=True)


_DETAILS: Final[dict[str, Callable[[Brush, str, float], None]]] = {
    "forest": _forest_floor,
    "snow": _snow_field,
    "sand": _sandy,
    "dust": _sandy,
    "planks": _plank_deck,
    "cobble": _cobbles,
    "wet": _wet,
    "tissue": _tissue,
    "cloud": _snow_field,
}
