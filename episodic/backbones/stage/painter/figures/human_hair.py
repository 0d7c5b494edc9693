"""Hair in head units: a mass behind the head, a cap over the skull whose hairline turns with the head, locks in front, and hats' fit.

The cap is a curve round the skull: `hairline` gives its height at an angle from the nose (0) to the nape (pi). What of it faces the
viewer at this turn is joined with the outer contour over the crown, so that one description serves every view.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import skia

from episodic.backbones.stage.painter.figures.human_body import smooth_step
from episodic.backbones.stage.painter.figures.pose import BodyPose
from episodic.backbones.stage.painter.pen import Pen, curve, ellipse
from episodic.looks.data_files import read_table

__all__ = ["Hair"]


@dataclass(frozen=True, slots=True, kw_only=True)
class HairCut:
    """A hair style: its thickness over the skull, its length behind and its hairline. Lengths are in head units."""

    top: float = 0.14
    side: float = 0.08
    fall: float = 0.0
    """Head units below the chin that the back mass reaches; 0: none."""
    spread: float = 1.0
    brow: float = 0.6
    """Height of the hairline over the nose."""
    sideburn: float = -0.15
    nape: float = -0.62
    part: float | None = None
    """Angle of a parting; the hairline dips away from it."""
    fringe: float = 0.0
    """How far a fringe hangs below the hairline."""


_CUTS: Final = read_table("hair_cuts.tsv", HairCut, Path(__file__).with_name("data"))


class Hair:
    """One person's hair, built once."""

    def __init__(self, style: str, color: str) -> None:
        self.style, self.color = style, color
        self.cut = _CUTS.get(style)

    def back(self, pen: Pen, pose: BodyPose, theta: float) -> None:
        """Draw the hair behind the head and the shoulders."""
        if self.cut is None:
            return
        sin, sway = math.sin(theta), pose.sway * 0.16 - pose.stride_sin * 0.05
        if self.style == "afro":
            self._afro(pen, sin)
        if self.cut.fall:
            self._mass(pen, sin, sway)
        if self.style == "bun":
            pen.solid(ellipse(-sin * 1.0, 0.86 - 0.35 * abs(sin), 0.5, 0.46), self.color, 0.2)
        elif self.style == "ponytail":
            self._tail(pen, (-sin * 0.95, 0.55), (-sin * 1.0 + (0.0 if abs(sin) > 0.3 else 0.55) + sway * 2, -1.1), 0.34)
        elif self.style == "pigtails":
            for side in (-1, 1):
                x = side * math.cos(theta) * 1.02
                self._tail(pen, (x, 0.3), (x + side * 0.3 + sway * 2, -1.0), 0.3)

    def front(self, pen: Pen, pose: BodyPose, theta: float, hat: bool) -> None:
        """Draw the cap and the locks in front."""
        if self.cut is None:
            return
        sin, sway = math.sin(theta), pose.sway * 0.1 - pose.stride_sin * 0.03
        path = self._cap(theta, hat)
        pen.solid(path, self.color, 0.14)
        if self.style in ("curly", "messy", "spiky") and not hat:
            self._tufts(pen, theta, sway)
        if self.style == "quiff" and not hat:
            quiff = curve(
                (
                    (-0.62 + sin * 0.3, 0.72),
                    (-0.5 + sin * 0.4, 1.18),
                    (0.1 + sin * 0.55, 1.52),
                    (0.66 + sin * 0.5, 1.28),
                    (0.62 + sin * 0.4, 0.86),
                    (0.05 + sin * 0.5, 0.74),
                )
            )
            pen.solid(quiff, self.color, 0.2)
        if pen.seen(0.5, 30) and not hat and self.style not in ("buzz", "fringe"):
            self._shine(pen)
        if self.style in ("long", "wavy", "locs"):
            self._locks(pen, theta, sway)
        if self.style == "braid":
            self._braid(pen, theta, sway)

    def _line(self, angle: float) -> float:
        """The hairline's height at an angle from the nose."""
        cut = self.cut
        if cut is None:
            return 2.0
        at = abs(angle)
        if self.style == "fringe":
            return -0.05 + 0.55 * smooth_step((at - 1.2) / -0.5) if at > 0.9 else 1.6
        if at < 1.25:
            height = cut.brow + (cut.sideburn + 0.25 - cut.brow) * smooth_step((at - 0.75) / 0.5)
            if cut.part is not None:
                away = min(1.0, abs(angle - cut.part) / 0.7)
                height -= cut.fringe * away * (1 - smooth_step((at - 0.8) / 0.4))
            else:
                height -= cut.fringe * (1 - smooth_step((at - 0.7) / 0.4))
            return height
        if at < 1.62:
            return cut.sideburn + 0.25 - 0.25 * smooth_step((at - 1.25) / 0.3)
        return cut.sideburn + (cut.nape - cut.sideburn) * smooth_step((at - 1.62) / 0.9)

    def _cap(self, theta: float, hat: bool) -> skia.Path:
        """The outline of the hair on the skull."""
        cut = self.cut or HairCut()
        top, side = (0.06, 0.05) if hat else (cut.top, cut.side)
        steps = 17
        line = []
        for index in range(steps):
            azimuth = -1.52 + 3.04 * index / (steps - 1)
            angle = azimuth - theta
            angle = (angle + math.pi) % (2 * math.pi) - math.pi
            y = self._line(angle)
            width = _skull_width(y)
            line.append((math.sin(azimuth) * width, min(y, 1.02 - 0.25 * math.sin(azimuth) ** 2)))
        start, end = line[0], line[-1]
        outer = []
        for index in range(1, 10):
            t = math.pi * index / 10
            x, y = math.cos(t), math.sin(t)
            outer.append((x * (1.0 + side), 0.12 + y * (0.98 + top)))
        right = [(1.0 + side, end[1] * 0.6 + 0.05)] if end[1] < 0.2 else []
        left = [(-1.0 - side, start[1] * 0.6 + 0.05)] if start[1] < 0.2 else []
        return curve([*line, *right, *outer, *left], tension=0.9)

    def _mass(self, pen: Pen, sin: float, sway: float) -> None:
        """Long hair behind the head."""
        cut = self.cut or HairCut()
        low = -1.1 - cut.fall
        wide = cut.spread
        back = -sin * 0.42
        wave = 0.1 if self.style in ("wavy", "curly") else 0.0
        points = [
            (0.0, 1.16 + cut.top * 0.6),
            (0.85, 0.92),
            (1.0 + cut.side, 0.2),
            (wide * 0.96 + back * 0.4 + wave, -0.5),
            (wide * 0.98 + back * 0.8 - wave + sway * 0.5, (low - 0.5) * 0.5),
            (wide * 0.84 + back + sway + wave, low + 0.16),
            (0.42 + back + sway * 1.2, low - (0.02 if self.style == "bob" else 0.12)),
            (-0.42 + back + sway * 1.2, low - (0.02 if self.style == "bob" else 0.08)),
            (-wide * 0.84 + back + sway - wave, low + 0.16),
            (-wide * 0.98 + back * 0.8 + wave + sway * 0.5, (low - 0.5) * 0.5),
            (-wide * 0.96 + back * 0.4 - wave, -0.5),
            (-1.0 - cut.side, 0.2),
            (-0.85, 0.92),
        ]
        path = curve(points, tension=0.9)
        tone = pen.tone(self.color)
        pen.flat(path, tone.dim)

    def _tail(self, pen: Pen, root: tuple[float, float], tip: tuple[float, float], wide: float) -> None:
        """A tail or plait of hair from `root` to `tip`."""
        (rx, ry), (tx, ty) = root, tip
        away = 1 if tx >= 0 else -1
        path = curve(
            (
                (rx - wide * 0.3, ry),
                (rx + wide * 0.2, ry + wide * 0.5),
                (tx + away * wide * 0.9, ry * 0.5 + ty * 0.35),
                (tx + away * wide * 0.4, ty * 0.7 + ry * 0.1),
                (tx, ty),
                (tx - away * wide * 0.75, ty * 0.62 + ry * 0.2),
            )
        )
        pen.solid(path, self.color, 0.22)

    def _afro(self, pen: Pen, sin: float) -> None:
        """A cloud of hair round the back of the head."""
        pen.flat(ellipse(-sin * 0.2, 0.42, 1.25, 1.1), pen.tone(self.color).lit)
        for angle in (-0.5, 0.1, 0.7, 1.3, 1.9, 2.5, 3.1, 3.65):
            x, y = math.cos(angle), math.sin(angle)
            pen.oval(
                x * 1.0 - sin * 0.2,
                0.36 + y * 0.9,
                0.5,
                0.5,
                pen.tone(self.color).dim if x * pen.light.key_x < -0.2 else pen.tone(self.color).lit,
            )

    def _tufts(self, pen: Pen, theta: float, sway: float) -> None:
        """Spikes or loose strands on top."""
        sin = math.sin(theta)
        tone = pen.tone(self.color)
        if self.style == "spiky":
            for index in range(6):
                t = 0.42 + 2.3 * index / 5
                x, y = math.cos(t), math.sin(t)
                spike = skia.Path()
                spike.moveTo(x * 1.0 - y * 0.26, 0.1 + y * 1.04 + x * 0.26)
                spike.quadTo(x * 1.2, 0.2 + y * 1.3, x * 1.36 + sway + sin * 0.12, 0.2 + y * 1.46)
                spike.quadTo(x * 1.2 + y * 0.2, 0.16 + y * 1.1, x * 1.0 + y * 0.26, 0.1 + y * 1.04 - x * 0.26)
                pen.flat(spike, tone.lit)
            return
        big = 0.3 if self.style == "curly" else 0.22
        for index in range(8):
            t = 0.1 + 2.94 * index / 7
            x, y = math.cos(t) * 1.04, 0.18 + math.sin(t) * 1.08
            pen.oval(x + sway * 0.3, y, big, big * 0.92, tone.dim if x * pen.light.key_x < -0.3 else tone.lit)
        for azimuth in (-0.9, -0.45, 0.0, 0.45, 0.9):
            if abs(azimuth + 0.6 * theta) < 1.25:
                x = math.sin(azimuth + theta * 0.9) * 0.86
                pen.oval(x, 0.62 + 0.06 * math.cos(azimuth * 7), big * 0.72, big * 0.66, tone.lit)

    def _shine(self, pen: Pen) -> None:
        """The highlight on smooth hair."""
        side = -1 if pen.light.key_x <= 0 else 1
        path = skia.Path()
        x = side * 0.42
        path.moveTo(x - 0.34, 0.86 - 0.1 * (side < 0))
        path.quadTo(x, 1.08, x + 0.34, 0.86 - 0.1 * (side > 0))
        pen.line(path, pen.tone(self.color).rim & 0x00FFFFFF | 0x48000000, 0.09)

    def _locks(self, pen: Pen, theta: float, sway: float) -> None:
        """Strands from the temples over the shoulders."""
        for side in (-1, 1):
            angle = side * 1.3 + theta
            if math.cos(angle) < -0.15:
                continue
            x = math.sin(angle) * 1.05
            low = -1.25 if self.style == "wavy" else -1.5
            bulge = 0.12 if self.style == "wavy" else 0.04
            path = curve(
                (
                    (x - side * 0.04, 0.6),
                    (x + side * 0.14, 0.1),
                    (x + side * (0.12 + bulge), -0.55),
                    (x + side * 0.06 + sway, low * 0.85),
                    (x - side * 0.02 + sway * 1.5, low),
                    (x - side * 0.2 + sway, low * 0.78),
                    (x - side * (0.12 - bulge), -0.5),
                    (x - side * 0.16, 0.1),
                )
            )
            pen.solid(path, self.color, 0.25)

    def _braid(self, pen: Pen, theta: float, sway: float) -> None:
        """One plait over the shoulder that is on the viewer's side."""
        side = 1 if theta <= 0.2 else -1
        x = math.sin(side * 1.15 + theta) * 1.0
        tone = pen.tone(self.color)
        for index in range(7):
            t = index / 6
            y = -0.62 - 1.35 * t
            wide = 0.24 - 0.07 * t
            px = x + side * 0.1 * math.sin(t * 2.4) + sway * t * 1.6
            pen.oval(px - wide * 0.36, y, wide * 0.72, wide * 0.74, tone.dim)
            pen.oval(px + wide * 0.3, y - 0.08, wide * 0.72, wide * 0.74, tone.lit)
        pen.oval(x + sway * 1.6, -2.1, 0.13, 0.1, pen.tone("#b5493a").lit)
        pen.oval(x + sway * 1.7, -2.24, 0.12, 0.16, tone.lit)


def _skull_width(y: float) -> float:
    """Half the width of the skull at height y, head units."""
    return math.sqrt(max(0.05, 1 - (max(-0.2, y) / 1.12) ** 2)) if y > -0.2 else 0.98 + 0.3 * min(0.0, y + 0.2)
