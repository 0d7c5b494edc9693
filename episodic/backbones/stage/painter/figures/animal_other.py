"""Animals that are no beasts on two legs: birds, swimmers and octopuses."""

from __future__ import annotations

import math
from collections.abc import Mapping

import skia

from episodic.backbones.stage.painter.figures.face import EyeStyle, MouthStyle, draw_brow, draw_cheek, draw_eye, draw_mouth
from episodic.backbones.stage.painter.figures.pose import BodyPose
from episodic.backbones.stage.painter.figures.wardrobe_head import draw_glasses, draw_hat
from episodic.backbones.stage.painter.figures.wardrobe_torso import darker, garment_of
from episodic.backbones.stage.painter.pen import Pen, curve, ellipse
from memory.model.facts import FactValue

__all__ = ["Bird", "Octopus", "Swimmer"]


class _Creature:
    """The base of birds, swimmers and octopuses: colours, eyes, and a height."""

    def __init__(self, look: Mapping[str, FactValue], holding: Mapping[str, FactValue] | None) -> None:
        self.species, self.form = str(look.get("species", "bird")), str(look.get("form", "bird"))
        self.coat, self.belly, self.accent = (str(look.get(key, "#a5805c")) for key in ("color", "belly", "accent"))
        height = look.get("height")
        self.height = float(height) if isinstance(height, int | float) else 0.8
        self.eye = EyeStyle(rx=0.2, ry=0.25, iris=str(look.get("eyes", "#5a3a24")), iris_size=0.88, lash=0.05)
        self.mouth = MouthStyle(half_width=0.3, line="#4a2a2a")
        self.scarf, self.hat, self.glasses = (garment_of(look.get(slot)) for slot in ("scarf", "hat", "glasses"))
        self.holding = holding

    @property
    def half_width(self) -> float:
        """Metres to the side at rest."""
        return self.height * 0.5

    @property
    def face_y(self) -> float:
        """Metres above the floor of the middle of the face, at rest."""
        return self.height * (0.74 if self.form == "bird" else 0.56)

    def _eyes(self, pen: Pen, pose: BodyPose, theta: float, y: float, gap: float, reach: float = 1.0) -> None:
        """Both eyes at height y, `gap` apart as an angle."""
        for side in (-1, 1):
            x, squash = math.sin(side * gap + theta) * reach, math.cos(side * gap + theta)
            draw_eye(pen, pose, self.eye, x, y, squash * 1.15, side)
            if squash > 0.25:
                draw_brow(pen, pose, darker(self.coat, 0.45), (x, y + 0.38), (0.17 * (0.4 + 0.6 * squash), 0.07), side)

    def _dress_head(self, pen: Pen, theta: float, gap: float, eye_y: float, top: float) -> None:
        """Glasses and hat."""
        if self.glasses:
            draw_glasses(pen, self.glasses, theta, gap, eye_y)
        if self.hat:
            pen.canvas.save()
            pen.canvas.translate(0, top - 1.1)
            draw_hat(pen, self.hat, math.sin(theta))
            pen.canvas.restore()


