"""Loading a pipeline from a folder of safetensors, component by component, without network and without the folder's code. Imports torch.

Each component is loaded by itself, so that an error names it, and so that missing weights are an error: diffusers and transformers only
log them and continue with random ones.
"""

from __future__ import annotations

import gc
import threading
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

import diffusers
import diffusers.pipelines
import torch
import transformers
from diffusers.models.modeling_utils import ModelMixin
from diffusers.utils import logging as diffusers_logging
from tqdm import tqdm  # type: ignore[import-untyped]
from transformers.utils import logging as transformers_logging

from episodic.backbones.diffusers.folder.model_folder import ModelFolder
from episodic.backbones.diffusers.folder.weight_files import stays_float32
from episodic.errors import BackboneError

__all__ = ["diffusers_class", "load_component", "load_pipeline", "quiet"]

_NAMED: Final = 3
"""How many weights an error names."""


def load_pipeline(folder: ModelFolder, *, leave_out: Collection[str], dtype: torch.dtype) -> Any:
    """Load the folder's pipeline on the CPU, in evaluation mode, without the components named in `leave_out` (None in their place).

    Weights are loaded as `dtype`, autoencoders and vocoders as float32. Raises BackboneError where diffusers does not have the pipeline's
    class, or a component is missing, damaged, or has other weights than its configuration says; then nothing stays in memory.
    """
    pipeline_class = diffusers_class(folder)
    parts: dict[str, object] = {}
    try:
        with quiet():
            for name in folder.components:
                parts[name] = None if name in leave_out else load_component(folder, name, dtype)
            pipeline = _assemble(pipeline_class, folder, parts)
        pipeline.set_progress_bar_config(disable=True)
    except BaseException:
        parts.clear()
        gc.collect()
        raise
    return pipeline


def diffusers_class(folder: ModelFolder) -> Any:
    """Return the folder's pipeline class from diffusers' own namespace. Raises BackboneError where there is none."""
    pipeline_class = getattr(diffusers, folder.class_name, None)
    base = diffusers.ModularPipeline if folder.modular else diffusers.DiffusionPipeline
    if not (isinstance(pipeline_class, type) and issubclass(pipeline_class, base)):
        kind = "modular pipeline" if folder.modular else "pipeline"
        raise BackboneError(
            f"{folder.root}: {folder.class_name} is no {kind} of diffusers {diffusers.__version__}; code that comes with a model is "
            "never run: choose a model whose pipeline diffusers has, or install the version that has it"
        )
    return pipeline_class


def load_component(folder: ModelFolder, name: str, dtype: torch.dtype, **options: Any) -> Any:
    """Load one component on the CPU; `options` go to its `from_pretrained` (a quantisation, for example). Raises BackboneError."""
    library, class_name = folder.components[name]
    component_class = _component_class(folder, name, library, class_name)
    place = folder.place(name)
    subfolder = place.relative_to(folder.root).as_posix()
    if not place.is_dir():
        raise BackboneError(
            f"{folder.root}: the component {name} ({class_name}) is missing: there is no folder {subfolder}; fetch the model again"
        )
    arguments: dict[str, object] = {
        "pretrained_model_name_or_path": str(folder.root),
        "subfolder": subfolder,
        "local_files_only": True,
    }
    if any(base.__module__.startswith("transformers.") for base in component_class.__mro__):
        # diffusers' own classes run no remote code, and would take the argument for a part of their configuration
        arguments["trust_remote_code"] = False
    has_weights = issubclass(component_class, (ModelMixin, transformers.PreTrainedModel))
    if has_weights:
        dtype = torch.float32 if stays_float32(class_name) else dtype
        arguments |= {"dtype": dtype, "use_safetensors": True, "output_loading_info": True, **options}
    try:
        loaded = component_class.from_pretrained(**arguments)
    except (torch.OutOfMemoryError, MemoryError):
        raise
    except Exception as err:  # whatever a damaged file makes two libraries raise is one kind of failure to the user
        raise _damaged(folder, name, class_name, _first_line(err), quantised=bool(options)) from err
    if not has_weights:
        return loaded
    component, loading_info = loaded
    _check_complete(folder, name, class_name, loading_info)
    return component.eval()


