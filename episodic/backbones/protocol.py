"""The edge to whatever shoots a shot. One narrow protocol; `episodic.backbones.cards` is the fake that ships."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol, runtime_checkable

import numpy as np
from jaxtyping import Bool, Float32, UInt8

from episodic.series.shooting_settings import CONTROLS, ControlKind
from memory.model.canon import CharacterKind
from memory.model.facts import FactValue
from planners.plan.vocabulary import Action, CameraMove, Emotion, Key, Mood, ShotSize, Style, TimeOfDay, Weather

if TYPE_CHECKING:
    from episodic.backbones.footage import Footage

__all__ = [
    "CONTROLS",
    "PROBE_PX",
    "Auditions",
    "Backbone",
    "Capabilities",
    "ControlFormat",
    "ControlKind",
    "LeavesRushes",
    "Mark",
    "Performer",
    "PromptReader",
    "PropOnSet",
    "ReferencePicture",
    "Rushes",
    "Setting",
    "ShotRequest",
    "Sight",
    "SpeechCue",
    "Take",
    "TakesControl",
]

LIP_HZ = 24
"""Rate of lip tracks."""
PROBE_PX: Final = 48
"""Height of a light probe's picture."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What of memory a backbone can take, and its frame rules."""

    name: str
    max_performers: int
    draws: bool = False
    """Whether looks, places and props are drawn as the request describes them."""
    text_tokens: int = 0
    """How much text its prompt holds, in tokens as `PromptReader.count_tokens` counts them; 0: it reads none."""
    motion_embeddings: bool = False
    """Whether it takes how somebody moves, and how a place is lit, as tokens."""
    reference_pictures: int = 0
    continuation_frames: int = 0
    """Of the take that is gone on from, at most."""
    frames_or_pictures: bool = False
    """Whether a shot that goes on from a take, or begins with a picture made for it, is shown no reference pictures."""
    first_frame: bool = False
    """Whether a shot can begin with a picture made for it."""
    last_frame: bool = False
    needs_first_frame: bool = False
    """Whether it begins with a picture always: where no keyframe model makes one, `stage` paints it."""
    needs_last_frame: bool = False
    control: tuple[ControlKind, ...] = ()
    """Which passes of the previsualisation it takes as control video, the best first. One is handed over."""
    light_guidance: bool = False
    """Whether the light and palette of a remembered picture of the place can be held while it denoises."""
    memory_sounds: bool = False
    """Whether a reference picture may come with the sound that went with it."""
    own_sound: bool = False
    speech: bool = False
    """Whether our speech goes in as fixed sound."""
    max_seconds: float | None = None
    """Longest window; longer takes are several windows. None: any length in one."""
    heavy: bool = False
    """Whether it needs a process to itself, in which it stays loaded, and drifts from take to take as sampled pixels do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A place on the stage floor, metres. x: right of the set's centre, -4..4. z: away from the camera, 0 (front)..6."""

    x: float
    z: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Performer:
    """One character in one shot, as of its scene."""

    id: str
    kind: CharacterKind
    look: Mapping[str, FactValue]
    """What the painter draws, with what the canon says is worn or held at this scene already put on."""
    motion: tuple[float, ...]
    """Motion embedding from memory; empty: withheld."""
    action: Action = "stand"
    action_text: str = ""
    emotion: Emotion = "neutral"
    start: Mark
    end: Mark
    looks_at: Mark | None = None
    """Where the character's partner in this shot stands; None: nobody in particular."""
    in_frame: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class PropOnSet:
    """A thing on the set: in a performer's hand, or standing on a mark."""

    id: str
    look: Mapping[str, FactValue]
    held_by: str | None = None
    mark: Mark | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """Where and when a shot plays, and how it is lit."""

    location: str
    look: Mapping[str, FactValue]
    light: tuple[float, ...] = ()
    """Light embedding of the location from memory; empty: withheld."""
    time: TimeOfDay = "day"
    weather: Weather = "clear"
    mood: Mood = "calm"
    key: Key = "left"
    temperature_k: int = 5200
    contrast: float = 0.5
    props: tuple[PropOnSet, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechCue:
    """One line as heard in a shot. `lips` at 24 Hz: [:, 0] jaw opening 0..1, [:, 1] width -1 round..+1 spread, [:, 2] energy 0..1."""

    speaker: str
    emotion: Emotion
    start_s: float
    lips: Float32[np.ndarray, "tick 3"]
    samples: Float32[np.ndarray, " sample"] | None = None
    """The line itself at 48 kHz, for a backbone that takes speech; never stored with the take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferencePicture:
    """A key frame that shows an entity as it is. The picture's `file` lies in the artifact with the key `artifact`."""

    entity: str
    artifact: str
    file: str
    path: Path = Path()
    """Where the picture lies on this machine."""
    sound: Path | None = None
    """Where the sound that went with it lies, 48 kHz; None: none is known."""

    @property
    def name(self) -> str:
        """What a take's receipt calls it."""
        return f"{self.entity}:{self.artifact}/{self.file}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShotRequest:
    """Everything a backbone may know about one shot."""

    shot_id: str
    seed: int
    frames: int
    fps: int
    width: int
    height: int
    style: Style
    size: ShotSize
    camera: CameraMove
    setting: Setting
    performers: tuple[Performer, ...]
    focus: tuple[str, ...] = ()
    speech: tuple[SpeechCue, ...] = ()
    overheard: tuple[SpeechCue, ...] = ()
    """Lines of the shots beside it that are heard over its start or its end (L and J cuts). They are theirs: never stored with the take."""
    continues: Take | None = None
    text: tuple[str, ...] = ()
    """What memory has to say, for the prompt; only for a backbone that reads text."""
    references: tuple[ReferencePicture, ...] = ()
    """Only for a backbone that takes reference pictures. Most important first."""
    prompt: str = ""
    """The whole prompt, plan and memory; only for a backbone that reads text."""
    negative: str = ""
    encoded: Path | None = None
    """Where the prompt lies as the backbone's own text encoder wrote it (`PromptReader.encode_prompt`)."""
    previs: Path | None = None
    """Where the previsualisation's passes lie (`episodic.backbones.previs`); only for a backbone that takes control video."""
    first_frame: ReferencePicture | None = None
    """A picture made for this shot's beginning."""
    last_frame: ReferencePicture | None = None
    light_from: ReferencePicture | None = None
    """A picture of the place whose light and palette are held, where the take goes on from none; only with `light_guidance`."""
    draft: bool = False
    """A cheap take that is only judged: fewer steps, small."""

    @property
    def seconds(self) -> float:
        """Length of the shot."""
        return self.frames / self.fps


@dataclass(frozen=True, slots=True, kw_only=True)
class Take:
    """One generation of a shot. `arrays` is what the backbone made, stored as safetensors; `notes` is JSON."""

    shot_id: str
    arrays: Mapping[str, np.ndarray]
    """Conventions: `sound` float32 [2, sample] at 48 kHz is what the model heard into the take; `bed_level` and `impact`, float32 [tick]
    at 8 Hz, 0..1, are how loud the place is and where something strikes."""
    notes: Mapping[str, FactValue] = field(default_factory=dict)
    footage: Footage | None = None
    """The frames, where the backbone samples pixels: at its own size and rate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rushes:
    """A take as far as the model itself is needed for it. Large, and kept only until the take is finished."""

    take: Take
    """As far as it is done, its footage in memory."""
    unfinished: Mapping[str, np.ndarray] = field(default_factory=dict)
    """What `LeavesRushes.finish` has yet to work in; without any the take is finished."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """One frame of a take, with who is where in it. For measuring; never part of the film."""

    frame: int
    picture: UInt8[np.ndarray, "height width 3"]
    masks: Mapping[str, Bool[np.ndarray, "height width"]]
    """The pixels in which each performer can be seen, by id: not those hidden by who or what stands nearer to the camera."""
    probe: UInt8[np.ndarray, "probe_height probe_width 3"] | None = None
    """[PROBE_PX, 2 PROBE_PX, 3]: on the left a matt ball of 50 % grey in the light of the set, on the right a white card in the
    light on the performers; None where the backbone cannot put a light probe onto its set."""
    eyes: Mapping[str, float] = field(default_factory=dict)
    """How open each performer's eyes are, 0..1, where the backbone knows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlFormat:
    """How a backbone wants its control video."""

    kinds: tuple[ControlKind, ...]
    width: int
    height: int
    fps: int


@runtime_checkable
class TakesControl(Protocol):
    """A backbone that takes control video (`Capabilities.control`)."""

    def control_format(self, width: int, height: int) -> ControlFormat:
        """Passes, size and rate of the control video for a film of that size."""
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
    """A backbone that takes motion embeddings, and can hold auditions for them."""

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
