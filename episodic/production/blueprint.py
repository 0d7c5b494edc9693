"""Blueprints: what the steps of an episode are planned from, shot by shot and scene by scene."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from episodic.backbones.keyframes.keyframer import Keyframer
from episodic.backbones.keyframes.model import open_keyframer
from episodic.backbones.protocol import Backbone, control_kinds, is_heavy, takes_motion
from episodic.backbones.registry import open_backbone
from episodic.backbones.request import ShotDraft
from episodic.conditioning.cast import EpisodeCast
from episodic.conditioning.episode import ConditionedEpisode, condition
from episodic.conditioning.first_frames import FrameBrief
from episodic.conditioning.reference_sheets import SheetBook, sheets_wanted
from episodic.conditioning.scene_state import State
from episodic.conditioning.shot_brief import ShotBrief
from episodic.production.judge_memory import remembered_for
from episodic.production.plan_checks import check_plan
from episodic.quality.judge import Remembered
from episodic.series.machine_settings import DEFAULT_MACHINE, MachineSettings
from episodic.series.series import Series, parse_size
from episodic.series.shooting_settings import DEFAULT_SHOOTING, Shooting
from memory.model.facts import StoryPosition
from memory.store import MemoryStore
from planners.plan.durations import shot_seconds
from planners.plan.model import EpisodePlan, Scene, Shot

__all__ = ["EpisodeBlueprint", "FilmSettings", "FirstSheet", "SceneBlueprint", "ShotBlueprint", "lay_out_episode"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmSettings:
    """How the films of a series are made."""

    backbone: str
    """As series.yaml names it."""
    size: tuple[int, int]
    """Width and height of the film in pixels."""
    fps: int
    seed: int
    shooting: Shooting = DEFAULT_SHOOTING
    machine: MachineSettings = DEFAULT_MACHINE


class FirstSheet(NamedTuple):
    """The first sheet of an entity that an episode makes."""

    shot: str
    look: str
    """What it shows (`SheetOrder.look`)."""


@dataclass(frozen=True, eq=False, kw_only=True)
class EpisodeBlueprint:
    """An episode whose shots are conditioned on canon and memory."""

    plan: EpisodePlan
    conditioned: ConditionedEpisode
    backbone: Backbone
    keyframer: Keyframer
    """Makes sheets and first frames."""
    settings: FilmSettings
    remembered: Mapping[str, Remembered] = field(default_factory=dict)
    """What takes are judged against, by shot id; empty where only one take is made of each shot."""

    @property
    def cast(self) -> EpisodeCast:
        """The characters, locations and props as this episode finds them."""
        return self.conditioned.cast

    @property
    def book(self) -> SheetBook:
        """The sheets that shots are shown, and which of them memory has."""
        return self.conditioned.book

    @cached_property
    def player(self) -> Backbone:
        """The backbone that plays the shots: itself where it takes motion, else `stage`, which gives it control video."""
        controlled = control_kinds(self.backbone) and not takes_motion(self.backbone)
        return open_backbone("stage") if controlled else self.backbone

    @property
    def device(self) -> str:
        """The video model that a task needs loaded; empty: none."""
        return self.settings.backbone if is_heavy(self.backbone) else ""

    @property
    def picture_device(self) -> str:
        """The picture model that a task needs loaded; empty: none."""
        return self.keyframer.name if is_heavy(self.keyframer) else ""

    @cached_property
    def scenes(self) -> tuple[SceneBlueprint, ...]:
        """Every scene, in story order."""
        shots = [shot for scene in self.plan.scenes for shot in scene.shots]
        following = iter([*shots[1:], None])
        scenes = []
        for scene, state in zip(self.plan.scenes, self.conditioned.states, strict=True):
            previous = [None, *scene.shots[:-1]]
            blueprints = tuple(
                ShotBlueprint(episode=self, scene=scene, shot=shot, before=before, after=next(following))
                for shot, before in zip(scene.shots, previous, strict=True)
            )
            scenes.append(SceneBlueprint(episode=self, scene=scene, state=state, shots=blueprints))
        return tuple(scenes)

    @cached_property
    def shots(self) -> tuple[ShotBlueprint, ...]:
        """Every shot, in story order."""
        return tuple(shot for scene in self.scenes for shot in scene.shots)

    @cached_property
    def first_sheets(self) -> Mapping[str, FirstSheet]:
        """The first sheet of each entity that is not a look of an older one: the episode's others are made like it."""
        first: dict[str, FirstSheet] = {}
        if self.book.model:
            for shot in self.shots:
                for entity in shot.sheets:
                    order = self.book.order(entity, shot.brief)
                    if order.like is None and entity not in first:
                        first[entity] = FirstSheet(shot.id, order.look)
        return first


