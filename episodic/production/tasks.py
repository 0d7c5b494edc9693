"""From plan and canon to the production graph. Reading top to bottom is the flow of an episode."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from episodic.backbones.protocol import Backbone
from episodic.conditioning.casting import EpisodeCast, derive_seed
from episodic.conditioning.shot_brief import ShotBrief
from episodic.conditioning.states import State, sky_of
from episodic.cut.encode import ENCODER_VERSION
from episodic.production.graph import ProductionGraph, Task, TaskKind
from episodic.quality.survey import survey_version
from episodic.sound import MIX_VERSION, SPEECH_VERSION
from memory.canon import STORY
from memory.embeddings import MiniLmEncoder
from memory.facts import FactValue
from planners.estimate import line_seconds, shot_seconds
from planners.plan import EpisodePlan, Scene, Shot

__all__ = ["Settings", "build_graph", "scene_text"]

_VERSIONS: Final[Mapping[TaskKind, str]] = {"picture": "1", "mix": "1", "cut": "1", "shoot": "1"}
"""Of what this package does around the parts, whose own versions are added to these."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How the films of a series are made."""

    backbone: str
    size: tuple[int, int]
    fps: int
    seed: int


def build_graph(
    plan: EpisodePlan,
    cast: EpisodeCast,
    backbone: Backbone,
    settings: Settings,
    briefs: Mapping[str, ShotBrief],
    states: Sequence[State],
) -> ProductionGraph:
    """All tasks of one episode. `briefs`: of every shot, by its id (`brief_episode`). `states`: what holds in each scene."""
    tasks: dict[str, Task] = {}
    transitions = [shot.transition for scene in plan.scenes for shot in scene.shots]
    after = iter([*transitions[1:], "fade"])
    for scene, state in zip(plan.scenes, states, strict=True):
        shots = []
        for number, shot in enumerate(scene.shots):
            brief = briefs[shot.id]
            steps = [
                *_auditions(brief, scene, cast, backbone),
                *_speech(shot, scene, cast),
                _shoot(
                    shot, brief, scene, scene.shots[number - 1].id if shot.continues else None, next(after), backbone, settings
                ),
            ]
            steps += [_picture(shot, scene, steps[-1], backbone), _survey(shot, scene, steps[-1], backbone)]
            tasks |= {task.id: task for task in steps}
            shots.append(shot)
        mix = _mix(plan, scene, shots, cast, state, settings)
        tasks[mix.id] = mix
    tasks["meaning"] = _meaning(plan)
    tasks["cut"] = _cut(plan, cast, settings)
    return ProductionGraph(tasks.values())


def _auditions(brief: ShotBrief, scene: Scene, cast: EpisodeCast, backbone: Backbone) -> Iterator[Task]:
    for one in brief.auditions:
        who = cast.characters[one]
        inputs = {"kind": who.kind, "description": who.description, "seed": who.seed}
        yield Task(
            id=f"audition:{one}",
            kind="audition",
            version=backbone.version,
            inputs={"backbone": backbone.capabilities.name, **inputs},
        )
    if brief.light_audition:
        place = cast.locations[scene.at]
        inputs = {"backbone": backbone.capabilities.name, "description": f"{place.name}, {place.description}", "seed": place.seed}
        yield Task(id=f"light:{scene.at}", kind="light", version=backbone.version, inputs=inputs)


def _speech(shot: Shot, scene: Scene, cast: EpisodeCast) -> Iterator[Task]:
    for number, line in enumerate(shot.lines, 1):
        inputs = {"text": line.text, "emotion": line.emotion, "voice": dataclasses.asdict(cast.voice(line.speaker))}
        yield Task(
            id=f"speech:{shot.id}/{number}",
            kind="speech",
            version=SPEECH_VERSION,
            inputs=inputs,
            scene=scene.id,
            shot=shot.id,
            length_s=line_seconds(line.text),
        )


def _speech_ids(shots: Sequence[Shot]) -> tuple[str, ...]:
    return tuple(f"speech:{shot.id}/{number}" for shot in shots for number, _ in enumerate(shot.lines, 1))


def _shoot(
    shot: Shot,
    brief: ShotBrief,
    scene: Scene,
    continues: str | None,
    next_transition: str,
    backbone: Backbone,
    settings: Settings,
) -> Task:
    inputs = {
        "backbone": settings.backbone,
        "request": brief.request,
        "moves": brief.moves,
        "wanted_s": shot.seconds,
        "transition": shot.transition,
        "next_transition": next_transition,
        "auditions": list(brief.auditions),
        "light_audition": brief.light_audition,
        "continues": continues is not None,
    }
    needs = [f"audition:{one}" for one in brief.auditions]
    needs += [f"light:{scene.at}"] if brief.light_audition else []
    needs += _speech_ids([shot])
    needs += [f"shoot:{continues}"] if continues else []
    return Task(
        id=f"shoot:{shot.id}",
        kind="shoot",
        version=f"{_VERSIONS['shoot']}+{backbone.version}",
        inputs=inputs,
        needs=tuple(needs),
        scene=scene.id,
        shot=shot.id,
        length_s=shot_seconds(shot),
    )


