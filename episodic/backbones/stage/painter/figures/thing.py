"""Living things: a leaf, a radio, a heart… a body of its own shape with a face and thin limbs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

from episodic.backbones.stage.painter.figures.face import EyeStyle, MouthStyle, draw_brow, draw_cheek, draw_eye, draw_mouth
from episodic.backbones.stage.painter.figures.human_body import Arm, Proportions, mark_arms, mark_legs, skeleton
from episodic.backbones.stage.painter.figures.pose import BodyPose
from episodic.backbones.stage.painter.figures.props import draw_in_hand
from episodic.backbones.stage.painter.figures.thing_shapes import SHAPES
from episodic.backbones.stage.painter.figures.wardrobe_head import draw_glasses, draw_hat
from episodic.backbones.stage.painter.figures.wardrobe_torso import garment_of
from episodic.backbones.stage.painter.palette import luminance
from episodic.backbones.stage.painter.pen import Pen, curve, ellipse
from memory.model.facts import FactValue

__all__ = ["Thing"]


class Thing:
    """One living thing, built once."""

    def __init__(self, look: Mapping[str, FactValue], holding: Mapping[str, FactValue] | None) -> None:
        self.form = str(look.get("form", "blob"))
        self.color, self.accent = str(look.get("color", "#e0876a")), str(look.get("accent", "#f6ecd8"))
        height = look.get("height")
        self.height = float(height) if isinstance(height, int | float) else 0.85
        shape = SHAPES.get(self.form) or replace(SHAPES["blob"], shoulder=0.3)
        self.draw_shape, self.face_at, self.shoulder = shape.draw, shape.face, shape.shoulder
        self.eye = EyeStyle(rx=0.21, ry=0.27, iris=str(look.get("eyes", "#4a3226")), iris_size=0.86, lash=0.05)
        self.hat, self.glasses, self.scarf = (garment_of(look.get(slot)) for slot in ("hat", "glasses", "scarf"))
        self.holding = holding
        self.size = Proportions(
            height=self.height,
            head=self.height * 0.2,
            hip_y=self.height * 0.24,
            shoulder_y=self.height * 0.46,
            shoulder=self.height * self.shoulder,
            waist=self.height * 0.1,
            hip=self.height * 0.12,
            arm=self.height * 0.14,
            arm_width=self.height * 0.04,
            leg_width=self.height * 0.042,
            leg=self.height * 0.115,
            foot=self.height * 0.075,
        )

    @property
    def face_y(self) -> float:
        """Metres above the floor of the middle of the face, standing."""
        return self.height * self.face_at[1]

    @property
    def half_width(self) -> float:
        """Metres to the side with the arms hanging."""
        return self.height * (self.shoulder + 0.14)

    def draw(self, pen: Pen, pose: BodyPose) -> None:
        """Draw the thing, standing at the origin."""
        body = skeleton(self.size, pose)
        canvas, high = pen.canvas, self.height
        dark = pen.tone(self._limb_color(pen))
        mark_legs(pen, body)
        for index in (0, 1):
            leg = body.legs[index]
            pen.line(curve((leg.hip, leg.knee, leg.ankle), closed=False), dark.lit, self.size.leg_width)
            x, y = leg.ankle
            pen.solid(
                ellipse(
                    x + leg.toe * self.size.foot * 0.5 + (0.02 * high if leg.toe == 0 else 0),
                    y - 0.006 * high,
                    self.size.foot * 0.66,
                    self.size.foot * 0.42,
                ),
                "#5a4038",
                0.2,
            )
        canvas.save()
        canvas.translate(0, body.hip_y)
        canvas.rotate(-math.degrees(pose.lean))
        canvas.translate(0, -body.hip_y)
        near, far = (0, 1) if body.sin >= 0 else (1, 0)
        mark_arms(pen, body)
        if abs(body.sin) > 0.3:
            self._arm(pen, body.arms[far], far)
        canvas.save()
        canvas.translate(0, body.hip_y - self.size.hip_y)
        squeeze = 1 - 0.14 * abs(body.sin)
        canvas.scale(high * squeeze, high * (1 + 0.012 * pose.breath))
        pen.zoom = high
        self.draw_shape(pen, pose, self.color, self.accent)
        if self.scarf:
            pen.solid(
                curve(((-0.26, 0.34), (0, 0.3), (0.26, 0.34), (0.22, 0.26), (0, 0.22), (-0.22, 0.26))), self.scarf.color, 0.2
            )
        self._face(pen, pose)
        pen.zoom = 1.0
        canvas.restore()
        if abs(body.sin) <= 0.3:
            self._arm(pen, body.arms[far], far)
        self._arm(pen, body.arms[near], near)
        canvas.restore()

    def _limb_color(self, pen: Pen) -> str:
        """The colour of arms and legs: stalks of plants, else dark or light against the body."""
        if self.form in ("leaf", "flower", "plant"):
            return "#4f7a34"
        return "#4a3a3a" if luminance(pen.color(self.color)) > 0.3 else "#8a7a70"

    def _arm(self, pen: Pen, arm: Arm, index: int) -> None:
        """A thin arm with a glove, and the prop in it."""
        shoulder, elbow, hand = arm.shoulder, arm.elbow, arm.hand
        if self.holding is not None and index == 1:
            angle = math.degrees(math.atan2(hand[1] - elbow[1], hand[0] - elbow[0]))
            draw_in_hand(pen, self.holding, hand, angle, self.height)
        color = self._limb_color(pen)
        pen.line(curve((shoulder, elbow, hand), closed=False), pen.tone(color).lit, self.size.arm_width)
        glove = self.color if self.form in ("leaf", "flower", "plant", "heart", "blob", "drop") else "#f4efe4"
        pen.solid(ellipse(hand[0], hand[1], self.height * 0.042, self.height * 0.042), glove, 0.24)

    def _face(self, pen: Pen, pose: BodyPose) -> None:
        """Eyes, brows, cheeks and mouth."""
        x, y, unit = self.face_at
        theta = pose.facing * 0.95
        canvas = pen.canvas
        canvas.save()
        canvas.translate(x + math.sin(theta) * unit * 0.2, y)
        canvas.rotate(-math.degrees(pose.head_tilt) * 0.8)
        canvas.scale(unit, unit)
        pen.zoom = self.height * unit
        nod = -pose.head_nod * 0.35
        line = "#3a2626" if luminance(pen.color(self.color)) > 0.28 else "#f4e4d8"
        for side in (-1, 1):
            ex, squash = math.sin(side * 0.46 + theta), max(0.22, math.cos(side * 0.46 + theta))
            draw_eye(pen, pose, self.eye, ex, 0.12 + nod, squash, side)
            draw_brow(pen, pose, line, (ex, 0.56 + nod), (0.18 * squash, 0.075), side)
            draw_cheek(pen, "#e8606a", math.sin(side * 0.8 + theta), -0.24 + nod, (0.17, 0.11), 0.5 + 0.3 * pose.glow)
        mouth = MouthStyle(half_width=0.27, line=line, thickness=0.065)
        draw_mouth(pen, pose, mouth, math.sin(theta) * 0.9, -0.36 + nod, max(0.5, math.cos(theta)))
        if self.glasses:
            draw_glasses(pen, self.glasses, theta, 0.46, 0.12 + nod)
        if self.hat:
            canvas.translate(0, (0.94 - y) / unit - 0.9)
            draw_hat(pen, self.hat, math.sin(theta))
        pen.zoom = self.height
        canvas.restore()
