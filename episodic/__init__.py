"""From one sentence to whole episodes of video with sound, and series that remember.

`Studio` is the front door: it plans, renders and looks into one series. Everything a user can mend is an `EpisodicError`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from episodic.series.series import Series, SeriesSettings
    from episodic.studio import Options, Studio, start_series
    from memory.errors import EpisodicError

__all__ = ["EpisodicError", "Options", "Series", "SeriesSettings", "Studio", "start_series"]

_HOME = {
    "EpisodicError": "memory.errors",
    "Options": "episodic.studio",
    "Series": "episodic.series.series",
    "SeriesSettings": "episodic.series.series",
    "Studio": "episodic.studio",
    "start_series": "episodic.studio",
}


def __getattr__(name: str) -> Any:
    """Load a public name on first use: `import episodic` itself costs nothing."""
    if name not in _HOME:
        raise AttributeError(f"module 'episodic' has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(_HOME[name]), name)
