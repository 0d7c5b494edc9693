"""A beast's head in head units: ears, skull, markings, muzzle and nose of its species."""

from __future__ import annotations

import math
from collections.abc import Mapping

import skia

from episodic.backbones.stage.painter.figures.animal_build import build_of
from episodic.backbones.stage.painter.figures.face import EyeStyle, MouthStyle, draw_brow, draw_cheek, draw_eye, draw_mouth
from episodic.backbones.stage.painter.figures.human_body import Skeleton
from episodic.backbones.stage.painter.figures.pose import BodyPose
from episodic.backbones.stage.painter.figures.wardrobe_head import draw_glasses, draw_hat
from episodic.backbones.stage.painter.figures.wardrobe_torso import darker, garment_of
from episodic.backbones.stage.painter.pen import Pen, curve, ellipse
from memory.model.facts import FactValue

__all__ = ["BeastHead", "draw_quills"]


class BeastHead:
    """One animal's head, built once. `size` is half its width in metres."""

    def __init__(self, look: Mapping[str, FactValue], size: float) -> None:
        self.species = str(look.get("species", "animal"))
        self.build, self.size = build_of(self.species), size
        self.coat, self.belly, self.accent = (str(look.get(key, "#a5805c")) for key in ("color", "belly", "accent"))
        fluff = look.get("fluff")
        self.fluff = fluff if isinstance(fluff, float) else 1.0
        young = look.get("age") == "young"
        self.eye = EyeStyle(
            rx=0.235 if young else 0.215,
            ry=0.3 if young else 0.275,
            iris=str(look.get("eyes", "#5a3a24")),
            iris_size=0.9,
            lash=0.05,
            flick=look.get("sex") == "woman",
            slit=self.build.slit,
        )
        self.mouth = MouthStyle(half_width=0.62 if self.species == "frog" else 0.25, line="#4a2a2a")
        self.hat, self.glasses = garment_of(look.get("hat")), garment_of(look.get("glasses"))

    def draw(self, pen: Pen, body: Skeleton, pose: BodyPose) -> None:
        """The head on its neck; the canvas is in metres."""
        head, canvas = self.size, pen.canvas
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
        """Ears, horns, mane and quills: all that stands behind the skull."""
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
            draw_quills(pen, self.coat, -sin * 0.2, 0.1, 1.2, 1.16)
        for side in (-1, 1):
            x = side * (0.62 if build.ears in ("point", "long", "round", "big") else 0.94) * (0.5 + 0.5 * cos) - sin * 0.18
            if side * sin < 0.5 and build.ears != "none":
                pen.mark("right_ear" if side < 0 else "left_ear", x, 0.3 if build.ears in ("side", "fan") else 0.6)
            self._ear(pen, side, x, build.ear, droop + pose.sway * 0.04 * side)
        if build.extra in ("horns", "antlers"):
            self._horns(pen, sin, cos)

    def _ear(self, pen: Pen, side: int, x: float, size: float, droop: float) -> None:
        """An ear of the species at x; `droop` lets it hang."""
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
        """Horns or antlers."""
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

    def _outline(self, sin: float) -> skia.Path:
        """The outline of the head: with fluffy cheeks, a frog's, or a plain one."""
        fluff = self.build.cheeks * self.fluff
        shift = sin * 0.1
        if fluff > 0.05:
            return curve(
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
        if self.species == "frog":
            return curve(
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
        low = -1.05 if self.species in ("horse", "deer", "cow", "goat") else -0.9
        return curve(
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

    def _skull(self, pen: Pen, sin: float) -> None:
        """The head without its features, and the marks of its coat."""
        path = self._outline(sin)
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
        """The markings of the coat, inside the outline of the head."""
        extra, canvas = self.build.extra, pen.canvas
        if extra not in ("stripes", "badger", "mask", "patch", "wool", "forelock"):
            return
        canvas.save()
        if extra not in ("wool", "forelock"):
            canvas.clipPath(path, True)
        tone = pen.tone(self.accent)
        if extra == "stripes":
            self._stripes(pen, sin)
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
            self._forelock(pen, sin)
        canvas.restore()

    def _stripes(self, pen: Pen, sin: float) -> None:
        """The stripes of a tiger."""
        canvas, tone = pen.canvas, pen.tone(self.accent)
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

    def _forelock(self, pen: Pen, sin: float) -> None:
        """The tuft between a horse's ears."""
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

    def _features(self, pen: Pen, pose: BodyPose, theta: float, sin: float, cos: float) -> None:
        """Muzzle, eyes, brows, cheeks and mouth."""
        build, nod = self.build, -pose.head_nod * 0.32
        frog = self.species == "frog"
        mx = sin * (0.55 + 0.42 * build.muzzle)
        my = -0.4 + nod
        wide = build.muzzle_wide * (0.9 + 0.2 * abs(sin))
        jaw = pose.mouth_open * 0.22
        pen.mark("nose", mx + sin * wide * 0.4, my + 0.1)
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
                    darker(self.coat, 0.45) if self.species != "raccoon" else self.belly,
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
        """Nose, teeth and whiskers on the muzzle at (mx, my)."""
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
        """An elephant's trunk."""
        curl = pose.sway * 0.3 + (0.25 if pose.facing >= 0 else -0.25)
        path = curve(
            ((mx * 0.8, my + 0.3), (mx, my - 0.3), (mx + curl * 0.5, my - 0.9), (mx + curl * 1.5, my - 1.25)), closed=False
        )
        pen.line(path, pen.tone(self.coat).dim, 0.44)
        pen.line(path, pen.tone(self.coat).lit, 0.36)


def draw_quills(pen: Pen, color: str, x: float, y: float, rx: float, ry: float) -> None:
    """A round of quills about (x, y)."""
    tone = pen.tone(color)
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
