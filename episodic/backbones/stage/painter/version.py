"""The painter's version. In a module of its own, so that finding stale pictures loads no drawing code."""

from __future__ import annotations

from typing import Final

__all__ = ["PAINTER_VERSION"]

PAINTER_VERSION: Final = "4"
"""Changes whenever the same take would be painted differently."""
