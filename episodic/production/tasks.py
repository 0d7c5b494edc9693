"""From plan and canon to the production graph. Reading top to bottom is the flow of an episode."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from episodic.backbones.keyframes.model import Keyframer, Painter
from episodic.backbones.keyframes.sheets import SHEET_VERSION
from episodic.backbones.keyframes.wishes import CharacterWanted, PlaceWanted, PropWanted
from episodic.backbones.previs import PREVIS_VERSION
from episodic.backbones.protocol import Backbone, Capabilities, TakesControl
from episodic.backbones.registry import open_backbone
from episodic.backbones.request import MadeHere
from episodic.conditioning.cast import EpisodeCast
from episodic.conditioning.first_frames import FrameBrief
from episodic.conditioning.reference_sheets import SheetBook, SheetOrder, sheets_wanted
from episodic.conditioning.scene_state import State, sky_of
from episodic.conditioning.shot_brief import ShotBrief
from episodic.consistency.finish import FINISH_VERSION
from episodic.consistency.match_cut import MATCH_CUT_VERSION
from episodic.cut.encode import ENCODER_VERSION
from episodic.production.graph.graph import ProductionGraph, Task, TaskKind, key_of
from episodic.production.missing_pictures import in_order
from episodic.quality.judge import JUDGE_VERSION
from episodic.quality.survey import survey_version
from episodic.seeds import derive_seed
from episodic.series.shooting_settings import DEFAULT_SHOOTING, Shooting
from episodic.sound import MIX_VERSION, SPEECH_VERSION
from episodic.storage.artifacts import Stored
from memory.model.canon import STORY
from memory.model.facts import FactValue
from memory.queries.embeddings import MiniLmEncoder
from planners.plan.durations import line_seconds, shot_seconds
from planners.plan.model import EpisodePlan, Line, Scene, Shot
from planners.plan.vocabulary import Transition

__all__ = ["Settings", "build_graph", "scene_text"]

_VERSIONS: Final[Mapping[TaskKind, str]] = {
    "picture": "1",
    "mix": "1",
    "cut": "1",
    "rushes": "1",
    "shoot": "1",
    "previs": "1",
    "sheet": "1",
    "keyframe": "1",
}
"""Of what this package does around the parts, whose own versions are added to these."""
_PICTURES_BY: Final = ("dtype", "layerwise", "quantisation", "attention", "cache", "magcache_ratios")
"""Levers of the machine that change pictures."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How the films of a series are made."""

    backbone: str
    size: tuple[int, int]
    fps: int
    seed: int
    shooting: Shooting = DEFAULT_SHOOTING
    machine: Mapping[str, Any] = field(default_factory=dict)
    """The user's own choices for the machine, as JSON: no part of any key."""

    def device(self, can: Capabilities) -> str:
        """The model that a task needs loaded."""
        return self.backbone if can.heavy else ""


def build_graph(
    plan: EpisodePlan,
    cast: EpisodeCast,
    backbone: Backbone,
    settings: Settings,
    briefs: Mapping[str, ShotBrief],
    states: Sequence[State],
    book: SheetBook | None = None,
    keyframer: Keyframer | None = None,
    frames: Mapping[str, FrameBrief] = MappingProxyType({}),
) -> ProductionGraph:
    """All tasks of one episode. `briefs`: of every shot, by its id (`brief_episode`). `states`: what holds in each scene.

    `keyframer`: who makes sheets and first frames, by default `stage`'s painter; `book`: what sheets are made from; `frames`: what the
    first frames of those shots that have one are made from.
    """
    tasks: dict[str, Task] = {}
    shots = [shot for scene in plan.scenes for shot in scene.shots]
    after = iter([*shots[1:], None])
    keyframer = keyframer or Painter()
    book = book or SheetBook(cast=cast, by=keyframer.name)
    make = _Making(cast, backbone, _player(backbone), settings, book, keyframer, frames)
    for scene, state in zip(plan.scenes, states, strict=True):
        for number, shot in enumerate(scene.shots):
            before = scene.shots[number - 1] if number else None
            steps = make.steps(_Shot(scene, shot, briefs[shot.id], before, next(after), scene.shots[0].id))
            tasks |= {task.id: task for task in steps}
        mix = _mix(plan, scene, scene.shots, cast, state, settings)
        tasks[mix.id] = mix
    tasks["meaning"] = _meaning(plan)
    tasks["cut"] = _cut(plan, cast, settings)
    return in_order(ProductionGraph(tasks.values()))


