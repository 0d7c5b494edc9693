"""A tiny Echo with random weights: LTX-2's parts without a scheduler, as a modular pipeline."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import torch
from diffusers import modular_pipelines

from episodic.backbones.diffusers.folder.load import quiet
from episodic.lab.tiny_models.ltx2 import ltx2_parts

__all__ = ["build_echo", "remove_origin"]

_SEED: Final = 3


def build_echo(folder: Path) -> Path:
    """Save a tiny `EchoModularPipeline` into `folder`. Deterministic."""
    pipelines: Any = modular_pipelines
    with quiet(), torch.random.fork_rng(devices=[]):
        torch.manual_seed(_SEED)
        parts = {name: part for name, part in ltx2_parts().items() if name != "scheduler"}
        pipeline = pipelines.EchoBlocks().init_pipeline()
        pipeline.update_components(**parts)
        pipeline.save_pretrained(str(folder), overwrite_modular_index=True)
    remove_origin(folder)
    return folder


def remove_origin(folder: Path) -> None:
    """Remove the folder that a modular index was saved in, so that copies of a model are the same model."""
    index = folder / "modular_model_index.json"
    entries = json.loads(index.read_text())
    for entry in entries.values():
        if isinstance(entry, list):
            entry[2]["pretrained_model_name_or_path"] = None
    index.write_text(json.dumps(entries, indent=2, sort_keys=True) + "\n")
