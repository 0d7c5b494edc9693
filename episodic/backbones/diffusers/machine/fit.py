"""Applying a machine plan to a loaded pipeline, through diffusers' own levers."""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Iterator
from typing import Any, Final

import diffusers.hooks  # noqa: F401 - makes the submodule an attribute of `library`
import torch

from episodic.backbones.diffusers.folder.load import load_component
from episodic.backbones.diffusers.folder.model_folder import ModelFolder
from episodic.backbones.diffusers.folder.weight_files import stays_float32
from episodic.backbones.diffusers.libraries import diffusers as library
from episodic.backbones.diffusers.machine.encoding_cache import EncodingCache
from episodic.backbones.diffusers.machine.model_size import DENOISERS
from episodic.backbones.diffusers.machine.plan import MachinePlan
from episodic.errors import BackboneError

__all__ = ["fit_shooting", "fit_text", "plan_device", "plan_dtype", "reset_attention", "reset_caches"]

_ENCODERS: Final = ("image_encoder", "text_encoder")
"""Components whose every pass encodes a picture, or a text that is read together with pictures."""
_HEADLESS: Final = ("MiniMaxH3ModularPipeline",)
"""Pipelines that use the inner model of a language model, and never call it with its head."""
_ADDS_BETWEEN_BLOCKS: Final = ("WanVACETransformer3DModel",)
"""Denoisers that add control after each block: a cache that skips all blocks but the first would add it twice."""
_PREDICTED: Final = r"\w*blocks\.\d+\.\w*(attn\d*|ffn?|mlp)"
"""Names of the layers whose outputs TaylorSeer predicts. Its default names occur in none of our models, so that it would do nothing."""


def plan_device(plan: MachinePlan) -> torch.device:
    """Return the device that a plan computes on."""
    return torch.device(plan.device.value)


def plan_dtype(plan: MachinePlan) -> torch.dtype:
    """Return the type that a plan loads weights as."""
    dtype = getattr(torch, plan.dtype.value)
    if not isinstance(dtype, torch.dtype):
        raise TypeError(plan.dtype.value)
    return dtype


def fit_text(pipeline: Any, folder: ModelFolder, plan: MachinePlan, encodings: EncodingCache) -> None:
    """Cache the encodings of texts, and place a pipeline that has text components only."""
    for name, module in _modules(pipeline):
        encodings.cache_method(module, "forward", f"{folder.fingerprint} {name} {plan.dtype.value} {plan.text.value}")
    if plan.text.value == "group":
        for _, module in _modules(pipeline):
            _offload_leaves(module, plan_device(plan))
    elif plan.text.value == "device":
        pipeline.to(plan_device(plan))


def fit_shooting(pipeline: Any, folder: ModelFolder, plan: MachinePlan, encodings: EncodingCache) -> None:
    """Quantise, cast, choose kernels, cache, tile, cache encodings, and place, in the order that diffusers requires.

    Raises BackboneError where this model, or the installation, does not support the plan.
    """
    if plan.quantisation:
        _quantise(pipeline, folder, plan)
    denoisers = [module for name, module in _modules(pipeline) if name.startswith(DENOISERS)]
    if plan.layerwise:
        for denoiser in denoisers:
            denoiser.enable_layerwise_casting(storage_dtype=torch.float8_e4m3fn, compute_dtype=plan_dtype(plan))
    if plan.attention.value != "native":
        _apply(
            "attention", plan.attention.value, lambda: [each.set_attention_backend(plan.attention.value) for each in denoisers]
        )
    if plan.cache:
        if folder.modular:
            raise BackboneError("machine.cache: modular pipelines do not tell caches which step they are at; leave it out")
        _apply("cache", plan.cache.value, lambda: _enable_cache(pipeline, denoisers, plan))
    if plan.compile:
        _apply("compile", plan.compile.value, lambda: [each.compile_repeated_blocks(dynamic=True) for each in denoisers])
    for name, module in _modules(pipeline):
        if plan.tiling and hasattr(module, "enable_tiling"):
            module.enable_tiling()
        _cache_encodings(encodings, name, module, folder, plan)
    _place(pipeline, plan)


def reset_caches(pipeline: Any, plan: MachinePlan) -> None:
    """Clear the state that an interrupted call left in the caches between steps."""
    if plan.cache:
        for _, module in _modules(pipeline):
            library.hooks.HookRegistry.check_if_exists_or_initialize(module).reset_stateful_hooks(recurse=True)


def reset_attention(pipeline: Any, plan: MachinePlan) -> None:
    """Restore the native attention kernels: the choice is global to the process and outlives the pipeline."""
    if plan.attention.value != "native":
        for name, module in _modules(pipeline):
            if name.startswith(DENOISERS):
                module.set_attention_backend("native")


def _modules(pipeline: Any) -> Iterator[tuple[str, Any]]:
    """Yield the pipeline's torch modules by component name."""
    for name, component in pipeline.components.items():
        if isinstance(component, torch.nn.Module):
            yield name, component


def _cache_encodings(encodings: EncodingCache, name: str, module: Any, folder: ModelFolder, plan: MachinePlan) -> None:
    scope = f"{folder.fingerprint} {name} {plan.dtype.value} {plan.device.value} tiling {plan.tiling.value}"
    if stays_float32(type(module).__name__) and hasattr(module, "encode"):
        encodings.cache_method(module, "encode", scope)
    elif name in _ENCODERS:
        encodings.cache_method(module.model if folder.class_name in _HEADLESS else module, "forward", scope)