def _player(backbone: Backbone) -> Backbone:
    """Who plays: the backbone itself where it takes motion, else `stage`, whose previsualisation it is given as control video."""
    can = backbone.capabilities
    return open_backbone("stage") if can.control and not can.motion_embeddings else backbone


@dataclass(frozen=True, slots=True)
class _Shot:
    """A shot, and what of the plan around it its tasks depend on."""

    scene: Scene
    shot: Shot
    brief: ShotBrief
    before: Shot | None
    """The shot before it in its scene."""
    after: Shot | None
    """The shot after it in the episode."""
    anchor: str
    """The shot whose colours the scene is held to: its first."""

    @property
    def continues(self) -> str | None:
        """The shot whose take it goes on from."""
        return self.before.id if self.before is not None and self.shot.continues else None

    @property
    def joins(self) -> dict[str, Any]:
        """How picture and sound come into the shot and go out of it, as JSON, as far as it says how long the shot is."""
        found = {"transition": _timed(self.shot), "next_transition": _timed(self.after) if self.after else "fade"}
        sounds = {"sound": self.shot.sound, "next_sound": self.after.sound if self.after else "straight"}
        return {**found, **{name: one for name, one in sounds.items() if one != "straight"}}

    @property
    def before_crosses(self) -> bool:
        """Whether the line that goes on over the shot is the only one of the shot before, and began before that."""
        before = self.before
        return before is not None and self.shot.sound == "l_cut" and before.sound == "j_cut" and len(before.lines) == 1

    @property
    def overheard(self) -> list[tuple[str, Line]]:
        """Lines of the shots beside it that are heard in it, with the tasks that speak them: of the one before, of the one after."""
        found = []
        if self.before is not None and self.shot.sound == "l_cut":
            found.append((_speech_ids([self.before])[-1], self.before.lines[-1]))
        if self.after is not None and self.after.sound == "j_cut":
            found.append((_speech_ids([self.after])[0], self.after.lines[0]))
        return found

    def task(self, kind: TaskKind, **rest: Any) -> Task:
        """A task of this shot."""
        told = {"id": f"{kind}:{self.shot.id}", "scene": self.scene.id, "shot": self.shot.id, "length_s": shot_seconds(self.shot)}
        return Task(**{"kind": kind, **told, **rest})


