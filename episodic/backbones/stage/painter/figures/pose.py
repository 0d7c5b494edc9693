"""One frame of a body's motion, made safe to draw: every channel present and inside the range a body can take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from episodic.backbones.stage.model.latent import ACTOR

__all__ = ["BodyPose", "read_pose"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyPose:
    """The channels of `latent.ACTOR` that a figure draws, in the units given there. The caller applies x and z."""

    lift: float
    turn: float
    lean: float
    crouch: float
    stride_sin: float
    stride_cos: float
    bob: float
    arm_left_raise: float
    arm_left_bend: float
    arm_right_raise: float
    arm_right_bend: float
    head_turn: float
    head_nod: float
    head_tilt: float
    gaze_x: float
    gaze_y: float
    brow_raise: float
    brow_furrow: float
    lid: float
    smile: float
    breath: float
    tremble: float
    glow: float
    sway: float
    mouth_open: float
    mouth_wide: float

    @property
    def facing(self) -> float:
        """Where the face points, -1 left profile .. 1 right profile."""
        return max(-1.0, min(1.0, self.turn + 0.6 * self.head_turn))


_RANGES: Final[dict[str, tuple[float, float]]] = {
    "lift": (-1.0, 6.0),
    "turn": (-1.0, 1.0),
    "lean": (-1.2, 1.2),
    "crouch": (0.0, 1.0),
    "stride_sin": (-1.2, 1.2),
    "stride_cos": (-1.2, 1.2),
    "bob": (-0.15, 0.15),
    "arm_left_raise": (-0.5, 2.9),
    "arm_left_bend": (-0.2, 2.5),
    "arm_right_raise": (-0.5, 2.9),
    "arm_right_bend": (-0.2, 2.5),
    "head_turn": (-1.0, 1.0),
    "head_nod": (-0.6, 0.6),
    "head_tilt": (-0.5, 0.5),
    "gaze_x": (-1.0, 1.0),
    "gaze_y": (-1.0, 1.0),
    "brow_raise": (-1.0, 1.0),
    "brow_furrow": (-1.0, 1.0),
    "lid": (0.0, 1.15),
    "smile": (-1.0, 1.0),
    "breath": (-1.0, 1.0),
    "tremble": (0.0, 1.0),
    "glow": (0.0, 1.0),
    "sway": (-1.0, 1.0),
    "mouth_open": (0.0, 1.0),
    "mouth_wide": (-1.0, 1.0),
}
_REST: Final = {channel.name: channel.offset for channel in ACTOR} | {"mouth_open": 0.0, "mouth_wide": 0.0}


def read_pose(pose: Mapping[str, float]) -> BodyPose:
    """Read a frame of `SlotMotion.at`. A channel that is missing or no number is at rest; a value out of range is clipped."""
    values = {}
    for name, (low, high) in _RANGES.items():
        value = pose.get(name, _REST[name])
        if value != value:
            value = _REST[name]
        values[name] = low if value < low else high if value > high else value
    return BodyPose(**values)
