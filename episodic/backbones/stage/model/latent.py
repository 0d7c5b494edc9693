"""The latent of `stage`: what every number in it means, and how it becomes motion at any frame rate.

A latent is one tensor [slot, time, channel] at 8 Hz. Slots: four actors, camera, light, set, sound. Every slot has 32 channels,
of which each kind of slot uses the first few, listed in `data/channels.tsv`; the rest are zero. Channels are stored normalised,
`stored = (value - offset) / scale`, so that the denoiser's input has about unit variance. The painter and the mix read values in
the units given here (`decode`).

Conventions: x to the right of the picture, z away from the camera, y up, all in metres; angles in radians unless a range is given;
"left" and "right" arms are the picture's left and right when the figure faces the camera.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, TypeAlias, get_args

import numpy as np
from einops import rearrange
from jaxtyping import Float, Float32

from episodic.looks.data_files import read_rows

__all__ = [
    "ACTOR",
    "ACTOR_SLOTS",
    "CHANNELS",
    "CONTEXT",
    "LATENT_HZ",
    "MEMORY",
    "SLOTS",
    "SOLO_FRAMES",
    "SOUND",
    "Channel",
    "SlotKind",
    "SlotMotion",
    "cast_slots",
    "channels_of",
    "decode",
    "decode_at",
    "encode",
    "slot_kind",
]

_DATA: Final = Path(__file__).with_name("data")

LATENT_HZ: Final = 8
CHANNELS: Final = 32
ACTOR_SLOTS: Final = 4
CONTEXT: Final = 8
"""Latent frames at the end of a take that the take continuing it receives."""
MEMORY: Final = 64
"""Numbers in a memory embedding."""
SOLO_FRAMES: Final = 40
"""Latent frames of a take that is embedded to remember a character or a place: five seconds."""
SLOTS: Final = ("actor0", "actor1", "actor2", "actor3", "camera", "light", "set", "sound")
SlotKind: TypeAlias = Literal["actor", "camera", "light", "set", "sound"]


@dataclass(frozen=True, slots=True)
class Channel:
    """One number of a latent frame. `stored = (value - offset) / scale`."""

    name: str
    unit: str
    offset: float
    scale: float
    low: float | None = None
    """The least value that a sampled take may have, in `unit`; None if there is no limit."""
    high: float | None = None


_CHANNELS: Final[Mapping[SlotKind, tuple[Channel, ...]]] = {
    kind: tuple(channel for slot, channel in read_rows("channels.tsv", Channel, _DATA) if slot == kind)
    for kind in get_args(SlotKind)
}
ACTOR: Final = _CHANNELS["actor"]
SOUND: Final = _CHANNELS["sound"]


def slot_kind(slot: str) -> SlotKind:
    """Return the kind of a slot of `SLOTS`."""
    return "actor" if slot.startswith("actor") else slot  # type: ignore[return-value]


def channels_of(slot: str) -> tuple[Channel, ...]:
    """Return the channels that a slot uses."""
    return _CHANNELS[slot_kind(slot)]


def cast_slots(performers: int) -> tuple[int, ...]:
    """Return the slots of a shot with `performers` performers. Actor slots without a performer are left out."""
    return (*range(performers), *range(ACTOR_SLOTS, len(SLOTS)))


@dataclass(frozen=True, slots=True)
class SlotMotion:
    """The motion of one slot in units, at the frame rate of the picture. `values[name]` is [frame]."""

    values: dict[str, Float32[np.ndarray, " frame"]]

    def at(self, frame: int) -> dict[str, float]:
        """Return all channels at one frame."""
        return {name: float(track[frame]) for name, track in self.values.items()}


def encode(slot: str, values: dict[str, Float[np.ndarray, " time"]]) -> Float32[np.ndarray, "time channel=32"]:
    """Convert units to stored numbers for one slot. `values` holds every channel of the slot at 8 Hz."""
    tracks = [(np.asarray(values[c.name], np.float32) - c.offset) / c.scale for c in channels_of(slot)]
    latent = np.zeros((len(tracks[0]), CHANNELS), np.float32)
    latent[:, : len(tracks)] = np.stack(tracks, axis=1)
    return latent


def decode(slot: str, latent: Float[np.ndarray, "time channel=32"], frames: int, fps: int) -> SlotMotion:
    """Convert stored numbers at 8 Hz to units at `fps`: cubic between latent frames; mouths, stored at 24 Hz, linear."""
    return decode_at(slot, latent, np.arange(frames, dtype=np.float64) * LATENT_HZ / fps)


def decode_at(slot: str, latent: Float[np.ndarray, "time channel=32"], time: Float[np.ndarray, " frame"]) -> SlotMotion:
    """Decode at arbitrary moments. `time` counts latent frames (seconds times `LATENT_HZ`); it is clipped to the latent."""
    tracks: dict[str, np.ndarray] = {}
    for index, channel in enumerate(channels_of(slot)):
        if channel.name.startswith("mouth_"):
            continue
        tracks[channel.name] = (_cubic(latent[:, index], time) * channel.scale + channel.offset).astype(np.float32)
    if slot_kind(slot) == "actor":
        names = [c.name for c in ACTOR]
        for name in ("mouth_open", "mouth_wide"):
            first = names.index(f"{name}_0")
            fine = rearrange(latent[:, first : first + 3], "time third -> (time third)").astype(np.float64)
            channel = ACTOR[first]
            values = np.interp(time * 3, np.arange(len(fine)), fine)
            tracks[name] = (values * channel.scale + channel.offset).astype(np.float32)
    return SlotMotion(tracks)


def _cubic(track: Float[np.ndarray, " time"], at: Float[np.ndarray, " frame"]) -> Float[np.ndarray, " frame"]:
    """Interpolate by Catmull-Rom splines through the samples, constant beyond the ends."""
    track = track.astype(np.float64)
    last = len(track) - 1
    at = np.clip(at, 0, last)
    i = np.minimum(at.astype(int), max(last - 1, 0))
    t = at - i
    p0, p1, p2, p3 = (track[np.clip(i + k, 0, last)] for k in (-1, 0, 1, 2))
    curve: Float[np.ndarray, " frame"] = p1 + 0.5 * t * (
        p2 - p0 + t * (2 * p0 - 5 * p1 + 4 * p2 - p3 + t * (3 * (p1 - p2) + p3 - p0))
    )
    return curve