class Bird(_Creature):
    """A plump bird: wings for arms, a beak that opens, tail feathers, two thin legs."""

    def draw(self, pen: Pen, pose: BodyPose) -> None:
        """Draw the bird, standing at the origin."""
        high = self.height
        theta = pose.facing * 1.08
        turn = math.sin(pose.turn * 1.35)
        drop = pose.crouch * 0.12
        canvas = pen.canvas
        canvas.save()
        canvas.scale(high, high)
        pen.zoom = high
        self._legs(pen, pose, turn)
        canvas.translate(0, -drop + pose.bob / high)
        canvas.translate(0, 0.16)
        canvas.rotate(-math.degrees(pose.lean))
        canvas.translate(0, -0.16)
        self._tail(pen, pose, turn)
        near, far = (-1, 1) if turn >= 0 else (1, -1)
        if abs(turn) > 0.3:
            self._wing(pen, pose, far, turn)
        body = curve(((0, 0.74), (0.2, 0.66), (0.29, 0.4), (0.22, 0.18), (0, 0.11), (-0.22, 0.18), (-0.29, 0.4), (-0.2, 0.66)))
        pen.solid(body, self.coat, 0.15)
        pen.solid(ellipse(turn * 0.12, 0.36, 0.19 - 0.05 * abs(turn), 0.2), self.belly, 0.12)
        if pen.seen(0.05, 4):
            self._feathers(pen, turn)
        if self.scarf:
            pen.solid(
                curve(((-0.22, 0.62), (0, 0.58), (0.22, 0.62), (0.2, 0.53), (0, 0.49), (-0.2, 0.53))), self.scarf.color, 0.2
            )
        self._head(pen, pose, theta)
        if abs(turn) <= 0.3:
            self._wing(pen, pose, far, turn)
        self._wing(pen, pose, near, turn)
        pen.zoom = 1.0
        canvas.restore()

    def _feathers(self, pen: Pen, turn: float) -> None:
        """Rows of feathers on the breast."""
        path = skia.Path()
        for row, count in ((0.44, 3), (0.36, 4), (0.28, 3)):
            for index in range(count):
                x = turn * 0.12 + (index - (count - 1) / 2) * 0.075
                path.moveTo(x - 0.026, row)
                path.quadTo(x, row - 0.034, x + 0.026, row)
        pen.line(path, pen.tone(self.belly).line & 0x60FFFFFF, 0.009)

    def _legs(self, pen: Pen, pose: BodyPose, turn: float) -> None:
        """Thin legs with three toes."""
        tone = pen.tone("#e09a3a" if self.species != "crow" else "#4a4650")
        for side in (-1, 1):
            swing = side * pose.stride_sin * 0.1
            x = side * 0.1 * (0.6 + 0.4 * abs(math.cos(turn)))
            lift = max(0.0, side * pose.stride_cos) * 0.06
            foot = x + swing * (0.3 + 0.7 * abs(turn)) * (1 if turn >= 0 else -1)
            pen.mark("right_hip" if side < 0 else "left_hip", x, 0.2)
            pen.mark("right_ankle" if side < 0 else "left_ankle", foot, 0.03 + lift)
            legs = skia.Path()
            legs.moveTo(x, 0.2)
            legs.lineTo(foot, 0.025 + lift)
            for toe in (-0.06, 0.0, 0.07):
                legs.moveTo(foot, 0.03 + lift)
                legs.lineTo(foot + toe + turn * 0.04, 0.014 + lift)
            pen.line(legs, tone.dim if side * turn > 0 else tone.lit, 0.028)

    def _tail(self, pen: Pen, pose: BodyPose, turn: float) -> None:
        """The tail feathers."""
        long = 0.36 if self.species == "parrot" else 0.2
        away = -turn if abs(turn) > 0.15 else 0.12
        wag = pose.sway * 0.05
        for index, color in enumerate(
            (
                self.accent if self.species != "parrot" else "#2f62b5",
                self.coat,
                self.belly if self.species == "parrot" else self.coat,
            )
        ):
            spread = (index - 1) * 0.06
            tip = (away * long + spread + wag, 0.16 - long * 0.42)
            pen.solid(
                curve(((away * 0.1 - 0.06, 0.26), tip, (tip[0] + 0.05, tip[1] + 0.02), (away * 0.1 + 0.08, 0.22)), tension=0.6),
                color,
                0.2,
            )

    def _wing(self, pen: Pen, pose: BodyPose, side: int, turn: float) -> None:
        """A wing, raised like an arm."""
        raised, bend = (pose.arm_left_raise, pose.arm_left_bend) if side < 0 else (pose.arm_right_raise, pose.arm_right_bend)
        shoulder = (side * 0.22 * (0.35 + 0.65 * abs(math.cos(turn * 1.4))) - turn * 0.03, 0.56)
        out = side if abs(turn) < 0.6 else (1 if turn > 0 else -1) * (1 if side * turn < 0 else 0.8)
        angle = max(0.06, raised) * 0.95
        canvas = pen.canvas
        canvas.save()
        canvas.translate(*shoulder)
        canvas.rotate(math.degrees(angle) * (1 if out > 0 else -1))
        tip = -0.4 + 0.05 * bend
        name = "right" if side < 0 else "left"
        pen.mark(f"{name}_shoulder", 0, 0)
        pen.mark(f"{name}_elbow", 0, tip * 0.5)
        pen.mark(f"{name}_wrist", 0, tip * 0.9)
        wing = curve(
            ((-0.06, 0.05), (0.07, 0.05), (0.12, -0.12), (0.08, tip * 0.8), (0.0, tip), (-0.07, tip * 0.75), (-0.11, -0.12))
        )
        pen.solid(wing, self.coat, 0.24)
        pen.solid(
            curve(
                ((-0.07, tip * 0.5), (0.09, tip * 0.5), (0.07, tip * 0.82), (0.0, tip * 1.02), (-0.06, tip * 0.8)), tension=0.8
            ),
            "#2f62b5"
            if self.species == "parrot"
            else self.accent
            if self.species in ("crow", "penguin")
            else darker(self.coat, 0.72),
            0.2,
        )
        if self.species == "parrot":
            pen.line(
                curve(((-0.08, tip * 0.48), (0.0, tip * 0.56), (0.09, tip * 0.48)), closed=False), pen.tone(self.belly).lit, 0.035
            )
        canvas.restore()

    def _head(self, pen: Pen, pose: BodyPose, theta: float) -> None:
        """The head with crest, eyes and beak."""
        canvas, unit = pen.canvas, 0.235
        sin = math.sin(theta)
        canvas.save()
        canvas.translate(sin * 0.03, 0.74 - 0.04 * pose.head_nod)
        canvas.rotate(-math.degrees(pose.head_tilt))
        canvas.scale(unit, unit)
        pen.zoom = self.height * unit
        if self.species == "owl":
            for side in (-1, 1):
                pen.solid(curve(((side * 0.3, 0.8), (side * 0.86, 1.42), (side * 0.96, 0.5)), tension=0.5), self.coat, 0.2)
        if self.species in ("parrot", "chicken", "bird"):
            color = "#c8303f" if self.species == "chicken" else self.belly if self.species == "parrot" else self.coat
            for index in range(3):
                x = -sin * 0.2 + (index - 1) * 0.2
                pen.solid(
                    curve(
                        ((x - 0.12, 0.86), (x - 0.1 - sin * 0.2 + pose.sway * 0.1, 1.3 + 0.14 * (index == 1)), (x + 0.14, 0.86)),
                        tension=0.8,
                    ),
                    color,
                    0.2,
                )
        pen.solid(ellipse(0, 0.0, 1.02, 1.0), self.coat, 0.14)
        nod = -pose.head_nod * 0.3
        for side in (-1, 1):
            x, squash = math.sin(side * 0.5 + theta) * 0.92, math.cos(side * 0.5 + theta)
            if squash > 0.1:
                patch = 0.46 if self.species == "owl" else 0.36
                pen.oval(
                    x,
                    0.1 + nod,
                    patch * (0.4 + 0.6 * squash),
                    patch * 1.06,
                    pen.tone("#f8f1e2" if self.species != "crow" else "#5a5a68").lit,
                )
                draw_cheek(pen, self.coat, x * 1.1, -0.36 + nod, (0.17 * squash, 0.12), 0.3)
        self._eyes(pen, pose, theta, 0.1 + nod, 0.48, 0.93)
        self._beak(pen, pose, sin, nod)
        self._dress_head(pen, theta, 0.48, 0.1 + nod, 1.0)
        pen.zoom = self.height
        canvas.restore()

    def _beak(self, pen: Pen, pose: BodyPose, sin: float, nod: float) -> None:
        """The beak, which opens to speak."""
        color = "#3c3640" if self.species in ("parrot", "crow") else "#eea23a"
        x, y = sin * 0.96, -0.2 + nod
        pen.mark("nose", x, y)
        side, far = (1.0 if sin >= 0 else -1.0), abs(sin)
        hook = self.species in ("parrot", "owl")
        wide, reach = 0.28 - 0.06 * far, (0.5 if self.species == "duck" else 0.42) * far
        gape = pose.mouth_open * 0.42
        corner = pose.smile * 0.06
        low = curve(
            (
                (x - wide * 0.8, y + corner),
                (x + wide * 0.8, y + corner),
                (x + side * reach * 0.7 + wide * 0.3 * (1 - far), y - 0.14 - gape),
                (x + side * reach * 0.3, y - 0.24 - gape),
            ),
            tension=0.6,
        )
        if gape > 0.02:
            pen.flat(low, pen.tone("#6a2434").lit)
            pen.oval(x + side * reach * 0.3, y - 0.1 - gape * 0.7, wide * 0.5, 0.05 + gape * 0.2, pen.tone("#d8666a").lit)
            jaw = curve(
                (
                    (x - wide * 0.66 + side * reach * 0.2, y - 0.08 - gape * 0.8),
                    (x + side * reach * 0.34, y - 0.14 - gape * 0.9),
                    (x + wide * 0.66 + side * reach * 0.2, y - 0.08 - gape * 0.8),
                    (x + side * reach * 0.5, y - 0.3 - gape),
                ),
                tension=0.7,
            )
            pen.solid(jaw, color, 0.2)
        drop = -0.36 if hook else -0.16
        upper = curve(
            (
                (x - wide, y + corner),
                (x - wide * 0.5 + side * 0.04, y + 0.24),
                (x + wide * 0.5 + side * 0.04, y + 0.24),
                (x + wide + side * reach * 0.5, y + 0.04 + corner),
                (x + side * (reach + 0.02), y + drop + 0.04 * far),
                (x - wide * 0.2 + side * reach * 0.2, y - 0.1),
            ),
            tension=0.8,
        )
        pen.solid(upper, color, 0.2)
        if pen.seen(0.1, 6):
            pen.oval(x + side * 0.08 * far, y + 0.12, 0.03, 0.02, pen.tone(color).line)


