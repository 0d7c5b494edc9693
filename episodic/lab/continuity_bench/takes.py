"""Makes the takes of a synthetic series, with memory and without, and measures what they show and let hear."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np

from episodic.backbones.protocol import Backbone
from episodic.backbones.request import ShotRequest, Spoken
from episodic.backbones.stage.auditions import audition, audition_light
from episodic.backbones.stage.backbone import Stage
from episodic.backbones.take import Take
from episodic.conditioning.cast import EpisodeCast, cast_episode
from episodic.conditioning.scene_state import states_by_scene
from episodic.conditioning.shot_brief import ShotBrief, brief_scene
from episodic.lab.continuity_bench.bench import KINDS, Between, LightStep, Made
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
"""Which frames of a take are looked at, as shares of its length."""

_Visit = tuple[StoryPosition, Scene, list[Survey]]


def make_with_memory(plans: Sequence[EpisodePlan], seed: int, database: Path) -> Made:
    """As production does: cast from what memory holds as of the episode, verify and commit every scene.

    `database`: a file yet to be made.
    """
    visits: list[_Visit] = []
    known: set[str] = set()
    doubted = 0
    with MemoryStore.open(database, create=True) as memory:
        for number, full in enumerate(plans, 1):
            plan = _as_told(full, known)
            cast = _auditioned(cast_episode(plan, memory.as_of(StoryPosition(number, 0)), seed))
            for place, (scene, state) in enumerate(zip(plan.scenes, states_by_scene(plan, cast, (), number), strict=True), 1):
                at = StoryPosition(number, place)
                surveys = _shoot_scene(plan, scene, cast, state)
                takes = _verified(surveys, memory)
                doubted += sum(not each.verified for one in takes for each in one.embeddings)
                memory.commit(_record(at, scene, cast, takes))
                visits.append((at, scene, surveys))
            known |= {*plan.cast, *plan.locations}
    return _made(visits, doubted)


def make_without_memory(plans: Sequence[EpisodePlan], seed: int, *, new_seeds: bool) -> Made:
    """Make every scene from its descriptions alone; no scene knows another.

    `new_seeds`: cast each scene with a seed of its own and leave motion and light to the backbone. Without: cast and audition all of
    them with the series' seed, as a tool without memory does that is called with the same arguments again.
    """
    visits: list[_Visit] = []
    for number, plan in enumerate(plans, 1):
        for place, scene in enumerate(plan.scenes, 1):
            if new_seeds:
                cast = cast_episode(plan, empty_canon(), derive_seed(seed, "no memory", scene.id))
            else:
                cast = _auditioned(cast_episode(plan, empty_canon(), seed))
            state = states_by_scene(plan, cast, (), number)[place - 1]
            visits.append((StoryPosition(number, place), scene, _shoot_scene(plan, scene, cast, state)))
    return _made(visits)


def _as_told(plan: EpisodePlan, known: set[str]) -> EpisodePlan:
    """The plan as somebody writes it who has a memory: whoever is known already is only named."""
    cast = {entity: CastMember() if entity in known else member for entity, member in plan.cast.items()}
    places = {entity: Place() if entity in known else place for entity, place in plan.locations.items()}
    return plan.model_copy(update={"cast": cast, "locations": places})


def _auditioned(cast: EpisodeCast) -> EpisodeCast:
    """Newcomers shown to the backbone: how they move, how a new place is lit."""
    characters = {
        entity: one if one.motion else replace(one, motion=_audition(one.kind, one.description, one.seed))
        for entity, one in cast.characters.items()
    }
    locations = {
        entity: one if one.light else replace(one, light=_audition_light(f"{one.name}, {one.description}", one.seed))
        for entity, one in cast.locations.items()
    }
    return replace(cast, characters=characters, locations=locations)


def _shoot_scene(plan: EpisodePlan, scene: Scene, cast: EpisodeCast, state: Any) -> list[Survey]:
    backbone = _backbone()
    briefs = brief_scene(plan, scene, cast, state, backbone.capabilities, size=_SIZE, fps=_FPS)
    return [_shoot(shot, brief, cast, backbone) for shot, brief in zip(scene.shots, briefs, strict=True)]


def _shoot(shot: Shot, brief: ShotBrief, cast: EpisodeCast, backbone: Backbone) -> Survey:
    """One take, surveyed: the steps that production's tasks take, without films and artifacts."""
    spoken = [_engine().say(line.text, cast.voice(line.speaker), line.emotion) for line in shot.lines]
    timing = time_shot([len(one.samples) / SAMPLE_RATE for one in spoken], fps=_FPS, moves=brief.moves)
    heard = [Spoken(samples=utterance.samples, lips=lip_track(utterance)) for utterance in spoken]
    request = brief.request.timed(timing.frames, timing.starts_s, heard)
    speech = [(line.speaker, one.samples) for line, one in zip(shot.lines, spoken, strict=True)]
    return _survey(backbone, request, backbone.shoot(request), speech)


