"""The door to classes that are imported only when they are used: families, and the drivers that import torch."""

from __future__ import annotations

import importlib
from typing import Any

__all__ = ["lazy_class"]


def lazy_class(module: str, name: str) -> Any:
    """Import a class of `episodic.backbones.diffusers.families` by its module and name."""
    return getattr(importlib.import_module(f"episodic.backbones.diffusers.families.{module}"), name)
