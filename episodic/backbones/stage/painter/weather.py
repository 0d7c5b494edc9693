"""Rain, snow, fog and particles over a shot: everything in the air that moves."""

from __future__ import annotations

from episodic.backbones.protocol import Setting
from episodic.backbones.stage.painter.light import ShotLight
from episodic.backbones.stage.painter.place_looks import SetLook
from episodic.backbones.stage.painter.sets import Live

__all__ = ["weather_items"]


def weather_items(look: SetLook, light: ShotLight, setting: Setting, salt: int) -> list[Live]:
    """The live items of the weather, seeded by `salt`."""
    return []