def _survey(backbone: Backbone, request: ShotRequest, take: Take, speech: Sequence[tuple[str, Mono]]) -> Survey:
    """As `survey_take` measures, from fewer and smaller frames and without key frames, which cost most of its time."""
    frames = [int(share * request.frames) for share in _FRAMES]
    sights = list(backbone.observe(request, take, frames, _HEIGHT_PX))
    encoder = load_look_encoder()
    looks: dict[str, list[np.ndarray]] = {}
    for sight in sights:
        for who, mask in sight.masks.items():
            seen = encoder.encode(sight.picture, mask, white_of(sight))
            if seen is not None:
                looks.setdefault(who, []).append(seen)
    found = [_embedding("look", who, np.mean(vectors, axis=0), LOOK_ENCODER) for who, vectors in looks.items()]
    found += [
        _embedding("motion", one.id, row, f"{take.notes['encoder']}-motion")
        for one, row in zip(request.performers, take.arrays["motion_embedding"], strict=False)
        if one.id in looks
    ]
    lines: dict[str, list[tuple[Mono, Emotion | None]]] = {}
    for (who, samples), cue in zip(speech, request.speech, strict=True):
        lines.setdefault(who, []).append((samples, cue.emotion))
    found += [_embedding("voice", who, voice_of_lines(spoken), VOICE_ENCODER) for who, spoken in lines.items()]
    light = light_of_take(sights).to_json()
    return Survey(shot_id=request.shot_id, embeddings=tuple(found), measures={"light": light})


def _embedding(kind: EmbeddingKind, entity: str, vector: np.ndarray, encoder: str) -> EmbeddingRecord:
    return EmbeddingRecord(kind=kind, entity=entity, vector=tuple(map(float, vector)), encoder=encoder)


def _verified(surveys: Sequence[Survey], memory: MemoryStore) -> list[TakeRecord]:
    """What memory keeps of the takes of a scene, each held against all that memory has verified before."""
    names = [one.shot_id.replace(".", "-") for one in surveys]
    takes = [one.record(take=f"take-{name}", survey=f"survey-{name}", seed=0) for name, one in zip(names, surveys, strict=True)]
    references = References()
    for kind, encoder in sorted({(one.kind, one.encoder) for take in takes for one in take.embeddings}):
        owners, vectors = memory.vectors(kind, encoder)
        references.add(kind, encoder, [one.entity for one in owners], vectors)
    return [verify_take(one, references) for one in takes]


def _record(at: StoryPosition, scene: Scene, cast: EpisodeCast, takes: Sequence[TakeRecord]) -> SceneRecord:
    """What the scene leaves in memory."""
    place = cast.locations[scene.at]
    lasting: list[Character | Location] = [
        Location(id=place.id, name=place.name, description=place.description, look=place.look, light=place.light or ()),
        *(_character(cast, entity) for entity in scene.people()),
    ]
    entities: list[EntityRecord] = []
    facts: list[Fact] = []
    for entity in lasting:
        record, known = entity_facts(entity, at)
        entities.append(record)
        facts += known
    return SceneRecord(
        position=at,
        scene_id=scene.id,
        key=scene.id,
        title=scene.title or "",
        entities=tuple(entities),
        facts=tuple(facts),
        takes=tuple(takes),
    )


def _character(cast: EpisodeCast, entity: str) -> Character:
    one = cast.characters[entity]
    return Character(
        id=one.id,
        name=one.name,
        kind=one.kind,
        description=one.description,
        look=one.look,
        voice=one.voice,
        motion=one.motion or (),
    )


def _made(visits: Sequence[_Visit], doubted: int = 0) -> Made:
    appearances = tuple(
        Appearance(entity=one.entity, position=at, kind=one.kind, vector=one.vector)
        for at, _, surveys in visits
        for survey in surveys
        for one in survey.embeddings
        if one.kind in KINDS
    )
    shots = sum(len(surveys) for _, _, surveys in visits)
    return Made(appearances=appearances, light=tuple(_steps(visits)), shots=shots, doubted=doubted)


def _steps(visits: Sequence[_Visit]) -> list[LightStep]:
    """From shot to shot of a scene; from one visit of a place to the next (their first shots)."""
    found = []
    visited: dict[str, tuple[StoryPosition, MeasuredLight]] = {}
    for at, scene, surveys in visits:
        lights = [_light(one) for one in surveys]
        pairs: list[tuple[Between, MeasuredLight, MeasuredLight]] = [("shots", *pair) for pair in itertools.pairwise(lights)]
        if scene.at in visited:
            before, light = visited[scene.at]
            pairs.append(("scenes" if before.episode == at.episode else "episodes", light, lights[0]))
        visited[scene.at] = at, lights[0]
        for between, one, other in pairs:
            ambient, direction = ambient_difference(one, other), direction_difference(one, other)
            found.append(LightStep(between=between, position=at, ambient=ambient, direction_deg=direction))
    return found


def _light(survey: Survey) -> MeasuredLight:
    measured: Any = survey.measures["light"]
    return MeasuredLight.from_json(measured)


# Auditions are functions of their arguments; without memory the same ones are made for every scene.
_audition = lru_cache(maxsize=256)(audition)
_audition_light = lru_cache(maxsize=256)(audition_light)


@lru_cache(maxsize=1)
def _backbone() -> Backbone:
    return Stage()


@lru_cache(maxsize=1)
def _engine() -> HibariSpeech:
    return HibariSpeech()