def _picture(shot: Shot, scene: Scene, shoot: Task, backbone: Backbone) -> Task:
    inputs = {name: shoot.inputs[name] for name in ("backbone", "transition", "next_transition")}
    return Task(
        id=f"picture:{shot.id}",
        kind="picture",
        version=f"{_VERSIONS['picture']}+{backbone.develop_version}+{ENCODER_VERSION}",
        inputs=inputs,
        needs=(shoot.id,),
        scene=scene.id,
        shot=shot.id,
        length_s=shoot.length_s,
    )


def _survey(shot: Shot, scene: Scene, shoot: Task, backbone: Backbone) -> Task:
    return Task(
        id=f"survey:{shot.id}",
        kind="survey",
        version=f"{survey_version()}+{backbone.develop_version}",
        inputs={"backbone": shoot.inputs["backbone"]},
        needs=(shoot.id, *_speech_ids([shot])),
        scene=scene.id,
        shot=shot.id,
        length_s=shoot.length_s,
    )


def _mix(plan: EpisodePlan, scene: Scene, shots: Sequence[Shot], cast: EpisodeCast, state: State, settings: Settings) -> Task:
    place, sky = cast.locations[scene.at], sky_of(scene, state)
    inputs: dict[str, Any] = {
        "place": dict(place.look),
        "description": f"{place.name}, {place.description}",
        "time": sky.time,
        "weather": sky.weather,
        "mood": scene.mood,
        "style": plan.look.style,
        "fps": settings.fps,
        "seed": derive_seed(plan.seed, "mix", scene.id),
        "theme": _theme(settings.seed, state.get(STORY, {}).get("motif")),
        "transitions": [shot.transition for shot in shots],
        "lines": [len(shot.lines) for shot in shots],
    }
    return Task(
        id=f"mix:{scene.id}",
        kind="mix",
        version=f"{_VERSIONS['mix']}+{MIX_VERSION}",
        inputs=inputs,
        needs=(*(f"shoot:{shot.id}" for shot in shots), *_speech_ids(shots)),
        scene=scene.id,
        length_s=sum(shot_seconds(shot) for shot in shots),
    )


def _theme(seed: int, motif: FactValue) -> int:
    """What the series' musical motif is drawn from: its own seed, or what memory says the motif is (`story.motif = sea shanty`)."""
    return derive_seed(seed, "theme") if motif is None else derive_seed(seed, "theme", str(motif))


def _meaning(plan: EpisodePlan) -> Task:
    """What each scene is about, as vectors: how memory finds scenes by meaning."""
    return Task(
        id="meaning", kind="meaning", version=MiniLmEncoder.name, inputs={"texts": [scene_text(one) for one in plan.scenes]}
    )


def scene_text(scene: Scene) -> str:
    """What memory keeps of a scene in words."""
    return scene.synopsis or scene.goal or scene.title or scene.id


def _cut(plan: EpisodePlan, cast: EpisodeCast, settings: Settings) -> Task:
    names = {one.id: one.name for one in cast.characters.values()}
    scenes = [
        {
            "id": scene.id,
            "title": scene.title or f"Scene {number}",
            "shots": [
                {
                    "transition": shot.transition,
                    "lines": [[names.get(line.speaker, line.speaker), line.text] for line in shot.lines],
                }
                for shot in scene.shots
            ],
        }
        for number, scene in enumerate(plan.scenes, 1)
    ]
    shots = [shot for scene in plan.scenes for shot in scene.shots]
    needs = [f"shoot:{shot.id}" for shot in shots] + [f"picture:{shot.id}" for shot in shots]
    needs += [f"mix:{scene.id}" for scene in plan.scenes]
    inputs = {
        "title": plan.title,
        "prompt": plan.prompt[:500],
        "fps": settings.fps,
        "size": list(settings.size),
        "scenes": scenes,
    }
    return Task(
        id="cut",
        kind="cut",
        version=f"{_VERSIONS['cut']}+{ENCODER_VERSION}",
        inputs=inputs,
        needs=tuple(needs),
        length_s=sum(shot_seconds(shot) for shot in shots),
    )
