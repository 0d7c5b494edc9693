"""The upper body for clothes: a torso maps angles round the body to the picture. Metres, y up."""

from __future__ import annotations

import math
from dataclasses import dataclass

from episodic.backbones.stage.painter.figures.human_body import Proportions, smooth_step
from episodic.backbones.stage.painter.pen import Point
from episodic.looks.clothes import Garment
from memory.model.facts import FactValue

__all__ = ["Torso", "darker", "garment_of"]


@dataclass(frozen=True, slots=True)
class Torso:
    """The upper body in one frame: its half widths, and the place on the picture of an angle round it."""

    size: Proportions
    sin: float
    cos: float
    theta: float
    hip_y: float
    shoulder_y: float
    breath: float

    def half(self, t: float) -> float:
        """Half width at t: 0 hip .. 0.45 waist .. 1 shoulder."""
        size = self.size
        narrow = 0.72 + 0.28 * abs(self.cos)
        if t < 0.45:
            width = size.hip + (size.waist - size.hip) * smooth_step(t / 0.45)
        else:
            width = size.waist + (size.shoulder - size.waist) * smooth_step((t - 0.45) / 0.45)
        return width * narrow * (1 + 0.02 * self.breath * t)

    def at(self, angle: float, t: float, out: float = 1.0) -> tuple[float, float, float]:
        """(x, y, facing) of a point at `angle` round the body and height t; a negative facing is hidden."""
        turn = angle + self.theta
        return math.sin(turn) * self.half(t) * out, self.hip_y + t * (self.shoulder_y - self.hip_y), math.cos(turn)

    def outline(self, low: float = -0.12, grow: float = 0.0) -> list[Point]:
        """The torso's contour from its lower edge, clockwise from the right hip."""
        top, belly = self.shoulder_y, self.sin * self.size.waist * 0.16
        neck = self.size.head * 0.42
        right, left = [], []
        for t in (low, *(t for t in (0.2, 0.5, 0.8, 0.95) if t > low + 0.1)):
            y = self.hip_y + t * (top - self.hip_y)
            half = self.half(max(0.0, t)) + grow
            push = belly * math.sin(math.pi * max(0.0, min(1.0, t * 1.1)))
            right.append((half + push, y))
            left.append((-half + push, y))
        shoulder = self.half(0.9) * 0.74
        rise = self.size.head * 0.1 + grow
        return [
            *right,
            (shoulder, top + rise * 0.4),
            (neck, top + rise + 0.02),
            (-neck, top + rise + 0.02),
            (-shoulder, top + rise * 0.4),
            *left[::-1],
        ]


def garment_of(value: FactValue) -> Garment | None:
    """A garment of a look; None if the look has none."""
    if not isinstance(value, dict):
        return None
    return Garment(cut=str(value.get("cut", "")), color=str(value.get("color", "#6b5a4e")))


def darker(color: str, amount: float = 0.84) -> str:
    """A colour `#rrggbb` times `amount`."""
    return "#" + "".join(f"{round(int(color[i : i + 2], 16) * amount):02x}" for i in (1, 3, 5))
