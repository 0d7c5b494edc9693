"""A model's folder as `save_pretrained` writes it, read without loading anything. Untrusted input."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from episodic.errors import BackboneError

__all__ = ["ModelFolder", "subfolder_of"]

_LARGEST: Final = 1 << 16
_MOST_ENTRIES: Final = 16
_FOLDER = re.compile(r"[\w-][\w.-]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFolder:
    """The facts that a folder's configurations state. Made by `inspect_folder`, which refuses folders that may not be loaded."""

    root: Path
    class_name: str
    """The pipeline's class, such as `WanVACEPipeline`."""
    modular: bool
    """Whether it is a modular pipeline (modular_model_index.json)."""
    components: Mapping[str, tuple[str, str]]
    """Name to (library, class), without those that are null in the index."""
    index: Mapping[str, object]
    """The index itself, for values such as `boundary_ratio`."""
    configs: Mapping[str, Mapping[str, object]]
    """Each component's configuration (config.json, scheduler_config.json, preprocessor_config.json…); {} where there is none."""
    weight_bytes: Mapping[str, int]
    """Size of each component's weights on disk."""
    fingerprint: str
    """Changes when any configuration or weight changes: 16 hex digits."""
    revision: str = ""
    """The commit it was fetched at; empty for a folder of one's own."""

    def place(self, name: str) -> Path:
        """Return a component's folder. Raises BackboneError where the index points out of the model's folder."""
        return self.root / subfolder_of(str(self.root), name, self.index.get(name))

    def config(self, component: str) -> Mapping[str, object]:
        """Return a component's configuration. Raises BackboneError where the pipeline has none of that name."""
        if component not in self.configs:
            raise BackboneError(
                f"{self.root}: expected a component {component} of this {self.class_name}, found {', '.join(self.configs)}; "
                "fetch or copy the model again"
            )
        return self.configs[component]

    def number(self, component: str, key: str, usual: float) -> float:
        """Return a number of a component's configuration, `usual` where it is missing. Raises BackboneError for anything but a number."""
        value = self.config(component).get(key)
        if value is None:
            return usual
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise self._invalid(component, key, "a number", value)
        return value

    def whole(self, component: str, key: str, usual: int) -> int:
        """Return a whole number of a component's configuration, 1 to 65536: a size, a ratio, a count. Raises as `number`."""
        return self._whole(component, key, self.number(component, key, usual))

    def wholes(self, component: str, key: str, usual: Sequence[int]) -> tuple[int, ...]:
        """Return a list of whole numbers, such as patch sizes by axis. Raises as `number`."""
        return tuple(self._whole(component, key, entry) for entry in self.entries(component, key, usual))

    def entries(self, component: str, key: str, usual: Sequence[Any]) -> Sequence[Any]:
        """Return a list of 1 to 16 entries of any type, such as an autoencoder's channels by level. Raises as `number`."""
        entries = self.config(component).get(key)
        if entries is None:
            return usual
        if not isinstance(entries, list | tuple) or not 1 <= len(entries) <= _MOST_ENTRIES:
            raise self._invalid(component, key, f"a list of 1 to {_MOST_ENTRIES} entries", entries)
        return entries

    def _whole(self, component: str, key: str, value: object) -> int:
        """Return a value as a whole number. Raises BackboneError for anything else."""
        if isinstance(value, bool) or not isinstance(value, int | float) or not 1 <= value <= _LARGEST or value % 1:
            raise self._invalid(component, key, f"whole numbers of 1 to {_LARGEST}", value)
        return int(value)

    def _invalid(self, component: str, key: str, expected: str, value: object) -> BackboneError:
        return BackboneError(
            f"{self.place(component)}: damaged: the configuration of {component} has {repr(value)[:80]} as {key}; expected {expected}; "
            "fetch or copy the model again"
        )


def subfolder_of(where: str, name: str, entry: object) -> str:
    """Return a component's folder by its entry in an index: a modular index may name another folder than the component's own name.

    Raises BackboneError, beginning with `where`, for anything but a folder below the model's.
    """
    specified = (
        entry[2].get("subfolder")
        if isinstance(entry, list | tuple) and len(entry) == 3 and isinstance(entry[2], Mapping)
        else None
    )
    subfolder = specified or name
    if not isinstance(subfolder, str) or not all(_FOLDER.fullmatch(part) for part in subfolder.split("/")):
        raise BackboneError(
            f"{where}: {name}: subfolder {repr(subfolder)[:80]} is not below the model's folder; it is not loaded"
        )
    return subfolder
