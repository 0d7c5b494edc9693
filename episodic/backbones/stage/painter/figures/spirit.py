"""Spirits: soft overlapping shapes with kind eyes, an inner glow, and wisps that trail with the sway."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final

import skia

from episodic.backbones.stage.painter.figures.face import EyeStyle, MouthStyle, draw_brow, draw_cheek, draw_eye, draw_mouth
from episodic.backbones.stage.painter.figures.pose import BodyPose
from episodic.backbones.stage.painter.figures.wardrobe_head import draw_hat
from episodic.backbones.stage.painter.figures.wardrobe_torso import garment_of
from episodic.backbones.stage.painter.palette import Rgb, luminance, mix, multiply, screen, shade, to_skia
from episodic.backbones.stage.painter.pen import Pen, Point, curve, ellipse
from memory.model.facts import FactValue

__all__ = ["Spirit"]

_FACES: Final = {"cloud": 0.54, "fire": 0.36, "star": 0.5, "moon": 0.52, "wave": 0.58, "wind": 0.64, "voice": 0.52}
"""How high the face is, of the height; a ghost's is at 0.72."""


class Spirit:
    """One spirit, built once. Drawn in units of its height."""

    def __init__(self, look: Mapping[str, FactValue], holding: Mapping[str, FactValue] | None) -> None:
        self.form = str(look.get("form", "ghost"))
        self.color, self.glow = str(look.get("color", "#b8d8d0")), str(look.get("belly", "#f8fff4"))
        height = look.get("height")
        self.height = float(height) if isinstance(height, int | float) else 1.6
        puffs = look.get("puffs")
        self.puffs = float(puffs) if isinstance(puffs, int | float) else 0.5
        self.eye = EyeStyle(rx=0.19, ry=0.25, iris=str(look.get("eyes", "#2c3450")), iris_size=0.92, lash=0.045)
        self.mouth = MouthStyle(half_width=0.27, line="#33304a", inside="#3a2444", tongue="#c8708a")
        self.hat, self.holding = garment_of(look.get("hat")), holding

    @property
    def face_y(self) -> float:
        """Metres above the floor of the middle of the face, standing."""
        return self.height * _FACES.get(self.form, 0.72)

    @property
    def half_width(self) -> float:
        """Metres to the side at rest."""
        return self.height * (0.5 if self.form == "cloud" else 0.36)

    def draw(self, pen: Pen, pose: BodyPose) -> None:
        """Draw the spirit, hovering over the origin."""
        canvas, high = pen.canvas, self.height
        canvas.save()
        canvas.scale(high, high)
        pen.zoom = high
        canvas.translate(0.02 * pose.sway, 0.03 * pose.breath + pose.bob / high - 0.14 * pose.crouch)
        canvas.rotate(-math.degrees(pose.lean) * 0.7)
        self._halo(pen, pose)
        shapes = {
            "cloud": self._cloud,
            "fire": self._fire,
            "star": self._star,
            "moon": self._moon,
            "wave": self._wave,
            "wind": self._wind,
            "snow": self._snow,
            "voice": self._voice,
        }
        face = shapes.get(self.form, self._ghost)(pen, pose)
        self._face(pen, pose, *face)
        pen.zoom = 1.0
        canvas.restore()

    def _colors(self, pen: Pen, pose: BodyPose) -> tuple[Rgb, Rgb]:
        """Body in its own light and in the set's shade."""
        rgb, light = pen.color(self.color), pen.color(self.glow)
        lit = mix(multiply(rgb, mix(pen.light.key_color, (1, 1, 1), 0.35)), light, 0.1 + 0.3 * pose.glow)
        dark = multiply(shade(rgb, -0.22), mix(pen.light.key_color, pen.light.shadow_color, 0.5))
        return lit, mix(dark, light, 0.08 * pose.glow)

    def _halo(self, pen: Pen, pose: BodyPose) -> None:
        """The light around the spirit."""
        strength = 0.1 + 0.5 * pose.glow
        rgb = pen.color(self.glow)
        radius = 0.72
        colors = [to_skia(rgb, 0.62 * strength), to_skia(rgb, 0.22 * strength), to_skia(rgb, 0.0)]
        pen.wash(
            ellipse(0, 0.55, radius, radius), skia.GradientShader.MakeRadial(skia.Point(0, 0.55), radius, colors, [0.0, 0.5, 1.0])
        )

    def _filled(self, pen: Pen, path: skia.Path, top: Rgb, low: Rgb, alpha: tuple[float, float] = (1.0, 1.0)) -> None:
        """A fill that goes from `top` at the key's upper side to `low` at the other."""
        box = path.getBounds()
        side = -pen.light.key_x * 0.3 * box.width()
        start = skia.Point(box.centerX() - side, box.bottom())
        end = skia.Point(box.centerX() + side, box.top())
        pen.wash(path, skia.GradientShader.MakeLinear([start, end], [to_skia(top, alpha[0]), to_skia(low, alpha[1])]))

    def _face(self, pen: Pen, pose: BodyPose, x: float, y: float, unit: float) -> None:
        """Eyes, brows, cheeks and mouth about (x, y)."""
        canvas = pen.canvas
        theta = pose.facing * 0.95
        canvas.save()
        canvas.translate(x + 0.1 * unit * math.sin(theta), y)
        canvas.rotate(-math.degrees(pose.head_tilt))
        canvas.scale(unit, unit)
        pen.zoom = self.height * unit
        nod = -pose.head_nod * 0.35
        dark = luminance(pen.color(self.color)) < 0.5
        brow = self.glow if dark else "#3a3550"
        for side in (-1, 1):
            ex, squash = math.sin(side * 0.46 + theta), max(0.2, math.cos(side * 0.46 + theta))
            draw_eye(pen, pose, self.eye, ex, 0.1 + nod, squash, side)
            draw_brow(pen, pose, brow, (ex, 0.52 + nod), (0.17 * squash, 0.06), side)
            cheek = math.sin(side * 0.78 + theta)
            draw_cheek(pen, self.color, cheek, -0.24 + nod, (0.16, 0.1), 0.35 + 0.5 * pose.glow)
        mouth = self.mouth if not dark else MouthStyle(half_width=0.27, line=self.glow, inside="#2a1c3a", tongue="#c8708a")
        draw_mouth(pen, pose, mouth, math.sin(theta) * 0.9, -0.36 + nod, max(0.5, math.cos(theta)))
        if self.hat:
            canvas.translate(0, 0.5)
            draw_hat(pen, self.hat, math.sin(theta))
        pen.zoom = self.height
        canvas.restore()

    def _puffed(self, circles: Sequence[tuple[float, float, float]]) -> skia.Path:
        """Overlapping circles as one path."""
        path = skia.Path()
        for x, y, r in circles:
            path.addCircle(x, y, r)
        return path

    def _arms(self, pen: Pen, pose: BodyPose, at: tuple[float, float], length: float, colors: tuple[Rgb, Rgb]) -> None:
        """Two soft arms that end in wisps."""
        for side in (-1, 1):
            raised = pose.arm_left_raise if side < 0 else pose.arm_right_raise
            bend = pose.arm_left_bend if side < 0 else pose.arm_right_bend
            angle = 0.5 + max(0.0, raised) * 0.85
            x, y = side * at[0], at[1]
            mid = (x + side * math.sin(angle) * length * 0.6, y - math.cos(angle) * length * 0.6)
            fold = angle + bend * 0.5
            tip = (mid[0] + side * math.sin(fold) * length * 0.55 + pose.sway * 0.03, mid[1] - math.cos(fold) * length * 0.55)
            name = "right" if side < 0 else "left"
            pen.mark(f"{name}_shoulder", x, y)
            pen.mark(f"{name}_elbow", *mid)
            pen.mark(f"{name}_wrist", mid[0] + (tip[0] - mid[0]) * 0.7, mid[1] + (tip[1] - mid[1]) * 0.7)
            pen.flat(
                _tapered((x, y), mid, tip, length * 0.36), to_skia(mix(*colors, 0.35 if side * pen.light.key_x > 0 else 0.75))
            )

    def _cloud(self, pen: Pen, pose: BodyPose) -> tuple[float, float, float]:
        """A cloud. Returns x, y and unit of the face, as all shapes do."""
        lit, dark = self._colors(pen, pose)
        s, b = pose.sway * 0.03, 0.008 * pose.breath
        p = 0.03 * (self.puffs - 0.5)
        tail = curve(
            ((-0.26, 0.34), (-0.2, 0.16), (-0.04 - s, 0.04), (0.05 - s * 3, -0.02), (0.06 - s, 0.1), (0.16, 0.2), (0.28, 0.34))
        )
        self._filled(pen, tail, dark, shade(dark, -0.1), (0.95, 0.15))
        for index, (x, y) in enumerate(((-0.34, 0.24), (0.36, 0.22), (0.2, 0.1), (-0.16, 0.08))):
            wisp = _tapered((x * 0.8, y + 0.12), (x + s * 2, y), (x + s * 4 + 0.05 * (-1) ** index, y - 0.1), 0.07)
            pen.flat(wisp, to_skia(dark, 0.55))
        back = self._puffed(
            (
                (-0.34 - s, 0.5, 0.17 + b),
                (0.35 - s, 0.48, 0.18 + b),
                (-0.24, 0.76 + p, 0.17),
                (0.26, 0.74 - p, 0.17),
                (0.02, 0.86, 0.15),
            )
        )
        self._filled(pen, back, mix(lit, dark, 0.35), dark)
        self._arms(pen, pose, (0.34, 0.46), 0.26, (lit, dark))
        front = self._puffed(
            (
                (0, 0.54, 0.29 + b),
                (-0.22 + s, 0.4, 0.17),
                (0.23 + s, 0.39, 0.17),
                (-0.2, 0.64, 0.17),
                (0.21, 0.63, 0.16),
                (0.0, 0.74, 0.17 + b),
                (0.02, 0.33, 0.16),
            )
        )
        self._filled(pen, front, screen(lit, (0.12, 0.12, 0.12)), mix(lit, dark, 0.8))
        for x, y, r in ((-0.14, 0.78, 0.08), (0.14, 0.72, 0.06), (-0.28, 0.6, 0.07)):
            pen.oval(x - 0.02, y + 0.02, r, r * 0.6, to_skia(screen(lit, (0.3, 0.3, 0.3)), 0.35))
        if pose.brow_furrow > 0.45 or pose.glow > 0.8:
            bolt = curve(((0.3, 0.3), (0.22, 0.17), (0.28, 0.18), (0.2, 0.0), (0.36, 0.2), (0.29, 0.2), (0.38, 0.3)), tension=0.0)
            pen.flat(bolt, to_skia(pen.color("#fff0a8"), 0.95))
        return 0.0, 0.54, 0.24

    def _ghost(self, pen: Pen, pose: BodyPose) -> tuple[float, float, float]:
        """A ghost with a wavy hem."""
        lit, dark = self._colors(pen, pose)
        s = pose.sway * 0.08
        self._arms(pen, pose, (0.2, 0.5), 0.24, (lit, dark))
        hem: list[Point] = []
        for index in range(9):
            x = 0.34 - 0.085 * index
            hem.append(
                (
                    x + s * (1 - abs(index - 4) / 8),
                    0.06 + (0.06 if index % 2 else 0.0) + 0.02 * math.sin(index * 2 + pose.sway * 3),
                )
            )
        path = curve(
            ((0, 1.0), (0.18, 0.94), (0.25, 0.72), (0.27, 0.4), *hem, (-0.27, 0.4), (-0.25, 0.72), (-0.18, 0.94)), tension=0.9
        )
        self._filled(pen, path, screen(lit, (0.1, 0.1, 0.1)), dark, (0.97, 0.35))
        return 0.0, 0.74, 0.19

    def _fire(self, pen: Pen, pose: BodyPose) -> tuple[float, float, float]:
        """Flames."""
        lit, _ = self._colors(pen, pose)
        s = pose.sway * 0.07
        hot, glow = pen.color("#d8401f"), pen.color(self.glow)
        self._arms(pen, pose, (0.22, 0.36), 0.2, (lit, hot))
        for scale, color in ((1.0, hot), (0.84, lit), (0.6, mix(lit, glow, 0.75))):
            w, h = 0.34 * scale, scale
            path = curve(
                (
                    (0, 0.02),
                    (w, 0.14 * h),
                    (w * 1.02, 0.4 * h),
                    (w * 0.66 + s, 0.62 * h),
                    (w * 0.72 + s * 1.4, 0.8 * h),
                    (w * 0.2 + s, 0.7 * h),
                    (s * 2.2, 1.0 * h),
                    (-w * 0.3 + s, 0.72 * h),
                    (-w * 0.62 + s * 1.4, 0.86 * h),
                    (-w * 0.6 + s * 0.6, 0.62 * h),
                    (-w * 1.02, 0.4 * h),
                    (-w, 0.14 * h),
                )
            )
            pen.flat(path, to_skia(color))
        return 0.0, 0.36, 0.2

    def _star(self, pen: Pen, pose: BodyPose) -> tuple[float, float, float]:
        """A star with rays."""
        lit, dark = self._colors(pen, pose)
        points: list[Point] = []
        for index in range(10):
            angle = math.pi / 2 + index * math.pi / 5 + pose.sway * 0.06
            raised = 0.0
            if index == 2:
                raised = max(0.0, pose.arm_left_raise - 0.4) * 0.3
            if index == 8:
                raised = -max(0.0, pose.arm_right_raise - 0.4) * 0.3
            radius = 0.46 if index % 2 == 0 else 0.27
            points.append((math.cos(angle - raised) * radius, 0.5 + math.sin(angle - raised) * radius))
        path = curve(points, tension=0.55)
        self._filled(pen, path, screen(lit, (0.1, 0.1, 0.06)), mix(lit, dark, 0.6))
        return 0.0, 0.5, 0.2

    def _moon(self, pen: Pen, pose: BodyPose) -> tuple[float, float, float]:
        """A moon with craters."""
        lit, dark = self._colors(pen, pose)
        self._arms(pen, pose, (0.36, 0.46), 0.2, (lit, dark))
        path = skia.Path()
        path.addCircle(0, 0.52, 0.42)
        self._filled(pen, path, screen(lit, (0.1, 0.1, 0.06)), mix(lit, dark, 0.75))
        for x, y, r in ((-0.24, 0.74, 0.06), (0.25, 0.32, 0.07), (0.28, 0.7, 0.04), (-0.28, 0.34, 0.035)):
            pen.oval(x, y, r, r * 0.9, to_skia(mix(lit, dark, 0.55), 0.6))
        return 0.0, 0.52, 0.25

    def _wave(self, pen: Pen, pose: BodyPose) -> tuple[float, float, float]:
        """A wave with foam."""
        lit, dark = self._colors(pen, pose)
        s = pose.sway * 0.06
        self._arms(pen, pose, (0.24, 0.42), 0.26, (lit, dark))
        path = curve(
            (
                (-0.46, 0.0),
                (-0.4, 0.16),
                (-0.26, 0.36),
                (-0.25, 0.66),
                (-0.1 + s, 0.9),
                (0.16 + s, 1.0),
                (0.38 + s * 1.5, 0.9),
                (0.4 + s * 1.5, 0.76),
                (0.28 + s, 0.78),
                (0.24, 0.62),
                (0.28, 0.36),
                (0.42, 0.14),
                (0.48, 0.0),
            )
        )
        self._filled(pen, path, lit, dark)
        foam = to_skia(screen(pen.color(self.glow), (0.2, 0.2, 0.2)), 0.9)
        for x, y, r in (
            (0.38, 0.77, 0.05),
            (0.33, 0.74, 0.035),
            (0.43, 0.82, 0.04),
            (-0.4, 0.05, 0.06),
            (-0.28, 0.03, 0.05),
            (0.42, 0.04, 0.06),
            (0.3, 0.02, 0.05),
            (0.05, 0.02, 0.05),
            (-0.12, 0.02, 0.06),
        ):
            pen.dot(x + s * y * 1.5, y, r, foam)
        crest = curve(((-0.19, 0.5), (-0.17, 0.7), (-0.02 + s, 0.87), (0.18 + s, 0.93)), closed=False)
        pen.line(crest, foam & 0x9AFFFFFF, 0.022)
        return 0.0, 0.58, 0.2

    def _wind(self, pen: Pen, pose: BodyPose) -> tuple[float, float, float]:
        """A gust of wind in curls."""
        lit, dark = self._colors(pen, pose)
        s = pose.sway
        for index in range(5):
            y = 0.16 + index * 0.15
            start = -0.46 + 0.05 * math.sin(index * 2.2)
            path = curve(
                (
                    (start, y + 0.03 * s),
                    (-0.15, y + 0.07),
                    (0.14, y - 0.03 * s),
                    (0.42 + 0.06 * s, y + 0.05),
                    (0.46 + 0.06 * s, y + 0.12),
                    (0.38 + 0.06 * s, y + 0.12),
                ),
                closed=False,
            )
            pen.line(path, to_skia(mix(lit, dark, index / 8), 0.5), 0.05 - 0.004 * index)
        self._arms(pen, pose, (0.22, 0.52), 0.28, (lit, dark))
        path = curve(
            (
                (0, 0.92),
                (0.22, 0.84),
                (0.3, 0.62),
                (0.2, 0.42),
                (0.06 + s * 0.06, 0.26),
                (0.16 + s * 0.1, 0.12),
                (0.02 + s * 0.16, 0.02),
                (-0.04 + s * 0.06, 0.2),
                (-0.2, 0.42),
                (-0.3, 0.62),
                (-0.24, 0.84),
            )
        )
        self._filled(pen, path, screen(lit, (0.1, 0.1, 0.1)), dark, (0.95, 0.4))
        return 0.0, 0.64, 0.2

    def _snow(self, pen: Pen, pose: BodyPose) -> tuple[float, float, float]:
        """A flurry of snow."""
        lit, dark = self._colors(pen, pose)
        face = self._ghost(pen, pose)
        flake = to_skia(screen(lit, (0.3, 0.3, 0.3)), 0.9)
        for index in range(9):
            angle = index * 0.7 + pose.sway * 0.25
            x, y = math.cos(angle) * (0.34 + 0.04 * (index % 3)), 0.5 + math.sin(angle * 1.3) * 0.42
            path = skia.Path()
            for arm in range(3):
                t = arm * math.pi / 3 + angle
                path.moveTo(x - math.cos(t) * 0.024, y - math.sin(t) * 0.024)
                path.lineTo(x + math.cos(t) * 0.024, y + math.sin(t) * 0.024)
            pen.line(path, flake, 0.008)
        crown = skia.Path()
        for index in range(5):
            x = -0.16 + 0.08 * index
            crown.moveTo(x - 0.035, 0.9 + 0.05 * (1 - abs(index - 2) / 2))
            crown.lineTo(x, 1.02 + 0.06 * (1 - abs(index - 2) / 2))
            crown.lineTo(x + 0.035, 0.9 + 0.05 * (1 - abs(index - 2) / 2))
        pen.flat(crown, to_skia(mix(lit, (1, 1, 1), 0.6)))
        del dark
        return face

    def _voice(self, pen: Pen, pose: BodyPose) -> tuple[float, float, float]:
        """Rings that spread with the mouth about a soft core."""
        lit, dark = self._colors(pen, pose)
        for index in range(4):
            radius = 0.3 + 0.07 * index + 0.06 * pose.mouth_open * (index + 1) / 2
            path = skia.Path()
            path.addCircle(0, 0.52, radius)
            pen.line(path, to_skia(mix(lit, dark, index / 5), 0.55 - 0.12 * index), 0.022)
        self._arms(pen, pose, (0.2, 0.46), 0.2, (lit, dark))
        core = skia.Path()
        core.addCircle(0, 0.52, 0.26 + 0.01 * pose.breath)
        self._filled(pen, core, screen(lit, (0.12, 0.12, 0.12)), dark)
        return 0.0, 0.52, 0.19


def _tapered(a: Point, b: Point, c: Point, width: float) -> skia.Path:
    """A soft limb that ends in a point."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    length = math.hypot(dx, dy) or 1.0
    nx, ny = -dy / length * width / 2, dx / length * width / 2
    return curve(
        (
            (a[0] + nx, a[1] + ny),
            (b[0] + nx * 0.8, b[1] + ny * 0.8),
            c,
            (b[0] - nx * 0.8, b[1] - ny * 0.8),
            (a[0] - nx, a[1] - ny),
        )
    )
