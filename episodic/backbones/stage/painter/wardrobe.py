"""Clothes on a body: the torso with its garments, sleeves, trousers, skirts and shoes. Metres, y up, about the hip's middle."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import skia

from episodic.backbones.stage.painter.figure_pen import Pen, Point, curve, polygon
from episodic.backbones.stage.painter.figure_pose import BodyPose
from episodic.backbones.stage.painter.human_body import Proportions, Skeleton
from memory.facts import FactValue

__all__ = ["Garment", "Torso", "Wardrobe"]

ONE_PIECE: Final = ("spacesuit", "wetsuit", "jumpsuit", "overalls")
_HEMS: Final = {
    "raincoat": 0.27,
    "trench": 0.24,
    "long": 0.25,
    "labcoat": 0.29,
    "robe": 0.07,
    "gown": 0.05,
    "dress": 0.25,
    "tunic": 0.34,
}
"""Fraction of the body's height at which a long garment ends."""


@dataclass(frozen=True, slots=True)
class Garment:
    """A cut and its colour."""

    cut: str
    color: str


@dataclass(frozen=True, slots=True)
class Torso:
    """The upper body at this frame: half widths and the way from an angle round it to a place on the picture."""

    size: Proportions
    sin: float
    cos: float
    theta: float
    hip_y: float
    shoulder_y: float
    breath: float

    def half(self, t: float) -> float:
        """Half width at t: 0 hip .. 0.45 waist .. 1 shoulder."""
        size = self.size
        narrow = 0.72 + 0.28 * abs(self.cos)
        if t < 0.45:
            width = size.hip + (size.waist - size.hip) * _smooth(t / 0.45)
        else:
            width = size.waist + (size.shoulder - size.waist) * _smooth((t - 0.45) / 0.45)
        return width * narrow * (1 + 0.02 * self.breath * t)

    def at(self, angle: float, t: float, out: float = 1.0) -> tuple[float, float, float]:
        """Where a point at `angle` round the body and height t is; third, how much it faces the viewer (negative: hidden)."""
        turn = angle + self.theta
        return math.sin(turn) * self.half(t) * out, self.hip_y + t * (self.shoulder_y - self.hip_y), math.cos(turn)

    def outline(self, low: float = -0.12, grow: float = 0.0) -> list[Point]:
        """The torso's contour from its lower edge, clockwise from the right hip."""
        top, belly = self.shoulder_y, self.sin * self.size.waist * 0.16
        neck = self.size.head * 0.42
        right, left = [], []
        for t in (low, 0.2, 0.5, 0.8, 0.95):
            y = self.hip_y + t * (top - self.hip_y)
            half = self.half(max(0.0, t)) + grow
            push = belly * math.sin(math.pi * max(0.0, min(1.0, t * 1.1)))
            right.append((half + push, y))
            left.append((-half + push, y))
        shoulder = self.half(0.9) * 0.74
        rise = self.size.head * 0.1 + grow
        return [
            *right,
            (shoulder, top + rise * 0.4),
            (neck, top + rise + 0.02),
            (-neck, top + rise + 0.02),
            (-shoulder, top + rise * 0.4),
            *left[::-1],
        ]


