"""Beasts: storybook animals that stand on their hind legs, with ears, muzzle and tail of their species."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import skia

from episodic.backbones.stage.painter.face import EyeStyle, MouthStyle, draw_brow, draw_cheek, draw_eye, draw_mouth
from episodic.backbones.stage.painter.figure_pen import Pen, Point, curve, ellipse
from episodic.backbones.stage.painter.figure_pose import BodyPose
from episodic.backbones.stage.painter.human_body import Proportions, Skeleton, skeleton
from episodic.backbones.stage.painter.props import draw_in_hand
from episodic.backbones.stage.painter.wardrobe import Garment
from episodic.backbones.stage.painter.wardrobe_head import draw_glasses, draw_hat
from memory.facts import FactValue

__all__ = ["Beast"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Build:
    """What sets one species apart."""

    ears: str = "point"
    ear: float = 0.8
    muzzle: float = 0.5
    """How far it stands out, in head units."""
    muzzle_wide: float = 0.46
    tail: str = "thin"
    cheeks: float = 0.0
    wide: float = 1.0
    head: float = 0.2
    """Half the head's width, of the height."""
    extra: str = ""
    slit: bool = False


_BUILDS: Final[dict[str, _Build]] = {
    "fox": _Build(ears="point", ear=0.95, muzzle=0.62, muzzle_wide=0.36, tail="brush", cheeks=0.42),
    "wolf": _Build(ears="point", ear=0.8, muzzle=0.7, muzzle_wide=0.42, tail="brush", cheeks=0.34, head=0.17, extra="ruff"),
    "cat": _Build(ears="point", ear=0.72, muzzle=0.22, muzzle_wide=0.38, tail="long", cheeks=0.2, extra="whiskers", slit=True),
    "tiger": _Build(ears="round", ear=0.5, muzzle=0.3, muzzle_wide=0.5, tail="long", cheeks=0.26, extra="stripes", head=0.17),
    "lion": _Build(ears="round", ear=0.5, muzzle=0.36, muzzle_wide=0.5, tail="tuft", extra="mane", head=0.16),
    "dog": _Build(ears="flop", ear=1.0, muzzle=0.5, muzzle_wide=0.5, tail="long", extra="patch"),
    "bear": _Build(ears="round", ear=0.5, muzzle=0.42, muzzle_wide=0.46, tail="stub", wide=1.3, head=0.165),
    "rabbit": _Build(ears="long", ear=1.5, muzzle=0.2, muzzle_wide=0.34, tail="puff", cheeks=0.1, extra="teeth"),
    "mouse": _Build(ears="big", ear=0.86, muzzle=0.4, muzzle_wide=0.3, tail="string", extra="whiskers", head=0.22),
    "badger": _Build(ears="round", ear=0.36, muzzle=0.55, muzzle_wide=0.38, tail="stub", wide=1.2, extra="badger"),
    "raccoon": _Build(ears="point", ear=0.55, muzzle=0.42, muzzle_wide=0.36, tail="ringed", cheeks=0.36, extra="mask"),
    "squirrel": _Build(ears="point", ear=0.66, muzzle=0.3, muzzle_wide=0.36, tail="plume", extra="teeth", head=0.215),
    "hedgehog": _Build(ears="round", ear=0.36, muzzle=0.55, muzzle_wide=0.28, tail="none", wide=1.25, extra="quills", head=0.22),
    "monkey": _Build(ears="side", ear=0.62, muzzle=0.34, muzzle_wide=0.56, tail="string"),
    "pig": _Build(ears="flop", ear=0.55, muzzle=0.4, muzzle_wide=0.36, tail="curl", wide=1.3, extra="snout"),
    "cow": _Build(ears="side", ear=0.6, muzzle=0.5, muzzle_wide=0.66, tail="tuft", wide=1.2, extra="horns", head=0.15),
    "sheep": _Build(ears="side", ear=0.6, muzzle=0.4, muzzle_wide=0.46, tail="puff", wide=1.3, extra="wool", head=0.165),
    "goat": _Build(ears="side", ear=0.6, muzzle=0.56, muzzle_wide=0.42, tail="stub", extra="horns", head=0.16),
    "deer": _Build(ears="side", ear=0.72, muzzle=0.58, muzzle_wide=0.38, tail="puff", extra="antlers", head=0.135, wide=0.9),
    "horse": _Build(ears="point", ear=0.55, muzzle=0.8, muzzle_wide=0.46, tail="horse", extra="forelock", head=0.14),
    "elephant": _Build(ears="fan", ear=1.2, muzzle=0.2, muzzle_wide=0.3, tail="string", wide=1.35, extra="trunk", head=0.16),
    "frog": _Build(ears="none", muzzle=0.12, muzzle_wide=0.7, tail="none", wide=1.25, extra="frog", head=0.25),
    "turtle": _Build(ears="none", muzzle=0.3, muzzle_wide=0.5, tail="stub", wide=1.3, extra="shell", head=0.2),
    "dragon": _Build(ears="point", ear=0.6, muzzle=0.56, muzzle_wide=0.5, tail="long", extra="horns", head=0.17, slit=True),
}
_PLAIN: Final = _Build(ears="round", ear=0.55, muzzle=0.4, muzzle_wide=0.42, tail="long")


