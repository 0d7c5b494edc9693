"""The plan of one episode: EpisodePlan > Scene > Shot > Line. The format is `episodic/plan@1`.

The models check single values. `planners.plan.cross_references` checks references between parts (ids, speakers, facts);
`planners.plan_file.read_write` reads and writes YAML.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Final, Literal, NamedTuple

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
    model_serializer,
    model_validator,
)

from memory.model.canon import CharacterKind
from planners.plan.vocabulary import (
    CameraMove,
    Emotion,
    Key,
    Mood,
    ShotSize,
    SoundCut,
    StoryLink,
    Style,
    TimeOfDay,
    Transition,
    VoiceBase,
    Weather,
)

__all__ = [
    "EXPLANATION",
    "NARRATOR",
    "PLAN_FORMAT",
    "CastMember",
    "EpisodePlan",
    "FactText",
    "Lighting",
    "Line",
    "Look",
    "Place",
    "PlannedProp",
    "Reason",
    "Relation",
    "Scene",
    "Shot",
    "VoiceChoice",
]

PLAN_FORMAT: Final = "episodic/plan@1"
NARRATOR: Final = "narrator"
"""The off-screen speaker: may speak in every scene, is never seen."""

EntityId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
PlanId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_.\-]{0,39}$")]
Text = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=2000, pattern=r"^[^\x00-\x08\x0b-\x1f\x7f]*$"),
]
Description = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000, pattern=r"^[^\x00-\x08\x0b-\x1f\x7f]*$")]

_SPEAKER = re.compile(r"\s*([a-z][a-z0-9_]{0,39})\s*(?:\(\s*([a-z_]+)\s*\))?\s*")
_FACT = re.compile(r"\s*([a-z][a-z0-9_]{0,39})\.([a-z][a-z0-9_]{0,39})\s*=\s*(.*\S)\s*", re.DOTALL)


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Look(_Part):
    """The look of the whole episode."""

    style: Style = "storybook"
    aspect: Annotated[str, StringConstraints(pattern=r"^[1-9]\d?:[1-9]\d?$")] | None = None
    """Aspect ratio of the picture. It must match the series' size; None: the ratio of that size."""


class VoiceChoice(_Part):
    """The user's choices for a voice; the rest is chosen when the character is cast."""

    base: VoiceBase | None = None
    pitch: Annotated[float, Field(ge=0.45, le=1.7)] | None = None
    rate: Annotated[float, Field(ge=0.7, le=1.4)] | None = None


class CastMember(_Part):
    """A character in this plan. Missing values come from memory, or are derived from the id of a new character."""

    name: Text | None = None
    kind: CharacterKind | None = None
    description: Description = ""
    voice: VoiceChoice = VoiceChoice()


class Place(_Part):
    """A location in this plan."""

    name: Text | None = None
    description: Description = ""


class PlannedProp(_Part):
    """A prop that matters to the story."""

    name: Text | None = None
    description: Description = ""


class Lighting(_Part):
    """The light set-up of a scene."""

    key: Key | None = None
    temperature_k: Annotated[int, Field(ge=1500, le=12000)] | None = None
    contrast: Annotated[float, Field(ge=0, le=1)] | None = None


class Line(_Part):
    """One or two spoken sentences of one speaker. In YAML: `speaker (emotion): text`."""

    speaker: EntityId
    emotion: Emotion = "neutral"
    text: Annotated[Text, StringConstraints(max_length=500)]

    @model_validator(mode="before")
    @classmethod
    def _from_yaml(cls, value: Any) -> Any:
        if not isinstance(value, dict) or set(value) <= {"speaker", "emotion", "text"}:
            return value
        if len(value) != 1:
            raise ValueError("expected one line of dialogue, `speaker (emotion): text`")
        (key, text), *_ = value.items()
        match = _SPEAKER.fullmatch(str(key))
        if match is None:
            raise ValueError(f"expected `speaker (emotion): text`, found the speaker {str(key)!r}")
        parts = {"speaker": match[1], "text": text}
        if match[2]:
            parts["emotion"] = match[2]
        return parts

    @model_serializer
    def _to_yaml(self) -> dict[str, str]:
        return {f"{self.speaker} ({self.emotion})" if self.emotion != "neutral" else self.speaker: self.text}


