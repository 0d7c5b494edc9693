"""The files with one component's weights, checked without loading them: safetensors only, complete, of the length their header says.

Nothing here runs code that came with a model: pickle files are named and refused, never opened.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Sequence
from pathlib import Path

from episodic.errors import BackboneError

__all__ = ["check_weights", "choose_weights", "component_weights", "needs_weights", "stays_float32"]

_STEMS = ("diffusion_pytorch_model", "model")
"""Names that `diffusers` and `transformers` give their weights; `from_pretrained` finds no others."""
_PICKLED = (".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle")
_LIGHT = re.compile(
    r"(Scheduler|Tokenizer(Fast)?|(Tokenizers|SentencePiece|Python|MistralCommon)Backend|Processor(Fast|Pil)?|FeatureExtractor|Guidance|Guider)$"
)
_HEADER_BYTES = 100_000_000
"""The longest header that safetensors itself accepts."""
_POINTER = b"version https://git-lfs"
_FULL_PRECISION = ("Autoencoder", "LTX2Vocoder")
"""Prefixes of the classes that stay in float32: those that turn pixels or sound into latents and back.

Takes that continue one another pass through an autoencoder again and again, and its rounding would add up to a drift of colour. A
vocoder reads the output of a sound autoencoder."""


def needs_weights(class_name: str) -> bool:
    """Return whether a component of this class is a model: schedulers, tokenizers and processors are not."""
    return not _LIGHT.search(class_name)


def stays_float32(class_name: str) -> bool:
    """Return whether a component of this class stays in float32 whatever the rest is loaded as."""
    return class_name.startswith(_FULL_PRECISION)


def choose_weights(name: str, where: str, names: Collection[str]) -> tuple[str, ...]:
    """Choose the files that `from_pretrained` would read among those in a component's folder, by their names alone.

    Raises BackboneError where there are none, only pickled ones, or only a variant's.
    """
    for stem in _STEMS:
        if f"{stem}.safetensors.index.json" in names:
            return tuple(sorted(name for name in names if re.fullmatch(rf"{stem}-\d+-of-\d+\.safetensors", name)))
        if f"{stem}.safetensors" in names:
            return (f"{stem}.safetensors",)
    raise BackboneError(_absent(name, where, sorted(names)))


def component_weights(
    name: str, folder: Path, files: Sequence[Path], read_json: Callable[[Path], dict[str, object]]
) -> tuple[Path, ...]:
    """Choose the files of a folder on this machine; `files`: all of its files. Raises BackboneError also where shards are missing."""
    by_name = {file.name: file for file in files if file.parent == folder}
    chosen = choose_weights(name, str(folder), by_name)
    index = next((by_name[file] for stem in _STEMS if (file := f"{stem}.safetensors.index.json") in by_name), None)
    if index is None or chosen == (index.name.removesuffix(".index.json"),):
        return tuple(by_name[file] for file in chosen)
    return _shards(name, index, by_name, read_json)


def _shards(name: str, index: Path, by_name: dict[str, Path], read_json: Callable[[Path], dict[str, object]]) -> tuple[Path, ...]:
    weight_map = read_json(index).get("weight_map")
    if not isinstance(weight_map, dict) or not all(isinstance(shard, str) for shard in weight_map.values()) or not weight_map:
        raise BackboneError(f"{index}: damaged: expected a weight_map of tensor names to files; fetch or save the model again")
    shards = sorted(set(weight_map.values()))
    missing = [shard for shard in shards if shard not in by_name]
    if missing:
        raise BackboneError(
            f"{index.parent}: {len(missing)} of the {len(shards)} files with weights of {name} are missing: {_listing(missing)}; "
            "fetch or copy the model again"
        )
    return tuple(by_name[shard] for shard in shards)


def _absent(name: str, folder: str, files: Sequence[str]) -> str:
    """The error for a component without usable weights."""
    pickled = [file for file in files if file.endswith(_PICKLED)]
    if pickled:
        return (
            f"{folder}: the weights of {name} are pickle files ({_listing(pickled)}), which can run any code when opened; only safetensors "
            "are loaded; take a revision of the model that has them, or convert on a machine you can spare: "
            "load with from_pretrained, then save_pretrained(FOLDER, safe_serialization=True)"
        )
    others = [file for file in files if file.endswith(".safetensors")]
    if others:
        return (
            f"{folder}: no weights of {name} under a name that is loaded; expected {' or '.join(f'{stem}.safetensors' for stem in _STEMS)}; "
            f"found: {_listing(others)}; rename them if they are complete"
        )
    return f"{folder}: the weights of {name} are missing; expected {_STEMS[0]}.safetensors or {_STEMS[1]}.safetensors; fetch or copy the model again"


def check_weights(file: Path) -> int:
    """Return the file's size in bytes. Raises BackboneError where it is not safetensors, or shorter or longer than its own header says."""
    size = file.stat().st_size
    with file.open("rb") as stream:
        start = stream.read(64)
        if start.startswith(_POINTER):
            raise BackboneError(
                f"{file}: only a pointer to the weights, not the weights; run `git lfs pull` in the model's folder"
            )
        length = int.from_bytes(start[:8], "little") if len(start) >= 8 else 0
        if not 2 <= length <= min(_HEADER_BYTES, size - 8):
            raise BackboneError(f"{file}: damaged: {size} bytes that are no safetensors file; fetch or copy it again")
        stream.seek(8)
        header = stream.read(length)
    try:
        tensors = json.loads(header)
        end = max((entry["data_offsets"][1] for key, entry in tensors.items() if key != "__metadata__"), default=0)
        expected = 8 + length + int(end)
    except (ValueError, OverflowError, RecursionError, KeyError, IndexError, TypeError, AttributeError) as err:
        raise BackboneError(f"{file}: damaged: its header is no safetensors header; fetch or copy it again") from err
    if size != expected:
        raise BackboneError(f"{file}: damaged: expected {expected} bytes, found {size}; fetch or copy it again")
    return size


def _listing(names: Sequence[str], most: int = 4) -> str:
    """Join the first names, and count the others."""
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")
