"""Build a set from a location's look: items that stand still and items that move."""

from __future__ import annotations

from episodic.backbones.request import Setting
from episodic.backbones.stage.painter.light import ShotLight
from episodic.backbones.stage.painter.palette import Rgb, parse
from episodic.backbones.stage.painter.sets.brush import Item, Live
from episodic.backbones.stage.painter.sets.land import land_items
from episodic.backbones.stage.painter.sets.live_items import live_items
from episodic.backbones.stage.painter.sets.room import room_items
from episodic.looks.places import SetLook

__all__ = ["air_of", "build_set"]


def air_of(look: SetLook) -> tuple[Rgb | None, Rgb | None]:
    """(colour of the haze, colour of daylight), each None unless the place has its own."""
    air, tint = look.shape.air, look.shape.tint
    if air is None and look.shape.sky == "space":
        air = "#2c2f5c"
    return (parse(str(air)) if air else None, parse(str(tint)) if tint else None)


def build_set(look: SetLook, light: ShotLight, setting: Setting) -> tuple[list[Item], list[Live]]:
    """Build a location: (static items, live items)."""
    items = room_items(look, setting) if look.indoors else land_items(look)
    return items, live_items(look, light, setting)
