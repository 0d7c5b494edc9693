"""`episodic status [SERIES]`."""

from __future__ import annotations

from pathlib import Path

from cli.choices import JsonOption, SeriesArgument

__all__ = ["status"]


def status(series: SeriesArgument = Path(), json: JsonOption = False) -> None:
    """Episodes, what is done, stale or failed, and how long each part took."""
    from cli.status_tables import print_status, print_status_json
    from episodic.series import Series
    from episodic.studio import Studio

    found = Series.open(series)
    episodes = Studio(found).look_through() if found.episodes() else []
    (print_status_json if json else print_status)(found, episodes)