class Wardrobe:
    """What one person wears, built once."""

    def __init__(self, look: Mapping[str, FactValue], size: Proportions) -> None:
        self.size = size
        self.skin = str(look.get("skin", "#e8b88f"))
        self.top = _garment(look.get("top")) or Garment("shirt", "#b5593f")
        self.bottom = _garment(look.get("bottom")) or Garment("trousers", "#3d4a66")
        self.coat, self.apron = _garment(look.get("coat")), _garment(look.get("apron"))
        self.scarf, self.tie = _garment(look.get("scarf")), _garment(look.get("tie"))
        self.shoes = "#d9dade" if self.top.cut == "spacesuit" else str(look.get("shoes", "#4a3328"))
        if self.coat and self.coat.cut == "raincoat":
            self.shoes = "#3a4f4a"
        self.injury = str(look.get("injury") or "")

    @property
    def outer(self) -> Garment:
        """What shows on the arms."""
        return self.coat if self.coat and self.coat.cut not in ("vest", "cape") else self.top

    def hem(self) -> float | None:
        """Height in metres of the lower edge of whatever is long, or nothing."""
        for garment in (self.coat, self.top):
            if garment and garment.cut in _HEMS:
                return _HEMS[garment.cut] * self.size.height
        return 0.24 * self.size.height if self.bottom.cut == "skirt" and self.top.cut not in ONE_PIECE else None

    def draw_leg(self, pen: Pen, body: Skeleton, index: int) -> None:
        """One leg with its shoe. Far legs are the caller's to draw first."""
        leg, size = body.legs[index], self.size
        width = size.leg_width
        bare = self._bare_legs()
        one = self.top.cut in ONE_PIECE
        color = self.top.color if one else self.skin if bare == "all" else self.bottom.color
        puffy = 1.32 if self.top.cut == "spacesuit" else 1.0
        pen.limb((leg.hip, leg.knee, leg.ankle), (width * 1.55 * puffy, width * 1.08 * puffy, width * 0.8 * puffy), color)
        if bare == "shin":
            pen.limb(
                (leg.knee, _between(leg.knee, leg.ankle, 0.5), leg.ankle), (width * 0.82, width * 0.78, width * 0.66), self.skin
            )
        self._shoe(pen, leg.ankle, leg.toe, width * puffy)

    def _bare_legs(self) -> str:
        if self.top.cut in ONE_PIECE:
            return ""
        if self.top.cut in ("dress", "gown") or self.bottom.cut == "skirt":
            return "all"
        return "shin" if self.bottom.cut == "shorts" else ""

    def _shoe(self, pen: Pen, ankle: Point, toe: float, width: float) -> None:
        x, y = ankle
        long = self.size.foot
        front, back = x + toe * long * 0.78 + 0.5 * width, x + toe * long * 0.2 - 0.5 * width
        if toe < 0:
            front, back = x + toe * long * 0.78 - 0.5 * width, x + toe * long * 0.2 + 0.5 * width
        middle = 0.5 * (front + back)
        half = abs(front - back) * 0.5 + width * 0.14
        floor = y - self.size.height * 0.035
        path = skia.Path()
        path.moveTo(middle - half, floor)
        path.cubicTo(middle - half * 1.08, floor + width * 0.5, back, y + width * 0.32, x, y + width * 0.36)
        path.cubicTo(x + (front - x) * 0.5, y + width * 0.34, middle + half * 1.08, floor + width * 0.62, middle + half, floor)
        path.close()
        pen.solid(path, self.shoes, 0.22)

    def draw_torso(self, pen: Pen, torso: Torso, pose: BodyPose) -> None:
        """Top, coat, apron, collar, buttons, tie: everything between the hip and the neck but arms and scarf."""
        top = self.top
        long = self.hem() is not None
        path = curve(torso.outline(low=0.16 if long else -0.12), tension=0.8)
        coat = self.coat
        closed = coat is not None and coat.cut in ("raincoat", "trench", "long")
        color = coat.color if coat is not None and closed else top.color
        if top.cut == "overalls" and not closed:
            color = "#e8dcc4"
        pen.solid(path, color, 0.17, -1.0 if long else 1.0)
        if not closed:
            self._front_of_top(pen, torso)
        if coat and not closed:
            self._open_coat(pen, torso, coat)
        if coat and closed:
            self._closed_coat(pen, torso, coat)
        if self.tie and not (closed and coat and coat.cut == "raincoat"):
            self._tie(pen, torso, self.tie)
        if self.apron and not closed:
            self._apron(pen, torso, pose, self.apron)

    def draw_skirt(self, pen: Pen, body: Skeleton, pose: BodyPose) -> None:
        """The part of a dress, robe, coat or skirt that hangs below the hip."""
        hem = self.hem()
        if hem is None:
            return
        garment = self.coat if self.coat and self.coat.cut in _HEMS else self.top if self.top.cut in _HEMS else self.bottom
        size = self.size
        flare = {"gown": 1.9, "dress": 1.62, "robe": 1.5, "skirt": 1.5, "raincoat": 1.45, "trench": 1.36}.get(garment.cut, 1.3)
        fold = 1 - 0.55 * body.seated
        low = hem * fold + body.seated * 0.04
        knees = [leg.knee for leg in body.legs]
        ankles = [leg.ankle for leg in body.legs]
        reach = [
            _between(k, a, 0.15 + 0.7 * (1 - hem / (0.28 * size.height))) if hem < 0.28 * size.height else k
            for k, a in zip(knees, ankles, strict=True)
        ]
        half = size.hip * flare * (0.84 + 0.16 * abs(body.cos))
        left = min(-half, min(x for x, _ in reach) - size.leg_width * 0.75)
        right = max(half, max(x for x, _ in reach) + size.leg_width * 0.75)
        sway = pose.sway * 0.05 * size.height - pose.stride_sin * 0.008 * size.height
        if body.seated > 0.3:
            low = min(low, min(y for _, y in knees) - size.leg_width * 0.9)
        hip = size.waist * (0.74 + 0.26 * abs(body.cos)) * 1.02
        belt = body.hip_y + 0.4 * (body.shoulder_y - body.hip_y)
        middle = 0.5 * (left + right) + sway
        path = skia.Path()
        path.moveTo(hip * 0.98, belt)
        path.cubicTo(
            hip * 1.1, belt - 0.14 * size.height, right * 0.9 + sway * 0.4, low + 0.12 * size.height, right + sway, low + 0.012
        )
        path.cubicTo(
            right * 0.6 + sway,
            low - 0.018 * size.height,
            middle + 0.03,
            low - 0.012 * size.height,
            middle,
            low - 0.012 * size.height,
        )
        path.cubicTo(
            middle - 0.03, low - 0.012 * size.height, left * 0.6 + sway, low - 0.018 * size.height, left + sway, low + 0.012
        )
        path.cubicTo(left * 0.9 + sway * 0.4, low + 0.12 * size.height, -hip * 1.1, belt - 0.14 * size.height, -hip * 0.98, belt)
        path.close()
        pen.solid(path, garment.color, 0.15)
        if pen.seen(0.1, 12):
            line = skia.Path()
            for part in (-0.52, -0.12, 0.34, 0.62):
                x = middle + part * (right - left) * 0.5
                line.moveTo(x, low + 0.01)
                line.quadTo(x * 0.9 - sway * 0.2, low + 0.06 * size.height, x * 0.72, low + 0.12 * size.height)
            pen.line(line, pen.tone(garment.color).line & 0x5CFFFFFF, 0.007)
            if garment.cut in ("raincoat", "trench", "long", "labcoat", "robe"):
                front = body.sin * hip * 0.8
                seam = skia.Path()
                seam.moveTo(front, belt)
                seam.quadTo(front * 1.1, (belt + low) / 2, front * 1.2 + middle * 0.6 + 0.01, low)
                pen.line(seam, pen.tone(garment.color).line & 0x90FFFFFF, 0.008)

    def draw_arm(self, pen: Pen, body: Skeleton, index: int) -> None:
        """One arm with sleeve and hand."""
        arm, size = body.arms[index], self.size
        garment = self.outer
        width = size.arm_width * (1.25 if garment.cut in ("spacesuit", "raincoat", "gown", "robe", "sweater") else 1.1)
        short = garment.cut in ("tshirt", "tunic") or (garment.cut == "dress" and self.size.height > 1.35)
        hand = arm.hand
        self._hand(pen, arm.elbow, hand)
        if short:
            pen.limb((arm.shoulder, arm.elbow, hand), (width * 0.92, width * 0.86, width * 0.66), self.skin)
            middle = _between(arm.shoulder, arm.elbow, 0.62)
            pen.limb(
                (arm.shoulder, _between(arm.shoulder, arm.elbow, 0.3), middle),
                (width * 1.18, width * 1.2, width * 1.16),
                garment.color,
            )
            return
        color = "#e8dcc4" if garment.cut == "overalls" else garment.color
        wide = 1.5 if garment.cut in ("robe", "gown") else 1.0
        cuff = _between(arm.elbow, hand, 0.86)
        pen.limb((arm.shoulder, arm.elbow, cuff), (width * 1.16, width * 1.0, width * 0.84 * wide), color)
        if pen.seen(width, 14):
            self._cuff(pen, arm.elbow, cuff, width * 0.84 * wide, garment)
        if "arm" in self.injury and index == 1:
            pen.limb(
                (_between(arm.elbow, hand, 0.2), _between(arm.elbow, hand, 0.45), _between(arm.elbow, hand, 0.7)),
                (width,) * 3,
                "#f1ebe0",
            )

    def _cuff(self, pen: Pen, elbow: Point, cuff: Point, width: float, garment: Garment) -> None:
        dx, dy = cuff[0] - elbow[0], cuff[1] - elbow[1]
        length = math.hypot(dx, dy) or 1.0
        nx, ny = -dy / length * width * 0.5, dx / length * width * 0.5
        path = skia.Path()
        path.moveTo(cuff[0] + nx, cuff[1] + ny)
        path.lineTo(cuff[0] - nx, cuff[1] - ny)
        color = pen.tone("#f1ebe0").lit if self.coat and self.coat.cut == "suit" else pen.tone(garment.color).line & 0x9AFFFFFF
        if garment.cut == "uniform":
            color = pen.tone("#e0b548").lit
        pen.line(path, color, width * 0.16)

    def _hand(self, pen: Pen, elbow: Point, hand: Point) -> None:
        color = "#d9dade" if self.top.cut == "spacesuit" and self.outer is self.top else self.skin
        size = self.size.height * 0.029
        dx, dy = hand[0] - elbow[0], hand[1] - elbow[1]
        length = math.hypot(dx, dy) or 1.0
        ux, uy = dx / length, dy / length
        x, y = hand[0] + ux * size * 0.5, hand[1] + uy * size * 0.5
        tone = pen.tone(color)
        canvas = pen.canvas
        canvas.save()
        canvas.translate(x, y)
        canvas.rotate(math.degrees(math.atan2(uy, ux)))
        inner = 1 if hand[0] < 0 else -1
        pen.oval(size * 0.2, inner * size * 0.72, size * 0.72, size * 0.34, tone.dim)
        pen.oval(size * 0.15, 0, size * 1.28, size * 0.98, tone.dim)
        pen.oval(size * 0.1, size * 0.06, size * 1.16, size * 0.86, tone.lit)
        if pen.seen(size, 14):
            for offset in (-0.28, 0.12):
                crease = skia.Path()
                crease.moveTo(size * 0.75, size * offset)
                crease.lineTo(size * 1.3, size * offset * 1.1)
                pen.line(crease, tone.line & 0x70FFFFFF, size * 0.1)
        canvas.restore()

    def _front_of_top(self, pen: Pen, torso: Torso) -> None:
        cut, color = self.top.cut, self.top.color
        if not pen.seen(torso.size.height * 0.02, 3):
            return
        line = pen.tone(color).line & 0xA0FFFFFF
        if cut in ("striped",):
            self._stripes(pen, torso)
        elif cut == "shirt":
            self._placket(pen, torso, line, buttons="#f4efe4")
            self._collar(pen, torso, color)
        elif cut == "uniform":
            self._uniform(pen, torso)
        elif cut == "overalls":
            self._bib(pen, torso, color)
        elif cut in ("sweater", "hoodie"):
            self._ribs(pen, torso, line)
        elif cut in ("spacesuit", "wetsuit", "jumpsuit"):
            self._suit_panels(pen, torso, line)
        elif cut in ("dress", "gown", "tunic"):
            self._waistband(pen, torso, line)
        elif cut == "robe":
            self._placket(pen, torso, line, buttons=None)

    def _stripes(self, pen: Pen, torso: Torso) -> None:
        canvas = pen.canvas
        canvas.save()
        canvas.clipPath(curve(torso.outline(), tension=0.8), True)
        pen.paint.setColor(pen.tone("#f4efe4").lit)
        step = (torso.shoulder_y - torso.hip_y) / 6
        for index in range(6):
            y = torso.hip_y + index * step
            canvas.drawRect(skia.Rect.MakeLTRB(-1, y, 1, y + step * 0.42), pen.paint)
        canvas.restore()

    def _placket(self, pen: Pen, torso: Torso, line: int, buttons: str | None) -> None:
        path = skia.Path()
        facing = torso.at(0.0, 0.5)[2]
        if facing < 0.1:
            return
        path.moveTo(*torso.at(0.0, 0.94)[:2])
        path.quadTo(*torso.at(0.0, 0.5, 1.06)[:2], *torso.at(0.0, -0.05)[:2])
        pen.line(path, line, 0.006)
        if buttons and pen.seen(0.012, 2):
            color = pen.tone(buttons).lit
            for t in (0.14, 0.34, 0.54, 0.74):
                x, y, _ = torso.at(0.05, t, 1.02)
                pen.dot(x, y, torso.size.height * 0.006, color)

    def _collar(self, pen: Pen, torso: Torso, color: str) -> None:
        tone = pen.tone(color)
        centre = torso.at(0.0, 0.9)
        neck = torso.size.head * 0.44
        y = torso.shoulder_y + torso.size.head * 0.12
        for side in (-1, 1):
            flap = polygon(
                (
                    (centre[0] * 0.8, y - 0.035),
                    (side * neck + centre[0] * 0.2, y + 0.035),
                    (side * neck * 1.16 + centre[0] * 0.3, y - 0.03),
                    (side * neck * 0.55 + centre[0] * 0.8, y - 0.085),
                )
            )
            pen.flat(flap, tone.rim if side * pen.light.key_x > 0 else tone.lit)
            pen.line(flap, tone.line & 0x60FFFFFF, 0.004)

    def _uniform(self, pen: Pen, torso: Torso) -> None:
        gold = pen.tone("#e0b548").lit
        self._placket(pen, torso, gold, buttons=None)
        for angle in (-0.34, 0.34):
            for t in (0.2, 0.42, 0.64, 0.82):
                x, y, facing = torso.at(angle, t)
                if facing > 0.2:
                    pen.dot(x, y, torso.size.height * 0.0085, gold)
        for angle in (-1.25, 1.25):
            x, y, facing = torso.at(angle, 0.96)
            if facing > -0.4:
                pen.oval(x, y + 0.005, torso.size.height * 0.028, torso.size.height * 0.011, gold)
        self._belt(pen, torso, "#3a2c2a", "#e0b548")

    def _belt(self, pen: Pen, torso: Torso, color: str, buckle: str) -> None:
        half = torso.half(0.28) + 0.004
        y = torso.hip_y + 0.26 * (torso.shoulder_y - torso.hip_y)
        high = torso.size.height * 0.022
        push = torso.sin * torso.size.waist * 0.1
        band = curve(
            (
                (-half + push, y + high * 0.6),
                (push, y + high * 0.2),
                (half + push, y + high * 0.6),
                (half + push, y - high * 0.5),
                (push, y - high),
                (-half + push, y - high * 0.5),
            ),
            tension=0.7,
        )
        pen.lit(band, color)
        x, _, facing = torso.at(0.0, 0.26)
        if facing > 0.15:
            pen.paint.setColor(pen.tone(buckle).lit)
            pen.canvas.drawRect(skia.Rect.MakeLTRB(x - high * 0.8, y - high * 1.1, x + high * 0.8, y + high * 0.4), pen.paint)

    def _bib(self, pen: Pen, torso: Torso, color: str) -> None:
        left, right = torso.at(-0.62, 0.66), torso.at(0.62, 0.66)
        low_left, low_right = torso.at(-1.3, 0.3), torso.at(1.3, 0.3)
        base = curve(torso.outline(low=-0.12), tension=0.8)
        canvas = pen.canvas
        canvas.save()
        canvas.clipPath(base, True)
        shape = polygon(
            (
                (left[0], left[1]),
                (right[0], right[1]),
                (low_right[0], low_right[1]),
                (1, low_right[1] - 0.02),
                (1, -1),
                (-1, -1),
                (-1, low_left[1] - 0.02),
                (low_left[0], low_left[1]),
            )
        )
        pen.lit(shape, color)
        for angle, top in ((-0.5, left), (0.5, right)):
            shoulder = torso.at(angle * 1.2, 1.06)
            strap = skia.Path()
            strap.moveTo(top[0], top[1])
            strap.lineTo(shoulder[0], shoulder[1])
            pen.line(strap, pen.tone(color).lit, torso.size.height * 0.022)
            pen.dot(top[0], top[1] - 0.012, torso.size.height * 0.009, pen.tone("#e0b548").lit)
        canvas.restore()

    def _ribs(self, pen: Pen, torso: Torso, line: int) -> None:
        neck = torso.size.head * 0.5
        y = torso.shoulder_y + torso.size.head * 0.1
        x = torso.sin * torso.size.head * 0.1
        pen.oval(x, y, neck * 1.02, neck * 0.34, pen.tone(self.top.color).dim)
        pen.oval(x, y + neck * 0.1, neck * 0.86, neck * 0.26, pen.tone(self.skin).dim)
        path = skia.Path()
        for t in (0.0, 0.05):
            a, b = torso.at(-1.2 - torso.theta, t), torso.at(1.2 - torso.theta, t)
            path.moveTo(a[0], a[1])
            path.quadTo(0, a[1] - 0.02, b[0], b[1])
        pen.line(path, line & 0x80FFFFFF, 0.006)

    def _suit_panels(self, pen: Pen, torso: Torso, line: int) -> None:
        self._placket(pen, torso, line, buttons=None)
        accent = {"spacesuit": "#e2603f", "wetsuit": "#3fa0b0"}.get(self.top.cut, "#e0d0a8")
        if self.top.cut == "spacesuit":
            x, y, facing = torso.at(0.0, 0.55)
            if facing > 0.1:
                high = torso.size.height * 0.045
                pen.paint.setColor(pen.tone("#55606e").lit)
                pen.canvas.drawRoundRect(
                    skia.Rect.MakeLTRB(x - high * 1.2 * facing, y - high, x + high * 1.2 * facing, y + high * 0.7),
                    0.012,
                    0.012,
                    pen.paint,
                )
                for index, color in enumerate(("#e2603f", "#f2b632", "#7fe6e0")):
                    pen.dot(x + (index - 1) * high * 0.62 * facing, y + high * 0.2, high * 0.2, pen.tone(color).lit)
            ring = torso.size.head * 0.62
            pen.oval(torso.sin * 0.01, torso.shoulder_y + torso.size.head * 0.12, ring, ring * 0.32, pen.tone("#b9bec8").dim)
            pen.oval(
                torso.sin * 0.01, torso.shoulder_y + torso.size.head * 0.16, ring * 0.86, ring * 0.24, pen.tone("#55606e").dim
            )
        for side in (-1, 1):
            path = skia.Path()
            points = [torso.at(side * 0.95, t) for t in (0.0, 0.45, 0.9)]
            if points[1][2] > 0.1:
                path.moveTo(points[0][0], points[0][1])
                path.quadTo(points[1][0], points[1][1], points[2][0], points[2][1])
                pen.line(path, pen.tone(accent).lit, torso.size.height * 0.009)
        self._belt(pen, torso, accent if self.top.cut != "spacesuit" else "#b9bec8", "#f4efe4")

    def _waistband(self, pen: Pen, torso: Torso, line: int) -> None:
        half, y = torso.half(0.4) + 0.002, torso.hip_y + 0.4 * (torso.shoulder_y - torso.hip_y)
        push = torso.sin * torso.size.waist * 0.14
        path = skia.Path()
        path.moveTo(-half + push, y + 0.01)
        path.quadTo(push, y - 0.025, half + push, y + 0.01)
        pen.line(path, line, torso.size.height * 0.011)
        neck = torso.size.head * 0.52
        x = torso.sin * torso.size.head * 0.3
        scoop = skia.Path()
        scoop.moveTo(x - neck, torso.shoulder_y + torso.size.head * 0.2)
        scoop.quadTo(
            x,
            torso.shoulder_y - torso.size.head * (0.7 if self.top.cut == "gown" else 0.45),
            x + neck,
            torso.shoulder_y + torso.size.head * 0.2,
        )
        scoop.close()
        pen.lit(scoop, self.skin)

    def _open_coat(self, pen: Pen, torso: Torso, coat: Garment) -> None:
        """Two fronts that leave the top visible between them."""
        if coat.cut == "cape":
            self._cape_front(pen, torso, coat)
            return
        low = 0.02 if coat.cut == "vest" else -0.13
        gap_top, gap_low = (0.5, 0.16) if coat.cut in ("suit", "vest", "jacket") else (0.42, 0.34)
        outline = curve(torso.outline(low=low, grow=0.006), tension=0.8)
        canvas = pen.canvas
        canvas.save()
        canvas.clipPath(outline, True)
        tone = pen.tone(coat.color)
        for side in (-1, 1):
            inner_top, inner_mid, inner_low = (
                torso.at(side * gap_top, 0.98),
                torso.at(side * 0.1, 0.42),
                torso.at(side * gap_low, low),
            )
            edge = side * 1.0
            if inner_mid[2] < -0.2 and side * torso.sin > 0:
                continue
            shape = polygon(
                (
                    (inner_top[0], torso.shoulder_y + 0.1),
                    inner_top[:2],
                    inner_mid[:2],
                    (inner_low[0], torso.hip_y - 0.2),
                    (edge, torso.hip_y - 0.2),
                    (edge, torso.shoulder_y + 0.1),
                )
            )
            pen.flat(shape, tone.dim if side * pen.light.key_x < -0.15 else tone.lit)
            if pen.seen(0.03, 4) and coat.cut in ("suit", "jacket", "labcoat"):
                lapel = polygon((inner_top[:2], torso.at(side * 0.82, 0.8)[:2], torso.at(side * 0.6, 0.72)[:2], inner_mid[:2]))
                pen.flat(lapel, tone.rim)
                pen.line(lapel, tone.line & 0x70FFFFFF, 0.005)
            if pen.seen(0.03, 5):
                a, b = torso.at(side * 0.5, 0.16), torso.at(side * 0.85, 0.18)
                if a[2] > 0.2:
                    pocket = skia.Path()
                    pocket.moveTo(a[0], a[1])
                    pocket.lineTo(b[0], b[1])
                    pen.line(pocket, tone.line & 0xA0FFFFFF, 0.008)
        canvas.restore()
        if pen.seen(0.012, 2) and coat.cut in ("suit", "vest", "cardigan"):
            for t in (0.1, 0.26):
                x, y, facing = torso.at(0.12, t)
                if facing > 0.2:
                    pen.dot(x, y, torso.size.height * 0.007, tone.line)

    def _cape_front(self, pen: Pen, torso: Torso, coat: Garment) -> None:
        x = torso.sin * torso.size.head * 0.3
        y = torso.shoulder_y + torso.size.head * 0.06
        half = torso.half(0.95) * 1.06
        path = curve(
            (
                (x - half, y - 0.04),
                (x - half * 0.5, y + 0.05),
                (x + half * 0.5, y + 0.05),
                (x + half, y - 0.04),
                (x + half * 0.4, y - 0.075),
                (x, y - 0.085),
                (x - half * 0.4, y - 0.075),
            )
        )
        pen.solid(path, coat.color, 0.15)
        pen.dot(x + torso.sin * 0.05, y - 0.045, torso.size.height * 0.014, pen.tone("#e0b548").lit)

    def _closed_coat(self, pen: Pen, torso: Torso, coat: Garment) -> None:
        tone = pen.tone(coat.color)
        line = tone.line & 0xA8FFFFFF
        if not pen.seen(0.02, 3):
            return
        if coat.cut == "trench":
            for angle in (-0.32, 0.32):
                for t in (0.1, 0.48, 0.66):
                    x, y, facing = torso.at(angle, t)
                    if facing > 0.2:
                        pen.dot(x, y, torso.size.height * 0.008, tone.line)
            self._lapels(pen, torso, coat, 0.52)
            self._belt(pen, torso, _darker(coat.color), "#6a4a34")
            return
        self._placket(pen, torso, line, buttons="#6a5a34" if coat.cut == "raincoat" else "#e0c98a")
        if coat.cut == "long":
            self._lapels(pen, torso, coat, 0.55)
        else:
            self._storm_collar(pen, torso, coat)
        for side in (-1, 1):
            a, b = torso.at(side * 0.45, 0.12), torso.at(side * 0.95, 0.14)
            if a[2] > 0.15:
                pocket = skia.Path()
                pocket.moveTo(a[0], a[1])
                pocket.lineTo(b[0], b[1])
                pen.line(pocket, line, 0.011)

    def _lapels(self, pen: Pen, torso: Torso, coat: Garment, low: float) -> None:
        tone, inner = pen.tone(coat.color), pen.tone(self.top.color)
        centre = torso.at(0.0, low)
        a, b = torso.at(-0.5, 1.0), torso.at(0.5, 1.0)
        pen.flat(polygon(((a[0], torso.shoulder_y + 0.04), (b[0], torso.shoulder_y + 0.04), centre[:2])), inner.lit)
        for side in (-1, 1):
            top = torso.at(side * 0.5, 1.0)
            if top[2] < -0.3:
                continue
            flap = polygon(
                ((top[0], torso.shoulder_y + 0.055), torso.at(side * 1.1, 0.94)[:2], torso.at(side * 0.78, 0.74)[:2], centre[:2])
            )
            pen.flat(flap, tone.rim if side * pen.light.key_x > 0 else tone.lit)
            pen.line(flap, tone.line & 0x80FFFFFF, 0.005)

    def _storm_collar(self, pen: Pen, torso: Torso, coat: Garment) -> None:
        tone = pen.tone(coat.color)
        x, y = torso.sin * torso.size.head * 0.22, torso.shoulder_y + torso.size.head * 0.1
        half = torso.size.head * 0.74
        path = curve(
            (
                (x - half, y + 0.02),
                (x - half * 0.7, y + 0.07),
                (x, y + 0.03),
                (x + half * 0.7, y + 0.07),
                (x + half, y + 0.02),
                (x + half * 0.5, y - 0.055),
                (x, y - 0.035),
                (x - half * 0.5, y - 0.055),
            )
        )
        pen.solid_tone(path, tone, 0.2)
        pen.line(path, tone.line & 0x58FFFFFF, 0.005)

    def _tie(self, pen: Pen, torso: Torso, tie: Garment) -> None:
        x, y, facing = torso.at(0.0, 0.93)
        if facing < 0.1:
            return
        unit = torso.size.height * 0.022
        y = torso.shoulder_y - unit * 0.3
        tone = pen.tone(tie.color)
        if tie.cut == "bow":
            for side in (-1, 1):
                pen.flat(
                    polygon(((x, y), (x + side * unit * 1.7, y + unit * 0.9), (x + side * unit * 1.7, y - unit * 0.9))), tone.lit
                )
            pen.dot(x, y, unit * 0.48, tone.dim)
        elif tie.cut == "jabot":
            for index in range(3):
                pen.oval(x, y - index * unit * 1.5, unit * (1.5 - 0.1 * index), unit * 1.2, tone.lit if index % 2 else tone.rim)
                pen.line(
                    curve(
                        (
                            (x - unit, y - unit * (0.6 + index * 1.5)),
                            (x, y - unit * (1.0 + index * 1.5)),
                            (x + unit, y - unit * (0.6 + index * 1.5)),
                        ),
                        closed=False,
                    ),
                    tone.line & 0x60FFFFFF,
                    0.004,
                )
        else:
            low = torso.at(0.0, 0.3, 1.04)
            pen.flat(
                polygon(
                    (
                        (x - unit * 0.55, y),
                        (x + unit * 0.55, y),
                        (low[0] + unit * 0.95, low[1] + unit),
                        (low[0], low[1] - unit),
                        (low[0] - unit * 0.95, low[1] + unit),
                    )
                ),
                tone.lit,
            )
            pen.flat(
                polygon(
                    (
                        (x - unit * 0.8, y + unit * 0.7),
                        (x + unit * 0.8, y + unit * 0.7),
                        (x + unit * 0.5, y - unit * 0.8),
                        (x - unit * 0.5, y - unit * 0.8),
                    )
                ),
                tone.rim,
            )

    def _apron(self, pen: Pen, torso: Torso, pose: BodyPose, apron: Garment) -> None:
        size = torso.size
        top_l, top_r = torso.at(-0.6, 0.76), torso.at(0.6, 0.76)
        waist_l, waist_r = torso.at(-1.05, 0.3), torso.at(1.05, 0.3)
        x = torso.sin * size.hip * 0.7 + pose.sway * 0.02
        low = torso.hip_y - 0.13 * size.height
        half = size.hip * 0.92 * (0.4 + 0.6 * torso.cos)
        path = skia.Path()
        path.moveTo(*top_l[:2])
        path.quadTo((top_l[0] + top_r[0]) / 2, top_l[1] - 0.015, *top_r[:2])
        path.quadTo(top_r[0] * 1.02, waist_r[1] + 0.05, *waist_r[:2])
        path.cubicTo(waist_r[0] * 1.02, torso.hip_y, x + half, low + 0.1, x + half, low)
        path.quadTo(x, low - 0.03, x - half, low)
        path.cubicTo(x - half, low + 0.1, waist_l[0] * 1.02, torso.hip_y, *waist_l[:2])
        path.quadTo(top_l[0] * 1.02, waist_l[1] + 0.05, *top_l[:2])
        pen.solid(path, apron.color, 0.13)
        tone = pen.tone(apron.color)
        straps = skia.Path()
        for top, angle in ((top_l, -0.52), (top_r, 0.52)):
            straps.moveTo(*top[:2])
            straps.lineTo(*torso.at(angle, 1.04)[:2])
        pen.line(straps, tone.lit, size.height * 0.012)
        if pen.seen(0.05, 8):
            pocket = curve(
                (
                    (x - half * 0.5, torso.hip_y + 0.03),
                    (x + half * 0.5, torso.hip_y + 0.03),
                    (x + half * 0.46, torso.hip_y - 0.05),
                    (x - half * 0.46, torso.hip_y - 0.05),
                ),
                tension=0.3,
            )
            pen.line(pocket, tone.line & 0x80FFFFFF, 0.006)

    def draw_scarf(self, pen: Pen, torso: Torso, pose: BodyPose) -> None:
        """A scarf about the neck with a hanging end, or a shawl."""
        if self.scarf is None:
            return
        unit = torso.size.head
        x, y = torso.sin * unit * 0.2, torso.shoulder_y + unit * 0.16
        color = self.scarf.color
        if self.scarf.cut == "shawl":
            half = torso.half(0.9) * 1.14
            shawl = curve(
                (
                    (-half, y - unit * 0.75),
                    (-half * 0.7, y - unit * 0.05),
                    (0, y + unit * 0.14),
                    (half * 0.7, y - unit * 0.05),
                    (half, y - unit * 0.75),
                    (x, y - unit * 1.5),
                )
            )
            pen.solid(shawl, color, 0.16)
            return
        side = 1 if torso.sin <= 0 else -1
        ex = x + side * unit * 0.36
        wind = pose.sway * unit * 0.4
        end = curve(
            (
                (ex - unit * 0.18, y),
                (ex + unit * 0.18, y),
                (ex + unit * 0.26 + wind, y - unit * 1.25),
                (ex - unit * 0.14 + wind, y - unit * 1.3),
            ),
            tension=0.5,
        )
        pen.solid(end, _darker(color), 0.16)
        band = curve(
            (
                (x - unit * 0.64, y + unit * 0.02),
                (x - unit * 0.4, y + unit * 0.22),
                (x, y + unit * 0.16),
                (x + unit * 0.4, y + unit * 0.22),
                (x + unit * 0.64, y + unit * 0.02),
                (x + unit * 0.36, y - unit * 0.26),
                (x, y - unit * 0.3),
                (x - unit * 0.36, y - unit * 0.26),
            )
        )
        pen.solid(band, color, 0.2)

    def draw_cape(self, pen: Pen, torso: Torso, pose: BodyPose) -> None:
        """The part of a cape that hangs behind."""
        if self.coat is None or self.coat.cut != "cape":
            return
        size = self.size
        half, low = torso.half(0.9) * 1.3, min(torso.hip_y * 0.4, 0.12 * size.height)
        wind = pose.sway * 0.12 - torso.sin * 0.14 - pose.stride_sin * 0.02
        path = curve(
            (
                (-half * 0.7, torso.shoulder_y + 0.03),
                (half * 0.7, torso.shoulder_y + 0.03),
                (half + wind * 0.5, torso.hip_y),
                (half * 1.3 + wind, low),
                (wind, low - 0.02),
                (-half * 1.3 + wind, low),
                (-half + wind * 0.5, torso.hip_y),
            ),
            tension=0.7,
        )
        pen.flat(path, pen.tone(self.coat.color).dim)


def _garment(value: FactValue) -> Garment | None:
    return Garment(str(value.get("cut", "")), str(value.get("color", "#6b5a4e"))) if isinstance(value, dict) else None


def _between(a: Point, b: Point, t: float) -> Point:
    return (a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t)


def _darker(color: str) -> str:
    channels = [int(color[i : i + 2], 16) for i in (1, 3, 5)]
    return "#" + "".join(f"{round(c * 0.84):02x}" for c in channels)


def _smooth(t: float) -> float:
    t = max(0.0, min(1.0, t))
    return t * t * (3 - 2 * t)
