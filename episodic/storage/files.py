"""Files on disk: atomic writes, their left-overs, and hashes of JSON values."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from pathlib import Path
from typing import Any

__all__ = ["canonical", "digest", "fsync", "left_by_live_process", "sweep_files", "write_atomically"]


def canonical(value: Any) -> bytes:
    """JSON with one spelling: sorted keys, no spaces, ASCII. The same value gives the same bytes on every machine."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False).encode("ascii")


def digest(value: Any) -> str:
    """SHA-256 of a JSON value's canonical bytes, in hex."""
    return hashlib.sha256(canonical(value)).hexdigest()


def write_atomically(path: Path, content: bytes | Path) -> None:
    """Replace `path` by bytes, or by a copy of a file, as one step: a reader, or a crash, sees the old file or the new one."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with temporary.open("wb") as file:
            if isinstance(content, Path):
                with content.open("rb") as source:
                    shutil.copyfileobj(source, file, 1 << 20)
            else:
                file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        fsync(path.parent)
    finally:
        temporary.unlink(missing_ok=True)


def sweep_files(folder: Path) -> None:
    """Remove the temporary files that killed `write_atomically` calls left in `folder`."""
    for left_over in folder.glob(".*.*"):
        if left_over.suffix.removeprefix(".").isdigit() and not left_by_live_process(left_over):
            left_over.unlink(missing_ok=True)


def left_by_live_process(left_over: Path) -> bool:
    """Whether the process whose number is the suffix of a temporary file's name still runs."""
    try:
        os.kill(int(left_over.suffix.removeprefix(".")), 0)
    except (ValueError, ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True


def fsync(path: Path) -> None:
    """Flush a file, or the entries of a folder, to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
