"""A model's folder, read as the untrusted input it is: configurations with limits, sizes, a fingerprint. Loads nothing, imports no torch.

What is refused here is never handed to `from_pretrained`: pickled weights, custom code, components from unknown libraries, links out
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
"""The modular one counts where there are both, as in `diffusers.ModularPipeline`."""
_ADAPTERS = "ic_lora"
"""Where the user puts what changes a model's weights; no pipeline's index names it."""
_COMPONENTS = 64
_LIBRARIES = ("diffusers", "transformers")
_NAME = re.compile(r"[A-Za-z_]\w{0,99}")
_CHOOSES = re.compile(r"(Flax|TF)?Auto[A-Z]\w*")
"""Classes that choose the class to load by what the folder says, its own code included; `AutoencoderKL` is none of them."""
_CHOOSES_NOT = ("AutoGuidance",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """One component as the index names it."""

    library: str
    class_name: str
    subfolder: str
    source: str | None = None
    """Where a modular index takes it from; None: from the model's own folder, or from nowhere."""
    optional: bool = False
    """Whether the index has a place for it, but no source."""

    def missing(self, where: str, name: str) -> str:
        """What to say where its folder is not there."""
        if self.source is None:
            return f"{where}: the component {name} is in the index, but its folder {self.subfolder}/ is missing; fetch or copy the model again"
        return (
            f"{where}: {name} is not in this model's folder (expected {self.subfolder}/); its index takes it from {self.source!r}: "
            f"put a copy of it there, as {self.subfolder}/"
        )


def inspect_folder(path: Path, revision: str = "") -> ModelFolder:
    """What the configurations in `path` say.

    Raises InputError where `path` is no folder or no pipeline, BackboneError where it is damaged, incomplete, or may not be loaded.
    """
    root = _root(path)
    index_file = next((root / name for name in INDEX_FILES if (root / name).is_file()), None)
    if index_file is None:
        raise InputError(_no_pipeline(root))
    inside = FolderFiles(root)
    class_name, index, named = _parse_index(inside.file(index_file))
    places = {name: one for name, one in named.items() if not one.optional or (root / one.subfolder).is_dir()}
    configs: dict[str, Mapping[str, Any]] = {}
    weight_bytes: dict[str, int] = {}
    # read through when all of it is known to be sound: that takes long
    read: list[str | Path] = [index_file]
    for name, component in places.items():
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
        read += [f"{name}={component.library}.{component.class_name}\0"]
        read += [*(one for one in files if one.suffix.lower() in SMALL_FILES), *weights]
    for file in sorted((root / _ADAPTERS).glob("*.safetensors")):
        check_weights(inside.file(file))
        read.append(file)
    return ModelFolder(
        root=root,
        class_name=class_name,
        modular=index_file.name == INDEX_FILES[0],
        components={name: (one.library, one.class_name) for name, one in places.items()},
        index=index,
        configs=configs,
        weight_bytes=weight_bytes,
        fingerprint=fingerprint(root, read),
        revision=revision,
    )


def read_index(file: Path) -> tuple[str, dict[str, Component]]:
    """The pipeline class of an index, and its components by name, those that are null left out.

    Raises BackboneError where it is damaged, or names code or libraries that are never run.
    """
    class_name, _, components = _parse_index(file)
    return class_name, components


def _parse_index(file: Path) -> tuple[str, dict[str, Any], dict[str, Component]]:
    index = read_json(file)
    return _class_name(file, index), index, _components(file, index)


def _root(path: Path) -> Path:
    try:
        root = path.expanduser().resolve()
        if root.is_dir():
            return root
        found = "a file" if root.exists() else "nothing there"
    except (OSError, RuntimeError, ValueError) as err:
        raise InputError(f"{path}: cannot be read as a folder: {err}") from err
    raise InputError(f"{path}: no such folder ({found}); expected a folder with {' or '.join(INDEX_FILES)}")


