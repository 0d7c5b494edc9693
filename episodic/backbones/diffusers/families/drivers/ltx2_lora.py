"""Adding the IC-LoRA of an LTX-2 model (in-context LoRA: it lets the model follow a control video) to its transformer."""

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
    """Add B A, scaled, to the weight W of every layer that the file covers (arXiv 2106.09685).

    The change is permanent, so that offloading and compiling see a plain transformer. Raises BackboneError where the file cannot be read or
    does not fit.
    """
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


def check_lora(transformer: Any, lora: IcLora) -> None:
    """Raise BackboneError where this LoRA is not in the transformer, as after quantising, which loads the transformer again."""
    if getattr(transformer, "ic_lora", None) != lora.path.name:
        raise BackboneError(
            f"{lora.path}: an IC-LoRA cannot be used with quantised weights; leave out machine.quantisation, or take the LoRA out of the "
            "folder"
        )
