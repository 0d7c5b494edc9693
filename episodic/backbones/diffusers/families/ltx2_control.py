"""The IC-LoRA of an LTX-2 model, with which it follows a control video that it sees beside its own frames. Imports no torch.

diffusers keeps none in a pipeline's folder. It is looked for in `FOLDER/ic_lora/`, as Lightricks publishes them: one safetensors file
whose name contains `depth`, `pose` or `union`, and whose metadata says how much smaller than the window its videos are.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from episodic.errors import BackboneError
from episodic.series.shooting_settings import ControlKind

__all__ = ["IcLora", "find_ic_lora"]

_CONTROLS: Final[Mapping[str, tuple[ControlKind, ...]]] = {"depth": ("depth",), "pose": ("pose",), "union": ("depth", "pose")}
_HEADER_BYTES: Final = 4 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class IcLora:
    """The IC-LoRA in a model's folder."""

    path: Path
    kinds: tuple[ControlKind, ...]
    downscale: int
    """How much smaller than the window its videos are, per side."""


def find_ic_lora(root: Path) -> IcLora | None:
    """Return the IC-LoRA in a model's folder; None where there is none. Reads only its header.

    Raises BackboneError where there are several, or where the name does not say what it follows.
    """
    files = sorted((root / "ic_lora").glob("*.safetensors"))
    if not files:
        return None
    if len(files) > 1:
        names = ", ".join(file.name for file in files)
        raise BackboneError(f"{root / 'ic_lora'}: expected one IC-LoRA, found {names}; keep one (`union` follows several kinds)")
    file = files[0]
    kinds = next((kinds for word, kinds in _CONTROLS.items() if word in file.name.lower()), None)
    if kinds is None:
        raise BackboneError(f"{file}: expected a name that says what it follows ({', '.join(_CONTROLS)}); rename the file")
    return IcLora(path=file, kinds=kinds, downscale=_downscale(file))


def _downscale(path: Path) -> int:
    """Return `reference_downscale_factor` of the file's metadata, as Lightricks writes it; 1 where it is absent."""
    try:
        with path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            if length > _HEADER_BYTES:
                raise ValueError(f"its header has {length} bytes")
            factor = int(json.loads(file.read(length)).get("__metadata__", {}).get("reference_downscale_factor", 1))
        if not 1 <= factor <= 8:
            raise ValueError(f"reference_downscale_factor is {factor}")
    except (OSError, ValueError, OverflowError, RecursionError, AttributeError, TypeError) as err:
        raise BackboneError(f"{path}: not readable as an IC-LoRA ({err}); fetch it again") from err
    return factor
