"""Prompts as a model's text encoder has them, on disk. Format `episodic/prompt@1`: tensors by the name of the pipeline's argument."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Final

from episodic.errors import BackboneError

if TYPE_CHECKING:
    import torch

    from episodic.backbones.diffusers.backbone import VideoModel

__all__ = ["PROMPT_FILE", "read_prompt", "write_prompt"]

PROMPT_FILE: Final = "prompt.safetensors"
_FORMAT: Final = "episodic/prompt@1"


def write_prompt(model: VideoModel, prompt: str, negative: str, folder: Path) -> None:
    """Encode a prompt with the model's text components, which are loaded alone and stay loaded until something else is needed."""
    from safetensors.torch import save_file

    from episodic.backbones.diffusers.machine.host import the_host

    host = the_host()
    tensors = host.encode(model.folder, model.family, model.machine, prompt, negative)
    plain = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    said = json.dumps({"format": _FORMAT, "sha256": _digest(prompt, negative)})
    save_file(plain, folder / PROMPT_FILE, metadata={"episodic": said})


def _digest(prompt: str, negative: str) -> str:
    return sha256(json.dumps([prompt, negative]).encode()).hexdigest()


def read_prompt(folder: Path, prompt: str, negative: str) -> dict[str, torch.Tensor]:
    """What `write_prompt` wrote of this very prompt. Raises BackboneError for anything else."""
    from safetensors import SafetensorError, safe_open

    path = folder / PROMPT_FILE
    try:
        with safe_open(path, framework="pt") as file:
            meta = json.loads((file.metadata() or {}).get("episodic", "{}"))
            if meta.get("format") != _FORMAT:
                raise BackboneError(f"{path}: expected {_FORMAT}, found {meta.get('format')!r}; delete the artifact")
            if meta.get("sha256") != _digest(prompt, negative):
                raise BackboneError(f"{path}: expected the prompt of this shot, found another one's; delete the artifact")
            return {name: file.get_tensor(name) for name in sorted(file.keys())}
    except (OSError, SafetensorError, ValueError) as err:
        raise BackboneError(
            f"{path}: not readable as an encoded prompt ({err}); delete the artifact, and it is made again"
        ) from err
