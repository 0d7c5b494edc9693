"""Stems on disk: FLAC, 48 kHz stereo, 24 bit. Read and written in blocks, so that length costs no memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import av
import numpy as np
from jaxtyping import Float32

from episodic.sound.audio import SAMPLE_RATE

__all__ = ["read_stem", "write_stem"]

_FULL_SCALE = 2.0**31
_BLOCK = SAMPLE_RATE // 2


def write_stem(path: Path, blocks: Iterable[Float32[np.ndarray, "sample 2"]]) -> int:
    """Write blocks one after another; return how many samples. Louder than full scale is clipped."""
    written = 0
    with av.open(path, "w", format="flac", container_options={"fflags": "+bitexact"}) as box:
        stream = box.add_stream("flac", rate=SAMPLE_RATE, layout="stereo", format="s32")
        stream.codec_context.flags |= av.codec.context.Flags.bitexact
        stream.codec_context.thread_count = 1
        for block in blocks:
            for start in range(0, len(block), _BLOCK):
                part = block[start : start + _BLOCK].astype(np.float64) * _FULL_SCALE
                whole = np.clip(np.round(part), -_FULL_SCALE, _FULL_SCALE - 256).astype(np.int32)
                frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(whole.reshape(1, -1)), format="s32", layout="stereo")
                frame.sample_rate, frame.pts = SAMPLE_RATE, written
                for packet in stream.encode(frame):
                    box.mux(packet)
                written += len(whole)
        for packet in stream.encode(None):
            box.mux(packet)
    return written


def read_stem(path: Path) -> Iterator[Float32[np.ndarray, "sample 2"]]:
    """Read a stem in blocks."""
    with av.open(path) as box:
        for frame in box.decode(audio=0):
            samples = frame.to_ndarray().reshape(-1, 2)
            yield (samples.astype(np.float64) / _FULL_SCALE).astype(np.float32)
