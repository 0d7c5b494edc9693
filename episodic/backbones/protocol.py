"""The edge to whatever shoots a shot: `Backbone`, and a protocol for each further ability. `episodic.backbones.cards` is the fake that ships.

An object implements exactly the protocols that its model supports. The functions below ask for them, one per question; `Capabilities` adds
numbers and limits.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import UInt8

from episodic.backbones.request import ShotRequest
from episodic.backbones.take import Rushes, Sight, Take
from episodic.series.shooting_settings import ControlKind
from memory.model.canon import CharacterKind

__all__ = [
    "Auditions",
    "Backbone",
    "Capabilities",
    "ConditionedModel",
    "ControlFormat",
    "DrawsLooks",
    "HeavyModel",
    "LeavesRushes",
    "PromptReader",
    "TakesControl",
    "TakesSpeech",
    "control_kinds",
    "draws_looks",
    "is_heavy",
    "takes_motion",
    "takes_speech",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """The numbers and limits of a model: how much it takes of a request, and which optional pictures and sounds."""

    name: str
    max_performers: int
    text_tokens: int = 0
    """How much text its prompt holds, in tokens as `PromptReader.count_tokens` counts them; 0: it reads none."""
    reference_pictures: int = 0
    continuation_frames: int = 0
    """The number of frames of the previous take that a take can continue, at most; 0: it continues none."""
    frames_or_pictures: bool = False
    """Whether a shot takes either frames to begin with or reference pictures, not both."""
    first_frame: bool = False
    """Whether a shot can begin with a picture made for it."""
    last_frame: bool = False
    needs_first_frame: bool = False
    """Whether every take must begin with a picture: where no keyframe model makes one, `stage` paints it."""
    needs_last_frame: bool = False
    light_guidance: bool = False
    """Whether the light and palette of a remembered picture of the place can be held while it denoises."""
    memory_sounds: bool = False
    """Whether a reference picture may come with the sound that went with it."""
    own_sound: bool = False
    max_seconds: float | None = None
    """Longest window; longer takes are several windows. None: any length in one."""


@runtime_checkable
class ConditionedModel(Protocol):
    """Whatever memory conditions: a backbone, or a model that makes first frames for it."""

    @property
    def capabilities(self) -> Capabilities:
        """Its numbers and limits."""
        ...


@runtime_checkable
class DrawsLooks(Protocol):
    """A model whose painter draws looks, places and props as the request describes them."""

    @property
    def painter_version(self) -> str:
        """Changes whenever the same description would be drawn differently."""
        ...


@runtime_checkable
class HeavyModel(Protocol):
    """A model that needs a process to itself, in which it stays loaded, and drifts from take to take as sampled pixels do."""

    def host_messages(self) -> Sequence[str]:
        """How the model was fitted to the machine, where the user was not told before."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlFormat:
    """How a backbone wants its control video."""

    kinds: tuple[ControlKind, ...]
    width: int
    height: int
    fps: int


@runtime_checkable
class TakesControl(Protocol):
    """A backbone that takes control video."""

    @property
    def control_kinds(self) -> tuple[ControlKind, ...]:
        """The passes of the previsualisation that it takes, the best first; at least one. One is handed over."""
        ...

    def control_format(self, width: int, height: int) -> ControlFormat:
        """Passes, size and rate of the control video for a film of that size."""
        ...


@runtime_checkable
class TakesSpeech(Protocol):
    """A backbone that takes the film's speech as fixed sound, so that lips follow it."""

    @property
    def speech_hz(self) -> int:
        """The sample rate at which it takes speech, Hz."""
        ...


@runtime_checkable
class PromptReader(Protocol):
    """A backbone that reads text (`Capabilities.text_tokens` > 0)."""

    def count_tokens(self, text: str) -> int:
        """Length of a text in the model's own tokens, without those the tokenizer adds. Quick: loads no weights."""
        ...

    def encode_prompt(self, prompt: str, negative: str, folder: Path) -> None:
        """Write the prompt into `folder` as the model's text encoder has it. Raises BackboneError."""
        ...


@runtime_checkable
class Auditions(Protocol):
    """A backbone that takes how somebody moves, and how a place is lit, as tokens, and holds auditions for them."""

    def audition(self, kind: CharacterKind, description: str, seed: int) -> tuple[float, ...]:
        """How a new character moves. Deterministic. Raises BackboneError."""
        ...

    def audition_light(self, description: str, seed: int) -> tuple[float, ...]:
        """How a new place is lit. Deterministic. Raises BackboneError."""
        ...


@runtime_checkable
class LeavesRushes(Protocol):
    """A backbone that needs its model for a part of a take only: the rest is done elsewhere, while the model shoots on.

    Its `shoot` is `finish` of what `expose` gives.
    """

    def expose(self, request: ShotRequest) -> Rushes:
        """What needs the model. Deterministic in `request`. Raises BackboneError."""
        ...

    def finish(self, rushes: Rushes) -> Take:
        """What does not. Deterministic in `rushes`."""
        ...


@runtime_checkable
class Backbone(Protocol):
    """Shoots shots. `shoot` samples the take; `develop` turns a take into frames at the request's size and rate.

    The two are separate tasks: a take is small and kept for ever, its frames are made where they are encoded.
    """

    @property
    def capabilities(self) -> Capabilities:
        """What this backbone can take."""
        ...

    @property
    def version(self) -> str:
        """Changes whenever the same request would give another take (weights, sampler)."""
        ...

    @property
    def develop_version(self) -> str:
        """Changes whenever the same take would give other frames (decoder, painter)."""
        ...

    def shoot(self, request: ShotRequest) -> Take:
        """Sample one take. Deterministic in `request`. Raises BackboneError."""
        ...

    def develop(self, request: ShotRequest, take: Take) -> Iterator[UInt8[np.ndarray, "height width 3"]]:
        """Yield `request.frames` RGB frames. Deterministic, memory flat."""
        ...

    def observe(self, request: ShotRequest, take: Take, frames: Sequence[int], height_px: int) -> Iterator[Sight]:
        """Yield the given frames of a take, `height_px` high, with a mask for each performer who is in the frame. Deterministic."""
        ...


def draws_looks(model: ConditionedModel) -> bool:
    """Return whether looks, places and props are drawn as a request describes them."""
    return isinstance(model, DrawsLooks)


def takes_motion(model: ConditionedModel) -> bool:
    """Return whether a model takes how somebody moves, and how a place is lit, as tokens."""
    return isinstance(model, Auditions)


def control_kinds(model: ConditionedModel) -> tuple[ControlKind, ...]:
    """Return the passes of the previsualisation that a model takes as control video, the best first; empty: it takes none."""
    return model.control_kinds if isinstance(model, TakesControl) else ()


def takes_speech(model: ConditionedModel) -> bool:
    """Return whether the film's speech goes into a model as fixed sound."""
    return isinstance(model, TakesSpeech)


def is_heavy(model: ConditionedModel) -> bool:
    """Return whether a model needs a process to itself, in which it stays loaded."""
    return isinstance(model, HeavyModel)