def _apply(lever: str, value: str, action: Callable[[], object]) -> None:
    """Run `action`. Raises BackboneError, naming lever and value, where the model or the installation does not support it."""
    try:
        action()
    except (ImportError, RuntimeError, ValueError, AttributeError, LookupError) as err:
        if isinstance(err, torch.OutOfMemoryError):
            raise
        raise BackboneError(
            f"machine.{lever}: {value} is not available for this model here ({err}); leave it out or choose another"
        ) from err


def _enable_cache(pipeline: Any, denoisers: list[Any], plan: MachinePlan) -> None:
    if plan.cache.value == "taylorseer":
        if not all(any(re.fullmatch(_PREDICTED, name) for name, _ in denoiser.named_modules()) for denoiser in denoisers):
            raise ValueError("TaylorSeer does not know the names of its layers")
        config = library.TaylorSeerCacheConfig(cache_identifiers=[_PREDICTED], taylor_factors_dtype=plan_dtype(plan))
    elif any(type(denoiser).__name__ in _ADDS_BETWEEN_BLOCKS for denoiser in denoisers):
        raise ValueError("it adds control between its blocks, which would be added to skipped ones; taylorseer is available")
    elif plan.cache.value == "first-block":
        config = library.FirstBlockCacheConfig()
    else:
        config = library.MagCacheConfig(mag_ratios=list(plan.magcache_ratios), num_inference_steps=len(plan.magcache_ratios))
        _follow_steps(pipeline.scheduler, config, plan.magcache_ratios)
    for denoiser in denoisers:
        denoiser.enable_cache(config)


def _follow_steps(scheduler: Any, config: Any, ratios: tuple[float, ...]) -> None:
    """Pass the number of steps from the scheduler, which learns it first, to MagCache."""
    original = scheduler.set_timesteps

    def set_timesteps(*args: Any, **kwargs: Any) -> Any:
        result = original(*args, **kwargs)
        config.num_inference_steps, config.mag_ratios = len(scheduler.timesteps), list(ratios)
        config.__post_init__()
        return result

    scheduler.set_timesteps = set_timesteps


def _quantise(pipeline: Any, folder: ModelFolder, plan: MachinePlan) -> None:
    """Load the denoisers again with quantised weights."""
    try:
        options = _quantisation_options(plan)
    except ImportError as err:
        package = "torchao" if plan.quantisation.value.startswith("torchao") else "bitsandbytes"
        raise BackboneError(
            f"machine.quantisation: {plan.quantisation.value} needs {package}, which is not installed here; pip install {package}, or leave it out"
        ) from err
    register = pipeline.update_components if folder.modular else pipeline.register_modules
    for name in [name for name, _ in _modules(pipeline) if name.startswith(DENOISERS)]:
        register(**{name: load_component(folder, name, plan_dtype(plan), **options)})


def _quantisation_options(plan: MachinePlan) -> dict[str, object]:
    """Return the arguments of `from_pretrained`. Raises ImportError where the package is not installed."""
    if plan.quantisation.value == "torchao-int8":
        torchao: Any = importlib.import_module("torchao.quantization")
        return {"quantization_config": library.TorchAoConfig(torchao.Int8WeightOnlyConfig())}
    # diffusers looks for the package only after reading the weights
    importlib.import_module("bitsandbytes")
    if plan.quantisation.value == "bnb-4bit":
        config = library.BitsAndBytesConfig(
            load_in_8bit=False, load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_compute_dtype=plan_dtype(plan)
        )
    else:
        config = library.BitsAndBytesConfig(load_in_8bit=True, load_in_4bit=False)
    return {"quantization_config": config, "device_map": {"": plan_device(plan)}}


def _place(pipeline: Any, plan: MachinePlan) -> None:
    """Move the pipeline to its device, or install the hooks that move its components when they are used."""
    device = plan_device(plan)
    if plan.offload.value == "none":
        if device.type != "cpu":
            pipeline.to(device)
    elif plan.offload.value == "group":
        for name, module in _modules(pipeline):
            if stays_float32(type(module).__name__):
                module.to(device)
            elif name.startswith(DENOISERS):
                module.enable_group_offload(device, offload_type="block_level", num_blocks_per_group=1, **_streams(device))
            else:
                _offload_leaves(module, device)
    elif hasattr(pipeline, "enable_model_cpu_offload"):
        pipeline.enable_model_cpu_offload(device=device)
    else:
        manager = library.ComponentsManager()
        for name, module in _modules(pipeline):
            manager.add(name, module)
        manager.enable_auto_cpu_offload(device, memory_reserve_margin=f"{plan.work // 10**6 + 1000}MB")


def _offload_leaves(module: Any, device: torch.device) -> None:
    """Bring a module's weights to the device layer by layer."""
    library.hooks.apply_group_offloading(module, device, torch.device("cpu"), "leaf_level", **_streams(device))


def _streams(device: torch.device) -> dict[str, bool]:
    """Return the options that bring blocks over while the one before computes, pinned on demand to spare main memory."""
    return {"use_stream": True, "low_cpu_mem_usage": True} if device.type == "cuda" else {}
