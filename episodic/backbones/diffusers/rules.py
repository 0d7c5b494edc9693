"""The frame counts, sizes and rate that a model can shoot. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from episodic.errors import InputError

__all__ = ["SOUND_HZ", "Rules", "longest"]

SOUND_HZ: Final = 48_000
"""Sample rate of all sound that enters or leaves a window."""


def longest(frames: int, step: int) -> int:
    """Return the largest count of the form `step` k + 1 that is at most `frames`."""
    return (frames - 1) // step * step + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The limits of a model. Frame counts are `frame_step` k + `frame_offset`, sides are multiples of `side_multiple` pixels."""

    fps: int
    """The rate the model was trained at, frames per second."""
    frame_step: int
    frame_offset: int
    most_frames: int
    """The longest window, itself a valid count."""
    side_multiple: int
    size: tuple[int, int]
    """Width and height it was trained at, pixels; takes are shot at about this area, in the film's shape."""
    least_side: int = 1
    """The shortest side that it can shoot, pixels."""
    least_frames: int = 1
    steps: int = 30
    """Denoising steps of a take at full quality."""
    guidance: float = 5.0
    """Classifier-free guidance of a take at full quality; 1.0 is none."""
    draft_steps: int = 8
    """Denoising steps of a draft, which is only judged."""

    def __post_init__(self) -> None:
        if (self.most_frames - self.frame_offset) % self.frame_step:
            raise ValueError(f"{self.most_frames} frames are not {self.frame_step} k + {self.frame_offset}")

    def frames_for(self, frames: int) -> int:
        """Return the smallest valid frame count of at least `frames`, at most the longest window."""
        least = max(frames, self.least_frames, self.frame_offset)
        steps = math.ceil((least - self.frame_offset) / self.frame_step)
        return min(self.frame_offset + steps * self.frame_step, self.most_frames)

    def size_for(self, width: int, height: int, area: float | None = None) -> tuple[int, int]:
        """Return the valid size of about `area` pixels (by default the trained area) whose shape is nearest to width:height.

        The area is larger where a side would be too short.
        """
        side, shape = self.side_multiple, width / height
        least = max(1, math.ceil(self.least_side / side))
        high = max(math.sqrt((area or self.size[0] * self.size[1]) / shape), least * side, least * side / shape)
        area = high * high * shape
        rows = {max(least, math.floor(high / side)), math.ceil(high / side)}
        sizes = {
            (max(least, columns) * side, row * side)
            for row in rows
            for columns in (math.floor(row * shape), math.ceil(row * shape))
        }

        def deviation(size: tuple[int, int]) -> tuple[float, tuple[int, int]]:
            return abs(math.log(size[0] / size[1] / shape)) + 0.25 * abs(math.log(size[0] * size[1] / area)), size

        return min(sizes, key=deviation)

    def check_size(self, width: int, height: int, model: str) -> None:
        """Raise InputError, naming the nearest valid size, where `model` cannot shoot this one."""
        side = self.side_multiple
        least_side = math.ceil(self.least_side / side) * side
        near = tuple(max(side, least_side, round(length / side) * side) for length in (width, height))
        if near != (width, height):
            least = f" of at least {self.least_side}" if self.least_side > side else ""
            raise InputError(
                f"{model} cannot shoot {width}x{height}: both sides must be multiples of {side} pixels{least}; nearest: {near[0]}x{near[1]}"
            )
