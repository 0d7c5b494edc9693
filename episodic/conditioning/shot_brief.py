"""From plan and canon to the draft of each shot's request."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from episodic.backbones.protocol import ConditionedModel, control_kinds, takes_motion
from episodic.backbones.request import Performer, PropOnSet, Setting, ShotDraft
from episodic.backbones.speech_cue import PlannedLine
from episodic.conditioning.blocking import Move, block_scene
from episodic.conditioning.cast import CastCharacter, EpisodeCast, held_prop
from episodic.conditioning.scene_state import State, sky_of, states_by_scene
from episodic.looks.look import dress
from episodic.seeds import derive_seed
from memory.model.canon import CharacterKind
from memory.model.facts import Fact
from planners.plan.model import NARRATOR, EpisodePlan, Scene, Shot
from planners.plan.vocabulary import EMOTIONS, Emotion, Key, TimeOfDay

__all__ = ["ShotBrief", "UnknownAction", "brief_episode", "brief_scene", "needs_auditions"]

_FRAMES_EVERYBODY: Final = ("extreme_wide", "wide")
"""Sizes in which the camera makes room for everybody."""
_SHOWS_EVERYBODY: Final = (*_FRAMES_EVERYBODY, "full")
"""Sizes in which bystanders are visible; in closer shots they step out of the way of the camera."""
_WIDTH_SHARE: Final[Mapping[CharacterKind, float]] = {"human": 0.45, "animal": 0.8, "robot": 0.6, "spirit": 1.0, "thing": 0.8}
"""Width of a character as a share of its height."""
_DEFAULT_HEIGHT_M: Final = 1.7
_FEELINGS: Final[Mapping[str, Emotion]] = {
    "gentle": "tender",
    "brave": "happy",
    "proud": "happy",
    "uneasy": "afraid",
    "lonely": "sad",
}
"""Moods that are no emotion of the vocabulary, and the emotion that plays them."""
_LIGHT: Final[Mapping[TimeOfDay, tuple[Key, int, float]]] = {
    "dawn": ("left", 4300, 0.45),
    "day": ("left", 5600, 0.4),
    "dusk": ("right", 3300, 0.6),
    "night": ("right", 7200, 0.7),
}
"""Key light, colour temperature in kelvin and contrast, where the plan sets none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownAction:
    """An action of the plan of which no word is known."""

    entity: str
    text: str
    played: str
    """The action that is played instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShotBrief:
    """One shot: the draft of its request, and what else plan and canon say of it."""

    request: ShotDraft
    auditions: tuple[str, ...]
    """Performers, in order, whose motion embedding an audition makes."""
    light_audition: bool
    moves: bool
    """Whether anybody crosses the floor."""
    on_stage: tuple[str, ...]
    """Ids of the performers, in their order."""
    left_out: tuple[str, ...]
    """Characters in the scene who do not fit among the performers."""
    unknown_actions: tuple[UnknownAction, ...]

    def with_request(self, request: ShotDraft) -> ShotBrief:
        """The brief with another draft."""
        return dataclasses.replace(self, request=request)


def brief_episode(
    plan: EpisodePlan,
    cast: EpisodeCast,
    model: ConditionedModel,
    *,
    size: tuple[int, int],
    fps: int,
    edits: Sequence[Fact] = (),
    number: int = 1,
) -> dict[str, ShotBrief]:
    """Brief every shot of episode `number`, keyed by shot id, in story order. `edits`: the user's facts that cover any of it."""
    briefs: dict[str, ShotBrief] = {}
    for scene, state in zip(plan.scenes, states_by_scene(plan, cast, edits, number), strict=True):
        of_scene = brief_scene(plan, scene, cast, state, model, size=size, fps=fps)
        briefs |= {shot.id: brief for shot, brief in zip(scene.shots, of_scene, strict=True)}
    return briefs


def brief_scene(
    plan: EpisodePlan, scene: Scene, cast: EpisodeCast, state: State, model: ConditionedModel, *, size: tuple[int, int], fps: int
) -> list[ShotBrief]:
    """Brief every shot of one scene."""
    characters = cast.characters.values()
    reach_m = {character.id: _reach_m(character) for character in characters}
    moves = block_scene(scene, {character.id: character.name for character in characters}, reach_m)
    setting = _setting(scene, cast, state)
    return [
        _brief_shot(plan, scene, shot, shot_moves, cast, state, setting, model, size, fps)
        for shot, shot_moves in zip(scene.shots, moves, strict=True)
    ]


