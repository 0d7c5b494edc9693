"""The range of values that each channel of the latent may take."""

from __future__ import annotations

from typing import Final, Literal

import numpy as np
from jaxtyping import Float32

from episodic.backbones.stage.model.latent import CHANNELS, SLOTS, channels_of

__all__ = ["clamp_to_ranges"]


def _limits(end: Literal["low", "high"]) -> Float32[np.ndarray, "slot 1 channel"]:
    """Return the lower or the upper limit of every channel, in stored units; infinite where there is none."""
    table = np.full((len(SLOTS), 1, CHANNELS), -np.inf if end == "low" else np.inf, np.float32)
    for index, slot in enumerate(SLOTS):
        for column, channel in enumerate(channels_of(slot)):
            limit = channel.low if end == "low" else channel.high
            if limit is not None:
                table[index, 0, column] = (limit - channel.offset) / channel.scale
    return table


_LOW: Final = _limits("low")
_HIGH: Final = _limits("high")


def clamp_to_ranges(latent: Float32[np.ndarray, "slot time channel=32"]) -> Float32[np.ndarray, "slot time channel=32"]:
    """Clip every stored channel to its range. A slot that is all zero stays zero."""
    empty = ~latent.any(axis=(1, 2), keepdims=True)
    return np.where(empty, latent, np.clip(latent, _LOW, _HIGH)).astype(np.float32)
