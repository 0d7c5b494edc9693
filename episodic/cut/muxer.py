"""Write an MP4 so that it appears whole or not at all, and so that a failed write names the file and the reason."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from io import BufferedIOBase
from pathlib import Path

import av
from av.container import OutputContainer
from av.packet import Packet
from av.stream import Stream

from episodic.cut.errors import write_faults

__all__ = ["Muxer", "muxing", "replacing"]


class Muxer:
    """An MP4 being written. Streams are added to `box`; packets go through `mux`, which raises CutError, DiskFull."""

    def __init__(self, box: OutputContainer, path: Path) -> None:
        self.box = box
        self._path = path

    def start(self) -> None:
        """Open the encoders and the file and write its header. No stream can be added afterwards."""
        with write_faults(self._path):
            self.box.start_encoding()

    def mux(self, packet: Packet[Stream]) -> None:
        """Write one packet, interleaved with the other streams by decoding time."""
        with write_faults(self._path):
            self.box.mux_one(packet)


@contextmanager
def muxing(target: Path | BufferedIOBase, path: Path, options: Mapping[str, str]) -> Iterator[Muxer]:
    """Write an MP4 into `target`; errors name `path`. Neither the wall clock nor a library version goes into the file.

    The file is complete when the block ends. If the block raises, the file is closed and unusable.
    """
    where = str(target) if isinstance(target, Path) else target
    with write_faults(path):
        box = av.open(where, "w", format="mp4", container_options={"fflags": "+bitexact", **options})
    try:
        yield Muxer(box, path)
    except BaseException:
        # The first error is the one to report; closing only frees the handle.
        with suppress(OSError, av.FFmpegError):
            box.close()
        raise
    with write_faults(path):
        box.close()


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary path in the same folder. On success the file is synced to disk and replaces `path` at once.

    On any error the temporary file is removed and `path` is unchanged. A temporary file that a killed run has left is overwritten.
    Only one process may write a given path at a time. Raises CutError if syncing or renaming fails.
    """
    temporary = path.with_name(f".{path.name}.part")
    try:
        yield temporary
        with write_faults(path):
            _sync(temporary)
            temporary.replace(path)
            _sync(path.parent)
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def _sync(path: Path) -> None:
    """Flush a file or folder to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
