"""From what a model sampled to the take: its windows in the colours of what they go on from. Needs no model."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from jaxtyping import UInt8

from episodic.backbones.footage import Footage
from episodic.backbones.take import Rushes, Take
from episodic.consistency.colour import anchor_of, correct_chain, seen_in_chain

__all__ = ["agree_window", "finish_take", "left_unfinished", "seen_so_far"]

Frames = UInt8[np.ndarray, "frame height width 3"]
Seen = Sequence[UInt8[np.ndarray, "height width 3"]]


def left_unfinished(window: Frames, known: Frames | None, seen: Seen | None) -> dict[str, np.ndarray]:
    """A take's last window as it was sampled, for `finish_take`.

    `known`: the frames that it begins with, as they were kept. `seen`: small pictures of the chain so far; None where colours are left
    as they are.
    """
    left = {"window": window, "known": window[:0] if known is None else known}
    if seen is not None:
        left["seen"] = np.stack(seen) if seen else np.zeros((0, 1, 1, 3), np.uint8)
    return left


def finish_take(rushes: Rushes) -> Take:
    """The take of an open video model. Deterministic in `rushes`."""
    take, left = rushes.take, rushes.unfinished
    if not left:
        return take
    if take.footage is None:
        raise ValueError(f"rushes of shot {take.shot_id} without footage; the backbone is at fault")
    known, seen = left["known"], list(left["seen"]) if "seen" in left else None
    last = agree_window(left["window"], known, seen)[len(known) :]
    frames = np.concatenate([take.footage.read(), last])[: int(take.arrays["frames"][0])]
    arrays = {**take.arrays, **({} if seen is None else {"seen": np.stack(seen_so_far(last, seen))})}
    notes: Mapping[str, Any] = {"anchor": _rounded(frames), **take.notes}
    return dataclasses.replace(take, arrays=arrays, notes=notes, footage=Footage.of(frames, take.footage.fps))


def agree_window(frames: Frames, known: Frames, seen: Seen | None) -> Frames:
    """A window's frames in the colours of what it goes on from, its known frames as they were."""
    if not len(known):
        return frames
    agreed = frames if seen is None else correct_chain(frames, len(known), known, seen=seen)
    return np.concatenate([known, agreed[len(known) :]])


def seen_so_far(frames: Frames, seen: Seen) -> list[UInt8[np.ndarray, "height width 3"]]:
    """Small pictures of the chain with what a window added to it. A draft may be of another shape than the take it goes on from."""
    held = seen_in_chain(frames, seen)
    return [one for one in held if one.shape == held[-1].shape]


def _rounded(frames: Frames) -> dict[str, list[float]]:
    return {name: [*values] for name, values in anchor_of(frames).to_json().items()}
