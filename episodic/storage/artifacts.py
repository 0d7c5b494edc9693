"""Artifacts: the files a task made, in a folder named by the hash of everything that went into them.

Format `episodic/artifact@1`: `artifacts/ab/cdef…/` holds the task's files and `artifact.json`, which names the task, how long
it took, and every file's size. The folder appears under its name only when it is whole: it is filled under a temporary name,
every file is fsynced, and then it is renamed. A folder that exists is therefore done; deleting one costs only time.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol, Self, runtime_checkable

from episodic.errors import InputError
from episodic.storage.files import fsync, left_by_live_process
from episodic.storage.json_object import JsonObject
from memory.model.facts import FactValue

__all__ = [
    "ARTIFACT_FORMAT",
    "TRANSIENT",
    "ArtifactStore",
    "LocalArtifacts",
    "Stored",
    "TemporaryArtifacts",
]

ARTIFACT_FORMAT: Final = "episodic/artifact@1"
TRANSIENT: Final = "transient-"
"""How the keys of artifacts begin that are only on the way to others."""
_ABANDONED_S: Final = 14 * 86_400.0
"""So old, a transient artifact is no part of a run that will go on."""
_MANIFEST: Final = "artifact.json"
_KEY: Final = re.compile(r"[A-Za-z0-9_-]{3,128}")


@dataclass(frozen=True, slots=True)
class Stored:
    """An artifact that is made already, often by an earlier episode, named by its key."""

    key: str

    def __str__(self) -> str:
        return self.key


@runtime_checkable
class ArtifactStore(Protocol):
    """A store of artifacts by key. `TemporaryArtifacts` is the fake that ships."""

    def has(self, key: str) -> bool:
        """Whether the artifact is there, whole."""
        ...

    def folder(self, key: str) -> Path:
        """The artifact's folder; it may not exist yet."""
        ...

    def file(self, key: str, name: str) -> Path:
        """The path of one file of an artifact; it may not exist yet."""
        ...

    def seconds(self, key: str) -> float:
        """How long the artifact took to make."""
        ...

    def making(self, key: str, task: Mapping[str, FactValue]) -> AbstractContextManager[tuple[Path, dict[str, float]]]:
        """Give an empty folder to fill, and a dict that takes `seconds`; on leaving without an error the folder becomes the artifact."""
        ...

    def put(self, key: str, files: Mapping[str, bytes]) -> Path:
        """Store files as an artifact; its folder."""
        ...

    def remove(self, key: str) -> None:
        """Remove an artifact, as one step; nothing where there is none."""
        ...


class LocalArtifacts:
    """Artifacts in a folder on this machine."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def folder(self, key: str) -> Path:
        """The artifact's folder; it may not exist yet. Raises InputError for a key that would lead elsewhere.

        Keys come from memory, too, which may be somebody else's file.
        """
        if _KEY.fullmatch(key) is None:
            raise InputError(f"{self.root}: {key[:80]!r} is no artifact's key; `episodic memory verify` says which row names it")
        return self.root / key[:2] / key[2:]

    def file(self, key: str, name: str) -> Path:
        """One file of an artifact; it may not exist yet. Raises InputError for a name that would lead elsewhere."""
        if name != Path(name).name or name in ("", ".", ".."):
            raise InputError(
                f"{self.root}: {name[:80]!r} is no artifact's file; `episodic memory verify` says which row names it"
            )
        return self.folder(key) / name

    def has(self, key: str) -> bool:
        """Whether the artifact is there, and none of its files has vanished or changed size since."""
        try:
            folder = self.folder(key)
            sizes = _read_manifest(folder).values("files")
            return all((folder / name).stat().st_size == size for name, size in sizes.items())
        except (OSError, ValueError, TypeError, InputError):
            return False

    def has_file(self, key: str, name: str) -> bool:
        """Whether a file of an artifact is there."""
        try:
            return self.file(key, name).is_file()
        except (OSError, ValueError, InputError):
            return False

    def seconds(self, key: str) -> float:
        """How long the artifact took to make."""
        return float(_read_manifest(self.folder(key)).number("seconds"))

    @contextmanager
    def making(self, key: str, task: Mapping[str, FactValue]) -> Iterator[tuple[Path, dict[str, float]]]:
        """Give a temporary folder to fill, and a dict that takes `seconds`; on leaving without an error it becomes the artifact."""
        target = self.folder(key)
        target.parent.mkdir(parents=True, exist_ok=True)
        work = target.with_name(f".{target.name}.{os.getpid()}")
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir()
        try:
            times: dict[str, float] = {"seconds": 0.0}
            yield work, times
            files = {path.name: path.stat().st_size for path in sorted(work.iterdir())}
            manifest = {"format": ARTIFACT_FORMAT, "task": dict(task), "seconds": round(times["seconds"], 3), "files": files}
            (work / _MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n", "utf-8")
            for path in work.iterdir():
                fsync(path)
            fsync(work)
            if not self.has(key):  # another process may have been quicker: the content is the same
                _move_into_place(work, target)
            fsync(target.parent)
        finally:
            shutil.rmtree(work, ignore_errors=True)

    def put(self, key: str, files: Mapping[str, bytes]) -> Path:
        """Store files as an artifact; its folder."""
        with self.making(key, {}) as (folder, _):
            for name, content in files.items():
                (folder / name).write_bytes(content)
        return self.folder(key)

    def remove(self, key: str) -> None:
        """Remove an artifact, as one step; nothing where there is none."""
        target = self.folder(key)
        gone = target.with_name(f".{target.name}.{os.getpid()}")
        with contextlib.suppress(FileNotFoundError):
            target.rename(gone)
            shutil.rmtree(gone)

    def sweep(self) -> None:
        """Remove what killed runs left half-made, and what transient artifacts nobody came back for. A worker that outlives its killed
        parent for a moment keeps its folder."""
        for old in self.root.glob(f"{TRANSIENT[:2]}/{TRANSIENT[2:]}*"):
            if time.time() - old.stat().st_mtime > _ABANDONED_S:
                self.remove(TRANSIENT + old.name.removeprefix(TRANSIENT[2:]))
        for left_over in self.root.glob("??/.*"):
            if not left_by_live_process(left_over):
                shutil.rmtree(left_over, ignore_errors=True)


class TemporaryArtifacts(LocalArtifacts):
    """Artifacts in a folder that goes with this object. The store for tests and dry runs."""

    def __init__(self) -> None:
        self._home = tempfile.TemporaryDirectory(prefix="episodic-artifacts-")
        super().__init__(Path(self._home.name))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._home.cleanup()


def _read_manifest(folder: Path) -> JsonObject:
    """The `artifact.json` of an artifact. Raises OSError where there is none, ValueError for a damaged one."""
    return JsonObject.parse((folder / _MANIFEST).read_text("utf-8"))


def _move_into_place(work: Path, target: Path) -> None:
    if target.exists():  # a damaged artifact
        broken = work.with_name(f".{target.name}.old.{os.getpid()}")
        target.rename(broken)
        shutil.rmtree(broken, ignore_errors=True)
    work.rename(target)
