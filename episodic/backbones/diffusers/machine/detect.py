"""Reading this machine: its GPU or CPU, and their free memory. Imports torch."""

from __future__ import annotations

import psutil
import torch

from episodic.backbones.diffusers.machine.plan import Machine
from episodic.errors import BackboneError

__all__ = ["detect_machine"]


def detect_machine(device: str | None = None) -> Machine:
    """Describe this machine. `device`: the one to use; by default a GPU if there is one. Raises BackboneError where it does not exist."""
    memory = psutil.virtual_memory()
    free_ram, total_ram = int(memory.available), int(memory.total)
    kind = device or ("cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu")
    if kind == "cpu":
        return Machine(device=kind, free_ram=free_ram, total_ram=total_ram)
    if kind == "mps" and torch.backends.mps.is_available():
        most = int(torch.mps.recommended_max_memory())
        return Machine(
            device=kind,
            name="Apple GPU",
            free_vram=min(most, free_ram),
            total_vram=most,
            free_ram=free_ram,
            total_ram=total_ram,
        )
    if kind.startswith("cuda") and torch.cuda.is_available():
        gpu = torch.device(kind)
        if (gpu.index or 0) < torch.cuda.device_count():
            free_vram, total_vram = torch.cuda.mem_get_info(gpu)
            return Machine(
                device=kind,
                name=torch.cuda.get_device_name(gpu),
                free_vram=free_vram,
                total_vram=total_vram,
                free_ram=free_ram,
                total_ram=total_ram,
                capability=torch.cuda.get_device_capability(gpu),
            )
    raise BackboneError(
        f"machine.device is {kind}, which PyTorch {torch.__version__} does not find here; leave the key out or set it to cpu"
    )
