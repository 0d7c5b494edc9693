"""Encoded prompts on disk. Format `episodic/prompt@1`: tensors by the name of the pipeline's argument. Imports torch."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Final

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from episodic.backbones.diffusers.machine.host import the_host
from episodic.backbones.diffusers.setup import ShootingSetup
from episodic.errors import BackboneError

__all__ = ["PROMPT_FILE", "read_prompt", "write_prompt"]

PROMPT_FILE: Final = "prompt.safetensors"
_FORMAT: Final = "episodic/prompt@1"


def write_prompt(setup: ShootingSetup, prompt: str, negative: str, folder: Path) -> None:
    """Encode a prompt with the model's text components, which are loaded alone and stay loaded until something else is needed."""
    tensors = the_host().encode(setup.folder, setup.family, setup.machine, prompt, negative)
    contiguous = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    header = json.dumps({"format": _FORMAT, "sha256": _digest(prompt, negative)})
    save_file(contiguous, folder / PROMPT_FILE, metadata={"episodic": header})


def _digest(prompt: str, negative: str) -> str:
    return sha256(json.dumps([prompt, negative]).encode()).hexdigest()


def read_prompt(folder: Path, prompt: str, negative: str) -> dict[str, Tensor]:
    """Read the file that `write_prompt` wrote for this prompt. Raises BackboneError for any other file."""
    path = folder / PROMPT_FILE
    try:
        with safe_open(path, framework="pt") as file:
            header = json.loads((file.metadata() or {}).get("episodic", "{}"))
            if header.get("format") != _FORMAT:
                raise BackboneError(f"{path}: expected {_FORMAT}, found {header.get('format')!r}; delete the artifact")
            if header.get("sha256") != _digest(prompt, negative):
                raise BackboneError(f"{path}: expected the prompt of this shot, found another one's; delete the artifact")
            return {name: file.get_tensor(name) for name in sorted(file.keys())}
    except (OSError, SafetensorError, ValueError) as err:
        raise BackboneError(f"{path}: not readable as an encoded prompt ({err}); delete the artifact to make it again") from err