def _component_class(folder: ModelFolder, name: str, library: str, class_name: str) -> Any:
    if library == "diffusers":
        namespace: Any = diffusers
    elif library == "transformers":
        namespace = transformers
    else:
        # a component that diffusers defines beside its pipeline, such as the connectors of LTX-2
        namespace = getattr(diffusers.pipelines, library, None) if library.isidentifier() else None
    component_class = getattr(namespace, class_name, None) if class_name.isidentifier() else None
    if not (isinstance(component_class, type) and hasattr(component_class, "from_pretrained")):
        raise BackboneError(
            f"{folder.root}: the component {name} needs the class {class_name} of {library}, which neither diffusers "
            f"{diffusers.__version__} nor transformers {transformers.__version__} has; code that comes with a model is never run"
        )
    return component_class


def _assemble(pipeline_class: Any, folder: ModelFolder, parts: Mapping[str, object]) -> Any:
    try:
        if not folder.modular:
            return pipeline_class.from_pretrained(
                str(folder.root), **parts, local_files_only=True, use_safetensors=True, trust_remote_code=False
            )
        pipeline = pipeline_class(pretrained_model_name_or_path=str(folder.root), local_files_only=True)
        pipeline.update_components(**{name: part for name, part in parts.items() if part is not None})
        return pipeline
    except Exception as err:  # as in load_component
        raise BackboneError(
            f"{folder.root}: its components do not make up a {folder.class_name} ({_first_line(err)}); fetch the model again, or compare "
            "the index with a working one"
        ) from err


def _check_complete(folder: ModelFolder, name: str, class_name: str, loading_info: Mapping[str, Any]) -> None:
    """Raise BackboneError where weights are missing or have another shape."""
    missing = sorted(str(key) for key in loading_info.get("missing_keys") or ())
    mismatched = sorted(
        str(key[0] if isinstance(key, (list, tuple)) else key) for key in loading_info.get("mismatched_keys") or ()
    )
    problems = (
        (missing, "weights are missing"),
        (mismatched, "weights have another shape than the configuration says"),
    )
    for keys, problem in problems:
        if keys:
            more = f" and {len(keys) - _NAMED} more" if len(keys) > _NAMED else ""
            raise _damaged(folder, name, class_name, f"{problem}: {', '.join(keys[:_NAMED])}{more}")
    errors = loading_info.get("error_msgs") or ()
    if errors:
        raise _damaged(folder, name, class_name, str(next(iter(errors))))


def _damaged(folder: ModelFolder, name: str, class_name: str, reason: str, *, quantised: bool = False) -> BackboneError:
    """Return the error for a component that cannot be loaded."""
    remedy = "leave out machine.quantisation, or fetch the model again" if quantised else "fetch the model again"
    return BackboneError(f"{folder.root}: the component {name} ({class_name}) cannot be loaded: {reason}; {remedy}")


def _first_line(err: Exception) -> str:
    """Return the first line of an error's text that says something, at most 300 characters."""
    text = next((line.strip() for line in str(err).splitlines() if line.strip()), type(err).__name__)
    return text if len(text) <= 300 else f"{text[:300]}…"


@contextmanager
def quiet() -> Iterator[None]:
    """Suppress progress bars and log lines of diffusers and transformers: problems are reported once, by the error."""
    # tqdm's own lock is for several processes, and is left locked where one of them is killed
    tqdm.set_lock(threading.RLock())
    loggers = (diffusers_logging, transformers_logging)
    before = [(logger, logger.is_progress_bar_enabled(), logger.get_verbosity()) for logger in loggers]
    for logger in loggers:
        logger.disable_progress_bar()
        logger.set_verbosity_error()
    try:
        yield
    finally:
        for logger, bars, verbosity in before:
            logger.set_verbosity(verbosity)
            if bars:
                logger.enable_progress_bar()
