"""The views through a window: a sea, a city, mountains, green country, space, or the deep sea."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from episodic.backbones.stage.painter.palette import Rgb, mix, multiply, parse
from episodic.backbones.stage.painter.pen import polygon
from episodic.backbones.stage.painter.sets.brush import Brush, Point
from planners.plan.vocabulary import TimeOfDay

__all__ = ["outside_view", "ridge"]

_DIM: Final[Mapping[TimeOfDay, Rgb]] = {
    "day": (0.86, 0.9, 0.92),
    "dawn": (0.74, 0.66, 0.72),
    "dusk": (0.44, 0.30, 0.44),
    "night": (0.13, 0.18, 0.32),
}
"""What the time of day leaves of the colours outside."""


def ridge(
    random: np.random.Generator, x: float, w: float, y: float, h: float, *, rough: float = 0.5, steps: int = 9
) -> list[Point]:
    """The crest of a hill from x to x + w, between y and y + h."""
    heights = random.uniform(1 - rough, 1, steps + 1) * h
    return [(x + w * i / steps, y + float(height)) for i, height in enumerate(heights)]


def outside_view(b: Brush, x: float, y: float, w: float, h: float, kind: str, *, painted: bool = False) -> None:
    """A small landscape in a window, as light as the time of day has it; a `painted` one shines less."""
    b.clip(polygon([(x, y), (x + w, y), (x + w, y + h), (x, y + h)]))
    if kind in ("space", "deep"):
        _dark_view(b, x, y, w, h, kind)
        b.unclip()
        return
    sky, shine = b.light.sky, 0.6 if painted else 1.0
    b.fade(x, y, w, h * 1.15, [b.shining(color, shine) for color in (sky.horizon, sky.middle, sky.zenith)])
    view = _View(b, x, y, w, h, shine, b.look.random(77))
    if b.light.time == "night" and b.light.weather == "clear":
        view.night_sky()
    if kind == "sea":
        view.sea()
    elif kind in ("city", "street"):
        view.city()
    elif kind == "mountains":
        view.mountains()
    else:
        view.country(kind)
    b.unclip()


@dataclass(frozen=True, slots=True)
class _View:
    """A pane that shows the world outside; the methods draw from `random` in turn."""

    b: Brush
    x: float
    y: float
    w: float
    h: float
    shine: float
    random: np.random.Generator

    def far(self, rgb: str, near: float) -> int:
        """A colour at a distance: 0 at the horizon, 1 before the window."""
        dimmed = multiply(parse(rgb), _DIM[self.b.light.time])
        return self.b.shining(mix(self.b.light.sky.horizon, dimmed, 0.35 + 0.6 * near), self.shine)

    @property
    def horizon(self) -> float:
        """The height of the horizon."""
        return self.y + self.h * 0.34

    def night_sky(self) -> None:
        """A moon and stars."""
        b, x, y, w, h, random = self.b, self.x, self.y, self.w, self.h, self.random
        orb = b.light.sky.orb
        b.oval(x + w * 0.72, y + h * 0.76, h * 0.07, h * 0.07, b.lit(orb))
        for _ in range(int(14 * w)):
            b.oval(
                x + float(random.uniform(0, w)),
                self.horizon + float(random.uniform(0.1, 1)) * h * 0.66,
                0.012,
                0.012,
                b.lit(orb, alpha=0.8),
            )

    def sea(self) -> None:
        """Water up to the horizon, with glints."""
        b, x, y, w, random = self.b, self.x, self.y, self.w, self.random
        depth = self.horizon - y
        b.rect(x, y, w, depth, self.far("#4f93ac", 0.55))
        b.fade(x, y, w, depth, [self.far("#2f6f8c", 1.0), self.far("#6fb0c0", 0.4)])
        for i in range(12):
            b.rect(
                x + float(random.uniform(0, w * 0.8)),
                y + depth * (i / 12) ** 0.8,
                float(random.uniform(0.2, 0.6)) * w * 0.3,
                0.018,
                b.shining(b.light.sky.horizon, self.shine, alpha=0.5),
            )

    def city(self) -> None:
        """Two rows of houses, the nearer with lit windows after dark."""
        b, x, y, w, h, random = self.b, self.x, self.y, self.w, self.h, self.random
        for row, (near, low, tall) in enumerate(((0.2, 0.45, 0.75), (0.75, 0.3, 0.55))):
            left = x - 0.2
            while left < x + w:
                wide, high = float(random.uniform(0.25, 0.5)), h * float(random.uniform(low, tall))
                b.rect(left, y, wide, high, self.far("#6c6478", near))
                if b.light.dark > 0.2 and row:
                    for k in range(8):
                        if random.random() < 0.5:
                            px, py = left + 0.05 + (k % 2) * 0.14, y + high - 0.14 - (k // 2) * 0.2
                            b.rect(px, py, 0.07, 0.1, b.lit("glow", alpha=0.85))
                left += wide + 0.02

    def mountains(self) -> None:
        """Two ranges over a dark wood."""
        b, x, y, w, h, random = self.b, self.x, self.y, self.w, self.h, self.random
        for near, top in ((0.25, 0.72), (0.6, 0.5)):
            b.poly(
                [(x, y), *ridge(random, x - 0.2, w + 0.4, y + h * top * 0.4, h * top * 0.6, rough=0.8, steps=6), (x + w, y)],
                self.far("#6f86a8", near),
            )
        b.poly([(x, y), *ridge(random, x, w, y + h * 0.12, h * 0.12), (x + w, y)], self.far("#3f6b52", 0.9))

    def country(self, kind: str) -> None:
        """Hills, with trees on them for a garden or a forest."""
        b, x, y, w, h, random = self.b, self.x, self.y, self.w, self.h, self.random
        greens = ("#8fae7c", "#5f8a55") if kind != "forest" else ("#5f8a6c", "#2f5f45")
        b.blob(
            [(x - 1, y - 1), *ridge(random, x - 0.5, w + 1, y + h * 0.22, h * 0.16, steps=4), (x + w + 1, y - 1)],
            self.far(greens[0], 0.4),
        )
        if kind in ("garden", "forest"):
            for i in range(int(3 + w * 2)):
                cx = x + w * (i + float(random.uniform(0.1, 0.9))) / (3 + w * 2)
                radius = h * float(random.uniform(0.09, 0.16))
                b.oval(cx, y + h * 0.2 + radius * 0.5, radius * 1.1, radius * 1.3, self.far(greens[1], 0.65))
        b.blob(
            [(x - 1, y - 1), *ridge(random, x - 0.5, w + 1, y + h * 0.08, h * 0.14, steps=4), (x + w + 1, y - 1)],
            self.far(greens[1], 0.95),
        )


def _dark_view(b: Brush, x: float, y: float, w: float, h: float, kind: str) -> None:
    """Space with a planet, or the deep sea."""
    random = b.look.random(78)
    if kind == "space":
        b.fade(x, y, w, h, [b.lit("#10142e"), b.lit("#060814")])
        b.glow(x + w * 0.2, y + h * 0.7, w * 0.4, b.lit("#40306c", alpha=0.7))
        for _ in range(int(40 * w)):
            r = float(random.choice([0.006, 0.01, 0.016]))
            b.oval(
                x + float(random.uniform(0, w)),
                y + float(random.uniform(0, h)),
                r,
                r,
                b.lit("#f4f2e6", alpha=float(random.uniform(0.4, 1))),
            )
        cx, cy, r = x + w * 0.78, y - h * 0.35, h * 1.0
        b.oval(cx, cy, r, r, b.lit("#4a86a8"))
        b.oval(cx + r * 0.12, cy - r * 0.1, r * 0.92, r * 0.92, b.lit("#2f5f86"))
        b.glow(cx - r * 0.2, cy + r * 0.3, r * 1.2, b.lit("#a8d8f0", alpha=0.35))
        return
    b.fade(x, y, w, h, [b.lit("#04202c"), b.lit("#0c4a58"), b.lit("#17707a")])
    b.poly([(x, y), *ridge(random, x, w, y, h * 0.28, rough=0.7), (x + w, y)], b.lit("#052530"))
    for _ in range(int(8 * w) + 3):
        r = float(random.uniform(0.01, 0.03))
        b.oval(x + float(random.uniform(0, w)), y + float(random.uniform(0.1, 1)) * h, r, r, b.lit("#8fe8dc", alpha=0.5))