class FactText(_Part):
    """A fact that holds from its scene on. In YAML: `entity.attribute = value`."""

    entity: EntityId
    attribute: EntityId
    value: str

    @model_validator(mode="before")
    @classmethod
    def _from_yaml(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        match = _FACT.fullmatch(value)
        if match is None:
            raise ValueError(f"expected `entity.attribute = value`, found {value!r}")
        return {"entity": match[1], "attribute": match[2], "value": match[3]}

    @model_serializer
    def _to_yaml(self) -> str:
        return f"{self.entity}.{self.attribute} = {self.value}"


def _to_the_thousandth(strength: float) -> float:
    return round(strength, 3)


class Relation(NamedTuple):
    """A relation of `subject` to `object`. In YAML: `[mara, fears, storm]`, with a strength from 0 to 1 as fourth item if it is not 1."""

    subject: EntityId
    relation: Text
    object: EntityId
    strength: Annotated[float, Field(ge=0, le=1), AfterValidator(_to_the_thousandth)] = 1.0


def _relation_to_yaml(relation: Relation) -> list[str | float]:
    return [*relation[:3]] if relation.strength == 1.0 else [*relation]


class Reason(NamedTuple):
    """Why an event happens. In YAML: `[e1, enables, e2]`, where `e2` is an event of the scene and `e1` an earlier one of the episode."""

    earlier: PlanId
    link: StoryLink
    event: PlanId


EXPLANATION: Final[set[str]] = {"events", "because"}
"""Keys of a scene that explain it. They change nothing in the film and belong to no key of the production."""


class Shot(_Part):
    """One camera set-up."""

    id: PlanId
    size: ShotSize = "medium"
    camera: CameraMove = "static"
    focus: tuple[EntityId, ...] = ()
    """Characters in the frame; empty: every character who acts or speaks in the shot."""
    action: dict[EntityId, Text] = {}
    lines: tuple[Line, ...] = ()
    transition: Transition = "cut"
    """Transition into this shot. `match_cut`: characters in focus begin where the previous shot framed them."""
    sound: SoundCut = "straight"
    """How sound crosses the cut into this shot. `j_cut`: its first line starts before its picture; `l_cut`: the last line of the
    previous shot continues over it."""
    continues: bool = False
    """Whether the movement continues from the previous shot, which must be in the same scene."""
    seconds: Annotated[float, Field(ge=0.5, le=60)] | None = None
    """Length of the shot in seconds; None: speech and action decide."""
    allow_missing: bool = False
    """Whether the shot may be rendered although the backbone cannot be given a character that it names."""


class Scene(_Part):
    """One place and time."""

    id: PlanId
    title: Text | None = None
    beat: Text | None = None
    """The change in this scene in a word or two: want, obstacle, setback, choice…"""
    at: EntityId
    time: TimeOfDay = "day"
    weather: Weather = "clear"
    lighting: Lighting = Lighting()
    mood: Mood = "calm"
    goal: Description = ""
    synopsis: Description = ""
    """What happened, in one sentence. Memory keeps it as the text of the scene."""
    events: dict[PlanId, Text] = {}
    """Events of the story that the scene shows, in their order: id and sentence."""
    because: tuple[Reason, ...] = ()
    """Why they happen: `[e1, enables, e2]`. `e2` is an event of this scene, `e1` comes before it."""
    present: tuple[EntityId, ...] = ()
    """Characters in the scene; empty: every character who acts, speaks or is in focus in a shot."""
    relations: tuple[Annotated[Relation, PlainSerializer(_relation_to_yaml)], ...] = ()
    """Relations between entities: `[mara, fears, storm]`, with a strength where it matters: `[mara, fears, storm, 0.4]`."""
    shots: Annotated[tuple[Shot, ...], Field(min_length=1, max_length=200)]
    facts: tuple[FactText, ...] = ()
    opens: dict[EntityId, Text] = {}
    """Story threads that the scene opens: id and question."""
    closes: tuple[EntityId, ...] = ()

    def people(self) -> tuple[str, ...]:
        """Ids of all characters in the scene in order of appearance, without the narrator."""
        names = dict.fromkeys(self.present)
        for shot in self.shots:
            names.update(dict.fromkeys(shot.focus))
            names.update(dict.fromkeys(shot.action))
            names.update(dict.fromkeys(line.speaker for line in shot.lines))
        return tuple(name for name in names if name != NARRATOR)


class EpisodePlan(_Part):
    """One episode."""

    format: Literal["episodic/plan@1"] = PLAN_FORMAT
    title: Text
    prompt: Annotated[str, StringConstraints(max_length=20_000)] = ""
    seed: Annotated[int, Field(ge=0, lt=2**63)] = 0
    look: Look = Look()
    cast: dict[EntityId, CastMember] = {}
    locations: dict[EntityId, Place] = {}
    props: dict[EntityId, PlannedProp] = {}
    scenes: Annotated[tuple[Scene, ...], Field(min_length=1, max_length=400)]
