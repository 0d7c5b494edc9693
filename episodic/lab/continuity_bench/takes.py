"""Takes of a synthetic series, made with memory and without, and the measurements of their picture and sound."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, NamedTuple, cast

import numpy as np

from episodic.backbones.protocol import Backbone
from episodic.backbones.request import ShotRequest
from episodic.backbones.speech_cue import Spoken
from episodic.backbones.stage.auditions import audition, audition_light
from episodic.backbones.stage.backbone import Stage
from episodic.backbones.take import Take
from episodic.conditioning.cast import EpisodeCast, cast_episode
from episodic.conditioning.scene_state import State, states_by_scene
from episodic.conditioning.shot_brief import ShotBrief, brief_scene
from episodic.lab.continuity_bench.measurements import MEASURED_KINDS, LightChange, LightGap, SeriesMeasurement
from episodic.production.steps.parts.shot_timing import time_shot
from episodic.quality.light import MeasuredLight, ambient_difference, direction_difference, light_of_take, white_of
from episodic.quality.look import LOOK_ENCODER, load_look_encoder
from episodic.quality.recurrence import Appearance
from episodic.quality.survey import Survey
from episodic.quality.verify import References, verify_take
from episodic.quality.voice import VOICE_ENCODER, voice_of_lines
from episodic.seeds import derive_seed
from episodic.sound.audio import SAMPLE_RATE, Mono
from episodic.sound.speech.engine import HibariSpeech
from episodic.sound.speech.lips import lip_track
from memory.model.canon import Character, Location, empty_canon
from memory.model.entities import entity_facts
from memory.model.facts import Fact, StoryPosition
from memory.model.records import EmbeddingKind, EmbeddingRecord, EntityRecord, SceneRecord, TakeRecord
from memory.store import MemoryStore
from planners.plan.model import CastMember, EpisodePlan, Place, Scene, Shot
from planners.plan.vocabulary import Emotion

__all__ = ["make_with_memory", "make_without_memory"]

_SIZE, _FPS = (640, 360), 24
_HEIGHT_PX: Final = 300
_FRAMES: Final = (0.15, 0.4, 0.65, 0.9)
"""The surveyed frames of a take, as shares of its length."""


class _SurveyedScene(NamedTuple):
    """A scene whose takes are made and surveyed."""

    position: StoryPosition
    place: str
    surveys: Sequence[Survey]

    @property
    def lights(self) -> list[MeasuredLight]:
        """The light of every take."""
        return [MeasuredLight.from_json(cast(Mapping[str, Any], survey.measures["light"])) for survey in self.surveys]


def make_with_memory(plans: Sequence[EpisodePlan], seed: int, database: Path) -> SeriesMeasurement:
    """Make the series as production does: cast from memory as of the episode, verify and commit every scene.

    `database`: a file that does not exist yet.
    """
    scenes: list[_SurveyedScene] = []
    known: set[str] = set()
    unverified = 0
    with MemoryStore.open(database, create=True) as memory:
        for number, full_plan in enumerate(plans, 1):
            plan = _without_known_descriptions(full_plan, known)
            episode_cast = _auditioned(cast_episode(plan, memory.as_of(StoryPosition(number, 0)), seed))
            states = states_by_scene(plan, episode_cast, (), number)
            for place, (scene, state) in enumerate(zip(plan.scenes, states, strict=True), 1):
                position = StoryPosition(number, place)
                surveys = _shoot_scene(plan, scene, episode_cast, state)
                takes = _verified_takes(surveys, memory)
                unverified += sum(not embedding.verified for take in takes for embedding in take.embeddings)
                memory.commit(_scene_record(position, scene, episode_cast, takes))
                scenes.append(_SurveyedScene(position, scene.at, surveys))
            known |= {*plan.cast, *plan.locations}
    return _series_measurement(scenes, unverified)


def make_without_memory(plans: Sequence[EpisodePlan], seed: int, *, new_seeds: bool) -> SeriesMeasurement:
    """Make every scene from its descriptions alone; no scene knows another.

    `new_seeds`: cast each scene with a seed of its own and leave motion and light to the backbone. Without it, cast and audition every
    scene with the series' seed, as a tool without memory does when it is called again with the same arguments.
    """
    scenes: list[_SurveyedScene] = []
    for number, plan in enumerate(plans, 1):
        for place, scene in enumerate(plan.scenes, 1):
            if new_seeds:
                scene_cast = cast_episode(plan, empty_canon(), derive_seed(seed, "no memory", scene.id))
            else:
                scene_cast = _auditioned(cast_episode(plan, empty_canon(), seed))
            state = states_by_scene(plan, scene_cast, (), number)[place - 1]
            surveys = _shoot_scene(plan, scene, scene_cast, state)
            scenes.append(_SurveyedScene(StoryPosition(number, place), scene.at, surveys))
    return _series_measurement(scenes)


def _without_known_descriptions(plan: EpisodePlan, known: set[str]) -> EpisodePlan:
    """Return the plan with only the names of characters and places that memory knows."""
    members = {entity: CastMember() if entity in known else member for entity, member in plan.cast.items()}
    places = {entity: Place() if entity in known else place for entity, place in plan.locations.items()}
    return plan.model_copy(update={"cast": members, "locations": places})


def _auditioned(episode_cast: EpisodeCast) -> EpisodeCast:
    """Audition newcomers with the backbone: the motion of characters, the light of places."""
    characters = {
        entity: character
        if character.motion
        else replace(character, motion=_audition(character.kind, character.description, character.seed))
        for entity, character in episode_cast.characters.items()
    }
    locations = {
        entity: location
        if location.light
        else replace(location, light=_audition_light(f"{location.name}, {location.description}", location.seed))
        for entity, location in episode_cast.locations.items()
    }
    return replace(episode_cast, characters=characters, locations=locations)


def _shoot_scene(plan: EpisodePlan, scene: Scene, episode_cast: EpisodeCast, state: State) -> list[Survey]:
    backbone = _shared_backbone()
    briefs = brief_scene(plan, scene, episode_cast, state, backbone, size=_SIZE, fps=_FPS)
    return [_shoot(shot, brief, episode_cast, backbone) for shot, brief in zip(scene.shots, briefs, strict=True)]


def _shoot(shot: Shot, brief: ShotBrief, episode_cast: EpisodeCast, backbone: Backbone) -> Survey:
    """Make and survey one take with the steps of production, without films and artifacts."""
    engine = _speech_engine()
    utterances = [engine.say(line.text, episode_cast.voice(line.speaker), line.emotion) for line in shot.lines]
    durations_s = [len(utterance.samples) / SAMPLE_RATE for utterance in utterances]
    timing = time_shot(durations_s, fps=_FPS, moves=brief.moves)
    speech = [Spoken(samples=utterance.samples, lips=lip_track(utterance)) for utterance in utterances]
    request = brief.request.timed(timing.frames, timing.starts_s, speech)
    voices = [(line.speaker, utterance.samples) for line, utterance in zip(shot.lines, utterances, strict=True)]
    return _survey(backbone, request, backbone.shoot(request), voices)


def _survey(backbone: Backbone, request: ShotRequest, take: Take, voices: Sequence[tuple[str, Mono]]) -> Survey:
    """Measure as `survey_take` does, from fewer and smaller frames and without key frames, which take most of its time.

    `voices`: speaker and samples of every line.
    """
    frames = [int(share * request.frames) for share in _FRAMES]
    sights = list(backbone.observe(request, take, frames, _HEIGHT_PX))
    encoder = load_look_encoder()
    looks: dict[str, list[np.ndarray]] = {}
    for sight in sights:
        for entity, mask in sight.masks.items():
            look = encoder.encode(sight.picture, mask, white_of(sight))
            if look is not None:
                looks.setdefault(entity, []).append(look)
    embeddings = [_embedding_record("look", entity, np.mean(vectors, axis=0), LOOK_ENCODER) for entity, vectors in looks.items()]
    embeddings += [
        _embedding_record("motion", performer.id, vector, f"{take.notes['encoder']}-motion")
        for performer, vector in zip(request.performers, take.arrays["motion_embedding"], strict=False)
        if performer.id in looks
    ]
    lines: dict[str, list[tuple[Mono, Emotion | None]]] = {}
    for (speaker, samples), cue in zip(voices, request.speech, strict=True):
        lines.setdefault(speaker, []).append((samples, cue.emotion))
    embeddings += [
        _embedding_record("voice", speaker, voice_of_lines(spoken), VOICE_ENCODER) for speaker, spoken in lines.items()
    ]
    light = light_of_take(sights).to_json()
    return Survey(shot_id=request.shot_id, embeddings=tuple(embeddings), measures={"light": light})


def _embedding_record(kind: EmbeddingKind, entity: str, vector: np.ndarray, encoder: str) -> EmbeddingRecord:
    return EmbeddingRecord(kind=kind, entity=entity, vector=tuple(map(float, vector)), encoder=encoder)


def _verified_takes(surveys: Sequence[Survey], memory: MemoryStore) -> list[TakeRecord]:
    """Return the takes of a scene as memory keeps them, verified against all vectors that memory has verified before."""
    names = [survey.shot_id.replace(".", "-") for survey in surveys]
    takes = [
        survey.record(take=f"take-{name}", survey=f"survey-{name}", seed=0) for name, survey in zip(names, surveys, strict=True)
    ]
    references = References()
    for kind, encoder in sorted({(embedding.kind, embedding.encoder) for take in takes for embedding in take.embeddings}):
        owners, vectors = memory.vectors(kind, encoder)
        references.add(kind, encoder, [owner.entity for owner in owners], vectors)
    return [verify_take(take, references) for take in takes]


def _scene_record(position: StoryPosition, scene: Scene, episode_cast: EpisodeCast, takes: Sequence[TakeRecord]) -> SceneRecord:
    """Return what the scene leaves in memory."""
    place = episode_cast.locations[scene.at]
    lasting: list[Character | Location] = [
        Location(id=place.id, name=place.name, description=place.description, look=place.look, light=place.light or ()),
        *(_canon_character(episode_cast, entity) for entity in scene.people()),
    ]
    entities: list[EntityRecord] = []
    facts: list[Fact] = []
    for entity in lasting:
        record, known = entity_facts(entity, position)
        entities.append(record)
        facts += known
    return SceneRecord(
        position=position,
        scene_id=scene.id,
        key=scene.id,
        title=scene.title or "",
        entities=tuple(entities),
        facts=tuple(facts),
        takes=tuple(takes),
    )


def _canon_character(episode_cast: EpisodeCast, entity: str) -> Character:
    member = episode_cast.characters[entity]
    return Character(
        id=member.id,
        name=member.name,
        kind=member.kind,
        description=member.description,
        look=member.look,
        voice=member.voice,
        motion=member.motion or (),
    )


def _series_measurement(scenes: Sequence[_SurveyedScene], unverified: int = 0) -> SeriesMeasurement:
    appearances = tuple(
        Appearance(entity=embedding.entity, position=scene.position, kind=embedding.kind, vector=embedding.vector)
        for scene in scenes
        for survey in scene.surveys
        for embedding in survey.embeddings
        if embedding.kind in MEASURED_KINDS
    )
    shots = sum(len(scene.surveys) for scene in scenes)
    return SeriesMeasurement(appearances=appearances, light=tuple(_light_changes(scenes)), shots=shots, unverified=unverified)


def _light_changes(scenes: Sequence[_SurveyedScene]) -> list[LightChange]:
    """Compare the light from shot to shot of a scene, and of the first shots of a place from visit to visit."""
    changes = []
    visits: dict[str, tuple[StoryPosition, MeasuredLight]] = {}
    for scene in scenes:
        lights = scene.lights
        pairs: list[tuple[LightGap, MeasuredLight, MeasuredLight]] = [("shots", *pair) for pair in itertools.pairwise(lights)]
        if scene.place in visits:
            position, light = visits[scene.place]
            pairs.append(("scenes" if position.episode == scene.position.episode else "episodes", light, lights[0]))
        visits[scene.place] = scene.position, lights[0]
        for gap, before, after in pairs:
            ambient, direction = ambient_difference(before, after), direction_difference(before, after)
            changes.append(LightChange(gap=gap, position=scene.position, ambient=ambient, direction_deg=direction))
    return changes


# Auditions are functions of their arguments; without memory the same ones are made for every scene.
_audition = lru_cache(maxsize=256)(audition)
_audition_light = lru_cache(maxsize=256)(audition_light)


@lru_cache(maxsize=1)
def _shared_backbone() -> Backbone:
    return Stage()


@lru_cache(maxsize=1)
def _speech_engine() -> HibariSpeech:
    return HibariSpeech()