@dataclass(frozen=True, eq=False, kw_only=True)
class SceneBlueprint:
    """A scene of the episode."""

    episode: EpisodeBlueprint
    scene: Scene
    state: State
    """What holds in it."""
    shots: tuple[ShotBlueprint, ...]

    @property
    def seconds(self) -> float:
        """Its estimated length."""
        return sum(shot.seconds for shot in self.shots)


@dataclass(frozen=True, eq=False, kw_only=True)
class ShotBlueprint:
    """A shot of the episode, with the shots around it."""

    episode: EpisodeBlueprint
    scene: Scene
    shot: Shot
    before: Shot | None
    """The shot before it in its scene."""
    after: Shot | None
    """The shot after it in the episode."""

    @property
    def id(self) -> str:
        """The shot's id."""
        return self.shot.id

    @property
    def brief(self) -> ShotBrief:
        """The shot as its backbone will be asked for it."""
        return self.episode.conditioned.briefs[self.shot.id]

    @property
    def draft(self) -> ShotDraft:
        """The request to its backbone, before its lines are spoken and its newcomers auditioned."""
        return self.brief.request

    @property
    def frame(self) -> FrameBrief | None:
        """The pictures to begin or end with; None where none are made for it."""
        return self.episode.conditioned.frames.get(self.shot.id)

    @property
    def sheets(self) -> tuple[str, ...]:
        """The entities whose sheets this episode makes for the shot or for its first frame."""
        return tuple(dict.fromkeys([*sheets_wanted(self.draft), *(self.frame.sheets if self.frame else ())]))

    @property
    def anchor(self) -> str:
        """The shot whose colours the scene is held to: its first."""
        return self.scene.shots[0].id

    @property
    def continues(self) -> str | None:
        """The shot whose take this one's take goes on from."""
        return self.before.id if self.before is not None and self.shot.continues else None

    @property
    def seconds(self) -> float:
        """Its estimated length."""
        return shot_seconds(self.shot)


def lay_out_episode(series: Series, number: int, plan: EpisodePlan, memory: MemoryStore, backbone: str) -> EpisodeBlueprint:
    """Condition an episode on canon and memory. `backbone`: who shoots it, as series.yaml names it. Reads; makes nothing.

    Raises InputError for a plan that does not fit the series, MissingReference for a character whom the backbone cannot be shown.
    """
    settings, start = series.settings, StoryPosition(number, 0)
    canon = memory.as_of(start, series.branch)
    check_plan(plan, canon, settings.size)
    film = FilmSettings(
        backbone=backbone,
        size=parse_size(settings.size),
        fps=settings.fps,
        seed=settings.seed,
        shooting=settings.shooting,
        machine=settings.machine,
    )
    shooting = open_backbone(backbone, settings.shooting, settings.machine)
    keyframer = open_keyframer(settings.keyframes, settings.machine)
    conditioned = condition(
        plan, number, canon, memory, series.branch, shooting, keyframer, seed=film.seed, size=film.size, fps=film.fps
    )
    judged = conditioned.briefs.items() if film.shooting.takes > 1 else ()
    return EpisodeBlueprint(
        plan=plan,
        conditioned=conditioned,
        backbone=shooting,
        keyframer=keyframer,
        settings=film,
        remembered={shot: remembered_for(brief.request, memory, series.branch, start) for shot, brief in judged},
    )
