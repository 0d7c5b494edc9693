"""A model's folder as `save_pretrained` writes it, looked at without loading anything. Untrusted input."""

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

    def config(self, component: str) -> Mapping[str, Any]:
        """A component's configuration. Raises BackboneError where the pipeline has none of that name."""
        if component not in self.configs:
            raise BackboneError(
                f"{self.root}: expected a component {component} of this {self.class_name}, found {', '.join(self.configs)}; "
                "fetch or copy the model again"
            )
        return self.configs[component]

    def number(self, component: str, key: str, usual: float) -> float:
        """A number in a component's configuration, `usual` where it says none. Raises BackboneError for anything but a number."""
        found = self.config(component).get(key)
        if found is None:
            return usual
        if isinstance(found, bool) or not isinstance(found, int | float) or not math.isfinite(found):
            raise self._odd(component, key, "a number", found)
        return found

    def whole(self, component: str, key: str, usual: int) -> int:
        """The same of a whole number, 1 to 65536: a size, a ratio, a count."""
        return self._whole(component, key, self.number(component, key, usual))

    def wholes(self, component: str, key: str, usual: Sequence[int]) -> tuple[int, ...]:
        """The same of a list of them: patches by axis."""
        return tuple(self._whole(component, key, one) for one in self.entries(component, key, usual))

    def entries(self, component: str, key: str, usual: Sequence[Any]) -> Sequence[Any]:
        """The same of a list of 1 to 16 entries of any kind: what an autoencoder has by level."""
        found = self.config(component).get(key)
        if found is None:
            return usual
        if not isinstance(found, list | tuple) or not 1 <= len(found) <= _MOST_ENTRIES:
            raise self._odd(component, key, f"a list of 1 to {_MOST_ENTRIES} entries", found)
        return found

    def _whole(self, component: str, key: str, found: object) -> int:
        if isinstance(found, bool) or not isinstance(found, int | float) or not 1 <= found <= _LARGEST or found % 1:
            raise self._odd(component, key, f"whole numbers of 1 to {_LARGEST}", found)
        return int(found)

    def _odd(self, component: str, key: str, expected: str, found: object) -> BackboneError:
        return BackboneError(
            f"{self.place(component)}: damaged: the configuration of {component} has {repr(found)[:80]} as {key}; expected {expected}; "
            "fetch or copy the model again"
        )


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
