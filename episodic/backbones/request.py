"""What a backbone is asked for: a shot as it is drafted from plan and canon, and as it is shot.

A `ShotDraft` knows all that the plan and memory say. Its speech is not spoken yet, so its length is open; auditions may be outstanding.
`ShotDraft.timed` makes a `ShotRequest` of it. Both are stored as JSON, by `to_json` and `from_json`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
from jaxtyping import Float32

from episodic.backbones.speech_cue import PlannedLine, SpeechCue, Spoken
from episodic.backbones.take import Take
from episodic.storage.artifacts import Stored
from episodic.storage.json_object import JsonObject
from memory.model.canon import CHARACTER_KINDS, CharacterKind
from memory.model.facts import FactValue
from planners.plan.vocabulary import (
    ACTIONS,
    CAMERA_MOVES,
    EMOTIONS,
    KEYS,
    MOODS,
    SHOT_SIZES,
    STYLES,
    TIMES,
    WEATHERS,
    Action,
    CameraMove,
    Emotion,
    Key,
    Mood,
    ShotSize,
    Style,
    TimeOfDay,
    Weather,
)

__all__ = [
    "FrameEnd",
    "MadeHere",
    "Mark",
    "Performer",
    "PropOnSet",
    "ReferencePicture",
    "Setting",
    "ShotDraft",
    "ShotRequest",
    "picture_source",
]

FrameEnd = Literal["first", "last"]
"""The end of a shot that a picture was made for."""
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

    def to_json(self) -> dict[str, FactValue]:
        """The mark as it is stored."""
        return {"x": self.x, "z": self.z}

    @classmethod
    def from_json(cls, data: JsonObject) -> Mark:
        """Inverse of `to_json`."""
        return cls(x=data.number("x"), z=data.number("z"))

    @classmethod
    def from_json_or_none(cls, data: JsonObject | None) -> Mark | None:
        """Read an optional mark."""
        return None if data is None else cls.from_json(data)


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

    def to_json(self) -> dict[str, FactValue]:
        """The performer as it is stored."""
        return {
            "id": self.id,
            "kind": self.kind,
            "look": dict(self.look),
            "motion": [*self.motion],
            "action": self.action,
            "action_text": self.action_text,
            "emotion": self.emotion,
            "start": self.start.to_json(),
            "end": self.end.to_json(),
            "looks_at": None if self.looks_at is None else self.looks_at.to_json(),
            "in_frame": self.in_frame,
        }

    @classmethod
    def from_json(cls, data: JsonObject) -> Performer:
        """Inverse of `to_json`."""
        return cls(
            id=data.text("id"),
            kind=data.choice("kind", CHARACTER_KINDS),
            look=data.values("look"),
            motion=data.numbers("motion"),
            action=data.choice("action", ACTIONS, "stand"),
            action_text=data.text("action_text", ""),
            emotion=data.choice("emotion", EMOTIONS, "neutral"),
            start=Mark.from_json(data.object("start")),
            end=Mark.from_json(data.object("end")),
            looks_at=Mark.from_json_or_none(data.object_or_none("looks_at")),
            in_frame=data.flag("in_frame", True),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PropOnSet:
    """A thing on the set: in a performer's hand, or standing on a mark."""

    id: str
    look: Mapping[str, FactValue]
    held_by: str | None = None
    mark: Mark | None = None

    def to_json(self) -> dict[str, FactValue]:
        """The prop as it is stored."""
        return {
            "id": self.id,
            "look": dict(self.look),
            "held_by": self.held_by,
            "mark": None if self.mark is None else self.mark.to_json(),
        }

    @classmethod
    def from_json(cls, data: JsonObject) -> PropOnSet:
        """Inverse of `to_json`."""
        return cls(
            id=data.text("id"),
            look=data.values("look"),
            held_by=None if data.get("held_by") is None else data.text("held_by"),
            mark=Mark.from_json_or_none(data.object_or_none("mark")),
        )


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

    def to_json(self) -> dict[str, FactValue]:
        """The setting as it is stored."""
        return {
            "location": self.location,
            "look": dict(self.look),
            "light": [*self.light],
            "time": self.time,
            "weather": self.weather,
            "mood": self.mood,
            "key": self.key,
            "temperature_k": self.temperature_k,
            "contrast": self.contrast,
            "props": [prop.to_json() for prop in self.props],
        }

    @classmethod
    def from_json(cls, data: JsonObject) -> Setting:
        """Inverse of `to_json`."""
        return cls(
            location=data.text("location"),
            look=data.values("look"),
            light=data.numbers("light"),
            time=data.choice("time", TIMES),
            weather=data.choice("weather", WEATHERS),
            mood=data.choice("mood", MOODS),
            key=data.choice("key", KEYS),
            temperature_k=data.integer("temperature_k"),
            contrast=data.number("contrast"),
            props=tuple(PropOnSet.from_json(prop) for prop in data.objects("props")),
        )


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

    def to_json(self) -> dict[str, FactValue]:
        """The picture as it is stored: without the paths of this machine."""
        return {"entity": self.entity, "artifact": str(self.source), "file": self.file}

    @classmethod
    def from_json(cls, data: JsonObject) -> ReferencePicture:
        """Inverse of `to_json`."""
        return cls(entity=data.text("entity"), source=picture_source(data.text("artifact")), file=data.text("file"))


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


