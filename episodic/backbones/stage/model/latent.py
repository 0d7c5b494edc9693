"""The latent of `stage`: what every number in it means, and how it becomes motion at any frame rate.

A latent is one tensor [slot, time, channel] at 8 Hz. Slots: four actors, camera, light, set, sound. Every slot has 32 channels,
of which each kind of slot uses the first few named below; the rest are zero. Channels are stored normalised,
`stored = (value - offset) / scale`, so that what a denoiser sees has about unit variance. The painter and the mix read
values in the units given here (`decode`).

Conventions: x to the right of the picture, z away from the camera, y up, all in metres; angles in radians unless a range is given;
"left" and "right" arms are the picture's left and right when the figure faces the camera.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from jaxtyping import Float, Float32

__all__ = [
    "ACTOR",
    "ACTOR_SLOTS",
    "CAMERA",
    "CHANNELS",
    "CONTEXT",
    "LATENT_HZ",
    "LIGHT",
    "MEMORY",
    "SET",
    "SLOTS",
    "SOLO_FRAMES",
    "SOUND",
    "Channel",
    "SlotMotion",
    "cast_slots",
    "channels_of",
    "decode",
    "decode_at",
    "encode",
    "slot_kind",
]

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
SlotKind = Literal["actor", "camera", "light", "set", "sound"]


@dataclass(frozen=True, slots=True)
class Channel:
    """One number of a latent frame. `stored = (value - offset) / scale`."""

    name: str
    unit: str
    offset: float = 0.0
    scale: float = 1.0


ACTOR: Final = (
    Channel("x", "m, right positive, about -5..5", 0.0, 2.0),
    Channel("z", "m away from the camera, 0 (front)..6", 2.5, 1.2),
    Channel("lift", "m above the floor: jump, hover", 0.0, 0.4),
    Channel("turn", "-1 left profile .. 0 facing the camera .. 1 right profile", 0.0, 0.6),
    Channel("lean", "rad, positive tips the body to the picture's right", 0.0, 0.2),
    Channel("crouch", "0 standing .. 0.55 sitting .. 1 on the floor", 0.0, 0.35),
    Channel("stride_sin", "gait amplitude * sin(gait phase); amplitude 0 still, 0.6 walk, 1 run", 0.0, 0.5),
    Channel("stride_cos", "gait amplitude * cos(gait phase)", 0.0, 0.5),
    Channel("bob", "m of vertical bounce", 0.0, 0.04),
    Channel("arm_left_raise", "rad, 0 hanging .. 1.5 horizontal .. 2.8 overhead", 0.4, 0.7),
    Channel("arm_left_bend", "rad at the elbow, 0 straight .. 2.4 folded", 0.6, 0.7),
    Channel("arm_right_raise", "as left", 0.4, 0.7),
    Channel("arm_right_bend", "as left", 0.6, 0.7),
    Channel("head_turn", "-1..1 relative to the body's turn", 0.0, 0.4),
    Channel("head_nod", "rad, positive looks down", 0.0, 0.2),
    Channel("head_tilt", "rad, positive tips to the picture's right", 0.0, 0.15),
    Channel("gaze_x", "-1 left..1 right, of the eyes in the head", 0.0, 0.5),
    Channel("gaze_y", "-1 down..1 up", 0.0, 0.35),
    Channel("brow_raise", "-1 low..1 high", 0.0, 0.4),
    Channel("brow_furrow", "-1 worried (inner ends up)..1 angry (inner ends down)", 0.0, 0.4),
    Channel("lid", "0 closed..1 open", 0.85, 0.3),
    Channel("smile", "-1 corners down..1 up", 0.1, 0.4),
    Channel("mouth_open_0", "0..1 at the frame's time", 0.12, 0.22),
    Channel("mouth_open_1", "0..1 a third of a frame later", 0.12, 0.22),
    Channel("mouth_open_2", "0..1 two thirds of a frame later", 0.12, 0.22),
    Channel("mouth_wide_0", "-1 round..1 spread", 0.0, 0.35),
    Channel("mouth_wide_1", "-1 round..1 spread", 0.0, 0.35),
    Channel("mouth_wide_2", "-1 round..1 spread", 0.0, 0.35),
    Channel("breath", "-1 out..1 in", 0.0, 0.6),
    Channel("tremble", "0..1", 0.05, 0.2),
    Channel("glow", "0..1 inner light of spirits, robots' lamps, cheeks", 0.4, 0.25),
    Channel("sway", "-1..1 of hair, cloth, tail, leaves", 0.0, 0.5),
)
CAMERA: Final = (
    Channel("x", "m, what the camera is centred on", 0.0, 1.5),
    Channel("y", "m above the floor, what it is centred on", 1.3, 0.6),
    Channel("log2_height", "log2 of the metres the picture is high at the focus plane", 1.2, 0.9),
    Channel("focus_z", "m, depth of the focus plane", 2.5, 1.0),
    Channel("lens", "distance to the focus plane / height of the picture there; 1.2 wide angle..3 long lens", 2.0, 0.5),
    Channel("roll", "rad", 0.0, 0.03),
    Channel("shake_x", "m", 0.0, 0.03),
    Channel("shake_y", "m", 0.0, 0.03),
)
LIGHT: Final = (
    Channel("azimuth", "-1 from the picture's left..1 from its right", 0.0, 0.6),
    Channel("elevation", "0 level..1 overhead", 0.5, 0.25),
    Channel("intensity", "0..1.2 of the key", 0.8, 0.2),
    Channel("ambient", "0..1 fill", 0.45, 0.2),
    Channel("log2_temperature", "log2(kelvin / 5000)", 0.0, 0.5),
    Channel("haze", "0..1", 0.2, 0.2),
    Channel("flicker", "-1..1 at this moment (fire, lightning, neon)", 0.0, 0.2),
    Channel("contrast", "0..1", 0.5, 0.2),
)
SET: Final = (
    Channel("wind", "-1..1 at this moment", 0.0, 0.4),
    Channel("precipitation", "0..1 rain or snow", 0.2, 0.3),
    Channel("drift", "clouds, m/s at the horizon", 0.3, 0.3),
    Channel("activity", "0..1 life in the background", 0.4, 0.25),
    Channel("practical", "0..1 lamps, windows, screens on the set", 0.5, 0.3),
    Channel("water", "0..1 height of waves", 0.3, 0.25),
    Channel("particles", "0..1 dust, leaves, sparks, bubbles", 0.2, 0.2),
)
SOUND: Final = (
    Channel("speech", "0..1 loudness of speech", 0.3, 0.3),
    Channel("ambience", "0..1 level of the bed", 0.5, 0.2),
    Channel("impact", "0..1 steps, blows, thunder", 0.1, 0.2),
)

_TABLE: Final[dict[SlotKind, tuple[Channel, ...]]] = {
    "actor": ACTOR,
    "camera": CAMERA,
    "light": LIGHT,
    "set": SET,
    "sound": SOUND,
}


def slot_kind(slot: str) -> SlotKind:
    """The kind of a slot name of `SLOTS`."""
    return "actor" if slot.startswith("actor") else slot  # type: ignore[return-value]


def channels_of(slot: str) -> tuple[Channel, ...]:
    """The channels a slot uses."""
    return _TABLE[slot_kind(slot)]


def cast_slots(performers: int) -> tuple[int, ...]:
    """Return the slots of a shot with `performers` performers. Actor slots without a performer are left out."""
    return (*range(performers), *range(ACTOR_SLOTS, len(SLOTS)))


@dataclass(frozen=True, slots=True)
class SlotMotion:
    """One slot's motion in units, at the picture's frame rate. `values[name]` is [frame]."""

    values: dict[str, Float32[np.ndarray, " frame"]]

    def at(self, frame: int) -> dict[str, float]:
        """All channels at one frame."""
        return {name: float(track[frame]) for name, track in self.values.items()}


def encode(slot: str, values: dict[str, Float[np.ndarray, " time"]]) -> Float32[np.ndarray, "time {CHANNELS}"]:
    """Units to stored numbers for one slot. `values` holds every channel of the slot at 8 Hz."""
    tracks = [(np.asarray(values[c.name], np.float32) - c.offset) / c.scale for c in channels_of(slot)]
    latent = np.zeros((len(tracks[0]), CHANNELS), np.float32)
    latent[:, : len(tracks)] = np.stack(tracks, axis=1)
    return latent


def decode(slot: str, latent: Float[np.ndarray, "time {CHANNELS}"], frames: int, fps: int) -> SlotMotion:
    """Stored numbers at 8 Hz to units at `fps`: cubic between latent frames; mouths, stored at 24 Hz, linear."""
    return decode_at(slot, latent, np.arange(frames, dtype=np.float64) * LATENT_HZ / fps)


def decode_at(slot: str, latent: Float[np.ndarray, "time {CHANNELS}"], time: Float[np.ndarray, " frame"]) -> SlotMotion:
    """As `decode`, at any moments: `time` counts latent frames, so seconds times `LATENT_HZ`. Held before the first and after the last."""
    tracks: dict[str, np.ndarray] = {}
    for index, channel in enumerate(channels_of(slot)):
        if channel.name.startswith("mouth_"):
            continue
        tracks[channel.name] = (_cubic(latent[:, index], time) * channel.scale + channel.offset).astype(np.float32)
    if slot_kind(slot) == "actor":
        names = [c.name for c in ACTOR]
        for name in ("mouth_open", "mouth_wide"):
            first = names.index(f"{name}_0")
            fine = latent[:, first : first + 3].reshape(-1).astype(np.float64)
            channel = ACTOR[first]
            values = np.interp(time * 3, np.arange(len(fine)), fine)
            tracks[name] = (values * channel.scale + channel.offset).astype(np.float32)
    return SlotMotion(tracks)


def _cubic(track: Float[np.ndarray, " time"], at: Float[np.ndarray, " frame"]) -> Float[np.ndarray, " frame"]:
    """Catmull-Rom through the samples; held at the ends."""
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
