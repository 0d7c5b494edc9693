"""Voices, speech, lips, music, ambience, effects and the mix."""

from __future__ import annotations

from typing import Final

__all__ = ["MIX_VERSION", "SPEECH_VERSION"]

SPEECH_VERSION: Final = "hibari-0.2.1/world-4"
"""Changes whenever the same line in the same voice gets other samples, phoneme times or lips."""

MIX_VERSION: Final = "mix-2"
"""Changes whenever the same speech, place and mood get another mix: music, ambience, effects or levels."""
