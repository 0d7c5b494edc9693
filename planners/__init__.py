"""Planners: from a prompt to the plan of an episode, and plans in YAML.

from memory.model.canon import empty_canon
from planners import Brief, open_planner, plan_text

brief = Brief(prompt="A lighthouse keeper befriends a storm.")
plan = open_planner().plan(brief, empty_canon())
print(plan_text(plan))
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from planners.errors import PlanError, PlanTooNew, PromptError
    from planners.plan.model import EpisodePlan, Line, Scene, Shot
    from planners.plan.scene_graph import scene_graph
    from planners.plan_file.read_write import edit_plan, plan_text, read_plan, write_plan
    from planners.planner import Brief, Planner
    from planners.planner_registry import PLANNERS, open_planner

__all__ = [
    "PLANNERS",
    "Brief",
    "EpisodePlan",
    "Line",
    "PlanError",
    "PlanTooNew",
    "Planner",
    "PromptError",
    "Scene",
    "Shot",
    "edit_plan",
    "open_planner",
    "plan_text",
    "read_plan",
    "scene_graph",
    "write_plan",
]

_MODULES = {
    "planners.errors": ("PlanError", "PlanTooNew", "PromptError"),
    "planners.plan.model": ("EpisodePlan", "Line", "Scene", "Shot"),
    "planners.plan.scene_graph": ("scene_graph",),
    "planners.plan_file.read_write": ("edit_plan", "plan_text", "read_plan", "write_plan"),
    "planners.planner": ("Brief", "Planner"),
    "planners.planner_registry": ("PLANNERS", "open_planner"),
}
_MODULE_OF = {name: module for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> Any:
    """Import a public name on first use, so that `import planners` is cheap."""
    if name not in _MODULE_OF:
        raise AttributeError(f"module 'planners' has no attribute {name!r}")
    return getattr(import_module(_MODULE_OF[name]), name)
