"""Rooms: a back wall, two side walls, a ceiling, a floor, and the features on them."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Final

from episodic.backbones.request import Setting
from episodic.backbones.stage.painter.palette import mix, to_skia
from episodic.backbones.stage.painter.pen import polygon
from episodic.backbones.stage.painter.scenery.features import paint_feature
from episodic.backbones.stage.painter.sets.brush import Brush, Card, Item, Plane
from episodic.backbones.stage.painter.sets.floors import BACK_Z, FLOORS, FRONT_Z, boards
from episodic.backbones.stage.painter.sets.walls import WALLS, plaster
from episodic.looks.place_kinds import Feature
from episodic.looks.places import SetLook

__all__ = ["BACK_Z", "room_items"]


def room_items(look: SetLook, setting: Setting) -> list[Item]:
    """The static items of a room."""
    half, high = (look.shape.half_width or 4.8), (look.shape.height or 3.1)
    on_walls = [feature for feature in look.features if feature.on_back_wall]
    items: list[Item] = [
        Card(order=100, z_near=BACK_Z, z_far=BACK_Z, paint=lambda b: _back(b, half, high, on_walls)),
        Plane(order=96, z_near=0.0, z_far=BACK_Z, at=high, paint=lambda b: _ceiling(b, half)),
        Plane(order=94, z_near=-1.0, z_far=BACK_Z, paint=lambda b: _floor(b, half)),
        *(Plane(order=92, z_near=0.0, z_far=BACK_Z, axis="x", at=side * half, paint=_side(look, side, high)) for side in (-1, 1)),
    ]
    for feature in look.features:
        if feature.z is not None:
            z = min(feature.z, BACK_Z - 0.05)
            items.append(Card(order=z, z_near=z, z_far=z, paint=_standing(feature)))
    return items + _shafts(look, setting)


def _standing(feature: Feature) -> Callable[[Brush], None]:
    """Paint a feature, with a shadow on the floor if it stands there."""

    def paint(b: Brush) -> None:
        if feature.y < 0.3 and feature.kind not in ("rail", "railing", "footlights", "stage_curtain"):
            w = feature.w
            b.shadow(feature.x - b.light.key_x * 0.12 * w, 0.0, w * 0.62, 0.13 + 0.03 * w, 0.42)
        paint_feature(b, feature)

    return paint


def _side(look: SetLook, side: int, high: float) -> Callable[[Brush], None]:
    """Paint a side wall (-1 left, 1 right) with the features on it."""
    name = "left" if side < 0 else "right"
    hung = [feature for feature in look.features if feature.on == name]

    def paint(b: Brush) -> None:
        lit = -side * b.light.key_x  # a key from the left lights the wall on the right
        strength = 0.84 + 0.12 * lit
        shell = look.shape.wall
        bands = 7
        for i in range(bands):
            z0 = FRONT_Z + (BACK_Z - FRONT_Z) * i / bands if i else FRONT_Z
            z1 = FRONT_Z + (BACK_Z - FRONT_Z) * (i + 1) / bands
            b.rect(
                z0,
                0,
                min((z1 - z0) * 1.1, BACK_Z - z0),
                high,
                b.at(z1).color("wall", -0.05 - 0.03 * (bands - i), strength=strength),
            )
        if shell in ("panels", "paper", "tiles", "planks"):
            low = 1.05
            b.rect(FRONT_Z, 0, BACK_Z - FRONT_Z, low, b.color("wood" if shell != "tiles" else "trim", -0.12, strength=strength))
            b.rect(FRONT_Z, low, BACK_Z - FRONT_Z, 0.07, b.color("trim", 0.05, strength=strength))
        if shell in ("ship", "hull", "stone", "glass"):
            for i in range(8):
                b.rect(
                    FRONT_Z + i * 1.7, 0, 0.14, high, b.color("trim" if shell == "glass" else "wall", -0.28, strength=strength)
                )
        if shell == "glass":
            b.rect(FRONT_Z, 0.9, BACK_Z - FRONT_Z, high - 1.4, b.shining(b.light.sky.middle, 0.8))
            for i in range(9):
                b.rect(FRONT_Z + i * 1.7, 0, 0.12, high, b.color("dark", 0.15, strength=strength))
        b.rect(FRONT_Z, 0, BACK_Z - FRONT_Z, 0.14, b.color("trim", -0.2, strength=strength))
        # the corner is in its own shade
        b.rect(BACK_Z - 0.5, 0, 0.5, high, to_skia((0.06, 0.03, 0.10), 0.10))
        b.rect(BACK_Z - 0.18, 0, 0.18, high, to_skia((0.06, 0.03, 0.10), 0.12))
        for feature in hung:
            paint_feature(b, feature)

    return paint


def _back(b: Brush, half: float, high: float, features: list[Feature]) -> None:
    """Paint the back wall: its surface, the light that falls on it, and the features on it."""
    kind = b.look.shape.wall or "plaster"
    wide = 2 * half
    b.rect(-half, 0, wide, high, b.color("wall"))
    WALLS.get(kind, plaster)(b, half, high)
    # light falls in from the key side, and less of it reaches the ceiling
    key = b.light.key_color
    glow, off = to_skia(mix(key, (1.0, 1.0, 1.0), 0.2), 0.20 * b.light.intensity), to_skia(key, 0.0)
    dark, clear = to_skia((0.07, 0.03, 0.13), 0.10 + 0.26 * b.light.contrast), to_skia((0.07, 0.03, 0.13), 0.0)
    left = [glow, off, clear, dark]
    b.fade(-half, 0, wide, high, left if b.light.key_x < 0 else left[::-1], across=True)
    b.fade(-half, high * 0.5, wide, high * 0.5, [clear, to_skia((0.07, 0.03, 0.13), 0.26)])
    b.fade(-half, 0, wide, 0.5, [to_skia((0.07, 0.03, 0.13), 0.22), clear])
    for feature in features:
        paint_feature(b, feature)
    _slats(b, half, high)


def _ceiling(b: Brush, half: float) -> None:
    """Paint the ceiling of the look."""
    kind = b.look.shape.ceiling or "plain"
    wide = 2 * half
    depth = BACK_Z - FRONT_Z
    base, tone = ("dark", 0.10) if kind in ("none", "gable", "vault") else ("wood", -0.2) if kind == "beams" else ("wall", -0.18)
    if kind in ("ship", "dome"):
        base, tone = "dark", 0.2
    for i in range(4):
        b.rect(-half, FRONT_Z + depth * i / 4, wide, min(depth * 0.27, depth * (1 - i / 4)), b.color(base, tone - 0.05 * (3 - i)))
    if kind in ("beams", "gable", "coffers", "barrel", "vault"):
        for i in range(6):
            b.rect(-half, BACK_Z - 0.6 - i * 1.5, wide, 0.28, b.color("wood", -0.42 if kind == "beams" else -0.2))
    if kind == "coffers":
        for i in range(5):
            b.rect(-half + (i + 0.5) * wide / 5 - 0.12, FRONT_Z, 0.24, depth, b.color("wood", -0.2))
    if kind == "ship":
        for x in (-half * 0.5, half * 0.5):
            b.rect(x - 0.15, FRONT_Z, 0.3, depth, b.lit("glow", alpha=0.35 + 0.5 * b.light.practical))


def _floor(b: Brush, half: float) -> None:
    """Paint the floor, the features on it, and the light that falls on it."""
    kind = b.look.shape.floor or "boards"
    wide = 2 * half
    edges = [FRONT_Z, -1.0, 0.5, 1.5, 2.5, 3.4, 4.2, 4.9, 5.5, 6.0, 6.35, BACK_Z]
    for z0, z1 in pairwise(edges):
        near = max(0.0, (2.5 - z1) * 0.035)
        corner = max(0.0, (z1 - 5.2) * 0.11)
        b.rect(-half, z0, wide, min((z1 - z0) * 1.1, BACK_Z - z0), b.at(z1).color("floor", -near - corner))
    FLOORS.get(kind, boards)(b, half)
    for feature in b.look.features:
        if feature.on == "floor":
            paint_feature(b, feature)
    _window_light(b)
    _lamp_pools(b)
    dark = (0.06, 0.03, 0.10)
    for i in range(3):
        b.rect(-half, FRONT_Z, 0.25 + 0.3 * i, BACK_Z - FRONT_Z, to_skia(dark, 0.07))
        b.rect(half - 0.25 - 0.3 * i, FRONT_Z, 0.25 + 0.3 * i, BACK_Z - FRONT_Z, to_skia(dark, 0.07))


def _lamp_pools(b: Brush) -> None:
    """Warm patches on the floor under lamps and before fires, when it is dark."""
    power = b.light.dark * b.light.practical
    if power < 0.1:
        return
    for feature in b.look.features:
        if feature.kind in _POOLS and feature.on is None:
            x, z = feature.x, min((BACK_Z if feature.z is None else feature.z), BACK_Z) - 0.5
            for k, spread in enumerate((2.3, 1.6, 0.9)):
                depth = min(spread * 0.6, BACK_Z - z)
                b.oval(x, z, spread, depth, b.lit("glow", alpha=(0.05 + 0.02 * k) * power))


_POOLS: Final = frozenset(
    {
        "pendant",
        "lamp_standing",
        "fireplace",
        "brick_oven",
        "candelabra",
        "great_lamp",
        "chandelier",
        "tank",
        "bar_shelf",
        "round_table",
    }
)


def _shafts(look: SetLook, setting: Setting) -> list[Item]:
    """The light that falls in through the windows of the back wall, seen in the air."""
    panes = [feature for feature in look.features if "window" in feature.kind and feature.on_back_wall]
    bright = setting.time != "night" and setting.weather in ("clear", "wind", "snow")
    if not panes or not bright or look.shape.outside in ("space", "deep"):
        return []

    def paint(b: Brush) -> None:
        slant = -1.9 * b.light.key_x
        color = mix(b.light.sky.horizon, b.light.key_color, 0.4)
        alpha = (
            (0.10 if b.light.time == "day" else 0.17)
            * min(1.2, b.light.intensity)
            * (1.25 if b.light.style in ("noir", "drama") else 1.0)
        )
        strong, clear = to_skia(b.light.source(color), alpha), to_skia(b.light.source(color), 0.0)
        for feature in panes:
            x, y, w, h = feature.x, feature.y, feature.w, feature.h
            for part in (-0.25, 0.25):
                left, right = x + w * (part - 0.23), x + w * (part + 0.23)
                beam = polygon(
                    [(left, y + h), (right, y + h), (right + slant + 0.25, 0.0), (left + slant - 0.25, 0.0), (left, y)]
                )
                b.fade_path(beam, (x, y + h), (x + slant * 0.8, 0.1), [strong, clear])

    return [Card(order=6.3, z_near=5.9, z_far=5.9, paint=paint)]


def _slats(b: Brush, half: float, high: float) -> None:
    """Noir: the street's light through blinds, thrown across the wall."""
    if b.light.style != "noir":
        return
    side = 1.0 if b.light.key_x < 0 else -1.0
    color = to_skia(b.light.source((0.95, 0.95, 0.92)), 0.05 + 0.10 * b.light.contrast)
    x0 = side * half * 0.42
    for k in range(9):
        y = high * 0.28 + k * high * 0.065
        b.poly(
            [
                (x0 - 1.3, y),
                (x0 + 1.3, y + 0.34 * side),
                (x0 + 1.3, y + 0.34 * side + high * 0.032),
                (x0 - 1.3, y + high * 0.032),
            ],
            color,
        )


def _window_light(b: Brush) -> None:
    """The light that falls through the windows of the back wall onto the floor, slanting away from the key."""
    if b.light.time == "night" or b.light.weather in ("rain", "storm", "fog") or b.look.shape.outside in ("space", "deep"):
        return
    color = mix(b.light.sky.horizon, b.light.key_color, 0.5)
    alpha = (0.30 if b.light.time == "day" else 0.42) * min(1.0, b.light.intensity + 0.1)
    slant = -1.6 * b.light.key_x
    for feature in b.look.features:
        if "window" in feature.kind and feature.on_back_wall:
            x, w = feature.x, feature.w
            for part in (-0.25, 0.25):
                cx, half = x + part * w, w * 0.215
                near, far = 3.0, 5.3
                quad = [(cx - half, far), (cx + half, far), (cx + half * 1.25 + slant, near), (cx - half * 1.25 + slant, near)]
                b.poly(quad, to_skia(b.light.source(color), alpha))
