"""The IC-LoRA of an LTX-2 model: what teaches it to follow a control video that it sees beside its own frames.

diffusers keeps none in a pipeline's folder. It is looked for in `FOLDER/ic_lora/`, as Lightricks publishes them: one safetensors file
whose name says `depth`, `pose` or `union`, and whose metadata says how much smaller than the window its videos are.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from episodic.errors import BackboneError
from episodic.series.shooting_settings import ControlKind

__all__ = ["IcLora", "add_lora", "check_lora", "find_ic_lora"]

_CONTROLS: Final[Mapping[str, tuple[ControlKind, ...]]] = {"depth": ("depth",), "pose": ("pose",), "union": ("depth", "pose")}
_HEADER_BYTES: Final = 4 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class IcLora:
    """An IC-LoRA that lies in a model's folder."""

    path: Path
    kinds: tuple[ControlKind, ...]
    downscale: int
    """How much smaller than the window its videos are, per side."""


def find_ic_lora(root: Path) -> IcLora | None:
    """The IC-LoRA in a model's folder; None where there is none. Reads its header only.

    Raises BackboneError where there are several, or its name does not say what it follows.
    """
    found = sorted((root / "ic_lora").glob("*.safetensors"))
    if not found:
        return None
    if len(found) > 1:
        raise BackboneError(
            f"{root / 'ic_lora'}: expected one IC-LoRA, found {', '.join(one.name for one in found)}; keep one (`union` follows several kinds)"
        )
    kinds = next((kinds for word, kinds in _CONTROLS.items() if word in found[0].name.lower()), None)
    if kinds is None:
        raise BackboneError(f"{found[0]}: expected a name that says what it follows ({', '.join(_CONTROLS)}); rename the file")
    return IcLora(path=found[0], kinds=kinds, downscale=_downscale(found[0]))


def _downscale(path: Path) -> int:
    """`reference_downscale_factor` in the file's metadata, as Lightricks writes it; 1 where it is not said."""
    try:
        with path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            if length > _HEADER_BYTES:
                raise ValueError(f"its header has {length} bytes")
            said = json.loads(file.read(length)).get("__metadata__", {}).get("reference_downscale_factor", 1)
        factor = int(said)
        if not 1 <= factor <= 8:
            raise ValueError(f"reference_downscale_factor is {factor}")
    except (OSError, ValueError, OverflowError, RecursionError, AttributeError, TypeError) as err:
        raise BackboneError(f"{path}: not readable as an IC-LoRA ({err}); fetch it again") from err
    return factor


def add_lora(transformer: Any, path: Path) -> None:
    """W + B A for every low-rank pair (arXiv 2106.09685): for good, so that offloading and compiling see a plain transformer."""
    import torch
    from diffusers.loaders.lora_pipeline import LTX2LoraLoaderMixin
    from safetensors import SafetensorError

    try:
        pairs = LTX2LoraLoaderMixin.lora_state_dict(
            str(path.parent), weight_name=path.name, use_safetensors=True, local_files_only=True
        )
    except (OSError, ValueError, KeyError, SafetensorError) as err:
        raise BackboneError(f"{path}: not readable as an IC-LoRA ({err}); fetch it again") from err
    modules = dict(transformer.named_modules())
    added = 0
    for name, down in pairs.items():
        place, matched, _ = name.partition(".lora_A.weight")
        place = place.removeprefix("transformer.")
        up = pairs.get(name.replace(".lora_A.", ".lora_B."))
        if not matched or place not in modules or up is None:
            continue
        weight = modules[place].weight
        alpha = pairs.get(f"transformer.{place}.alpha")
        scale = 1.0 if alpha is None else float(alpha) / down.shape[0]
        with torch.no_grad():
            weight.copy_(weight.float() + scale * (up.float() @ down.float()))
        added += 1
    expected = sum(name.endswith(".lora_A.weight") for name in pairs)
    if not added or added < expected:
        raise BackboneError(
            f"{path}: {added} of its {expected} pairs fit this transformer; it belongs to another version of LTX-2"
        )
    transformer.ic_lora = path.name


def check_lora(transformer: Any, control: IcLora) -> None:
    """Raise BackboneError where the transformer was loaded anew since the LoRA was added, as quantising does."""
    if getattr(transformer, "ic_lora", None) != control.path.name:
        raise BackboneError(
            f"{control.path}: an IC-LoRA cannot be had of quantised weights; leave out machine.quantisation, or take the LoRA out of the folder"
        )
