"""Adding the IC-LoRA of an LTX-2 model to its transformer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from diffusers.loaders.lora_pipeline import LTX2LoraLoaderMixin
from safetensors import SafetensorError

from episodic.backbones.diffusers.families.ltx2_control import IcLora
from episodic.errors import BackboneError

__all__ = ["add_lora", "check_lora"]


def add_lora(transformer: Any, path: Path) -> None:
    """Add W + B A for every low-rank pair (arXiv 2106.09685), permanently, so that offloading and compiling see a plain transformer."""
    try:
        pairs = LTX2LoraLoaderMixin.lora_state_dict(
            str(path.parent), weight_name=path.name, use_safetensors=True, local_files_only=True
        )
    except (OSError, ValueError, KeyError, SafetensorError) as err:
        raise BackboneError(f"{path}: not readable as an IC-LoRA ({err}); fetch it again") from err
    modules = dict(transformer.named_modules())
    added = 0
    for name, down in pairs.items():
        layer, separator, _ = name.partition(".lora_A.weight")
        layer = layer.removeprefix("transformer.")
        up = pairs.get(name.replace(".lora_A.", ".lora_B."))
        if not separator or layer not in modules or up is None:
            continue
        weight = modules[layer].weight
        alpha = pairs.get(f"transformer.{layer}.alpha")
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
    """Raise BackboneError where the transformer was loaded again after the LoRA was added, as quantising does."""
    if getattr(transformer, "ic_lora", None) != control.path.name:
        raise BackboneError(
            f"{control.path}: an IC-LoRA cannot be used with quantised weights; leave out machine.quantisation, or take the LoRA out of the "
            "folder"
        )
