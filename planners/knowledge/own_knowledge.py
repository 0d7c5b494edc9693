"""The folder of a writer's own knowledge: families, jobs, places and things beside those that ship."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import Final

__all__ = ["OWN_KNOWLEDGE", "own_knowledge"]

OWN_KNOWLEDGE: Final = "EPISODIC_KNOWLEDGE"
"""The environment variable that names the folder."""


@cache
def own_knowledge() -> Path | None:
    """The folder, None if no variable names one. Raises ValueError if there is no such folder."""
    name = os.environ.get(OWN_KNOWLEDGE, "")
    if not name:
        return None
    folder = Path(name).expanduser()
    if not folder.is_dir():
        raise ValueError(
            f"{OWN_KNOWLEDGE}: there is no folder {folder}; name one with `families/`, `jobs.yaml`, `places.yaml` or `things.yaml`"
        )
    return folder
