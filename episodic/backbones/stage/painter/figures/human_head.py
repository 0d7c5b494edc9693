"""A person's head: skull, ears, nose, face and beard. Drawn in head units: 1 is half the head's width, y up, the origin at its middle."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

import skia

from episodic.backbones.stage.painter.figures.face import EyeStyle, MouthStyle, draw_brow, draw_cheek, draw_eye, draw_mouth
from episodic.backbones.stage.painter.figures.human_body import number_or
from episodic.backbones.stage.painter.figures.pose import BodyPose
from episodic.backbones.stage.painter.palette import mix, multiply, parse, shade, to_hex, to_skia
from episodic.backbones.stage.painter.pen import Pen, Tone, curve, ellipse
from memory.model.facts import FactValue

__all__ = ["HumanHead"]

TURN: Final = 1.12
"""Radians of the head at facing = 1: a little short of a strict profile, so that a face stays a face."""


class HumanHead:
    """One person's head, built once."""

    def __init__(self, look: Mapping[str, FactValue]) -> None:
        self.skin = str(look.get("skin", "#e8b88f"))
        face = look.get("face")
        face = face if isinstance(face, dict) else {}
        self.sex, self.age = str(look.get("sex", "")), str(look.get("age", "adult"))
        self.jaw = number_or(face.get("jaw"), 0.0)
        self.nose = str(face.get("nose", "button"))
        self.freckles = bool(face.get("freckles"))
        hair, beard = look.get("hair"), look.get("beard")
        hair_color = str(hair.get("color", "#3b2a24")) if isinstance(hair, dict) else "#3b2a24"
        self.brow_color = to_hex(shade(parse(hair_color), -0.25)) if self.age != "old" else hair_color
        self.brow = number_or(face.get("brow"), 1.0) * (1.3 if self.sex == "man" else 0.85)
        self.beard = (str(beard.get("style")), str(beard.get("color"))) if isinstance(beard, dict) else None
        self.gap = 0.42 + number_or(face.get("eye_gap"), 0.0)
        size = number_or(face.get("eye_size"), 1.0) * (1.24 if self.age == "child" else 0.98 if self.age == "old" else 1.1)
        dark = sum(parse(self.skin)) < 1.4
        self.eye = EyeStyle(
            rx=0.2 * size,
            ry=0.255 * size,
            iris=str(look.get("eyes", "#5a3a24")),
            lash=0.075 if self.sex == "woman" else 0.05,
            flick=self.sex == "woman" and self.age != "child",
        )
        lip = mix(parse(self.skin), (0.72, 0.2, 0.24), 0.52) if self.sex == "woman" and self.age in ("adult", "young") else None
        self.mouth = MouthStyle(
            half_width=0.27 if self.sex == "woman" else 0.31,
            line=to_hex(mix(parse(self.skin), (0.3, 0.08, 0.1), 0.72)) if not dark else "#38181a",
            lip=to_hex(lip) if lip else None,
        )
        self.nose_color = to_hex(mix(parse(self.skin), (0.86, 0.34, 0.26), 0.17))
        self.ear_color = to_hex(mix(parse(self.skin), (0.8, 0.3, 0.26), 0.12))
        self.injury = str(look.get("injury") or "")

    def draw(self, pen: Pen, pose: BodyPose, facing: float) -> None:
        """Draw the head without hair and hat."""
        theta = facing * TURN
        sin, cos = math.sin(theta), math.cos(theta)
        for side in (-1, 1):
            if side * sin < 0.5:
                pen.mark("right_ear" if side < 0 else "left_ear", side * cos * 0.86, -0.12)
            if side * sin >= -0.15:
                self._ear(pen, side * cos, -0.12)
        self._skull(pen, sin)
        for side in (-1, 1):
            if side * sin < -0.15:
                self._ear(pen, side * cos * 0.86, -0.12)
        self._face(pen, pose, theta, sin)

    def _ear(self, pen: Pen, x: float, y: float) -> None:
        """An ear at (x, y)."""
        pen.flat(
            ellipse(x, y, 0.17, 0.25), pen.tone(self.ear_color).dim if x * pen.light.key_x < 0 else pen.tone(self.ear_color).lit
        )
        if pen.seen(0.2, 8):
            pen.oval(x, y - 0.01, 0.085, 0.15, pen.tone(self.ear_color).line & 0x66FFFFFF)

    def _skull(self, pen: Pen, sin: float) -> None:
        """The face's outline with cheek and jaw."""
        wide = 0.86 + 0.09 * self.jaw
        chin = 0.1 * self.jaw + (0.02 if self.sex == "man" else 0.0)
        shift = 0.2 * sin
        flat = 0.05 * abs(sin)
        left, right = 1 - (flat if sin < 0 else -0.03 * abs(sin)), 1 - (flat if sin > 0 else -0.03 * abs(sin))
        path = curve(
            (
                (0, 1.1),
                (0.66 * right, 0.9),
                (0.99 * right, 0.3),
                (0.98 * right, -0.22),
                (wide * 0.93 + shift * 0.45, -0.66),
                ((0.46 + 0.1 * self.jaw) + shift, -1.02 - chin * 0.5),
                (shift * 1.25, -1.14 - chin * 0.5),
                (-(0.46 + 0.1 * self.jaw) + shift, -1.02 - chin * 0.5),
                (-wide * 0.93 + shift * 0.45, -0.66),
                (-0.98 * left, -0.22),
                (-0.99 * left, 0.3),
                (-0.66 * left, 0.9),
            )
        )
        pen.solid(path, self.skin, 0.13)

    def _face(self, pen: Pen, pose: BodyPose, theta: float, sin: float) -> None:
        """Eyes, brows, cheeks, nose and mouth."""
        nod = -pose.head_nod * 0.42
        eye_y = -0.1 + nod
        blush = 0.28 + 0.5 * max(0.0, pose.glow - 0.4) + 0.2 * max(0.0, pose.smile)
        for side in (-1, 1):
            x, squash = _round(side * 0.66, theta)
            if squash > 0.3:
                draw_cheek(pen, self.skin, x * 0.88, eye_y - 0.42, (0.2 * squash, 0.14), blush)
        if self.freckles and pen.seen(0.03, 1.2):
            self._freckles(pen, theta, eye_y)
        if self.beard:
            self._beard(pen, theta, pose, nod)
        mouth_x, mouth_squash = _round(0.0, theta, 0.98)
        draw_mouth(pen, pose, self.mouth, mouth_x * 0.78, -0.7 + nod * 0.9, max(0.3, mouth_squash))
        if self.beard and self.beard[0] != "stubble":
            self._moustache(pen, mouth_x * 0.82, -0.54 + nod, mouth_squash)
        for side in (-1, 1):
            x, squash = _round(side * self.gap, theta)
            draw_eye(pen, pose, self.eye, x, eye_y, min(1.0, squash * 1.15), side)
            if squash > 0.26:
                at = (x * 1.0, eye_y + 0.4)
                draw_brow(pen, pose, self.brow_color, at, (0.21 * (0.4 + 0.6 * squash), 0.085 * self.brow), side)
        pen.mark("nose", sin * 1.02, -0.42 + nod)
        self._nose(pen, sin, -0.36 + nod)
        if self.age == "old" and pen.seen(0.1, 6):
            self._wrinkles(pen, theta, eye_y)
        if self.injury:
            self._plaster(pen, theta, nod)

    def _nose(self, pen: Pen, sin: float, y: float) -> None:
        """The nose of the look's shape at height y."""
        if not pen.seen(0.12, 2):
            return
        long = {"button": 0.0, "round": 0.03, "straight": 0.06, "long": 0.13}.get(self.nose, 0.0)
        wide = {"button": 0.1, "round": 0.15, "straight": 0.1, "long": 0.11}.get(self.nose, 0.1) * (
            1.12 if self.sex == "man" else 0.92
        )
        x = sin * (1.05 + long)
        tone = pen.tone(self.nose_color)
        path = skia.Path()
        path.moveTo(x - sin * 0.2 - wide * 0.42, y + 0.3)
        path.cubicTo(x - wide * 0.4 + sin * 0.02, y + 0.12, x - wide * 1.2, y + 0.06, x - wide * 1.05, y - 0.06 - long)
        path.cubicTo(x - wide * 0.8, y - 0.19 - long, x + wide * 0.8, y - 0.19 - long, x + wide * 1.05, y - 0.06 - long)
        path.cubicTo(x + wide * 1.2, y + 0.06, x + wide * 0.4 + sin * 0.02, y + 0.12, x - sin * 0.2 + wide * 0.42, y + 0.3)
        path.close()
        if abs(sin) > 0.35:
            pen.flat(path, pen.tone(self.skin).lit)
        pen.oval(x, y - 0.05 - long, wide * 1.05, 0.115, tone.lit)
        shadow = skia.Path()
        shadow.moveTo(x - wide, y - 0.08 - long)
        shadow.cubicTo(x - wide * 0.7, y - 0.2 - long, x + wide * 0.7, y - 0.2 - long, x + wide, y - 0.08 - long)
        pen.line(shadow, tone.line & 0x9CFFFFFF, 0.042)
        if pen.seen(0.1, 8):
            pen.oval(x - 0.035 * math.copysign(1, -pen.light.key_x), y - 0.005 - long, 0.035, 0.028, 0x70FFFFFF)

    def _freckles(self, pen: Pen, theta: float, eye_y: float) -> None:
        """Freckles below the eyes."""
        color = to_skia(multiply(mix(pen.color(self.skin), (0.5, 0.22, 0.1), 0.5), pen.light.key_color), 0.75)
        for angle, y in (
            (-0.72, -0.34),
            (-0.56, -0.4),
            (-0.62, -0.28),
            (-0.44, -0.33),
            (0.72, -0.34),
            (0.56, -0.4),
            (0.62, -0.28),
            (0.44, -0.33),
        ):
            x, squash = _round(angle, theta)
            if squash > 0.2:
                pen.dot(x, eye_y + y, 0.024, color)

    def _wrinkles(self, pen: Pen, theta: float, eye_y: float) -> None:
        """The lines of an old face."""
        color = pen.tone(self.ear_color).line & 0x5AFFFFFF
        path = skia.Path()
        for side in (-1, 1):
            x, squash = _round(side * 0.78, theta)
            if squash > 0.25:
                for dy in (0.03, -0.07):
                    path.moveTo(x, eye_y + dy)
                    path.lineTo(x + side * 0.1 * squash, eye_y + dy * 2.2)
            bag, squash = _round(side * self.gap, theta)
            if squash > 0.25:
                path.moveTo(bag - 0.12 * squash, eye_y - 0.3)
                path.quadTo(bag, eye_y - 0.37, bag + 0.12 * squash, eye_y - 0.3)
            fold, squash = _round(side * 0.36, theta)
            if squash > 0.5:
                path.moveTo(fold, eye_y - 0.38)
                path.quadTo(fold + side * 0.13 * squash, eye_y - 0.48, fold + side * 0.12 * squash, eye_y - 0.6)
        pen.line(path, color, 0.032)

    def _beard(self, pen: Pen, theta: float, pose: BodyPose, nod: float) -> None:
        """Beard or stubble on the jaw."""
        if self.beard is None:
            return
        style, color = self.beard
        if style == "moustache":
            return
        sin = math.sin(theta)
        drop = -1.16 - 0.05 * self.jaw - pose.mouth_open * 0.16 - (0.5 if style == "long" else 0.1 if style == "full" else 0.02)
        top = -0.62 + nod
        if style == "goatee":
            x = sin * 0.8
            path = curve(
                (
                    (x - 0.27, -0.78 + nod),
                    (x - 0.22, -1.12),
                    (x, drop - 0.12),
                    (x + 0.22, -1.12),
                    (x + 0.27, -0.78 + nod),
                    (x, -0.92 + nod),
                )
            )
        else:
            left, right = -1.0 + 0.0 * sin, 1.0
            inner_left, _ = _round(-0.62, theta)
            inner_right, _ = _round(0.62, theta)
            mid = sin * 0.75
            path = curve(
                (
                    (left * 0.985, 0.02),
                    (left * 1.0, -0.4),
                    (left * 0.84 + sin * 0.1, -0.86),
                    (-0.44 + sin * 0.2, drop + 0.1),
                    (sin * 0.25 + pose.sway * 0.05, drop),
                    (0.44 + sin * 0.2, drop + 0.1),
                    (right * 0.84 + sin * 0.1, -0.86),
                    (right * 1.0, -0.4),
                    (right * 0.985, 0.02),
                    (max(0.1, min(0.93, inner_right)), -0.36),
                    (min(0.9, mid + 0.42), top),
                    (mid, top + 0.09),
                    (max(-0.9, mid - 0.42), top),
                    (min(-0.1, max(-0.93, inner_left)), -0.36),
                ),
                tension=0.9,
            )
        if style == "stubble":
            rgb = mix(pen.color(self.skin), pen.color(color), 0.3)
            pen.flat(path, to_skia(multiply(rgb, pen.light.key_color), 0.8))
        else:
            pen.solid(path, color, 0.12)

    def _moustache(self, pen: Pen, x: float, y: float, squash: float) -> None:
        """A moustache above the mouth."""
        if self.beard is None:
            return
        half = 0.4 * (0.35 + 0.65 * squash)
        path: Any = skia.Path()
        path.moveTo(x, y + 0.07)
        path.cubicTo(x + half * 0.4, y + 0.12, x + half * 0.8, y + 0.02, x + half * 1.15, y - 0.14)
        path.cubicTo(x + half * 0.7, y - 0.16, x + half * 0.25, y - 0.12, x, y - 0.05)
        path.cubicTo(x - half * 0.25, y - 0.12, x - half * 0.7, y - 0.16, x - half * 1.15, y - 0.14)
        path.cubicTo(x - half * 0.8, y + 0.02, x - half * 0.4, y + 0.12, x, y + 0.07)
        tone: Tone = pen.tone(self.beard[1])
        pen.flat(path, tone.dim if self.beard[0] in ("full", "long") else tone.lit)

    def _plaster(self, pen: Pen, theta: float, nod: float) -> None:
        """A sticking plaster on the brow; a bandage round the head for a head wound."""
        x, squash = _round(0.5, theta)
        if "head" in self.injury or "bandage" in self.injury:
            band = curve(((-1.0, 0.34), (0, 0.46 + nod * 0.5), (1.0, 0.34), (0.96, 0.58), (0, 0.72 + nod * 0.5), (-0.96, 0.58)))
            pen.solid(band, "#f1ebe0", 0.1)
        elif squash > 0.15:
            pen.canvas.save()
            pen.canvas.translate(x, 0.5 + nod)
            pen.canvas.rotate(24)
            pen.paint.setColor(pen.tone("#e6c09a").lit)
            pen.canvas.drawRoundRect(skia.Rect.MakeLTRB(-0.2 * squash, -0.07, 0.2 * squash, 0.07), 0.07, 0.07, pen.paint)
            pen.canvas.restore()


def _round(angle: float, theta: float, radius: float = 1.0) -> tuple[float, float]:
    """x of a point at `angle` round the head, and how squashed it looks (0 at the edge, negative behind)."""
    return math.sin(angle + theta) * radius, math.cos(angle + theta)
