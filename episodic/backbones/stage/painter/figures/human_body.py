"""A person's skeleton: from a look's proportions and a pose to the joints on the picture, in metres with y up."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from episodic.backbones.stage.painter.figures.pose import BodyPose
from episodic.backbones.stage.painter.pen import Pen, Point
from memory.model.facts import FactValue

__all__ = ["Proportions", "Skeleton", "mark_arms", "mark_legs", "number_or", "proportions", "skeleton", "smooth_step"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proportions:
    """A body's measures in metres."""

    height: float
    head: float
    """Half the head's width: the unit heads are drawn in."""
    hip_y: float
    shoulder_y: float
    shoulder: float
    """Half widths."""
    waist: float
    hip: float
    arm: float
    """Upper arm; the lower is 0.92 of it."""
    arm_width: float
    leg_width: float
    leg: float
    """Thigh; the shin is as long."""
    foot: float


@dataclass(frozen=True, slots=True)
class Arm:
    """An arm's joints and how far it is on the viewer's side, -1 far .. 1 near."""

    shoulder: Point
    elbow: Point
    hand: Point
    near: float


@dataclass(frozen=True, slots=True)
class Leg:
    """A leg's joints, its foot's direction (-1..1 in the picture) and how far it is on the viewer's side."""

    hip: Point
    knee: Point
    ankle: Point
    toe: float
    near: float


@dataclass(frozen=True, slots=True)
class Skeleton:
    """The joints of a body. `sin` and `cos` are of the body's turn; the torso is drawn upright about the hip and leaned by `lean`."""

    sin: float
    cos: float
    hip_y: float
    shoulder_y: float
    lean: float
    arms: tuple[Arm, Arm]
    legs: tuple[Leg, Leg]
    seated: float
    """0 standing .. 1 thighs level."""


def proportions(look: Mapping[str, FactValue]) -> Proportions:
    """Measures of a person of this height, age, sex and build."""
    height = number_or(look.get("height"), 1.7)
    build, sex, age = number_or(look.get("build"), 0.4), look.get("sex"), look.get("age")
    head = height * (0.136 if age == "child" else 0.112 if age == "old" else 0.11)
    wide = 0.116 if sex == "man" else 0.098
    if age == "child":
        wide = 0.092
    return Proportions(
        height=height,
        head=head,
        hip_y=height * (0.35 if age == "child" else 0.415),
        shoulder_y=height - head * 2.4,
        shoulder=height * wide * (0.9 + 0.28 * build),
        waist=height * (0.058 + 0.066 * build) * (0.94 if sex == "woman" else 1.08),
        hip=height * (0.07 + 0.05 * build) * (1.06 if sex == "woman" else 0.98),
        arm=height * 0.14,
        arm_width=height * (0.042 + 0.018 * build) * (0.92 if sex == "woman" else 1.08),
        leg_width=height * (0.05 + 0.024 * build),
        leg=height * (0.163 if age == "child" else 0.195),
        foot=height * 0.1,
    )


def skeleton(size: Proportions, pose: BodyPose) -> Skeleton:
    """Joints of a body in a pose, standing at the origin."""
    angle = pose.turn * 1.35
    sin, cos = math.sin(angle), math.cos(angle)
    seated = min(1.0, pose.crouch / 0.55)
    down = max(0.0, (pose.crouch - 0.55) / 0.45)
    hip_y = size.hip_y * (1 - 0.47 * seated - 0.36 * down) + pose.bob
    shoulder_y = hip_y + (size.shoulder_y - size.hip_y) * (1 - 0.03 * seated) + 0.012 * pose.breath
    arms = (_arm(size, pose, -1, sin, cos, shoulder_y), _arm(size, pose, 1, sin, cos, shoulder_y))
    legs = (_leg(size, pose, -1, (sin, cos), hip_y, seated, down), _leg(size, pose, 1, (sin, cos), hip_y, seated, down))
    return Skeleton(sin, cos, hip_y, shoulder_y, pose.lean, arms, legs, seated)


def mark_arms(pen: Pen, body: Skeleton) -> None:
    """Mark the joints of the arms. A figure that faces the camera has its right arm on the picture's left."""
    for name, arm in zip(("right", "left"), body.arms, strict=True):
        pen.mark(f"{name}_shoulder", *arm.shoulder)
        pen.mark(f"{name}_elbow", *arm.elbow)
        pen.mark(f"{name}_wrist", *arm.hand)


def mark_legs(pen: Pen, body: Skeleton, *, hips_only: bool = False) -> None:
    """Mark the joints of the legs. A body on a wheel has hips only."""
    for name, leg in zip(("right", "left"), body.legs, strict=True):
        pen.mark(f"{name}_hip", *leg.hip)
        if hips_only:
            continue
        pen.mark(f"{name}_knee", *leg.knee)
        pen.mark(f"{name}_ankle", *leg.ankle)