@dataclass(frozen=True, slots=True)
class _Making:
    """The tasks of one shot, in the order of the flow."""

    cast: EpisodeCast
    backbone: Backbone
    player: Backbone
    settings: Settings
    book: SheetBook
    keyframer: Keyframer
    frames: Mapping[str, FrameBrief]
    first_sheets: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Look and task of each entity's first sheet in the episode."""
    made_again: set[str] = field(default_factory=set)
    """Keys of sheets of earlier episodes that a task makes."""

    def steps(self, one: _Shot) -> list[Task]:
        can = self.backbone.capabilities
        shoots = self.shoot(one)
        shoot = shoots[-1]
        steps = [
            *self.auditions(one),
            *_speech(one.shot, one.scene, self.cast),
            *self.remade(one),
            *self.sheets(one),
            *self.keyframe(one),
        ]
        steps += [self.previs(one)] if can.control else []
        steps += [self.prompt(one)] if can.text_tokens else []
        return [*steps, *shoots, self.picture(one, shoot), self.survey(one, shoot)]

    def auditions(self, one: _Shot) -> Iterator[Task]:
        player = {"backbone": self.player.capabilities.name}
        for who in (self.cast.characters[name] for name in one.brief.auditions):
            inputs = {**player, "kind": who.kind, "description": who.description, "seed": who.seed}
            yield Task(id=f"audition:{who.id}", kind="audition", version=self.player.version, inputs=inputs)
        if one.brief.light_audition:
            place = self.cast.locations[one.scene.at]
            inputs = {**player, "description": f"{place.name}, {place.description}", "seed": place.seed}
            yield Task(id=f"light:{place.id}", kind="light", version=self.player.version, inputs=inputs)

    def sheets(self, one: _Shot) -> Iterator[Task]:
        frame = self.frames.get(one.shot.id)
        for entity in dict.fromkeys([*sheets_wanted(one.brief.request), *(frame.sheets if frame else ())]):
            name, order = f"sheet:{one.shot.id}/{entity}", self.book.order(entity, one.brief)
            like, inputs = self._like(entity, name, order), _sheet_inputs(order)
            inputs |= {"like": str(MadeHere("sheet"))} if like else {}
            version = self._sheet_version(entity, one)
            yield one.task("sheet", id=name, version=version, inputs=inputs, needs=like, length_s=0.0, **self._on_keyframer())

    def _sheet_version(self, entity: str, one: _Shot) -> str:
        """A painted plate is shot by `stage`, not only painted."""
        sampled = "" if self.book.model or entity != one.scene.at else f"+{open_backbone('stage').version}"
        return f"{SHEET_VERSION}+{self.keyframer.version}{sampled}"

    def remade(self, one: _Shot) -> Iterator[Task]:
        """What makes the sheets of earlier episodes that the shot is shown, as far as this one can make the very same."""
        request, frame = one.brief.request, self.frames.get(one.shot.id)
        shown = [*request.references, *([request.light_from] if request.light_from else ()), *(frame.references if frame else ())]
        for entity, source in dict.fromkeys((picture.entity, picture.source) for picture in shown):
            known = self.book.known.get(entity, {}).values()
            if not isinstance(source, Stored) or source.key in self.made_again or source.key not in known:
                continue
            if source != self.book.source(entity, one.brief):
                continue
            key = source.key
            order = dataclasses.replace(self.book.order(entity, one.brief), like=None)
            inputs = _sheet_inputs(order)
            likes = [{}, *({"like": each} for each in known if each != key)]
            for like in likes if self.book.model else [{}]:
                task = Task(
                    id=f"sheet:{key[:12]}/{entity}",
                    kind="sheet",
                    version=self._sheet_version(entity, one),
                    inputs={**inputs, **like},
                    **self._on_keyframer(),
                )
                if key_of(task, ()) == key:
                    self.made_again.add(key)
                    yield task
                    break

    def _like(self, entity: str, name: str, order: SheetOrder) -> tuple[str, ...]:
        """The task whose sheet shows the same entity in another look, where memory has none: the episode's first."""
        if not self.book.model or order.like is not None:
            return ()
        first = self.first_sheets.setdefault(entity, (order.look, name))
        return () if first[0] == order.look else (first[1],)

    def keyframe(self, one: _Shot) -> Iterator[Task]:
        """The pictures that the shot begins or ends with, where such are made for it."""
        frame = self.frames.get(one.shot.id)
        if frame is None:
            return
        wanted = {"shot_id": one.shot.id, "first": frame.first, "last": frame.last, "seed": one.brief.request.seed}
        version = f"{_VERSIONS['keyframe']}+{self.keyframer.version}"
        if not self.book.model:
            inputs, needs = self.heard(one)
            stage = open_backbone("stage")
            played = {**inputs, **wanted, "request": one.brief.request.played_json()}
            yield one.task("keyframe", version=f"{version}+{stage.version}", inputs=played, needs=needs, length_s=0.0)
            return
        inputs = {
            **wanted,
            "by": self.keyframer.maker,
            "prompt": frame.prompt,
            "references": [picture.to_json() for picture in frame.references],
            "size": list(self.settings.size),
        }
        needs = tuple(f"sheet:{one.shot.id}/{entity}" for entity in frame.sheets)
        inputs |= {"last_prompt": frame.last_prompt} if frame.last_prompt else {}
        yield one.task("keyframe", version=version, inputs=inputs, needs=needs, length_s=0.0, **self._on_keyframer())

    def _on_keyframer(self) -> dict[str, Any]:
        """Where a picture is made: a picture model needs the device as a video model does."""
        if not self.keyframer.capabilities.heavy:
            return {}
        return {"device": self.keyframer.name, "aside": {**self._aside(), "keyframes": self.keyframer.name}}

    def heard(self, one: _Shot) -> tuple[dict[str, Any], tuple[str, ...]]:
        """What says how long a shot is and how it is played: inputs, and what is needed for them."""
        brief, shot = one.brief, one.shot
        inputs = {
            "request": brief.request.to_json(),
            "moves": brief.moves,
            "wanted_s": shot.seconds,
            **one.joins,
            "auditions": list(brief.auditions),
            "light_audition": brief.light_audition,
        }
        needs = [f"audition:{who}" for who in brief.auditions]
        needs += [f"light:{one.scene.at}"] if brief.light_audition else []
        overheard = [{"speaker": line.speaker, "emotion": line.emotion} for _, line in one.overheard]
        inputs |= {"overheard": overheard} if overheard else {}
        inputs |= {"before_crosses": True} if one.before_crosses else {}
        return inputs, (*needs, *_speech_ids([shot]), *(name for name, _ in one.overheard))

    def previs(self, one: _Shot) -> Task:
        """The shot as `stage` plays it, as control video."""
        if not isinstance(self.backbone, TakesControl):
            raise TypeError(f"{self.backbone.capabilities.name} says that it takes control video, and not how it wants it")
        inputs, needs = self.heard(one)
        wants = dataclasses.asdict(self.backbone.control_format(*self.settings.size))
        inputs |= {"continues": one.continues is not None}
        needs += (f"previs:{one.continues}",) if one.continues else ()
        version = f"{PREVIS_VERSION}+{self.player.version}+{self.player.develop_version}"
        return one.task(
            "previs",
            version=version,
            inputs={**inputs, "request": one.brief.request.played_json(), "control": wants},
            needs=needs,
        )

    def prompt(self, one: _Shot) -> Task:
        """The prompt as the model's text encoder has it."""
        request = one.brief.request
        inputs = {
            **self._on_backbone,
            "prompt": request.prompt,
            "negative": request.negative,
        }
        return one.task("prompt", version=self.backbone.version, inputs=inputs, **self._on_device())

    def _on_device(self) -> dict[str, Any]:
        return {"device": self.settings.device(self.backbone.capabilities), "aside": self._aside()}

    def _aside(self) -> dict[str, Any]:
        """Where the model lies and how it is fitted to the machine: its weights are in the version, so it may move."""
        where = {"backbone": self.settings.backbone} if self.backbone.capabilities.heavy else {}
        return {**where, **({"machine": dict(self.settings.machine)} if self.settings.machine else {})}

    @property
    def _on_backbone(self) -> dict[str, Any]:
        return {"backbone": self.backbone.capabilities.name}

    def shoot(self, one: _Shot) -> list[Task]:
        """What makes the take, last; before it the rushes, where a video model is needed for them alone."""
        can = self.backbone.capabilities
        inputs, needs = self.asked(one)
        version = self.backbone.version
        if self.settings.shooting.takes > 1:
            inputs |= {"remembered": one.brief.remembered}
            version += f"+{JUDGE_VERSION}"
        done = {"version": f"{_VERSIONS['shoot']}+{version}", "inputs": inputs, "aside": self._aside()}
        if not can.heavy:
            return [one.task("shoot", needs=needs, **done)]
        made = {"version": f"{_VERSIONS['rushes']}+{version}", "inputs": inputs, "needs": needs, "transient": True}
        rushes = one.task("rushes", **made, **self._on_device())
        return [rushes, one.task("shoot", needs=(*needs, rushes.id), **done)]

    def asked(self, one: _Shot) -> tuple[dict[str, Any], tuple[str, ...]]:
        """What a take is shot from: inputs, and what is needed for them."""
        can = self.backbone.capabilities
        inputs, needs = self.heard(one)
        inputs |= {**self._on_backbone, "continues": one.continues is not None}
        needs += (f"shoot:{one.continues}",) if one.continues else ()
        needs += (f"previs:{one.shot.id}",) if can.control else ()
        needs += (f"prompt:{one.shot.id}",) if can.text_tokens else ()
        needs += (f"keyframe:{one.shot.id}",) if one.shot.id in self.frames else ()
        needs += tuple(f"sheet:{one.shot.id}/{entity}" for entity in sheets_wanted(one.brief.request))
        said = self._shooting(can)
        inputs |= {"shooting": said} if said else {}
        inputs |= {"pictures_by": said} if can.heavy and (said := self._machine_said()) else {}
        return inputs, needs

    def _shooting(self, can: Capabilities) -> dict[str, Any]:
        """What the series says of shooting, as far as it makes other takes of this backbone."""
        said = self.settings.shooting.model_dump(mode="json", exclude_defaults=True, exclude={"consistency"})
        if self.settings.shooting.takes == 1:
            said = {name: value for name, value in said.items() if name not in ("retries", "good_enough")}
        if not can.heavy:
            return {name: said[name] for name in ("takes", "retries", "good_enough") if name in said}
        return said if "colour" in self.settings.shooting.layers(heavy=True) else {**said, "consistency": "off"}

    def _machine_said(self) -> dict[str, Any]:
        """What the user fixed of the machine's levers that changes pictures."""
        return {name: self.settings.machine[name] for name in _PICTURES_BY if name in self.settings.machine}

    def picture(self, one: _Shot, shoot: Task) -> Task:
        inputs = {name: shoot.inputs[name] for name in ("backbone", "next_transition")} | {"transition": one.shot.transition}
        version = f"{_VERSIONS['picture']}+{self.backbone.develop_version}+{ENCODER_VERSION}"
        layers = self.settings.shooting.layers(heavy=self.backbone.capabilities.heavy)
        needs: tuple[str, ...] = (shoot.id,)
        if one.shot.transition == "match_cut" and one.before is not None:
            version += f"+{MATCH_CUT_VERSION}"
            needs += (f"shoot:{one.before.id}",)
        if layers:
            inputs |= {"consistency": list(layers)}
            version += f"+{FINISH_VERSION}"
            needs += (f"shoot:{one.anchor}",) if one.anchor != one.shot.id else ()
        return one.task("picture", version=version, inputs=inputs, needs=needs, length_s=shoot.length_s, aside=self._aside())

    def survey(self, one: _Shot, shoot: Task) -> Task:
        version = f"{survey_version()}+{self.backbone.develop_version}"
        needs = (shoot.id, *_speech_ids([one.shot]))
        return one.task("survey", version=version, inputs=self._on_backbone, needs=needs, aside=self._aside())


def _sheet_inputs(order: SheetOrder) -> dict[str, Any]:
    """What a sheet is made from, as JSON."""
    inputs: dict[str, Any] = {**order.subject, "shows": order.look}
    if not order.maker:
        return inputs
    match order.wish:
        case PlaceWanted() as plate:
            prompts: dict[str, Any] = {"prompt": plate.prompt, "size": list(plate.size)}
        case PropWanted() as prop:
            prompts = {"prompt": prop.prompt}
        case CharacterWanted() as character:
            prompts = {"prompts": dict(character.prompts)}
    like = {"like": order.like.key} if order.like else {}
    return {**inputs, "by": order.maker, "seed": order.wish.seed, **prompts, **like}


def _timed(shot: Shot) -> Transition:
    """The transition into a shot, as the clock has it: a match cut is a cut."""
    return "cut" if shot.transition == "match_cut" else shot.transition


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
        "transitions": [_timed(shot) for shot in shots],
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
