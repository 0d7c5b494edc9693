"""Finishing a sampled take: its windows get the colours of the frames that they continue. Needs no model."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import UInt8

from episodic.backbones.footage import Footage
from episodic.backbones.take import Rushes, Take
from episodic.consistency.colour import anchor_of, correct_chain, seen_in_chain
from memory.model.facts import FactValue

__all__ = ["chain_pictures", "finish_take", "match_window", "unfinished_window"]

Frames = UInt8[np.ndarray, "_ _ _ 3"]
"""[frame, height, width, 3]"""
Pictures = Sequence[UInt8[np.ndarray, "_ _ 3"]]


def unfinished_window(window: Frames, known: Frames | None, seen: Pictures | None) -> dict[str, np.ndarray]:
    """Return a take's last window as it was sampled, for `finish_take`.

    `known`: the frames that it begins with, in their final colours. `seen`: small pictures of the chain so far; None where colours are
    not matched.
    """
    arrays = {"window": window, "known": window[:0] if known is None else known}
    if seen is not None:
        arrays["seen"] = np.stack(seen) if seen else np.zeros((0, 1, 1, 3), np.uint8)
    return arrays


def finish_take(rushes: Rushes) -> Take:
    """Finish the take of an open video model. Deterministic in `rushes`."""
    take, unfinished = rushes.take, rushes.unfinished
    if not unfinished:
        return take
    if take.footage is None:
        raise ValueError(f"rushes of shot {take.shot_id} without footage; the backbone is at fault")
    known, seen = unfinished["known"], list(unfinished["seen"]) if "seen" in unfinished else None
    last = match_window(unfinished["window"], known, seen)[len(known) :]
    frames = np.concatenate([take.footage.read(), last])[: int(take.arrays["frames"][0])]
    arrays = {**take.arrays, **({} if seen is None else {"seen": np.stack(chain_pictures(last, seen))})}
    notes: Mapping[str, FactValue] = {"anchor": _anchor_values(frames), **take.notes}
    return dataclasses.replace(take, arrays=arrays, notes=notes, footage=Footage.of(frames, take.footage.fps))


def match_window(frames: Frames, known: Frames, seen: Pictures | None) -> Frames:
    """Match a window's frames to the colours of its known frames, which stay unchanged."""
    if not len(known):
        return frames
    matched = frames if seen is None else correct_chain(frames, len(known), known, seen=seen)
    return np.concatenate([known, matched[len(known) :]])


def chain_pictures(frames: Frames, seen: Pictures) -> list[UInt8[np.ndarray, "_ _ 3"]]:
    """Add a window's small pictures to those of the chain. A draft may have another shape than the take that it continues."""
    pictures = seen_in_chain(frames, seen)
    return [picture for picture in pictures if picture.shape == pictures[-1].shape]


def _anchor_values(frames: Frames) -> dict[str, FactValue]:
    """Return the colours of a take as its notes have them."""
    return {name: [*values] for name, values in anchor_of(frames).to_json().items()}