def _arm(size: Proportions, pose: BodyPose, side: int, sin: float, cos: float, shoulder_y: float) -> Arm:
    """Shoulder, elbow and hand of one side."""
    raised, bend = (pose.arm_left_raise, pose.arm_left_bend) if side < 0 else (pose.arm_right_raise, pose.arm_right_bend)
    near = -side * sin
    forward = 1.0 if sin >= 0 else -1.0
    # seen from the side arms rise to the front, seen from the front they rise sideways
    frontal = max(0.0, 1 - (sin * 1.25) ** 2)
    swing = -side * pose.stride_sin * 0.55
    out = side * frontal + forward * (1 - frontal)
    # far arms keep sideways longer, so that a three-quarter view shows both
    reach = max(-1.0, min(1.0, out if side * forward > 0 or frontal < 0.35 else side * (2 * frontal - 1)))
    upper = max(0.06, raised)
    start = (side * size.shoulder * (0.25 + 0.75 * cos) * 0.86, shoulder_y - size.arm_width * 0.7)
    length = size.arm
    swung = sin * math.sin(swing)
    ex = start[0] + length * (math.sin(upper) * reach + swung * math.cos(min(1.4, upper)))
    ey = start[1] - length * math.cos(upper)
    outward = smooth_step((raised - 0.75) / 0.75) * 2 - 1
    outward = outward + (1 - outward) * (1 - frontal)
    bent = bend + abs(swing) * 0.5
    folded = (_direction(upper - bent * 0.92, reach), _direction(upper + bent, reach))
    t = (outward + 1) / 2
    dx = folded[0][0] + (folded[1][0] - folded[0][0]) * t
    dy = folded[0][1] + (folded[1][1] - folded[0][1]) * t
    lower = length * 0.94
    hand = (ex + lower * (dx + swung * 0.8 * max(0.0, 1 - upper)), ey + lower * dy)
    return Arm(start, (ex, ey), hand, near)


def _direction(angle: float, reach: float) -> Point:
    """The direction of a limb at `angle` from straight down; `reach` squeezes it sideways."""
    return (math.sin(angle) * (reach if abs(reach) > 0.5 else math.copysign(0.5, reach)), -math.cos(angle))


def _leg(
    size: Proportions, pose: BodyPose, side: int, turn: tuple[float, float], hip_y: float, seated: float, down: float
) -> Leg:
    """Hip, knee, ankle and toe of one side, walking, crouching or sitting."""
    sin, cos = turn
    swing, lifting = side * pose.stride_sin, side * pose.stride_cos
    hip_f = 0.0
    ankle_up = size.height * 0.035
    foot_f = swing * size.leg * 0.95 + size.leg * (0.98 * seated + 0.35 * down)
    foot_y = ankle_up + max(0.0, lifting) * size.leg * 0.3
    if seated < 0.9:
        foot_y += max(0.0, -swing - 0.35) * size.leg * 0.25 * (1 - seated)
    dx, dy = foot_f - hip_f, foot_y - hip_y
    distance = math.hypot(dx, dy)
    reach = 2 * size.leg * 0.999
    if distance > reach:
        dx, dy = dx * reach / distance, dy * reach / distance
        distance = reach
    rise = math.sqrt(max(0.0, size.leg**2 - (distance / 2) ** 2))
    # the knee bends to the front: perpendicular to hip-foot, on the forward and upward side
    kx = hip_f + dx / 2 - dy / distance * rise
    ky = hip_y + dy / 2 + dx / distance * rise
    across = side * size.hip * 0.56 * (0.15 + 0.85 * cos)
    splay = side * cos * (0.012 + 0.03 * seated + 0.05 * down) * size.height
    dip = 0.3 * cos
    hip = (across, hip_y)
    # a knee that points at the camera is drawn lower: the camera looks down on it a little
    knee = (across + kx * sin + splay, ky - dip * max(0.0, kx) * 0.6)
    ankle = (across + (hip_f + dx) * sin + splay * 0.9, max(ankle_up * 0.9, hip_y + dy - dip * 0.12 * max(0.0, dx)))
    return Leg(hip, knee, ankle, sin, -side * sin)


def smooth_step(t: float) -> float:
    """A soft step: 0 below 0, 1 above 1, level at both ends."""
    t = max(0.0, min(1.0, t))
    return t * t * (3 - 2 * t)


def number_or(value: FactValue, default: float) -> float:
    """A stored value as a float; `default` if it is no number."""
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else default