def _brief_shot(
    plan: EpisodePlan,
    scene: Scene,
    shot: Shot,
    moves: Mapping[str, Move],
    cast: EpisodeCast,
    state: State,
    setting: Setting,
    model: ConditionedModel,
    size: tuple[int, int],
    fps: int,
) -> ShotBrief:
    on_stage, left_out = _choose_performers(shot, moves, model.capabilities.max_performers)
    focus = [entity for entity in (shot.focus or _acting(shot)) if entity in on_stage]
    focus = list(on_stage) if shot.size in _FRAMES_EVERYBODY or not focus else focus
    request = ShotDraft(
        shot_id=shot.id,
        seed=derive_seed(plan.seed, "shot", shot.id),
        fps=fps,
        width=size[0],
        height=size[1],
        style=plan.look.style,
        size=shot.size,
        camera=shot.camera,
        setting=dataclasses.replace(setting, props=_props_in_hand(on_stage, cast, state)),
        performers=tuple(_performer(entity, shot, moves, on_stage, cast, state, focus) for entity in on_stage),
        focus=tuple(focus),
        lines=tuple(PlannedLine(speaker=line.speaker, emotion=line.emotion) for line in shot.lines),
    )
    auditions = tuple(entity for entity in on_stage if cast.characters[entity].motion is None)
    return ShotBrief(
        request=request,
        auditions=auditions if needs_auditions(model) else (),
        light_audition=cast.locations[scene.at].light is None and needs_auditions(model),
        moves=any(move.start != move.end for move in moves.values()),
        on_stage=tuple(on_stage),
        left_out=tuple(left_out),
        unknown_actions=tuple(
            UnknownAction(entity=entity, text=text, played=moves[entity].reading.action)
            for entity, text in shot.action.items()
            if entity in moves and not moves[entity].reading.exact
        ),
    )


def needs_auditions(model: ConditionedModel) -> bool:
    """Whether motion embeddings reach a backbone: as tokens, or as control video from the previsualisation, which takes tokens."""
    return takes_motion(model) or bool(control_kinds(model))


def _reach_m(character: CastCharacter) -> float:
    """Half the room that a character takes up on the floor: a cloud is as wide as it is tall, a person is not."""
    height = character.look.get("height")
    height_m = float(height) if isinstance(height, int | float) else _DEFAULT_HEIGHT_M
    return round(max(0.3, height_m * _WIDTH_SHARE[character.kind] / 2), 3)


def _acting(shot: Shot) -> list[str]:
    """Characters who speak or act in a shot."""
    return [entity for entity in dict.fromkeys([*(line.speaker for line in shot.lines), *shot.action]) if entity != NARRATOR]


def _choose_performers(shot: Shot, moves: Mapping[str, Move], most: int) -> tuple[list[str], list[str]]:
    """The first `most` characters on stage, those in focus first; and the characters who do not fit."""
    named = [entity for entity in dict.fromkeys([*shot.focus, *_acting(shot)]) if entity in moves]
    bystanders = [entity for entity in moves if entity not in named]
    return [*named, *bystanders][:most], [*named, *bystanders][most:]


def _performer(
    entity: str,
    shot: Shot,
    moves: Mapping[str, Move],
    on_stage: Sequence[str],
    cast: EpisodeCast,
    state: State,
    focus: Sequence[str],
) -> Performer:
    """A character on stage: dressed as the state says, moving and looking as the shot says."""
    character, move = cast.characters[entity], moves[entity]
    partner = _partner(entity, shot, on_stage)
    return Performer(
        id=entity,
        kind=character.kind,
        look=dress(character.look, state.get(entity, {})),
        motion=tuple(character.motion or ()),
        action=move.reading.action,
        action_text=shot.action.get(entity, ""),
        emotion=_emotion(entity, shot, state),
        start=move.start,
        end=move.end,
        looks_at=moves[partner].end if partner else None,
        in_frame=shot.size in _SHOWS_EVERYBODY or entity in focus,
    )


def _partner(entity: str, shot: Shot, on_stage: Sequence[str]) -> str | None:
    """The character whom a performer looks at: another speaker, else anybody else."""
    others = [other for other in on_stage if other != entity]
    speakers = [line.speaker for line in shot.lines if line.speaker in others]
    return next(iter(speakers or others), None)


def _emotion(entity: str, shot: Shot, state: State) -> Emotion:
    """The emotion of the character's first line, else of its mood."""
    for line in shot.lines:
        if line.speaker == entity:
            return line.emotion
    mood = str(state.get(entity, {}).get("mood", "neutral"))
    return next((emotion for emotion in EMOTIONS if emotion == mood), _FEELINGS.get(mood, "neutral"))


def _setting(scene: Scene, cast: EpisodeCast, state: State) -> Setting:
    place = cast.locations[scene.at]
    sky = sky_of(scene, state)
    key, kelvin, contrast = _LIGHT[sky.time]
    light = sky.lighting
    return Setting(
        location=scene.at,
        look={**place.look, **{name: value for name, value in state.get(scene.at, {}).items() if name in place.look}},
        light=tuple(place.light or ()),
        time=sky.time,
        weather=sky.weather,
        mood=scene.mood,
        key=light.key or key,
        temperature_k=light.temperature_k or kelvin,
        contrast=contrast if light.contrast is None else light.contrast,
    )


def _props_in_hand(on_stage: Sequence[str], cast: EpisodeCast, state: State) -> tuple[PropOnSet, ...]:
    """The props that performers hold (`mara.holding = lantern`)."""
    in_hand = ((entity, held_prop(entity, state, cast)) for entity in on_stage)
    return tuple(PropOnSet(id=prop.id, look=dict(prop.look), held_by=entity) for entity, prop in in_hand if prop is not None)
