"""The kinds of place the painter knows: the words that name them, their palettes, their shape and what stands where."""

from __future__ import annotations

from typing import Final

from episodic.looks.place_catalog_lands import LANDS
from episodic.looks.place_catalog_rooms import ROOMS
from episodic.looks.place_kinds import PALETTE_KEYS, PlaceKind

__all__ = ["PALETTE_KEYS", "PLACES", "PlaceKind"]

PLACES: Final[dict[str, PlaceKind]] = ROOMS | LANDS