class Swimmer(_Creature):
    """A fish, dolphin or whale that hovers: body, tail and fins turn with it."""

    @property
    def half_width(self) -> float:
        """Metres to the side at rest."""
        return self.height * 0.75

    def draw(self, pen: Pen, pose: BodyPose) -> None:
        """Draw the swimmer, floating above the origin."""
        canvas, high = pen.canvas, self.height
        theta = pose.facing * 1.0
        turn = math.sin((0.75 * pose.turn + 0.25) * 1.35)
        way = 1.0 if turn >= 0 else -1.0
        long = 0.5 + 0.22 * abs(turn)
        canvas.save()
        canvas.scale(high, high)
        pen.zoom = high
        canvas.translate(0, 0.52 + 0.03 * math.sin(pose.sway * 3) - pose.crouch * 0.16 + pose.bob)
        canvas.rotate(-math.degrees(pose.lean) * 0.8)
        self._body(pen, pose, way, long)
        self._front(pen, pose, theta, way, long)
        pen.zoom = 1.0
        canvas.restore()

    def _body(self, pen: Pen, pose: BodyPose, way: float, long: float) -> None:
        """Tail, body and fins; `way` is -1 for one that swims to the left."""
        canvas = pen.canvas
        wave = pose.sway * 0.1 + pose.stride_sin * 0.12
        tail_x = -way * (long + 0.08)
        pen.solid(
            curve(
                (
                    (-way * long * 0.7, 0.02),
                    (tail_x, 0.06 + wave),
                    (tail_x - way * 0.2, 0.26 + wave),
                    (tail_x - way * 0.1, wave),
                    (tail_x - way * 0.2, -0.2 + wave),
                    (tail_x, -0.06 + wave),
                )
            ),
            self.accent if self.species == "fish" else self.coat,
            0.2,
        )
        fin = curve(((-0.14, 0.3), (-way * 0.12, 0.52), (0.16, 0.3)), tension=0.7)
        pen.solid(fin, self.accent, 0.2)
        body = curve(
            (
                (-way * long, 0.02),
                (-way * long * 0.55, 0.22),
                (way * 0.02, 0.36),
                (way * long * 0.72, 0.24),
                (way * long * 0.92, -0.02),
                (way * long * 0.66, -0.26),
                (0, -0.34),
                (-way * long * 0.6, -0.2),
            )
        )
        pen.solid(body, self.coat, 0.16)
        canvas.save()
        canvas.clipPath(body, True)
        pen.oval(way * 0.18, -0.36, long * 0.95, 0.26, pen.tone(self.belly).lit)
        if self.species == "fish":
            for x in (-0.3, -0.06):
                pen.oval(way * x, 0, 0.045, 0.5, pen.tone(self.accent).lit)
        canvas.restore()
        for side in (-1, 1):
            raised = pose.arm_left_raise if side < 0 else pose.arm_right_raise
            canvas.save()
            canvas.translate(way * 0.02 + side * 0.06, -0.14)
            canvas.rotate(-way * (20 + math.degrees(raised) * 0.6) + side * 6)
            pen.solid(
                curve(((0, 0.06), (-way * 0.3, -0.02), (-way * 0.32, -0.1), (0, -0.06))),
                self.accent if self.species == "fish" else self.coat,
                0.24,
            )
            canvas.restore()

    def _front(self, pen: Pen, pose: BodyPose, theta: float, way: float, long: float) -> None:
        """The face, what the head wears, and a whale's spout."""
        canvas, high = pen.canvas, self.height
        canvas.translate(way * long * 0.34, 0.02)
        canvas.scale(0.34, 0.34)
        pen.zoom = high * 0.34
        self._eyes(pen, pose, theta * 0.6, 0.2, 0.42)
        for side in (-1, 1):
            draw_cheek(pen, self.coat, math.sin(side * 0.75 + theta * 0.6), -0.2, (0.16, 0.11), 0.4)
        draw_mouth(pen, pose, self.mouth, math.sin(theta * 0.6), -0.36, 0.9)
        self._dress_head(pen, theta, 0.42, 0.2, 1.0)
        if self.species == "whale":
            spout = skia.Path()
            for side in (-1, 1):
                spout.moveTo(-way * 0.5, 1.0)
                spout.quadTo(-way * 0.5, 1.5, -way * 0.5 + side * 0.32, 1.44 + pose.sway * 0.08)
            pen.line(spout, 0xB0DDF2FA, 0.1)


