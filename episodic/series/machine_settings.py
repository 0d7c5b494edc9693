"""How models use the hardware (device, precision, offloading, attention, caching): `machine:` in series.yaml. Imports no torch."""

from __future__ import annotations

from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["DEFAULT_MACHINE", "MachineSettings", "Offload", "TextPlace"]

DType = Literal["bfloat16", "float16", "float32"]
Offload = Literal["none", "model", "group"]
Layerwise = Literal["none", "fp8"]
Quantisation = Literal["none", "bnb-8bit", "bnb-4bit", "torchao-int8"]
Attention = Literal[
    "native",
    "_native_cudnn",
    "_native_efficient",
    "_native_flash",
    "_native_math",
    "flash",
    "_flash_3",
    "flex",
    "sage",
    "xformers",
]
Cache = Literal["none", "first-block", "taylorseer", "magcache"]
TextPlace = Literal["device", "group", "cpu"]


class MachineSettings(BaseModel):
    """`machine:` in series.yaml. `episodic.backbones.diffusers.machine.plan.plan_machine` chooses what is None."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    device: str | None = Field(default=None, pattern=r"^(cpu|mps|cuda(:\d+)?)$")
    dtype: DType | None = None
    text: TextPlace | None = None
    """Where prompts are encoded: on the device, on the device block by block (`group`), or on the CPU."""
    offload: Offload | None = None
    """What is moved off the device while it is not used: nothing, whole components (`model`), or blocks (`group`)."""
    layerwise: Layerwise | None = None
    """`fp8`: weights are stored in 8 bits and converted to `dtype` layer by layer."""
    quantisation: Quantisation | None = None
    attention: Attention | None = None
    """Only backends that are installed or part of PyTorch: the `…_hub` backends of diffusers fetch code, which is never run."""
    cache: Cache | None = None
    """How results are reused between denoising steps."""
    magcache_ratios: tuple[float, ...] = ()
    """Magnitude ratios for MagCache. They belong to one model and are published with it (Ma et al., 2025)."""
    tiling: bool | None = None
    compile: bool | None = None


DEFAULT_MACHINE: Final = MachineSettings()
