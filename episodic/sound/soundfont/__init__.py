"""The instruments the music is played on: a SoundFont 2 cut down from FluidR3 GM. See README.md beside this file."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Final

from memory.errors import EpisodicError

__all__ = ["SOUNDFONT", "SoundFontMissing", "soundfont"]

SOUNDFONT: Final = Path(__file__).with_name("episodic.sf2")


class SoundFontMissing(EpisodicError):
    """The instruments that ship with the package are not there."""


@lru_cache(maxsize=1)
def soundfont() -> bytes:
    """The SoundFont's bytes, read once. Raises SoundFontMissing."""
    try:
        return SOUNDFONT.read_bytes()
    except OSError as err:
        raise SoundFontMissing(
            f"{SOUNDFONT}: expected the instruments that ship with episodic; install the package again"
        ) from err
