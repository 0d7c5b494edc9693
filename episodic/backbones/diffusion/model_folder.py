"""A model's folder as `save_pretrained` writes it, looked at without loading anything. Untrusted input."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from episodic.errors import BackboneError

__all__ = ["ModelFolder", "subfolder_of"]

_FOLDER = re.compile(r"[\w-][\w.-]*")


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

    def place(self, name: str) -> Path:
        """Where a component lies. Raises BackboneError where the index points out of the folder."""
        return self.root / subfolder_of(str(self.root), name, self.index.get(name))


def subfolder_of(where: str, name: str, entry: object) -> str:
    """The folder of a component by its entry in an index: a modular one may name another than the component's own name.

    Raises BackboneError, beginning with `where`, for anything but a folder below the model's.
    """
    said = (
        entry[2].get("subfolder")
        if isinstance(entry, list | tuple) and len(entry) == 3 and isinstance(entry[2], Mapping)
        else None
    )
    found = said or name
    if not isinstance(found, str) or not all(_FOLDER.fullmatch(one) for one in found.split("/")):
        raise BackboneError(f"{where}: {name}: subfolder {repr(found)[:80]} is no folder of the model's; it is not loaded")
    return found
