"""Putting a machine plan into effect on a loaded pipeline, through diffusers' own levers."""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Final

import torch

from episodic.backbones.diffusers.folder.load import kept_in_full, load_component
from episodic.backbones.diffusers.machine.model_size import DENOISERS
from episodic.backbones.diffusers.machine.plan import MachinePlan
from episodic.errors import BackboneError

if TYPE_CHECKING:
    from episodic.backbones.diffusers.folder.model_folder import ModelFolder
    from episodic.backbones.diffusers.machine.encoding_cache import Encodings

__all__ = ["fit_shooting", "fit_text", "let_go", "start_afresh"]

_READERS: Final = ("image_encoder", "text_encoder")
"""Components whose every pass encodes a picture, or a text that is read together with pictures."""
_PASS_THE_HEAD_BY: Final = ("MiniMaxH3ModularPipeline",)
"""Pipelines that read with what is inside a language model, and never call the whole of it."""
_ADDS_BETWEEN_BLOCKS: Final = ("WanVACETransformer3DModel",)
"""Denoisers that add something of their own after each block: what skips all blocks but the first would add it twice."""
_PREDICTED: Final = r"\w*blocks\.\d+\.\w*(attn\d*|ffn?|mlp)"
"""Names of the layers whose outputs TaylorSeer predicts. Those it takes by default are in no model of ours, so that nothing would happen."""


def fit_text(pipeline: Any, folder: ModelFolder, plan: MachinePlan, encodings: Encodings) -> None:
    """Remember what texts are as vectors, and place a pipeline that holds text components only."""
    for name, module in _modules(pipeline):
        encodings.remember(module, "forward", f"{folder.fingerprint} {name} {plan.dtype.value} {plan.text.value}")
    if plan.text.value == "group":
        for _, module in _modules(pipeline):
            _by_leaf(module, plan.torch_device())
    elif plan.text.value == "device":
        pipeline.to(plan.torch_device())


def fit_shooting(pipeline: Any, folder: ModelFolder, plan: MachinePlan, encodings: Encodings) -> None:
    """Quantise, cast, choose kernels, cache, tile, remember encodings, and place, in the order in which diffusers bears it.

    Raises BackboneError where this model, or what is installed, has not got what the plan wants.
    """
    if plan.quantisation:
        _quantise(pipeline, folder, plan)
    denoisers = [module for name, module in _modules(pipeline) if name.startswith(DENOISERS)]
    if plan.layerwise:
        for one in denoisers:
            one.enable_layerwise_casting(storage_dtype=torch.float8_e4m3fn, compute_dtype=plan.torch_dtype())
    if plan.attention.value != "native":
        _wanted(plan, "attention", lambda: [one.set_attention_backend(plan.attention.value) for one in denoisers])
    if plan.cache:
        if folder.modular:
            raise BackboneError("machine.cache: modular pipelines do not tell caches at which step they are; leave it out")
        _wanted(plan, "cache", lambda: _cache(pipeline, denoisers, plan))
    if plan.compile:
        _wanted(plan, "compile", lambda: [one.compile_repeated_blocks(dynamic=True) for one in denoisers])
    for name, module in _modules(pipeline):
        if plan.tiling and hasattr(module, "enable_tiling"):
            module.enable_tiling()
        _remember(encodings, name, module, folder, plan)
    _place(pipeline, plan)


def start_afresh(pipeline: Any, plan: MachinePlan) -> None:
    """Forget what a call that was broken off left in the caches between steps."""
    if plan.cache:
        hooks: Any = importlib.import_module("diffusers.hooks")
        for _, module in _modules(pipeline):
            hooks.HookRegistry.check_if_exists_or_initialize(module).reset_stateful_hooks(recurse=True)


def let_go(pipeline: Any, plan: MachinePlan) -> None:
    """Undo what outlives the pipeline: the choice of attention kernels is the process's."""
    if plan.attention.value != "native":
        for name, module in _modules(pipeline):
            if name.startswith(DENOISERS):
                module.set_attention_backend("native")


def _modules(pipeline: Any) -> Iterator[tuple[str, Any]]:
    for name, component in pipeline.components.items():
        if isinstance(component, torch.nn.Module):
            yield name, component


def _remember(encodings: Encodings, name: str, module: Any, folder: ModelFolder, plan: MachinePlan) -> None:
    scope = f"{folder.fingerprint} {name} {plan.dtype.value} {plan.device.value} tiling {plan.tiling.value}"
    if kept_in_full(type(module).__name__) and hasattr(module, "encode"):
        encodings.remember(module, "encode", scope)
    elif name in _READERS:
        encodings.remember(module.model if folder.class_name in _PASS_THE_HEAD_BY else module, "forward", scope)


