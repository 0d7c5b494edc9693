"""A model's folder as `save_pretrained` writes it, looked at without loading anything. Untrusted input."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["ModelFolder"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFolder:
    """What a folder's configurations say. Made by `inspect_folder`, which refuses what may not be loaded."""

    root: Path
    class_name: str
    """Of the pipeline, such as `WanVACEPipeline`."""
    modular: bool
    """Whether it is a modular pipeline (modular_model_index.json)."""
    components: Mapping[str, tuple[str, str]]
    """Name to (library, class); those that the index has as null are left out."""
    index: Mapping[str, Any]
    """The index itself, for values such as `boundary_ratio`."""
    configs: Mapping[str, Mapping[str, Any]]
    """Each component's configuration (config.json, scheduler_config.json, preprocessor_config.json…); {} where it has none."""
    weight_bytes: Mapping[str, int]
    """Size of each component's weights on disk."""
    fingerprint: str
    """Changes when any configuration or weight changes: 16 hex digits."""
    revision: str = ""
    """The commit it was fetched at; empty for a folder of one's own."""
