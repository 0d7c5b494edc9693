"""From plan and canon to what a backbone is asked for each shot."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from episodic.backbones.protocol import Capabilities
from episodic.backbones.request import Mark
from episodic.conditioning.blocking import Move, block_scene
from episodic.conditioning.cast import CastCharacter, EpisodeCast, find_prop
from episodic.conditioning.scene_state import State, sky_of, states_by_scene
from episodic.looks.look import dress
from episodic.seeds import derive_seed
from memory.model.canon import CharacterKind
from memory.model.facts import Fact
from planners.plan.model import NARRATOR, EpisodePlan, Scene, Shot
from planners.plan.vocabulary import EMOTIONS, Emotion, Key, TimeOfDay

__all__ = ["ShotBrief", "auditioned", "brief_episode", "brief_scene"]

_FRAMES_EVERYBODY = ("extreme_wide", "wide")
"""The camera makes room for everybody."""
_SHOWS_EVERYBODY = (*_FRAMES_EVERYBODY, "full")
"""Whoever stands in the picture is seen; in closer shots bystanders step out of the way of the camera."""
_WIDTH_SHARE: Mapping[CharacterKind, float] = {"human": 0.45, "animal": 0.8, "robot": 0.6, "spirit": 1.0, "thing": 0.8}

_LIGHT: Mapping[TimeOfDay, tuple[Key, int, float]] = {
    "dawn": ("left", 4300, 0.45),
    "day": ("left", 5600, 0.4),
    "dusk": ("right", 3300, 0.6),
    "night": ("right", 7200, 0.7),
}


@dataclass(frozen=True, slots=True)
class ShotBrief:
    """One shot as JSON: a `ShotRequest` without what other tasks make (speech, auditions, the continued take)."""

    request: dict[str, Any]
    auditions: tuple[str, ...]
    """Performers, in order, whose motion embedding an audition makes."""
    light_audition: bool
    moves: bool
    """Whether anybody crosses the floor."""
    on_stage: tuple[str, ...]
    """Who is shot, in the order of the performers."""
    left_out: tuple[str, ...]
    """Who is there and does not fit among the performers."""
    untold: tuple[tuple[str, str, str], ...]
    """Actions of which no word is known: (who, the words, what is played instead)."""
    remembered: dict[str, Any] = field(default_factory=dict)
    """What takes are judged against, as JSON; empty where no more than one take is made."""

    def handed(self, more: Mapping[str, Any]) -> ShotBrief:
        """The brief with more in its request."""
        return dataclasses.replace(self, request={**self.request, **more}) if more else self


def brief_episode(
    plan: EpisodePlan,
    cast: EpisodeCast,
    can: Capabilities,
    *,
    size: tuple[int, int],
    fps: int,
    edits: Sequence[Fact] = (),
    number: int = 1,
) -> dict[str, ShotBrief]:
    """Brief every shot of episode `number`, keyed by shot id, in story order. `edits`: the user's facts that cover any of it."""
    found: dict[str, ShotBrief] = {}
    for scene, state in zip(plan.scenes, states_by_scene(plan, cast, edits, number), strict=True):
        briefs = brief_scene(plan, scene, cast, state, can, size=size, fps=fps)
        found |= {shot.id: brief for shot, brief in zip(scene.shots, briefs, strict=True)}
    return found


def brief_scene(
    plan: EpisodePlan, scene: Scene, cast: EpisodeCast, state: State, can: Capabilities, *, size: tuple[int, int], fps: int
) -> list[ShotBrief]:
    """Brief every shot of one scene."""
    people = cast.characters.values()
    moves = block_scene(scene, {one.id: one.name for one in people}, {one.id: _reach_m(one) for one in people})
    setting = _setting(scene, cast, state)
    return [
        _brief_shot(plan, scene, shot, shot_moves, cast, state, setting, can, size, fps)
        for shot, shot_moves in zip(scene.shots, moves, strict=True)
    ]


def _brief_shot(
    plan: EpisodePlan,
    scene: Scene,
    shot: Shot,
    moves: Mapping[str, Move],
    cast: EpisodeCast,
    state: State,
    setting: Mapping[str, Any],
    can: Capabilities,
    size: tuple[int, int],
    fps: int,
) -> ShotBrief:
    on_stage, left_out = _choose_performers(shot, moves, can.max_performers)
    wide = shot.size in _SHOWS_EVERYBODY
    focus = [one for one in (shot.focus or _doers(shot)) if one in on_stage]
    focus = list(on_stage) if shot.size in _FRAMES_EVERYBODY or not focus else focus
    performers = [_performer(one, shot, moves, on_stage, cast, state, focus, wide) for one in on_stage]
    place = cast.locations[scene.at]
    request = {
        "shot_id": shot.id,
        "seed": derive_seed(plan.seed, "shot", shot.id),
        "fps": fps,
        "width": size[0],
        "height": size[1],
        "style": plan.look.style,
        "size": shot.size,
        "camera": shot.camera,
        "setting": {**setting, "props": _props(on_stage, cast, state)},
        "performers": performers,
        "focus": focus,
        "speech": [{"speaker": line.speaker, "emotion": line.emotion} for line in shot.lines],
    }
    auditions = tuple(one for one in on_stage if cast.characters[one].motion is None)
    return ShotBrief(
        request=request,
        auditions=auditions if auditioned(can) else (),
        light_audition=place.light is None and auditioned(can),
        moves=any(move.start != move.end for move in moves.values()),
        on_stage=tuple(on_stage),
        left_out=tuple(left_out),
        untold=tuple(
            (one, text, moves[one].reading.action)
            for one, text in shot.action.items()
            if one in moves and not moves[one].reading.exact
        ),
    )


