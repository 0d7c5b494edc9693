"""What a backbone is asked for: a shot as it is drafted from plan and canon, and as it is shot.

A `ShotDraft` knows all that the plan and memory say. Its speech is not spoken yet, so its length is open; auditions may be outstanding.
`ShotDraft.timed` makes a `ShotRequest` of it. Both are stored as JSON, by `to_json` and `from_json`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, Self, get_args

import numpy as np
from jaxtyping import Float32

from episodic.backbones.take import Take
from episodic.storage.artifacts import Stored
from memory.model.canon import CharacterKind
from memory.model.facts import FactValue
from planners.plan.vocabulary import Action, CameraMove, Emotion, Key, Mood, ShotSize, Style, TimeOfDay, Weather

__all__ = [
    "LIP_HZ",
    "MadeHere",
    "Mark",
    "Performer",
    "PlannedLine",
    "PropOnSet",
    "ReferencePicture",
    "Setting",
    "ShotDraft",
    "ShotRequest",
    "SpeechCue",
    "Spoken",
    "picture_source",
]

LIP_HZ: Final = 24
"""Rate of lip tracks."""

PictureStep = Literal["sheet", "keyframe"]
"""Kinds of production steps that make reference pictures."""


@dataclass(frozen=True, slots=True)
class MadeHere:
    """Stands for the artifact of a picture that a step of this same run makes, whose key is not known yet."""

    step: PictureStep

    def __str__(self) -> str:
        return self.step


def picture_source(text: str) -> Stored | MadeHere:
    """The inverse of `str` for where a picture comes from: the name of a step, else an artifact's key."""
    step = next((step for step in get_args(PictureStep) if step == text), None)
    return Stored(text) if step is None else MadeHere(step)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A place on the stage floor, metres. x: right of the set's centre, -4..4. z: away from the camera, 0 (front)..6."""

    x: float
    z: float

    def to_json(self) -> dict[str, float]:
        """The mark as it is stored."""
        return {"x": self.x, "z": self.z}


