"""Planners by name. A planner's package is imported when the planner is opened."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Final

from planners.planner import Brief, Planner

__all__ = ["PLANNERS", "open_planner", "planner_for"]

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


def planner_for(brief: Brief) -> Planner:
    """The planner that a brief is given to by default: `story` if it has a source, because only that planner teaches from texts."""
    return open_planner("story") if brief.source is not None else open_planner()