def _wanted(plan: MachinePlan, lever: str, do: Callable[[], object]) -> None:
    try:
        do()
    except (ImportError, RuntimeError, ValueError, AttributeError, LookupError) as err:
        if isinstance(err, torch.OutOfMemoryError):
            raise
        value = getattr(plan, lever).value
        raise BackboneError(
            f"machine.{lever}: {value} cannot be had of this model here ({err}); leave it out or choose another"
        ) from err


def _cache(pipeline: Any, denoisers: list[Any], plan: MachinePlan) -> None:
    library: Any = importlib.import_module("diffusers")
    if plan.cache.value == "taylorseer":
        if not all(any(re.fullmatch(_PREDICTED, name) for name, _ in one.named_modules()) for one in denoisers):
            raise ValueError("its layers have names that TaylorSeer is not told of")
        config = library.TaylorSeerCacheConfig(cache_identifiers=[_PREDICTED], taylor_factors_dtype=plan.torch_dtype())
    elif any(type(one).__name__ in _ADDS_BETWEEN_BLOCKS for one in denoisers):
        raise ValueError("it adds control between its blocks, which would be added to what is skipped; taylorseer can be had")
    elif plan.cache.value == "first-block":
        config = library.FirstBlockCacheConfig()
    else:
        config = library.MagCacheConfig(mag_ratios=list(plan.magcache_ratios), num_inference_steps=len(plan.magcache_ratios))
        _follow_steps(pipeline.scheduler, config, plan.magcache_ratios)
    for one in denoisers:
        one.enable_cache(config)


def _follow_steps(scheduler: Any, config: Any, ratios: tuple[float, ...]) -> None:
    """MagCache has to know how many steps there will be; the scheduler is told first."""
    original = scheduler.set_timesteps

    def set_timesteps(*args: Any, **kwargs: Any) -> Any:
        result = original(*args, **kwargs)
        config.num_inference_steps, config.mag_ratios = len(scheduler.timesteps), list(ratios)
        config.__post_init__()
        return result

    scheduler.set_timesteps = set_timesteps


def _quantise(pipeline: Any, folder: ModelFolder, plan: MachinePlan) -> None:
    library: Any = importlib.import_module("diffusers")
    try:
        if plan.quantisation.value == "torchao-int8":
            torchao: Any = importlib.import_module("torchao.quantization")
            how = {"quantization_config": library.TorchAoConfig(torchao.Int8WeightOnlyConfig())}
        else:
            # diffusers asks for it only after reading the weights
            importlib.import_module("bitsandbytes")
            four = plan.quantisation.value == "bnb-4bit"
            bits: dict[str, Any] = {"load_in_8bit": not four, "load_in_4bit": four}
            if four:
                bits |= {"bnb_4bit_quant_type": "nf4", "bnb_4bit_compute_dtype": plan.torch_dtype()}
            how = {"quantization_config": library.BitsAndBytesConfig(**bits), "device_map": {"": plan.torch_device()}}
    except ImportError as err:
        package = "torchao" if plan.quantisation.value.startswith("torchao") else "bitsandbytes"
        raise BackboneError(
            f"machine.quantisation: {plan.quantisation.value} needs {package}, which is not installed here; pip install {package}, or leave it out"
        ) from err
    register = pipeline.update_components if folder.modular else pipeline.register_modules
    for name in [name for name, _ in _modules(pipeline) if name.startswith(DENOISERS)]:
        register(**{name: load_component(folder, name, plan.torch_dtype(), **how)})


def _place(pipeline: Any, plan: MachinePlan) -> None:
    device = plan.torch_device()
    if plan.offload.value == "none":
        if device.type != "cpu":
            pipeline.to(device)
    elif plan.offload.value == "group":
        for name, module in _modules(pipeline):
            if kept_in_full(type(module).__name__):
                module.to(device)
            elif name.startswith(DENOISERS):
                module.enable_group_offload(device, offload_type="block_level", num_blocks_per_group=1, **_streams(device))
            else:
                _by_leaf(module, device)
    elif hasattr(pipeline, "enable_model_cpu_offload"):
        pipeline.enable_model_cpu_offload(device=device)
    else:
        manager: Any = importlib.import_module("diffusers").ComponentsManager()
        for name, module in _modules(pipeline):
            manager.add(name, module)
        manager.enable_auto_cpu_offload(device, memory_reserve_margin=f"{plan.work // 10**6 + 1000}MB")


def _by_leaf(module: Any, device: torch.device) -> None:
    hooks: Any = importlib.import_module("diffusers.hooks")
    hooks.apply_group_offloading(module, device, torch.device("cpu"), "leaf_level", **_streams(device))


def _streams(device: torch.device) -> dict[str, bool]:
    """Blocks come over while the one before computes, where the GPU has streams; pinned as they are needed, to spare main memory."""
    return {"use_stream": True, "low_cpu_mem_usage": True} if device.type == "cuda" else {}
