"""Reading a model's folder as untrusted input: configurations with limits, sizes, a fingerprint. Loads nothing, imports no torch.

These are refused here and never reach `from_pretrained`: pickled weights, custom code, components of unknown libraries, links out
of the folder.
"""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from episodic.backbones.diffusers.folder.digests import fingerprint
from episodic.backbones.diffusers.folder.model_folder import ModelFolder, subfolder_of
from episodic.backbones.diffusers.folder.safe_files import SMALL_FILES, FolderFiles, component_config, read_json, refuse_code
from episodic.backbones.diffusers.folder.weight_files import check_weights, component_weights, needs_weights
from episodic.errors import BackboneError, InputError

__all__ = ["INDEX_FILES", "Component", "inspect_folder", "read_index"]

INDEX_FILES: Final = ("modular_model_index.json", "model_index.json")
"""The modular index is used where there are both, as in `diffusers.ModularPipeline`."""
_ADAPTERS = "ic_lora"
"""Folder for adapters that the user adds; no pipeline's index names it."""
_MOST_COMPONENTS = 64
_LIBRARIES = ("diffusers", "transformers")
_NAME = re.compile(r"[A-Za-z_]\w{0,99}")
_AUTO_CLASS = re.compile(r"(Flax|TF)?Auto[A-Z]\w*")
"""Classes that load whatever class the folder names, its own code included; `AutoencoderKL` does not match."""
_NOT_AUTO = ("AutoGuidance",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """One component, as the index describes it."""

    library: str
    class_name: str
    subfolder: str
    source: str | None = None
    """The repository that a modular index takes it from; None: the model's own folder, or nowhere."""
    optional: bool = False
    """Whether the index lists it without a source."""

    def missing(self, where: str, name: str) -> str:
        """Return the error message for its missing folder."""
        if self.source is None:
            return f"{where}: the component {name} is in the index, but its folder {self.subfolder}/ is missing; fetch or copy the model again"
        return (
            f"{where}: {name} is not in this model's folder (expected {self.subfolder}/); its index takes it from {self.source!r}: "
            f"put a copy of it there, as {self.subfolder}/"
        )


def inspect_folder(path: Path, revision: str = "") -> ModelFolder:
    """Read the configurations in `path`.

    Raises InputError where `path` is no folder or no pipeline, BackboneError where it is damaged, incomplete, or may not be loaded.
    """
    root = _root(path)
    index_file = next((root / name for name in INDEX_FILES if (root / name).is_file()), None)
    if index_file is None:
        raise InputError(_no_pipeline(root))
    inside = FolderFiles(root)
    class_name, index, listed = _parse_index(inside.file(index_file))
    components = {name: each for name, each in listed.items() if not each.optional or (root / each.subfolder).is_dir()}
    configs: dict[str, Mapping[str, object]] = {}
    weight_bytes: dict[str, int] = {}
    # read at the end, when everything is known to be valid: that takes long
    fingerprinted: list[str | Path] = [index_file]
    for name, component in components.items():
        folder = root / component.subfolder
        if not folder.is_dir():
            raise BackboneError(component.missing(str(index_file), name))
        files = inside.files(folder)
        refuse_code(name, files)
        configs[name] = component_config(folder, files)
        weights: tuple[Path, ...] = ()
        if needs_weights(component.class_name):
            if not configs[name]:
                raise BackboneError(f"{folder}: {name} has no config.json; fetch or copy the model again")
            weights = component_weights(name, folder, files, read_json)
        weight_bytes[name] = sum(check_weights(file) for file in weights)
        fingerprinted += [f"{name}={component.library}.{component.class_name}\0"]
        fingerprinted += [*(file for file in files if file.suffix.lower() in SMALL_FILES), *weights]
    for file in sorted((root / _ADAPTERS).glob("*.safetensors")):
        check_weights(inside.file(file))
        fingerprinted.append(file)
    return ModelFolder(
        root=root,
        class_name=class_name,
        modular=index_file.name == INDEX_FILES[0],
        components={name: (component.library, component.class_name) for name, component in components.items()},
        index=index,
        configs=configs,
        weight_bytes=weight_bytes,
        fingerprint=fingerprint(root, fingerprinted),
        revision=revision,
    )


def read_index(file: Path) -> tuple[str, dict[str, Component]]:
    """Return the pipeline class of an index and its components by name, without those that are null.

    Raises BackboneError where it is damaged, or names code or libraries that are never run.
    """
    class_name, _, components = _parse_index(file)
    return class_name, components


def _parse_index(file: Path) -> tuple[str, dict[str, object], dict[str, Component]]:
    index = read_json(file)
    return _class_name(file, index), index, _components(file, index)


def _root(path: Path) -> Path:
    """Return the resolved folder. Raises InputError where there is none."""
    try:
        root = path.expanduser().resolve()
        if root.is_dir():
            return root
        problem = "a file" if root.exists() else "nothing there"
    except (OSError, RuntimeError, ValueError) as err:
        raise InputError(f"{path}: cannot be read as a folder: {err}") from err
    raise InputError(f"{path}: no such folder ({problem}); expected a folder with {' or '.join(INDEX_FILES)}")


def _no_pipeline(root: Path) -> str:
    """The error message for a folder without an index."""
    names = sorted(child.name for child in root.iterdir())
    inner = [name for name in names if any((root / name / index).is_file() for index in INDEX_FILES)]
    if inner:
        return f"{root}: no pipeline in it, but {root / inner[0]} has one; name that folder"
    single = [name for name in names if name.endswith((".safetensors", ".gguf", ".ckpt", ".bin", ".pth"))]
    hint = (
        f"{single[0]} is a single file of weights, not a pipeline; take the model's edition for diffusers (its id often ends in -Diffusers)"
        if single
        else "name a folder that save_pretrained wrote, or that `episodic models fetch` downloaded"
    )
    return f"{root}: no pipeline in it: expected {' or '.join(INDEX_FILES)}, found {', '.join(names[:6]) or 'nothing'}; {hint}"


def _class_name(index_file: Path, index: Mapping[str, object]) -> str:
    if "auto_map" in index:
        raise BackboneError(f"{index_file}: auto_map names code that comes with the model; such code is never run")
    class_name = index.get("_class_name")
    if isinstance(class_name, list):
        raise BackboneError(f"{index_file}: _class_name {class_name!r} is code that comes with the model; such code is never run")
    if not isinstance(class_name, str) or not _NAME.fullmatch(class_name):
        raise BackboneError(
            f"{index_file}: damaged: expected _class_name to name a pipeline class, found {_short(class_name)}; fetch or copy the model again"
        )
    return class_name


def _components(index_file: Path, index: Mapping[str, object]) -> dict[str, Component]:
    entries = {
        name: value
        for name, value in index.items()
        if not name.startswith("_") and isinstance(value, list) and _is_component(value)
    }
    if len(entries) > _MOST_COMPONENTS:
        raise BackboneError(f"{index_file}: {len(entries)} components; at most {_MOST_COMPONENTS} are loaded")
    if not entries:
        raise BackboneError(f"{index_file}: names no components; fetch or copy the model again")
    return {name: _component(index_file, name, value) for name, value in entries.items()}


def _is_component(value: list[Any]) -> bool:
    """Return whether an entry of the index is an existing component: `["diffusers", "AutoencoderKLWan"]`, not `[null, null]`."""
    if len(value) == 3:
        return isinstance(value[2], dict) and (value[1] is not None or _type_hint(value[2]) is not None)
    return len(value) == 2 and all(isinstance(part, str) for part in value)


def _type_hint(spec: Mapping[str, object]) -> list[Any] | None:
    """Return the library and class that a modular index names for a component without source."""
    hint = spec.get("type_hint")
    return hint if isinstance(hint, list) and len(hint) == 2 and any(hint) else None


def _component(index_file: Path, name: str, value: list[Any]) -> Component:
    library, class_name, *specs = value
    source, optional = None, False
    if specs:
        spec, hint = specs[0], _type_hint(specs[0])
        if (library is None or class_name is None) and hint is not None:
            library, class_name = hint
        source = spec.get("pretrained_model_name_or_path")
        optional = source is None
    if not all(isinstance(part, str) and _NAME.fullmatch(part) for part in (name, class_name)):
        raise BackboneError(
            f"{index_file}: damaged: {_short(name)}: {_short(value)} names no component; fetch or copy the model again"
        )
    subfolder = subfolder_of(str(index_file), name, value)
    if not isinstance(library, str) or library not in _libraries():
        raise BackboneError(
            f"{index_file}: {name} is {_short(library)}.{class_name}: expected a component of {' or '.join(_LIBRARIES)}; "
            "code that comes with a model is never run"
        )
    if _AUTO_CLASS.fullmatch(class_name) and class_name not in _NOT_AUTO:
        raise BackboneError(
            f"{index_file}: {name} is {class_name}, which runs whatever class the folder names; code that comes with a model is never run: "
            f"write the class itself there, as its {subfolder}/ names it"
        )
    return Component(
        library=library,
        class_name=class_name,
        subfolder=subfolder,
        source=str(source)[:200] if source is not None else None,
        optional=optional,
    )


@cache
def _libraries() -> frozenset[str]:
    """Return the two libraries, and the modules of `diffusers.pipelines`, under whose names its pipelines keep components of their own."""
    spec = importlib.util.find_spec("diffusers")
    folders = spec.submodule_search_locations if spec is not None and spec.submodule_search_locations else []
    own = {
        child.name for folder in folders for child in (Path(folder) / "pipelines").iterdir() if (child / "__init__.py").is_file()
    }
    return frozenset(_LIBRARIES) | (own - {"deprecated", "onnx_utils"})


def _short(value: object) -> str:
    """Return a value's text, at most 80 characters."""
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "…"
