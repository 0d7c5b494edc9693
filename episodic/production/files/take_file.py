"""Takes on disk: what was asked of the backbone and what it made. Format `episodic/take@1`: one safetensors file, and beside it the
frames, losslessly, where the backbone samples pixels.

Rushes, `episodic/rushes@1`, are one safetensors file with the frames as they are, quick to write and large.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import numpy as np
from safetensors import safe_open
from safetensors.numpy import save_file

from episodic.backbones.footage import Footage, write_footage
from episodic.backbones.request import ShotRequest
from episodic.backbones.take import Rushes, Take
from episodic.storage.json_object import JsonObject

__all__ = [
    "RUSHES_FORMAT",
    "TAKE_FORMAT",
    "ShotTake",
    "read_rushes",
    "read_take",
    "read_take_head",
    "write_rushes",
    "write_take",
]

ShotTake = tuple[ShotRequest, Take]
"""A take with the request that it was shot from."""

TAKE_FORMAT: Final = "episodic/take@1"
RUSHES_FORMAT: Final = "episodic/rushes@1"
_FOOTAGE_SUFFIX: Final = ".mkv"


def write_take(path: Path, request: ShotRequest, take: Take) -> None:
    """Store a take with its request; its footage goes beside it. The continued take is not stored again: its artifact is."""
    arrays = {f"take.{name}": np.ascontiguousarray(array) for name, array in take.arrays.items()}
    arrays |= {f"lips.{number:03d}": np.ascontiguousarray(cue.lips) for number, cue in enumerate(request.speech)}
    meta = {"format": TAKE_FORMAT, "request": request.to_json(), "notes": dict(take.notes)}
    if take.footage is not None:
        meta["footage"] = path.with_suffix(_FOOTAGE_SUFFIX).name
        write_footage(path.with_suffix(_FOOTAGE_SUFFIX), take.footage)
    # One entry: safetensors writes several in an order that differs from run to run.
    save_file(arrays or {"take.empty": np.zeros(1, np.float32)}, path, metadata={"episodic": json.dumps(meta, sort_keys=True)})


def read_take_head(path: Path) -> JsonObject:
    """The JSON part of a take, `request` and `notes`, without its arrays. Raises ValueError for another format."""
    with safe_open(path, framework="np") as file:
        return _head(file.metadata(), path, TAKE_FORMAT)


def _head(metadata: Mapping[str, str] | None, path: Path, expected: str) -> JsonObject:
    """The JSON part of a file. Raises ValueError for another format."""
    meta = JsonObject.parse((metadata or {}).get("episodic", "{}"))
    if meta.get("format") != expected:
        raise ValueError(f"{path}: expected {expected}, found {meta.get('format')!r}")
    return meta


def read_take(path: Path) -> tuple[ShotRequest, Take]:
    """Read a take and its request. Raises ValueError for another format."""
    with safe_open(path, framework="np") as file:
        meta = _head(file.metadata(), path, TAKE_FORMAT)
        names = sorted(file.keys())
        lips = [file.get_tensor(name) for name in names if name.startswith("lips.")]
        arrays = _of({name: file.get_tensor(name) for name in names}, "take.")
    request = ShotRequest.from_json(meta.object("request"), lips)
    footage = Footage.open(path.with_suffix(_FOOTAGE_SUFFIX)) if meta.get("footage") else None
    return request, Take(shot_id=request.shot_id, arrays=arrays, notes=meta.values("notes"), footage=footage)


def write_rushes(path: Path, rushes: Rushes) -> None:
    """Store rushes. Raises ValueError for those of a backbone that samples no pixels."""
    take = rushes.take
    if take.footage is None:
        raise ValueError(f"{path}: rushes without footage")
    arrays = {f"take.{name}": array for name, array in take.arrays.items()}
    arrays |= {f"unfinished.{name}": array for name, array in rushes.unfinished.items()}
    meta = {"format": RUSHES_FORMAT, "shot_id": take.shot_id, "notes": dict(take.notes), "fps": take.footage.fps}
    arrays["footage"] = take.footage.read()
    contiguous = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    save_file(contiguous, path, metadata={"episodic": json.dumps(meta, sort_keys=True)})


def read_rushes(path: Path) -> Rushes:
    """Inverse of `write_rushes`. Raises ValueError for another format."""
    with safe_open(path, framework="np") as file:
        meta = _head(file.metadata(), path, RUSHES_FORMAT)
        arrays = {name: file.get_tensor(name) for name in sorted(file.keys())}
    footage = Footage.of(arrays.pop("footage"), meta.integer("fps"))
    take = Take(shot_id=meta.text("shot_id"), arrays=_of(arrays, "take."), notes=meta.values("notes"), footage=footage)
    return Rushes(take=take, unfinished=_of(arrays, "unfinished."))


def _of(arrays: Mapping[str, np.ndarray], kind: str) -> dict[str, np.ndarray]:
    """The arrays whose names begin with `kind`, without it."""
    return {name.removeprefix(kind): array for name, array in arrays.items() if name.startswith(kind)}