def _no_pipeline(root: Path) -> str:
    found = sorted(child.name for child in root.iterdir())
    inner = [name for name in found if any((root / name / index).is_file() for index in INDEX_FILES)]
    if inner:
        return f"{root}: no pipeline in it, but there is one in {root / inner[0]}; name that folder"
    single = [name for name in found if name.endswith((".safetensors", ".gguf", ".ckpt", ".bin", ".pth"))]
    hint = (
        f"{single[0]} is a single file of weights, not a pipeline; take the model's edition for diffusers (its id often ends in -Diffusers)"
        if single
        else "name a folder that save_pretrained wrote, or that `episodic models fetch` downloaded"
    )
    return f"{root}: no pipeline in it: expected {' or '.join(INDEX_FILES)}, found {', '.join(found[:6]) or 'nothing'}; {hint}"


def _class_name(index_file: Path, index: Mapping[str, Any]) -> str:
    if "auto_map" in index:
        raise BackboneError(f"{index_file}: auto_map names code that comes with the model; such code is never run")
    found = index.get("_class_name")
    if isinstance(found, list):
        raise BackboneError(f"{index_file}: _class_name {found!r} is code that comes with the model; such code is never run")
    if not isinstance(found, str) or not _NAME.fullmatch(found):
        raise BackboneError(
            f"{index_file}: damaged: expected _class_name to name a pipeline class, found {_short(found)}; fetch or copy the model again"
        )
    return found


def _components(index_file: Path, index: Mapping[str, Any]) -> dict[str, Component]:
    entries = {
        name: value
        for name, value in index.items()
        if not name.startswith("_") and isinstance(value, list) and _is_component(value)
    }
    if len(entries) > _COMPONENTS:
        raise BackboneError(f"{index_file}: {len(entries)} components; at most {_COMPONENTS} are loaded")
    if not entries:
        raise BackboneError(f"{index_file}: names no components; fetch or copy the model again")
    return {name: _component(index_file, name, value) for name, value in entries.items()}


def _is_component(value: list[Any]) -> bool:
    """Whether an entry of the index is a component that there is: `["diffusers", "AutoencoderKLWan"]`, not `[null, null]`."""
    if len(value) == 3:
        return isinstance(value[2], dict) and (value[1] is not None or _hint(value[2]) is not None)
    return len(value) == 2 and all(isinstance(one, str) for one in value)


def _hint(spec: Mapping[str, Any]) -> list[Any] | None:
    """Library and class that a modular index names for a component that it has no source for."""
    found = spec.get("type_hint")
    return found if isinstance(found, list) and len(found) == 2 and any(found) else None


def _component(index_file: Path, name: str, value: list[Any]) -> Component:
    library, class_name, *rest = value
    source, optional = None, False
    if rest:
        spec, hint = rest[0], _hint(rest[0])
        if (library is None or class_name is None) and hint is not None:
            library, class_name = hint
        source = spec.get("pretrained_model_name_or_path")
        optional = source is None
    if not all(isinstance(one, str) and _NAME.fullmatch(one) for one in (name, class_name)):
        raise BackboneError(
            f"{index_file}: damaged: {_short(name)}: {_short(value)} names no component; fetch or copy the model again"
        )
    subfolder = subfolder_of(str(index_file), name, value)
    if not isinstance(library, str) or library not in _libraries():
        raise BackboneError(
            f"{index_file}: {name} is {_short(library)}.{class_name}: expected a component of {' or '.join(_LIBRARIES)}; "
            "code that comes with a model is never run"
        )
    if _CHOOSES.fullmatch(class_name) and class_name not in _CHOOSES_NOT:
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
    """The two libraries, and the modules of `diffusers.pipelines`, under whose names its pipelines keep components of their own."""
    spec = importlib.util.find_spec("diffusers")
    folders = spec.submodule_search_locations if spec is not None and spec.submodule_search_locations else []
    own = {
        child.name for folder in folders for child in (Path(folder) / "pipelines").iterdir() if (child / "__init__.py").is_file()
    }
    return frozenset(_LIBRARIES) | (own - {"deprecated", "onnx_utils"})


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "…"
