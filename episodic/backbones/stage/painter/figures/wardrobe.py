"""Clothes on a body: the torso with its garments, sleeves, trousers, skirts and shoes. Metres, y up, about the hip's middle."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

import skia

from episodic.backbones.stage.painter.figures.human_body import Proportions, Skeleton
from episodic.backbones.stage.painter.figures.pose import BodyPose
from episodic.backbones.stage.painter.figures.wardrobe_front import Front
from episodic.backbones.stage.painter.figures.wardrobe_torso import Torso, darker, garment_of
from episodic.backbones.stage.painter.pen import Pen, Point, curve
from episodic.looks.clothes import Garment
from memory.model.facts import FactValue

__all__ = ["Wardrobe"]

_CLOSED: Final = ("raincoat", "trench", "long", "labcoat")
"""Coats that hide the top except between their lapels."""
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


class Wardrobe:
    """The clothes of one person, built once."""

    def __init__(self, look: Mapping[str, FactValue], size: Proportions) -> None:
        self.size = size
        self.skin = str(look.get("skin", "#e8b88f"))
        self.top = garment_of(look.get("top")) or Garment(cut="shirt", color="#b5593f")
        self.bottom = garment_of(look.get("bottom")) or Garment(cut="trousers", color="#3d4a66")
        self.coat, self.apron = garment_of(look.get("coat")), garment_of(look.get("apron"))
        self.scarf, self.tie = garment_of(look.get("scarf")), garment_of(look.get("tie"))
        self.shoes = "#d9dade" if self.top.cut == "spacesuit" else str(look.get("shoes", "#4a3328"))
        if self.coat and self.coat.cut == "raincoat":
            self.shoes = "#3a4f4a"
        self.front = Front(self.top, self.coat, self.skin)
        self.injury = str(look.get("injury") or "")

    @property
    def outer(self) -> Garment:
        """The garment that covers the arms."""
        return self.coat if self.coat and self.coat.cut not in ("vest", "cape") else self.top

    def hem(self) -> float | None:
        """Height in metres of the lower edge of a long garment; None without one."""
        for garment in (self.coat, self.top):
            if garment and garment.cut in _HEMS:
                return _HEMS[garment.cut] * self.size.height
        return 0.24 * self.size.height if self.bottom.cut == "skirt" and self.top.cut not in ONE_PIECE else None

    def draw_leg(self, pen: Pen, body: Skeleton, index: int) -> None:
        """Draw one leg with its shoe; the caller draws the far leg first."""
        leg, size = body.legs[index], self.size
        width = size.leg_width
        bare = self._bare_legs()
        color = self.top.color if self.top.cut in ONE_PIECE else self.skin if bare == "all" else self.bottom.color
        puffy = 1.32 if self.top.cut == "spacesuit" else 1.0
        pen.limb((leg.hip, leg.knee, leg.ankle), (width * 1.55 * puffy, width * 1.08 * puffy, width * 0.8 * puffy), color)
        if bare == "shin":
            pen.limb(
                (leg.knee, _between(leg.knee, leg.ankle, 0.5), leg.ankle), (width * 0.82, width * 0.78, width * 0.66), self.skin
            )
        self._shoe(pen, leg.ankle, leg.toe, width * puffy)

    def _bare_legs(self) -> str:
        """How much of the legs is bare: `all`, `shin`, or nothing."""
        if self.top.cut in ONE_PIECE:
            return ""
        if self.top.cut in ("dress", "gown") or self.bottom.cut == "skirt":
            return "all"
        return "shin" if self.bottom.cut == "shorts" else ""

    def _shoe(self, pen: Pen, ankle: Point, toe: float, width: float) -> None:
        """A shoe on an ankle."""
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

    def draw_torso(self, pen: Pen, torso: Torso, body: Skeleton, pose: BodyPose) -> None:
        """Draw top, coat, apron, collar, buttons and tie with their hems, in the leaned space of the upper body."""
        top, coat = self.top, self.coat
        closed = coat is not None and coat.cut in _CLOSED
        color = coat.color if coat is not None and closed else top.color
        if top.cut == "overalls" and not closed:
            color = "#e8dcc4"
        hanging = self._hanging()
        if hanging is None:
            path = curve(torso.outline(0.02 if self.hem() is not None else -0.12), tension=0.8)
        else:
            path = self._long_outline(torso, body, pose)
        pen.solid(path, color if hanging is None or closed or coat is None else top.color, 0.15)
        if hanging is not None:
            self._folds(pen, torso, body, pose, hanging)
        if not closed:
            self.front.draw_top(pen, torso)
        if coat and not closed:
            self.front.draw_open_coat(pen, torso, coat)
        if coat and closed:
            self.front.draw_closed_coat(pen, torso, coat)
        if self.tie and not (closed and coat and coat.cut == "raincoat"):
            self.front.draw_tie(pen, torso, self.tie)
        if self.apron and not closed:
            self.front.draw_apron(pen, torso, pose, self.apron)

    def _hanging(self) -> Garment | None:
        """The garment that hangs from the shoulders past the hip; None without one."""
        return next((garment for garment in (self.coat, self.top) if garment and garment.cut in _HEMS), None)

    def _fall(self, body: Skeleton, pose: BodyPose, cut: str) -> tuple[float, float, float, float]:
        """Left, right and lower edge of the hanging garment, and its sway, upright."""
        size, hem = self.size, self.hem() or 0.0
        flare = {"gown": 1.9, "dress": 1.62, "robe": 1.5, "skirt": 1.5, "raincoat": 1.45, "trench": 1.36}.get(cut, 1.3)
        knees = [leg.knee for leg in body.legs]
        t = max(0.0, 0.15 + 0.7 * (1 - hem / (0.28 * size.height)))
        reach = [_between(leg.knee, leg.ankle, t) for leg in body.legs]
        half = size.hip * flare * (0.84 + 0.16 * abs(body.cos))
        left = min(-half, min(x for x, _ in reach) - size.leg_width * 0.75)
        right = max(half, max(x for x, _ in reach) + size.leg_width * 0.75)
        low = hem * (1 - 0.55 * body.seated) + body.seated * 0.04
        if body.seated > 0.3:
            low = min(low, min(y for _, y in knees) - size.leg_width * 0.9)
        low = max(0.01, min(low, body.hip_y - 0.06 * size.height))
        return left, right, low, pose.sway * 0.05 * size.height - pose.stride_sin * 0.008 * size.height

    def _long_outline(self, torso: Torso, body: Skeleton, pose: BodyPose) -> skia.Path:
        """Torso and hanging garment as one silhouette. The hem hangs plumb while the body leans."""
        size, hanging = self.size, self._hanging()
        left, right, low, sway = self._fall(body, pose, hanging.cut if hanging else "skirt")
        hip = size.hip * (0.76 + 0.24 * abs(body.cos)) * 1.06
        middle = (left + right) / 2 + sway
        soft = 0.02 * size.height
        hem = [
            (left + sway - soft * 0.1, low + soft),
            (left + sway + soft, low - soft * 0.1),
            (middle, low - soft * 0.5),
            (right + sway - soft, low - soft * 0.1),
            (right + sway + soft * 0.1, low + soft),
        ]
        plumb = [self._upright(body, point) for point in hem]
        return curve([*torso.outline(0.3), (-hip, body.hip_y), *plumb, (hip, body.hip_y)], tension=0.8)

    def _upright(self, body: Skeleton, point: Point) -> Point:
        """A point of the standing world in the leaned space."""
        x, y = point[0], point[1] - body.hip_y
        sin, cos = math.sin(body.lean), math.cos(body.lean)
        return (x * cos - y * sin, body.hip_y + x * sin + y * cos)

    def _folds(self, pen: Pen, torso: Torso, body: Skeleton, pose: BodyPose, garment: Garment) -> None:
        """The folds of a long garment."""
        if not pen.seen(0.1, 12):
            return
        size = self.size
        left, right, low, sway = self._fall(body, pose, garment.cut)
        middle = (left + right) / 2 + sway
        tone = pen.tone(garment.color)
        line = skia.Path()
        for part in (-0.55, -0.16, 0.3, 0.62):
            x = middle + part * (right - left) * 0.5
            line.moveTo(*self._upright(body, (x, low + 0.012)))
            line.quadTo(
                *self._upright(body, (x * 0.92 - sway * 0.2, low + 0.05 * size.height)), x * 0.78, low + 0.11 * size.height
            )
        pen.line(line, tone.line & 0x5CFFFFFF, 0.007)
        if garment.cut in ("raincoat", "trench", "long", "labcoat", "robe"):
            seam = skia.Path()
            seam.moveTo(*torso.at(0.0, 0.12)[:2])
            seam.lineTo(*self._upright(body, (body.sin * size.hip * 0.8 + middle * 0.5, low)))
            pen.line(seam, tone.line & 0x90FFFFFF, 0.008)

    def draw_skirt(self, pen: Pen, body: Skeleton, pose: BodyPose) -> None:
        """A skirt of its own, under the top."""
        if self._hanging() is not None or self.hem() is None:
            return
        left, right, low, sway = self._fall(body, pose, "skirt")
        hip = self.size.hip * (0.76 + 0.24 * abs(body.cos))
        middle = (left + right) / 2 + sway
        belt = body.hip_y + 0.06 * self.size.height
        edge = [
            (right + sway, low + 0.02),
            (right + sway - 0.02, low),
            (middle, low - 0.01),
            (left + sway + 0.02, low),
            (left + sway, low + 0.02),
        ]
        path = curve(
            [(-hip * 0.9, belt), (hip * 0.9, belt), (hip * 1.06, body.hip_y), *edge, (-hip * 1.06, body.hip_y)], tension=0.8
        )
        pen.solid(path, self.bottom.color, 0.15)

    def draw_arm(self, pen: Pen, body: Skeleton, index: int) -> None:
        """Draw one arm with sleeve and hand."""
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
        """The edge of a sleeve."""
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
        """A hand, or a glove."""
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
        pen.solid(end, darker(color), 0.16)
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
        """Draw the part of a cape that hangs behind."""
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


def _between(a: Point, b: Point, t: float) -> Point:
    """The point at share `t` of the way from a to b."""
    return (a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t)
