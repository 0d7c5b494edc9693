"""Robots: panels, an antenna, lamp eyes with shutters, and a mouth of light that moves with the voice."""

from __future__ import annotations

import math
from collections.abc import Mapping

import skia

from episodic.backbones.stage.painter.figures.human_body import Proportions, Skeleton, mark_arms, mark_legs, skeleton
from episodic.backbones.stage.painter.figures.pose import BodyPose
from episodic.backbones.stage.painter.figures.props import draw_in_hand
from episodic.backbones.stage.painter.figures.wardrobe_head import draw_hat
from episodic.backbones.stage.painter.figures.wardrobe_torso import garment_of
from episodic.backbones.stage.painter.palette import mix, screen, to_skia
from episodic.backbones.stage.painter.pen import Pen, curve, ellipse, polygon
from memory.model.facts import FactValue

__all__ = ["Robot"]

_STEEL = "#7b8590"
_DARK = "#2b303a"


class Robot:
    """One robot, built once."""

    def __init__(self, look: Mapping[str, FactValue], holding: Mapping[str, FactValue] | None) -> None:
        self.form, self.base = str(look.get("form", "round")), str(look.get("base", "legs"))
        self.color, self.panel, self.accent, self.lamp = (
            str(look.get(key, "#8a94b8")) for key in ("color", "belly", "accent", "eyes")
        )
        self.antenna, self.voice = str(look.get("antenna", "ball")), str(look.get("mouth", "bar"))
        self.rust, self.holding = bool(look.get("rust")), holding
        height = look.get("height")
        self.height = float(height) if isinstance(height, int | float) else 1.2
        self.size = _proportions(self.height, self.form)
        self.hat, self.scarf = garment_of(look.get("hat")), garment_of(look.get("scarf"))

    @property
    def face_y(self) -> float:
        """Metres above the floor of the middle of the face, standing."""
        return self.size.shoulder_y + self.size.head * 1.1

    @property
    def half_width(self) -> float:
        """Metres to the side with the arms hanging."""
        return self.size.shoulder * 1.7 + self.size.arm_width

    def draw(self, pen: Pen, pose: BodyPose) -> None:
        """Draw the robot, standing at the origin."""
        body = skeleton(self.size, pose)
        near, far = (0, 1) if body.sin >= 0 else (1, 0)
        canvas = pen.canvas
        turned = abs(body.sin) > 0.3
        if self.form == "hover":
            canvas.save()
            canvas.translate(0, self.height * (0.05 + 0.012 * pose.breath))
        mark_legs(pen, body, hips_only=self.form == "hover" or self.base == "wheel")
        if self.form == "hover":
            pen.oval(0, body.hip_y * 0.42, self.size.hip * 0.5, body.hip_y * 0.3, self._light(pen, 0.25, 0.35))
            pen.oval(0, body.hip_y * 0.5, self.size.hip * 0.3, body.hip_y * 0.2, self._light(pen, 0.6, 0.6))
        elif self.base == "wheel":
            self._wheel(pen, body, pose)
        else:
            for index in (far, near):
                self._leg(pen, body, index)
        canvas.save()
        canvas.translate(0, body.hip_y)
        canvas.rotate(-math.degrees(body.lean))
        canvas.translate(0, -body.hip_y)
        mark_arms(pen, body)
        if turned:
            self._arm(pen, body, far)
        self._torso(pen, body, pose)
        self._head(pen, body, pose)
        if not turned:
            self._arm(pen, body, far)
        self._arm(pen, body, near)
        canvas.restore()
        if self.form == "hover":
            canvas.restore()

    def _light(self, pen: Pen, strength: float, alpha: float = 1.0) -> int:
        """The lamps' colour: lamps shine, so the set's light does not touch them."""
        rgb = pen.color(self.lamp)
        return to_skia(
            mix(mix(rgb, (0.1, 0.12, 0.16), 1 - strength), screen(rgb, (0.3, 0.3, 0.3)), max(0.0, strength - 0.6)), alpha
        )

    def _leg(self, pen: Pen, body: Skeleton, index: int) -> None:
        """A leg: hose or rod, with a foot."""
        leg, width = body.legs[index], self.size.leg_width
        pen.limb((leg.hip, leg.knee, leg.ankle), (width, width * 0.9, width), _STEEL)
        pen.dot(leg.knee[0], leg.knee[1], width * 0.72, pen.tone(self.accent).lit)
        x, y = leg.ankle
        half = self.size.foot * 0.75
        cx = x + leg.toe * self.size.foot * 0.4
        foot = curve(
            (
                (cx - half, 0),
                (cx - half * 0.9, y + width * 0.4),
                (cx, y + width * 0.9),
                (cx + half * 0.9, y + width * 0.4),
                (cx + half, 0),
            ),
            tension=0.8,
        )
        canvas = pen.canvas
        canvas.save()
        canvas.translate(0, y - self.height * 0.035)
        pen.solid(foot, self.color, 0.2)
        canvas.restore()

    def _wheel(self, pen: Pen, body: Skeleton, pose: BodyPose) -> None:
        """A wheel instead of legs."""
        radius = self.height * 0.11
        pen.limb(((0, body.hip_y), (0, body.hip_y * 0.6), (0, radius)), (radius * 0.8, radius * 0.5, radius * 0.5), _STEEL)
        wide = 0.5 + 0.5 * abs(body.sin)
        pen.solid(ellipse(0, radius, radius * (0.62 + 0.38 * wide), radius), _DARK, 0.2)
        pen.solid(ellipse(0, radius, radius * 0.55 * wide, radius * 0.55), self.accent, 0.2)
        turn = math.atan2(pose.stride_sin, pose.stride_cos + 1e-6)
        for index in range(3):
            angle = turn + index * 2.094
            pen.dot(
                math.cos(angle) * radius * 0.32 * wide,
                radius + math.sin(angle) * radius * 0.32,
                radius * 0.08,
                pen.tone(_DARK).lit,
            )

    def _arm(self, pen: Pen, body: Skeleton, index: int) -> None:
        """An arm with a gripper, and the prop in it."""
        arm, width = body.arms[index], self.size.arm_width
        if self.holding is not None and index == 1:
            angle = math.degrees(math.atan2(arm.hand[1] - arm.elbow[1], arm.hand[0] - arm.elbow[0]))
            draw_in_hand(pen, self.holding, arm.hand, angle, self.height)
        pen.limb((arm.shoulder, arm.elbow, arm.hand), (width * 0.72, width * 0.66, width * 0.66), _STEEL)
        if pen.seen(width, 8):
            tone = pen.tone(_STEEL)
            for t in (0.25, 0.5, 0.75):
                for a, b in ((arm.shoulder, arm.elbow), (arm.elbow, arm.hand)):
                    pen.dot(a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t, width * 0.4, tone.line & 0x50FFFFFF)
        pen.solid(ellipse(arm.shoulder[0], arm.shoulder[1], width * 0.85, width * 0.85), self.color, 0.24)
        dx, dy = arm.hand[0] - arm.elbow[0], arm.hand[1] - arm.elbow[1]
        canvas = pen.canvas
        canvas.save()
        canvas.translate(*arm.hand)
        canvas.rotate(math.degrees(math.atan2(dy, dx)))
        for side in (-1, 1):
            grip = curve(
                (
                    (-width * 0.2, 0),
                    (width * 0.5, side * width * 0.85),
                    (width * 1.5, side * width * 0.5),
                    (width * 0.8, side * width * 0.3),
                ),
                tension=0.8,
            )
            pen.solid(grip, self.accent, 0.24)
        pen.solid(ellipse(0, 0, width * 0.7, width * 0.7), self.color, 0.24)
        canvas.restore()

    def _torso(self, pen: Pen, body: Skeleton, pose: BodyPose) -> None:
        """Body, panel, rust and scarf."""
        size = self.size
        low, top = body.hip_y - size.height * 0.03, body.shoulder_y + size.height * 0.03
        half = size.shoulder * (0.84 + 0.16 * abs(body.cos)) * 0.96
        if self.form in ("round", "hover"):
            path = ellipse(0, (low + top) / 2, half * 1.12, (top - low) / 2 * 1.04)
        elif self.form == "tall":
            path = curve(
                (
                    (-half * 0.7, low),
                    (-half, top - half * 0.3),
                    (-half * 0.6, top),
                    (half * 0.6, top),
                    (half, top - half * 0.3),
                    (half * 0.7, low),
                ),
                tension=0.6,
            )
        else:
            path = skia.Path()
            path.addRoundRect(skia.Rect.MakeLTRB(-half, low, half, top), half * 0.24, half * 0.24)
        pen.limb(((0, top - 0.01), (0, top + size.height * 0.02), (0, top + size.height * 0.05)), (half * 0.5,) * 3, _STEEL)
        pen.solid(path, self.color, 0.13)
        self._panel(pen, body, pose, half, low, top)
        if self.rust and pen.seen(half, 20):
            for rx, ry, rr in ((-0.6, 0.2, 0.14), (-0.5, 0.12, 0.1), (0.66, 0.78, 0.1), (0.55, 0.16, 0.07)):
                pen.oval(rx * half, low + ry * (top - low), rr * half, rr * half * 0.8, pen.tone("#9a5a34").lit & 0xB0FFFFFF)
        if self.scarf:
            self._scarf(pen, self.scarf.color, pose, half, low, top)

    def _panel(self, pen: Pen, body: Skeleton, pose: BodyPose, half: float, low: float, top: float) -> None:
        """The panel on the chest with its lamps, and rivets."""
        x = body.sin * half * 0.42
        wide, mid = half * 0.56 * max(0.35, body.cos), (low + top) / 2
        panel = skia.Path()
        panel.addRoundRect(
            skia.Rect.MakeLTRB(x - wide, mid - (top - low) * 0.22, x + wide, mid + (top - low) * 0.26), half * 0.12, half * 0.12
        )
        pen.solid(panel, self.panel, 0.08)
        if pen.seen(half, 12):
            glow = 0.4 + 0.6 * pose.glow
            pen.dot(x, mid + (top - low) * 0.08, half * 0.2, self._light(pen, glow, 0.35))
            pen.dot(x, mid + (top - low) * 0.08, half * 0.13, self._light(pen, glow))
            for index in range(3):
                pen.dot(
                    x + (index - 1) * wide * 0.5,
                    mid - (top - low) * 0.12,
                    half * 0.055,
                    pen.tone((self.accent, "#f2b632", _STEEL)[index]).lit,
                )
            for side in (-1, 1):
                for y in (low + (top - low) * 0.14, top - (top - low) * 0.14):
                    pen.dot(side * half * 0.78, y, half * 0.04, pen.tone(self.color).line)

    def _scarf(self, pen: Pen, color: str, pose: BodyPose, half: float, low: float, top: float) -> None:
        """A scarf round the neck, one end in the wind."""
        wind = pose.sway * self.size.height * 0.06
        pen.solid(
            curve(
                (
                    (half * 0.2, top),
                    (half * 0.5, top),
                    (half * 0.56 + wind, low + (top - low) * 0.3),
                    (half * 0.24 + wind, low + (top - low) * 0.26),
                ),
                tension=0.4,
            ),
            color,
            0.2,
        )
        pen.solid(
            curve(
                (
                    (-half * 0.8, top + half * 0.1),
                    (0, top + half * 0.2),
                    (half * 0.8, top + half * 0.1),
                    (half * 0.6, top - half * 0.2),
                    (0, top - half * 0.26),
                    (-half * 0.6, top - half * 0.2),
                )
            ),
            color,
            0.2,
        )

    def _head(self, pen: Pen, body: Skeleton, pose: BodyPose) -> None:
        """Head, antenna, eyes and mouth."""
        canvas, head = pen.canvas, self.size.head
        theta = pose.facing * 1.0
        sin, cos = math.sin(theta), math.cos(theta)
        canvas.save()
        canvas.translate(body.sin * head * 0.12, body.shoulder_y + head * (1.16 - 0.16 * pose.head_nod))
        canvas.rotate(-math.degrees(pose.head_tilt) - pose.head_nod * 12 * pose.facing)
        canvas.scale(head, head)
        pen.zoom = head
        self._antenna(pen, pose, sin)
        pen.mark("nose", sin * 0.8, -0.1 - pose.head_nod * 0.25)
        for side in (-1, 1):
            if side * sin < 0.5:
                pen.mark("right_ear" if side < 0 else "left_ear", side * (0.99 - 0.25 * abs(sin)) - sin * 0.12, 0.0)
            pen.solid(ellipse(side * (0.99 - 0.25 * abs(sin)) - sin * 0.12, 0.0, 0.17, 0.24), self.accent, 0.2)
        shell = skia.Path()
        round_ = 0.34 if self.form in ("box", "tall") else 0.72
        shell.addRoundRect(skia.Rect.MakeLTRB(-1.0, -0.8, 1.0, 0.84), round_, round_)
        pen.solid(shell, self.color, 0.13)
        left, right = max(-0.92, -0.8 + sin * 0.42), min(0.92, 0.8 + sin * 0.42)
        visor = skia.Path()
        visor.addRoundRect(skia.Rect.MakeLTRB(left, -0.62, right, 0.6), round_ * 0.76, round_ * 0.76)
        pen.solid(visor, _DARK, 0.06)
        if pen.seen(0.5, 20):
            shine = skia.Path()
            shine.moveTo(left + 0.16, 0.44)
            shine.quadTo(left + 0.3, 0.53, left + 0.6, 0.53)
            pen.line(shine, 0x40FFFFFF, 0.05)
        nod = -pose.head_nod * 0.25
        for side in (-1, 1):
            x, squash = math.sin(side * 0.42 + theta * 0.9) * 0.92, math.cos(side * 0.42 + theta * 0.9)
            self._eye(pen, pose, x, 0.12 + nod, max(0.2, squash), side)
        self._mouth(pen, pose, sin * 0.62, -0.34 + nod, cos)
        if self.hat:
            canvas.translate(0, -0.2)
            draw_hat(pen, self.hat, sin)
        pen.zoom = 1.0
        canvas.restore()

    def _antenna(self, pen: Pen, pose: BodyPose, sin: float) -> None:
        """The antenna of the look."""
        wobble = pose.sway * 0.14
        roots = (-0.4, 0.4) if self.antenna == "pair" else (-sin * 0.2,)
        for root in roots:
            tip = (root + wobble + (0.1 if root > 0 else -0.1 if root < 0 else 0.0), 1.32)
            path = skia.Path()
            path.moveTo(root, 0.76)
            path.quadTo(root, 1.1, *tip)
            pen.line(path, pen.tone(_STEEL).dim, 0.08)
            glow = 0.35 + 0.65 * max(pose.glow, pose.mouth_open)
            if self.antenna == "dish":
                pen.solid(
                    curve(
                        (
                            (tip[0] - 0.3, tip[1] + 0.16),
                            (tip[0], tip[1] - 0.04),
                            (tip[0] + 0.3, tip[1] + 0.16),
                            (tip[0], tip[1] + 0.1),
                        )
                    ),
                    self.accent,
                    0.2,
                )
            pen.dot(*tip, 0.26, self._light(pen, glow, 0.22))
            pen.dot(*tip, 0.13, self._light(pen, glow))

    def _eye(self, pen: Pen, pose: BodyPose, x: float, y: float, squash: float, side: int) -> None:
        """A lamp that narrows with the lid."""
        rx, ry = 0.27 * (0.4 + 0.6 * squash), 0.29
        pen.mark("right_eye" if side < 0 else "left_eye", x, y)
        bright = 0.62 + 0.38 * pose.glow
        pen.oval(x, y, rx * 1.35, ry * 1.35, self._light(pen, bright, 0.16))
        canvas = pen.canvas
        canvas.save()
        shape = ellipse(x, y, rx, ry)
        canvas.clipPath(shape, True)
        pen.flat(shape, self._light(pen, bright))
        gx, gy = x + pose.gaze_x * rx * 0.4, y + pose.gaze_y * ry * 0.4
        pen.oval(gx, gy, rx * 0.5, ry * 0.5, to_skia((0.08, 0.1, 0.15)))
        pen.oval(gx - rx * 0.16, gy + ry * 0.2, rx * 0.17, ry * 0.17, 0xE8FFFFFF)
        # shutters: the upper one is lid and brow, the lower one a smile's cheek
        drop = y + ry * (2.1 * min(1.0, pose.lid) - 1.0) * (0.98 if pose.lid < 0.95 else 1.2) + pose.brow_raise * 0.06
        tilt = pose.brow_furrow * 0.2 * side
        low = y - ry * (1.05 - 0.7 * max(0.0, pose.smile))
        shutter = pen.tone(self.color)
        pen.flat(
            polygon(((x - 0.5, drop - tilt * 1.0), (x + 0.5, drop + tilt), (x + 0.5, y + 0.8), (x - 0.5, y + 0.8))), shutter.dim
        )
        pen.flat(
            curve(
                ((x - 0.5, low - 0.16), (x, low + 0.03), (x + 0.5, low - 0.16), (x + 0.5, y - 0.7), (x - 0.5, y - 0.7)),
                tension=0.6,
            ),
            shutter.dim,
        )
        canvas.restore()

    def _mouth(self, pen: Pen, pose: BodyPose, x: float, y: float, cos: float) -> None:
        """A bar, a grille or a wave that moves with speech."""
        half = (0.34 + 0.1 * pose.mouth_wide) * (0.4 + 0.6 * cos)
        bright = 0.7 + 0.3 * pose.mouth_open
        if self.voice == "wave" or pose.mouth_open < 0.05:
            bend, open_ = 0.16 * pose.smile, pose.mouth_open * 0.16
            count = 8
            points = [
                (
                    x - half + 2 * half * i / count,
                    y - bend * (1 - (2 * i / count - 1) ** 2) * 1.0 + bend * 0.5 + (open_ if i % 2 else -open_),
                )
                for i in range(count + 1)
            ]
            pen.line(curve(points, closed=False), self._light(pen, bright), 0.075)
            return
        count = 7
        for index in range(count):
            t = 2 * index / (count - 1) - 1
            high = 0.04 + pose.mouth_open * 0.24 * (1 - 0.6 * t * t) * (1 if index % 2 or self.voice == "grille" else 0.62)
            cy = y + 0.1 * pose.smile * t * t
            pen.oval(x + t * half, cy, 0.036, high, self._light(pen, bright))


def _proportions(height: float, form: str) -> Proportions:
    """The sizes of a robot of this height and form."""
    head = height * {"tall": 0.135, "box": 0.175, "round": 0.18}.get(form, 0.18)
    return Proportions(
        height=height,
        head=head,
        hip_y=height * (0.36 if form == "tall" else 0.27),
        shoulder_y=height - head * 2.35,
        shoulder=height * (0.13 if form == "tall" else 0.175),
        waist=height * 0.14,
        hip=height * 0.13,
        arm=height * 0.15,
        arm_width=height * 0.062,
        leg_width=height * 0.07,
        leg=height * (0.17 if form == "tall" else 0.125),
        foot=height * 0.1,
    )
