"""A person, drawn in the order of a cut-out: back, far limbs, legs, torso, head, near arms."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from episodic.backbones.stage.painter.figures.human_body import Skeleton, mark_arms, mark_legs, proportions, skeleton
from episodic.backbones.stage.painter.figures.human_hair import Hair
from episodic.backbones.stage.painter.figures.human_head import TURN, HumanHead
from episodic.backbones.stage.painter.figures.pose import BodyPose
from episodic.backbones.stage.painter.figures.props import draw_in_hand
from episodic.backbones.stage.painter.figures.wardrobe import Wardrobe
from episodic.backbones.stage.painter.figures.wardrobe_head import draw_glasses, draw_hat, draw_hat_back
from episodic.backbones.stage.painter.figures.wardrobe_torso import Torso, garment_of
from episodic.backbones.stage.painter.pen import Pen, curve
from memory.model.facts import FactValue

__all__ = ["Human"]


class Human:
    """One person, built once from a look."""

    def __init__(self, look: Mapping[str, FactValue], holding: Mapping[str, FactValue] | None) -> None:
        self.size = proportions(look)
        self.clothes = Wardrobe(look, self.size)
        self.face = HumanHead(look)
        hair = look.get("hair")
        self.hair = Hair(str(hair.get("style")), str(hair.get("color"))) if isinstance(hair, dict) else Hair("bald", "#000000")
        self.hat, self.glasses = garment_of(look.get("hat")), garment_of(look.get("glasses"))
        self.skin = str(look.get("skin", "#e8b88f"))
        self.holding = holding

    @property
    def height(self) -> float:
        """Metres to the crown."""
        return self.size.height

    @property
    def face_y(self) -> float:
        """Metres above the floor of the middle of the face, standing."""
        return self.size.shoulder_y + self.size.head * 1.1

    @property
    def half_width(self) -> float:
        """Metres to the side with the arms hanging."""
        return self.size.shoulder + self.size.arm_width * 1.2

    def draw(self, pen: Pen, pose: BodyPose) -> None:
        """Draw the person, standing at the origin."""
        body = skeleton(self.size, pose)
        near, far = (0, 1) if body.sin >= 0 else (1, 0)
        upper = self._torso(body, pose)
        turned = abs(body.sin) > 0.3
        mark_legs(pen, body)
        self._lean(pen, body, lambda: self._behind(pen, body, upper, pose, far if turned else None))
        # sitting towards the camera, the thighs are nearer than the body
        lap = body.seated > 0.5 and not turned and self.clothes.hem() is None
        if not lap:
            self._legs(pen, body, (far, near))
            self.clothes.draw_skirt(pen, body, pose)
        self._lean(pen, body, lambda: self._middle(pen, body, upper, pose))
        if lap:
            self._legs(pen, body, (far, near))
        self._lean(pen, body, lambda: self._before(pen, body, upper, pose, near, None if turned else far))

    def _legs(self, pen: Pen, body: Skeleton, order: tuple[int, int]) -> None:
        """Both legs, in this order."""
        for index in order:
            self.clothes.draw_leg(pen, body, index)

    def _lean(self, pen: Pen, body: Skeleton, draw: Callable[[], None]) -> None:
        """Draw in the leaned space of the upper body."""
        canvas = pen.canvas
        canvas.save()
        canvas.translate(0, body.hip_y)
        canvas.rotate(-math.degrees(body.lean))
        canvas.translate(0, -body.hip_y)
        draw()
        canvas.restore()

    def _torso(self, body: Skeleton, pose: BodyPose) -> Torso:
        """The torso as it is turned in this pose."""
        return Torso(self.size, body.sin, body.cos, pose.turn * 1.35, body.hip_y, body.shoulder_y, pose.breath)

    def _behind(self, pen: Pen, body: Skeleton, torso: Torso, pose: BodyPose, far: int | None) -> None:
        """Cape, hair and hat behind the head, and the far arm of a turned body."""
        self.clothes.draw_cape(pen, torso, pose)
        with _HeadSpace(pen, body, self.size.head, pose):
            self.hair.back(pen, pose, pose.facing * TURN)
            if self.hat:
                draw_hat_back(pen, self.hat, pose.facing * TURN)
        if far is not None:
            self._arm(pen, body, far)

    def _middle(self, pen: Pen, body: Skeleton, torso: Torso, pose: BodyPose) -> None:
        """Neck and torso."""
        mark_arms(pen, body)
        self._neck(pen, body)
        self.clothes.draw_torso(pen, torso, body, pose)

    def _before(self, pen: Pen, body: Skeleton, torso: Torso, pose: BodyPose, near: int, far: int | None) -> None:
        """Head, scarf and the arms before the body."""
        theta = pose.facing * TURN
        if self.clothes.coat is None or self.clothes.coat.cut not in ("raincoat", "long", "trench"):
            self.clothes.draw_scarf(pen, torso, pose)
        with _HeadSpace(pen, body, self.size.head, pose):
            self.face.draw(pen, pose, pose.facing)
            if self.glasses:
                draw_glasses(pen, self.glasses, theta, self.face.gap, -0.1 - pose.head_nod * 0.42)
            self.hair.front(pen, pose, theta, self.hat is not None)
            if self.hat:
                draw_hat(pen, self.hat, theta)
        if self.clothes.coat is not None and self.clothes.coat.cut in ("raincoat", "long", "trench"):
            self.clothes.draw_scarf(pen, torso, pose)
        if far is not None:
            self._arm(pen, body, far)
        self._arm(pen, body, near)

    def _neck(self, pen: Pen, body: Skeleton) -> None:
        """The neck, in the shade of the head."""
        head = self.size.head
        x, y = body.sin * head * 0.12, body.shoulder_y
        half = head * (0.34 if self.face.sex == "man" else 0.29)
        neck = curve(
            (
                (x - half * 1.3, y - head * 0.15),
                (x - half, y + head * 0.2),
                (x - half, y + head * 0.5),
                (x + half, y + head * 0.5),
                (x + half, y + head * 0.2),
                (x + half * 1.3, y - head * 0.15),
            ),
            tension=0.6,
        )
        pen.flat(neck, pen.tone(self.skin).dim)

    def _arm(self, pen: Pen, body: Skeleton, index: int) -> None:
        """An arm, with the prop in the hand."""
        arm = body.arms[index]
        if self.holding is not None and index == 1:
            angle = math.degrees(math.atan2(arm.hand[1] - arm.elbow[1], arm.hand[0] - arm.elbow[0]))
            draw_in_hand(pen, self.holding, arm.hand, angle, self.size.height)
        self.clothes.draw_arm(pen, body, index)


class _HeadSpace:
    """A context in which the canvas has head units about the head's middle, tilted and nodded."""

    def __init__(self, pen: Pen, body: Skeleton, head: float, pose: BodyPose) -> None:
        self.canvas, self.pen = pen.canvas, pen
        self.place = (body.sin * head * 0.2 + pose.lean * 0.02, body.shoulder_y + head * (1.24 - 0.16 * pose.head_nod))
        self.head, self.tilt = head, -math.degrees(pose.head_tilt) - pose.head_nod * 14 * pose.facing

    def __enter__(self) -> None:
        canvas = self.canvas
        canvas.save()
        canvas.translate(*self.place)
        canvas.translate(0, -self.head)
        canvas.rotate(self.tilt)
        canvas.translate(0, self.head)
        canvas.scale(self.head, self.head)
        self.pen.zoom = self.head

    def __exit__(self, *_: object) -> None:
        self.pen.zoom = 1.0
        self.canvas.restore()
