"""Planners by name. A planner's package is imported when the planner is opened."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Final

from planners.planner import Planner

__all__ = ["PLANNERS", "open_planner"]

PLANNERS: Final[Mapping[str, str]] = {
    "story": "planners.discourse.story_planner:StoryPlanner",
}
"""By name: module and class of the planner."""


def open_planner(name: str = "story") -> Planner:
    """Open the planner called `name`. Raises ValueError for an unknown name."""
    if name not in PLANNERS:
        raise ValueError(f"unknown planner ‘{name}’; expected one of: {', '.join(PLANNERS)}")
    module, _, cls = PLANNERS[name].partition(":")
    planner: Planner = getattr(import_module(module), cls)()
    return planner
