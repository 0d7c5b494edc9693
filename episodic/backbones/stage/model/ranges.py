"""What values a channel of the latent may take: bodies do not bend beyond these."""

from __future__ import annotations

from typing import Final

import numpy as np
from jaxtyping import Float32

from episodic.backbones.stage.model.latent import CHANNELS, SLOTS, channels_of

__all__ = ["clamp_to_ranges"]

_LIMITS: Final[dict[str, dict[str, tuple[float, float]]]] = {
    "actor": {
        "lift": (0.0, 2.5),
        "turn": (-1, 1),
        "crouch": (-0.1, 1.05),
        "arm_left_raise": (-0.2, 2.9),
        "arm_left_bend": (-0.1, 2.5),
        "arm_right_raise": (-0.2, 2.9),
        "arm_right_bend": (-0.1, 2.5),
        "head_turn": (-1, 1),
        "gaze_x": (-1, 1),
        "gaze_y": (-1, 1),
        "brow_raise": (-1, 1),
        "brow_furrow": (-1, 1),
        "lid": (0, 1.05),
        "smile": (-1, 1),
        "breath": (-1.2, 1.2),
        "tremble": (0, 1),
        "glow": (0, 1),
        "sway": (-1.2, 1.2),
    }
    | {f"mouth_open_{k}": (0.0, 1.0) for k in range(3)}
    | {f"mouth_wide_{k}": (-1.0, 1.0) for k in range(3)},
    "camera": {"log2_height": (-4.0, 6.0), "lens": (1.0, 3.5)},
    "light": {
        "azimuth": (-1, 1),
        "elevation": (0, 1),
        "intensity": (0, 1.3),
        "ambient": (0, 1),
        "haze": (0, 1),
        "flicker": (-1, 1),
        "contrast": (0, 1),
    },
    "set": dict.fromkeys(("precipitation", "activity", "practical", "water", "particles"), (0.0, 1.0))
    | {"wind": (-1, 1), "drift": (0, 2)},
    "sound": dict.fromkeys(("speech", "ambience", "impact"), (0.0, 1.0)),
}


def _bounds(low: bool) -> Float32[np.ndarray, "slot one channel"]:
    table = np.full((len(SLOTS), 1, CHANNELS), -np.inf if low else np.inf, np.float32)
    for index, slot in enumerate(SLOTS):
        limits = _LIMITS["actor" if slot.startswith("actor") else slot]
        for place, channel in enumerate(channels_of(slot)):
            if channel.name in limits:
                table[index, 0, place] = (limits[channel.name][0 if low else 1] - channel.offset) / channel.scale
    return table


_LOW: Final = _bounds(low=True)
_HIGH: Final = _bounds(low=False)


def clamp_to_ranges(latent: Float32[np.ndarray, "slot time {CHANNELS}"]) -> Float32[np.ndarray, "slot time {CHANNELS}"]:
    """Clip every stored channel to its range; slots that are all zero stay so."""
    empty = ~latent.any(axis=(1, 2), keepdims=True)
    return np.where(empty, latent, np.clip(latent, _LOW, _HIGH)).astype(np.float32)
