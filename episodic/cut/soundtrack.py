"""The scenes' mixes laid end to end on the film, crossfaded where one scene dissolves into the next."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from typing import TypeAlias

import numpy as np
from jaxtyping import Float32

from episodic.cut.errors import CutError
from episodic.cut.timeline import SAMPLE_RATE, PlacedScene, Timeline, sample_at

__all__ = ["OpenMix", "scene_samples", "soundtrack"]

Block: TypeAlias = Float32[np.ndarray, "sample 2"]
OpenMix: TypeAlias = Callable[[str], Iterable[Block]]
"""Opens the mix of a scene by its id: stereo at 48 kHz in blocks of any length."""


def scene_samples(scene: PlacedScene, fps: int) -> int:
    """Return the length of a scene's mix in samples, from its first frame on the film to its last."""
    return sample_at(scene.end, fps) - sample_at(scene.start, fps)


def soundtrack(timeline: Timeline, open_mix: OpenMix) -> Iterator[Block]:
    """Yield the film's sound, `timeline.samples` in all. One mix is open at a time; only an overlap is in memory.

    The crossfade is linear: the sum is never louder than the louder of the two, so the mix's peak limit holds. A mix may be up to a
    frame of picture too long or too short (it is cut or filled with silence); more raises CutError.
    """
    outgoing: Block = np.zeros((0, 2), np.float32)
    for number, scene in enumerate(timeline.scenes):
        following = timeline.scenes[number + 1] if number + 1 < len(timeline.scenes) else None
        begin, end = sample_at(scene.start, timeline.fps), sample_at(scene.end, timeline.fps)
        keep = end - sample_at(following.start, timeline.fps) if following else 0
        exact = _exactly(open_mix(scene.id), end - begin, timeline.fps, scene.id)
        entered = _crossfaded_in(exact, outgoing)
        outgoing = yield from _all_but_last(entered, keep)


def _exactly(blocks: Iterable[Block], expected: int, fps: int, scene: str) -> Iterator[Block]:
    """Fit a mix to its length: fill or cut off up to one frame of picture. Raises CutError for more."""
    received, slack = 0, -(-SAMPLE_RATE // fps)
    for block in blocks:
        take = min(len(block), max(0, expected - received))
        received += len(block)
        if take:
            yield block[:take]
        if received > expected + slack:
            break
    if abs(received - expected) > slack:
        raise CutError(f"the mix of scene {scene} does not fit its pictures: expected {expected} samples, found {received}")
    if received < expected:
        yield np.zeros((expected - received, 2), np.float32)


def _crossfaded_in(blocks: Iterable[Block], outgoing: Block) -> Iterator[Block]:
    """Crossfade from `outgoing`, the end of the scene before, into the first samples of `blocks`."""
    position, length = 0, len(outgoing)
    for block in blocks:
        shared = min(len(block), length - position)
        if shared > 0:
            rise = ((np.arange(position, position + shared, dtype=np.float32) + 0.5) / length)[:, None]
            head = block[:shared] * rise + outgoing[position : position + shared] * (1 - rise)
            yield head.astype(np.float32)
            position += shared
            block = block[shared:]
        if len(block):
            yield block


def _all_but_last(blocks: Iterable[Block], keep: int) -> Generator[Block, None, Block]:
    """Yield all but the last `keep` samples; return those."""
    pending: Block = np.zeros((0, 2), np.float32)
    for block in blocks:
        pending = np.concatenate([pending, block]) if keep else block
        if len(pending) > keep:
            yield pending[: len(pending) - keep]
            pending = pending[len(pending) - keep :]
    return pending
