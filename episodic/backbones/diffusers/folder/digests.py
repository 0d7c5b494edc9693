"""Digests of a model's files. Those of weights are cached, so that 30 GB are read once, not at every start."""

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

from episodic.progress import ReadProgress, report_read

__all__ = ["digest_of", "digests_file", "fingerprint"]

_CACHED_BYTES: Final = 16 << 20
"""Smaller files are read each time, which takes a hundredth of a second."""
_CHUNK: Final = 8 << 20
_MOST: Final = 4096
"""Cached files, most recently used; a large model has some forty."""
_SHA256: Final = re.compile(r"[0-9a-f]{64}")

_Stamp = tuple[int, int, int, int]


def fingerprint(root: Path, parts: Sequence[str | Path]) -> str:
    """Return 16 hex digits over a model's folder: texts, and files with name, size and content, in this order.

    Reading large files is reported as progress (`episodic.progress`). Raises OSError.
    """
    total = hashlib.sha256()
    progress = _Progress(root, [part for part in parts if isinstance(part, Path) and not _blob(root, part)])
    for part in parts:
        if isinstance(part, str):
            total.update(part.encode())
        else:
            digest = _blob(root, part) or digest_of(part, progress)
            total.update(f"{part.relative_to(root).as_posix()}\0{part.stat().st_size}\0{digest}\0".encode())
    return total.hexdigest()[:16]


def digest_of(file: Path, progress: Callable[[int], None] | None = None) -> str:
    """Return the SHA-256 of a file, 64 hex digits. A large file is read only if it changed since: by path, size, times and inode.

    `progress`: called with the number of bytes after each chunk of a large file. Raises OSError.
    """
    stamp = _stamp(file)
    if stamp[0] < _CACHED_BYTES:
        return _compute_digest(file)
    cached = _cached_digest(file, stamp, _read_cache())
    if cached is not None:
        return cached
    digest = _compute_digest(file, progress)
    if _stamp(file) == stamp:
        _store_digest(str(file.resolve()), stamp, digest)
    return digest


def digests_file() -> Path:
    """Return the cache file of digests. It may be deleted."""
    folder = Path(os.environ.get("XDG_CACHE_HOME") or "~")
    return (folder if folder.is_absolute() else Path("~/.cache").expanduser()) / "episodic" / "digests.json"


def _blob(root: Path, file: Path) -> str:
    """Return the digest by which the hub's cache names a large file; empty for all others."""
    real = file.resolve()
    in_cache = root.parent.name == "snapshots" and real.parent == root.parents[1].resolve() / "blobs"
    return real.name if in_cache and _SHA256.fullmatch(real.name) else ""


def _stamp(file: Path) -> _Stamp:
    """Return size, times and inode of a file."""
    status = file.stat()
    # copying with times does not set back the time of change
    return status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino


class _Progress:
    """Counts the bytes read of a folder's large files. Called with a number of bytes."""

    def __init__(self, root: Path, files: Sequence[Path]) -> None:
        stamps = {file: _stamp(file) for file in files}
        large = [(file, stamp) for file, stamp in stamps.items() if stamp[0] >= _CACHED_BYTES]
        self._root, self._bytes = root, 0
        cache = _read_cache() if large else {}
        self._of_bytes = sum(stamp[0] for file, stamp in large if _cached_digest(file, stamp, cache) is None)

    def __call__(self, read: int) -> None:
        self._bytes += read
        report_read(ReadProgress(root=self._root, bytes=self._bytes, total_bytes=self._of_bytes))


def _compute_digest(file: Path, progress: Callable[[int], None] | None = None) -> str:
    with file.open("rb") as stream:
        if progress is None:
            return hashlib.file_digest(stream, "sha256").hexdigest()
        digest = hashlib.sha256()
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
            progress(len(chunk))
        return digest.hexdigest()


def _cached_digest(file: Path, stamp: _Stamp, cache: Mapping[str, tuple[_Stamp, str]]) -> str | None:
    """Return the cached digest of an unchanged file; None where there is none."""
    entry = cache.get(str(file.resolve()))
    return entry[1] if entry is not None and entry[0] == stamp else None


def _read_cache() -> dict[str, tuple[_Stamp, str]]:
    """Read the cache of digests; empty where the file is missing or damaged, so that digests are computed again."""
    try:
        entries = json.loads(digests_file().read_bytes())
        return {str(place): ((*map(int, stamp),), str(digest)) for place, (stamp, digest) in entries.items()}  # type: ignore[misc]
    except (OSError, ValueError, TypeError, AttributeError, RecursionError):
        return {}


def _store_digest(place: str, stamp: _Stamp, digest: str) -> None:
    cache = _read_cache()
    cache.pop(place, None)
    cache[place] = (stamp, digest)
    target = digests_file()
    # without a writable cache, files are read every time
    with contextlib.suppress(OSError):
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=target.parent, delete=False, encoding="utf-8") as stream:
            written = Path(stream.name)
            json.dump(dict(list(cache.items())[-_MOST:]), stream)
        try:
            written.replace(target)
        finally:
            written.unlink(missing_ok=True)
