"""Opening the files of a model's folder as the untrusted input they are: with limits, inside it only, and never code."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from episodic.errors import BackboneError

__all__ = ["SMALL_FILES", "FolderFiles", "component_config", "read_json", "refuse_code"]

SMALL_FILES: Final = (".json", ".txt", ".model", ".jinja")
"""What is read beside weights."""
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
"""Too long to be configurations, and their keys are words of any language; neither library looks for names of classes in them."""
_JSON_BYTES: Final = 4 << 20
_VOCABULARY_BYTES: Final = 256 << 20
_FILES_PER_COMPONENT: Final = 2000


class FolderFiles:
    """Only what lies in the model's folder, or in the blobs of the hub's cache that its snapshot links to, is opened."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._allowed = [root.resolve()]
        if root.parent.name == "snapshots":
            # The hub's cache: links lead to the repository's blobs, and these may lead to blobs shared by all repositories.
            self._allowed += [one.resolve() / "blobs" for one in (root.parents[1], root.parents[2])]

    def file(self, file: Path) -> Path:
        """`file`, if it is really one and lies inside. Raises BackboneError."""
        try:
            real = file.resolve(strict=True)
        except (OSError, RuntimeError) as err:
            raise BackboneError(
                f"{file}: leads to nothing; an interrupted download, or a moved cache; fetch or copy the model again"
            ) from err
        if not any(real.is_relative_to(one) for one in self._allowed):
            raise BackboneError(f"{file}: leads out of the model's folder, to {real}; put the file itself there")
        return file

    def files(self, folder: Path) -> list[Path]:
        """All files of a component, sorted. Raises BackboneError where one lies outside or is too long, or there are too many."""
        self.file(folder)
        found: list[Path] = []
        for place, _, names in os.walk(folder):
            found += [Path(place) / one for one in names]
            if len(found) > _FILES_PER_COMPONENT:
                raise BackboneError(f"{folder}: more than {_FILES_PER_COMPONENT} files in one component; no such model is loaded")
        read = (*SMALL_FILES, ".safetensors")
        files = [self.file(one) for one in sorted(found) if one.suffix.lower() in read or one.parent == folder]
        for one in files:
            if one.suffix.lower() in SMALL_FILES and one.stat().st_size > _VOCABULARY_BYTES:
                raise BackboneError(
                    f"{one}: {one.stat().st_size} bytes are too many for a vocabulary; at most {_VOCABULARY_BYTES}"
                )
        return files


def read_json(file: Path) -> dict[str, Any]:
    """An object of JSON. Raises BackboneError where it is none, or too long."""
    found = _parsed(file)
    if not isinstance(found, dict):
        raise BackboneError(f"{file}: damaged: expected an object, found {type(found).__name__}; fetch or copy the model again")
    return found


def component_config(folder: Path, files: Iterable[Path]) -> dict[str, Any]:
    """A component's configuration; {} where it has none. Raises BackboneError as `read_json` does."""
    by_name = {file.name: file for file in files if file.parent == folder}
    return next((read_json(by_name[one]) for one in _CONFIG_FILES if one in by_name), {})


def refuse_code(name: str, files: Iterable[Path]) -> None:
    """Raise BackboneError where any JSON among a component's files names code that is not of diffusers or transformers.

    That is `auto_map`, which transformers looks for in several files of one folder and at several depths, and kernels of the hub in the
    place of an implementation (`attn_implementation: OWNER/NAME`).
    """
    for file in files:
        if file.suffix.lower() != ".json" or file.name in _VOCABULARIES:
            continue
        for key, value in _entries(_parsed(file)):
            if key == "auto_map" and value is not None:
                raise BackboneError(f"{file}: auto_map names code that comes with the model, for {name}; such code is never run")
            if key.endswith("_implementation") and any("/" in one for one in _texts(value)):
                raise BackboneError(f"{file}: {key} names code of the hub, for {name}; such code is never run")


def _parsed(file: Path) -> object:
    size = file.stat().st_size
    if size > _JSON_BYTES:
        raise BackboneError(f"{file}: {size} bytes are too many for a configuration; at most {_JSON_BYTES}")
    try:
        found: object = json.loads(file.read_bytes())
    except (ValueError, RecursionError) as err:
        reason = "nested too deeply" if isinstance(err, RecursionError) else str(err)
        raise BackboneError(f"{file}: damaged: {reason}; fetch or copy the model again") from err
    return found


def _entries(content: object) -> Iterator[tuple[str, object]]:
    """Every key with its value, at any depth."""
    left = [content]
    while left:
        one = left.pop()
        if isinstance(one, dict):
            yield from one.items()
            left += one.values()
        elif isinstance(one, list):
            left += one


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from (one for one in value.values() if isinstance(one, str))
