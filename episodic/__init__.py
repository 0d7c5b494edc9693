"""From one sentence to whole episodes of video with sound, and series that remember.

`Studio` is the front door. It plans, renders, edits and inspects one series::

    from pathlib import Path
    from episodic import Options, Studio, start_series

    series = start_series("A lamp goes out.", Options(minutes=0.1, backbone="cards"), Path("lamp"))
    films = Studio(series).render()

Everything that a user can fix is raised as an `EpisodicError`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from episodic.errors import InputError
    from episodic.options import Options
    from episodic.production.graph.events import Event
    from episodic.production.graph.in_process import InProcessRunner
    from episodic.series.branches import open_series
    from episodic.series.series import Series, SeriesSettings
    from episodic.start import start_series
    from episodic.studio import Studio
    from memory.errors import EpisodicError
    from memory.model.facts import Fact, StoryPosition

__all__ = [
    "EpisodicError",
    "Event",
    "Fact",
    "InProcessRunner",
    "InputError",
    "Options",
    "Series",
    "SeriesSettings",
    "StoryPosition",
    "Studio",
    "open_series",
    "start_series",
]

_MODULES = {
    "EpisodicError": "memory.errors",
    "Event": "episodic.production.graph.events",
    "Fact": "memory.model.facts",
    "InProcessRunner": "episodic.production.graph.in_process",
    "InputError": "episodic.errors",
    "Options": "episodic.options",
    "Series": "episodic.series.series",
    "SeriesSettings": "episodic.series.series",
    "StoryPosition": "memory.model.facts",
    "Studio": "episodic.studio",
    "open_series": "episodic.series.branches",
    "start_series": "episodic.start",
}


def __getattr__(name: str) -> object:
    """Load a public name on first use, so that `import episodic` itself costs nothing."""
    if name not in _MODULES:
        raise AttributeError(f"module 'episodic' has no attribute {name!r}")
    return getattr(import_module(_MODULES[name]), name)
