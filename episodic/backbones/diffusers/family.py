"""The edge to one family of open video models: what it can take, its rules, and how its pipeline is called for one window.

A family knows its pipelines and nothing of series, canon or plans. Loading, windows of a long take, prompts and receipts are common
to all (`episodic.backbones.diffusers`). `Window` is one call of a pipeline in neutral terms; `Family.call` maps it to arguments.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Final, Protocol

import numpy as np
from jaxtyping import Float32, UInt8

from episodic.backbones.diffusers.rules import Rules
from episodic.backbones.protocol import Capabilities
from episodic.series.shooting_settings import ControlKind

if TYPE_CHECKING:
    import torch

    from episodic.backbones.diffusers.folder.model_folder import ModelFolder

__all__ = ["SOUND_HZ", "Family", "Joint", "Loaded", "Memory", "Shown", "StepHook", "Window"]

SOUND_HZ: Final = 48_000
"""Rate of all sound that goes into a window or comes out of it."""

Picture = UInt8[np.ndarray, "height width 3"]
Frames = UInt8[np.ndarray, "frame height width 3"]
Sound = Float32[np.ndarray, "channel sample"]


class StepHook(Protocol):
    """Called after every denoising step but the last; gives the latents to go on with.

    `latents`: [batch, channel, frame, height, width], as noisy as the next step expects: signal * clean + noise * Gaussian. (Rectified
    flow: signal = 1 - sigma, noise = sigma; DDIM: the roots of alpha-bar and 1 - alpha-bar.)
    """

    def __call__(self, step: int, steps: int, signal: float, noise: float, latents: torch.Tensor) -> torch.Tensor: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """Something remembered that a model is shown: a picture of an entity, and where known the sound that went with it."""

    name: str
    """What the take's receipt calls it (`ReferencePicture.name`)."""
    entity: str
    picture: Picture
    """Any size; families scale it, keeping its shape."""
    sound: Sound | None = None
    """At 48 kHz."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """One call of a pipeline. Everything optional is None or empty where it is not wanted, or the model has no way to take it."""

    frames: int
    """A valid count by the family's rules."""
    width: int
    height: int
    fps: int
    seed: int
    steps: int
    guidance: float
    encoded: Mapping[str, torch.Tensor]
    """What `Family.encode_prompt` gave, as read back from disk."""
    references: tuple[Memory, ...] = ()
    """Most important first, never more than the capabilities say."""
    known: Frames | None = None
    """The window's first frames, where they are known: the end of what it goes on from, at the window's size. Their count is one
    of `Family.known_frames`."""
    known_sound: Sound | None = None
    """What was heard during `known`, 48 kHz."""
    first_frame: Picture | None = None
    """A picture to begin with, made for this shot; never together with `known`."""
    last_frame: Picture | None = None
    control: Mapping[ControlKind, Frames] = field(default_factory=dict)
    """Control video from the previsualisation, at the window's size, rate and length."""
    speech: Sound | None = None
    """What is said in the window, 48 kHz, mono as [1, sample], as long as the window; None where nobody speaks."""
    on_step: StepHook | None = None
    noise: torch.Tensor | None = None
    """What to start from instead of noise of the seed's own, [1, channel, frame, height, width], for windows that are made together;
    only for families with `joint` and `latents_of`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Joint:
    """What it takes to denoise several windows of one long latent together (`consistency.latent_windows.windowed`)."""

    components: tuple[str, ...]
    """Names of the transformers to wrap."""
    layout: str = "b c f h w"
    """Of their input, as einops has it."""
    frames_per_latent: int = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What one call gave."""

    frames: Frames
    """All of the window's frames, the known ones included, at the window's size."""
    sound: Sound | None = None
    """48 kHz stereo, as long as the window."""
    taken: frozenset[str] = frozenset()
    """Which of the window's fields really went into the call: `prompt`, `known`, `known_sound`, `first_frame`, `last_frame`,
    `speech`, `control:KIND`, `reference:NAME` for every Memory by its name."""
    hooked: bool = False
    """Whether `on_step` was called."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """A loaded pipeline and what it was loaded from."""

    pipeline: Any
    folder: ModelFolder


class Family(ABC):
    """One family. Stateless: everything that depends on the model comes from its folder's configurations."""

    name: ClassVar[str]
    """As in `--backbone NAME:PATH_OR_ID`."""
    version: ClassVar[str] = "1"
    """Changes whenever the same window would be called otherwise."""
    classes: ClassVar[tuple[str, ...]]
    """Names of the diffusers pipeline classes it shoots with, as `_class_name` in model_index.json (or modular_model_index.json) has them."""
    text_components: ClassVar[tuple[str, ...]]
    """What it takes to encode a prompt; loaded alone for that, and released before the rest is loaded."""

    @abstractmethod
    def capabilities(self, folder: ModelFolder) -> Capabilities:
        """What of memory this model can take. Reads configurations only; must not import torch."""

    @abstractmethod
    def rules(self, folder: ModelFolder) -> Rules:
        """Frame counts, sizes, rate. Reads configurations only; must not import torch."""

    def known_frames(self, folder: ModelFolder) -> tuple[int, ...]:
        """How many known frames a window may begin with, in ascending order; empty: it goes on from nothing."""
        del folder
        return ()

    def load(self, folder: ModelFolder, leave_out: Collection[str], dtype: torch.dtype) -> Any:
        """The pipeline with all components but `leave_out` (their names), on the CPU, safetensors only, no remote code.

        Raises BackboneError where a component is missing or damaged.
        """
        from episodic.backbones.diffusers.folder.load import load_pipeline

        return load_pipeline(folder, leave_out=leave_out, dtype=dtype)

    def hooks(self, folder: ModelFolder) -> bool:
        """Whether `Window.on_step` is called, and `latents_of` gives latents."""
        del folder
        return False

    def joint(self, folder: ModelFolder) -> Joint | None:
        """How windows longer than the model's can be denoised together; None: they cannot."""
        del folder
        return None

    def latents_of(self, loaded: Loaded, frames: Frames, device: torch.device) -> torch.Tensor | None:
        """Frames as the clean latents that `on_step` sees, [1, channel, frame, height, width]; None where the family has no such hook."""
        del loaded, frames, device
        return None

    @abstractmethod
    def encode_prompt(self, loaded: Loaded, prompt: str, negative: str, device: torch.device) -> dict[str, torch.Tensor]:
        """Prompt and negative prompt as the pipeline wants them, by the name of its argument. `loaded` has the text components only."""

    @abstractmethod
    def call(self, loaded: Loaded, window: Window, device: torch.device) -> Shown:
        """Run the pipeline once. `loaded` has everything but the text components.

        Raises BackboneError where the window cannot be had of this model; torch.OutOfMemoryError is left to the caller.
        """