def _played_to_json(shot: _Shot) -> dict[str, FactValue]:
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
        "focus": [*shot.focus],
    }


def _memory_to_json(shot: _Shot) -> dict[str, FactValue]:
    """The fields that hand over texts and pictures."""
    return {
        "text": [*shot.text],
        "references": [picture.to_json() for picture in shot.references],
        "prompt": shot.prompt,
        "negative": shot.negative,
        "first_frame": None if shot.first_frame is None else shot.first_frame.to_json(),
        "last_frame": None if shot.last_frame is None else shot.last_frame.to_json(),
        "light_from": None if shot.light_from is None else shot.light_from.to_json(),
    }


def _shot_from_json(data: JsonObject) -> _Shot:
    """The common fields of a stored draft or request. A field of memory may be missing: earlier versions had fewer."""
    return _Shot(
        shot_id=data.text("shot_id"),
        seed=data.integer("seed"),
        fps=data.integer("fps"),
        width=data.integer("width"),
        height=data.integer("height"),
        style=data.choice("style", STYLES),
        size=data.choice("size", SHOT_SIZES),
        camera=data.choice("camera", CAMERA_MOVES),
        setting=Setting.from_json(data.object("setting")),
        performers=tuple(Performer.from_json(performer) for performer in data.objects("performers")),
        focus=data.texts("focus"),
        text=data.texts("text", optional=True),
        references=tuple(ReferencePicture.from_json(picture) for picture in data.objects("references", optional=True)),
        prompt=data.text("prompt", ""),
        negative=data.text("negative", ""),
        first_frame=_stored_picture(data, "first_frame"),
        last_frame=_stored_picture(data, "last_frame"),
        light_from=_stored_picture(data, "light_from"),
    )


def _common_fields(shot: _Shot) -> dict[str, Any]:
    """The fields that a draft and a request have in common, as their constructors take them."""
    return {field.name: getattr(shot, field.name) for field in dataclasses.fields(_Shot)}


def _stored_picture(data: JsonObject, name: str) -> ReferencePicture | None:
    """The picture in a field of a stored draft or request; None where there is none."""
    picture = data.object_or_none(name)
    return None if picture is None else ReferencePicture.from_json(picture)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShotDraft(_Shot):
    """A shot as plan, canon and memory describe it, before its lines are spoken and its newcomers auditioned."""

    lines: tuple[PlannedLine, ...] = ()

    def auditioned(self, motions: Mapping[str, Sequence[float]], light: Sequence[float] | None = None) -> ShotDraft:
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
        speech = tuple(SpeechCue.of(*line) for line in zip(self.lines, starts_s, spoken, strict=True))
        return ShotRequest(**_common_fields(self), frames=frames, speech=speech, overheard=tuple(overheard))

    def to_json(self) -> dict[str, FactValue]:
        """The draft as a task's inputs have it: empty texts and pictures are left out."""
        memory = {name: value for name, value in _memory_to_json(self).items() if value}
        return {**self.played_json(), **memory}

    def played_json(self) -> dict[str, FactValue]:
        """The part of `to_json` that says how the shot is played, without texts and pictures."""
        return {**_played_to_json(self), "speech": [line.to_json() for line in self.lines]}

    @classmethod
    def from_json(cls, data: JsonObject) -> ShotDraft:
        """Inverse of `to_json`."""
        return cls(
            **_common_fields(_shot_from_json(data)), lines=tuple(PlannedLine.from_json(line) for line in data.objects("speech"))
        )


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

    def with_pictures(self, located: Mapping[str, ReferencePicture]) -> ShotRequest:
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

    def to_json(self) -> dict[str, FactValue]:
        """The request as its take stores it: without lip tracks, which are arrays, and without what other artifacts hold."""
        own: dict[str, FactValue] = {
            "frames": self.frames,
            "speech": [cue.to_json() for cue in self.speech],
            "draft": self.draft,
        }
        return {**_played_to_json(self), **_memory_to_json(self), **own}

    @classmethod
    def from_json(cls, data: JsonObject, lips: Sequence[Float32[np.ndarray, "_ 3"]]) -> ShotRequest:
        """Inverse of `to_json`. `lips`: one track for each of its lines."""
        speech = tuple(SpeechCue.from_json(cue, track) for cue, track in zip(data.objects("speech"), lips, strict=True))
        return cls(
            **_common_fields(_shot_from_json(data)), frames=data.integer("frames"), speech=speech, draft=data.flag("draft", False)
        )