def auditioned(can: Capabilities) -> bool:
    """Whether how somebody moves reaches a backbone: as tokens, or as control video from the previsualisation, which takes tokens."""
    return can.motion_embeddings or bool(can.control)


def _reach_m(character: CastCharacter) -> float:
    """Half the room a character takes up on the floor: a cloud is as wide as it is tall, a person is not."""
    height = character.look.get("height")
    tall = float(height) if isinstance(height, int | float) else 1.7
    return round(max(0.3, tall * _WIDTH_SHARE[character.kind] / 2), 3)


def _doers(shot: Shot) -> list[str]:
    return [one for one in dict.fromkeys([*(line.speaker for line in shot.lines), *shot.action]) if one != NARRATOR]


def _choose_performers(shot: Shot, moves: Mapping[str, Move], most: int) -> tuple[list[str], list[str]]:
    """Who is shot, those in focus first; who of those the plan names does not fit."""
    wanted = list(dict.fromkeys([*shot.focus, *_doers(shot)]))
    wanted = [one for one in wanted if one in moves]
    bystanders = [one for one in moves if one not in wanted]
    return [*wanted, *bystanders][:most], [*wanted, *bystanders][most:]


def _performer(
    one: str,
    shot: Shot,
    moves: Mapping[str, Move],
    on_stage: Sequence[str],
    cast: EpisodeCast,
    state: State,
    focus: Sequence[str],
    wide: bool,
) -> dict[str, Any]:
    character, move = cast.characters[one], moves[one]
    partner = _partner(one, shot, on_stage)
    return {
        "id": one,
        "kind": character.kind,
        "look": dress(character.look, state.get(one, {})),
        "motion": list(character.motion or ()),
        "action": move.reading.action,
        "action_text": shot.action.get(one, ""),
        "emotion": _emotion(one, shot, state),
        "start": _mark(move.start),
        "end": _mark(move.end),
        "looks_at": _mark(moves[partner].end) if partner else None,
        "in_frame": wide or one in focus,
    }


def _partner(one: str, shot: Shot, on_stage: Sequence[str]) -> str | None:
    others = [other for other in on_stage if other != one]
    speakers = [line.speaker for line in shot.lines if line.speaker in others]
    return next(iter(speakers or others), None)


def _emotion(one: str, shot: Shot, state: State) -> Emotion:
    for line in shot.lines:
        if line.speaker == one:
            return line.emotion
    feelings: dict[str, Emotion] = {"gentle": "tender", "brave": "happy", "proud": "happy", "uneasy": "afraid", "lonely": "sad"}
    mood = str(state.get(one, {}).get("mood", "neutral"))
    return next((one for one in EMOTIONS if one == mood), feelings.get(mood, "neutral"))


def _mark(mark: Mark) -> dict[str, float]:
    return {"x": mark.x, "z": mark.z}


def _setting(scene: Scene, cast: EpisodeCast, state: State) -> dict[str, Any]:
    place = cast.locations[scene.at]
    sky = sky_of(scene, state)
    key, kelvin, contrast = _LIGHT[sky.time]
    light = sky.lighting
    return {
        "location": scene.at,
        "look": {**place.look, **{name: value for name, value in state.get(scene.at, {}).items() if name in place.look}},
        "light": list(place.light or ()),
        "time": sky.time,
        "weather": sky.weather,
        "mood": scene.mood,
        "key": light.key or key,
        "temperature_k": light.temperature_k or kelvin,
        "contrast": contrast if light.contrast is None else light.contrast,
    }


def _props(on_stage: Sequence[str], cast: EpisodeCast, state: State) -> list[dict[str, Any]]:
    """What performers hold (`mara.holding = lantern`)."""
    found = []
    for one in on_stage:
        prop = find_prop(str(state.get(one, {}).get("holding", "")), cast.props)
        if prop is not None:
            found.append({"id": prop.id, "look": dict(prop.look), "held_by": one, "mark": None})
    return found
