"""The painter's version, apart from the painter: to know whether a picture is stale nothing has to be drawn."""

from __future__ import annotations

from typing import Final

__all__ = ["PAINTER_VERSION"]

PAINTER_VERSION: Final = "4"
"""Changes whenever the same take would be painted otherwise."""
