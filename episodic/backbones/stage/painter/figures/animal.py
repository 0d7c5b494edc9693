"""Beasts: storybook animals that stand on their hind legs, with ears, muzzle and tail of their species."""

from __future__ import annotations

import math
from collections.abc import Mapping

from episodic.backbones.stage.painter.figures.animal_build import BeastBuild, build_of
from episodic.backbones.stage.painter.figures.animal_head import BeastHead, draw_quills
from episodic.backbones.stage.painter.figures.human_body import Proportions, Skeleton, mark_arms, mark_legs, skeleton
from episodic.backbones.stage.painter.figures.pose import BodyPose
from episodic.backbones.stage.painter.figures.props import draw_in_hand
from episodic.backbones.stage.painter.figures.wardrobe_torso import garment_of
from episodic.backbones.stage.painter.pen import Pen, Point, curve, ellipse
from memory.model.facts import FactValue

__all__ = ["Beast"]


class Beast:
    """One animal on two legs, built once."""

    def __init__(self, look: Mapping[str, FactValue], holding: Mapping[str, FactValue] | None) -> None:
        species = str(look.get("species", "animal"))
        self.species, self.build = species, build_of(species)
        self.coat, self.belly, self.accent = (str(look.get(key, "#a5805c")) for key in ("color", "belly", "accent"))
        height = look.get("height")
        self.height = float(height) if isinstance(height, int | float) else 0.8
        fluff = look.get("fluff")
        self.fluff = fluff if isinstance(fluff, float) else 1.0
        self.size = _proportions(self.height, self.build)
        self.head = BeastHead(look, self.size.head)
        self.scarf, self.coat_worn = garment_of(look.get("scarf")), garment_of(look.get("coat")) or garment_of(look.get("top"))
        self.hat, self.glasses, self.tie = (
            garment_of(look.get("hat")),
            garment_of(look.get("glasses")),
            garment_of(look.get("tie")),
        )
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
        """Draw the animal, standing at the origin."""
        body = skeleton(self.size, pose)
        near, far = (0, 1) if body.sin >= 0 else (1, 0)
        turned = abs(body.sin) > 0.3
        canvas = pen.canvas
        mark_legs(pen, body)
        self._tail(pen, body, pose)
        if turned:
            self._lean(pen, body)
            self._arm(pen, body, far)
            canvas.restore()
        for index in (far, near):
            self._leg(pen, body, index)
        self._lean(pen, body)
        mark_arms(pen, body)
        self._torso(pen, body, pose)
        self.head.draw(pen, body, pose)
        if not turned:
            self._arm(pen, body, far)
        self._arm(pen, body, near)
        canvas.restore()

    def _lean(self, pen: Pen, body: Skeleton) -> None:
        """Turn the canvas about the hip for the upper body; the caller restores it."""
        pen.canvas.save()
        pen.canvas.translate(0, body.hip_y)
        pen.canvas.rotate(-math.degrees(body.lean))
        pen.canvas.translate(0, -body.hip_y)

    def _leg(self, pen: Pen, body: Skeleton, index: int) -> None:
        """A leg with its paw."""
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
        """An arm with its paw, a sleeve, and the prop in the hand."""
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
        """Body, shell, quills or wool, and what is worn on it."""
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
            draw_quills(pen, self.coat, 0, (low + top) / 2, hip * 1.3, (top - low) * 0.62)
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
        self._front(pen, body, low, top, hip, chest)
        if self.scarf:
            self._scarf(pen, body, pose, top, chest)
        if self.tie:
            self._bow(pen, self.tie.color, top)

    def _front(self, pen: Pen, body: Skeleton, low: float, top: float, hip: float, chest: float) -> None:
        """The belly and a ruff, or the front edge of a coat."""
        size = self.size
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

    def _bow(self, pen: Pen, color: str, top: float) -> None:
        """A bow tie below the head."""
        unit = self.size.height * 0.04
        for side in (-1, 1):
            pen.lit(
                curve(
                    ((0, top - unit), (side * unit * 1.6, top - unit * 0.2), (side * unit * 1.6, top - unit * 1.8)),
                    tension=0.3,
                ),
                color,
            )

    def _scarf(self, pen: Pen, body: Skeleton, pose: BodyPose, top: float, chest: float) -> None:
        """A scarf round the neck, one end in the wind."""
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
        """The tail of the species, moved by the sway."""
        kind, high = self.build.tail, self.size.height
        if kind == "none":
            return
        side = -1.0 if body.sin > 0.12 else 1.0
        root = (side * self.size.hip * 0.4, body.hip_y)
        wag = pose.sway * 0.14 * high
        reach = 0.62 + 0.38 * abs(body.sin)
        if kind in ("brush", "ringed", "plume"):
            self._bushy_tail(pen, body, side, wag)
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

    def _bushy_tail(self, pen: Pen, body: Skeleton, side: float, wag: float) -> None:
        """A thick tail with a light tip or with rings."""
        kind, high = self.build.tail, self.size.height
        root = (side * self.size.hip * 0.4, body.hip_y)
        reach = 0.62 + 0.38 * abs(body.sin)
        up = 0.5 if kind == "plume" else 0.12
        f = self.fluff
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


def _proportions(height: float, build: BeastBuild) -> Proportions:
    """The sizes of a beast of this height."""
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
