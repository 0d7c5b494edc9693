"""Living things: a leaf, a radio, a heart… a body of its own shape with a face and thin limbs."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Final

import skia

from episodic.backbones.stage.painter.figures.face import EyeStyle, MouthStyle, draw_brow, draw_cheek, draw_eye, draw_mouth
from episodic.backbones.stage.painter.figures.human_body import Proportions, mark_arms, mark_legs, skeleton
from episodic.backbones.stage.painter.figures.pose import BodyPose
from episodic.backbones.stage.painter.figures.props import draw_in_hand
from episodic.backbones.stage.painter.figures.wardrobe_head import draw_glasses, draw_hat
from episodic.backbones.stage.painter.figures.wardrobe_torso import garment_of
from episodic.backbones.stage.painter.palette import luminance
from episodic.backbones.stage.painter.pen import Pen, curve, ellipse, polygon
from memory.model.facts import FactValue

__all__ = ["Thing"]


class Thing:
    """One living thing, built once."""

    def __init__(self, look: Mapping[str, FactValue], holding: Mapping[str, FactValue] | None) -> None:
        self.form = str(look.get("form", "blob"))
        self.color, self.accent = str(look.get("color", "#e0876a")), str(look.get("accent", "#f6ecd8"))
        height = look.get("height")
        self.height = float(height) if isinstance(height, int | float) else 0.85
        self.shape = _SHAPES.get(self.form, _blob)
        self.face_at, self.shoulder, self.top = _FACES.get(self.form, (0.0, 0.56, 0.2)), _SHOULDERS.get(self.form, 0.3), 1.0
        self.eye = EyeStyle(rx=0.21, ry=0.27, iris=str(look.get("eyes", "#4a3226")), iris_size=0.86, lash=0.05)
        self.hat, self.glasses, self.scarf = (garment_of(look.get(slot)) for slot in ("hat", "glasses", "scarf"))
        self.holding = holding
        self.size = Proportions(
            height=self.height, head=self.height * 0.2, hip_y=self.height * 0.24, shoulder_y=self.height * 0.46,
            shoulder=self.height * self.shoulder, waist=self.height * 0.1, hip=self.height * 0.12, arm=self.height * 0.14,
            arm_width=self.height * 0.04, leg_width=self.height * 0.042, leg=self.height * 0.115, foot=self.height * 0.075,
        )  # fmt: skip

    @property
    def face_y(self) -> float:
        """Metres above the floor of the middle of the face, standing."""
        return self.height * self.face_at[1]

    @property
    def half_width(self) -> float:
        """Metres to the side with the arms hanging."""
        return self.height * (self.shoulder + 0.14)

    def draw(self, pen: Pen, pose: BodyPose) -> None:
        """The thing, standing at the origin."""
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
        self.shape(pen, pose, self.color, self.accent)
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
        if self.form in ("leaf", "flower", "plant"):
            return "#4f7a34"
        return "#4a3a3a" if luminance(pen.color(self.color)) > 0.3 else "#8a7a70"

    def _arm(self, pen: Pen, arm: object, index: int) -> None:
        shoulder, elbow, hand = (getattr(arm, name) for name in ("shoulder", "elbow", "hand"))
        if self.holding is not None and index == 1:
            angle = math.degrees(math.atan2(hand[1] - elbow[1], hand[0] - elbow[0]))
            draw_in_hand(pen, self.holding, hand, angle, self.height)
        color = self._limb_color(pen)
        pen.line(curve((shoulder, elbow, hand), closed=False), pen.tone(color).lit, self.size.arm_width)
        glove = self.color if self.form in ("leaf", "flower", "plant", "heart", "blob", "drop") else "#f4efe4"
        pen.solid(ellipse(hand[0], hand[1], self.height * 0.042, self.height * 0.042), glove, 0.24)

    def _face(self, pen: Pen, pose: BodyPose) -> None:
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


# every shape below fills a box one unit high over its legs: x about 0, y 0.2..1


def _rounded(left: float, low: float, right: float, high: float, radius: float) -> skia.Path:
    path = skia.Path()
    path.addRoundRect(skia.Rect.MakeLTRB(left, low, right, high), radius, radius)
    return path


def _leaf(pen: Pen, pose: BodyPose, color: str, accent: str) -> None:
    s = pose.sway * 0.06
    stem = curve(((0.0, 0.24), (0.01, 0.16), (0.05, 0.1)), closed=False)
    pen.line(stem, pen.tone(accent).dim, 0.03)
    path = curve(
        (
            (0, 0.2),
            (0.24, 0.28),
            (0.34, 0.5),
            (0.24, 0.76),
            (0.04 + s, 1.02),
            (0.0 + s, 0.98),
            (-0.24, 0.76),
            (-0.34, 0.5),
            (-0.24, 0.28),
        )
    )
    pen.solid(path, color, 0.16)
    veins = skia.Path()
    veins.moveTo(0, 0.22)
    veins.quadTo(0.01, 0.6, s * 0.9, 0.94)
    for y in (0.3, 0.42, 0.72, 0.82):
        reach = 0.24 * math.sin(math.pi * (y - 0.1))
        for side in (-1, 1):
            veins.moveTo(s * (y - 0.3), y)
            veins.quadTo(side * reach * 0.6, y + 0.03, side * reach, y + 0.1)
    pen.canvas.save()
    pen.canvas.clipPath(path, True)
    pen.line(veins, pen.tone(color).line & 0x6CFFFFFF, 0.012)
    pen.canvas.restore()


def _flower(pen: Pen, pose: BodyPose, color: str, accent: str) -> None:
    pen.line(curve(((0, 0.2), (0.02 + pose.sway * 0.03, 0.34), (0, 0.5)), closed=False), pen.tone("#5c8a44").lit, 0.06)
    for side in (-1, 1):
        pen.solid(curve(((0, 0.24), (side * 0.2, 0.36), (side * 0.28, 0.3), (side * 0.14, 0.2))), "#5c8a44", 0.2)
    tone = pen.tone(color)
    for index in range(10):
        angle = index * math.pi / 5 + pose.sway * 0.08
        x, y = math.cos(angle) * 0.26, 0.64 + math.sin(angle) * 0.26
        pen.dot(x, y, 0.115, tone.dim if x * pen.light.key_x < -0.05 else tone.lit)
    pen.solid(ellipse(0, 0.64, 0.24, 0.24), accent, 0.14)


def _tree(pen: Pen, pose: BodyPose, color: str, accent: str) -> None:
    pen.solid(curve(((-0.13, 0.2), (-0.1, 0.5), (-0.14, 0.6), (0.14, 0.6), (0.1, 0.5), (0.13, 0.2)), tension=0.7), accent, 0.2)
    s = pose.sway * 0.03
    tone = pen.tone(color)
    for x, y, r, front in (
        (-0.24, 0.62, 0.18, 0),
        (0.25, 0.62, 0.18, 0),
        (0.0 + s, 0.84, 0.19, 0),
        (-0.15 + s, 0.76, 0.17, 1),
        (0.16 + s, 0.75, 0.17, 1),
    ):
        pen.dot(x, y, r, tone.lit if front else tone.dim)
    pen.solid(ellipse(0, 0.64, 0.26, 0.22), color, 0.14)


def _plant(pen: Pen, pose: BodyPose, color: str, accent: str) -> None:
    s = pose.sway * 0.07
    for x, y, side in ((-0.2, 0.96, -1), (0.2, 0.96, 1), (-0.3, 0.76, -1), (0.3, 0.76, 1), (0.0, 1.04, 1)):
        tip = (x + s, y)
        pen.solid(
            curve(((x * 0.2, 0.56), (x * 0.7 + 0.09 * side, (y + 0.6) / 2), tip, (x * 0.7 - 0.06 * side, (y + 0.7) / 2))),
            color,
            0.2,
        )
    pen.solid(curve(((-0.28, 0.62), (-0.2, 0.2), (0.2, 0.2), (0.28, 0.62)), tension=0.4), accent, 0.14)
    pen.solid(_rounded(-0.32, 0.56, 0.32, 0.68, 0.04), accent, 0.1)


def _radio(pen: Pen, pose: BodyPose, color: str, accent: str) -> None:
    s = pose.sway * 0.06
    pen.line(polygon(((0.22, 0.8), (0.36 + s, 1.06))), pen.tone("#9aa0aa").lit, 0.016)
    pen.dot(0.36 + s, 1.06, 0.02, pen.tone("#d8dce2").lit)
    pen.solid(_rounded(-0.42, 0.2, 0.42, 0.84, 0.12), color, 0.1)
    pen.solid(_rounded(-0.35, 0.27, 0.35, 0.77, 0.08), accent, 0.06)
    tone = pen.tone(color)
    for index in range(4):
        pen.line(polygon(((-0.28, 0.31 + index * 0.025), (0.28, 0.31 + index * 0.025))), tone.line & 0x90FFFFFF, 0.009)
    for x in (-0.29, 0.29):
        pen.solid(ellipse(x, 0.72, 0.036, 0.036), color, 0.2)
    glow = pen.tone("#ffd36a").rim
    pen.line(polygon(((-0.14, 0.735), (0.14, 0.735))), glow, 0.02 + 0.012 * pose.glow)


def _heart(pen: Pen, pose: BodyPose, color: str, accent: str) -> None:
    beat = 0.015 * pose.breath
    for side, tint in ((-1, accent), (1, "#4a6ab0")):
        pen.line(curve(((side * 0.07, 0.8), (side * 0.1, 0.94), (side * 0.22, 1.02)), closed=False), pen.tone(tint).lit, 0.075)
    path = skia.Path()
    path.moveTo(0, 0.19)
    path.cubicTo(-0.2, 0.3, -0.44 - beat, 0.46, -0.42 - beat, 0.7)
    path.cubicTo(-0.4, 0.94 + beat, -0.08, 0.96 + beat, 0, 0.8)
    path.cubicTo(0.08, 0.96 + beat, 0.4, 0.94 + beat, 0.42 + beat, 0.7)
    path.cubicTo(0.44 + beat, 0.46, 0.2, 0.3, 0, 0.19)
    path.close()
    pen.solid(path, color, 0.16)
    side = -1 if pen.light.key_x <= 0 else 1
    pen.oval(side * 0.27, 0.82, 0.07, 0.04, 0x60FFFFFF)


def _lamp(pen: Pen, pose: BodyPose, color: str, accent: str) -> None:
    glow = pen.tone("#ffe6a0").rim & 0x00FFFFFF
    for radius, alpha in ((0.62, 0.12), (0.46, 0.16)):
        pen.dot(0, 0.66, radius, int(255 * alpha * (0.4 + pose.glow)) << 24 | glow)
    pen.solid(
        curve(
            ((-0.2, 0.2), (-0.14, 0.26), (-0.05, 0.3), (-0.05, 0.46), (0.05, 0.46), (0.05, 0.3), (0.14, 0.26), (0.2, 0.2)),
            tension=0.7,
        ),
        accent,
        0.2,
    )
    pen.solid(curve(((-0.22, 1.0), (0.22, 1.0), (0.38, 0.44), (0, 0.4), (-0.38, 0.44)), tension=0.35), color, 0.14)
    pen.dot(0, 1.02, 0.03, pen.tone(accent).lit)


def _lighthouse(pen: Pen, pose: BodyPose, color: str, accent: str) -> None:
    path = curve(((-0.24, 0.2), (-0.15, 0.78), (0.15, 0.78), (0.24, 0.2)), tension=0.3)
    pen.solid(path, color, 0.14)
    canvas = pen.canvas
    canvas.save()
    canvas.clipPath(path, True)
    for y in (0.24, 0.7):
        pen.paint.setColor(pen.tone(accent).lit)
        canvas.drawRect(skia.Rect.MakeLTRB(-0.4, y, 0.4, y + 0.1), pen.paint)
    canvas.restore()
    glow = pen.tone("#fff0b8").rim & 0x00FFFFFF
    pen.dot(0, 0.86, 0.2, int(80 * (0.4 + pose.glow)) << 24 | glow)
    pen.flat(_rounded(-0.1, 0.78, 0.1, 0.92, 0.02), 0xFF000000 | glow)
    pen.solid(polygon(((-0.14, 0.91), (0, 1.02), (0.14, 0.91))), accent, 0.2)
    pen.solid(_rounded(-0.18, 0.75, 0.18, 0.79, 0.02), "#4a4650", 0.2)


def _ship(pen: Pen, pose: BodyPose, color: str, accent: str) -> None:
    s = pose.sway * 0.03
    pen.solid(_rounded(-0.2, 0.6, 0.2, 0.82, 0.04), accent, 0.12)
    pen.solid(_rounded(0.02, 0.8, 0.14, 1.0, 0.02), "#c8303a", 0.2)
    for index in range(3):
        pen.dot(0.1 + 0.06 * index + s, 1.04 + 0.03 * index, 0.035 + 0.012 * index, 0x90E8ECF0)
    for x in (-0.12, 0.0, 0.12):
        pen.dot(x, 0.72, 0.03, pen.tone("#5a8ab0").lit)
    pen.solid(curve(((-0.46, 0.64), (-0.34, 0.24), (0, 0.2), (0.34, 0.24), (0.46, 0.64), (0, 0.6)), tension=0.6), color, 0.14)
    pen.line(curve(((-0.44, 0.6), (0, 0.565), (0.44, 0.6)), closed=False), pen.tone(accent).lit, 0.022)


def _book(pen: Pen, _pose: BodyPose, color: str, accent: str) -> None:
    pen.solid(_rounded(-0.34, 0.2, 0.34, 0.98, 0.05), color, 0.1)
    pen.lit(_rounded(0.27, 0.23, 0.33, 0.95, 0.02), accent)
    pen.line(polygon(((-0.25, 0.21), (-0.25, 0.97))), pen.tone(color).line, 0.016)
    pen.line(_rounded(-0.18, 0.28, 0.2, 0.9, 0.04), pen.tone(accent).lit & 0xA0FFFFFF, 0.012)


def _cup(pen: Pen, pose: BodyPose, color: str, accent: str) -> None:
    pen.line(ellipse(0.36, 0.54, 0.12, 0.14), pen.tone(color).dim, 0.055)
    pen.solid(
        curve(((-0.34, 0.86), (-0.3, 0.34), (-0.16, 0.2), (0.16, 0.2), (0.3, 0.34), (0.34, 0.86)), tension=0.7), color, 0.14
    )
    pen.oval(0, 0.86, 0.335, 0.07, pen.tone(accent).lit)
    pen.oval(0, 0.85, 0.28, 0.045, pen.tone("#7a4a2c").lit)
    for x in (-0.08, 0.08):
        pen.line(curve(((x, 0.92), (x + 0.03 + pose.sway * 0.04, 0.97), (x - 0.01, 1.03)), closed=False), 0x70FFFFFF, 0.02)


def _clock(pen: Pen, pose: BodyPose, color: str, accent: str) -> None:
    for x in (-0.24, 0.24):
        pen.solid(ellipse(x, 0.94, 0.1, 0.07), "#dca832", 0.2)
    pen.solid(ellipse(0, 0.58, 0.39, 0.39), color, 0.14)
    pen.lit(ellipse(0, 0.58, 0.32, 0.32), accent)
    for index in range(12):
        angle = index * math.pi / 6
        pen.dot(math.cos(angle) * 0.28, 0.58 + math.sin(angle) * 0.28, 0.013, pen.tone(color).line)
    hand = 0.6 + pose.sway * 0.2
    pen.line(
        polygon(((0, 0.58), (math.sin(hand) * 0.24, 0.58 + math.cos(hand) * 0.24))), pen.tone("#3a2c2a").lit & 0x90FFFFFF, 0.014
    )


def _car(pen: Pen, _pose: BodyPose, color: str, accent: str) -> None:
    pen.solid(curve(((-0.3, 0.6), (-0.22, 0.9), (0.22, 0.9), (0.3, 0.6)), tension=0.6), color, 0.14)
    pen.lit(curve(((-0.22, 0.64), (-0.17, 0.84), (0.17, 0.84), (0.22, 0.64)), tension=0.5), accent)
    pen.solid(_rounded(-0.44, 0.24, 0.44, 0.66, 0.14), color, 0.12)
    for x in (-0.34, 0.34):
        pen.dot(x, 0.24, 0.09, pen.tone("#2b2830").lit)
        pen.dot(x, 0.54, 0.05, pen.tone("#fff0c0").rim)


def _stone(pen: Pen, _pose: BodyPose, color: str, accent: str) -> None:
    pen.solid(
        curve(
            ((-0.38, 0.22), (-0.42, 0.52), (-0.26, 0.84), (0.06, 0.96), (0.34, 0.78), (0.43, 0.46), (0.36, 0.22), (0, 0.19)),
            tension=0.8,
        ),
        color,
        0.18,
    )
    pen.flat(curve(((-0.28, 0.84), (0.04, 0.98), (0.22, 0.88), (0.06, 0.85), (-0.06, 0.8))), pen.tone(accent).lit)


def _bread(pen: Pen, _pose: BodyPose, color: str, accent: str) -> None:
    pen.solid(
        curve(
            ((-0.32, 0.2), (-0.33, 0.6), (-0.4, 0.78), (-0.2, 0.95), (0.2, 0.95), (0.4, 0.78), (0.33, 0.6), (0.32, 0.2)),
            tension=0.8,
        ),
        color,
        0.1,
    )
    pen.lit(
        curve(
            ((-0.27, 0.25), (-0.27, 0.62), (-0.32, 0.77), (-0.16, 0.89), (0.16, 0.89), (0.32, 0.77), (0.27, 0.62), (0.27, 0.25)),
            tension=0.8,
        ),
        accent,
    )


def _box(pen: Pen, _pose: BodyPose, color: str, accent: str) -> None:
    pen.solid(_rounded(-0.36, 0.2, 0.36, 0.86, 0.04), color, 0.1)
    pen.solid(_rounded(-0.4, 0.8, 0.4, 0.96, 0.04), accent, 0.1)


def _candle(pen: Pen, pose: BodyPose, color: str, accent: str) -> None:
    s = pose.sway * 0.04
    pen.solid(_rounded(-0.2, 0.2, 0.2, 0.8, 0.07), color, 0.16)
    pen.dot(s, 0.92, 0.2, int(70 * (0.5 + pose.glow)) << 24 | pen.tone(accent).rim & 0x00FFFFFF)
    pen.flat(curve(((-0.07, 0.86), (0, 0.8), (0.07, 0.86), (s, 1.06))), pen.tone(accent).rim)
    pen.flat(curve(((-0.035, 0.86), (0, 0.82), (0.035, 0.86), (s * 0.7, 0.96))), 0xFFFFF6D0)


def _starfish(pen: Pen, pose: BodyPose, color: str, accent: str) -> None:
    points = []
    for index in range(16):
        angle = math.pi / 2 + index * math.pi / 8 + pose.sway * 0.05
        radius = 0.44 if index % 2 == 0 else 0.33
        points.append((math.cos(angle) * radius, 0.58 + math.sin(angle) * radius))
    pen.flat(curve(points, tension=0.5), pen.tone(accent).lit)
    pen.solid(ellipse(0, 0.58, 0.32, 0.32), color, 0.14)


def _drop(pen: Pen, pose: BodyPose, color: str, accent: str) -> None:
    s = pose.sway * 0.05
    pen.solid(
        curve(((s, 1.04), (0.1, 0.8), (0.3, 0.5), (0.22, 0.26), (0, 0.19), (-0.22, 0.26), (-0.3, 0.5), (-0.1, 0.8)), tension=0.9),
        color,
        0.16,
    )
    pen.oval(-0.14, 0.66, 0.035, 0.08, pen.tone(accent).lit & 0xA0FFFFFF)


def _mushroom(pen: Pen, _pose: BodyPose, color: str, accent: str) -> None:
    pen.solid(curve(((-0.2, 0.2), (-0.17, 0.6), (0.17, 0.6), (0.2, 0.2)), tension=0.6), accent, 0.16)
    pen.solid(curve(((-0.44, 0.62), (-0.36, 0.86), (0, 1.02), (0.36, 0.86), (0.44, 0.62), (0, 0.56))), color, 0.16)
    for x, y, r in ((-0.22, 0.8, 0.055), (0.1, 0.88, 0.06), (0.26, 0.72, 0.045), (-0.04, 0.7, 0.04)):
        pen.oval(x, y, r, r * 0.85, pen.tone(accent).lit)


def _bean(pen: Pen, _pose: BodyPose, color: str, accent: str) -> None:
    pen.solid(
        curve(((0, 0.19), (0.26, 0.3), (0.3, 0.58), (0.16, 0.84), (0, 0.96), (-0.16, 0.84), (-0.3, 0.58), (-0.26, 0.3))),
        color,
        0.16,
    )
    pen.solid(curve(((-0.3, 0.72), (-0.2, 0.9), (0, 0.98), (0.2, 0.9), (0.3, 0.72), (0, 0.78))), accent, 0.16)


def _blob(pen: Pen, pose: BodyPose, color: str, accent: str) -> None:
    s = pose.sway * 0.02
    pen.solid(
        curve(
            ((s, 0.98), (0.28 + s, 0.86), (0.38, 0.54), (0.28, 0.26), (0, 0.19), (-0.28, 0.26), (-0.38, 0.54), (-0.28 + s, 0.86))
        ),
        color,
        0.16,
    )
    side = -1 if pen.light.key_x <= 0 else 1
    pen.oval(side * 0.2, 0.86, 0.06, 0.035, pen.tone(accent).lit & 0xB0FFFFFF)


_SHAPES: Final[dict[str, Callable[[Pen, BodyPose, str, str], None]]] = {
    "leaf": _leaf, "flower": _flower, "tree": _tree, "plant": _plant, "radio": _radio, "heart": _heart, "lamp": _lamp,
    "lighthouse": _lighthouse, "ship": _ship, "book": _book, "cup": _cup, "clock": _clock, "car": _car, "stone": _stone,
    "bread": _bread, "box": _box, "candle": _candle, "starfish": _starfish, "drop": _drop, "mushroom": _mushroom, "bean": _bean,
    "blob": _blob,
}  # fmt: skip
_FACES: Final = {
    "leaf": (0.0, 0.56, 0.21), "flower": (0.0, 0.64, 0.19), "tree": (0.0, 0.62, 0.2), "plant": (0.0, 0.42, 0.17), "radio": (0.0, 0.56, 0.19),
    "heart": (0.0, 0.62, 0.23), "lamp": (0.0, 0.64, 0.21), "lighthouse": (0.0, 0.52, 0.145), "ship": (0.0, 0.41, 0.17), "book": (0.02, 0.58, 0.2),
    "cup": (0.0, 0.54, 0.21), "clock": (0.0, 0.58, 0.21), "car": (0.0, 0.46, 0.19), "stone": (0.0, 0.54, 0.23), "bread": (0.0, 0.56, 0.22),
    "box": (0.0, 0.52, 0.22), "candle": (0.0, 0.52, 0.16), "starfish": (0.0, 0.58, 0.21), "drop": (0.0, 0.46, 0.2), "mushroom": (0.0, 0.4, 0.14),
    "bean": (0.0, 0.52, 0.19),
}  # fmt: skip
"""Middle of the face and its unit."""
_SHOULDERS: Final = {
    "leaf": 0.28, "flower": 0.08, "tree": 0.13, "plant": 0.22, "radio": 0.42, "heart": 0.32, "lamp": 0.12, "lighthouse": 0.2, "ship": 0.4,
    "book": 0.34, "cup": 0.32, "clock": 0.36, "car": 0.44, "stone": 0.42, "bread": 0.34, "box": 0.37, "candle": 0.2, "starfish": 0.3,
    "drop": 0.3, "mushroom": 0.18, "bean": 0.3, "blob": 0.37,
}  # fmt: skip
