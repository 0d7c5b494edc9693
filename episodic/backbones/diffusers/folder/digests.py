"""Digests of a model's files. Those of weights are remembered, so that 30 GB are read through once, not at every start."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from episodic.progress import Reading, tell_reading

__all__ = ["digest_of", "digests_file", "fingerprint"]

_REMEMBERED_BYTES: Final = 16 << 20
"""Smaller files are read anew each time: that takes a hundredth of a second."""
_CHUNK: Final = 8 << 20
_MOST: Final = 4096
"""Files remembered, those seen last; a large model has some forty."""
_SHA256: Final = re.compile(r"[0-9a-f]{64}")

_Stamp = tuple[int, int, int, int]


def fingerprint(root: Path, parts: Sequence[str | Path]) -> str:
    """16 hex digits of a model's folder: texts, and files with their name, their size and all that is in them, in this order.

    Large files that have to be read are told to who listens (`episodic.progress`). Raises OSError.
    """
    print_of = hashlib.sha256()
    read = _Progress(root, [one for one in parts if isinstance(one, Path) and not _blob(root, one)])
    for part in parts:
        if isinstance(part, str):
            print_of.update(part.encode())
        else:
            found = _blob(root, part) or digest_of(part, read)
            print_of.update(f"{part.relative_to(root).as_posix()}\0{part.stat().st_size}\0{found}\0".encode())
    return print_of.hexdigest()[:16]


def digest_of(file: Path, read: Callable[[int], None] | None = None) -> str:
    """SHA-256 of a file, 64 hex digits. A large one is read only if it is not the same as when it was last read: by path, size, times
    and inode. `read`: told how many bytes of a large one were read, again and again. Raises OSError."""
    stamp = _stamp(file)
    if stamp[0] < _REMEMBERED_BYTES:
        return _read_through(file)
    known = _remembered(file, stamp, _known())
    if known is not None:
        return known
    found = _read_through(file, read)
    if _stamp(file) == stamp:
        _remember(str(file.resolve()), stamp, found)
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


class _Progress:
    """Counts what is read of a folder's large files. Called with a number of bytes."""

    def __init__(self, root: Path, files: Sequence[Path]) -> None:
        stamps = {file: _stamp(file) for file in files}
        large = [(file, one) for file, one in stamps.items() if one[0] >= _REMEMBERED_BYTES]
        self._root, self._bytes = root, 0
        known = _known() if large else {}
        self._of_bytes = sum(one[0] for file, one in large if _remembered(file, one, known) is None)

    def __call__(self, read: int) -> None:
        self._bytes += read
        tell_reading(Reading(root=self._root, bytes=self._bytes, of_bytes=self._of_bytes))


def _read_through(file: Path, read: Callable[[int], None] | None = None) -> str:
    with file.open("rb") as stream:
        if read is None:
            return hashlib.file_digest(stream, "sha256").hexdigest()
        digest = hashlib.sha256()
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
            read(len(chunk))
        return digest.hexdigest()


def _remembered(file: Path, stamp: _Stamp, known: Mapping[str, tuple[_Stamp, str]]) -> str | None:
    found = known.get(str(file.resolve()))
    return found[1] if found is not None and found[0] == stamp else None


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
