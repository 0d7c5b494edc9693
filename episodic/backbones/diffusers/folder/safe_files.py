"""Reading the files of a model's folder as untrusted input: with limits, only inside the folder, and never code."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from episodic.errors import BackboneError

__all__ = ["SMALL_FILES", "FolderFiles", "component_config", "read_json", "refuse_code"]

SMALL_FILES: Final = (".json", ".txt", ".model", ".jinja")
"""Suffixes of the files that are read beside weights."""
_CONFIG_FILES: Final = (
    "config.json",
    "scheduler_config.json",
    "guider_config.json",
    "preprocessor_config.json",
    "processor_config.json",
    "video_preprocessor_config.json",
    "tokenizer_config.json",
)
_VOCABULARIES: Final = ("tokenizer.json", "vocab.json")
"""Longer than configurations, with words of any language as keys; neither library looks for class names in them."""
_JSON_BYTES: Final = 4 << 20
_VOCABULARY_BYTES: Final = 256 << 20
_FILES_PER_COMPONENT: Final = 2000


class FolderFiles:
    """Gives access to files in the model's folder, and in the blobs of the hub's cache that its snapshot links to; to no others."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._allowed = [root.resolve()]
        if root.parent.name == "snapshots":
            # the hub's cache: links point to the repository's blobs, and these may point to blobs shared by all repositories
            self._allowed += [folder.resolve() / "blobs" for folder in (root.parents[1], root.parents[2])]

    def file(self, file: Path) -> Path:
        """Return `file` if it exists and lies inside. Raises BackboneError."""
        try:
            real = file.resolve(strict=True)
        except (OSError, RuntimeError) as err:
            raise BackboneError(
                f"{file}: points to nothing; an interrupted download, or a moved cache; fetch or copy the model again"
            ) from err
        if not any(real.is_relative_to(folder) for folder in self._allowed):
            raise BackboneError(f"{file}: points out of the model's folder, to {real}; put the file itself there")
        return file

    def files(self, folder: Path) -> list[Path]:
        """Return all files of a component, sorted. Raises BackboneError where one lies outside or is too long, or there are too many."""
        self.file(folder)
        paths: list[Path] = []
        for place, _, names in os.walk(folder):
            paths += [Path(place) / name for name in names]
            if len(paths) > _FILES_PER_COMPONENT:
                raise BackboneError(f"{folder}: more than {_FILES_PER_COMPONENT} files in one component; no such model is loaded")
        suffixes = (*SMALL_FILES, ".safetensors")
        files = [self.file(path) for path in sorted(paths) if path.suffix.lower() in suffixes or path.parent == folder]
        for file in files:
            size = file.stat().st_size
            if file.suffix.lower() in SMALL_FILES and size > _VOCABULARY_BYTES:
                raise BackboneError(f"{file}: {size} bytes are too many for a vocabulary; at most {_VOCABULARY_BYTES}")
        return files


def read_json(file: Path) -> dict[str, object]:
    """Read a JSON object. Raises BackboneError where the file has something else, or is too long."""
    content = _parsed(file)
    if not isinstance(content, dict):
        raise BackboneError(f"{file}: damaged: expected an object, found {type(content).__name__}; fetch or copy the model again")
    return content


def component_config(folder: Path, files: Iterable[Path]) -> dict[str, object]:
    """Read a component's configuration; {} where it has none. Raises BackboneError as `read_json` does."""
    by_name = {file.name: file for file in files if file.parent == folder}
    return next((read_json(by_name[name]) for name in _CONFIG_FILES if name in by_name), {})


def refuse_code(name: str, files: Iterable[Path]) -> None:
    """Raise BackboneError where any JSON among a component's files names code outside diffusers and transformers.

    Such code is `auto_map`, which transformers looks for in several files of one folder and at several depths, and kernels of the hub
    in place of an implementation (`attn_implementation: OWNER/NAME`).
    """
    for file in files:
        if file.suffix.lower() != ".json" or file.name in _VOCABULARIES:
            continue
        for key, value in _entries(_parsed(file)):
            if key == "auto_map" and value is not None:
                raise BackboneError(f"{file}: auto_map names code that comes with the model, for {name}; such code is never run")
            if key.endswith("_implementation") and any("/" in text for text in _implementation_names(value)):
                raise BackboneError(f"{file}: {key} names code of the hub, for {name}; such code is never run")


def _parsed(file: Path) -> object:
    """Parse a JSON file of limited size."""
    size = file.stat().st_size
    if size > _JSON_BYTES:
        raise BackboneError(f"{file}: {size} bytes are too many for a configuration; at most {_JSON_BYTES}")
    try:
        content: object = json.loads(file.read_bytes())
    except (ValueError, RecursionError) as err:
        reason = "nested too deeply" if isinstance(err, RecursionError) else str(err)
        raise BackboneError(f"{file}: damaged: {reason}; fetch or copy the model again") from err
    return content


def _entries(content: object) -> Iterator[tuple[str, object]]:
    """Yield every key with its value, at any depth."""
    nodes = [content]
    while nodes:
        node = nodes.pop()
        if isinstance(node, dict):
            yield from node.items()
            nodes += node.values()
        elif isinstance(node, list):
            nodes += node


def _implementation_names(value: object) -> Iterator[str]:
    """Yield the names in an entry such as `attn_implementation`: one for all parts, or one for each."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from (name for name in value.values() if isinstance(name, str))
