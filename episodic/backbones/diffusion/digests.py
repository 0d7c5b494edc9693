"""Digests of a model's files. Those of weights are remembered, so that 30 GB are read through once, not at every start."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import tempfile
from pathlib import Path
from typing import Final

__all__ = ["add_file", "digest_of", "digests_file"]

_REMEMBERED_BYTES: Final = 16 << 20
"""Smaller files are read anew each time: that takes a hundredth of a second."""
_MOST: Final = 4096
"""Files remembered, those seen last; a large model has some forty."""
_SHA256: Final = re.compile(r"[0-9a-f]{64}")

_Stamp = tuple[int, int, int, int]


def add_file(print_of: hashlib._Hash, root: Path, file: Path) -> None:
    """Add a file of the model's folder `root` to its fingerprint: its name, its size and all that is in it."""
    found = _blob(root, file) or digest_of(file)
    print_of.update(f"{file.relative_to(root).as_posix()}\0{file.stat().st_size}\0{found}\0".encode())


def digest_of(file: Path) -> str:
    """SHA-256 of a file, 64 hex digits. A large one is read only if it is not the same as when it was last read: by path, size, times
    and inode. Raises OSError."""
    stamp = _stamp(file)
    if stamp[0] < _REMEMBERED_BYTES:
        return _read_through(file)
    place = str(file.resolve())
    known = _known().get(place)
    if known is not None and known[0] == stamp:
        return known[1]
    found = _read_through(file)
    if _stamp(file) == stamp:
        _remember(place, stamp, found)
    return found


def digests_file() -> Path:
    """Where digests are remembered. It may be deleted."""
    place = Path(os.environ.get("XDG_CACHE_HOME") or "~")
    return (place if place.is_absolute() else Path("~/.cache").expanduser()) / "episodic" / "digests.json"


def _blob(root: Path, file: Path) -> str:
    """The digest by which the hub's cache names a large file; empty for all others."""
    real = file.resolve()
    in_cache = root.parent.name == "snapshots" and real.parent == root.parents[1].resolve() / "blobs"
    return real.name if in_cache and _SHA256.fullmatch(real.name) else ""


def _stamp(file: Path) -> _Stamp:
    found = file.stat()
    # the time of change is not set back by copying with times
    return found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino


def _read_through(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _known() -> dict[str, tuple[_Stamp, str]]:
    """Nothing where the file is not there or damaged: then digests are computed again."""
    try:
        found = json.loads(digests_file().read_bytes())
        return {str(place): ((*map(int, stamp),), str(digest)) for place, (stamp, digest) in found.items()}  # type: ignore[misc]
    except (OSError, ValueError, TypeError, AttributeError, RecursionError):
        return {}


def _remember(place: str, stamp: _Stamp, digest: str) -> None:
    known = _known()
    known.pop(place, None)
    known[place] = (stamp, digest)
    target = digests_file()
    # without a cache that can be written to, files are read through every time
    with contextlib.suppress(OSError):
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=target.parent, delete=False, encoding="utf-8") as stream:
            written = Path(stream.name)
            json.dump(dict(list(known.items())[-_MOST:]), stream)
        try:
            written.replace(target)
        finally:
            written.unlink(missing_ok=True)
