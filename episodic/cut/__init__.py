"""The cut: shots encoded once, joined by stream copy, with sound, subtitles and chapters."""

from __future__ import annotations

from typing import Final

__all__ = ["ENCODER_VERSION"]

ENCODER_VERSION: Final = "h264-veryfast-crf20-bf0@1"
"""Changes whenever the same frames would give other bytes. It stands here, because `encode` loads av."""
