"""Loading a pipeline from a folder of safetensors, component by component. Loads nothing over the network, runs no code of the folder.

Each component is loaded by itself, so that an error names it, and so that weights that are missing are an error: diffusers and
transformers only log them and go on with random ones.
"""

from __future__ import annotations

import gc
import importlib
import threading
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from episodic.errors import BackboneError

if TYPE_CHECKING:
    import torch

    from episodic.backbones.diffusers.folder.model_folder import ModelFolder

__all__ = ["diffusers_class", "kept_in_full", "load_component", "load_pipeline", "quiet"]

_FULL_PRECISION: Final = ("Autoencoder", "LTX2Vocoder")
"""Beginnings of class names that are kept in float32: what turns pixels or sound into latents and back. Takes that go on from one
another pass through it again and again, and its rounding would add up to a drift of colour. A vocoder reads what a sound VAE wrote."""
_NAMED: Final = 3


def load_pipeline(folder: ModelFolder, *, leave_out: Collection[str], dtype: torch.dtype) -> Any:
    """The folder's pipeline on the CPU, in evaluation mode, without the components named in `leave_out` (None in their place).

    Weights are loaded as `dtype`, autoencoders and vocoders as float32. Raises BackboneError where the pipeline's class is none of
    diffusers', or a component is missing, damaged, or has other weights than its configuration says; nothing stays in memory then.
    """
    pipeline_class = diffusers_class(folder)
    parts: dict[str, Any] = {}
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


def kept_in_full(class_name: str) -> bool:
    """Whether a component of this class stays in float32 whatever the rest is loaded as."""
    return class_name.startswith(_FULL_PRECISION)


def diffusers_class(folder: ModelFolder) -> Any:
    """The class that the folder names, from diffusers' own namespace. Raises BackboneError where there is none."""
    import diffusers

    found = getattr(diffusers, folder.class_name, None)
    base = diffusers.ModularPipeline if folder.modular else diffusers.DiffusionPipeline
    if not (isinstance(found, type) and issubclass(found, base)):
        kind = "modular pipeline" if folder.modular else "pipeline"
        raise BackboneError(
            f"{folder.root}: {folder.class_name} is no {kind} of diffusers {diffusers.__version__}; code that comes with a model is "
            "never run: choose a model whose pipeline diffusers has, or install the version that has it"
        )
    return found


def load_component(folder: ModelFolder, name: str, dtype: torch.dtype, **how: Any) -> Any:
    """One component on the CPU; `how` goes to its `from_pretrained` (a quantisation, say). Raises BackboneError."""
    import torch
    import transformers
    from diffusers.models.modeling_utils import ModelMixin

    library, class_name = folder.components[name]
    component_class = _component_class(folder, name, library, class_name)
    place = folder.place(name)
    subfolder = place.relative_to(folder.root).as_posix()
    if not place.is_dir():
        raise BackboneError(
            f"{folder.root}: the component {name} ({class_name}) is missing: there is no folder {subfolder}; fetch the model again"
        )
    where: dict[str, Any] = {"pretrained_model_name_or_path": str(folder.root), "subfolder": subfolder, "local_files_only": True}
    if any(one.__module__.startswith("transformers.") for one in component_class.__mro__):
        # diffusers' own classes run none, and take the argument for a part of their configuration
        where["trust_remote_code"] = False
    has_weights = issubclass(component_class, (ModelMixin, transformers.PreTrainedModel))
    if has_weights:
        dtype = torch.float32 if kept_in_full(class_name) else dtype
        where |= {"dtype": dtype, "use_safetensors": True, "output_loading_info": True, **how}
    try:
        found = component_class.from_pretrained(**where)
    except (torch.OutOfMemoryError, MemoryError):
        raise
    except Exception as err:  # whatever a damaged file makes two libraries raise is one kind of failure to the user
        raise _damaged(folder, name, class_name, _first_line(err), quantised=bool(how)) from err
    if not has_weights:
        return found
    component, said = found
    _check_complete(folder, name, class_name, said)
    return component.eval()


def _component_class(folder: ModelFolder, name: str, library: str, class_name: str) -> Any:
    import diffusers.pipelines
    import transformers

    if library in ("diffusers", "transformers"):
        home: Any = importlib.import_module(library)
    else:
        # a component that diffusers defines beside its pipeline, such as the connectors of LTX-2
        home = getattr(diffusers.pipelines, library, None) if library.isidentifier() else None
    found = getattr(home, class_name, None) if class_name.isidentifier() else None
    if not (isinstance(found, type) and hasattr(found, "from_pretrained")):
        raise BackboneError(
            f"{folder.root}: the component {name} wants the class {class_name} of {library}, which neither diffusers "
            f"{diffusers.__version__} nor transformers {transformers.__version__} has; code that comes with a model is never run"
        )
    return found


def _assemble(pipeline_class: Any, folder: ModelFolder, parts: Mapping[str, Any]) -> Any:
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
            "the index with one that works"
        ) from err


def _check_complete(folder: ModelFolder, name: str, class_name: str, said: Mapping[str, Any]) -> None:
    missing = sorted(str(one) for one in said.get("missing_keys") or ())
    mismatched = sorted(str(one[0] if isinstance(one, (list, tuple)) else one) for one in said.get("mismatched_keys") or ())
    for keys, what in ((missing, "weights are missing"), (mismatched, "weights have another shape than the configuration says")):
        if keys:
            more = f" and {len(keys) - _NAMED} more" if len(keys) > _NAMED else ""
            raise _damaged(folder, name, class_name, f"{what}: {', '.join(keys[:_NAMED])}{more}")
    errors = said.get("error_msgs") or ()
    if errors:
        raise _damaged(folder, name, class_name, str(next(iter(errors))))


def _damaged(folder: ModelFolder, name: str, class_name: str, why: str, *, quantised: bool = False) -> BackboneError:
    remedy = "leave out machine.quantisation, or fetch the model again" if quantised else "fetch the model again"
    return BackboneError(f"{folder.root}: the component {name} ({class_name}) cannot be loaded: {why}; {remedy}")


def _first_line(err: Exception) -> str:
    text = next((line.strip() for line in str(err).splitlines() if line.strip()), type(err).__name__)
    return text if len(text) <= 300 else f"{text[:300]}…"


@contextmanager
def quiet() -> Iterator[None]:
    """No progress bars and no log lines of diffusers and transformers: what is wrong is said once, by the error."""
    from diffusers.utils import logging as of_diffusers
    from tqdm import tqdm  # type: ignore[import-untyped]
    from transformers.utils import logging as of_transformers

    # tqdm's own lock is for several processes, and is left behind where one of them is killed
    tqdm.set_lock(threading.RLock())
    before = [(one, one.is_progress_bar_enabled(), one.get_verbosity()) for one in (of_diffusers, of_transformers)]
    for one, _, _ in before:
        one.disable_progress_bar()
        one.set_verbosity_error()
    try:
        yield
    finally:
        for one, bars, verbosity in before:
            one.set_verbosity(verbosity)
            if bars:
                one.enable_progress_bar()
