"""One call of a video pipeline in neutral terms: the window that goes in, and the result that comes out. Imports torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Float32, UInt8
from torch import Tensor

from episodic.backbones.diffusers.rules import SOUND_HZ
from episodic.consistency.step_hook import StepHook
from episodic.series.shooting_settings import ControlKind

__all__ = ["SOUND_HZ", "Frames", "Memory", "Picture", "Sound", "Window", "WindowResult"]

Picture = UInt8[np.ndarray, "_ _ 3"]
"""[height, width, 3]. The axes have no names: one function may take pictures of several sizes."""
Frames = UInt8[np.ndarray, "_ _ _ 3"]
"""[frame, height, width, 3]"""
Sound = Float32[np.ndarray, "_ _"]
"""[channel, sample]"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """A remembered picture of an entity that a model is shown, with the sound of that moment where it is known."""

    name: str
    """Its name in the take's receipt (`ReferencePicture.name`)."""
    entity: str
    picture: Picture
    """Any size; families scale it and keep its shape."""
    sound: Sound | None = None
    """At 48 kHz."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """One call of a pipeline. An optional field is None or empty where it is not wanted or the model cannot take it."""

    frames: int
    """A valid count by the family's rules."""
    width: int
    height: int
    fps: int
    seed: int
    steps: int
    guidance: float
    encoded: Mapping[str, Tensor]
    """The result of `Family.encode_prompt`, read back from disk."""
    references: tuple[Memory, ...] = ()
    """Most important first, never more than the capabilities allow."""
    known: Frames | None = None
    """The window's first frames where they are known: the end of the take that it continues, at the window's size. Their count is one
    of `Family.known_frames`."""
    known_sound: Sound | None = None
    """The sound during `known`, 48 kHz."""
    first_frame: Picture | None = None
    """A picture made for this shot to begin with; never together with `known`."""
    last_frame: Picture | None = None
    control: Mapping[ControlKind, Frames] = field(default_factory=dict)
    """Control video from the previsualisation, at the window's size, rate and length."""
    speech: Sound | None = None
    """Speech in the window, 48 kHz, mono as [1, sample], as long as the window; None where nobody speaks."""
    on_step: StepHook | None = None
    noise: Tensor | None = None
    """Noise to start from instead of the seed's own, [1, channel, frame, height, width], for windows that are denoised together;
    only for families with `joint` and `latents_of`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowResult:
    """The output of one call."""

    frames: Frames
    """All of the window's frames, the known ones included, at the window's size."""
    sound: Sound | None = None
    """48 kHz stereo, as long as the window."""
    used: frozenset[str] = frozenset()
    """The window's fields that went into the call: `prompt`, `known`, `known_sound`, `first_frame`, `last_frame`, `speech`,
    `control:KIND`, and `reference:NAME` for every Memory by its name."""
    hook_called: bool = False
    """Whether `on_step` was called."""
