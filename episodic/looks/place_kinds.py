"""What a kind of place is made of: a palette, a shape, and features that stand or hang in it. No drawing here.

All lengths are metres. The back wall of a room is its origin of x (the middle) and y (the floor).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Final

from episodic.looks.data_files import Color
from memory.model.facts import FactValue

__all__ = ["NUMBERS_OF_SHAPE", "PALETTE_KEYS", "Feature", "Palette", "PlaceKind", "Shape"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Palette:
    """The colours of a place, as `#rrggbb`, one for each material."""

    wall: Color
    trim: Color
    floor: Color
    wood: Color
    cloth: Color
    accent: Color
    accent2: Color
    metal: Color
    leaf: Color
    dark: Color
    glow: Color

    def get(self, material: str) -> Color | None:
        """The colour of a material; None if the palette has no such material."""
        return getattr(self, material) if material in PALETTE_KEYS else None

    def to_json(self) -> dict[str, FactValue]:
        """The palette as a look stores it."""
        return {material: getattr(self, material) for material in PALETTE_KEYS}


PALETTE_KEYS: Final = tuple(field.name for field in fields(Palette))
"""The materials of a palette."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """The shell of a room, or the ground and the distance of a landscape. None: the set painter's default."""

    half_width: float | None = None
    height: float | None = None
    wall: str | None = None
    floor: str | None = None
    ceiling: str | None = None
    outside: str | None = None
    """What is seen through the windows."""
    far: str | None = None
    """What stands at the horizon."""
    ground: str | None = None
    canyon: float | None = None
    """Half the width of a street between houses."""
    sky: str | None = None
    air: str | None = None
    """The colour of the haze, as `#rrggbb`."""
    tint: str | None = None
    """The colour that all light takes, as `#rrggbb`."""
    shore_z: float | None = None
    """The depth at which the water begins."""

    def to_json(self) -> dict[str, FactValue]:
        """The shape as a look stores it, without what is None."""
        return {field.name: value for field in fields(self) if (value := getattr(self, field.name)) is not None}


NUMBERS_OF_SHAPE: Final = ("half_width", "height", "shore_z", "canyon")
"""The fields of a shape that are lengths; the others are words and colours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """One piece of a set: furniture, a window, a tree. It hangs on the back wall unless `z` or `on` says differently."""

    kind: str
    x: float = 0.0
    """The middle; on a side wall the depth."""
    y: float = 0.0
    """The lower edge above the floor; on the floor the depth."""
    w: float = 1.0
    h: float = 1.0
    z: float | None = None
    """The depth at which it stands on the floor."""
    on: str | None = None
    """`left` or `right`, the side wall it hangs on, or `floor`."""
    items: str | None = None
    """What shelves hold."""
    front: str | None = None
    """What a counter shows to the viewer."""
    curtains: bool = False
    lamp: bool = False
    blinds: bool = False
    screen: bool = False
    lit: bool = False
    tall: bool = False
    plain: bool = False
    seed: int = 0
    flip: bool = False
    """Mirrored, in a mirrored place."""
    chance: float = 1.0
    """In the catalogue: the chance that a location has it."""

    @property
    def left(self) -> float:
        """The left edge."""
        return self.x - self.w / 2

    @property
    def box(self) -> tuple[float, float, float, float]:
        """(left, bottom, width, height)."""
        return self.left, self.y, self.w, self.h

    @property
    def on_back_wall(self) -> bool:
        """Whether it hangs on the back wall."""
        return self.z is None and self.on is None

    def to_json(self) -> dict[str, FactValue]:
        """The feature as a look stores it: kind, position, size and seed, and what differs from the defaults."""
        always = {"kind": self.kind, "x": self.x, "y": self.y, "w": self.w, "h": self.h}
        options = {name: value for name in _OPTIONS if (value := getattr(self, name)) not in (None, False)}
        return {**always, **options, "seed": self.seed, **({"flip": True} if self.flip else {})}

    @classmethod
    def from_json(cls, value: FactValue) -> Feature | None:
        """The feature that a look stores; None if its kind, position or size is missing or wrong."""
        if not isinstance(value, Mapping) or not isinstance(kind := value.get("kind"), str):
            return None
        defaults: dict[str, FactValue] = {"x": 0.0, "y": 0.0, "w": 1.0, "h": 1.0}
        numbers = {name: _finite(length) for name, length in {**defaults, **value}.items() if name in (*defaults, "z")}
        if None in numbers.values():
            return None
        x, y, w, h = (numbers[name] or 0.0 for name in defaults)
        flags = {name: bool(value.get(name)) for name in _FLAGS}
        seed = _finite(value.get("seed", 0))
        feature = cls(kind=kind, x=x, y=y, w=w, h=h, z=numbers.get("z"), seed=int(seed or 0))
        texts = {name: text for name in ("on", "items", "front") if isinstance(text := value.get(name), str)}
        return replace(feature, **texts, **flags)  # type: ignore[arg-type]


def _finite(value: FactValue) -> float | None:
    """The value as a float; None if it is no finite number."""
    return float(value) if isinstance(value, (int, float)) and math.isfinite(value) else None


_FLAGS: Final = ("curtains", "lamp", "blinds", "screen", "lit", "tall", "plain", "flip")
_OPTIONS: Final = ("z", "on", "items", "front", *_FLAGS[:-1])


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceKind:
    """One kind of place: the words that name it, palettes to draw from, its shape, and its features."""

    words: tuple[str, ...]
    indoors: bool
    palettes: tuple[Palette, ...]
    shape: Shape
    features: tuple[Feature, ...]
