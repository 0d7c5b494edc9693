"""What a kind of place is, and the palettes they share.

Pure data, no drawing. A feature is (kind, x, y, width, height) in metres on the back wall; with `z` it stands on the floor at that
depth, with `on` "left" or "right" it hangs on a side wall, x then being the depth. `maybe` is the chance that a location has it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

__all__ = [
    "BLUE",
    "BRICK",
    "CITY",
    "COAST",
    "CREAM",
    "DEEP",
    "FLESH",
    "GREEN",
    "LEAFY",
    "MARS",
    "NIGHT",
    "OLIVE",
    "PALETTE_KEYS",
    "PINE",
    "ROSE",
    "SAGE",
    "SAND",
    "SNOW",
    "STEEL",
    "STONE",
    "VOID",
    "WARM",
    "PlaceKind",
    "f",
]

PALETTE_KEYS: Final = ("wall", "trim", "floor", "wood", "cloth", "accent", "accent2", "metal", "leaf", "dark", "glow")


def f(kind: str, x: float = 0.0, y: float = 0.0, w: float = 1.0, h: float = 1.0, **more: Any) -> dict[str, Any]:
    """One feature."""
    return {"kind": kind, "x": x, "y": y, "w": w, "h": h, **more}


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceKind:
    """One kind of place. `palettes` are alternatives in the order of `PALETTE_KEYS`."""

    words: tuple[str, ...]
    indoors: bool
    palettes: tuple[str, ...]
    shape: dict[str, Any] = field(default_factory=dict)
    features: tuple[dict[str, Any], ...] = ()


WARM = "#dcc39a #8a5a3a #a9744a #7d4e30 #b5483a #d98c3f #4f7d7a #8f9396 #6f8f4f #33241f #ffd58a"
SAGE = "#b9c2a0 #f0e6d0 #b08a5c #86603c #c96f4a #e0a24a #5c7f8c #9aa0a0 #5f8a55 #2c2a28 #ffdf9a"
BLUE = "#9fb9c4 #f2ead8 #9a7350 #6f4a33 #d0604a #e8b24f #3f6f86 #9fa8ad #6a9463 #24303a #ffe0a0"
ROSE = "#e3b7a6 #fff1e2 #b8825a #8f5b44 #b4566a #e9a84c #5d8a86 #b9a48f #7c9a62 #3c2530 #ffd9a0"
CREAM = "#ecdcb6 #b98a55 #c39a68 #9a6a42 #c0503f #e2a03c #4b8582 #a6a8a4 #779a58 #3a2b24 #ffdc94"
OLIVE = "#8d8a62 #5d4128 #7c5636 #5a3a25 #8c3a2f #c98a3a #3f5f58 #8a8678 #66804a #221a16 #ffc878"
STEEL = "#8fa6b4 #d5e2e8 #7f919c #5f7280 #e07a3c #f0b84a #46a0b4 #b4c2ca #5f9a86 #16222c #a8f0ff"
DEEP = "#3f6470 #7fa0a2 #3c5058 #4a6670 #d9793f #efb24c #57b4ac #86a0a6 #4f9080 #0c1c26 #9ff0e4"
NIGHT = "#4a4264 #2e2a44 #3a3850 #4c4058 #d8407f #38c8d8 #8f5ad0 #7c7c96 #4f7f74 #15121f #ff9ad0"
STONE = "#a49c90 #7d7468 #8a8174 #7a5136 #8c2f3a #d0a040 #3f5a86 #9a9a98 #6b8450 #262026 #ffcf80"
GREEN = "#86a860 #5d7f48 #7fa04e #6b4a30 #c8574a #f0c04c #4f8fa0 #8a9086 #4f8046 #26351f #ffe9a0"
PINE = "#6f9a72 #466b52 #6d9054 #5c4030 #b8553c #e8b050 #4c8296 #7f8a84 #2f6048 #1c2c28 #ffe6a4"
SAND = "#e2b878 #c58d58 #deb87c #8f5f3c #b8503c #e9c060 #4f93a6 #a3968a #86945a #4a3028 #ffe7b0"
SNOW = "#c8d8e6 #8fa8c4 #e9f0f6 #6b5442 #b44a44 #eeb65a #4b7ca6 #94a2b0 #4a6f68 #26344a #ffe2a2"
COAST = "#7f9aa0 #d9cdb4 #8f8a78 #7a5a42 #c0483c #efb850 #3f7f96 #95a0a4 #7f9a5c #2a3238 #ffe08c"
CITY = "#a3867a #c9b6a0 #76706e #6a4a38 #b2483c #e2a848 #4a7a88 #8a8c90 #668058 #2b2830 #ffd584"
BRICK = "#94584a #d0bba0 #6a6464 #5a4034 #b83a38 #dca044 #3f6f78 #84868c #5f7a50 #261f26 #ffce7c"
LEAFY = "#8fc46a #5d9c4c #a8d47a #4f8a44 #e8824c #f4cf4e #58b0a0 #b8d8a0 #3f8a44 #1f4a2c #fff2a0"
FLESH = "#d8706a #a8404c #e08c7c #8c3440 #c8303c #f2b070 #5c7cc0 #e8c0b0 #b8546a #4a1420 #ffd0a0"
MARS = "#c8805a #a05a44 #c87c50 #7a4434 #e0e4e0 #f0b850 #5aa0b0 #b0a8a4 #7a8a6a #38201e #d8f0ff"
VOID = "#3c4468 #6c7098 #8a86a0 #4c4870 #e07a4c #f0c860 #58b0c8 #a4a8c0 #5f8a94 #0c0e1e #cfe8ff"