class Beast:
    """One animal on two legs, built once."""

    def __init__(self, look: Mapping[str, FactValue], holding: Mapping[str, FactValue] | None) -> None:
        species = str(look.get("species", "animal"))
        self.species, self.build = species, _BUILDS.get(species, _PLAIN)
        self.coat, self.belly, self.accent = (str(look.get(key, "#a5805c")) for key in ("color", "belly", "accent"))
        height = look.get("height")
        self.height = float(height) if isinstance(height, int | float) else 0.8
        self.fluff = look["fluff"] if isinstance(look.get("fluff"), float) else 1.0
        self.size = _proportions(self.height, self.build)
        young = look.get("age") == "young"
        self.eye = EyeStyle(
            rx=0.215 if not young else 0.235, ry=0.275 if not young else 0.3, iris=str(look.get("eyes", "#5a3a24")), iris_size=0.9,
            lash=0.05, flick=look.get("sex") == "woman", slit=self.build.slit,
        )  # fmt: skip
        self.mouth = MouthStyle(half_width=0.25 if species != "frog" else 0.62, line="#4a2a2a")
        self.scarf, self.coat_worn = _garment(look.get("scarf")), _garment(look.get("coat")) or _garment(look.get("top"))
        self.hat, self.glasses, self.tie = _garment(look.get("hat")), _garment(look.get("glasses")), _garment(look.get("tie"))
        self.injury = str(look.get("injury") or "")
        self.holding = holding

    @property
    def face_y(self) -> float:
        """Metres above the floor of the middle of the face, standing."""
        return self.size.shoulder_y + self.size.head * 0.85

    @property
    def half_width(self) -> float:
        """Metres to the side with the arms hanging."""
        return max(self.size.head * 1.15, self.size.hip * 1.5 + self.size.arm_width)

    def draw(self, pen: Pen, pose: BodyPose) -> None:
        """The animal, standing at the origin."""
        body = skeleton(self.size, pose)
        near, far = (0, 1) if body.sin >= 0 else (1, 0)
        turned = abs(body.sin) > 0.3
        canvas = pen.canvas
        self._tail(pen, body, pose)
        if turned:
            self._lean(pen, body)
            self._arm(pen, body, far)
            canvas.restore()
        for index in (far, near):
            self._leg(pen, body, index)
        self._lean(pen, body)
        self._torso(pen, body, pose)
        self._head(pen, body, pose)
        if not turned:
            self._arm(pen, body, far)
        self._arm(pen, body, near)
        canvas.restore()

    def _lean(self, pen: Pen, body: Skeleton) -> None:
        pen.canvas.save()
        pen.canvas.translate(0, body.hip_y)
        pen.canvas.rotate(-math.degrees(body.lean))
        pen.canvas.translate(0, -body.hip_y)

    def _leg(self, pen: Pen, body: Skeleton, index: int) -> None:
        leg, size = body.legs[index], self.size
        width = size.leg_width
        pen.limb((leg.hip, leg.knee, leg.ankle), (width * 1.5, width * 1.2, width * 0.8), self.coat)
        paw = (
            self.accent
            if self.species in ("fox", "wolf", "badger", "raccoon", "deer", "horse", "cow", "goat", "sheep")
            else self.coat
        )
        x, y = leg.ankle
        half = size.foot * (0.62 + 0.1 * abs(leg.toe))
        pen.solid(ellipse(x + leg.toe * size.foot * 0.42, y - size.height * 0.008, half, size.height * 0.036), paw, 0.24)

    def _arm(self, pen: Pen, body: Skeleton, index: int) -> None:
        arm, width = body.arms[index], self.size.arm_width
        if self.holding is not None and index == 1:
            angle = math.degrees(math.atan2(arm.hand[1] - arm.elbow[1], arm.hand[0] - arm.elbow[0]))
            draw_in_hand(pen, self.holding, arm.hand, angle, self.height)
        sleeve = self.coat_worn.color if self.coat_worn else self.coat
        paw = self.accent if self.species in ("fox", "badger", "raccoon", "horse", "cow", "deer", "wolf") else self.coat
        middle: Point = ((arm.elbow[0] + arm.hand[0]) / 2, (arm.elbow[1] + arm.hand[1]) / 2)
        pen.limb((arm.elbow, middle, arm.hand), (width * 0.98, width * 0.95, width * 1.0), paw)
        pen.limb((arm.shoulder, arm.elbow, middle), (width * 1.1, width * 1.05, width * 0.95), sleeve)

    def _torso(self, pen: Pen, body: Skeleton, pose: BodyPose) -> None:
        size = self.size
        low, top = body.hip_y - size.height * 0.06, body.shoulder_y + size.height * 0.03
        narrow = 0.86 + 0.14 * abs(body.cos)
        hip, chest = size.hip * 1.3 * narrow, size.shoulder * narrow * (1 + 0.02 * pose.breath)
        push = body.sin * hip * 0.14
        path = curve(
            (
                (0, top),
                (chest * 0.9, top - size.height * 0.05),
                (hip * 1.0 + push * 0.5, body.hip_y + size.height * 0.07),
                (hip * 0.8, low),
                (0, low - size.height * 0.012),
                (-hip * 0.8, low),
                (-hip * 1.0 + push * 0.5, body.hip_y + size.height * 0.07),
                (-chest * 0.9, top - size.height * 0.05),
            )
        )
        if self.build.extra == "shell":
            pen.solid(ellipse(-body.sin * hip * 0.4, (low + top) / 2, hip * 1.4, (top - low) * 0.6), self.accent, 0.16)
        if self.build.extra == "quills":
            self._quills(pen, 0, (low + top) / 2, hip * 1.3, (top - low) * 0.62)
        pen.solid(path, self.coat_worn.color if self.coat_worn else self.coat, 0.16)
        if self.build.extra == "wool" and not self.coat_worn:
            for index in range(9):
                angle = index * 0.7
                pen.dot(
                    math.cos(angle) * hip * 0.9,
                    (low + top) / 2 + math.sin(angle) * (top - low) * 0.4,
                    hip * 0.4,
                    pen.tone(self.coat).lit,
                )
        if self.coat_worn is None:
            x = body.sin * hip * 0.5
            half = hip * (0.62 * max(0.25, abs(body.cos)))
            belly = curve(
                (
                    (x, top - size.height * 0.02),
                    (x + half * 0.8, (top + body.hip_y) / 2),
                    (x + half, body.hip_y + size.height * 0.02),
                    (x, low + size.height * 0.01),
                    (x - half, body.hip_y + size.height * 0.02),
                    (x - half * 0.8, (top + body.hip_y) / 2),
                )
            )
            pen.solid(belly, self.belly, 0.1)
        else:
            pen.line(
                curve(
                    (
                        (body.sin * chest * 0.7, top - size.height * 0.05),
                        (body.sin * hip * 0.9, (low + top) / 2),
                        (body.sin * hip * 0.8, low),
                    ),
                    closed=False,
                ),
                pen.tone(self.coat_worn.color).line & 0xA0FFFFFF,
                0.008,
            )
        if self.build.extra == "ruff" and self.coat_worn is None:
            pen.solid(
                curve(
                    (
                        (-chest * 1.1, top),
                        (chest * 1.1, top),
                        (chest * 0.6, top - size.height * 0.1),
                        (0, top - size.height * 0.15),
                        (-chest * 0.6, top - size.height * 0.1),
                    )
                ),
                self.belly,
                0.12,
            )
        if self.scarf:
            self._scarf(pen, body, pose, top, chest)
        if self.tie:
            unit = size.height * 0.04
            for side in (-1, 1):
                pen.lit(
                    curve(
                        ((0, top - unit), (side * unit * 1.6, top - unit * 0.2), (side * unit * 1.6, top - unit * 1.8)),
                        tension=0.3,
                    ),
                    self.tie.color,
                )

    def _scarf(self, pen: Pen, body: Skeleton, pose: BodyPose, top: float, chest: float) -> None:
        if self.scarf is None:
            return
        unit, wind = self.size.height * 0.05, pose.sway * self.size.height * 0.1
        side = -1 if body.sin > 0 else 1
        end = curve(
            (
                (side * chest * 0.4, top),
                (side * chest * 0.75, top),
                (side * chest * 0.85 + wind, top - unit * 3.6),
                (side * chest * 0.3 + wind, top - unit * 3.8),
            ),
            tension=0.5,
        )
        pen.solid(end, self.scarf.color, 0.3)
        pen.solid(
            curve(
                (
                    (-chest * 1.05, top + unit * 0.2),
                    (0, top + unit * 0.6),
                    (chest * 1.05, top + unit * 0.2),
                    (chest * 0.9, top - unit),
                    (0, top - unit * 1.4),
                    (-chest * 0.9, top - unit),
                ),
                tension=0.9,
            ),
            self.scarf.color,
            0.18,
        )

    def _tail(self, pen: Pen, body: Skeleton, pose: BodyPose) -> None:
        kind, high = self.build.tail, self.size.height
        if kind == "none":
            return
        side = -1.0 if body.sin > 0.12 else 1.0
        root = (side * self.size.hip * 0.4, body.hip_y)
        wag = pose.sway * 0.14 * high
        reach = 0.62 + 0.38 * abs(body.sin)
        if kind in ("brush", "ringed", "plume"):
            up = 0.5 if kind == "plume" else 0.12
            f = float(self.fluff)
            tip = (root[0] + side * 0.4 * high * reach + wag, body.hip_y + up * high + 0.02 * high)
            path = curve(
                (
                    root,
                    (root[0] + side * 0.16 * high * reach, body.hip_y - 0.13 * high * f),
                    (root[0] + side * 0.4 * high * reach + wag * 0.5, body.hip_y - 0.12 * high * f),
                    (root[0] + side * 0.5 * high * reach + wag, body.hip_y + 0.04 * high),
                    tip,
                    (root[0] + side * 0.3 * high * reach + wag * 0.6, body.hip_y + 0.08 * high * f),
                )
            )
            pen.solid(path, self.coat, 0.2)
            canvas = pen.canvas
            canvas.save()
            canvas.clipPath(path, True)
            if kind == "ringed":
                for index in range(3):
                    pen.oval(
                        root[0] + side * (0.18 + 0.12 * index) * high * reach + wag * 0.5,
                        body.hip_y,
                        0.025 * high,
                        0.3 * high,
                        pen.tone(self.accent).lit,
                    )
            else:
                pen.flat(ellipse(tip[0] + side * 0.02 * high, tip[1], 0.13 * high, 0.12 * high), pen.tone(self.belly).lit)
            canvas.restore()
            return
        if kind in ("stub", "puff"):
            pen.solid(
                ellipse(root[0] + side * self.size.hip * 0.95, body.hip_y, 0.07 * high, 0.07 * high),
                self.belly if kind == "puff" else self.coat,
                0.2,
            )
            return
        thick = {"string": 0.02, "curl": 0.025, "long": 0.05, "tuft": 0.03, "horse": 0.09}.get(kind, 0.04) * high
        far = root[0] + side * 0.36 * high * reach
        path = curve(
            (
                root,
                (root[0] + side * 0.2 * high * reach, body.hip_y - 0.1 * high),
                (far + wag * 0.6, body.hip_y),
                (far + side * 0.04 * high + wag, body.hip_y + 0.2 * high),
            )
            if kind != "horse"
            else (
                root,
                (root[0] + side * 0.14 * high, body.hip_y + 0.02 * high),
                (root[0] + side * 0.2 * high + wag * 0.5, body.hip_y - 0.08 * high),
                (root[0] + side * 0.19 * high + wag, body.hip_y - 0.17 * high),
            ),
            closed=False,
        )
        pen.line(path, pen.tone(self.accent if kind in ("horse",) else self.coat).dim, thick)
        if kind == "tuft":
            pen.dot(far + side * 0.04 * high + wag, body.hip_y + 0.2 * high, 0.045 * high, pen.tone(self.accent).lit)

    def _head(self, pen: Pen, body: Skeleton, pose: BodyPose) -> None:
        head, canvas = self.size.head, pen.canvas
        canvas.save()
        canvas.translate(body.sin * head * 0.16, body.shoulder_y + head * (0.92 - 0.2 * pose.head_nod))
        canvas.rotate(-math.degrees(pose.head_tilt) - pose.head_nod * 12 * pose.facing)
        canvas.scale(head, head)
        pen.zoom = head
        theta = pose.facing * 1.08
        sin, cos = math.sin(theta), math.cos(theta)
        self._ears(pen, pose, sin, cos)
        self._skull(pen, sin)
        self._features(pen, pose, theta, sin, cos)
        if self.glasses:
            draw_glasses(pen, self.glasses, theta, 0.46, 0.08)
        if self.hat:
            canvas.translate(0, -0.12)
            canvas.scale(0.92, 0.92)
            draw_hat(pen, self.hat, sin)
        pen.zoom = 1.0
        canvas.restore()

    def _ears(self, pen: Pen, pose: BodyPose, sin: float, cos: float) -> None:
        build, droop = self.build, -0.16 * max(0.0, -pose.smile) - 0.12 * max(0.0, -pose.brow_furrow)
        if build.extra == "mane":
            for index in range(11):
                angle = index * 2 * math.pi / 11
                pen.dot(
                    math.cos(angle) * 1.02 - sin * 0.2,
                    math.sin(angle) * 0.98,
                    0.46,
                    pen.tone(self.accent).lit if index % 2 else pen.tone(self.accent).dim,
                )
        if build.extra == "quills":
            self._quills(pen, -sin * 0.2, 0.1, 1.2, 1.16)
        for side in (-1, 1):
            x = side * (0.62 if build.ears in ("point", "long", "round", "big") else 0.94) * (0.5 + 0.5 * cos) - sin * 0.18
            self._ear(pen, side, x, build.ear, droop + pose.sway * 0.04 * side)
        if build.extra in ("horns", "antlers"):
            self._horns(pen, sin, cos)

    def _ear(self, pen: Pen, side: int, x: float, size: float, droop: float) -> None:
        kind = self.build.ears
        inner = pen.tone(self.belly if kind in ("point", "flop") else "#e6a3a0").dim
        if kind == "point":
            tip = (x + side * (0.2 - droop), 0.72 + size * 0.98 + droop * 2)
            pen.solid(curve(((x - side * 0.36, 0.66), tip, (x + side * 0.42, 0.4), (x, 0.3)), tension=0.55), self.coat, 0.2)
            pen.flat(curve(((x - side * 0.16, 0.66), (tip[0], tip[1] - 0.26), (x + side * 0.28, 0.46)), tension=0.5), inner)
            if self.species in ("fox", "wolf", "squirrel") and pen.seen(0.3, 3):
                pen.flat(
                    curve(
                        ((tip[0] - side * 0.16, tip[1] - 0.34), (tip[0], tip[1] + 0.01), (tip[0] + side * 0.11, tip[1] - 0.36)),
                        tension=0.5,
                    ),
                    pen.tone(self.accent).lit,
                )
        elif kind in ("round", "big"):
            grow = 0.62 if kind == "big" else 0.5
            y = 0.74 if kind == "round" else 0.82
            out = side * (0.06 if kind == "round" else 0.22)
            pen.solid(ellipse(x + out, y + droop, size * grow, size * grow), self.coat, 0.2)
            pen.oval(
                x + out, y + droop, size * grow * 0.6, size * grow * 0.6, inner if kind == "big" else pen.tone(self.belly).dim
            )
        elif kind == "long":
            lean = side * (0.12 - droop * 2.4)
            pen.solid(
                curve(
                    (
                        (x - side * 0.2, 0.7),
                        (x - side * 0.14 + lean * 0.6, 0.7 + size * 0.6),
                        (x + lean, 0.75 + size + droop),
                        (x + side * 0.28 + lean * 0.6, 0.7 + size * 0.55),
                        (x + side * 0.2, 0.6),
                    )
                ),
                self.coat,
                0.24,
            )
            pen.flat(curve(((x - side * 0.06, 0.8), (x + lean, 0.6 + size + droop), (x + side * 0.13, 0.76)), tension=0.8), inner)
        elif kind == "flop":
            pen.solid(
                curve(
                    (
                        (x * 0.7, 0.86),
                        (x + side * 0.2, 0.74),
                        (x + side * 0.36, 0.1),
                        (x + side * 0.2, 0.6 - size),
                        (x - side * 0.06, 0.2),
                    )
                ),
                self.accent if self.species == "dog" else self.coat,
                0.24,
            )
        elif kind in ("side", "fan"):
            long = size * (0.62 if kind == "side" else 0.75)
            high = 0.26 if kind == "side" else 0.86
            pen.solid(ellipse(x + side * long * 0.8, 0.3 + droop, long, high), self.coat, 0.2)
            pen.oval(x + side * long * 0.76, 0.28 + droop, long * 0.62, high * 0.6, inner)

    def _horns(self, pen: Pen, sin: float, cos: float) -> None:
        tone = pen.tone("#d8c4a0" if self.build.extra == "horns" else "#9a7048")
        for side in (-1, 1):
            x = side * 0.42 * (0.5 + 0.5 * cos) - sin * 0.1
            path = skia.Path()
            path.moveTo(x, 0.8)
            if self.build.extra == "horns":
                path.quadTo(x + side * 0.1, 1.4, x + side * 0.4, 1.44)
            else:
                path.cubicTo(x + side * 0.1, 1.4, x + side * 0.6, 1.4, x + side * 0.66, 2.1)
                path.moveTo(x + side * 0.3, 1.4)
                path.lineTo(x + side * 0.1, 1.9)
                path.moveTo(x + side * 0.56, 1.64)
                path.lineTo(x + side * 0.95, 1.9)
            pen.line(path, tone.lit, 0.16)

    def _quills(self, pen: Pen, x: float, y: float, rx: float, ry: float) -> None:
        tone = pen.tone(self.coat)
        path = skia.Path()
        count = 26
        for index in range(count):
            angle = -0.5 + index * (math.pi + 1.0) / (count - 1)
            a, b, c = angle - 0.1, angle, angle + 0.1
            path.moveTo(x + math.cos(a) * rx * 0.9, y + math.sin(a) * ry * 0.9)
            path.lineTo(x + math.cos(b) * rx * 1.12, y + math.sin(b) * ry * 1.12)
            path.lineTo(x + math.cos(c) * rx * 0.9, y + math.sin(c) * ry * 0.9)
        pen.flat(path, tone.line)
        pen.flat(ellipse(x, y, rx * 0.98, ry * 0.98), tone.dim)

    def _skull(self, pen: Pen, sin: float) -> None:
        fluff = self.build.cheeks * float(self.fluff)
        shift = sin * 0.1
        if fluff > 0.05:
            path = curve(
                (
                    (0, 0.98),
                    (0.62, 0.84),
                    (0.97, 0.3),
                    (1.0, -0.08),
                    (1.0 + fluff * 0.7 - max(0.0, sin) * 0.4 * fluff, -0.42),
                    (0.78, -0.62),
                    (0.44 + shift, -0.84),
                    (shift, -0.92),
                    (-0.44 + shift, -0.84),
                    (-0.78, -0.62),
                    (-1.0 - fluff * 0.7 - min(0.0, sin) * 0.4 * fluff, -0.42),
                    (-1.0, -0.08),
                    (-0.97, 0.3),
                    (-0.62, 0.84),
                ),
                tension=0.85,
            )
        elif self.species == "frog":
            path = curve(
                (
                    (0, 0.62),
                    (0.55, 0.66),
                    (0.98, 0.2),
                    (1.06, -0.3),
                    (0.6, -0.72),
                    (0, -0.8),
                    (-0.6, -0.72),
                    (-1.06, -0.3),
                    (-0.98, 0.2),
                    (-0.55, 0.66),
                )
            )
        else:
            low = -1.05 if self.species in ("horse", "deer", "cow", "goat") else -0.9
            path = curve(
                (
                    (0, 0.96),
                    (0.64, 0.8),
                    (0.98, 0.2),
                    (0.9, -0.4),
                    (0.5 + shift, low + 0.1),
                    (shift, low),
                    (-0.5 + shift, low + 0.1),
                    (-0.9, -0.4),
                    (-0.98, 0.2),
                    (-0.64, 0.8),
                )
            )
        skin = self.belly if self.species == "sheep" else self.coat
        pen.solid(path, skin, 0.14)
        if self.species in ("fox", "wolf", "raccoon", "cat") and self.build.cheeks:
            canvas = pen.canvas
            canvas.save()
            canvas.clipPath(path, True)
            for side in (-1, 1):
                pen.oval(
                    side * 0.82 + sin * 0.42,
                    -0.62,
                    0.62,
                    0.5,
                    pen.tone(self.belly).lit if side * pen.light.key_x >= -0.1 else pen.tone(self.belly).dim,
                )
            canvas.restore()
        self._marks(pen, path, sin)

    def _marks(self, pen: Pen, path: skia.Path, sin: float) -> None:
        extra, canvas = self.build.extra, pen.canvas
        if extra not in ("stripes", "badger", "mask", "patch", "wool", "forelock"):
            return
        canvas.save()
        if extra not in ("wool", "forelock"):
            canvas.clipPath(path, True)
        tone = pen.tone(self.accent)
        if extra == "stripes":
            for x, y, angle in (
                (0, 0.8, 0),
                (-0.28, 0.76, 18),
                (0.28, 0.76, -18),
                (-0.95, 0.0, 84),
                (0.95, 0.0, -84),
                (-0.92, -0.25, 96),
                (0.92, -0.25, -96),
            ):
                canvas.save()
                canvas.translate(x + sin * 0.4 * (abs(x) < 0.5), y)
                canvas.rotate(angle)
                pen.oval(0, 0, 0.07, 0.24, tone.lit)
                canvas.restore()
        elif extra == "badger":
            pen.oval(sin * 0.5, 0.2, 0.24, 1.2, pen.tone(self.belly).lit)
            for side in (-1, 1):
                pen.oval(side * 0.86 + sin * 0.3, -0.3, 0.3, 0.8, pen.tone(self.belly).lit)
        elif extra == "mask":
            pen.flat(
                curve(
                    (
                        (-1.1 + sin * 0.4, -0.05),
                        (-0.5 + sin * 0.5, 0.32),
                        (sin * 0.6, 0.1),
                        (0.5 + sin * 0.5, 0.32),
                        (1.1 + sin * 0.4, -0.05),
                        (0.5 + sin * 0.5, -0.26),
                        (sin * 0.6, -0.06),
                        (-0.5 + sin * 0.5, -0.26),
                    )
                ),
                tone.lit,
            )
        elif extra == "patch":
            pen.oval(0.46 + sin * 0.4, 0.16, 0.42, 0.46, pen.tone(self.belly).lit)
        elif extra == "wool":
            for index in range(6):
                pen.dot(-0.7 + 0.28 * index + sin * 0.1, 0.74 + 0.16 * math.sin(index * 1.05), 0.36, pen.tone(self.coat).lit)
        else:
            pen.solid(
                curve(
                    (
                        (-0.3 + sin * 0.1, 1.02),
                        (0.3 + sin * 0.1, 1.1),
                        (0.3 + sin * 0.5, 0.5),
                        (sin * 0.5, 0.24),
                        (-0.2 + sin * 0.4, 0.6),
                    )
                ),
                self.accent,
                0.2,
            )
        canvas.restore()

    def _features(self, pen: Pen, pose: BodyPose, theta: float, sin: float, cos: float) -> None:
        build, nod = self.build, -pose.head_nod * 0.32
        frog = self.species == "frog"
        mx = sin * (0.55 + 0.42 * build.muzzle)
        my = -0.4 + nod
        wide = build.muzzle_wide * (0.9 + 0.2 * abs(sin))
        jaw = pose.mouth_open * 0.22
        if not frog and build.extra != "trunk":
            face = (
                self.belly
                if self.species not in ("deer", "horse", "badger")
                else self.coat
                if self.species == "horse"
                else self.belly
            )
            if abs(sin) > 0.25:
                bridge = curve(
                    (
                        (sin * 0.3, 0.22 + nod),
                        (mx + sin * 0.18 * build.muzzle, my + 0.32),
                        (mx + sin * 0.3, my),
                        (mx, my - 0.3),
                        (sin * 0.1, my - 0.34),
                    )
                )
                pen.flat(bridge, pen.tone(self.coat).lit)
            pen.solid(ellipse(mx, my - 0.06 - jaw * 0.5, wide, 0.32 + jaw * 0.6), face, 0.16)
        for side in (-1, 1):
            x, squash = math.sin(side * 0.46 + theta), math.cos(side * 0.46 + theta)
            y = (0.06 if not frog else 0.6) + nod
            if frog:
                x = side * 0.56 * (0.55 + 0.45 * cos) + sin * 0.3
                pen.solid(ellipse(x, y, 0.34, 0.34), self.coat, 0.16)
            draw_eye(pen, pose, self.eye, x * (0.95 if not frog else 1), y, max(0.5, squash) if frog else squash * 1.15, side)
            if squash > 0.25:
                draw_brow(
                    pen,
                    pose,
                    _dark(self.coat) if self.species != "raccoon" else self.belly,
                    (x, y + 0.4),
                    (0.17 * (0.4 + 0.6 * squash), 0.075),
                    side,
                )
                draw_cheek(pen, self.belly, x * 1.25, -0.3 + nod, (0.17 * squash, 0.11), 0.35 + 0.5 * max(0.0, pose.glow - 0.4))
        if build.extra == "trunk":
            self._trunk(pen, pose, mx, my)
            draw_mouth(pen, pose, self.mouth, sin * 0.4 + 0.2, my - 0.36, 0.7)
            return
        draw_mouth(pen, pose, self.mouth, mx * (0.96 if not frog else 0.5), my - (0.2 if not frog else 0.02), max(0.5, cos))
        self._nose(pen, sin, mx, my, wide)

    def _nose(self, pen: Pen, sin: float, mx: float, my: float, wide: float) -> None:
        species, extra = self.species, self.build.extra
        nx = mx + sin * wide * 0.62
        if species == "frog":
            return
        if extra == "snout":
            pen.solid(ellipse(mx, my + 0.06, 0.34, 0.25), self.accent, 0.16)
            for side in (-1, 1):
                pen.oval(mx + side * 0.12, my + 0.06, 0.05, 0.085, pen.tone(self.accent).line)
            return
        color = self.accent if species in ("cat", "rabbit", "mouse") else "#2c2226"
        if species in ("horse", "cow", "deer", "goat", "turtle", "dragon", "sheep") and species != "deer":
            for side in (-1, 1):
                pen.oval(mx + side * wide * 0.36, my + 0.1, 0.05, 0.07, pen.tone("#4a3432").lit)
            return
        size = 0.12 if species in ("cat", "rabbit", "mouse", "squirrel") else 0.165
        pen.solid(
            curve(
                (
                    (nx - size, my + 0.2),
                    (nx, my + 0.26),
                    (nx + size, my + 0.2),
                    (nx + size * 0.4, my + 0.04),
                    (nx, my - 0.01),
                    (nx - size * 0.4, my + 0.04),
                )
            ),
            color,
            0.24,
        )
        if pen.seen(size, 5):
            pen.oval(nx - size * 0.3, my + 0.19, size * 0.3, size * 0.16, 0x90FFFFFF)
        if extra == "teeth":
            pen.lit(
                curve(
                    ((mx - 0.09, my - 0.2), (mx + 0.09, my - 0.2), (mx + 0.08, my - 0.38), (mx - 0.08, my - 0.38)), tension=0.3
                ),
                "#fbf7ef",
            )
        if extra in ("whiskers", "teeth") and pen.seen(0.4, 10):
            path = skia.Path()
            for side in (-1, 1):
                for dy in (0.06, -0.05, -0.16):
                    path.moveTo(mx + side * wide * 0.8, my + dy * 0.6)
                    path.lineTo(mx + side * (wide + 0.55), my + dy * 1.7)
            pen.line(path, 0x78FFFFFF, 0.022)

    def _trunk(self, pen: Pen, pose: BodyPose, mx: float, my: float) -> None:
        curl = pose.sway * 0.3 + (0.25 if pose.facing >= 0 else -0.25)
        path = curve(
            ((mx * 0.8, my + 0.3), (mx, my - 0.3), (mx + curl * 0.5, my - 0.9), (mx + curl * 1.5, my - 1.25)), closed=False
        )
        pen.line(path, pen.tone(self.coat).dim, 0.44)
        pen.line(path, pen.tone(self.coat).lit, 0.36)


def _proportions(height: float, build: _Build) -> Proportions:
    head = height * build.head * 1.2
    shoulder_y = height - head * 1.86
    wide = build.wide
    return Proportions(
        height=height,
        head=head,
        hip_y=height * 0.22,
        shoulder_y=shoulder_y,
        shoulder=height * 0.11 * wide,
        waist=height * 0.12 * wide,
        hip=height * 0.128 * wide,
        arm=height * 0.11,
        arm_width=height * 0.068,
        leg_width=height * 0.075 * (0.8 + 0.2 * wide),
        leg=height * 0.105,
        foot=height * 0.1,
    )


def _garment(value: FactValue) -> Garment | None:
    return Garment(str(value.get("cut", "")), str(value.get("color", "#6b5a4e"))) if isinstance(value, dict) else None


def _dark(color: str) -> str:
    return "#" + "".join(f"{round(int(color[i : i + 2], 16) * 0.45):02x}" for i in (1, 3, 5))