@dataclass(frozen=True, slots=True, kw_only=True)
class Performer:
    """One character in one shot, as of its scene."""

    id: str
    kind: CharacterKind
    look: Mapping[str, FactValue]
    """The look to draw, dressed in what the canon says is worn or held at this scene."""
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

    def to_json(self) -> dict[str, Any]:
        """The performer as it is stored."""
        return {
            "id": self.id,
            "kind": self.kind,
            "look": dict(self.look),
            "motion": list(self.motion),
            "action": self.action,
            "action_text": self.action_text,
            "emotion": self.emotion,
            "start": self.start.to_json(),
            "end": self.end.to_json(),
            "looks_at": self.looks_at and self.looks_at.to_json(),
            "in_frame": self.in_frame,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Inverse of `to_json`."""
        marks = {name: _mark(data[name]) for name in ("start", "end", "looks_at")}
        return cls(**{**data, **marks, "motion": tuple(data["motion"])})


@dataclass(frozen=True, slots=True, kw_only=True)
class PropOnSet:
    """A thing on the set: in a performer's hand, or standing on a mark."""

    id: str
    look: Mapping[str, FactValue]
    held_by: str | None = None
    mark: Mark | None = None

    def to_json(self) -> dict[str, Any]:
        """The prop as it is stored."""
        return {"id": self.id, "look": dict(self.look), "held_by": self.held_by, "mark": self.mark and self.mark.to_json()}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Inverse of `to_json`."""
        return cls(**{**data, "mark": _mark(data["mark"])})


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

    @property
    def indoors(self) -> bool:
        """Whether the place has a roof and walls."""
        return bool(self.look.get("indoors"))

    def to_json(self) -> dict[str, Any]:
        """The setting as it is stored."""
        return {
            "location": self.location,
            "look": dict(self.look),
            "light": list(self.light),
            "time": self.time,
            "weather": self.weather,
            "mood": self.mood,
            "key": self.key,
            "temperature_k": self.temperature_k,
            "contrast": self.contrast,
            "props": [prop.to_json() for prop in self.props],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Inverse of `to_json`."""
        props = tuple(PropOnSet.from_json(prop) for prop in data["props"])
        return cls(**{**data, "light": tuple(data["light"]), "props": props})


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedLine:
    """One line of a shot before it is spoken."""

    speaker: str
    emotion: Emotion

    def to_json(self) -> dict[str, Any]:
        """The line as it is stored."""
        return {"speaker": self.speaker, "emotion": self.emotion}


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """A spoken line."""

    samples: Float32[np.ndarray, " sample"]
    """At 48 kHz."""
    lips: Float32[np.ndarray, "tick 3"]
    """As in `SpeechCue`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechCue:
    """One line as heard in a shot. `lips` at 24 Hz: [:, 0] jaw opening 0..1, [:, 1] width -1 round..+1 spread, [:, 2] energy 0..1."""

    speaker: str
    emotion: Emotion
    start_s: float
    lips: Float32[np.ndarray, "tick 3"]
    samples: Float32[np.ndarray, " sample"] | None = None
    """The line itself at 48 kHz, for a backbone that takes speech; never stored with the take."""

    @classmethod
    def of(cls, line: PlannedLine, start_s: float, spoken: Spoken) -> Self:
        """The cue of a line that has been spoken."""
        return cls(speaker=line.speaker, emotion=line.emotion, start_s=start_s, lips=spoken.lips, samples=spoken.samples)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferencePicture:
    """A key frame that shows an entity as it is: the file `file` of the artifact `source`."""

    entity: str
    source: Stored | MadeHere
    file: str
    path: Path = Path()
    """Where the picture lies on this machine."""
    sound: Path | None = None
    """Where the sound that went with it lies, 48 kHz; None: none is known."""

    @property
    def name(self) -> str:
        """The name under which a take's receipt lists it."""
        return f"{self.entity}:{self.source}/{self.file}"

    def to_json(self) -> dict[str, str]:
        """The picture as it is stored: without the paths of this machine."""
        return {"entity": self.entity, "artifact": str(self.source), "file": self.file}

    @classmethod
    def from_json(cls, data: Mapping[str, str]) -> Self:
        """Inverse of `to_json`."""
        return cls(entity=data["entity"], source=picture_source(data["artifact"]), file=data["file"])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shot:
    """The fields that a draft and a request have in common."""

    shot_id: str
    seed: int
    fps: int
    width: int
    height: int
    style: Style
    size: ShotSize
    camera: CameraMove
    setting: Setting
    performers: tuple[Performer, ...]
    focus: tuple[str, ...] = ()
    text: tuple[str, ...] = ()
    """Texts from memory for the prompt; only for a backbone that reads text."""
    references: tuple[ReferencePicture, ...] = ()
    """Only for a backbone that takes reference pictures. Most important first."""
    prompt: str = ""
    """The whole prompt, plan and memory; only for a backbone that reads text."""
    negative: str = ""
    first_frame: ReferencePicture | None = None
    """A picture made for this shot's beginning."""
    last_frame: ReferencePicture | None = None
    light_from: ReferencePicture | None = None
    """A picture of the place whose light and palette are held, where the take continues no other; only with `light_guidance`."""

    @property
    def pictures(self) -> tuple[ReferencePicture, ...]:
        """Every picture it is shown: the first and last frame, the reference pictures, the picture of its light."""
        pictures = (self.first_frame, self.last_frame, *self.references, self.light_from)
        return tuple(picture for picture in pictures if picture is not None)

    @property
    def performers_in_frame(self) -> tuple[Performer, ...]:
        """The performers whom the camera sees."""
        return tuple(performer for performer in self.performers if performer.in_frame)

    def performer(self, entity: str) -> Performer | None:
        """The performer with that id; None where the shot has none."""
        return next((performer for performer in self.performers if performer.id == entity), None)


def _played_to_json(shot: _Shot) -> dict[str, Any]:
    """The fields that say how a shot is played and framed."""
    return {
        "shot_id": shot.shot_id,
        "seed": shot.seed,
        "fps": shot.fps,
        "width": shot.width,
        "height": shot.height,
        "style": shot.style,
        "size": shot.size,
        "camera": shot.camera,
        "setting": shot.setting.to_json(),
        "performers": [performer.to_json() for performer in shot.performers],
        "focus": list(shot.focus),
    }


def _memory_to_json(shot: _Shot) -> dict[str, Any]:
    """The fields that hand over texts and pictures."""
    return {
        "text": list(shot.text),
        "references": [picture.to_json() for picture in shot.references],
        "prompt": shot.prompt,
        "negative": shot.negative,
        "first_frame": shot.first_frame and shot.first_frame.to_json(),
        "last_frame": shot.last_frame and shot.last_frame.to_json(),
        "light_from": shot.light_from and shot.light_from.to_json(),
    }


def _shot_from_json(data: Mapping[str, Any]) -> dict[str, Any]:
    """The common fields of a stored draft or request. A field of memory may be missing: earlier versions had fewer."""
    plain = ("shot_id", "seed", "fps", "width", "height", "style", "size", "camera")
    return {
        **{name: data[name] for name in plain},
        "setting": Setting.from_json(data["setting"]),
        "performers": tuple(Performer.from_json(performer) for performer in data["performers"]),
        "focus": tuple(data["focus"]),
        "text": tuple(data.get("text", ())),
        "references": tuple(ReferencePicture.from_json(picture) for picture in data.get("references", ())),
        "prompt": data.get("prompt", ""),
        "negative": data.get("negative", ""),
        "first_frame": _picture(data.get("first_frame")),
        "last_frame": _picture(data.get("last_frame")),
        "light_from": _picture(data.get("light_from")),
    }


def _picture(data: Mapping[str, str] | None) -> ReferencePicture | None:
    return ReferencePicture.from_json(data) if data else None


def _mark(data: Mapping[str, float] | None) -> Mark | None:
    return None if data is None else Mark(**data)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShotDraft(_Shot):
    """A shot as plan, canon and memory describe it, before its lines are spoken and its newcomers auditioned."""

    lines: tuple[PlannedLine, ...] = ()

    def auditioned(self, motions: Mapping[str, Sequence[float]], light: Sequence[float] | None = None) -> Self:
        """The draft with the embeddings that auditions made: each performer's in `motions`, by id, and the place's."""
        performers = tuple(
            dataclasses.replace(performer, motion=tuple(motions[performer.id])) if performer.id in motions else performer
            for performer in self.performers
        )
        setting = self.setting if light is None else dataclasses.replace(self.setting, light=tuple(light))
        return dataclasses.replace(self, performers=performers, setting=setting)

    def timed(
        self, frames: int, starts_s: Sequence[float], spoken: Sequence[Spoken], overheard: Sequence[SpeechCue] = ()
    ) -> ShotRequest:
        """The request for `frames` frames in which each line, as it is `spoken`, begins at its second of `starts_s`.

        `overheard`: lines of neighbouring shots that are heard in this one. Raises ValueError unless there is one of each for every line.
        """
        common = {field.name: getattr(self, field.name) for field in dataclasses.fields(_Shot)}
        speech = tuple(SpeechCue.of(*line) for line in zip(self.lines, starts_s, spoken, strict=True))
        return ShotRequest(**common, frames=frames, speech=speech, overheard=tuple(overheard))

    def to_json(self) -> dict[str, Any]:
        """The draft as a task's inputs have it: empty texts and pictures are left out."""
        memory = {name: value for name, value in _memory_to_json(self).items() if value}
        return {**self.played_json(), **memory}

    def played_json(self) -> dict[str, Any]:
        """The part of `to_json` that says how the shot is played, without texts and pictures."""
        return {**_played_to_json(self), "speech": [line.to_json() for line in self.lines]}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Inverse of `to_json`."""
        return cls(**_shot_from_json(data), lines=tuple(PlannedLine(**line) for line in data["speech"]))


@dataclass(frozen=True, slots=True, kw_only=True)
class ShotRequest(_Shot):
    """Everything a backbone may know about one shot."""

    frames: int
    speech: tuple[SpeechCue, ...] = ()
    overheard: tuple[SpeechCue, ...] = ()
    """Lines of neighbouring shots that are heard over this one's start or end (L and J cuts). Never stored with this take."""
    continues: Take | None = None
    encoded: Path | None = None
    """Folder of the prompt as the backbone's own text encoder wrote it (`PromptReader.encode_prompt`)."""
    previs: Path | None = None
    """Folder of the previsualisation's passes (`episodic.backbones.previs`); only for a backbone that takes control video."""
    draft: bool = False
    """A cheap take that is only judged: fewer steps, small."""

    @property
    def seconds(self) -> float:
        """Length of the shot."""
        return self.frames / self.fps

    def with_pictures(self, located: Mapping[str, ReferencePicture]) -> Self:
        """The request with its pictures replaced by those in `located`, by `ReferencePicture.name`, which say where they lie."""

        def replaced(picture: ReferencePicture | None) -> ReferencePicture | None:
            return None if picture is None else located[picture.name]

        return dataclasses.replace(
            self,
            references=tuple(located[picture.name] for picture in self.references),
            first_frame=replaced(self.first_frame),
            last_frame=replaced(self.last_frame),
            light_from=replaced(self.light_from),
        )

    def to_json(self) -> dict[str, Any]:
        """The request as its take stores it: without lip tracks, which are arrays, and without what other artifacts hold."""
        speech = [{"speaker": cue.speaker, "emotion": cue.emotion, "start_s": cue.start_s} for cue in self.speech]
        own = {"frames": self.frames, "speech": speech, "draft": self.draft}
        return {**_played_to_json(self), **_memory_to_json(self), **own}

    @classmethod
    def from_json(cls, data: Mapping[str, Any], lips: Sequence[Float32[np.ndarray, "tick 3"]]) -> Self:
        """Inverse of `to_json`. `lips`: one track for each of its lines."""
        speech = tuple(SpeechCue(**cue, lips=track) for cue, track in zip(data["speech"], lips, strict=True))
        return cls(**_shot_from_json(data), frames=data["frames"], speech=speech, draft=data.get("draft", False))