class Octopus(_Creature):
    """A soft dome with a face and waving arms."""

    def draw(self, pen: Pen, pose: BodyPose) -> None:
        """Draw the octopus, on its arms at the origin."""
        canvas, high = pen.canvas, self.height
        theta = pose.facing * 1.0
        canvas.save()
        canvas.scale(high, high)
        pen.zoom = high
        canvas.translate(0, pose.bob - pose.crouch * 0.1)
        canvas.rotate(-math.degrees(pose.lean) * 0.6)
        for order, index in enumerate((0, 7, 1, 6, 2, 5, 3, 4)):
            self._arm(pen, pose, index, order < 4)
        breath = 1 + 0.02 * pose.breath
        dome = curve(
            ((0, 1.0 * breath), (0.3, 0.9), (0.38, 0.62), (0.28, 0.36), (0, 0.28), (-0.28, 0.36), (-0.38, 0.62), (-0.3, 0.9))
        )
        pen.solid(dome, self.coat, 0.16)
        tone = pen.tone(self.belly)
        for x, y, r in ((-0.2, 0.86, 0.035), (-0.08, 0.92, 0.022), (0.22, 0.82, 0.028)):
            pen.dot(x, y, r, tone.lit)
        canvas.translate(0, 0.56)
        canvas.scale(0.33, 0.33)
        pen.zoom = high * 0.33
        self._eyes(pen, pose, theta, 0.2, 0.46)
        for side in (-1, 1):
            x, squash = math.sin(side * 0.8 + theta), math.cos(side * 0.8 + theta)
            draw_cheek(pen, self.coat, x * 0.96, -0.22, (0.18 * max(0.0, squash), 0.12), 0.5)
        draw_mouth(pen, pose, self.mouth, math.sin(theta) * 0.9, -0.36, max(0.4, math.cos(theta)))
        self._dress_head(pen, theta, 0.46, 0.2, 1.3)
        pen.zoom = 1.0
        canvas.restore()

    def _arm(self, pen: Pen, pose: BodyPose, index: int, behind: bool) -> None:
        """One of eight arms; the outermost are raised like hands."""
        spread = (index - 3.5) / 3.5
        wave = math.sin(index * 1.7 + pose.sway * 2.6 + pose.stride_sin * 2)
        raised = 0.0
        if index == 0:
            raised = max(0.0, pose.arm_left_raise - 0.2)
        elif index == 7:
            raised = max(0.0, pose.arm_right_raise - 0.2)
        x0, y0 = spread * 0.22, 0.36
        x1, y1 = spread * (0.44 + 0.12 * raised), 0.14 + 0.16 * raised
        x2, y2 = spread * 0.56 + wave * 0.05 + math.copysign(0.1 * raised, spread), 0.035 + 0.3 * raised
        x3, y3 = x2 + math.copysign(0.09, spread) + wave * 0.02, y2 + 0.07 + 0.06 * wave * (0.4 + raised)
        path = curve(((x0, y0), (x1, y1), (x2, y2), (x3, y3)), closed=False)
        tone = pen.tone(self.coat)
        pen.line(path, tone.dim, 0.1)
        if not behind:
            pen.line(path, tone.lit, 0.07)
